/* try.h - what would become of the next records of an input, for people to
 * read.
 *
 *     Kafka, without the group --> try_filter around the filters --> console
 */
#ifndef PF_PROCESSOR_TRY_H
#define PF_PROCESSOR_TRY_H

#include <librdkafka/rdkafka.h>
#include <stddef.h>
#include <stdint.h>

#include "error.h"
#include "filters.h"
#include "processor_topics.h"
#include "settings.h"
#include "stats.h"

/**
 * Read the setting feed.try, which is text: *ret is how many records to try; 0
 * if it is not set.
 *
 * PF_CONFIG  it is set, and is not 1 or more. An empty one may be a slip, and
 *            then nothing has to be processed either
 */
enum pf_rc pf_try_check(const char *text, const struct pf_settings *settings,
                        uint64_t *ret, struct pf_error *err);

/** What to try. All of it stays the caller's. */
struct pf_try {
    struct pf_processor_topics topics; /* checked */
    struct pf_filters *filters;        /* checked */
    uint64_t count;                    /* of records, 1 or more */

    /* Where the filters and the source count; its table begins with
     * PF_PUMP_METRIC_ROWS, and the source's is from kafka_metric on. */
    struct pf_stats *stats;
    size_t kafka_metric;
};

/**
 * Print what would become of the next records to standard output, until there
 * were as many as are wanted, the input has no more, or a stop is asked for.
 * They are read from where the group has come to, by a consumer that is not a
 * member of it: nobody loses a partition. Nothing is written or committed, and
 * no topic is created; the topics to write are not even looked at.
 *
 * Takes ownership of kafka, the consumer's configuration, whatever the outcome.
 *
 * PF_END  nobody reads standard output any more
 * other   the source, or a filter, failed with this; *err tells why
 */
enum pf_rc pf_try(const struct pf_try *what, rd_kafka_conf_t *kafka,
                  struct pf_error *err);

#endif
