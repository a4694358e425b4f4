#include "options.h"

#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "text.h"

/* Width of what --help prints. */
#define HELP_COLUMNS 100

/* The index of value among the words of choices, "a|b|c"; -1: not there. */
static int find_choice(const char *choices, const char *value)
{
    size_t len = strlen(value);

    for (int i = 0;; i++) {
        size_t word = strcspn(choices, "|");

        if (word == len && !memcmp(choices, value, len))
            return i;
        if (!choices[word])
            return -1;
        choices += word + 1;
    }
}

static enum pf_rc apply_string(char **member, const char *value,
                               struct pf_error *err)
{
    char *copy = strdup(value);

    if (!copy)
        return pf_fail(err, PF_NOMEM, "out of memory");
    free(*member);
    *member = copy;
    return PF_OK;
}

static enum pf_rc apply_choice(int *member, const char *choices,
                               const char *value, struct pf_error *err)
{
    int choice = find_choice(choices, value);

    if (choice < 0)
        return pf_fail(err, PF_FORMAT, "'%.40s' is not one of %s%s", value,
                       choices, pf_quotes_hint(value));
    *member = choice;
    return PF_OK;
}

static enum pf_rc apply_bool(bool *member, const char *value,
                             struct pf_error *err)
{
    if (strcmp(value, "true") && strcmp(value, "false"))
        return pf_fail(err, PF_FORMAT, "'%.40s' is neither true nor false%s",
                       value, pf_quotes_hint(value));
    *member = *value == 't';
    return PF_OK;
}

/* *member, from the value in the settings or the default. */
static enum pf_rc apply_one(void *conf, const struct pf_option *option,
                            const struct pf_settings *settings,
                            struct pf_error *err)
{
    const struct pf_setting *s = pf_settings_get(settings, option->name);
    const char *value = s ? s->value : option->initial;
    void *member = (char *)conf + option->offset;

    switch (option->kind) {
    case PF_KIND_STRING:
        return apply_string(member, value, err);
    case PF_KIND_NUMBER:
        return pf_parse_number(value, option->min, option->max, member, err);
    case PF_KIND_INT:
        return pf_parse_int(value, (int64_t)option->min, (int64_t)option->max,
                            member, err);
    case PF_KIND_CHOICE:
        return apply_choice(member, option->choices, value, err);
    case PF_KIND_BOOL:
        return apply_bool(member, value, err);
    case PF_KIND_FAMILY:
        return pf_family_add(member, option->name, settings, err);
    }
    return PF_CONFIG;
}

bool pf_options_have(const struct pf_option *table, const char *name)
{
    for (; table->name; table++)
        if (table->kind == PF_KIND_FAMILY
                ? pf_family_own(table->name, name) != NULL
                : !strcmp(table->name, name))
            return true;
    return false;
}

/* Offer the name of an option; of a family, that with the end of the one that
 * is misspelt, which is put together in buf. */
static void offer(struct pf_nearest *nearest, const struct pf_option *option,
                  char *buf, size_t size)
{
    const char *dot = strrchr(nearest->wanted, '.');

    if (option->kind != PF_KIND_FAMILY) {
        pf_nearest_offer(nearest, option->name);
    } else if (dot) {
        snprintf(buf, size, "%.*s%s", (int)pf_family_common(option->name),
                 option->name, dot + 1);
        pf_nearest_offer(nearest, buf);
    }
}

static enum pf_rc refuse_unknown(const struct pf_option *table,
                                 const struct pf_setting *setting,
                                 struct pf_error *err)
{
    struct pf_nearest nearest = pf_nearest_init(setting->name);
    char hint[100], relative[100];

    for (; table->name; table++)
        offer(&nearest, table, relative, sizeof relative);
    pf_nearest_hint(&nearest, hint, sizeof hint);
    if (setting->rank == PF_FROM_ENVIRONMENT) {
        pf_log(PF_LOG_WARNING, "%s: unknown setting '%s', ignored%s",
               setting->where, setting->name, hint);
        return PF_OK;
    }
    return pf_fail(err, PF_CONFIG, "%s: unknown setting '%.60s'%s",
                   setting->where, setting->name, hint);
}

