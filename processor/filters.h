/* filters.h - what a processor does to records: programs in jq, windows, or
 * both. */
#ifndef PF_PROCESSOR_FILTERS_H
#define PF_PROCESSOR_FILTERS_H

#include "filter.h"
#include "jq_conf.h"
#include "settings.h"
#include "source.h"
#include "stats.h"
#include "window_conf.h"

/** Their settings. */
struct pf_filters {
    struct pf_jq_conf jq;
    struct pf_window_conf windows;
};

/** Rows for the options table of a struct type with a member filters. */
#define PF_FILTERS_OPTIONS(type, filters) \
    PF_JQ_OPTIONS(type, filters.jq), PF_WINDOW_OPTIONS(type, filters.windows)

/**
 * Check what the options table cannot. What it makes is released by
 * pf_filters_release().
 *
 * PF_CONFIG  a setting is wrong; *err says which one, and why
 * PF_NOMEM   memory ran out
 */
enum pf_rc pf_filters_check(struct pf_filters *filters,
                            const struct pf_settings *settings,
                            struct pf_error *err);

void pf_filters_release(struct pf_filters *filters);

/**
 * Open the filter for *filters, which was checked and is borrowed while it is
 * open; *ret is NULL if nothing is to be done to records. source is Kafka's
 * (kafka_source.h), and is asked whether a partition is at its end; it must be
 * open as long. Errors as pf_jq_filter_open() and pf_window_open().
 */
enum pf_rc pf_filters_open(struct pf_filters *filters,
                           const struct pf_source *source,
                           struct pf_stats *stats, struct pf_filter **ret,
                           struct pf_error *err);

#endif
