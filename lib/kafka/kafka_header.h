/* kafka_header.h - the headers of a message, as those of a record. */
#ifndef PF_KAFKA_HEADER_H
#define PF_KAFKA_HEADER_H

#include <librdkafka/rdkafka.h>
#include <stdbool.h>

#include "record.h"

/** The header_at() of a record (record.h) whose headers are the
 * rd_kafka_message_t that it came in. */
static inline bool pf_kafka_header_at(const void *headers, size_t i,
                                      struct pf_header *ret)
{
    rd_kafka_headers_t *list;

    return !rd_kafka_message_headers(headers, &list) &&
           !rd_kafka_header_get_all(list, i, &ret->name, &ret->value,
                                    &ret->len);
}

#endif
