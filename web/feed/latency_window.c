#include "latency_window.h"

#include <stdlib.h>

#include "vec.h"

/* By how much one bucket grew. */
struct growth {
    uint64_t n;
    unsigned bucket;
};

struct web_window {
    pid_t pid;                /* whose histogram was seen; 0: nobody's */
    struct pf_histogram seen; /* as it was at the last turn */
    struct pf_histogram sum;  /* of what it grew by in all turns */
    PF_VEC(struct growth) turns[WEB_WINDOW_TURNS];
    unsigned newest;
};

struct web_window *web_window_new(void)
{
    return calloc(1, sizeof(struct web_window));
}

void web_window_free(struct web_window *window)
{
    if (!window)
        return;
    for (unsigned i = 0; i < WEB_WINDOW_TURNS; i++)
        free(window->turns[i].at);
    free(window);
}

/* The oldest turn leaves the window; its place becomes the newest. */
static void leave_oldest(struct web_window *window)
{
    window->newest = (window->newest + 1) % WEB_WINDOW_TURNS;
    for (size_t i = 0; i < window->turns[window->newest].n; i++) {
        const struct growth *growth = &window->turns[window->newest].at[i];

        window->sum.counts[growth->bucket] -= growth->n;
        window->sum.n -= growth->n;
    }
    window->turns[window->newest].n = 0;
}

/* A bucket of the histogram has this count now. Without memory its growth is
 * taken at the next turn. */
static void take(struct web_window *window, unsigned bucket, uint64_t count)
{
    uint64_t n = count - window->seen.counts[bucket];

    if (!PF_VEC_PUSH(&window->turns[window->newest],
                     ((struct growth){n, bucket})))
        return;
    window->sum.counts[bucket] += n;
    window->sum.n += n;
    window->seen.counts[bucket] = count;
}

void web_window_turn(struct web_window *window, pid_t pid,
                     const struct pf_histogram *histogram)
{
    leave_oldest(window);
    if (!histogram)
        return;
    if (!window->pid)
        window->seen = *histogram;
    else if (pid != window->pid)
        window->seen = (struct pf_histogram){0};
    window->pid = pid;
    window->sum.max = histogram->max;
    for (unsigned i = 0; i < PF_HISTOGRAM_BUCKETS; i++) {
        /* Its program may count meanwhile: each is read once. */
        uint64_t count = *(const volatile uint64_t *)&histogram->counts[i];

        if (count > window->seen.counts[i])
            take(window, i, count);
    }
}

uint64_t web_window_count(const struct web_window *window)
{
    return window->sum.n;
}

uint64_t web_window_quantile(const struct web_window *window, double part)
{
    return window->sum.n ? pf_histogram_quantile(&window->sum, part) : 0;
}
