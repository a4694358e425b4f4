/* kafka_start.h - what a consumer reads, and at which offset it begins. */
#ifndef PF_KAFKA_START_H
#define PF_KAFKA_START_H

#include <librdkafka/rdkafka.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "error.h"
#include "kafka_parts.h"
#include "log.h"
#include "stats.h"

/** Instead of a partition's number: all that the topic has at the start. */
#define PF_KAFKA_ALL (-1)

/** Metrics of a source, one for each member of struct pf_kafka_seen. */
enum pf_kafka_metric {
    PF_KAFKA_BEGAN,    /* began_ns */
    PF_KAFKA_POSITION, /* position */
    PF_KAFKA_END,      /* topic_end */
    PF_KAFKA_HELD,     /* records_held_back */
    PF_KAFKA_METRICS   /* how many */
};

/** The rows of that table. */
#define PF_KAFKA_METRIC_ROWS                                                \
    {"began_ns", "When it knew where to begin.", PF_GAUGE, PF_UNIT_MOMENT}, \
        {"position", "Offset after the last record that has arrived.",      \
         PF_GAUGE, "offset"},                                               \
        {"topic_end", "Offset that the topic's next record will get.",      \
         PF_GAUGE, "offset"},                                               \
    {                                                                       \
        "records_held_back",                                                \
            "Records that wait for an open transaction to end.", PF_GAUGE,  \
            "records"                                                       \
    }

/** What to consume, and where to start. */
struct pf_kafka_start {
    const char *topic; /* borrowed for as long as the source lives */
    int32_t partition; /* or PF_KAFKA_ALL: offset is then not a number */
    bool chosen;       /* the user has set partition, and knows of others */

    /* With PF_KAFKA_ALL: topic is a list, or a pattern (kafka_group.h), and
     * what of it is there at the start is read: one topic or more. */
    bool listed;

    /* A member of the group, which says what it reads: topic is then a list, or
     * a pattern (kafka_group.h); partition, chosen, offset and whose do not
     * count. */
    bool group;

    /* An offset, or RD_KAFKA_OFFSET_BEGINNING, _END or _STORED: the group's
     * committed position, or if there is none, what auto.offset.reset says. */
    int64_t offset;
    const char *whose; /* what set it, for messages; NULL: feed.start */

    /* PF_END at the end of the topic: of each partition at its end, or after
     * the one that it had when reading began, as one that somebody writes to
     * may never be at its end. Who reads on then gets what came after it. */
    bool end_at_eof;

    /* Each partition ends where it ended when reading began: what is written
     * there later is not read. For who writes, by what it does with the
     * records, to the topic that it reads. */
    bool as_it_was;

    /* The group's positions are committed by who asks for them with
     * positions(), such as a transaction: this source commits none. */
    bool kept;

    /* A topic that is recreated while it is read, or whose broker has lost
     * records, goes on at a lower offset than was read. True: read() fails
     * then. False: that is a warning, and the records are delivered. */
    bool never_back;

    /* The group is never asked for anything, so no rights on it are needed:
     * for a consumer that neither starts at RD_KAFKA_OFFSET_STORED nor
     * commits. */
    bool without_group;

    /* Most records of a batch; 0: as many as fit. A position is committed
     * between two batches, or in the last one: who fails at a single record
     * reads one at a time, to begin with it the next time. */
    size_t most;

    /* Where this source sets its metrics, from index metric on; NULL: nowhere.
     */
    struct pf_stats *stats;
    size_t metric;
};

/** What a consumer knows of its partitions: sums over all of them. */
struct pf_kafka_seen {
    int64_t began_ns; /* when the first offset was known; 0: not yet */
    int64_t position; /* where reading began, and then the position that was
                       * last committed */
    int64_t end;      /* the offset that the next record will get */
    int64_t held; /* records before that which open transactions hold back */
};

/** Log that retention has removed the records of a partition from offset on,
 * below low, before they were read; nothing if that is none. */
void pf_kafka_tell_gone(const char *topic, int32_t partition, int64_t offset,
                        int64_t low);

/** Set the metrics of start to that. */
void pf_kafka_seen_tell(const struct pf_kafka_seen *seen,
                        const struct pf_kafka_start *start);

/** The progress of finding the first offset. */
struct pf_kafka_resolve {
    bool reset_to_end; /* auto.offset.reset is latest */
    bool reset_fails;  /* it is error */
    int timeout_ms;    /* of the next request; grows if brokers are slow */
    struct pf_log_limit log_limit;
};

/**
 * Initialise *ret: nothing asked yet. What to do without a committed position
 * is taken from auto.offset.reset in conf, which is then set to "earliest",
 * unless it is "error".
 *
 * PF_CONFIG  conf has no auto.offset.reset
 */
enum pf_rc pf_kafka_resolve_init(struct pf_kafka_resolve *resolve,
                                 rd_kafka_conf_t *conf, struct pf_error *err);

/**
 * Ask the brokers where to begin, and set *ret to an absolute offset, *ret_high
 * to the one that the topic's next record gets. With one
 * librdkafka starts at once, while for "earliest" it would wait half a second
 * for its own request. Takes at most 200 ms at first, later up to 1.2 s where
 * no broker answers, and 2 s where one is slow to.
 *
 * A committed position below the topic's first offset is moved up to it. One
 * beyond the topic's end is moved to its beginning: it must be a new topic of
 * the same name. Both are logged, with the number of records concerned.
 *
 * *ret_text, set whatever the outcome, is what was committed with the position:
 * the caller's to free, NULL if there is none. ret_text NULL: not wanted.
 *
 * PF_AGAIN  no broker, topic or partition yet (logged, rate-limited)
 * PF_IO     no access, start->offset is beyond the topic's end, or
 *           auto.offset.reset is error and there is no committed position
 */
enum pf_rc pf_kafka_resolve_step(struct pf_kafka_resolve *resolve,
                                 rd_kafka_t *rk,
                                 const struct pf_kafka_start *start,
                                 int64_t *ret, int64_t *ret_high,
                                 char **ret_text, struct pf_error *err);

/**
 * The same for all partitions of the topic, or with start->listed of all topics
 * that it names: add each to parts, with its first offset, its end, and what
 * was committed with its position. After PF_AGAIN call it again: it goes on
 * with the next.
 *
 * PF_AGAIN, PF_IO  as above
 * PF_NOMEM         out of memory
 */
enum pf_rc pf_kafka_resolve_all(struct pf_kafka_resolve *resolve,
                                rd_kafka_t *rk,
                                const struct pf_kafka_start *start,
                                struct pf_kafka_parts *parts,
                                struct pf_error *err);

/**
 * Log how many partitions the topic has besides the one that is read: a warning
 * unless start->chosen. Asks the brokers, which takes less than 1 ms, at most
 * 200 ms; logs nothing if they do not answer.
 */
void pf_kafka_tell_unread(rd_kafka_t *rk, const struct pf_kafka_start *start);

#endif
