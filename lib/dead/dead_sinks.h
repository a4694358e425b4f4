/* dead_sinks.h - where dead letters go (dead_letters.h): one sink for each form
 * of the setting feed.dead.letters. */
#ifndef PF_DEAD_SINKS_H
#define PF_DEAD_SINKS_H

#include <librdkafka/rdkafka.h>

#include "dead_conf.h"
#include "error.h"
#include "refusal.h"
#include "sink.h"

/**
 * Check the setting, with this policy.
 *
 * PF_CONFIG  as pf_on_bad_check(); or it is not one of the forms, or one of the
 *            input's topics
 */
enum pf_rc pf_dead_conf_check(const struct pf_dead_conf *conf,
                              enum pf_on_bad on_bad, struct pf_error *err);

/**
 * Open the sink for conf, which was checked with PF_ON_BAD_DEAD_LETTER. like
 * has the connection settings of a client, and stays the caller's. Errors as
 * those of the form's own open function; *err begins with the setting's name.
 */
enum pf_rc pf_dead_sink_open(const struct pf_dead_conf *conf,
                             const rd_kafka_conf_t *like, struct pf_sink **ret,
                             struct pf_error *err);

#endif
