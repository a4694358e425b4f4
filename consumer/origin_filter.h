/* origin_filter.h - a filter that makes of dead letters the records that they
 * were. */
#ifndef PF_ORIGIN_FILTER_H
#define PF_ORIGIN_FILTER_H

#include <librdkafka/rdkafka.h>

#include "filter.h"

/**
 * Make of each dead letter (dead_letters.h) the record that was refused: with
 * the topic, partition and timestamp that it had, and without our headers. A
 * timestamp of 0 is not passed on: librdkafka takes it for none. With topic,
 * which is borrowed (NULL: none), all are for that one, where their keys decide
 * the partition.
 *
 * Anybody who may write to the topic of dead letters can name any topic in one.
 * A record that is not a dead letter, or is from a topic or partition that is
 * not there, or from one of Kafka's own topics (__*), is refused. To know that,
 * the first one of each topic waits until a broker has answered; of those that
 * are not there, the first of a batch does. Names that are not there take no
 * memory. like has the connection settings of a client, and stays the caller's.
 *
 * PF_CONFIG  librdkafka refuses the configuration; *err has its reason
 * PF_NOMEM   out of memory
 *
 * apply() also fails with PF_END, if a stop is asked for while it waits.
 */
enum pf_rc pf_origin_filter_open(const rd_kafka_conf_t *like, const char *topic,
                                 struct pf_filter **ret, struct pf_error *err);

/** The dead letter that such a record was, as it was put in: for a sink, during
 * write(). */
const struct pf_record *pf_origin_letter(const struct pf_record *record);

#endif
