/* kafka_header.h - the headers of a record that came from Kafka. */
#ifndef PF_KAFKA_HEADER_H
#define PF_KAFKA_HEADER_H

#include <stdbool.h>
#include <stddef.h>

/** The find_header() of a record (record.h) whose headers are the
 * rd_kafka_message_t that it came in. */
bool pf_kafka_find_header(const void *headers, const char *name,
                          const void **ret_value, size_t *ret_len);

#endif
