/* feed_state.h - what pf-init knows of the feed, in a file that others can
 * read.
 *
 * PF_RUN/init.stats is a file of counters (stats.h). Of the feed it has moments
 * on the monotonic clock, 0 as long as they have not come: feed_started_ns,
 * broker_ready_ns, first_price_ns; and feed_stopping, 1 once its stop has
 * begun. Of each program of programs.h it has, with the program in the name as
 * in program_state{program="kafka"}: program_state, one of the numbers below;
 * program_since_ns, when that changed last; program_pid, 0 unless it runs; and
 * program_restarts, how often it was started again because it had ended.
 */
#ifndef PF_FEED_STATE_H
#define PF_FEED_STATE_H

#include "programs.h"
#include "stats.h"

/** What a program does. The numbers are part of the file's format. */
enum program_state {
    PROGRAM_WAITING = 0,  /* to be started, or started again */
    PROGRAM_RUNNING = 1,  /* it may still wait for the broker */
    PROGRAM_FINISHED = 2, /* it has done its work */
    PROGRAM_FAILED = 3,   /* it is not started again */
    PROGRAM_STOPPED = 4,  /* somebody asked for that */
};

/** Moments in the life of a feed. */
enum feed_moment {
    FEED_STARTED,
    FEED_BROKER_READY,
    FEED_FIRST_PRICE,
};

/**
 * Create or replace the file at path; empty: keep it in memory only. All
 * programs are waiting. Close it with pf_stats_close().
 *
 * PF_IO     the file cannot be created
 * PF_NOMEM  out of memory
 */
enum pf_rc state_open(const char *path, struct pf_stats **ret,
                      struct pf_error *err);

/** Note when that moment was, on the monotonic clock. */
void state_moment(struct pf_stats *state, enum feed_moment moment, int64_t ns);

/** The feed's stop has begun. */
void state_stopping(struct pf_stats *state);

/** Note that a program, one of programs[], is now in that state; pid is its
 * process, or 0. */
void state_program(struct pf_stats *state, const struct program *program,
                   enum program_state is, pid_t pid);

/** Note that a program has ended and is about to be started again. */
void state_restart(struct pf_stats *state, const struct program *program);

#endif
