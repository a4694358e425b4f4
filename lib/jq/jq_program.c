#include "jq_program.h"

#include <jq.h>
#include <stdlib.h>
#include <string.h>

#include "buffer.h"
#include "jq_source.h"
#include "jq_value.h"
#include "log.h"
#include "text.h"

struct pf_jq {
    jq_state *state;
    const char *name;
    struct pf_jq_watch *watch; /* NULL: none */
    bool pure;                 /* the clock is not for it */
    bool wants_record;
    bool known; /* the first mistake in it, */
    struct pf_error mistake;
    struct pf_log_limit log_limit;
};

/* Several may come; later ones follow from the first. */
static void note_mistake(void *context, jv message)
{
    struct pf_jq *jq = context;

    message = jq_format_error(message);
    if (!jq->known && jv_get_kind(message) == JV_KIND_STRING) {
        pf_fail(&jq->mistake, PF_CONFIG, "%s", jv_string_value(message));
        jq->known = true;
    }
    jv_free(message);
}

static void log_debug(void *context, jv message)
{
    struct pf_jq *jq = context;
    struct pf_buffer text = {0};
    char shown[500];

    pf_jq_print(message, &text, NULL);
    pf_escape(shown, sizeof shown, text.at ? text.at : "", text.n);
    pf_log_limited(&jq->log_limit, PF_LOG_INFO, "%s: debug: %s", jq->name,
                   shown);
    pf_buffer_release(&text);
    jv_free(message);
}

/* What libjq compiles is the source's text with something before and after it.
 * The variables are taken over; without $record in what is before, it is
 * defined for this compilation. */
static enum pf_rc compile(struct pf_jq *jq, const struct pf_jq_source *source,
                          jv variables, const char *before, const char *after,
                          struct pf_error *err)
{
    jv named = jv_object_set(variables, jv_string("record"), jv_null());
    struct pf_buffer text = {0};
    bool good;

    pf_jq_source_prelude(jq->pure, &text);
    pf_buffer_text(&text, before);
    pf_buffer_put(&text, source->text.at, source->text.n);
    pf_buffer_text(&text, after);
    pf_buffer_put(&text, "", 1);
    good = !text.failed && jq_compile_args(jq->state, text.at, named);
    if (text.failed) {
        jv_free(named);
        return pf_fail(err, PF_NOMEM, "out of memory");
    }
    pf_buffer_release(&text);
    return good ? PF_OK : pf_jq_source_fail(source, jq->mistake.text, err);
}

/* First as it is, so that a mistake is found in its own lines. Only what is
 * part of a compilation can be $record, so that it has to come with the input;
 * two newlines end any comment. */
static enum pf_rc compile_both(struct pf_jq *jq,
                               const struct pf_jq_source *source, jv variables,
                               struct pf_error *err)
{
    enum pf_rc rc = compile(jq, source, jv_copy(variables), "", "", err);

    jq->wants_record = pf_jq_source_mentions(source, "record");
    if (!rc && jq->wants_record)
        return compile(jq, source, variables, ".[0] as $record | .[1] | (",
                       "\n\n)", err);
    jv_free(variables);
    return rc;
}

enum pf_rc pf_jq_compile(const struct pf_jq_source *source, const char *name,
                         bool pure, jv variables, struct pf_jq_watch *watch,
                         struct pf_jq **ret, struct pf_error *err)
{
    struct pf_jq *jq = calloc(1, sizeof *jq);
    enum pf_rc rc;

    if (jq)
        *jq = (struct pf_jq){
            .state = jq_init(), .name = name, .pure = pure, .watch = watch};
    if (!jq || !jq->state) {
        free(jq);
        jv_free(variables);
        return pf_fail(err, PF_NOMEM, "out of memory");
    }
    jq_set_error_cb(jq->state, note_mistake, jq);
    jq_set_debug_cb(jq->state, log_debug, jq);
    rc = compile_both(jq, source, variables, err);
    if (rc)
        pf_jq_close(jq);
    else
        *ret = jq;
    return rc;
}

