#include "blame.h"

#include <stdlib.h>
#include <string.h>

/* How many records are written at a time at first, and how many are as good as
 * any number. */
#define FIRST 256
#define ENOUGH 4096

/* In one word, for dead letters. */
#define KIND "refused"

/* What tells it from all others: its place in the input; or of a result, which
 * has none, the window, of which there is one for each key. */
static struct pf_blamed describe(const struct pf_blame *b,
                                 const struct pf_record *record, bool of_letter)
{
    bool is_result = b->of_results && record->offset < 0;
    const char *name = is_result ? record->key : record->topic;
    size_t len = is_result ? record->key_len : name ? strlen(name) : 0;

    return (struct pf_blamed){
        .of_letter = of_letter,
        .name = (char *)(uintptr_t)name, /* borrowed, to be compared */
        .len = name ? len : SIZE_MAX,
        .partition = record->partition,
        .at = is_result ? record->timestamp : record->offset};
}

static struct pf_blamed *find(struct pf_blame *b,
                              const struct pf_record *record, bool of_letter)
{
    struct pf_blamed one = describe(b, record, of_letter);

    for (size_t i = 0; i < b->list.n; i++) {
        struct pf_blamed *known = &b->list.at[i];

        if (known->at == one.at && known->partition == one.partition &&
            known->len == one.len && known->of_letter == of_letter &&
            (!one.name || !memcmp(known->name, one.name, one.len)))
            return known;
    }
    return NULL;
}

void pf_blame_taken_back(struct pf_blame *b)
{
    for (size_t i = 0; i < b->list.n; i++)
        b->list.at[i].is_aside = false;
}

void pf_blame_narrow(struct pf_blame *b, size_t n)
{
    b->most = n ? (n + 1) / 2 : FIRST;
}

static enum pf_rc no_memory(struct pf_error *err)
{
    return pf_fail(err, PF_NOMEM, "a record that was refused: out of memory");
}

/* Keep it, and look at one at a time. */
static enum pf_rc add(struct pf_blame *b, struct pf_blamed one,
                      struct pf_error *err)
{
    const char *name = one.name;

    b->most = 1;
    one.name = name ? malloc(one.len + 1) : NULL;
    if (name && !one.name)
        return no_memory(err);
    if (name)
        memcpy(one.name, name, one.len);
    if (PF_VEC_PUSH(&b->list, one))
        return PF_OK;
    free(one.name);
    return no_memory(err);
}

enum pf_rc pf_blame_add(struct pf_blame *b, const struct pf_record *record,
                        const struct pf_error *why, struct pf_error *err)
{
    struct pf_blamed one = describe(b, record, false);

    memcpy(&one.why, why, sizeof *why);
    return add(b, one, err);
}

enum pf_rc pf_blame_letter(struct pf_blame *b, const struct pf_record *record,
                           struct pf_error *err)
{
    return add(b, describe(b, record, true), err);
}

void pf_blame_letters(struct pf_blame *b, struct pf_dead_letters *dead,
                      const struct pf_refusal *refusals, size_t n)
{
    for (size_t i = 0; i < n && b->list.n; i++) {
        struct pf_blamed *found = find(b, refusals[i].record, true);

        if (found) {
            found->is_aside = true;
            pf_dead_letters_shorten(dead, i);
        }
    }
}

/* Forget those that are put aside, or all. */
static void forget(struct pf_blame *b, bool all)
{
    size_t n = 0;

    for (size_t i = 0; i < b->list.n; i++)
        if (all || b->list.at[i].is_aside)
            free(b->list.at[i].name);
        else
            b->list.at[n++] = b->list.at[i];
    b->list.n = n;
}

void pf_blame_passed(struct pf_blame *b)
{
    b->most *= 2;
    if (b->most > ENOUGH)
        b->most = 0;
    forget(b, !b->most);
}

/* Add a refusal, if it is one that was found; *ret says whether. */
static bool refuse(struct pf_blame *b, const struct pf_record *record,
                   bool *ret)
{
    struct pf_blamed *found = find(b, record, false);

    *ret = found;
    if (!found)
        return true;
    found->is_aside = true;
    return PF_VEC_PUSH(&b->refusals,
                       ((struct pf_refusal){record, KIND, found->why}));
}

enum pf_rc pf_blame_batch(struct pf_blame *b, struct pf_batch *batch,
                          struct pf_error *err)
{
    size_t its = 0; /* own refusals of the batch */
    bool found, ok = true;

    if (!b->list.n || b->of_results)
        return PF_OK;
    b->refusals.n = 0;
    for (size_t i = 0; i < batch->n && ok; i++)
        if (its < batch->n_refused &&
            batch->refusals[its].record == &batch->records[i])
            ok = PF_VEC_PUSH(&b->refusals, batch->refusals[its++]);
        else
            ok = refuse(b, &batch->records[i], &found);
    batch->refusals = b->refusals.at;
    batch->n_refused = b->refusals.n;
    return ok ? PF_OK : no_memory(err);
}

/* Copy the results, without those that are refused unless these are to be put
 * aside. */
static bool copy(struct pf_blame *b, const struct pf_output *output)
{
    bool found, ok = true;

    b->results.n = b->from.n = b->refusals.n = 0;
    for (size_t i = 0; i < output->n && ok; i++) {
        ok = refuse(b, &output->records[i], &found);
        if (ok && (!found || b->aside))
            ok = PF_VEC_PUSH(&b->results, output->records[i]) &&
                 PF_VEC_PUSH(&b->from, output->from ? output->from[i] : 0);
    }
    return ok;
}

enum pf_rc pf_blame_results(struct pf_blame *b, struct pf_filtered *filtered,
                            struct pf_error *err)
{
    struct pf_output *output = &filtered->outputs[0], letters = {0};
    const struct pf_batch batch = {.records = output->records, .n = output->n};
    enum pf_rc rc = PF_OK;

    if (!b->list.n || !b->of_results)
        return PF_OK;
    if (!copy(b, output))
        return no_memory(err);
    if (b->aside)
        rc = pf_dead_letters_make(&b->dead, &batch, b->refusals.at,
                                  b->refusals.n, &letters, err);
    if (letters.n)
        pf_blame_letters(b, &b->dead, b->refusals.at, b->refusals.n);
    for (size_t i = 0; i < letters.n; i++)
        b->results.at[letters.from[i]] = letters.records[i];
    *output = (struct pf_output){
        .records = b->results.at, .n = b->results.n, .from = b->from.at};
    return rc;
}

struct pf_batch pf_blame_slice(const struct pf_blame *b,
                               const struct pf_batch *batch, size_t at)
{
    size_t left = batch->n - at, n = b->most && b->most < left ? b->most : left;
    struct pf_batch ret = {.records = batch->records + at,
                           .n = n,
                           .ticket = batch->ticket - left + n,
                           .refusals = batch->refusals};
    const struct pf_refusal *end = batch->refusals + batch->n_refused;

    while (ret.refusals < end && ret.refusals->record < ret.records)
        ret.refusals++;
    while (ret.refusals + ret.n_refused < end &&
           ret.refusals[ret.n_refused].record < ret.records + n)
        ret.n_refused++;
    return ret;
}

void pf_blame_release(struct pf_blame *b)
{
    forget(b, true);
    free(b->list.at);
    free(b->refusals.at);
    free(b->results.at);
    free(b->from.at);
    pf_dead_letters_release(&b->dead);
    *b = (struct pf_blame){0};
}
