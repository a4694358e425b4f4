/* clock.h - the monotonic clock, which never jumps, and the wall clock. */
#ifndef PF_CLOCK_H
#define PF_CLOCK_H

#include <limits.h>
#include <stdint.h>
#include <time.h>

#define PF_SECOND_NS INT64_C(1000000000)

/** Nanoseconds since a fixed moment of this boot: the monotonic clock. */
static inline int64_t pf_now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * PF_SECOND_NS + now.tv_nsec;
}

/** Milliseconds since the same moment. */
static inline int64_t pf_now_ms(void)
{
    return pf_now_ns() / 1000000;
}

/** Milliseconds that are left until that moment, or INT_MAX if they are more; 0
 * when it is over. */
static inline int pf_left_ms(int64_t deadline_ms)
{
    int64_t left = deadline_ms - pf_now_ms();

    return left <= 0 ? 0 : left < INT_MAX ? (int)left : INT_MAX;
}

/** Nanoseconds since 1970: the wall clock, which people and NTP may set. */
static inline int64_t pf_wall_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * PF_SECOND_NS + now.tv_nsec;
}

/** When, in nanoseconds since 1970, the monotonic clock was 0, by what the wall
 * clock says now. */
static inline int64_t pf_boot_ns(void)
{
    return pf_wall_ns() - pf_now_ns();
}

#endif
