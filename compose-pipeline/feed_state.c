#include "feed_state.h"

#include <stdio.h>

#include "clock.h"

/* The feed's own metrics; those of the programs come after them. */
static const struct pf_metric feed_metrics[] = {
    [FEED_STARTED] = {"feed_started_ns", "When pf-init was started.", PF_GAUGE,
                      PF_UNIT_MOMENT},
    [FEED_BROKER_READY] = {"broker_ready_ns",
                           "When the broker was ready for the first time.",
                           PF_GAUGE, PF_UNIT_MOMENT},
    [FEED_FIRST_PRICE] = {"first_price_ns", "When the first price was printed.",
                          PF_GAUGE, PF_UNIT_MOMENT},
    {"feed_stopping", "1 once the feed's stop has begun, else 0.", PF_GAUGE,
     "stops"},
};

enum { FEED_STOPPING = FEED_FIRST_PRICE + 1, FEED_METRICS };

/* The same for each program; its name is added to theirs. */
enum program_metric { STATE, SINCE, PID, RESTARTS, PROGRAM_METRICS };

static const struct pf_metric program_metrics[] = {
    [STATE] = {"program_state",
               "0: waits to be started, 1: runs, 2: has finished, 3: has "
               "failed, 4: was stopped.",
               PF_GAUGE, "state"},
    [SINCE] = {"program_since_ns", "When its state changed last.", PF_GAUGE,
               PF_UNIT_MOMENT},
    [PID] = {"program_pid", "Its process; 0: none.", PF_GAUGE, "process"},
    [RESTARTS] = {"program_restarts",
                  "How often it was started again because it had ended.",
                  PF_COUNTER, "restarts"},
};

static size_t index_of(const struct program *program, enum program_metric which)
{
    return FEED_METRICS + (size_t)(program - programs) * PROGRAM_METRICS +
           which;
}

enum pf_rc state_open(const char *path, struct pf_stats **ret,
                      struct pf_error *err)
{
    struct pf_metric metrics[FEED_METRICS + PROGRAMS * PROGRAM_METRICS];
    char names[PROGRAMS][PROGRAM_METRICS][PF_METRIC_NAME];
    struct pf_stats *state;
    enum pf_rc rc;

    for (size_t i = 0; i < FEED_METRICS; i++)
        metrics[i] = feed_metrics[i];
    for (size_t p = 0; p < PROGRAMS; p++) {
        for (size_t i = 0; i < PROGRAM_METRICS; i++) {
            struct pf_metric *metric = &metrics[index_of(&programs[p], i)];

            *metric = program_metrics[i];
            snprintf(names[p][i], sizeof names[p][i], "%s{program=\"%s\"}",
                     metric->name, programs[p].name);
            metric->name = names[p][i];
        }
    }
    rc = pf_stats_open(path, metrics, sizeof metrics / sizeof *metrics, &state,
                       err);
    if (rc)
        return rc;
    for (size_t p = 0; p < PROGRAMS; p++)
        state_program(state, &programs[p], PROGRAM_WAITING, 0);
    *ret = state;
    return PF_OK;
}

void state_moment(struct pf_stats *state, enum feed_moment moment, int64_t ns)
{
    pf_stats_set(state, moment, (uint64_t)ns);
}

void state_stopping(struct pf_stats *state)
{
    pf_stats_set(state, FEED_STOPPING, 1);
}

void state_program(struct pf_stats *state, const struct program *program,
                   enum program_state is, pid_t pid)
{
    pf_stats_set(state, index_of(program, PID), (uint64_t)pid);
    pf_stats_set(state, index_of(program, SINCE), (uint64_t)pf_now_ns());
    pf_stats_set(state, index_of(program, STATE), is);
}

void state_restart(struct pf_stats *state, const struct program *program)
{
    pf_stats_add(state, index_of(program, RESTARTS), 1);
    state_program(state, program, PROGRAM_WAITING, 0);
}
