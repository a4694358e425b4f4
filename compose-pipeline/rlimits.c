#include "rlimits.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/resource.h>

#include "say.h"

#define KIB 1024
#define MIB (1024 * KIB)

/* Some programs loop over all descriptors up to this limit, so do not raise it
 * to millions. supervisord and the JVM do not need more. */
#define FILES_ENOUGH 65536

/* Also the default stack size of every thread. */
#define STACK_ENOUGH (8 * MIB)

/* With a limit below least the feed does not start, or fails later. */
static const struct limit {
    int resource;
    bool is_vital; /* else nothing starts, and no message says why */
    rlim_t least;
    rlim_t enough; /* the soft limit to ask for */
    rlim_t unit;
    const char *unit_name;
    const char *what;
    const char *how; /* how to raise it */
} limits[] = {
    /* supervisord demands the first two. Threads count as processes, and a feed
     * on two processors has a hundred. */
    {RLIMIT_NOFILE, true, 1024, FILES_ENOUGH, 1, "", "open files",
     "ulimit -n, or docker run --ulimit nofile=..."},
    {RLIMIT_NPROC, true, 256, RLIM_INFINITY, 1, "", "processes and threads",
     "ulimit -u, or docker run --ulimit nproc=..."},
    {RLIMIT_STACK, true, 256 * KIB, STACK_ENOUGH, KIB, " KiB", "the stack",
     "ulimit -s, or docker run --ulimit stack=..."},
    /* Measured on two processors: the broker's JVM reserves most of it. */
    {RLIMIT_AS, false, 2048ull * MIB, RLIM_INFINITY, MIB, " MiB",
     "address space", "ulimit -v"},
    {RLIMIT_DATA, false, 400 * MIB, RLIM_INFINITY, MIB, " MiB", "data",
     "ulimit -d, or docker run --ulimit data=..."},
    /* log.segment.bytes as shipped. */
    {RLIMIT_FSIZE, false, 64 * MIB, RLIM_INFINITY, MIB, " MiB",
     "the size of a file", "ulimit -f, or docker run --ulimit fsize=..."},
    {RLIMIT_CPU, false, RLIM_INFINITY, RLIM_INFINITY, 1, " s", "processor time",
     "ulimit -t, or docker run --ulimit cpu=..."},
};

#define LIMITS (sizeof limits / sizeof *limits)

void limits_raise(void)
{
    for (size_t i = 0; i < LIMITS; i++) {
        struct rlimit now;
        rlim_t wanted = limits[i].enough;

        if (getrlimit(limits[i].resource, &now))
            continue;
        if (wanted > now.rlim_max)
            wanted = now.rlim_max;
        if (now.rlim_cur >= wanted)
            continue;
        now.rlim_cur = wanted;
        setrlimit(limits[i].resource, &now);
    }
}

static const char *amount(const struct limit *limit, rlim_t value, char *buf,
                          size_t size)
{
    if (value == RLIM_INFINITY)
        snprintf(buf, size, "no limit");
    else
        snprintf(buf, size, "%" PRIu64 "%s", (uint64_t)(value / limit->unit),
                 limit->unit_name);
    return buf;
}

/* Is it too low? If so, *err says so. */
static bool is_short(const struct limit *limit, struct pf_error *err)
{
    struct rlimit now;
    char has[40], needs[40];

    if (getrlimit(limit->resource, &now) || now.rlim_cur >= limit->least)
        return false;
    pf_fail(err, PF_CONFIG,
            "this machine's limit on %s is %s, and the feed needs %s; raise "
            "it with %s",
            limit->what, amount(limit, now.rlim_cur, has, sizeof has),
            amount(limit, limit->least, needs, sizeof needs), limit->how);
    return true;
}

enum pf_rc limits_check(struct pf_error *err)
{
    for (size_t i = 0; i < LIMITS; i++)
        if (limits[i].is_vital && is_short(&limits[i], err))
            return PF_CONFIG;
    return PF_OK;
}

void limits_say(void)
{
    struct pf_error err;

    for (size_t i = 0; i < LIMITS; i++)
        if (!limits[i].is_vital && is_short(&limits[i], &err))
            say_at(PF_LOG_WARNING, "%s", err.text);
}
