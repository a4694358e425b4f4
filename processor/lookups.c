#include "lookups.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "clock.h"
#include "jq_file.h"
#include "log.h"

/* Words of jq, or variables that mean something else. */
static const char *const taken[] = {
    "record", "ENV",    "and", "as",      "break", "catch",  "def",
    "elif",   "else",   "end", "foreach", "if",    "import", "include",
    "label",  "module", "or",  "reduce",  "then",  "try",
};

/* Names that begin with __ are jq's, and with pf_ ours. */
static enum pf_rc check_name(const char *name, struct pf_error *err)
{
    bool good = !isdigit((unsigned char)*name) && strncmp(name, "__", 2) != 0 &&
                strncmp(name, "pf_", 3) != 0;

    for (const char *at = name; *at; at++)
        good &= isalnum((unsigned char)*at) || *at == '_';
    if (!good)
        return pf_fail(err, PF_CONFIG,
                       "'%.60s' cannot be the name of a variable: it has to "
                       "be letters, digits and _, and not begin with a digit, "
                       "with __ or with pf_",
                       name);
    for (size_t i = 0; i < sizeof taken / sizeof *taken; i++)
        if (!strcmp(name, taken[i]))
            return pf_fail(err, PF_CONFIG,
                           "$%s has a meaning of its own: take another name",
                           name);
    return PF_OK;
}

static struct pf_lookup_look look_at(const char *path)
{
    struct pf_lookup_look ret = {0};
    struct stat info;

    if (stat(path, &info)) {
        ret.why = errno;
        return ret;
    }
    ret.device = info.st_dev;
    ret.number = info.st_ino;
    ret.size = info.st_size;
    ret.changed = info.st_ctim;
    return ret;
}

static bool is_same(const struct pf_lookup_look *a,
                    const struct pf_lookup_look *b)
{
    return a->why == b->why && a->device == b->device &&
           a->number == b->number && a->size == b->size &&
           a->changed.tv_sec == b->changed.tv_sec &&
           a->changed.tv_nsec == b->changed.tv_nsec;
}

/* What is looked at before it is read may be older than what is read, and then
 * it is read once more; never newer. */
static enum pf_rc open_one(struct pf_lookup *l, struct pf_error *err)
{
    const struct pf_relative *setting = l->setting;
    enum pf_rc rc = check_name(setting->name, err);

    if (!rc && !*setting->value)
        rc = pf_fail(err, PF_CONFIG, "it names no file");
    l->read = l->last = look_at(setting->value);
    if (!rc)
        rc = pf_jq_file_read(setting->value, &l->value, err);
    return rc ? pf_fail_in(err, rc == PF_NOMEM ? rc : PF_CONFIG,
                           "%s: %s: ", setting->where, setting->setting)
              : PF_OK;
}

enum pf_rc pf_lookups_open(struct pf_lookups *lookups,
                           const struct pf_family *settings,
                           struct pf_error *err)
{
    enum pf_rc rc = PF_OK;

    if (!settings->n)
        return PF_OK;
    lookups->at = calloc(settings->n, sizeof *lookups->at);
    if (!lookups->at)
        return pf_fail(err, PF_NOMEM, "lookups: out of memory");
    for (; lookups->n < settings->n && !rc; lookups->n++) {
        struct pf_lookup *l = &lookups->at[lookups->n];

        l->setting = &settings->at[lookups->n];
        l->value = jv_null();
        rc = open_one(l, err);
    }
    lookups->due_ms = pf_now_ms() + PF_LOOKUPS_MS;
    return rc;
}

void pf_lookups_close(struct pf_lookups *lookups)
{
    for (size_t i = 0; i < lookups->n; i++)
        jv_free(lookups->at[i].value);
    free(lookups->at);
    *lookups = (struct pf_lookups){0};
}

jv pf_lookups_values(const struct pf_lookups *lookups)
{
    jv ret = jv_object();

    for (size_t i = 0; i < lookups->n; i++)
        ret = jv_object_set(ret, jv_string(lookups->at[i].setting->name),
                            jv_copy(lookups->at[i].value));
    return ret;
}

/* Say that there is a new value, and how much of it. */
static void tell(const struct pf_lookup *l)
{
    jv_kind kind = jv_get_kind(l->value);
    int n = kind == JV_KIND_OBJECT  ? jv_object_length(jv_copy(l->value))
            : kind == JV_KIND_ARRAY ? jv_array_length(jv_copy(l->value))
                                    : 1;

    pf_log(PF_LOG_INFO, "%s: %s has changed, and was read again: %d entr%s",
           l->setting->setting, l->setting->value, n, n == 1 ? "y" : "ies");
}

/* True: there is a new value. */
static bool look_again(struct pf_lookup *l)
{
    struct pf_lookup_look now = look_at(l->setting->value);
    bool settled = is_same(&now, &l->last);
    struct pf_error why;
    jv value;

    l->last = now;
    if (!settled || is_same(&now, &l->read))
        return false;
    l->read = now;
    if (pf_jq_file_read(l->setting->value, &value, &why)) {
        pf_log(PF_LOG_WARNING, "%s: %s; what was read before it stays in use",
               l->setting->setting, why.text);
        return false;
    }
    jv_free(l->value);
    l->value = value;
    tell(l);
    return true;
}

bool pf_lookups_look(struct pf_lookups *lookups)
{
    bool changed = false;

    for (size_t i = 0; i < lookups->n; i++)
        changed |= look_again(&lookups->at[i]);
    lookups->due_ms = pf_now_ms() + PF_LOOKUPS_MS;
    return changed;
}

void pf_lookups_note(struct pf_lookups *lookups,
                     const struct pf_jq_source *source)
{
    for (size_t i = 0; i < lookups->n; i++)
        lookups->at[i].mentioned |= pf_jq_source_mentions(
            source, lookups->at[i].setting->name);
}

void pf_lookups_warn(const struct pf_lookups *lookups)
{
    for (size_t i = 0; i < lookups->n; i++) {
        const struct pf_relative *setting = lookups->at[i].setting;

        if (!lookups->at[i].mentioned)
            pf_log(PF_LOG_WARNING, "%s: %s: no program mentions $%s",
                   setting->where, setting->setting, setting->name);
    }
}
