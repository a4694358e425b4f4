/* console.h - where the consumer prints: this program's standard output. */
#ifndef PF_CONSOLE_H
#define PF_CONSOLE_H

#include <stdbool.h>
#include <sys/types.h>

#include "error.h"

/** How another process writes to our standard output. */
struct console {
    char path[64]; /* to open and print to; valid while this process lives */
    int pipe;      /* our end of the relay's pipe; -1: no relay */
    pid_t relay;   /* the process that copies from the pipe; 0: none */
};

/**
 * Set *ret to /proc/PID/fd/1. A socket cannot be opened by a name: if standard
 * output is one, make a pipe and a relay process that copies from it.
 *
 * PF_IO  the pipe or the process cannot be created
 */
enum pf_rc console_open(struct console *ret, struct pf_error *err);

/** True once the reader of standard output is gone. */
bool console_is_gone(void);

/**
 * Close our end of the pipe: the relay copies the rest and ends by itself once
 * no other process has the pipe open. Does not wait for it.
 */
void console_close(struct console *console);

#endif
