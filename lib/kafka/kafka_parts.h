/* kafka_parts.h - the partitions that a consumer reads, and how far. */
#ifndef PF_KAFKA_PARTS_H
#define PF_KAFKA_PARTS_H

#include <librdkafka/rdkafka.h>
#include <stdbool.h>
#include <stdint.h>

#include "kafka_positions.h"
#include "vec.h"

/** A partition that is read. */
struct pf_kafka_part {
    char *topic; /* owned; no other part's is the same pointer */
    int32_t number;
    const rd_kafka_topic_t *handle; /* of its messages; NULL: none has come */

    int64_t next;     /* the offset after the last record; -1: not known yet */
    bool touched;     /* the last batch has moved it */
    int64_t end;      /* next, if that is the partition's end; else -1 */
    int64_t high;     /* the offset that its next record gets, as last heard */
    int64_t goal;     /* where it ended when reading began; -1: not known yet */
    int64_t since_ms; /* since when an open transaction holds records back */

    struct pf_kafka_positions positions; /* read, and not through yet */
    int64_t position; /* everything before it is through; -1: not known yet */
    int64_t resumed;  /* what was through when it came; -1: not known */
    int64_t began;    /* the first offset that was read; -1: none yet */
    char *metadata;   /* owned; what goes with position; NULL: nothing */
    bool dirty;       /* it has to be committed */
    bool asked;       /* the last request to commit has it */
};

/** All of them. All zero: none. */
struct pf_kafka_parts {
    PF_VEC(struct pf_kafka_part *) list;
    struct pf_kafka_part *last; /* found last; NULL: none */
};

/** The sum of all positions that are known. */
int64_t pf_kafka_parts_position(const struct pf_kafka_parts *parts);

/** Add a partition whose records before offset are through (-1: not known yet).
 * NULL: memory ran out. It lives until it is removed. */
struct pf_kafka_part *pf_kafka_parts_add(struct pf_kafka_parts *parts,
                                         const char *topic, int32_t number,
                                         int64_t offset);

/** Let a copy of text (NULL: nothing) go with its position. False: memory ran
 * out, and what went with it before still does. *changed is set if it is
 * another one than before. */
bool pf_kafka_part_describe(struct pf_kafka_part *part, const char *text,
                            bool *changed);

/** The partition, or NULL. */
struct pf_kafka_part *pf_kafka_parts_find(const struct pf_kafka_parts *parts,
                                          const char *topic, int32_t number);

/** A list of the partitions that are read from a known offset on, each with
 * that offset; the caller's. */
rd_kafka_topic_partition_list_t *
pf_kafka_parts_next(const struct pf_kafka_parts *parts);

/** Remove a partition, if it is there; what is not committed never will be. */
void pf_kafka_parts_remove(struct pf_kafka_parts *parts, const char *topic,
                           int32_t number);

/** Remove all. */
void pf_kafka_parts_release(struct pf_kafka_parts *parts);

/** The partition of a message, or NULL: it is not read any more. */
static inline struct pf_kafka_part *
pf_kafka_parts_of(struct pf_kafka_parts *parts,
                  const rd_kafka_message_t *message)
{
    struct pf_kafka_part *part = parts->last;

    if (part && part->handle == message->rkt &&
        part->number == message->partition)
        return part;
    part = pf_kafka_parts_find(parts, rd_kafka_topic_name(message->rkt),
                               message->partition);
    if (part) {
        part->handle = message->rkt;
        parts->last = part;
    }
    return part;
}

#endif
