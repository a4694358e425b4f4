#include "kafka_header.h"

#include <librdkafka/rdkafka.h>

bool pf_kafka_find_header(const void *headers, const char *name,
                          const void **ret_value, size_t *ret_len)
{
    const rd_kafka_message_t *message = headers;
    rd_kafka_headers_t *list;

    return !rd_kafka_message_headers(message, &list) &&
           !rd_kafka_header_get_last(list, name, ret_value, ret_len);
}
