/* programs.h - the programs of the feed, and when they count as failed.
 *
 * supervisord restarts a program whenever it ends. It can also detect programs
 * that fail repeatedly, but its rule would count a producer with feed.count=1
 * as a failure. So each program has startsecs=0, and this file decides. An
 * optional program is not restarted by supervisord, see start_page.h.
 */
#ifndef PF_PROGRAMS_H
#define PF_PROGRAMS_H

#include <stdbool.h>
#include <stdint.h>

#include "supervisor.h"

/** A program that supervisord runs, see programs/NAME.conf. */
struct program {
    const char *name;
    int alive_after_ms; /* if it is killed sooner, it failed to start */
    bool may_finish;    /* its own end is not a failure */
    /* What the feed lacks when it has failed: it then goes on. NULL: the feed
     * ends. */
    const char *optional;

    bool settled;       /* it runs, or is not to run: nothing is left to do */
    int pidfd;          /* readable once it has ended; -1: none */
    int64_t started_ms; /* on the monotonic clock */
    int failures;       /* consecutive ends that came too early */
};

enum { PROGRAMS = 6 };

/** All of them; names and limits are constant. */
extern struct program programs[PROGRAMS];

/** The one of that name, or NULL. */
struct program *program_find(const char *name);

/** Note that it runs as process pid. From then on its end can be awaited. */
void program_runs(struct program *program, pid_t pid);

/** Stop awaiting its end: it has ended, though supervisord may not know yet. */
void program_let_go(struct program *program);

/** Note that it has failed and is not started again, unless somebody does. */
void program_lost(struct program *program);

/**
 * Note that it has ended: by itself, with its own exit code, or because of
 * something else, such as a signal. Returns true the fourth time in a row that
 * it ended too early. By itself, that is within five minutes of its start,
 * as waiting for something that never comes takes a while. Otherwise it is
 * before alive_after_ms: being killed repeatedly is not a failure.
 */
bool program_ended(struct program *program, bool by_itself);

/** True while supervisord has nothing to start or restart. */
bool programs_settled(void);

#endif
