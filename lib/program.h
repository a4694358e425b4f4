/* program.h - what all our programs' command lines and settings share. */
#ifndef PF_PROGRAM_H
#define PF_PROGRAM_H

#include <stdbool.h>

#include "error.h"
#include "kafka_conf.h"
#include "options.h"
#include "settings.h"

/** What a program is. One constant for each. */
struct pf_program {
    const char *name;    /* for log lines: "producer" */
    const char *command; /* "pf-producer" */
    const char *prefix;  /* of its environment variables: "PRODUCER_" */
    const char *summary; /* what it does, for --help; ends in a newline */
    const struct pf_option *options;
    const struct pf_kafka_default *kafka_defaults;
};

/** What the command line asks for, besides settings. */
struct pf_request {
    bool show_config; /* print the settings, and end */
    bool done;        /* --help or --version: answered already */
};

/**
 * Fill *settings, empty before, from what program's command line argv, its
 * environment and the files named by -F say, and *conf from these and the
 * table of options. Answers --help, --version and --manual on standard
 * output by itself.
 *
 * PF_CONFIG  a mistake in one of these; *err says where
 * PF_IO      standard output does not take the answer
 * PF_NOMEM   memory ran out
 *
 * Whatever the outcome, *settings and *conf are then to be released.
 */
enum pf_rc pf_program_configure(const struct pf_program *program, int argc,
                                char **argv, struct pf_settings *settings,
                                void *conf, struct pf_request *ret,
                                struct pf_error *err);

/**
 * Print every setting, its value, and where that is from.
 *
 * PF_IO  standard output does not take it
 */
enum pf_rc pf_program_show(const struct pf_program *program,
                           const struct pf_settings *settings,
                           struct pf_error *err);

#endif
