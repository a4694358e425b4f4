/* window_world.h - what tests of windows need: a filter with settings, records,
 * and results as text. */
#ifndef WINDOW_WORLD_H
#define WINDOW_WORLD_H

#include "unit.h"

#include "options.h"
#include "window_conf.h"
#include "window_filter.h"

/** Names and values: {"feed.window.size", "60s", ..., NULL}. */
typedef const char *const settings_list[];

struct world_conf {
    struct pf_window_conf windows;
};

static const struct pf_option world_options[] = {
    PF_WINDOW_OPTIONS(struct world_conf, windows), PF_OPTION_END};

struct world {
    struct world_conf conf;
    struct pf_stats *stats;
    struct pf_filter *before; /* it gets */
    struct pf_filter *filter;
    struct pf_filtered out; /* of the last call */
    struct pf_error err;
};

/** Apply and check these settings. */
static inline enum pf_rc world_check(struct world *w, const char *const *list)
{
    struct pf_settings settings = pf_settings_init();
    enum pf_rc rc = PF_OK;

    for (; *list; list += 2)
        assert_int_equal(pf_settings_put(&settings, list[0], list[1], "test",
                                         PF_FROM_COMMAND, NULL),
                         PF_OK);
    rc = pf_options_apply(&w->conf, world_options, &settings, &w->err);
    if (!rc)
        rc = pf_window_check(&w->conf.windows, &settings, &w->err);
    pf_settings_release(&settings);
    return rc;
}

/** Open a filter by what world_check() has taken. */
static inline void world_open(struct world *w)
{
    static const struct pf_metric metrics[] = {PF_WINDOW_METRIC_ROWS};

    if (!w->stats)
        assert_int_equal(
            pf_stats_open("", metrics, COUNT(metrics), &w->stats, NULL), PF_OK);
    assert_int_equal(
        pf_window_open(&w->conf.windows, w->before, w->stats, &w->filter, NULL),
        PF_OK);
}

static inline void world_close(struct world *w)
{
    pf_filter_close(w->filter);
    w->filter = NULL;
    pf_stats_close(w->stats);
    w->stats = NULL;
    pf_options_release(&w->conf, world_options);
}

/** Partition number of t comes, where it is through up to offset, with that
 * text. *ret_from is where it is to be read. */
static inline enum pf_rc world_assign(struct world *w, int32_t number,
                                      int64_t offset, const char *metadata,
                                      int64_t *ret_from)
{
    struct pf_partition partition = {.topic = "t",
                                     .number = number,
                                     .offset = offset,
                                     .metadata = metadata,
                                     .from = -1};
    enum pf_rc rc = w->filter->ops->assigned(w->filter, &partition, &w->err);

    *ret_from = partition.from >= 0 ? partition.from : partition.offset;
    return rc;
}

static inline enum pf_rc world_apply(struct world *w,
                                     const struct pf_record *records, size_t n)
{
    return w->filter->ops->apply(w->filter, records, n, &w->out, &w->err);
}

static inline uint64_t world_metric(struct world *w, size_t index)
{
    return *pf_stats_at(w->stats, index);
}

#endif
