#include "java_settings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "known_names.h"
#include "log.h"
#include "text.h"

/* Does text begin with one of these, "a. b."? */
static bool begins_with_one_of(const char *text, const char *beginnings)
{
    while (*beginnings) {
        size_t len = strcspn(beginnings, " ");

        if (!strncmp(text, beginnings, len))
            return true;
        beginnings += len + strspn(beginnings + len, " ");
    }
    return false;
}

/* Variables that the start scripts read, as Kafka's own scripts do; the part
 * after the prefix. */
static const char for_scripts[] =
    "OPTS= HEAP_OPTS= JVM_ JMX_ LOG4J_ GC_LOG_OPTS=";

/* List the variables of environment that are settings. The caller frees the
 * list, not the strings. */
static char **pick_variables(char *const *environment,
                             const struct pf_java_source *source)
{
    size_t n = 0, prefix_len = strlen(source->prefix);
    char **list;

    while (environment[n])
        n++;
    list = calloc(n + 1, sizeof *list);
    for (n = 0; list && *environment; environment++)
        if (!strncmp(*environment, source->prefix, prefix_len) &&
            !begins_with_one_of(*environment + prefix_len, for_scripts) &&
            !begins_with_one_of(*environment + prefix_len, source->ours))
            list[n++] = *environment;
    return list;
}

/* The name by which the program knows this setting; NULL: unknown. */
static const char *known_as(const struct pf_java_source *source,
                            const struct pf_known_names *names,
                            const char *name)
{
    if (!names->n || pf_known_name_find(names, name) ||
        begins_with_one_of(name, source->dynamic))
        return name;
    return source->has_capitals ? pf_known_name_like(names, name) : NULL;
}

struct program {
    const struct pf_java_source *source;
    const struct pf_known_names *names;
};

static bool knows(const void *context, const char *name)
{
    const struct program *program = context;

    return known_as(program->source, program->names, name);
}

static void warn_of(const struct pf_java_source *source,
                    const struct pf_known_names *names,
                    const struct pf_setting *s, const char *consequence)
{
    char hint[100];

    pf_log(PF_LOG_WARNING, "%s: unknown %s setting '%s', %s%s", s->where,
           source->program, s->name, consequence,
           pf_known_name_hint(names, s->name, hint, sizeof hint));
}

/* Kafka and ZooKeeper would report these only after seconds, and four times,
 * or create a directory of that name. */
static enum pf_rc refuse_quotes(const struct pf_setting *s,
                                struct pf_error *err)
{
    if (!pf_is_quoted(s->value) || pf_is_secret(s->name))
        return PF_OK;
    return pf_fail(err, PF_CONFIG,
                   "%s: %s: the quotes around %.60s are part of the value: "
                   "remove them",
                   s->where, s->name, s->value);
}

/* Put what was found into settings, under the names that the program knows. An
 * empty value counts as not set where the program refuses it. */
static enum pf_rc take(const struct pf_java_source *source,
                       const struct pf_known_names *names,
                       const struct pf_settings *found,
                       struct pf_settings *settings, struct pf_error *err)
{
    enum pf_rc rc = PF_OK;

    for (size_t i = 0; !rc && i < found->n; i++) {
        const struct pf_setting *s = &found->list[i];
        bool in_file = s->rank == PF_FROM_FILE;
        const char *name = known_as(source, names, s->name);

        if (name)
            rc = refuse_quotes(s, err);
        else
            warn_of(source, names, s, in_file ? "ignored" : "not passed on");
        if (!name && in_file)
            name = s->name;
        if (!rc && name &&
            (*s->value || !pf_known_name_check(names, name, "", NULL)))
            rc = pf_settings_put(settings, name, s->value, s->where, s->rank,
                                 err);
    }
    return rc;
}

static enum pf_rc read_file(const struct pf_java_source *source,
                            const struct pf_places *places,
                            struct pf_settings *found, struct pf_error *err)
{
    struct pf_path path = pf_path_in(places->config, source->file);
    enum pf_rc rc = pf_settings_read_file(found, path.text, err);
    char reason[sizeof err->text];

