#include "settings.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "properties.h"
#include "text.h"
#include "variables.h"
#include "vec.h"

/* In bytes; passwords and PEM chains are shorter. */
#define SECRET_FILE_MAX 65536

static void setting_release(struct pf_setting *setting)
{
    free(setting->name);
    free(setting->value);
    free(setting->where);
}

void pf_settings_release(struct pf_settings *settings)
{
    for (size_t i = 0; i < settings->n; i++)
        setting_release(&settings->list[i]);
    free(settings->list);
    *settings = pf_settings_init();
}

static struct pf_setting *find(const struct pf_settings *settings,
                               const char *name)
{
    for (size_t i = 0; i < settings->n; i++)
        if (!strcmp(settings->list[i].name, name))
            return &settings->list[i];
    return NULL;
}

const struct pf_setting *pf_settings_get(const struct pf_settings *settings,
                                         const char *name)
{
    return find(settings, name);
}

const char *pf_settings_where(const struct pf_settings *settings,
                              const char *name)
{
    const struct pf_setting *setting = find(settings, name);

    return setting ? setting->where : "default";
}

enum pf_rc pf_settings_fail(const struct pf_settings *settings,
                            const char *name, enum pf_rc rc,
                            struct pf_error *err)
{
    return pf_fail_in(err, rc, "%s: %s: ", pf_settings_where(settings, name),
                      name);
}

enum pf_rc pf_settings_put(struct pf_settings *settings, const char *name,
                           const char *value, const char *where,
                           enum pf_setting_rank rank, struct pf_error *err)
{
    struct pf_setting *old = find(settings, name);
    struct pf_setting fresh = {.rank = rank};

    if (old && old->rank > rank)
        return PF_OK;
    fresh.name = strdup(name);
    fresh.value = strdup(value);
    fresh.where = strdup(where);
    if (!fresh.name || !fresh.value || !fresh.where ||
        (!old && !pf_vec_room((void **)&settings->list, &settings->size,
                              settings->n + 1, sizeof fresh))) {
        setting_release(&fresh);
        return pf_fail(err, PF_NOMEM, "%s: out of memory", name);
    }
    if (old)
        setting_release(old);
    else
        old = &settings->list[settings->n++];
    *old = fresh;
    return PF_OK;
}

/* Put a value as the user gave it, without the blanks around it. */
static enum pf_rc put_given(struct pf_settings *settings, const char *name,
                            const char *value, const char *where,
                            enum pf_setting_rank rank, struct pf_error *err)
{
    char *copy;
    enum pf_rc rc;

    if (pf_is_secret(name))
        return pf_settings_put(settings, name, value, where, rank, err);
    copy = strdup(value);
    rc = copy ? pf_settings_put(settings, name, pf_trim(copy), where, rank, err)
              : pf_fail(err, PF_NOMEM, "%s: out of memory", name);
    free(copy);
    return rc;
}

static enum pf_rc put_property(void *settings, const char *name,
                               const char *value, const char *where,
                               struct pf_error *err)
{
    return put_given(settings, name, value, where, PF_FROM_FILE, err);
}

enum pf_rc pf_settings_read_file(struct pf_settings *settings, const char *path,
                                 struct pf_error *err)
{
    return pf_properties_read(path, put_property, settings, err);
}

/* Turn the len bytes of "FEED_RATE" into "feed.rate". name has room for len
 * bytes and a NUL. */
static void to_setting_name(const char *variable, size_t len, char *name)
{
    for (size_t i = 0; i < len;) {
        size_t run = 0;

        while (i + run < len && variable[i + run] == '_' && run < 3)
            run++;
        if (run == 0)
            *name++ = (char)tolower((unsigned char)variable[i++]);
        else
            *name++ = run == 1 ? '.' : run == 2 ? '_' : '-';
        i += run;
    }
    *name = '\0';
}

/* Read text, SECRET_FILE_MAX + 1 bytes, from in. A NUL replaces the newlines at
 * the end. */
static enum pf_rc read_text(FILE *in, const char *path, char *text,
                            struct pf_error *err)
{
    size_t len = fread(text, 1, SECRET_FILE_MAX + 1, in);

