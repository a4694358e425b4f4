#include "pace.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "clock.h"

/* 126 years: anything later never comes, and the sums below cannot overflow. */
#define NEVER_NS INT64_C(4000000000000000000)

enum pf_rc pf_pace_init(struct pf_pace *pace, double speed, double max_gap_s,
                        struct pf_error *err)
{
    *pace = (struct pf_pace){
        .speed = speed,
        .max_gap_ns = (int64_t)(max_gap_s * (double)PF_SECOND_NS),
        .timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC)};
    if (pace->timer < 0)
        return pf_fail(err, PF_IO, "timerfd: %s", strerror(errno));
    return PF_OK;
}

void pf_pace_release(struct pf_pace *pace)
{
    if (pace->timer >= 0)
        close(pace->timer);
    pace->timer = -1;
}

void pf_pace_begin(struct pf_pace *pace, int64_t time_us, int64_t at_ns)
{
    pace->begun = true;
    pace->jumped = false;
    pace->origin = (struct pf_pace_origin){.us = time_us, .ns = at_ns};
    pace->due_ns = at_ns;
}

/* When time_us is due, relative to origin. */
static int64_t due_by(const struct pf_pace *pace,
                      const struct pf_pace_origin *origin, int64_t time_us)
{
    double after = (double)(time_us - origin->us) / pace->speed * 1000;

    if (after > (double)NEVER_NS)
        return origin->ns + NEVER_NS;
    if (after < (double)-NEVER_NS)
        return origin->ns - NEVER_NS;
    return origin->ns + (int64_t)after;
}

/* Is due_ns further than the longest pause from the last event? */
static bool is_far(const struct pf_pace *pace, int64_t due_ns)
{
    return due_ns - pace->due_ns > pace->max_gap_ns ||
           pace->due_ns - due_ns > pace->max_gap_ns;
}

/* The events' times have jumped by more than the longest pause. */
static int64_t jump(struct pf_pace *pace, int64_t time_us, int64_t due_ns)
{
    struct pf_pace_origin next = pace->before;
    int64_t back_ns = pace->jumped ? due_by(pace, &next, time_us) : 0;

    if (!pace->jumped || is_far(pace, back_ns)) {
        back_ns = pace->due_ns;
        if (due_ns > pace->due_ns)
            back_ns += pace->max_gap_ns;
        next = (struct pf_pace_origin){.us = time_us, .ns = back_ns};
    }
    pace->before = pace->origin;
    pace->origin = next;
    pace->jumped = true;
    return back_ns;
}

int64_t pf_pace_due(struct pf_pace *pace, int64_t time_us)
{
    int64_t due;

    if (pace->speed == 0)
        return 0;
    if (!pace->begun)
        pf_pace_begin(pace, time_us, pf_now_ns());
    due = due_by(pace, &pace->origin, time_us);
    if (pace->max_gap_ns && is_far(pace, due))
        due = jump(pace, time_us, due);
    if (due > pace->due_ns)
        pace->due_ns = due;
    return pace->due_ns;
}

void pf_pace_given(struct pf_pace *pace, int64_t due_ns, int64_t now_ns)
{
    if (!pace->given++) {
        pace->first_ns = now_ns;
        pace->first_due_ns = due_ns;
    }
    pace->last_ns = now_ns;
    pace->last_due_ns = due_ns;
    if (pace->speed > 0)
        pf_histogram_add(&pace->lates,
                         now_ns > due_ns ? (uint64_t)(now_ns - due_ns) : 0, 1);
}

static double quantile_ms(const struct pf_pace *pace, double part)
{
    return (double)pf_histogram_quantile(&pace->lates, part) / 1e6;
}

const char *pf_pace_describe(const struct pf_pace *pace, char *buf, size_t size)
{
    double took = (double)(pace->last_ns - pace->first_ns) / 1e9;

    if (pace->speed == 0 || !pace->given)
        snprintf(buf, size, "in %.3f s", took);
    else
        snprintf(buf, size,
                 "in %.3f s (scheduled: %.3f s); late by p50 %.2f ms, p99 %.2f "
                 "ms, at most %.2f ms",
                 took, (double)(pace->last_due_ns - pace->first_due_ns) / 1e9,
                 quantile_ms(pace, 0.5), quantile_ms(pace, 0.99),
                 (double)pace->lates.max / 1e6);
    return buf;
}

void pf_pace_words(int64_t ns, char *buf, size_t size)
{
    static const struct {
        const char *name;
        int64_t s;
    } units[] = {{"years", 365 * 86400}, {"days", 86400}, {"hours", 3600}};
    int64_t s = ns / PF_SECOND_NS;

    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (s >= 2 * units[i].s) {
            snprintf(buf, size, "%" PRId64 " %s", s / units[i].s,
                     units[i].name);
            return;
        }
    snprintf(buf, size, "%" PRId64 " seconds", s);
}
