/* jq_watch.h - a program in jq that does not end, or wants too much memory, is
 * stopped.
 *
 * libjq looks with each of its instructions whether it has been halted, and
 * does so safely from a signal's handler. So a timer that counts the processor
 * time of one thread, and is set only while that works on records, sends it a
 * signal every 10 ms of that time: nothing is paid for a record, a machine that
 * is busy or asleep stops no program, and no other thread is ever interrupted.
 * A function of libjq that is written in C, such as test(), is not stopped
 * before it has returned. Where this process may end for that, it does: see
 * ends.
 */
#ifndef PF_JQ_WATCH_H
#define PF_JQ_WATCH_H

#include <jq.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "error.h"

/** What the work on one record may take. */
struct pf_jq_limits {
    int64_t time_ms; /* processor time; at most 20 ms more */
    size_t memory;   /* bytes that the process may grow by, from about 10 ms
                      * after the beginning; what it takes in 10 ms more */

    /* A function that has not returned after PF_JQ_ENDS_AFTER times that time
     * ends this process with code 1. One that wants memory and PF_JQ_SPARE more
     * gets none, and libjq then ends it (but not under the sanitizers, which
     * take more by themselves). */
    bool ends;
};

/** Long enough for what ends by itself. */
#define PF_JQ_ENDS_AFTER 5

/** Address space for what other threads take meanwhile, in bytes: their stacks
 * and what they allocate. */
#define PF_JQ_SPARE ((size_t)256 << 20)

/** The watch of one thread. It is opened, used and closed by that thread. */
struct pf_jq_watch;

/**
 * Takes SIGVTALRM for itself, from here on.
 *
 * PF_IO     there is no timer to be had
 * PF_NOMEM  memory ran out
 */
enum pf_rc pf_jq_watch_open(const struct pf_jq_limits *limits,
                            struct pf_jq_watch **ret, struct pf_error *err);

/** Closing NULL does nothing. */
void pf_jq_watch_close(struct pf_jq_watch *watch);

/** Work on records begins, and ends: the timer is set in between. Each is one
 * system call; with ends, two or three. */
void pf_jq_watch_begin(struct pf_jq_watch *watch);
void pf_jq_watch_end(struct pf_jq_watch *watch);

/** The work on the next record begins: all of the time is left for it. */
void pf_jq_watch_record(struct pf_jq_watch *watch);

/**
 * This program runs from here on, until jq is NULL: halt it when a limit is
 * reached. pf_jq_next() calls it.
 */
void pf_jq_watch_run(struct pf_jq_watch *watch, jq_state *jq);

/**
 * Has the record reached a limit?
 *
 * PF_OK     no
 * PF_RANGE  yes; *err says which one
 */
enum pf_rc pf_jq_watch_look(const struct pf_jq_watch *watch,
                            struct pf_error *err);

#endif
