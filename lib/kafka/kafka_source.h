/* kafka_source.h - a source that consumes a topic: one of its partitions,
 * all of them, or those that a group gives it. */
#ifndef PF_KAFKA_SOURCE_H
#define PF_KAFKA_SOURCE_H

#include <librdkafka/rdkafka.h>
#include <stdbool.h>
#include <stdint.h>

#include "error.h"
#include "kafka_start.h"
#include "source.h"

/**
 * Open a consumer with conf, of which this call takes ownership, whatever the
 * outcome. It does not wait for a broker or for the topic: the first reads do,
 * and log once in a while what they are waiting for. Without a group,
 * partitions are assigned, not subscribed to, so that there is no rebalance to
 * wait for, not even after a crash; read() then returns PF_SETTLE once, when
 * they are known. A member of a group gets it at each change of its partitions:
 * settled() commits the positions of those that go, for a second at most, and
 * gives them away.
 *
 * commit() commits in the background: one request at a time, each with the
 * newest positions. close() completes the last commit if the broker answers
 * within 0.6 s, and leaves the group; after a stop both take 0.8 s at most. In
 * conf enable.auto.commit and enable.auto.offset.store must be false, and
 * enable.partition.eof true. What describe() gives is committed for a member of
 * a group, and only for one.
 *
 * auto.offset.reset in conf applies to the start. If the topic no longer has
 * the position while it is read, because it was recreated or retention was
 * faster, reading goes on at the topic's beginning: those records have not been
 * read. With "error" read() fails instead.
 *
 * PF_CONFIG  librdkafka refuses the configuration; *err has its reason
 * PF_IO      the kernel gave no descriptor
 * PF_NOMEM   out of memory
 *
 * read() fails with PF_IO if Kafka refuses access or the topic goes back (see
 * never_back), and with PF_FATAL if this consumer cannot go on.
 */
enum pf_rc pf_kafka_source_open(rd_kafka_conf_t *conf,
                                const struct pf_kafka_start *start,
                                struct pf_source **ret, struct pf_error *err);

/** What a source that was opened here knows at this moment. */
struct pf_kafka_seen pf_kafka_source_seen(const struct pf_source *source);

/** Its client, for who keeps the positions of its group; not after its close.
 */
rd_kafka_t *pf_kafka_source_client(const struct pf_source *source);

/** What it knows of that partition; NULL: it does not read it (yet). Valid
 * until the next read(). */
const struct pf_kafka_part *pf_kafka_source_part(const struct pf_source *source,
                                                 const char *topic,
                                                 int32_t partition);

/** Whether that partition had nothing more that can be read, as far as the
 * broker had told, when read() was called last. */
bool pf_kafka_source_at_end(const struct pf_source *source, const char *topic,
                            int32_t partition);

#endif
