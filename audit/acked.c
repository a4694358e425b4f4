/* Looks in the topic for what the ledger says has been acknowledged. */
#include "sendings.h"

bool pf_sendings_claim(struct pf_sendings *w, uint64_t place, uint64_t sending)
{
    struct pf_check *c = w->c;

    pf_bit_set(c->claimed, place);
    if (pf_topic_crc(c->topic, place) == c->book->crcs.at[sending] ||
        pf_bit(c->altered, place))
        return true;
    pf_bit_set(c->altered, place);
    return pf_check_found(c, PF_FOUND_ALTERED, place);
}

/* An acknowledged record is neither where it should be nor elsewhere. If it is
 * between others of its life, it is in a gap, which is reported anyway. */
static bool lose(struct pf_sendings *w, uint32_t ledger_life, uint64_t number)
{
    struct pf_check *c = w->c;
    uint32_t life = w->lives[ledger_life];
    const struct pf_life *l = life == PF_NONE ? &c->book->lives.at[ledger_life]
                                              : &c->topic->lives.at[life];

    if (life != PF_NONE && number < l->next && number >= c->floors[life].number)
        return true;
    return pf_check_absent(c, PF_FOUND_LOST, l, number, 1, -1);
}

/* A sending that was acknowledged. */
struct acked {
    const struct pf_sent_span *span;
    uint64_t sending, number;
    const struct pf_slice *slice;
    uint32_t life;  /* the topic's */
    int64_t offset; /* -1: not known */
    int64_t ns;     /* when it was acknowledged */
};

/* It is outside of what was read. Its number is not missed, though there may be
 * a later one: another partition was read up to another moment. */
static bool pass_over(struct pf_sendings *w, const struct acked *a)
{
    struct pf_check *c = w->c;
    struct pf_key key = {a->life, a->number, a->sending, 1};

    c->not_judged++;
    return a->life == PF_NONE ||
           a->number >= c->topic->lives.at[a->life].next ||
           a->number < c->floors[a->life].number ||
           PF_VEC_PUSH(&c->excused, key);
}

/* It is at its offset: is that where it may be? A record without a number is
 * known by its place, so that its number is not missed. */
static bool check_there(struct pf_sendings *w, const struct acked *a,
                        uint64_t place, bool numbered)
{
    struct pf_check *c = w->c;
    struct pf_key key = {a->life, a->number, a->sending, 1};

    if (!numbered && a->life != PF_NONE && !PF_VEC_PUSH(&c->excused, key))
        return false;
    return pf_sendings_claim(w, place, a->sending) &&
           (a->offset >
                pf_book_behind(c->book, a->span,
                               (uint32_t)(a->slice - c->topic->slices.at)) ||
            pf_check_found(c, PF_FOUND_BACKWARDS, place));
}

/* It is not at its offset, or that is not known: look for its number. */
static bool check_elsewhere(struct pf_sendings *w, const struct acked *a)
{
    struct pf_check *c = w->c;
    int64_t other = a->life == PF_NONE ? -1
                                       : pf_check_place(c, a->life, a->number);

    if (other >= 0)
        return pf_sendings_claim(w, (uint64_t)other, a->sending) &&
               ((a->offset < 0 &&
                 pf_topic_slice(c->topic, (uint64_t)other) == a->slice) ||
                pf_check_found(c, PF_FOUND_CONFLICT, (uint64_t)other));
    if (a->offset < 0 && (a->slice->start > 0 || c->end || a->ns >= c->read_ns))
        return pass_over(w, a);
    return lose(w, a->span->life, a->number);
}

static bool check_acked(struct pf_sendings *w, const struct acked *a)
{
    struct pf_check *c = w->c;
    int64_t at = a->offset < 0 ? -1 : pf_slice_index(a->slice, a->offset);
    uint32_t life;
    uint64_t number;
    bool numbered;

    if ((a->offset >= 0 && a->offset < a->slice->start) ||
        (c->end && a->offset >= c->end) ||
        (at < 0 && a->offset >= pf_slice_end(a->slice) && a->ns >= c->read_ns))
        return pass_over(w, a);
    if (at >= 0) {
        at += (int64_t)a->slice->base;
        numbered = pf_topic_number(c->topic, (uint64_t)at, &life, &number);
        if (!numbered || (life == a->life && number == a->number))
            return check_there(w, a, (uint64_t)at, numbered);
    }
    return check_elsewhere(w, a);
}

/* Check the sendings of a span, which were acknowledged together. */
static bool check_acked_span(struct pf_sendings *w,
                             const struct pf_acked_span *span)
{
    const struct pf_book *b = w->c->book;
    struct acked a = {.slice = &w->c->topic->slices.at[span->slice],
                      .ns = span->ns};

    for (uint64_t k = 0; k < span->n; k++) {
        a.sending = span->is_listed ? b->listed.at[span->at + k] : span->at + k;
        if (!a.span || a.sending < a.span->at ||
            a.sending >= a.span->at + a.span->n)
            a.span = &b->sent.at[PF_VEC_FIND(&b->sent, at, a.sending)];
        a.number = a.span->number + (a.sending - a.span->at);
        a.life = w->lives[a.span->life];
        a.offset = span->offset < 0 ? -1 : span->offset + (int64_t)k;
        if (!check_acked(w, &a))
            return false;
    }
    return true;
}

bool pf_sendings_acked(struct pf_sendings *w)
{
    const struct pf_book *b = w->c->book;

    for (size_t i = 0; i < b->acked.n; i++)
        if (!check_acked_span(w, &b->acked.at[i]))
            return false;
    pf_keys_sort(&w->c->excused);
    return true;
}
