/* kafka_target.h - where a sink produces to, and what becomes of records. */
#ifndef PF_KAFKA_TARGET_H
#define PF_KAFKA_TARGET_H

#include <stdbool.h>
#include <stdint.h>

/** The fate of a record. */
enum pf_fate {
    PF_ACKED,   /* acknowledged, as the setting acks demands */
    PF_FAILED,  /* certainly not in the topic */
    PF_UNKNOWN, /* sent, outcome unknown */
};

/** What became of one record. */
struct pf_report {
    uint64_t number; /* how many records the sink had taken before this one */
    enum pf_fate fate;
    int32_t partition;
    int64_t offset;     /* in the partition; -1: not known */
    const char *reason; /* librdkafka's name of the error; "" if it is acked */
};

/** Where a sink produces to. */
struct pf_kafka_target {
    const char *topic; /* of records without one of their own; borrowed for as
                        * long as the sink lives. NULL: all have one */
    const char *dead_letters; /* the same, of those that are dead letters; NULL:
                               * they go where the others go */

    bool moves; /* all records go there, whatever topic they were read from */

    /* A record that Kafka refuses for what it is does not end it: the flush()
     * of a sink returns PF_ABORTED then, and its refused() tells. */
    bool refuses;

    /* Called for each record, in the order in which its partition's were taken,
     * by write(), flush() and pf_kafka_sink_give_up(). NULL: nobody asks. */
    void (*on_report)(void *context, const struct pf_report *report);
    void *context;
};

/** The fate of all records that a sink has taken. */
struct pf_delivery {
    uint64_t taken;
    uint64_t delivered, failed, possibly; /* PF_ACKED, PF_FAILED, PF_UNKNOWN */
};

#endif
