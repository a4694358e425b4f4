/* options.h - a program's settings as one table: defaults, checks and manual.
 */
#ifndef PF_OPTIONS_H
#define PF_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "error.h"
#include "family.h"
#include "settings.h"

enum pf_option_kind {
    PF_KIND_STRING, /* char *, owned by the struct that is filled */
    PF_KIND_NUMBER, /* double */
    PF_KIND_INT,    /* int64_t */
    PF_KIND_CHOICE, /* int: which of the words in choices */
    PF_KIND_BOOL,   /* bool: true or false */
    PF_KIND_FAMILY, /* struct pf_family, likewise */
};

/** One setting of ours: its name begins with "feed." or "audit.". */
struct pf_option {
    const char *name; /* NULL ends a table. FAMILY: what follows the last dot
                       * stands for any text without a dot */
    enum pf_option_kind kind;
    size_t offset;       /* of the member in the struct that is filled */
    const char *initial; /* the default, as text */
    double min, max;     /* NUMBER and INT: inclusive limits */
    const char *choices; /* CHOICE: "kafka|console" */
    const char *help;    /* meaning and unit, about 100 characters at most */
};

/* An option of any kind; at the end, the members that only its kind has. */
#define PF_OPTION(kind_, type, member, name_, initial_, help_, ...)           \
    {                                                                         \
        .name = name_, .kind = PF_KIND_##kind_,                               \
        .offset = offsetof(type, member), .initial = initial_, .help = help_, \
        __VA_ARGS__                                                           \
    }
#define PF_OPTION_STR(type, member, name, initial, help) \
    PF_OPTION(STRING, type, member, name, initial, help, )
#define PF_OPTION_NUM(type, member, name, initial, min_, max_, help)  \
    PF_OPTION(NUMBER, type, member, name, initial, help, .min = min_, \
              .max = max_)
#define PF_OPTION_INT(type, member, name, initial, min_, max_, help) \
    PF_OPTION(INT, type, member, name, initial, help, .min = min_, .max = max_)
#define PF_OPTION_CHOICE(type, member, name, initial, choices_, help) \
    PF_OPTION(CHOICE, type, member, name, initial, help, .choices = choices_)
#define PF_OPTION_BOOL(type, member, name, initial, help) \
    PF_OPTION(BOOL, type, member, name, initial, help, )
#define PF_OPTION_FAMILY(type, member, name, help) \
    PF_OPTION(FAMILY, type, member, name, "", help, )
#define PF_OPTION_END \
    {                 \
        .name = NULL  \
    }

/**
 * Fill *conf, which must be all zero or released, from settings, and from the
 * table's defaults for those that are not set.
 *
 * PF_CONFIG  a value is wrong, or a setting of ours from a file or the
 *            command line is not in the table; *err begins with its source and
 *            has the nearest known name
 * PF_NOMEM   out of memory
 *
 * An unknown name of ours in the environment is only logged, as systems such
 * as Kubernetes set variables there. Whatever the outcome, *conf then owns its
 * strings and families: release it with pf_options_release().
 */
enum pf_rc pf_options_apply(void *conf, const struct pf_option *table,
                            const struct pf_settings *settings,
                            struct pf_error *err);

/**
 * Refuse each name of ours, or each other one, that is not in the table.
 * pf_options_apply() does so with ours; a program that passes no settings on to
 * a library, with the others. Errors as above.
 */
enum pf_rc pf_options_check_names(const struct pf_option *table,
                                  const struct pf_settings *settings, bool ours,
                                  struct pf_error *err);

/** True if the table has a setting of that name, or a family that it is of. */
bool pf_options_have(const struct pf_option *table, const char *name);

/** Free the strings of *conf and set them to NULL; empty its families. */
void pf_options_release(void *conf, const struct pf_option *table);

/** Print each setting as "name = value", with the source of the value; of a
 * family those that are set. */
void pf_options_show(const struct pf_option *table,
                     const struct pf_settings *settings, FILE *out);

/** Print the table for --help: name, default, range, meaning; in lines of at
 * most 100 columns. */
void pf_options_help(const struct pf_option *table, FILE *out);

/** Print the table as rows of a Markdown table, for docs/configuration.md. */
void pf_options_markdown(const struct pf_option *table, FILE *out);

#endif
