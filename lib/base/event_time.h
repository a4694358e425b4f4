/* event_time.h - times as recordings write them. */
#ifndef PF_EVENT_TIME_H
#define PF_EVENT_TIME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "error.h"

/** Bytes that hold any time that is read or written here, with a NUL. */
#define PF_TIME_SIZE 64

/** Microseconds in a second. Moments are microseconds since 1970, UTC. */
#define PF_SECOND_US INT64_C(1000000)

/**
 * The moment that the len bytes at text are, one of
 *
 *     2026-11-02T09:00:00.250+01:00   RFC 3339; a blank or t may stand for T
 *     1793606400.25                   seconds since 1970
 *     1793606400250                   or milliseconds, microseconds or
 *                                     nanoseconds: the coarsest of these in
 *                                     which it is before the year 10000
 *
 * Digits finer than a microsecond are left out of *ret_us.
 *
 * PF_FORMAT  it is none of these
 */
enum pf_rc pf_time_parse(const char *text, size_t len, int64_t *ret_us,
                         struct pf_error *err);

/**
 * Whether the time at text, which pf_time_parse() has taken, could be any from
 * one moment to another in the form that it has. In RFC 3339 these are the
 * years 2 to 9998: in 1 and 9999 are the times that stand for none.
 */
bool pf_time_reaches(const char *text, size_t len, int64_t from_us,
                     int64_t to_us);

/**
 * Write the time at text, which pf_time_parse() has taken, moved by so many
 * seconds, to buf: in its own form, with its own offset from UTC, its
 * fraction byte for byte. *ret_len has no closing NUL.
 *
 * PF_RANGE  the form has no such time: a year beyond 9999, say
 */
enum pf_rc pf_time_move(const char *text, size_t len, int64_t seconds,
                        char buf[static PF_TIME_SIZE], size_t *ret_len,
                        struct pf_error *err);

/**
 * Write a moment as 2026-11-02T08:00:00.250Z, always with 24 bytes and a NUL.
 * The moment is one of the years 0 to 9999.
 */
void pf_time_format(int64_t us, char buf[static PF_TIME_SIZE]);

#endif