    if (rc == PF_IO && err) { /* the user's mistake: wrong place or mode */
        snprintf(reason, sizeof reason, "%s", err->text);
        return pf_fail(err, PF_CONFIG, "%s (read as uid %u)", reason,
                       (unsigned)geteuid());
    }
    if (rc)
        return rc == PF_IO ? PF_CONFIG : rc;
    if (!found->n)
        return pf_fail(err, PF_CONFIG,
                       "%s: there is no setting in it; is it the right file?",
                       path.text);
    return PF_OK;
}

static enum pf_rc read_environment(const struct pf_java_source *source,
                                   char *const *environment,
                                   const struct pf_known_names *names,
                                   struct pf_settings *found,
                                   struct pf_error *err)
{
    char **variables = pick_variables(environment, source);
    enum pf_rc rc;

    if (!variables)
        return pf_fail(err, PF_NOMEM, "environment: out of memory");
    rc = pf_settings_read_environment(
        found,
        &(struct pf_variables){.environment = variables,
                               .prefix = source->prefix,
                               .knows = knows,
                               .context = &(struct program){source, names}},
        err);
    free(variables);
    return rc;
}

static enum pf_rc check_types(const struct pf_known_names *names,
                              const struct pf_settings *settings,
                              struct pf_error *err)
{
    for (size_t i = 0; i < settings->n; i++) {
        const struct pf_setting *s = &settings->list[i];

        if (pf_known_name_check(names, s->name, s->value, err))
            return pf_fail_in(err, PF_CONFIG, "%s: %s: ", s->where, s->name);
    }
    return PF_OK;
}

enum pf_rc pf_java_settings_read(const struct pf_java_source *source,
                                 const struct pf_places *places,
                                 char *const *environment,
                                 struct pf_settings *settings,
                                 struct pf_error *err)
{
    struct pf_path list = pf_path_in(places->home, source->names);
    struct pf_settings in_file = pf_settings_init();
    struct pf_settings in_environment = pf_settings_init();
    struct pf_known_names names = {0};
    struct pf_error why;
    enum pf_rc rc = pf_known_names_read(list.text, &names, &why);

    if (rc) {
        pf_log(PF_LOG_WARNING, "names in %s are not checked: %s", source->file,
               why.text);
        pf_known_names_release(&names);
    }
    rc = read_file(source, places, &in_file, err);
    if (!rc)
        rc = take(source, &names, &in_file, settings, err);
    if (!rc)
        rc = read_environment(source, environment, &names, &in_environment,
                              err);
    if (!rc)
        rc = take(source, &names, &in_environment, settings, err);
    if (!rc)
        rc = check_types(&names, settings, err);
    pf_settings_release(&in_file);
    pf_settings_release(&in_environment);
    pf_known_names_release(&names);
    return rc;
}

enum pf_rc pf_java_variable_read(char *const *environment, const char *name,
                                 const char *prefix, struct pf_settings *ret,
                                 struct pf_error *err)
{
    size_t len = strlen(name);
    char *one[] = {NULL, NULL};

    for (; *environment; environment++)
        if (!strncmp(*environment, name, len) && (*environment)[len] == '=')
            one[0] = *environment;
    return pf_settings_read_environment(
        ret, &(struct pf_variables){.environment = one, .prefix = prefix}, err);
}

const char *pf_java_value(const struct pf_settings *settings, const char *name)
{
    const struct pf_setting *s = pf_settings_get(settings, name);

    return s && *s->value ? s->value : NULL;
}

int64_t pf_java_int(const struct pf_settings *settings, const char *name,
                    int64_t min, int64_t max, int64_t initial)
{
    const char *value = pf_java_value(settings, name);

    if (value)
        pf_parse_int(value, min, max, &initial, NULL);
    return initial;
}
