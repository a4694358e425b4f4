#include "rate.h"

#include <errno.h>
#include <string.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "clock.h"
#include "stop.h"

#define LATE_MAX_NS PF_SECOND_NS /* when later, the schedule moves on */

/* Records due within this time are given together: at 100 000/s, waking up for
 * each would take half a processor. */
#define TICK_NS INT64_C(500000)

/* 126 years: anything later never comes, and the sums below cannot overflow. */
#define NEVER_NS INT64_C(4000000000000000000)

enum pf_rc pf_rate_init(struct pf_rate *schedule, double rate, uint64_t from,
                        struct pf_error *err)
{
    *schedule = (struct pf_rate){
        .rate = rate,
        .from = from,
        .timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC)};
    if (schedule->timer < 0)
        return pf_fail(err, PF_IO, "timerfd: %s", strerror(errno));
    return PF_OK;
}

void pf_rate_release(struct pf_rate *schedule)
{
    if (schedule->timer >= 0)
        close(schedule->timer);
    schedule->timer = -1;
}

int64_t pf_rate_due(const struct pf_rate *s, uint64_t number)
{
    double after = number < s->from ? 0
                                    : (double)(number - s->from) / s->rate *
                                          (double)PF_SECOND_NS;

    return s->start_ns + (after < (double)NEVER_NS ? (int64_t)after : NEVER_NS);
}

/* How many are due, up to most. Less than most only once a tick. */
static size_t count_due(struct pf_rate *s, uint64_t next, size_t most)
{
    int64_t now, late;
    size_t n = 0;

    if (s->rate == 0)
        return most;
    now = pf_now_ns();
    if (!s->start_ns)
        s->start_ns = now;
    late = now - pf_rate_due(s, next);
    if (late > LATE_MAX_NS)
        s->start_ns += late;
    while (n < most && pf_rate_due(s, next + n) <= now)
        n++;
    if (n < most && now < s->tick_ns)
        return 0;
    if (n)
        s->tick_ns = now + TICK_NS;
    return n;
}

/* When there will be records to give. */
static int64_t ready_ns(const struct pf_rate *s, uint64_t next)
{
    int64_t due = pf_rate_due(s, next);

    return due > s->tick_ns ? due : s->tick_ns;
}

size_t pf_rate_wait(struct pf_rate *s, uint64_t next, size_t most,
                    int timeout_ms)
{
    size_t n = count_due(s, next, most);

    if (!n && timeout_ms > 0) {
        pf_wait_until(s->timer, ready_ns(s, next), timeout_ms);
        n = count_due(s, next, most);
    }
    return n;
}
