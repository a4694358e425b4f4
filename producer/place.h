/* place.h - finds where in its topic a run of the producer stopped.
 *
 * Idempotence ends with the process: a producer that starts again knows
 * nothing of the records that the last one sent. The topic does. A record's
 * number follows from the last headers before it (run_sink.h), so the
 * end of the topic tells which number comes next.
 */
#ifndef PF_PLACE_H
#define PF_PLACE_H

#include <librdkafka/rdkafka.h>
#include <stdint.h>

#include "error.h"
#include "run_sink.h"

/** Where a run continues. */
struct pf_place {
    uint64_t number; /* of the next record; 0: the topic has none of the run */
    int64_t offset;  /* that it will get, if nobody else writes */
};

/**
 * Find where the run of *target continues, with a consumer made from a copy of
 * the producer's conf, and log it. The run has count records; 0: no end. seed
 * is that of its prices, to check them; NULL: it has other records, which
 * cannot be checked. Waits for the brokers and the topic as long as it takes,
 * and logs that now and then. Reads the last records of the topic, and more
 * only if these are of another run.
 *
 * Requests of a producer that was killed may still be on their way. So the end
 * of the topic has to be the same twice, SETTLE_MS apart. Requests that arrive
 * even later are detected by pf_run_target.first_offset.
 *
 * PF_END    a stop was asked for
 * PF_IO     Kafka refuses access
 * PF_FATAL  the run's records in the topic are not complete and in order:
 *           somebody else has written between them
 */
enum pf_rc pf_place_find(const rd_kafka_conf_t *conf,
                         const struct pf_run_target *target, uint64_t count,
                         const uint64_t *seed, struct pf_place *ret,
                         struct pf_error *err);

#endif
