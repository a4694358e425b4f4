/* console_sink.h - a sink that prints each record's value on a line. */
#ifndef PF_CONSOLE_SINK_H
#define PF_CONSOLE_SINK_H

#include "sink.h"

/**
 * Print to the file, pipe or terminal at path, or to standard output if path
 * is empty. Values are printed unescaped: write only records that are safe for
 * a terminal.
 *
 * Other programs may share the console: each write(2) is of whole lines and at
 * most 4096 bytes (PIPE_BUF), unless a single line is longer. Writes to a
 * regular file may be longer; its last line is ended first, if it has no end,
 * as a full disk leaves it. If nobody reads the console, only flush() waits,
 * until a stop is asked for. It returns PF_END if a pipe's reader has closed
 * it.
 *
 * PF_IO     path cannot be opened, or its last line not be ended
 * PF_NOMEM  out of memory
 */
enum pf_rc pf_console_sink_open(const char *path, struct pf_sink **ret,
                                struct pf_error *err);

#endif
