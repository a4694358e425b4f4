/* kafka_consumer.h - the state of a consumer: what its parts share. They are
 * kafka_source (the source's operations), kafka_fetch (messages become
 * records), kafka_change (which partitions are read), and kafka_alone (the same
 * without a group). */
#ifndef PF_KAFKA_CONSUMER_H
#define PF_KAFKA_CONSUMER_H

#include <librdkafka/rdkafka.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "error.h"
#include "kafka_commit.h"
#include "kafka_end.h"
#include "kafka_group.h"
#include "kafka_parts.h"
#include "kafka_start.h"
#include "log.h"
#include "source.h"

/** Most records of a batch. */
#define PF_KAFKA_CONSUMER_BATCH 1000

/** The pause between two requests for offsets, in ms. */
#define PF_KAFKA_RETRY_MS 50

/** A consumer. */
struct pf_kafka_consumer {
    struct pf_source base;
    struct pf_kafka_start start;
    rd_kafka_t *rk;
    rd_kafka_queue_t *queue;         /* of records */
    int wake;                        /* readable when there are some */
    struct pf_kafka_resolve resolve; /* of a partition without a group */
    bool resolved, drained;
    struct pf_kafka_end end;
    struct pf_kafka_seen seen;

    struct pf_kafka_parts parts;
    struct pf_kafka_group group;
    struct pf_change change; /* come NULL: none is pending */
    char **texts;            /* what its metadata borrow from, one for each */
    bool began;              /* a change has been settled */
    bool told_end;           /* PF_END was returned since reading began */
    bool rewound;            /* a change that goes back has to come */
    pf_describe *describe;   /* NULL: positions have no metadata */
    void *describer;
    struct pf_partition *positions; /* that were given to somebody to keep */
    enum pf_rc failed;              /* when the change was applied */
    struct pf_error failure;

    rd_kafka_message_t
        *messages[PF_KAFKA_CONSUMER_BATCH]; /* that records borrow from */
    struct pf_record records[PF_KAFKA_CONSUMER_BATCH];
    size_t n_messages, n_seen; /* how many there are, and were read */

    size_t n_given;  /* records of the last batch */
    uint64_t ticket; /* of the last of them */
    struct pf_kafka_commit commit;
    struct pf_log_limit log_limit, gone_limit;
};

/** Does it read all partitions of a topic, without a group? */
static inline bool pf_kafka_reads_all(const struct pf_kafka_consumer *s)
{
    return !s->start.group && s->start.partition == PF_KAFKA_ALL;
}

#endif