    if (ferror(in))
        return pf_fail(err, PF_CONFIG, "%s: %s", path, strerror(errno));
    if (len > SECRET_FILE_MAX)
        return pf_fail(err, PF_CONFIG, "%s: more than %d bytes", path,
                       SECRET_FILE_MAX);
    if (memchr(text, '\0', len))
        return pf_fail(err, PF_CONFIG, "%s: a NUL byte; is this a text file?",
                       path);
    while (len && (text[len - 1] == '\n' || text[len - 1] == '\r'))
        len--;
    text[len] = '\0';
    return PF_OK;
}

/* Read the file at path into *ret, which the caller frees. */
static enum pf_rc read_secret(const char *path, char **ret,
                              struct pf_error *err)
{
    FILE *in = fopen(path, "re");
    enum pf_rc rc;
    char *text;

    if (!in)
        return pf_fail(err, PF_CONFIG, "%s: %s", path, strerror(errno));
    text = malloc(SECRET_FILE_MAX + 1);
    rc = text ? read_text(in, path, text, err)
              : pf_fail(err, PF_NOMEM, "out of memory");
    fclose(in);
    if (rc)
        free(text);
    else
        *ret = text;
    return rc;
}

/* Does that variable, len bytes, name a file? If so, its setting's name is in
 * name. */
static bool names_a_file(const struct pf_variables *variables,
                         const char *variable, size_t len, char *name)
{
    static const char suffix[] = "_FILE";
    size_t suffix_len = sizeof suffix - 1;

    if (len <= suffix_len ||
        memcmp(variable + len - suffix_len, suffix, suffix_len) != 0)
        return false;
    to_setting_name(variable, len - suffix_len, name);
    return !variables->knows || variables->knows(variables->context, name);
}

static enum pf_rc put_variable(struct pf_settings *settings,
                               const struct pf_variables *variables,
                               const char *variable, struct pf_error *err)
{
    size_t prefix_len = strlen(variables->prefix);
    size_t len = strcspn(variable, "=");
    const char *value = variable + len + 1;
    char name[256], where[256];
    char *secret = NULL;
    enum pf_rc rc;

    if (len == prefix_len || len >= sizeof name)
        return PF_OK; /* not one of our names */
    if (pf_is_blank(value) || pf_is_link_variable(variable))
        return PF_OK;
    snprintf(where, sizeof where, "environment %.*s", (int)len, variable);
    variable += prefix_len;
    len -= prefix_len;
    if (!names_a_file(variables, variable, len, name)) {
        to_setting_name(variable, len, name);
        return put_given(settings, name, value, where, PF_FROM_ENVIRONMENT,
                         err);
    }
    rc = read_secret(value, &secret, err);
    if (rc)
        return pf_fail_in(err, rc, "%s: ", where);
    rc = put_given(settings, name, secret, where, PF_FROM_ENVIRONMENT, err);
    free(secret);
    return rc;
}

enum pf_rc pf_settings_read_environment(struct pf_settings *settings,
                                        const struct pf_variables *variables,
                                        struct pf_error *err)
{
    size_t prefix_len = strlen(variables->prefix);
    enum pf_rc rc = PF_OK;

    for (char *const *v = variables->environment; *v && !rc; v++)
        if (!strncmp(*v, variables->prefix, prefix_len) && strchr(*v, '='))
            rc = put_variable(settings, variables, *v, err);
    return rc;
}

enum pf_rc pf_settings_read_argument(struct pf_settings *settings,
                                     const char *argument, struct pf_error *err)
{
    const char *equals = strchr(argument, '=');
    char *name;
    enum pf_rc rc;

    if (!equals || equals == argument)
        return pf_fail(err, PF_CONFIG, "-X %.60s: expected name=value",
                       argument);
    name = strndup(argument, (size_t)(equals - argument));
    if (!name)
        return pf_fail(err, PF_NOMEM, "out of memory");
    rc = put_given(settings, name, equals + 1, "command line -X",
                   PF_FROM_COMMAND, err);
    free(name);
    return rc;
}
