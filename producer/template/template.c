#include "template.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "jq_program.h"
#include "jq_source.h"
#include "jq_value.h"
#include "json_find.h"
#include "prng.h"
#include "text.h"

/* What a record may take: enough for any, and an end for one that loops. */
#define TIME_MS 1000
#define MEMORY (256 << 20) /* bytes */

#define BILLION 1000000000

struct pf_template {
    struct pf_template_conf conf;
    struct pf_jq_watch *watch;
    struct pf_jq *jq;
    struct pf_json_find key;
};

/* The remainder favours some numbers by less than 1 in 10^10. */
uint32_t pf_template_random(uint64_t seed, uint64_t seq, uint64_t i)
{
    return (uint32_t)(pf_prng_at(pf_prng_at(seed, seq), i) % BILLION);
}

/* The file, as libjq's programs are named; NULL: memory ran out. */
static char *name_program(const char *file, struct pf_error *err)
{
    char *program;

    if (asprintf(&program, "file:%s", file) >= 0)
        return program;
    pf_fail(err, PF_NOMEM, "template: out of memory");
    return NULL;
}

enum pf_rc pf_template_read(const char *file, struct pf_buffer *ret,
                            struct pf_error *err)
{
    char *program = name_program(file, err);
    struct pf_jq_source source = {0};
    enum pf_rc rc;

    if (!program)
        return PF_NOMEM;
    rc = pf_jq_source_read(program, &source, err);
    if (!rc)
        pf_buffer_put(ret, source.text.at, source.text.n);
    pf_jq_source_release(&source);
    free(program);
    return !rc && ret->failed ? pf_fail(err, PF_NOMEM, "out of memory") : rc;
}

static enum pf_rc open_program(struct pf_template *t, struct pf_error *err)
{
    char *program;
    struct stat info;
    enum pf_rc rc;

    if (!stat(t->conf.file, &info) && !S_ISREG(info.st_mode))
        return pf_fail(err, PF_CONFIG,
                       "%s: it is not a regular file, and a template is read "
                       "more than once",
                       t->conf.file);
    program = name_program(t->conf.file, err);
    if (!program)
        return PF_NOMEM;
    rc = pf_jq_open(program, "feed.template", true, t->watch, &t->jq, err);
    free(program);
    if (!rc && pf_jq_wants_record(t->jq))
        return pf_fail(err, PF_CONFIG,
                       "%s: it mentions $record, which a template does not "
                       "have: its input has seq, time and random",
                       t->conf.file);
    return rc;
}

enum pf_rc pf_template_open(const struct pf_template_conf *conf,
                            struct pf_template **ret, struct pf_error *err)
{
    const struct pf_jq_limits limits = {.time_ms = TIME_MS, .memory = MEMORY};
    struct pf_template *t = calloc(1, sizeof *t);
    enum pf_rc rc;

    if (!t)
        return pf_fail(err, PF_NOMEM, "template: out of memory");
    t->conf = *conf;
    rc = pf_json_find_init(&t->key, conf->key, err);
    if (!rc)
        rc = pf_jq_watch_open(&limits, &t->watch, err);
    if (!rc)
        rc = open_program(t, err);
    if (rc)
        pf_template_close(t);
    else
        *ret = t;
    return rc;
}

void pf_template_close(struct pf_template *t)
{
    if (!t)
        return;
    pf_jq_close(t->jq);
    pf_jq_watch_close(t->watch);
    free(t);
}

void pf_template_begin(struct pf_template *t)
{
    pf_jq_watch_begin(t->watch);
}

void pf_template_end(struct pf_template *t)
{
    pf_jq_watch_end(t->watch);
}

/* The nearest double to a decimal is written with the decimal's own digits. */
static jv make_input(const struct pf_template *t, uint64_t seq, int64_t time_ms)
{
    jv random = jv_array_sized((int)t->conf.n_random), input = jv_object();

    for (int i = 0; i < t->conf.n_random; i++) {
        uint32_t number = pf_template_random(t->conf.seed, seq, (uint64_t)i);

        random = jv_array_append(random, jv_number(number / (double)BILLION));
    }
    input = jv_object_set(input, jv_string("seq"), jv_number((double)seq));
    input = jv_object_set(input, jv_string("time"),
                          jv_number((double)time_ms / 1000));
    return jv_object_set(input, jv_string("random"), random);
}

/* The element or member of value, which is taken over, at a step of the path;
 * invalid: there is none. */
static jv step_into(jv value, const struct pf_json_find *path, size_t step)
{
    jv_kind kind = jv_get_kind(value);

    if (kind == JV_KIND_OBJECT)
        return jv_object_get(
            value, jv_string_sized(path->names[step], (int)path->lens[step]));
    if (kind == JV_KIND_ARRAY && path->places[step] <= INT32_MAX)
        return jv_array_get(value, (int)path->places[step]);
    jv_free(value);
    return jv_invalid();
}

/* Any value but null is a key. */
static enum pf_rc make_key(const struct pf_template *t, jv value,
                           struct pf_buffer *out,
                           struct pf_template_record *ret, struct pf_error *err)
{
    jv key = t->key.n ? jv_copy(value) : jv_invalid();
    enum pf_rc rc = PF_OK;

    for (size_t i = 0; i < t->key.n; i++)
        key = step_into(key, &t->key, i);
    ret->key = out->n;
    ret->has_key = jv_is_valid(key) && jv_get_kind(key) != JV_KIND_NULL;
    if (ret->has_key)
        rc = pf_jq_print_text(key, out, err);
    ret->key_len = out->n - ret->key;
    jv_free(key);
    return rc;
}

static enum pf_rc make(struct pf_template *t, jv input, struct pf_buffer *out,
                       struct pf_template_record *ret, struct pf_error *err)
{
    jv value;
    enum pf_rc rc = pf_jq_one(t->jq, input, jv_null(), &value, err);

    if (rc)
        return rc;
    ret->value = out->n;
    rc = pf_jq_print_text(value, out, err);
    ret->value_len = out->n - ret->value;
    if (!rc)
        rc = make_key(t, value, out, ret, err);
    jv_free(value);
    if (!rc && out->failed)
        return pf_fail(err, PF_NOMEM, "out of memory");
    return rc;
}

enum pf_rc pf_template_make(struct pf_template *t, uint64_t seq,
                            int64_t time_ms, struct pf_buffer *out,
                            struct pf_template_record *ret,
                            struct pf_error *err)
{
    struct pf_error why = {""};
    char shown[sizeof why.text];
    enum pf_rc rc;

    pf_jq_watch_record(t->watch);
    rc = make(t, make_input(t, seq, time_ms), out, ret, &why);
    if (rc)
        pf_fail(err, rc, "%s: seq %" PRIu64 ": %s", t->conf.file, seq,
                pf_escape(shown, sizeof shown, why.text, strlen(why.text)));
    return rc;
}
