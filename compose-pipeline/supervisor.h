/* supervisor.h - supervisord, which runs the feed's programs. */
#ifndef PF_SUPERVISOR_H
#define PF_SUPERVISOR_H

#include <sys/types.h>
#include <sys/un.h>

#include "error.h"
#include "places.h"

/** A supervisord that is running, and what it tells of its programs. */
struct supervisor {
    pid_t pid;                  /* 0: it has ended, or never started */
    int events;                 /* socket on which `pf-init listen` tells */
    struct sockaddr_un control; /* its socket */
};

/** Something happened to a program. */
struct supervisor_event {
    char state[24]; /* "STARTING", "RUNNING", "EXITED", "FATAL", ... */
    char program[40];
    int expected; /* EXITED: the exit code is one that it may end with */
    pid_t pid;    /* 0: it has none */
};

/**
 * Start supervisord with PF_HOME/compose-pipeline/supervisord.conf, in a
 * session of its own: the terminal's signals then reach only this program,
 * which knows in which order to stop. It gets SIGTERM should this program
 * die.
 *
 * PF_IO      the system does not let us
 * PF_CONFIG  the path of PF_RUN is too long for a socket
 */
enum pf_rc supervisor_start(const struct pf_places *places,
                            struct supervisor *ret, struct pf_error *err);

/**
 * Connect to its socket and hang up: supervisord sleeps up to a second before
 * it looks at what has changed, and this wakes it.
 */
void supervisor_poke(const struct supervisor *supervisor);

/**
 * Send it a signal, and wake it for that. Does nothing once it has ended: to
 * kill(2) process 0 would be this one's own group.
 */
void supervisor_kill(const struct supervisor *supervisor, int signal);

/** Take the next event. PF_AGAIN: there is none now. Never waits. */
enum pf_rc supervisor_next_event(const struct supervisor *supervisor,
                                 struct supervisor_event *ret);

/**
 * How a program ended last, in supervisord's words: "exit status 1",
 * "terminated by SIGKILL". Returns its exit code, or -1 if it has none.
 */
int supervisor_last_end(const struct pf_places *places, const char *program,
                        char *buf, size_t size);

/** Close and remove what this program made for it. */
void supervisor_release(struct supervisor *supervisor);

/** `pf-init listen`: supervisord's listener, which passes events on. */
enum pf_rc supervisor_listen(const struct pf_places *places,
                             struct pf_error *err);

#endif
