/* foreign.h - file formats that are recognised, but not read. */
#ifndef PF_FOREIGN_H
#define PF_FOREIGN_H

#include <stddef.h>

#include "error.h"

/**
 * Are these n bytes, the first of a file, in a format that is not JSON: a
 * compression that is not unpacked here, a columnar format, or another
 * encoding? packing is the program that the bytes were packed with, such as
 * gzip; NULL: they were not packed. file is the file's name for messages.
 *
 * PF_OK      no
 * PF_AGAIN   they may be: more bytes would tell
 * PF_CONFIG  yes; *err says which format, and what helps
 */
enum pf_rc pf_foreign_check(const char *file, const unsigned char *at, size_t n,
                            const char *packing, struct pf_error *err);

#endif
