#include "feed_counts.h"

#include <stdio.h>
#include <string.h>

#include "text.h"

/* A program's counters are attached to for each look, which takes less time
 * than to find out whether the file is still the same. NULL: there are none. */
static struct pf_stats *attach(const char *run, const char *name)
{
    struct pf_stats *stats = NULL;
    char path[4096]; /* one that is too long is cut, and cannot be opened */

    snprintf(path, sizeof path, "%s/%s.stats", run, name);
    pf_stats_attach(path, &stats, NULL);
    return stats;
}

static uint64_t number(const struct pf_stats *stats, const char *name)
{
    uint64_t value = 0;

    pf_stats_read(stats, name, &value, NULL);
    return value;
}

static uint64_t value_at(struct pf_stats *stats, size_t i)
{
    return atomic_load_explicit(pf_stats_at(stats, i), memory_order_relaxed);
}

static bool is_refusal(const char *name)
{
    static const char *const names[] = {"records_refused", "records_skipped",
                                        "records_put_aside",
                                        "prices_out_of_range"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (!strcmp(name, names[i]))
            return true;
    return false;
}

static void read_refused(const char *program, struct pf_stats *stats,
                         struct web_counts *ret)
{
    for (size_t i = 0; i < pf_stats_count(stats); i++) {
        struct pf_metric metric = pf_stats_metric(stats, i);
        struct web_refused *refused = &ret->refused[ret->n_refused];

        if (ret->n_refused == WEB_REFUSED || metric.type != PF_COUNTER ||
            !is_refusal(metric.name))
            continue;
        refused->program = program;
        refused->count = value_at(stats, i);
        strcpy(refused->name, metric.name);
        strcpy(refused->help, metric.help);
        ret->n_refused += refused->count > 0;
    }
}

static void read_through(struct pf_stats *stats, struct web_through *ret)
{
    ret->pid = pf_stats_pid(stats);
    ret->arrived = number(stats, "records_arrived");
}

static const struct pf_histogram *latencies(struct pf_stats *stats)
{
    for (size_t i = 0; i < pf_stats_count(stats); i++) {
        struct pf_metric metric = pf_stats_metric(stats, i);

        if (metric.type == PF_HISTOGRAM &&
            !strcmp(metric.name, "record_latency_ns"))
            return pf_stats_histogram(stats, i);
    }
    return NULL;
}

static void read_consumer(const char *run, struct web_window *window,
                          struct web_counts *ret)
{
    struct pf_stats *stats = attach(run, "consumer");
    uint64_t position, end;

    if (!stats) {
        web_window_turn(window, 0, NULL);
        return;
    }
    read_through(stats, &ret->consumer);
    read_refused("consumer", stats, ret);
    position = number(stats, "position");
    end = number(stats, "topic_end");
    ret->has_lag = number(stats, "began_ns") > 0;
    ret->lag = end > position ? end - position : 0;
    web_window_turn(window, ret->consumer.pid, latencies(stats));
    pf_stats_close(stats);
}

static void read_producer(const char *run, struct web_counts *ret)
{
    struct pf_stats *stats = attach(run, "producer");

    if (!stats)
        return;
    read_through(stats, &ret->producer);
    read_refused("producer", stats, ret);
    pf_stats_close(stats);
}

/* Take a metric of pf-init's apart: WHAT{program="NAME"}. False: it is not
 * about a program. */
static bool take_apart(const char *metric, char what[24], char name[24])
{
    int end = 0;

    return sscanf(metric, "%23[a-z_]{program=\"%23[a-z0-9-]%n", what, name,
                  &end) == 2 &&
           !strcmp(metric + end, "\"}");
}

/* The program of that name, which is added if it is new. NULL: no room. */
static struct web_program *program(struct web_counts *counts, const char *name)
{
    for (size_t i = 0; i < counts->n_programs; i++)
        if (!strcmp(counts->programs[i].name, name))
            return &counts->programs[i];
    if (counts->n_programs == WEB_PROGRAMS)
        return NULL;
    strcpy(counts->programs[counts->n_programs].name, name);
    return &counts->programs[counts->n_programs++];
}

static void read_program(const char *metric, uint64_t value,
                         struct web_counts *ret)
{
    char what[24], name[24];
    struct web_program *about = take_apart(metric, what, name)
                                    ? program(ret, name)
                                    : NULL;

    if (!about)
        return;
    if (!strcmp(what, "program_state"))
        about->state = value < WEB_PROGRAM_STATES ? (enum web_state)value
                                                  : WEB_PROGRAM_STOPPED;
    else if (!strcmp(what, "program_restarts"))
        about->restarts = value;
    else if (!strcmp(what, "program_since_ns"))
        about->since_ns = (int64_t)value;
    else if (!strcmp(what, "program_pid"))
        about->pid = value;
}

static void read_init(const char *run, struct web_counts *ret)
{
    struct pf_stats *stats = attach(run, "init");

    if (!stats)
        return;
    ret->started_ns = (int64_t)number(stats, "feed_started_ns");
    for (size_t i = 0; i < pf_stats_count(stats); i++) {
        struct pf_metric metric = pf_stats_metric(stats, i);

        if (metric.type != PF_HISTOGRAM)
            read_program(metric.name, value_at(stats, i), ret);
    }
    pf_stats_close(stats);
}

void web_counts_read(const char *run, struct web_window *window,
                     struct web_counts *ret)
{
    *ret = (struct web_counts){0};
    read_producer(run, ret);
    read_consumer(run, window, ret);
    read_init(run, ret);
}
