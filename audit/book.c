#include "book.h"

struct pf_book pf_book_init(const struct pf_feed *feed, struct pf_runs *runs)
{
    return (struct pf_book){.feed = feed, .runs = runs, .slices = 1};
}

void pf_book_release(struct pf_book *b)
{
    free(b->crcs.at);
    free(b->ends.at);
    free(b->sent.at);
    free(b->acked.at);
    free(b->listed.at);
    for (size_t i = 0; i < b->tops.n; i++)
        free(b->tops.at[i].at);
    free(b->tops.at);
    free(b->lives.at);
    free(b->firsts.at);
    *b = (struct pf_book){0};
}

void pf_book_bury(struct pf_book *b)
{
    b->n_killed += b->n_under_way;
    if (b->n_under_way > b->killed_max)
        b->killed_max = b->n_under_way;
    b->n_under_way = 0;
    b->under_way = b->crcs.n;
    b->head = b->hint = b->sent.n;
}

/* Find a sending with this number that is still under way: mostly the one after
 * the last that was found. */
static bool find(struct pf_book *b, uint64_t wanted, uint64_t *ret)
{
    while (b->head < b->sent.n) { /* skip spans without open sendings */
        const struct pf_sent_span *s = &b->sent.at[b->head];

        while (b->under_way < s->at + s->n &&
               b->ends.at[b->under_way] != PF_END_NONE)
            b->under_way++;
        if (b->under_way < s->at + s->n)
            break;
        b->head++;
    }
    if (b->hint < b->head)
        b->hint = b->head;
    for (int again = 0; again < 2; again++) {
        for (size_t i = again ? b->head : b->hint;
             i < b->sent.n && (again || i < b->hint + 2); i++) {
            const struct pf_sent_span *s = &b->sent.at[i];

            if (wanted < s->number || wanted - s->number >= s->n)
                continue;
            *ret = s->at + (wanted - s->number);
            if (b->ends.at[*ret] != PF_END_NONE)
                continue;
            b->hint = i;
            return true;
        }
    }
    return false;
}

bool pf_book_begin(struct pf_book *b)
{
    while (b->tops.n < b->slices)
        if (!PF_VEC_PUSH(&b->tops, ((pf_tops){0})))
            return false;
    for (size_t i = 0; i < b->tops.n; i++)
        if (b->tops.at[i].n &&
            !PF_VEC_PUSH(&b->tops.at[i], ((struct pf_top){b->acked.n, -1})))
            return false;
    return true;
}

/* Does the span continue the last one, with nothing sent in between? */
static bool continues(const struct pf_book *b, const struct pf_acked_span *span)
{
    const struct pf_acked_span *last = b->acked.n ? PF_VEC_LAST(&b->acked)
                                                  : NULL;

    return last && !span->is_listed && !last->is_listed &&
           last->slice == span->slice && last->ns == span->ns &&
           last->at + last->n == span->at &&
           span->offset ==
               (last->offset < 0 ? -1 : last->offset + (int64_t)last->n) &&
           PF_VEC_LAST(&b->sent)->acked < b->acked.n;
}

bool pf_book_acked(struct pf_book *b, const struct pf_acked_span *span)
{
    pf_tops *tops = &b->tops.at[span->slice];
    int64_t top = tops->n ? PF_VEC_LAST(tops)->offset : -1;

    if (continues(b, span))
        PF_VEC_LAST(&b->acked)->n += span->n;
    else if (!PF_VEC_PUSH(&b->acked, *span))
        return false;
    if (span->offset < 0 || top >= span->offset + (int64_t)span->n - 1)
        return true;
    top = span->offset + (int64_t)span->n - 1;
    if (tops->n && PF_VEC_LAST(tops)->acked == b->acked.n) {
        PF_VEC_LAST(tops)->offset = top;
        return true;
    }
    return PF_VEC_PUSH(tops, ((struct pf_top){b->acked.n, top}));
}

int64_t pf_book_behind(const struct pf_book *b, const struct pf_sent_span *sent,
                       uint32_t slice)
{
    const pf_tops *tops = &b->tops.at[slice];

    if (!tops->n || tops->at[0].acked > sent->acked)
        return -1;
    return tops->at[PF_VEC_FIND(tops, acked, sent->acked)].offset;
}

enum pf_rc pf_book_settle(struct pf_book *b, enum pf_end end, uint64_t number,
                          int64_t ns, uint64_t *ret_at)
{
    int64_t sent_ns;

    if (!find(b, number, ret_at))
        return PF_RANGE;
    b->ends.at[*ret_at] = (unsigned char)end;
    b->n_ended[end]++;
    b->n_under_way--;
    if (end != PF_END_ACKED)
        return PF_OK;
    sent_ns = b->sent.at[b->hint].ns;
    pf_histogram_add(&b->answers, ns > sent_ns ? (uint64_t)(ns - sent_ns) : 0,
                     1);
    return PF_OK;
}
