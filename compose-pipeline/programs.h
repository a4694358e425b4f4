/* programs.h - the programs of the feed, and when they count as failed.
 *
 * supervisord starts a program again whenever it ends. It would also tell
 * which ones fail over and over, but by a rule that takes a producer with
 * feed.count=1 for a failure: so each has startsecs=0, and that is judged
 * here.
 */
#ifndef PF_PROGRAMS_H
#define PF_PROGRAMS_H

#include <stdbool.h>
#include <stdint.h>

#include "supervisor.h"

/** One that supervisord runs, as in programs/NAME.conf. */
struct program {
    const char *name;
    int alive_after_ms; /* one that is killed sooner failed to start */
    bool may_finish;    /* to end by itself is no failure */

    bool settled;       /* it runs or has finished: nothing is left to do */
    int pidfd;          /* readable once it has ended; -1: none */
    int64_t started_ms; /* on the monotonic clock */
    int failures;       /* early ends, one after the other */
};

enum { PROGRAMS = 5 };

/** All of them; names and limits are constant. */
extern struct program programs[PROGRAMS];

/** The one of that name, or NULL. */
struct program *program_find(const char *name);

/** Note that it runs as process pid, from when on its end can be awaited. */
void program_runs(struct program *program, pid_t pid);

/** Await its end no longer: it has come, though supervisord may not know. */
void program_let_go(struct program *program);

/**
 * Note that it has ended, by itself, with a code of its own, or because
 * something else has ended it, such as a signal. Returns true when it fails
 * over and over: the fourth time in a row that it ended too early. By itself
 * that is within five minutes of its start, whatever it did until then: many a
 * wait for what never comes takes a while. Otherwise it is before
 * alive_after_ms: a program that is killed again and again does not fail.
 */
bool program_ended(struct program *program, bool by_itself);

/** True while supervisord has nothing to start, or to start again. */
bool programs_settled(void);

#endif
