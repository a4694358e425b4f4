#include "programs.h"

#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "clock.h"

#define FAILURES_MAX 4 /* consecutive ends that came too early */

/* A program that ends by itself sooner has failed. It must be long: the broker
 * waits 18 s for ZooKeeper, or as long as the user has set. */
#define SETTLED_MS 300000

struct program programs[PROGRAMS] = {
    {.name = "zookeeper", .alive_after_ms = 10000, .pidfd = -1},
    {.name = "kafka", .alive_after_ms = 10000, .pidfd = -1},
    {.name = "topic", .alive_after_ms = 1000, .may_finish = true, .pidfd = -1},
    {.name = "producer",
     .alive_after_ms = 1000,
     .may_finish = true,
     .pidfd = -1},
    {.name = "consumer",
     .alive_after_ms = 1000,
     .may_finish = true,
     .pidfd = -1},
    {.name = "web",
     .alive_after_ms = 1000,
     .optional = "its page",
     .settled = true,
     .pidfd = -1},
};

struct program *program_find(const char *name)
{
    for (size_t i = 0; i < PROGRAMS; i++)
        if (!strcmp(programs[i].name, name))
            return &programs[i];
    return NULL;
}

void program_let_go(struct program *program)
{
    if (program->pidfd >= 0)
        close(program->pidfd);
    program->pidfd = -1;
    program->settled = false;
}

void program_runs(struct program *program, pid_t pid)
{
    program_let_go(program);
    program->settled = true;
    program->started_ms = pf_now_ms();
    if (pid > 0)
        program->pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
}

void program_lost(struct program *program)
{
    program_let_go(program);
    program->settled = true;
    program->failures = 0;
}

bool program_ended(struct program *program, bool by_itself)
{
    int early_ms = by_itself ? SETTLED_MS : program->alive_after_ms;

    program_let_go(program);
    if (pf_now_ms() - program->started_ms >= early_ms)
        program->failures = 0;
    else
        program->failures++;
    return program->failures >= FAILURES_MAX;
}

bool programs_settled(void)
{
    for (size_t i = 0; i < PROGRAMS; i++)
        if (!programs[i].settled)
            return false;
    return true;
}
