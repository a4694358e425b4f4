/* price_filter.h - a filter that lets prices through, and nothing else. */
#ifndef PF_PRICE_FILTER_H
#define PF_PRICE_FILTER_H

#include <stdbool.h>

#include "filter.h"
#include "stats.h"

/** What it counts, at metric and after it in stats. */
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

/**
 * Decode each record's value, and put it out again as the canonical text of
 * its price (price.h), whatever its own order, blanks and digits were. What
 * is no price is refused, with its kind; a price outside of what the feed's
 * own producer makes is counted, and with strict refused as well.
 *
 * PF_NOMEM  memory ran out
 */
enum pf_rc pf_price_filter_open(bool strict, struct pf_stats *stats,
                                size_t metric, struct pf_filter **ret,
                                struct pf_error *err);

#endif
