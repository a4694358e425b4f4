/* price_filter.h - a filter that passes prices, and nothing else. */
#ifndef PF_PRICE_FILTER_H
#define PF_PRICE_FILTER_H

#include <stdbool.h>

#include "filter.h"
#include "stats.h"

/** Its counters; they are in stats from index metric on. */
enum pf_price_metric {
    PF_PRICE_ODD,    /* prices_out_of_range */
    PF_PRICE_METRICS /* how many */
};

/** The rows of that table. */
#define PF_PRICE_METRIC_ROWS                                                   \
    {                                                                          \
        "prices_out_of_range",                                                 \
            "Prices that the feed's own producer would not make.", PF_COUNTER, \
            "records"                                                          \
    }

/** What it does; the string is borrowed while it is opened. */
struct pf_price_conf {
    bool strict;
    const char *table; /* a file to keep the last prices in; empty: none */
    size_t metric;
};

/**
 * Decode each record's value and pass it on as the canonical text of its price
 * (price.h), whatever the order, blanks and digits of the original. A value
 * that is not a price is refused, with the kind of error. A price outside the
 * range of the feed's own producer is counted and, with strict, refused too.
 *
 * The table (price_table.h) gets each price that is passed on, when it is
 * decoded: one that comes again, or that a limit or a stop leaves to the next
 * run, is in it as well.
 *
 * PF_IO     the table's file cannot be created
 * PF_NOMEM  memory ran out
 */
enum pf_rc pf_price_filter_open(const struct pf_price_conf *conf,
                                struct pf_stats *stats, struct pf_filter **ret,
                                struct pf_error *err);

#endif
