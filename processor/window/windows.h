/* windows.h - records go into windows, windows become results. */
#ifndef PF_WINDOWS_H
#define PF_WINDOWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "error.h"
#include "window_conf.h"
#include "window_event.h"
#include "window_part.h"
#include "window_plan.h"
#include "window_results.h"
#include "window_table.h"

/** How many records in advance one is expected. */
#define PF_WINDOW_AHEAD 16

/** The windows of all partitions. */
struct pf_windows {
    const struct pf_window_conf *conf;
    struct pf_window_plan plan;
    uint64_t settings; /* what decides about them, as a number */
    struct pf_window_form form;
    struct pf_window_table table;
    struct pf_window_parts parts;
    struct pf_window_results results;   /* the caller clears them */
    uint32_t expected[PF_WINDOW_AHEAD]; /* hashes of windows, a ring */
};

/**
 * Make them with settings that pf_window_check() has taken, borrowed.
 *
 * PF_IO     the kernel gives no random number
 * PF_NOMEM  memory ran out
 *
 * Whatever the outcome, pf_windows_release() them.
 */
enum pf_rc pf_windows_init(struct pf_windows *windows,
                           const struct pf_window_conf *conf,
                           struct pf_error *err);

void pf_windows_release(struct pf_windows *windows);

/**
 * Stream time of the partition reaches time, if it is not beyond that already:
 * windows that are closed then become results, which come from record number
 * from. idle: that is so because nothing has come.
 *
 * PF_NOMEM  memory ran out
 */
enum pf_rc pf_windows_advance(struct pf_windows *windows,
                              struct pf_window_part *part, int64_t time,
                              size_t from, bool idle, struct pf_error *err);

/**
 * Add a record with that offset to each of its windows that is open. *ret_late:
 * none of them is.
 *
 * PF_RANGE  there would be more windows than feed.window.max.keys
 * PF_NOMEM  memory ran out
 */
enum pf_rc pf_windows_add(struct pf_windows *windows,
                          struct pf_window_part *part,
                          const struct pf_window_event *event, int64_t offset,
                          bool *ret_late, struct pf_error *err);

/** A record with that key comes PF_WINDOW_AHEAD records after record number
 * index, which is next. Adding it will be faster, and nothing else changes. */
void pf_windows_expect(struct pf_windows *windows,
                       const struct pf_window_part *part, size_t index,
                       const struct pf_window_key *key);

/** Say in *why for which window a record with this time is late. */
void pf_windows_tell_late(const struct pf_windows *windows,
                          const struct pf_window_part *part, int64_t time,
                          struct pf_error *why);

/** The stream time at which all windows of the partition are closed; there is
 * one. */
int64_t pf_windows_end(const struct pf_windows *windows,
                       const struct pf_window_part *part);

#endif
