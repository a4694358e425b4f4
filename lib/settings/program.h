/* program.h - the common main function: command line and settings. */
#ifndef PF_PROGRAM_H
#define PF_PROGRAM_H

#include <stdbool.h>
#include <stdio.h>

#include "error.h"
#include "options.h"
#include "settings.h"

/** A long option that sets a setting, such as --ledger=FILE or --follow. */
struct pf_long_option {
    const char *name; /* NULL ends a list */
    const char *setting;
    const char *value; /* NULL: the option's argument */
};

/**
 * A library with settings of its own, such as Kafka's client: a setting that is
 * not one of ours passes through to it. One constant for each. defaults is what
 * the program has it set to before the user's own, in the library's form.
 */
struct pf_library {
    const char *exit_codes; /* for --help, of programs without their own */

    /* True if it has a setting of that name. */
    bool (*knows)(const char *name);

    /* Print the defaults: for --help, and as a table in Markdown. */
    void (*help)(const void *defaults, FILE *out);
    void (*markdown)(const void *defaults, FILE *out);

    /* Print defaults and settings with their origin; secrets are masked. */
    void (*show)(const void *defaults, const struct pf_settings *settings,
                 FILE *out);

    /*
     * Make its configuration, which conf_free() destroys.
     *
     * PF_CONFIG  a setting that it does not know, or refuses; *err begins with
     *            where that came from
     */
    enum pf_rc (*conf_new)(const void *defaults,
                           const struct pf_settings *settings, void **ret,
                           struct pf_error *err);
    void (*conf_free)(void *conf);
};

/** What --version names besides the program itself. */
struct pf_part {
    const char *name; /* NULL ends a list */
    const char *(*version)(void);
};

/** The description of a program: one constant for each. */
struct pf_program {
    const char *name;    /* for log lines: "producer" */
    const char *command; /* "pf-producer" */
    const char *prefix;  /* of its environment variables: "PRODUCER_" */
    const char *summary; /* what it does, for --help; ends in a newline */
    const struct pf_option *options;
    const struct pf_part *parts;        /* NULL: none */
    const struct pf_library *library;   /* NULL: only our settings */
    const void *library_defaults;       /* as the library has them */
    const struct pf_long_option *longs; /* its own; NULL: none */
    const char *exit_codes;             /* for --help; NULL: the usual */

    /*
     * *conf has been filled from the options. Check what their table cannot,
     * and set those of library_defaults that depend on *conf.
     *
     * PF_CONFIG  a mistake; *err says where, and what it is
     */
    enum pf_rc (*prepare)(void *conf, const struct pf_settings *settings,
                          struct pf_error *err);

    /*
     * Do the program's work, until it is done or a stop is asked for. Takes
     * ownership of library_conf (NULL: no library), whatever the outcome. The
     * result becomes the exit code.
     */
    enum pf_rc (*run)(const void *conf, void *library_conf,
                      struct pf_error *err);
};

/**
 * The main function of program: read its command line argv, the files given
 * by -F and the environment into *conf, which must be all zero, and do its
 * work; or answer --help, --version, --manual or --show-config on standard
 * output. Returns the exit code (error.h); a failure is logged.
 */
int pf_program_main(const struct pf_program *program, int argc, char **argv,
                    void *conf);

#endif
