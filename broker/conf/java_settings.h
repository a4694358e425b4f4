/* java_settings.h - settings of Kafka or ZooKeeper, as a person gives them. */
#ifndef PF_JAVA_SETTINGS_H
#define PF_JAVA_SETTINGS_H

#include <stdbool.h>

#include "error.h"
#include "places.h"
#include "settings.h"

/** Where the settings of one of the two are from. */
struct pf_java_source {
    const char *program; /* "Kafka" */
    const char *file;    /* in PF_CONFIG */
    const char *names;   /* list of the names it knows, in PF_HOME */
    const char *prefix;  /* of its environment variables */
    const char *dynamic; /* beginnings of names that no list has, "a. b." */
    bool has_capitals;   /* in names: a variable's name does not tell them */
};

/**
 * Read the file and then the variables of environment ("NAME=value" up to a
 * NULL) into settings. A name that the program does not know is logged with
 * the nearest one that it does; from the file it is kept all the same, as the
 * program itself only shrugs, but from the environment it is not taken. An
 * empty value of a setting that is a number or true or false is not taken.
 * Variables that are meant for start scripts (KAFKA_OPTS, KAFKA_HEAP_OPTS,
 * KAFKA_JVM_*, ...) are passed over.
 *
 * PF_CONFIG  the file is empty, malformed or unreadable, or a value is not of
 *            its setting's type; *err says in which line
 * PF_NOMEM   memory ran out
 */
enum pf_rc pf_java_settings_read(const struct pf_java_source *source,
                                 const struct pf_places *places,
                                 char *const *environment,
                                 struct pf_settings *settings,
                                 struct pf_error *err);

#endif
