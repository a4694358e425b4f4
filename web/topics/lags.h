/* lags.h - how far behind groups are, by partition, for /metrics. */
#ifndef PF_WEB_LAGS_H
#define PF_WEB_LAGS_H

#include "buffer.h"
#include "kafka.h"

/** A thread that asks Kafka while somebody wants to know. */
struct web_lags;

/**
 * Get ready to ask kafka, which is borrowed.
 *
 * PF_IO     there is no thread
 * PF_NOMEM  out of memory
 */
enum pf_rc web_lags_open(struct web_kafka *kafka, struct web_lags **ret,
                         struct pf_error *err);
void web_lags_close(struct web_lags *lags);

/** Append what was known last, as a family of Prometheus' text format, and have
 * it asked for again. Nothing is known the first time. Does not wait. */
void web_lags_put(struct web_lags *lags, struct pf_buffer *to);

#endif
