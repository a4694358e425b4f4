#include "book.h"

struct pf_book pf_book_init(const struct pf_feed *feed, struct pf_runs *runs)
{
    return (struct pf_book){.feed = feed, .runs = runs};
}

void pf_book_release(struct pf_book *b)
{
    free(b->crcs.at);
    free(b->ends.at);
    free(b->sent.at);
    free(b->acked.at);
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

/* Note that a sending has been acknowledged, at offset or -1. */
static bool note_acked(struct pf_book *b, uint64_t at, int64_t offset,
                       int64_t ns)
{
    struct pf_acked_span *last = b->acked.n ? PF_VEC_LAST(&b->acked) : NULL;
    struct pf_acked_span span = {at, 1, offset, ns};

    if (last && last->at + last->n == at && last->ns == ns &&
        offset == (last->offset < 0 ? -1 : last->offset + (int64_t)last->n)) {
        last->n++;
        return true;
    }
    return PF_VEC_PUSH(&b->acked, span);
}

enum pf_rc pf_book_settle(struct pf_book *b, enum pf_end end, uint64_t number,
                          int64_t offset, int64_t ns)
{
    int64_t sent_ns;
    uint64_t at;

    if (!find(b, number, &at))
        return PF_RANGE;
    b->ends.at[at] = (unsigned char)end;
    b->n_ended[end]++;
    b->n_under_way--;
    if (end != PF_END_ACKED)
        return PF_OK;
    sent_ns = b->sent.at[b->hint].ns;
    pf_histogram_add(&b->answers, ns > sent_ns ? (uint64_t)(ns - sent_ns) : 0,
                     1);
    if (b->highest < offset)
        b->highest = offset;
    return note_acked(b, at, offset, ns) ? PF_OK : PF_NOMEM;
}
