/* console.h - where the consumer prints: this program's standard output. */
#ifndef PF_CONSOLE_H
#define PF_CONSOLE_H

#include <stdbool.h>
#include <sys/types.h>

#include "error.h"

/** The way to standard output for another process. */
struct console {
    char path[64]; /* open it to print; good while this process lives */
    int pipe;      /* our end of the relay's pipe, -1: no relay is needed */
    pid_t relay;   /* the process that copies it; 0: none */
};

/**
 * Find the way: /proc/PID/fd/1, or where standard output is a socket, which
 * cannot be opened by a name, a pipe and a process that copies from it.
 *
 * PF_IO  there can be neither pipe nor process
 */
enum pf_rc console_open(struct console *ret, struct pf_error *err);

/** True when nobody will ever read what is printed: the reader is gone. */
bool console_is_gone(void);

/**
 * End the relay: it copies what is still in the pipe, and ends by itself
 * when nobody else has the pipe open. Not waited for here.
 */
void console_close(struct console *console);

#endif
