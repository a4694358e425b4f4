/* place.h - where in its topic a run of the producer stopped.
 *
 * Idempotence ends with the process: a producer that is started again knows
 * nothing of the records of the one before it. The topic does. Each record's
 * number follows from the last headers before it (kafka_sink.h), so the
 * end of the topic tells which one comes next.
 */
#ifndef PF_PLACE_H
#define PF_PLACE_H

#include <librdkafka/rdkafka.h>
#include <stdbool.h>
#include <stdint.h>

#include "error.h"
#include "record.h"

/** What to look for, and where. */
struct pf_place_search {
    const char *topic;
    int32_t partition;
    const char *run;

    /* Is this the record of that number in the run? NULL: that cannot be
     * told. Called for those records of the run that are read. */
    bool (*is_number)(const void *context, uint64_t number,
                      const struct pf_record *record);
    const void *context;
};

/** Where a run goes on. */
struct pf_place {
    uint64_t number; /* of the record that comes next; 0: none is there */
    int64_t offset;  /* where it will come, if nobody else writes */
};

/**
 * Find the place of the run by a consumer of its own, made from a copy of the
 * producer's conf. Waits for the brokers and the topic as long as it takes,
 * and says so now and then. Reads the topic's last records, and more of it
 * only when these are of another run.
 *
 * The requests of a producer that was killed may still be on their way. The
 * end of the topic has to be the same twice, SETTLE_MS apart; what comes
 * later yet is for pf_kafka_target.first_offset to find.
 *
 * PF_END    a stop was asked for
 * PF_IO     Kafka refuses access
 * PF_FATAL  the run's numbers or bytes in the topic are not one run's, whole
 *           and in order: somebody else has written between them
 */
enum pf_rc pf_place_find(const rd_kafka_conf_t *conf,
                         const struct pf_place_search *search,
                         struct pf_place *ret, struct pf_error *err);

#endif
