/* feed_counts.h - what the feed's programs count, read once. */
#ifndef PF_FEED_COUNTS_H
#define PF_FEED_COUNTS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "latency_window.h"
#include "stats.h"

/** More are left out. A feed has less than ten programs. */
#define WEB_PROGRAMS 16
#define WEB_REFUSED 16

/** What pf-init says of a program, in the order of its own numbers. */
enum web_state {
    WEB_PROGRAM_WAITING,
    WEB_PROGRAM_RUNNING,
    WEB_PROGRAM_FINISHED,
    WEB_PROGRAM_FAILED,
    WEB_PROGRAM_STOPPED,
    WEB_PROGRAM_STATES /* how many */
};

struct web_program {
    char name[24];
    enum web_state state;
    int64_t since_ns; /* on the monotonic clock; 0: unknown */
    uint64_t restarts;
    uint64_t pid; /* 0: none */
};

/** Records that came to nothing, by one counter of one program. */
struct web_refused {
    const char *program; /* a constant */
    char name[PF_METRIC_NAME], help[PF_METRIC_HELP];
    uint64_t count; /* above 0 */
};

/** What goes through one program. */
struct web_through {
    pid_t pid;        /* 0: it has no counters, and nothing else is known */
    uint64_t arrived; /* records */
};

struct web_counts {
    struct web_through producer, consumer;
    bool has_lag;
    uint64_t lag;       /* records */
    int64_t started_ns; /* of the feed, on the monotonic clock; 0: unknown */
    size_t n_programs, n_refused;
    struct web_program programs[WEB_PROGRAMS];
    struct web_refused refused[WEB_REFUSED];
};

/** Read the counters below run, the feed's PF_RUN, and let window take one more
 * turn. What is not there is 0. */
void web_counts_read(const char *run, struct web_window *window,
                     struct web_counts *ret);

#endif
