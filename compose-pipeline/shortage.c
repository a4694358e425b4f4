#include "shortage.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/statvfs.h>

#include "rlimits.h"
#include "say.h"

#define MIB (UINT64_C(1) << 20)

/* Measured in a container, page cache and tmpfs included, at 5000 prices a
 * second: the feed starts with 256 MiB, and does not with 160 MiB. */
#define MEMORY_LEAST (256 * MIB)

/* A feed on two processors has a hundred threads, each of which counts as a
 * process; on more processors the JVMs have more. */
#define THREADS_LEAST 256

/* With less than this free a volume counts as full: a program that failed for
 * lack of space may have removed files before it ended. */
#define ROOM_LEAST (4 * MIB)

/* Read the number after word in the file at path; if word is empty, the number
 * at its beginning. */
static bool read_number(const char *path, const char *word, uint64_t *ret)
{
    char format[40];
    FILE *in = fopen(path, "re");
    char line[200];
    bool found = false;

    if (!in)
        return false;
    snprintf(format, sizeof format, "%s%%" SCNu64, word);
    while (!found && fgets(line, sizeof line, in))
        found = sscanf(line, format, ret) == 1;
    fclose(in);
    return found;
}

/* The container's memory limit; false: no limit. The kernel has two layouts
 * (cgroup v2 and v1). */
static bool memory_limit(uint64_t *ret)
{
    return read_number("/sys/fs/cgroup/memory.max", "", ret) ||
           (read_number("/sys/fs/cgroup/memory/memory.limit_in_bytes", "",
                        ret) &&
            *ret < UINT64_MAX / 4); /* a huge value means no limit */
}

/* How often Linux has killed a process of the container for lack of memory. */
static bool memory_ran_out(void)
{
    uint64_t kills = 0;

    return (read_number("/sys/fs/cgroup/memory.events", "oom_kill ", &kills) ||
            read_number("/sys/fs/cgroup/memory/memory.oom_control", "oom_kill ",
                        &kills)) &&
           kills > 0;
}

/* How many processes and threads the container may have; false: no limit. */
static bool threads_limit(uint64_t *ret)
{
    return read_number("/sys/fs/cgroup/pids.max", "", ret) ||
           read_number("/sys/fs/cgroup/pids/pids.max", "", ret);
}

static bool threads_ran_out(void)
{
    uint64_t refusals = 0;

    return (read_number("/sys/fs/cgroup/pids.events", "max ", &refusals) ||
            read_number("/sys/fs/cgroup/pids/pids.events", "max ",
                        &refusals)) &&
           refusals > 0;
}

static void look_for_room(const struct pf_places *places)
{
    struct statvfs fs;
    uint64_t left, all;

    if (statvfs(places->data, &fs))
        return;
    left = (uint64_t)fs.f_bavail * fs.f_frsize;
    all = (uint64_t)fs.f_blocks * fs.f_frsize;
    if (left < ROOM_LEAST)
        say("the volume %s is full: %" PRIu64 " of %" PRIu64
            " MiB are free; make room there, and start again",
            places->data, left / MIB, all / MIB);
    else if (fs.f_files && !fs.f_favail)
        say("the volume %s is full: it can hold no more files; make room "
            "there, and start again",
            places->data);
}

void shortage_foresee(const struct pf_places *places)
{
    uint64_t limit;

    limits_say();
    look_for_room(places);
    if (memory_limit(&limit) && limit < MEMORY_LEAST)
        say("this container may use %" PRIu64 " MiB of memory, and the feed "
            "needs %" PRIu64 " MiB",
            limit / MIB, MEMORY_LEAST / MIB);
    if (threads_limit(&limit) && limit < THREADS_LEAST)
        say("this container may have %" PRIu64 " processes and threads, and "
            "the feed needs %d; raise that with docker run --pids-limit",
            limit, THREADS_LEAST);
}

void shortage_explain(const struct pf_places *places)
{
    uint64_t limit;

    limits_say();
    look_for_room(places);
    if (memory_limit(&limit) && memory_ran_out())
        say("this container has used up its %" PRIu64 " MiB of memory, and "
            "Linux has killed a program for it; the feed needs %" PRIu64 " MiB",
            limit / MIB, MEMORY_LEAST / MIB);
    if (threads_limit(&limit) && threads_ran_out())
        say("this container has used up its %" PRIu64 " processes and "
            "threads; raise that with docker run --pids-limit",
            limit);
}
