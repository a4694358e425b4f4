#include "check.h"

#include <stdlib.h>

void pf_check_release(struct pf_check *c)
{
    pf_findings_release(&c->findings);
    free(c->pieces.at);
    free(c->covers.at);
    free(c->excused.at);
    free(c->claimed);
    free(c->extra);
    free(c->altered);
    *c = (struct pf_check){0};
}

/* Add what was found while the topic was read. */
static bool check_records(struct pf_check *c)
{
    const struct pf_topic *t = c->topic;
    bool ok = true;

    for (size_t i = 0; i < t->odd.n && ok; i++) {
        if (!t->odd.at[i].invalid)
            continue;
        pf_bit_set(c->altered, t->odd.at[i].place);
        ok = pf_check_found(c, PF_FOUND_ALTERED, t->odd.at[i].place);
    }
    for (size_t i = 0; i < t->bad_headers.n && ok; i++)
        ok = pf_check_found(c, PF_FOUND_BAD_HEADER, t->bad_headers.at[i]);
    for (size_t i = 0; i < t->late.n && ok; i++)
        ok = pf_check_found(c, PF_FOUND_LATE, t->late.at[i]);
    for (size_t i = 0; i < t->silences.n && ok; i++)
        ok = pf_check_found(c, PF_FOUND_SILENCE, t->silences.at[i]);
    /* A reset is reported with the number that the record should have had. */
    for (size_t i = 0; i < t->resets.n && ok; i++) {
        uint32_t life = pf_topic_span(t, t->resets.at[i])->life;
        const struct pf_life *prev = &t->lives.at[t->lives.at[life].prev];

        ok = pf_check_absent(c, PF_FOUND_RESET, prev, prev->next, 1,
                             (int64_t)t->resets.at[i]);
    }
    return ok;
}

/* Is any run in both the topic and the ledger? */
static bool runs_meet(const struct pf_check *c)
{
    const struct pf_runs *runs = c->topic->runs;

    for (size_t i = 0; i < runs->list.n; i++)
        if (runs->list.at[i]->topic_life != PF_NONE &&
            runs->list.at[i]->ledger_life != PF_NONE)
            return true;
    return false;
}

/* Is there enough to decide? */
static enum pf_rc check_grounds(const struct pf_check *c, struct pf_error *err)
{
    if (!c->topic->numbered && !c->book->any)
        return pf_fail(err, PF_UNDECIDED,
                       c->topic->crcs.n
                           ? "no record has a number in its headers, and there "
                             "is no ledger"
                           : "the topic has no records, and there is no "
                             "ledger");
    if (c->book->lives.n && c->topic->numbered && !runs_meet(c))
        return pf_fail(err, PF_UNDECIDED,
                       "the ledger is of run %s, but the topic has only "
                       "records of other runs",
                       c->topic->runs->list.at[c->book->lives.at[0].run]->name);
    return PF_OK;
}

static bool judge(const struct pf_check *c)
{
    for (int i = 0; i < PF_FINDING_KINDS; i++)
        if (c->findings.counts[i] && i != PF_FOUND_UNPRINTED &&
            i != PF_FOUND_PRINTED_TWICE)
            return false;
    return c->findings.counts[PF_FOUND_PRINTED_TWICE] <= c->twice_max &&
           (!c->complete || !c->findings.counts[PF_FOUND_UNPRINTED]);
}

enum pf_rc pf_check_run(struct pf_check *c, struct pf_error *err)
{
    size_t n = c->topic->crcs.n;
    enum pf_rc rc = check_grounds(c, err);

    if (rc)
        return rc;
    c->claimed = pf_bits_new(n);
    c->extra = pf_bits_new(n);
    c->altered = pf_bits_new(n);
    if (!c->claimed || !c->extra || !c->altered || !pf_check_index(c) ||
        !check_records(c) || !pf_check_ledger(c) || !pf_check_numbers(c) ||
        !pf_check_console(c))
        return pf_fail(err, PF_NOMEM, "no memory to compare %zu records", n);
    if (c->book->cut && c->findings.counts[PF_FOUND_PHANTOM])
        return pf_fail(err, PF_UNDECIDED,
                       "the ledger ends in the middle of a line, and the topic "
                       "has records that it does not know: it was cut later");
    pf_findings_sort(&c->findings);
    c->valid = judge(c);
    return PF_OK;
}
