/* bad_records.h - what a producer does with bad lines of a recording, by its
 * settings. */
#ifndef PF_BAD_RECORDS_H
#define PF_BAD_RECORDS_H

#include <librdkafka/rdkafka.h>

#include "dead_conf.h"
#include "on_bad.h"
#include "options.h"
#include "pump.h"
#include "settings.h"

/** The settings; the strings are the options table's. */
struct pf_bad_records {
    int on_bad; /* enum pf_on_bad */
    char *dead_letters;
    int old_on_bad; /* the same, by their older names; the file has no "file:"
                     */
    char *old_dead_letters;
    const char *older_in; /* where that is set, if dead_letters is from there;
                           * borrowed from the settings */
};

/** Rows for the options table of a struct type with a member bad. */
#define PF_BAD_RECORDS_OPTIONS(type, bad)                                     \
    PF_ON_BAD_OPTION(type, bad.on_bad, "feed.on.bad",                         \
                     "line of a recording that is not an event: skip counts " \
                     "and describes it; stop ends before it; dead-letter "    \
                     "puts it aside"),                                        \
        PF_OPTION_STR(type, bad.dead_letters, "feed.dead.letters", "",        \
                      "where dead-letter puts lines, with the reason: a "     \
                      "topic, or file:PATH"),                                 \
        PF_ON_BAD_OPTION(type, bad.old_on_bad, "feed.replay.on.bad",          \
                         "older name of feed.on.bad"),                        \
        PF_OPTION_STR(type, bad.old_dead_letters, "feed.replay.dead.letters", \
                      "", "older form of feed.dead.letters: a path")

/**
 * Let the older names stand for the newer ones, with a line in the log. Of an
 * older name and a newer one the higher rank wins, and the newer one if both
 * have the same. Then check them for a producer to this topic.
 *
 * PF_CONFIG  a setting is wrong; *err says which one, and why
 */
enum pf_rc pf_bad_records_check(struct pf_bad_records *bad,
                                const struct pf_settings *settings,
                                const char *topic, struct pf_error *err);

/**
 * Put into *pump what is done with bad records of this file ("-": standard
 * input), of which none is longer than largest bytes. kafka has the settings of
 * a client, and stays the caller's. Errors: as pf_dead_sink_open(). The caller
 * closes pump->dead_letters.
 */
enum pf_rc pf_bad_records_open(const struct pf_bad_records *bad,
                               const char *file, size_t largest,
                               const rd_kafka_conf_t *kafka,
                               struct pf_pump *pump, struct pf_error *err);

#endif
