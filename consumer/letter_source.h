/* letter_source.h - a source of the dead letters that are in a file. */
#ifndef PF_LETTER_SOURCE_H
#define PF_LETTER_SOURCE_H

#include "source.h"

/**
 * Open a file that has a dead letter in each line (dead_line.h). A line that is
 * something else becomes a record without headers, whose value it is. A
 * record's topic is the path, and its offset the number of its line, from 1 on.
 * It ends where the file ends. It remembers no position.
 *
 * PF_CONFIG  the file cannot be opened
 * PF_NOMEM   out of memory
 */
enum pf_rc pf_letter_source_open(const char *path, struct pf_source **ret,
                                 struct pf_error *err);

#endif
