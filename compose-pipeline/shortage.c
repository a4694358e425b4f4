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

/* What the kernel counts and limits for the container. It has two layouts. */
enum number { MEMORY_LIMIT, MEMORY_KILLS, THREADS_LIMIT, THREADS_REFUSALS };

static const struct {
    const char *v2, *v1; /* of cgroups */
    const char *word;
} numbers[] = {
    [MEMORY_LIMIT] = {"/sys/fs/cgroup/memory.max",
                      "/sys/fs/cgroup/memory/memory.limit_in_bytes", ""},
    [MEMORY_KILLS] = {"/sys/fs/cgroup/memory.events",
                      "/sys/fs/cgroup/memory/memory.oom_control", "oom_kill "},
    [THREADS_LIMIT] = {"/sys/fs/cgroup/pids.max",
                       "/sys/fs/cgroup/pids/pids.max", ""},
    [THREADS_REFUSALS] = {"/sys/fs/cgroup/pids.events",
                          "/sys/fs/cgroup/pids/pids.events", "max "},
};

/* 0: there is none; as a limit, a huge value means that, too. */
static uint64_t ask_kernel(enum number which)
{
    const char *word = numbers[which].word;
    uint64_t n = 0;

    if (!read_number(numbers[which].v2, word, &n))
        read_number(numbers[which].v1, word, &n);
    return n < UINT64_MAX / 4 ? n : 0;
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
        say_at(PF_LOG_WARNING,
               "the volume %s is full: %" PRIu64 " of %" PRIu64
               " MiB are free; make room there, and start again",
               places->data, left / MIB, all / MIB);
    else if (fs.f_files && !fs.f_favail)
        say_at(PF_LOG_WARNING,
               "the volume %s is full: it can hold no more files; make room "
               "there, and start again",
               places->data);
}

void shortage_foresee(const struct pf_places *places)
{
    uint64_t memory = ask_kernel(MEMORY_LIMIT);
    uint64_t threads = ask_kernel(THREADS_LIMIT);

    limits_say();
    look_for_room(places);
    if (memory && memory < MEMORY_LEAST)
        say_at(PF_LOG_WARNING,
               "this container may use %" PRIu64 " MiB of memory, and the feed "
               "needs %" PRIu64 " MiB",
               memory / MIB, MEMORY_LEAST / MIB);
    if (threads && threads < THREADS_LEAST)
        say_at(PF_LOG_WARNING,
               "this container may have %" PRIu64 " processes and threads, and "
               "the feed needs %d; raise that with docker run --pids-limit",
               threads, THREADS_LEAST);
}

void shortage_explain(const struct pf_places *places)
{
    uint64_t memory = ask_kernel(MEMORY_LIMIT);
    uint64_t threads = ask_kernel(THREADS_LIMIT);

    limits_say();
    look_for_room(places);
    if (memory && ask_kernel(MEMORY_KILLS))
        say_at(PF_LOG_WARNING,
               "this container has used up its %" PRIu64 " MiB of memory, and "
               "Linux has killed a program for it; the feed needs %" PRIu64
               " MiB",
               memory / MIB, MEMORY_LEAST / MIB);
    if (threads && ask_kernel(THREADS_REFUSALS))
        say_at(PF_LOG_WARNING,
               "this container has used up its %" PRIu64 " processes and "
               "threads; raise that with docker run --pids-limit",
               threads);
}
