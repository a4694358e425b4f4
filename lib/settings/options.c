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

static enum pf_rc apply_one(void *conf, const struct pf_option *option,
                            const char *value, struct pf_error *err)
{
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
    }
    return PF_CONFIG;
}

bool pf_options_have(const struct pf_option *table, const char *name)
{
    for (; table->name; table++)
        if (!strcmp(table->name, name))
            return true;
    return false;
}

static enum pf_rc refuse_unknown(const struct pf_option *table,
                                 const struct pf_setting *setting,
                                 struct pf_error *err)
{
    struct pf_nearest nearest = pf_nearest_init(setting->name);
    char hint[100];

    for (; table->name; table++)
        pf_nearest_offer(&nearest, table->name);
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
        const struct pf_setting *s = pf_settings_get(settings, o->name);

        rc = apply_one(conf, o, s ? s->value : o->initial, err);
        if (rc)
            return pf_fail_in(err, rc == PF_NOMEM ? rc : PF_CONFIG,
                              "%s: %s: ", s ? s->where : "default", o->name);
    }
    return pf_options_check_names(table, settings, true, err);
}

void pf_options_release(void *conf, const struct pf_option *table)
{
    for (; table->name; table++) {
        char **member = (char **)((char *)conf + table->offset);

        if (table->kind == PF_KIND_STRING) {
            free(*member);
            *member = NULL;
        }
    }
}

void pf_options_show(const struct pf_option *table,
                     const struct pf_settings *settings, FILE *out)
{
    for (; table->name; table++) {
        const struct pf_setting *s = pf_settings_get(settings, table->name);
        const char *value = s ? s->value : table->initial;
        char text[300];

        pf_escape(text, sizeof text, value, strlen(value));
        fprintf(out, "%s = %s  # %s\n", table->name,
                *text && pf_is_secret(table->name) ? "[hidden]" : text,
                s ? s->where : "default");
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