enum pf_rc pf_jq_open(const char *program, const char *name, bool pure,
                      struct pf_jq_watch *watch, struct pf_jq **ret,
                      struct pf_error *err)
{
    struct pf_jq_source source;
    enum pf_rc rc = pf_jq_source_read(program, &source, err);

    if (!rc)
        rc = pf_jq_compile(&source, name, pure, jv_object(), watch, ret, err);
    pf_jq_source_release(&source);
    return rc;
}

void pf_jq_set_watch(struct pf_jq *jq, struct pf_jq_watch *watch)
{
    jq->watch = watch;
}

void pf_jq_close(struct pf_jq *jq)
{
    if (!jq)
        return;
    jq_teardown(&jq->state);
    free(jq);
}

bool pf_jq_wants_record(const struct pf_jq *jq)
{
    return jq->wants_record;
}

void pf_jq_start(struct pf_jq *jq, jv input, jv record)
{
    if (jq->wants_record)
        input = JV_ARRAY(record, input);
    else
        jv_free(record);
    jq_start(jq->state, input, 0);
}

/* The message of a program that gave up; "error" without one has null. */
static enum pf_rc give_reason(jv invalid, struct pf_error *err)
{
    jv why = jv_invalid_get_msg(invalid);
    struct pf_buffer text = {0};

    pf_jq_print_text(why, &text, NULL);
    jv_free(why);
    pf_fail(err, PF_FORMAT, "%.*s", (int)text.n, text.at ? text.at : "");
    pf_buffer_release(&text);
    return PF_FORMAT;
}

static jv run(struct pf_jq *jq)
{
    jv result;

    if (jq->watch)
        pf_jq_watch_run(jq->watch, jq->state);
    result = jq_next(jq->state);
    if (jq->watch)
        pf_jq_watch_run(jq->watch, NULL);
    return result;
}

static enum pf_rc look(const struct pf_jq *jq, struct pf_error *err)
{
    return jq->watch ? pf_jq_watch_look(jq->watch, err) : PF_OK;
}

/* Free what a program that was stopped has gathered, which may take as long as
 * it did: here, in a time of its own, and not in that of the next record. */
static void let_go(struct pf_jq *jq)
{
    pf_jq_watch_record(jq->watch);
    jq_start(jq->state, jv_null(), 0);
}

enum pf_rc pf_jq_next(struct pf_jq *jq, jv *ret, struct pf_error *err)
{
    enum pf_rc rc = look(jq, err);
    jv result;

    if (rc)
        return rc;
    result = run(jq);
    rc = look(jq, err);
    if (rc) {
        jv_free(result);
        let_go(jq);
        return rc;
    }
    if (jv_is_valid(result)) {
        *ret = result;
        return PF_OK;
    }
    if (jv_invalid_has_msg(jv_copy(result)))
        return give_reason(result, err);
    jv_free(result);
    return PF_END;
}

enum pf_rc pf_jq_is_true(struct pf_jq *jq, jv input, jv record, bool *ret,
                         struct pf_error *err)
{
    bool is_true = false;
    enum pf_rc rc;
    jv result;

    pf_jq_start(jq, input, record);
    while (!is_true && !(rc = pf_jq_next(jq, &result, err))) {
        jv_kind kind = jv_get_kind(result);

        is_true = kind != JV_KIND_FALSE && kind != JV_KIND_NULL;
        jv_free(result);
    }
    if (!is_true && rc != PF_END)
        return rc;
    *ret = is_true;
    return PF_OK;
}

enum pf_rc pf_jq_one(struct pf_jq *jq, jv input, jv record, jv *ret,
                     struct pf_error *err)
{
    jv first, second;
    enum pf_rc rc;

    pf_jq_start(jq, input, record);
    rc = pf_jq_next(jq, &first, err);
    if (rc == PF_END)
        return pf_fail(err, PF_FORMAT, "it has no result");
    if (rc)
        return rc;
    rc = pf_jq_next(jq, &second, err);
    if (rc == PF_END) {
        *ret = first;
        return PF_OK;
    }
    jv_free(first);
    if (rc)
        return rc;
    jv_free(second);
    return pf_fail(err, PF_FORMAT, "it has more than one result");
}
