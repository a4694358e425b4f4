#include "settings.h"

#include <stdlib.h>
#include <string.h>

#include "properties.h"
#include "text.h"
#include "vec.h"

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

const struct pf_setting *pf_settings_get(const struct pf_settings *settings,
                                         const char *name)
{
    for (size_t i = 0; i < settings->n; i++)
        if (!strcmp(settings->list[i].name, name))
            return &settings->list[i];
    return NULL;
}

const char *pf_settings_where(const struct pf_settings *settings,
                              const char *name)
{
    const struct pf_setting *setting = pf_settings_get(settings, name);

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
    /* Not const: it is one of our list. */
    struct pf_setting *old = (void *)pf_settings_get(settings, name);
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

void pf_settings_remove(struct pf_settings *settings, const char *name)
{
    const struct pf_setting *found = pf_settings_get(settings, name);
    size_t i = found ? (size_t)(found - settings->list) : 0;

    if (!found)
        return;
    setting_release(&settings->list[i]);
    memmove(&settings->list[i], &settings->list[i + 1],
            (--settings->n - i) * sizeof *settings->list);
}

enum pf_rc pf_settings_put_given(struct pf_settings *settings, const char *name,
                                 const char *value, const char *where,
                                 enum pf_setting_rank rank,
                                 struct pf_error *err)
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
    return pf_settings_put_given(settings, name, value, where, PF_FROM_FILE,
                                 err);
}

enum pf_rc pf_settings_read_file(struct pf_settings *settings, const char *path,
                                 struct pf_error *err)
{
    return pf_properties_read(path, put_property, settings, err);
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
    rc = pf_settings_put_given(settings, name, equals + 1, "command line -X",
                               PF_FROM_COMMAND, err);
    free(name);
    return rc;
}

void pf_setting_show(const char *name, const char *value, bool hidden,
                     const char *where, FILE *out)
{
    fprintf(out, "%s = ", name);
    if (hidden)
        fputs("[hidden]", out);
    else
        pf_print_escaped(out, value, strlen(value));
    fprintf(out, "  # %s\n", where);
}
