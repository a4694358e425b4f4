/* kafka_wake.h - a descriptor that wakes poll(2) when a queue has events. */
#ifndef PF_KAFKA_WAKE_H
#define PF_KAFKA_WAKE_H

#include <librdkafka/rdkafka.h>

#include "error.h"

/**
 * Make a descriptor that becomes readable when something arrives in the empty
 * queue. The caller closes it with pf_kafka_wake_close().
 *
 * PF_IO  the kernel gave no descriptor
 */
enum pf_rc pf_kafka_wake_open(rd_kafka_queue_t *queue, int *ret,
                              struct pf_error *err);

/** Make it unreadable again. Call this before looking into the queue. */
void pf_kafka_wake_clear(int fd);

/** Take the descriptor, or -1, from the queue; close both. NULL: nothing. */
void pf_kafka_wake_close(rd_kafka_queue_t *queue, int fd);

#endif
