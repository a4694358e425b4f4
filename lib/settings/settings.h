/* settings.h - names and values, from files, environment, command line. */
#ifndef PF_SETTINGS_H
#define PF_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "error.h"

/** Where a setting came from; the greater one wins, whatever came first. */
enum pf_setting_rank { PF_FROM_FILE = 1, PF_FROM_ENVIRONMENT, PF_FROM_COMMAND };

/** One name with its value. */
struct pf_setting {
    char *name;
    char *value;
    char *where; /* for messages: "config/producer.properties:12" */
    enum pf_setting_rank rank;
};

/** All settings of a program, each name once. */
struct pf_settings {
    struct pf_setting *list; /* in the order in which names first came */
    size_t n, size;
};

/** Whether a name is one of ours; the others are librdkafka's or Kafka's. */
static inline bool pf_setting_is_ours(const char *name)
{
    return !strncmp(name, "feed.", 5) || !strncmp(name, "audit.", 6);
}

/** Contents: none yet. */
static inline struct pf_settings pf_settings_init(void)
{
    return (struct pf_settings){0};
}

void pf_settings_release(struct pf_settings *settings);

/**
 * Set name to a copy of value, unless a setting of a greater rank holds it;
 * of two with the same rank the later one wins.
 *
 * PF_NOMEM  out of memory; nothing has changed
 */
enum pf_rc pf_settings_put(struct pf_settings *settings, const char *name,
                           const char *value, const char *where,
                           enum pf_setting_rank rank, struct pf_error *err);

/** The setting of that name, or NULL. Good until the next put. */
const struct pf_setting *pf_settings_get(const struct pf_settings *settings,
                                         const char *name);

/** Where the setting of that name is from, for messages; or "default". */
const char *pf_settings_where(const struct pf_settings *settings,
                              const char *name);

/**
 * Put the place and the name of the setting in front of the sentence in *err,
 * which says what is wrong with its value. Returns rc.
 */
enum pf_rc pf_settings_fail(const struct pf_settings *settings,
                            const char *name, enum pf_rc rc,
                            struct pf_error *err);

/* As Kafka and ZooKeeper do, these three leave out the blanks at both ends of
 * a value. They keep those of a secret (pf_is_secret()), which librdkafka and
 * libpq take as it is. */

/** Read a properties file (properties.h). Errors as there. */
enum pf_rc pf_settings_read(struct pf_settings *settings, FILE *in,
                            const char *where, struct pf_error *err);
enum pf_rc pf_settings_read_file(struct pf_settings *settings, const char *path,
                                 struct pf_error *err);

/** Variables that are settings of one program. */
struct pf_variables {
    char *const *environment; /* "NAME=value" strings up to a NULL */
    const char *prefix;       /* of their names: "PRODUCER_" */

    /* Whether the program has a setting of that name; NULL: it may have any. */
    bool (*knows)(const void *context, const char *name);
    const void *context;
};

/**
 * Take each variable of environment that begins with prefix. The rest of its
 * name is the setting's, in lower case, by the rule of Apache's Kafka image:
 * _ is ., __ is _ and ___ is -. When such a name ends in _FILE and the program
 * knows it without that, the setting's value is what the file has that the
 * variable names, without newlines at its end: for passwords, which an
 * environment is not the place for.
 *
 * Not taken are a variable whose value is empty or blank, which counts as one
 * that is not set, and those that Kubernetes and Docker set for a service of a
 * name like prefix (variables.h).
 *
 * PF_CONFIG  such a file cannot be read, is longer than 64 KiB, or has a NUL
 * PF_NOMEM   out of memory
 */
enum pf_rc pf_settings_read_environment(struct pf_settings *settings,
                                        const struct pf_variables *variables,
                                        struct pf_error *err);

/**
 * Take "name=value" from the command line.
 *
 * PF_CONFIG  there is no = in it, or nothing before it
 */
enum pf_rc pf_settings_read_argument(struct pf_settings *settings,
                                     const char *argument,
                                     struct pf_error *err);

#endif
