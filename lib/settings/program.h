/* program.h - what all our programs' command lines and settings share. */
#ifndef PF_PROGRAM_H
#define PF_PROGRAM_H

#include "error.h"
#include "kafka_conf.h"
#include "options.h"
#include "settings.h"

/** A long option that sets a setting: --ledger=FILE, or --follow. */
struct pf_long_option {
    const char *name; /* NULL ends a list */
    const char *setting;
    const char *value; /* NULL: the option's argument */
};

/** What a program is, and does. One constant for each. */
struct pf_program {
    const char *name;    /* for log lines: "producer" */
    const char *command; /* "pf-producer" */
    const char *prefix;  /* of its environment variables: "PRODUCER_" */
    const char *summary; /* what it does, for --help; ends in a newline */
    const struct pf_option *options;
    struct pf_kafka_default *kafka_defaults; /* NULL: it has no Kafka */
    const struct pf_long_option *longs;      /* NULL: none but those of all */
    const char *exit_codes;                  /* for --help; NULL: as ever */

    /*
     * *conf has been filled from the options. Check what their table cannot,
     * and give those of kafka_defaults that follow from *conf their values.
     *
     * PF_CONFIG  a mistake; *err says where, and what it is
     */
    enum pf_rc (*prepare)(void *conf, const struct pf_settings *settings,
                          struct pf_error *err);

    /*
     * Do the program's work, until it ends by itself or a stop is asked for.
     * Takes kafka (NULL: it has none) over, whatever the outcome, which
     * becomes the exit code.
     */
    enum pf_rc (*run)(const void *conf, rd_kafka_conf_t *kafka,
                      struct pf_error *err);
};

/**
 * The main function of program: read its command line argv, the files named
 * by -F and the environment into *conf, which is all zero, and do its work;
 * or answer --help, --version, --manual or --show-config on standard output.
 * Returns the exit code (error.h); a failure is logged with its sentence.
 */
int pf_program_main(const struct pf_program *program, int argc, char **argv,
                    void *conf);

#endif
