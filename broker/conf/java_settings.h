/* java_settings.h - settings of Kafka or ZooKeeper, as the user gives them. */
#ifndef PF_JAVA_SETTINGS_H
#define PF_JAVA_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

#include "error.h"
#include "places.h"
#include "settings.h"

/** Where the settings of one of the two come from. */
struct pf_java_source {
    const char *program; /* "Kafka" */
    const char *file;    /* in PF_CONFIG */
    const char *names;   /* list of the names it knows, in PF_HOME */
    const char *prefix;  /* of its environment variables */
    const char *dynamic; /* prefixes of names that are not listed, "a. b." */
    bool has_capitals;   /* in names, which a variable's name cannot show */
    const char *ours;    /* variables that are not its settings, without the
                          * prefix: "CONNECT= ID=" */
};

/**
 * Read the file and then the variables of environment ("NAME=value" strings
 * up to a NULL) into settings. A name that the program does not know is logged
 * with the nearest known one. From the file it is kept, as the program itself
 * ignores it; from the environment it is left out. An empty value is left out
 * if the setting is a number or a boolean. Variables for start scripts
 * (KAFKA_OPTS, KAFKA_HEAP_OPTS, KAFKA_JVM_*, ...) are skipped, and so are ours.
 *
 * PF_CONFIG  the file is empty, malformed or unreadable, or a value is not of
 *            its setting's type; *err names the line
 * PF_NOMEM   out of memory
 */
enum pf_rc pf_java_settings_read(const struct pf_java_source *source,
                                 const struct pf_places *places,
                                 char *const *environment,
                                 struct pf_settings *settings,
                                 struct pf_error *err);

/**
 * Read one variable of environment, whose name begins with prefix, into
 * settings. Errors as of pf_settings_read_environment().
 */
enum pf_rc pf_java_variable_read(char *const *environment, const char *name,
                                 const char *prefix, struct pf_settings *ret,
                                 struct pf_error *err);

/** The value of that name; NULL if it is not set, or empty. Valid until the
 * next put. */
const char *pf_java_value(const struct pf_settings *settings, const char *name);

/** The same as a whole number; initial if that is not one from min to max. */
int64_t pf_java_int(const struct pf_settings *settings, const char *name,
                    int64_t min, int64_t max, int64_t initial);

#endif
