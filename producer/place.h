/* place.h - finds where in its topic a run of the producer stopped.
 *
 * Idempotence ends with the process: a producer that starts again knows
 * nothing of the records that the last one sent. The topic does. A record's
 * number follows from the last headers before it (run_sink.h), so the
 * end of the topic tells which number comes next.
 *
 * Where keys decide the partitions, each record has headers. A partition has
 * its records in order up to its last one, so the run goes on at the lowest of
 * the numbers that come next, and leaves out what a partition has (by_key.h).
 */
#ifndef PF_PLACE_H
#define PF_PLACE_H

#include <librdkafka/rdkafka.h>
#include <stdint.h>

#include "error.h"
#include "run_sink.h"

/** Where a run goes on. All zero: at its beginning, wherever that is. */
struct pf_places {
    struct pf_place *at; /* owned; as in pf_run_target */
    size_t n;
    uint64_t first; /* the lowest of their numbers */
    uint64_t fresh; /* the highest: no partition has any from there on */
};

void pf_places_release(struct pf_places *places);

/**
 * Find where the run of *target continues, with a consumer made from a copy of
 * the producer's conf, and log it. The run has count records; 0: no end. seed
 * is that of its prices, to check them; NULL: it has other records, which
 * cannot be checked. Waits for the brokers and the topic as long as it takes,
 * and logs that now and then. Reads the last records of each partition, and
 * more only if these are of another run.
 *
 * Requests of a producer that was killed may still be on their way. So the ends
 * of all partitions have to be the same twice, SETTLE_MS apart, in at most
 * LAST_LOOK times. Requests that arrive even later are detected by the places'
 * offsets.
 *
 * PF_END    a stop was asked for
 * PF_IO     Kafka refuses access
 * PF_FATAL  the run's records in the topic are not complete and in order:
 *           somebody else has written between them, or still writes; or one
 *           has a number that the run cannot have; or a key is in another
 *           partition than its own
 * PF_NOMEM  out of memory
 */
enum pf_rc pf_places_find(const rd_kafka_conf_t *conf,
                          const struct pf_run_target *target, uint64_t count,
                          const uint64_t *seed, struct pf_places *ret,
                          struct pf_error *err);

/** Only find the partitions of a topic, for a run that is not in it. Waits, and
 * returns, as above. */
enum pf_rc pf_places_count(const rd_kafka_conf_t *conf,
                           const struct pf_run_target *target,
                           struct pf_places *ret, struct pf_error *err);

#endif
