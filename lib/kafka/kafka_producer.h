/* kafka_producer.h - a producer and the reports of what it delivers: what the
 * sinks that produce to topics share. */
#ifndef PF_KAFKA_PRODUCER_H
#define PF_KAFKA_PRODUCER_H

#include <librdkafka/rdkafka.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "error.h"
#include "kafka_held.h"
#include "kafka_produce.h"
#include "kafka_target.h"
#include "log.h"
#include "tickets.h"

/** A producer. The caller sets transactional; the first part is for it to read.
 */
struct pf_kafka_producer {
    rd_kafka_t *rk;
    struct pf_delivery delivery;
    struct pf_tickets tickets;
    rd_kafka_resp_err_t failed; /* of the first record that failed, */
    struct pf_error failure;    /* and the same in a sentence, */
    const char *failed_for;     /* its topic, */
    size_t failed_size;         /* and how long it was, with its key */
    bool last;                  /* none follows before the next flush */

    /* A record that failed is taken back with its transaction: it does not hold
     * up its ticket, and only counts as a failure if the next transaction would
     * not do better. */
    bool transactional;

    /* Else one whose topic is not known for a moment is sent again, and none is
     * taken meanwhile. */
    struct pf_kafka_held held;
    bool is_unknown; /* its topic, when it was offered: wait a little */

    struct pf_kafka_target target;
    rd_kafka_queue_t *queue;      /* of delivery reports */
    int wake;                     /* readable when there are some */
    rd_kafka_topic_t *topics[2];  /* the target's; NULL: it has none */
    uint64_t first, n;            /* records that have arrived: n from number
                                   * first on */
    int32_t partition;            /* of the last record taken */
    rd_kafka_topic_t *kept_topic; /* of the last one that arrived, */
    int32_t kept;                 /* and its partition */
    uint64_t seen;                /* reported when waiting was last looked at */
    int64_t seen_ms;
    struct pf_log_limit log_limit;
    struct pf_kafka_produce produce;
};

/**
 * Open it with conf, of which this call takes ownership, whatever the outcome.
 * *ret, all zero but for transactional, must be closed, whatever the outcome.
 *
 * PF_CONFIG  librdkafka refuses the configuration; *err has its reason
 * PF_IO      the kernel gave no descriptor
 */
enum pf_rc pf_kafka_producer_open(struct pf_kafka_producer *ret,
                                  rd_kafka_conf_t *conf,
                                  const struct pf_kafka_target *target,
                                  struct pf_error *err);

/** As the write() of a sink. *ret_why is why librdkafka did not take the rest.
 * PF_AGAIN is also for a record that is refused at once, see refuses below; and
 * for one whose topic is not known, after others have arrived. */
enum pf_rc pf_kafka_producer_write(struct pf_kafka_producer *producer,
                                   const struct pf_record *records, size_t n,
                                   uint64_t ticket, size_t *ret_taken,
                                   rd_kafka_resp_err_t *ret_why,
                                   struct pf_error *err);

/** Take the reports that have come. Does not wait. */
void pf_kafka_producer_poll(struct pf_kafka_producer *producer);

/** Is it to be waited for, before more is written or all is there? */
bool pf_kafka_producer_busy(const struct pf_kafka_producer *producer);

/** What is kept to be sent again has failed. */
void pf_kafka_producer_let_go(struct pf_kafka_producer *producer);

/** How many records are under way: of these no report has come. */
uint64_t pf_kafka_producer_pending(const struct pf_kafka_producer *producer);

/** Wait for reports, or until a stop is asked for. */
void pf_kafka_producer_wait(struct pf_kafka_producer *producer, int timeout_ms);

/** Log if records are waiting and none has been delivered for long. */
void pf_kafka_producer_look(struct pf_kafka_producer *producer);

/** Has a record failed that fails again, and may the sink go on? Only with
 * refuses of the target. */
bool pf_kafka_producer_refuses(const struct pf_kafka_producer *producer);

/** As the refused() of a sink. */
bool pf_kafka_producer_refused(struct pf_kafka_producer *producer,
                               struct pf_error *ret);

void pf_kafka_producer_close(struct pf_kafka_producer *producer);

/** Close it but for its client, which becomes the caller's: to destroy that may
 * take a while. The client reports nothing any more. */
rd_kafka_t *pf_kafka_producer_leave(struct pf_kafka_producer *producer);

#endif
