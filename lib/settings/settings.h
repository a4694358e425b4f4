/* settings.h - names and values, from files, environment, command line. */
#ifndef PF_SETTINGS_H
#define PF_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "error.h"

/** Where a setting comes from. The higher rank wins, whichever came first. */
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
    struct pf_setting *list; /* in the order in which names first occurred */
    size_t n, size;
};

/** True if a name is one of ours; others are librdkafka's or Kafka's. */
static inline bool pf_setting_is_ours(const char *name)
{
    return !strncmp(name, "feed.", 5) || !strncmp(name, "audit.", 6);
}

/** Initialise *settings: it is empty. */
static inline struct pf_settings pf_settings_init(void)
{
    return (struct pf_settings){0};
}

void pf_settings_release(struct pf_settings *settings);

/**
 * Set name to a copy of value, unless it is set with a higher rank. Of two with
 * the same rank the later one wins.
 *
 * PF_NOMEM  out of memory; nothing has changed
 */
enum pf_rc pf_settings_put(struct pf_settings *settings, const char *name,
                           const char *value, const char *where,
                           enum pf_setting_rank rank, struct pf_error *err);

/**
 * The same for a value that the user gave, as the three calls below do: like
 * Kafka and ZooKeeper it removes the blanks at both ends. It keeps those of a
 * secret (pf_is_secret()), which librdkafka and libpq use unchanged.
 */
enum pf_rc pf_settings_put_given(struct pf_settings *settings, const char *name,
                                 const char *value, const char *where,
                                 enum pf_setting_rank rank,
                                 struct pf_error *err);

/** Take the setting of that name out, if it is there. */
void pf_settings_remove(struct pf_settings *settings, const char *name);

/** The setting of that name, or NULL. Valid until the next put. */
const struct pf_setting *pf_settings_get(const struct pf_settings *settings,
                                         const char *name);

/** The source of the setting of that name, for messages; or "default". */
const char *pf_settings_where(const struct pf_settings *settings,
                              const char *name);

/**
 * Put the place and the name of the setting in front of the sentence in *err,
 * which says what is wrong with its value. Returns rc.
 */
enum pf_rc pf_settings_fail(const struct pf_settings *settings,
                            const char *name, enum pf_rc rc,
                            struct pf_error *err);

/** Read a properties file (properties.h). Errors as there. */
enum pf_rc pf_settings_read_file(struct pf_settings *settings, const char *path,
                                 struct pf_error *err);

/** Variables that are settings of one program. */
struct pf_variables {
    char *const *environment; /* "NAME=value" strings up to a NULL */
    const char *prefix;       /* of their names: "PRODUCER_" */

    /* True if the program has a setting of that name; NULL: any name. */
    bool (*knows)(const void *context, const char *name);
    const void *context;

    bool are_secrets; /* all of them: kept as they are, blanks and all */
};

/**
 * Read each variable of environment that begins with prefix. The rest of its
 * name, in lower case, is the setting's, by the rule of Apache's Kafka image:
 * _ stands for ., __ for _ and ___ for -. If a name ends in _FILE and the
 * program knows it without that suffix, the variable names a file. Its content,
 * without newlines at the end, is the value: this is for passwords, which do
 * not belong in an environment.
 *
 * A variable with an empty or blank value counts as not set. Variables that
 * Kubernetes and Docker set for a service whose name is like prefix are
 * ignored.
 *
 * PF_CONFIG  such a file cannot be read, is longer than 64 KiB, or has a NUL
 * PF_NOMEM   out of memory
 */
enum pf_rc pf_settings_read_environment(struct pf_settings *settings,
                                        const struct pf_variables *variables,
                                        struct pf_error *err);

/**
 * Set "name=value", from the command line.
 *
 * PF_CONFIG  there is no =, or nothing before it
 */
enum pf_rc pf_settings_read_argument(struct pf_settings *settings,
                                     const char *argument,
                                     struct pf_error *err);

/** Print the line "name = value  # where"; hidden: without the value. */
void pf_setting_show(const char *name, const char *value, bool hidden,
                     const char *where, FILE *out);

#endif
