#include "family.h"

#include <stdlib.h>
#include <string.h>

#include "vec.h"

size_t pf_family_common(const char *family)
{
    return (size_t)(strrchr(family, '.') + 1 - family);
}

const char *pf_family_own(const char *family, const char *name)
{
    size_t len = pf_family_common(family);

    if (strncmp(name, family, len) != 0 || !name[len] ||
        strchr(name + len, '.'))
        return NULL;
    return name + len;
}

static void release_one(struct pf_relative *one)
{
    free(one->setting);
    free(one->value);
    free(one->where);
}

static bool add_one(struct pf_family *ret, const struct pf_setting *setting,
                    size_t common)
{
    struct pf_relative one = {.setting = strdup(setting->name),
                              .value = strdup(setting->value),
                              .where = strdup(setting->where)};

    if (one.setting && one.value && one.where) {
        one.name = one.setting + common;
        if (PF_VEC_PUSH(ret, one))
            return true;
    }
    release_one(&one);
    return false;
}

enum pf_rc pf_family_add(struct pf_family *ret, const char *family,
                         const struct pf_settings *settings,
                         struct pf_error *err)
{
    for (size_t i = 0; i < settings->n; i++) {
        const struct pf_setting *setting = &settings->list[i];

        if (pf_family_own(family, setting->name) &&
            !add_one(ret, setting, pf_family_common(family)))
            return pf_fail(err, PF_NOMEM, "out of memory");
    }
    return PF_OK;
}

void pf_family_release(struct pf_family *family)
{
    for (size_t i = 0; i < family->n; i++)
        release_one(&family->at[i]);
    free(family->at);
    *family = (struct pf_family){0};
}
