/* console_sink.h - a sink that prints each record's value on a line. */
#ifndef PF_CONSOLE_SINK_H
#define PF_CONSOLE_SINK_H

#include "sink.h"

/**
 * Print to the file, pipe or terminal at path, or to standard output when
 * path is empty. Values are printed as they are: put only what is fit for a
 * terminal in.
 *
 * Others may share the console: each write(2) is of whole lines and at most
 * 4096 bytes (PIPE_BUF), but for longer lines; to a regular file it may be
 * longer. A console that nobody reads makes flush() wait and nothing else: a
 * stop ends that. flush() gives PF_END when a pipe's reader has closed it.
 *
 * PF_IO     path cannot be opened
 * PF_NOMEM  out of memory
 */
enum pf_rc pf_console_sink_open(const char *path, struct pf_sink **ret,
                                struct pf_error *err);

#endif
