/* kafka_too_large.h - why a record is too large for its topic. */
#ifndef PF_KAFKA_TOO_LARGE_H
#define PF_KAFKA_TOO_LARGE_H

#include <librdkafka/rdkafka.h>
#include <stddef.h>

#include "error.h"

/** Say in *ret that a record with size bytes of key and value was refused for
 * that, and what the topic takes. Waits up to half a second to learn it. */
void pf_kafka_too_large(rd_kafka_t *rk, const char *topic, size_t size,
                        struct pf_error *ret);

#endif