enum pf_rc pf_options_check_names(const struct pf_option *table,
                                  const struct pf_settings *settings, bool ours,
                                  struct pf_error *err)
{
    enum pf_rc rc = PF_OK;

    for (size_t i = 0; !rc && i < settings->n; i++) {
        const struct pf_setting *s = &settings->list[i];

        if (ours == pf_setting_is_ours(s->name) &&
            !pf_options_have(table, s->name))
            rc = refuse_unknown(table, s, err);
    }
    return rc;
}

enum pf_rc pf_options_apply(void *conf, const struct pf_option *table,
                            const struct pf_settings *settings,
                            struct pf_error *err)
{
    enum pf_rc rc;

    for (const struct pf_option *o = table; o->name; o++) {
        rc = apply_one(conf, o, settings, err);
        if (rc)
            return pf_settings_fail(settings, o->name,
                                    rc == PF_NOMEM ? rc : PF_CONFIG, err);
    }
    return pf_options_check_names(table, settings, true, err);
}

void pf_options_release(void *conf, const struct pf_option *table)
{
    for (; table->name; table++) {
        void *member = (char *)conf + table->offset;

        if (table->kind == PF_KIND_STRING) {
            free(*(char **)member);
            *(char **)member = NULL;
        } else if (table->kind == PF_KIND_FAMILY) {
            pf_family_release(member);
        }
    }
}

static void show(const char *name, const char *value, const char *where,
                 FILE *out)
{
    pf_setting_show(name, value, *value && pf_is_secret(name), where, out);
}

static void show_family(const struct pf_option *family,
                        const struct pf_settings *settings, FILE *out)
{
    for (size_t i = 0; i < settings->n; i++) {
        const struct pf_setting *s = &settings->list[i];

        if (pf_family_own(family->name, s->name))
            show(s->name, s->value, s->where, out);
    }
}

void pf_options_show(const struct pf_option *table,
                     const struct pf_settings *settings, FILE *out)
{
    for (; table->name; table++) {
        const struct pf_setting *s = pf_settings_get(settings, table->name);

        if (table->kind == PF_KIND_FAMILY)
            show_family(table, settings, out);
        else
            show(table->name, s ? s->value : table->initial,
                 pf_settings_where(settings, table->name), out);
    }
}

/* The values that an option accepts, in a few words. */
static const char *describe_range(const struct pf_option *option, char *buf,
                                  size_t size)
{
    switch (option->kind) {
    case PF_KIND_NUMBER:
    case PF_KIND_INT:
        snprintf(buf, size, "%.15g to %.15g", option->min, option->max);
        return buf;
    case PF_KIND_CHOICE:
        return option->choices;
    case PF_KIND_BOOL:
        return "true|false";
    case PF_KIND_STRING:
    case PF_KIND_FAMILY:
        break;
    }
    return "text";
}

/* Print text with an indent, in lines of at most HELP_COLUMNS. */
static void print_wrapped(const char *text, int indent, FILE *out)
{
    int column = 0;

    while (*text) {
        int word = (int)strcspn(text, " ");

        if (column && column + 1 + word > HELP_COLUMNS) {
            fputc('\n', out);
            column = 0;
        }
        column += fprintf(out, "%*s%.*s", column ? 1 : indent, "", word, text);
        text += word;
        text += strspn(text, " ");
    }
    fputc('\n', out);
}

void pf_options_help(const struct pf_option *table, FILE *out)
{
    for (; table->name; table++) {
        char range[60];

        fprintf(out, "  %s = %s  (%s)\n", table->name,
                *table->initial ? table->initial : "(empty)",
                describe_range(table, range, sizeof range));
        print_wrapped(table->help, 6, out);
    }
}

/* Escape bars, which would end a cell of a Markdown table. */
static void print_cell(const char *text, FILE *out)
{
    for (; *text; text++) {
        if (*text == '|')
            fputc('\\', out);
        fputc(*text, out);
    }
}

void pf_options_markdown(const struct pf_option *table, FILE *out)
{
    for (; table->name; table++) {
        char range[60];

        fprintf(out, "| `%s` | `%s` | ", table->name,
                *table->initial ? table->initial : " ");
        print_cell(describe_range(table, range, sizeof range), out);
        fputs(" | ", out);
        print_cell(table->help, out);
        fputs(" |\n", out);
    }
}
