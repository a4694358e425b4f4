#include "record.h"

#include <librdkafka/rdkafka.h>

bool pf_record_header(const struct pf_record *record, const char *name,
                      const void **ret_value, size_t *ret_len)
{
    const rd_kafka_message_t *message = record->headers;
    rd_kafka_headers_t *headers;

    return message && !rd_kafka_message_headers(message, &headers) &&
           !rd_kafka_header_get_last(headers, name, ret_value, ret_len);
}
