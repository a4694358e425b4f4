#include "check.h"

#include <inttypes.h>
#include <stdlib.h>

void pf_check_release(struct pf_check *c)
{
    pf_findings_release(&c->findings);
    free(c->pieces.at);
    free(c->covers.at);
    free(c->floors);
    free(c->excused.at);
    free(c->claimed);
    free(c->extra);
    free(c->twins);
    free(c->altered);
    *c = (struct pf_check){0};
}

/* Add a finding of that kind for each of these records of a slice. */
static bool add_all(struct pf_check *c, enum pf_finding_kind kind,
                    const struct pf_slice *p, const uint64_t *at, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!pf_check_found(c, kind, p->base + at[i]))
            return false;
    return true;
}

/* A reset is reported with the number that the record should have had. */
static bool add_resets(struct pf_check *c, const struct pf_slice *p)
{
    const pf_lives *lives = &c->topic->lives;

    for (size_t i = 0; i < p->resets.n; i++) {
        uint32_t life = pf_slice_span(p, p->resets.at[i])->life;
        const struct pf_life *prev = &lives->at[lives->at[life].prev];

        if (!pf_check_absent(c, PF_FOUND_RESET, prev, prev->next, 1,
                             (int64_t)(p->base + p->resets.at[i])))
            return false;
    }
    return true;
}

/* Add what was found while the partition was read. */
static bool check_slice(struct pf_check *c, const struct pf_slice *p)
{
    for (size_t i = 0; i < p->odd.n; i++) {
        uint64_t place = p->base + p->odd.at[i].at;

        if (!p->odd.at[i].invalid)
            continue;
        pf_bit_set(c->altered, place);
        if (!pf_check_found(c, PF_FOUND_ALTERED, place))
            return false;
    }
    return add_all(c, PF_FOUND_BAD_HEADER, p, p->bad_headers.at,
                   p->bad_headers.n) &&
           add_all(c, PF_FOUND_LATE, p, p->late.at, p->late.n) &&
           add_all(c, PF_FOUND_SILENCE, p, p->silences.at, p->silences.n) &&
           add_resets(c, p);
}

static bool check_records(struct pf_check *c)
{
    for (size_t i = 0; i < c->topic->slices.n; i++)
        if (!check_slice(c, &c->topic->slices.at[i]))
            return false;
    return true;
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
    if (!c->topic->n && !c->book->any)
        return pf_fail(err, PF_UNDECIDED,
                       "the topic has no records, and there is no ledger");
    if (c->topic->n && !c->topic->numbered && !c->book->lives.n)
        return pf_fail(err, PF_UNDECIDED,
                       "no record has a number in its headers, and %s",
                       c->book->any ? "the ledger has none that was sent"
                                    : "there is no ledger");
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

/* Is there enough to judge what was found? */
static enum pf_rc check_result(const struct pf_check *c, struct pf_error *err)
{
    const struct pf_topic *t = c->topic;
    const uint64_t *counts = c->findings.counts;

    if (c->book->cut && counts[PF_FOUND_PHANTOM])
        return pf_fail(err, PF_UNDECIDED,
                       "the ledger ends in the middle of a line, and the topic "
                       "has records that it does not know: it was cut later");
    if (t->all && !c->book->any && counts[PF_FOUND_LOST] &&
        counts[PF_FOUND_LOST] <= t->n - t->numbered)
        return pf_fail(err, PF_UNDECIDED,
                       "%" PRIu64 " numbers are missing, and %" PRIu64
                       " records have none: in several partitions each record "
                       "needs its number in its headers",
                       counts[PF_FOUND_LOST], t->n - t->numbered);
    if (!judge(c)) /* whatever else is not known */
        return PF_OK;
    if (c->gone)
        return pf_fail(err, PF_UNDECIDED,
                       "%" PRIu64 " numbers are missing, and %s [%" PRIu32
                       "] has lost its records before offset %" PRId64
                       ": only a ledger can tell whether they were there",
                       c->gone, t->feed->topic, c->gone_from,
                       t->slices.at[c->gone_from].start);
    if (c->unknown_keys)
        return pf_fail(err, PF_UNDECIDED,
                       "the order of lines from several partitions can be "
                       "judged only with audit.values = price: of other lines "
                       "the key is not known");
    if (c->unjudged)
        return pf_fail(err, PF_UNDECIDED,
                       "the records of %" PRIu64 " matches are in several "
                       "partitions each: the order of their lines is not known",
                       c->unjudged);
    return PF_OK;
}

static bool compare_all(struct pf_check *c)
{
    return pf_check_index(c) && check_records(c) && pf_check_ledger(c) &&
           pf_check_numbers(c) && pf_check_keys(c) && pf_check_console(c);
}

enum pf_rc pf_check_run(struct pf_check *c, struct pf_error *err)
{
    uint64_t n = c->topic->n;
    enum pf_rc rc = check_grounds(c, err);

    if (rc)
        return rc;
    pf_topic_lay_out(c->topic);
    c->claimed = pf_bits_new(n);
    c->extra = pf_bits_new(n);
    c->twins = pf_bits_new(n);
    c->altered = pf_bits_new(n);
    if (!c->claimed || !c->extra || !c->twins || !c->altered || !compare_all(c))
        return pf_fail(err, PF_NOMEM,
                       "no memory to compare %" PRIu64 " records", n);
    rc = check_result(c, err);
    if (rc)
        return rc;
    pf_findings_sort(&c->findings);
    c->valid = judge(c);
    return PF_OK;
}
