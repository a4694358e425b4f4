/* range.h - the records of a partition from one offset to another. */
#ifndef PF_WEB_RANGE_H
#define PF_WEB_RANGE_H

#include "questions.h"
#include "record.h"

/** How many records are taken over from librdkafka at a time. */
#define WEB_RANGE_BATCH 500

/** Reads ranges of a topic's partitions, one after the other. One that begins
 * where the one before has ended costs no new start. */
struct web_range {
    struct web_ask *ask;
    const struct web_kafka_topic *topic;
    rd_kafka_queue_t *queue;
    int32_t partition; /* that is being fetched; -1: none */
    int64_t next;      /* the offset up to which it is looked at */
    rd_kafka_message_t *messages[WEB_RANGE_BATCH];
    size_t n, at; /* messages at at to n - 1 are not looked at yet */
};

/** How reading a range ended. */
enum web_range_end {
    WEB_RANGE_DONE,    /* all of it was looked at */
    WEB_RANGE_STOPPED, /* take() wants no more */
    WEB_RANGE_LATE,    /* not within the time; next says how far it came */
    WEB_RANGE_REFUSED, /* the request is, see struct web_ask */
};

/** Looks at a record, which is borrowed until it returns. False: no more. */
typedef bool web_range_take(void *context, const struct pf_record *record);

/** Both are borrowed until the release. False: refused. */
bool web_range_init(struct web_range *range, struct web_ask *ask,
                    const struct web_kafka_topic *topic);
void web_range_release(struct web_range *range);

/** Give each record of the partition at the offsets from to to - 1 to take(),
 * in their order. There may be none: offsets need not be dense. to is at most
 * the partition's end. Until deadline_ms (pf_now_ms()) at most. */
enum web_range_end web_range_read(struct web_range *range, int32_t partition,
                                  int64_t from, int64_t to, int64_t deadline_ms,
                                  web_range_take *take, void *context);

#endif
