/* headers.h - the headers of our records. */
#ifndef PF_HEADERS_H
#define PF_HEADERS_H

#include <stdbool.h>
#include <stddef.h>

#include "text.h"

/* The name of the record's run; its number in the run, counted from 0; and when
 * it was made, in nanoseconds since 1970. The last two are decimal digits. The
 * number of a record without headers is one more than its predecessor's. */
#define PF_HEADER_RUN "feed-run"
#define PF_HEADER_NUMBER "feed-seq"
#define PF_HEADER_TIME "feed-ts"

/* Of a dead letter, after all headers that its record has, in this order: what
 * is wrong with the record, in one word and in a sentence of printable ASCII;
 * and where it came from: topic (or file), partition, offset (or line), and its
 * time in milliseconds since 1970, -1 for none. The last three are decimal
 * digits. Kafka's clients look at the last header of a name. */
#define PF_HEADER_DEAD_KIND "feed-dead-kind"
#define PF_HEADER_DEAD_REASON "feed-dead-reason"
#define PF_HEADER_DEAD_TOPIC "feed-dead-topic"
#define PF_HEADER_DEAD_PARTITION "feed-dead-partition"
#define PF_HEADER_DEAD_OFFSET "feed-dead-offset"
#define PF_HEADER_DEAD_TIMESTAMP "feed-dead-timestamp"

/* After these, of a dead letter that was too long for its topic: how many bytes
 * of its record it is without, in decimal digits. */
#define PF_HEADER_DEAD_LEFT_OUT "feed-dead-left-out"

/** Buffer size for the name of a run, closing NUL included. */
#define PF_RUN_SIZE 65

/** True if these bytes are a legal name of a run: 1 to 64 of [A-Za-z0-9._-]. */
static inline bool pf_run_name_ok(const void *name, size_t len)
{
    return pf_name_ok(name, len, PF_RUN_SIZE - 1);
}

#endif
