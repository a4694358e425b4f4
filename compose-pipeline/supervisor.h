/* supervisor.h - supervisord, which runs the feed's programs. */
#ifndef PF_SUPERVISOR_H
#define PF_SUPERVISOR_H

#include <sys/types.h>
#include <sys/un.h>

#include "error.h"
#include "places.h"

/** A running supervisord, and its events. */
struct supervisor {
    pid_t pid;                  /* 0: it has ended, or never started */
    int events;                 /* socket for the events of `pf-init listen` */
    int asked;                  /* open until it has answered; or -1 */
    struct sockaddr_un control; /* supervisord's own socket */
};

/** A change of a program's state. */
struct supervisor_event {
    char state[40]; /* "PROCESS_STATE_RUNNING", ..._EXITED, ..._FATAL, ... */
    char program[40];
    int expected; /* EXITED: 1 if the exit code is an expected one */
    pid_t pid;    /* 0: none */
};

/**
 * Start supervisord with PF_HOME/compose-pipeline/supervisord.conf, in its own
 * session: only this program, which stops the feed in order, then gets the
 * terminal's signals. supervisord gets SIGTERM if this program dies.
 *
 * PF_IO      a system call failed
 * PF_CONFIG  the path of PF_RUN is too long for a socket
 */
enum pf_rc supervisor_start(const struct pf_places *places,
                            struct supervisor *ret, struct pf_error *err);

/**
 * Wake supervisord by connecting to its socket and closing the connection: it
 * sleeps up to a second before it looks at what has changed.
 */
void supervisor_poke(const struct supervisor *supervisor);

/**
 * Send supervisord a signal, and wake it to handle it. Does nothing once it has
 * ended, as kill(2) takes process 0 for this process's group.
 */
void supervisor_kill(const struct supervisor *supervisor, int signal);

/**
 * Ask supervisord to start a program that it does not start by itself; what
 * comes of it is an event. Never waits.
 *
 * PF_AGAIN  it does not listen yet
 */
enum pf_rc supervisor_ask_start(struct supervisor *supervisor,
                                const char *program);

/** Get the next event. PF_AGAIN: none yet. Never waits. */
enum pf_rc supervisor_next_event(const struct supervisor *supervisor,
                                 struct supervisor_event *ret);

/**
 * How a program ended last, in supervisord's words, such as "exit status 1" or
 * "terminated by SIGKILL". Returns its exit code, or -1 if it has none.
 */
int supervisor_last_end(const struct pf_places *places, const char *program,
                        char *buf, size_t size);

/** Close and remove what supervisor_start() has created. */
void supervisor_release(struct supervisor *supervisor);

/** `pf-init listen`: supervisord's event listener, which passes each one on. */
enum pf_rc supervisor_listen(const struct pf_places *places,
                             struct pf_error *err);

#endif
