/* kafka_header.h - the headers of a record that came from Kafka. */
#ifndef PF_KAFKA_HEADER_H
#define PF_KAFKA_HEADER_H

#include <librdkafka/rdkafka.h>
#include <stdbool.h>

/** The find_header() of a record (record.h) whose headers are the
 * rd_kafka_message_t that it came in. */
static inline bool pf_kafka_find_header(const void *headers, const char *name,
                                        const void **ret_value, size_t *ret_len)
{
    rd_kafka_headers_t *list;

    return !rd_kafka_message_headers(headers, &list) &&
           !rd_kafka_header_get_last(list, name, ret_value, ret_len);
}

#endif
