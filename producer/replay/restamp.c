#include "restamp.h"

#include "clock.h"
#include "event_time.h"

/* The range in which now can be: 2026 and a hundred years later. */
#define SOONEST_US (INT64_C(1767225600) * PF_SECOND_US)
#define LATEST_US (INT64_C(4922899200) * PF_SECOND_US)

/* Rounded down. */
static int64_t whole_seconds(int64_t us)
{
    return us / PF_SECOND_US - (us % PF_SECOND_US < 0);
}

void pf_restamp_count_from(struct pf_restamp *r, int64_t time_us)
{
    int64_t least = r->us + (r->from_now ? SOONEST_US : 0);
    int64_t most = r->us + (r->from_now ? LATEST_US : 0);

    r->first_us = time_us;
    r->least_us = whole_seconds(least - time_us) * PF_SECOND_US;
    r->most_us = whole_seconds(most - time_us) * PF_SECOND_US;
}

bool pf_restamp_can_move(const struct pf_restamp *r,
                         const struct pf_replay_element *e)
{
    int64_t us = e->time_us;

    return pf_time_reaches(e->time, e->time_len, us, us) &&
           pf_time_reaches(e->time, e->time_len, us + r->least_us,
                           us + r->most_us);
}

void pf_restamp_choose(struct pf_restamp *r, int64_t since_us, double speed)
{
    r->moved_us = r->us - r->first_us;
    if (r->from_now)
        r->moved_us += pf_wall_ns() / 1000;
    if (r->from_now && speed > 0)
        r->moved_us -= (int64_t)((double)since_us / speed);
}

int64_t pf_restamp_seconds(const struct pf_restamp *r, int64_t rounds_us)
{
    return whole_seconds(r->moved_us + rounds_us);
}
