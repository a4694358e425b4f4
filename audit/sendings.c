/* Compares the topic with the ledger: what was sent, and what became of it. */
#include <inttypes.h>

#include "comparison.h"

/* State of the comparison. */
struct work {
    struct pf_check *c;
    uint32_t *lives; /* the topic's life for each of the ledger's, or PF_NONE */
    pf_keys doubtful;   /* sendings of unknown fate */
    unsigned char *met; /* bits: those found in the topic */
    pf_keys sent;       /* each span of sendings, by number */
    uint64_t longest;   /* of these spans */
};

/* Find the topic's life for each of the ledger's. */
static bool match_lives(struct work *w)
{
    const struct pf_book *b = w->c->book;
    const struct pf_topic *t = w->c->topic;

    w->lives = malloc((b->lives.n + 1) * sizeof *w->lives);
    if (!w->lives)
        return false;
    for (size_t i = 0; i < b->lives.n; i++) {
        const struct pf_life *life = &b->lives.at[i];
        uint32_t at = t->runs->list.at[life->run]->topic_life;

        while (at != PF_NONE && t->lives.at[at].nth != life->nth)
            at = t->lives.at[at].prev;
        w->lives[i] = at;
    }
    return true;
}

/* Collect the sendings that may have arrived, and those whose absence is not a
 * loss. */
static bool sort_out(struct work *w)
{
    const struct pf_book *b = w->c->book;

    for (size_t i = 0; i < b->sent.n; i++) {
        const struct pf_sent_span *s = &b->sent.at[i];
        uint32_t life = w->lives[s->life];

        if (life == PF_NONE) { /* none of that life is in the topic */
            for (uint64_t k = 0; k < s->n; k++)
                w->c->unknown_absent += b->ends.at[s->at + k] ==
                                            PF_END_UNKNOWN ||
                                        b->ends.at[s->at + k] == PF_END_NONE;
            continue;
        }
        if (!PF_VEC_PUSH(&w->sent, ((struct pf_key){life, s->number, i, s->n})))
            return false;
        if (w->longest < s->n)
            w->longest = s->n;
        for (uint64_t k = 0; k < s->n; k++) {
            enum pf_end end = b->ends.at[s->at + k];
            struct pf_key key = {life, s->number + k, s->at + k, 1};

            if (end == PF_END_ACKED)
                continue;
            if (end != PF_END_FAILED && !PF_VEC_PUSH(&w->doubtful, key))
                return false;
            if (end != PF_END_NONE && !PF_VEC_PUSH(&w->c->excused, key))
                return false;
        }
    }
    pf_keys_sort(&w->sent);
    pf_keys_sort(&w->doubtful);
    pf_keys_sort(&w->c->excused);
    w->met = pf_bits_new(w->doubtful.n);
    return w->met != NULL;
}

/* The record at this place is that of this sending. */
static bool claim(struct work *w, uint64_t place, uint64_t sending)
{
    struct pf_check *c = w->c;

    pf_bit_set(c->claimed, place);
    if (c->topic->crcs.at[place] == c->book->crcs.at[sending] ||
        pf_bit(c->altered, place))
        return true;
    pf_bit_set(c->altered, place);
    return pf_check_found(c, PF_FOUND_ALTERED, place);
}

/* An acknowledged record is neither where it should be nor elsewhere. If it is
 * between others of its life, it is in a gap, which is reported anyway. */
static bool lose(struct work *w, uint32_t ledger_life, uint64_t number)
{
    struct pf_check *c = w->c;
    uint32_t life = w->lives[ledger_life];
    const struct pf_life *l = life == PF_NONE ? &c->book->lives.at[ledger_life]
                                              : &c->topic->lives.at[life];

    /* Where the topic's beginning is gone, what was before the first number
     * that it still has of this life is in no gap. */
    if (life != PF_NONE && number < l->next &&
        (c->topic->start == 0 ||
         number >= c->covers.at[pf_keys_find(&c->covers, life, 0)].number))
        return true;
    return pf_check_absent(c, PF_FOUND_LOST, l, number, 1, -1);
}

/* Check a sending that was acknowledged at offset; -1: offset not known. */
static bool check_acked(struct work *w, const struct pf_sent_span *s,
                        uint64_t sending, int64_t offset, int64_t ns)
{
    struct pf_check *c = w->c;
    const struct pf_topic *t = c->topic;
    uint64_t number = s->number + (sending - s->at);
    uint32_t life = w->lives[s->life];
    int64_t place = offset < 0 ? -1 : pf_topic_place(t, offset), other;
    const struct pf_number_span *span;

    if ((offset >= 0 && offset < t->start) ||
        (place < 0 && offset >= pf_topic_end(t) && ns >= c->read_ns)) {
        c->not_judged++;
        return true;
    }
    if (place >= 0) {
        span = pf_topic_span(t, (uint64_t)place);
        if (span->life == PF_NONE ||
            (span->life == life &&
             span->number + ((uint64_t)place - span->place) == number))
            return claim(w, (uint64_t)place, sending) &&
                   (offset > s->behind ||
                    pf_check_found(c, PF_FOUND_BACKWARDS, (uint64_t)place));
    }
    other = life == PF_NONE ? -1 : pf_check_place(c, life, number);
    if (other >= 0)
        return claim(w, (uint64_t)other, sending) &&
               (offset < 0 ||
                pf_check_found(c, PF_FOUND_CONFLICT, (uint64_t)other));
    if (offset < 0 && (t->start > 0 || ns >= c->read_ns)) {
        c->not_judged++;
        return true;
    }
    return lose(w, s->life, number);
}

static bool check_all_acked(struct work *w)
{
    const struct pf_book *b = w->c->book;

    for (size_t i = 0; i < b->acked.n; i++) {
        const struct pf_acked_span *a = &b->acked.at[i];
        const struct pf_sent_span *s =
            &b->sent.at[PF_VEC_FIND(&b->sent, at, a->at)];

        for (uint64_t k = 0; k < a->n; k++) {
            while (a->at + k >= s->at + s->n)
                s++;
            if (!check_acked(w, s, a->at + k,
                             a->offset < 0 ? -1 : a->offset + (int64_t)k,
                             a->ns))
                return false;
        }
    }
    return true;
}

/* Was the record at this place ever sent with this number, without having
 * certainly failed? */
static bool was_sent(const struct work *w, uint32_t life, uint64_t number,
                     uint64_t place)
{
    const struct pf_book *b = w->c->book;
    size_t i = pf_keys_find(&w->sent, life, number + 1);

    for (; i && w->sent.at[i - 1].life == life; i--) {
        const struct pf_sent_span *s = &b->sent.at[w->sent.at[i - 1].of];
        uint64_t k = number - s->number;

        if (k >= w->longest)
            break;
        if (k < s->n && b->ends.at[s->at + k] != PF_END_FAILED &&
            b->crcs.at[s->at + k] == w->c->topic->crcs.at[place])
            return true;
    }
    return false;
}

/* Check a record that no acknowledgement is about. */
static bool check_unclaimed(struct work *w, uint32_t life, uint64_t number,
                            uint64_t place)
{
    struct pf_check *c = w->c;
    uint32_t run = c->topic->lives.at[life].run;
    size_t i = pf_keys_find(&w->doubtful, life, number), first = i;

    for (; i < w->doubtful.n && w->doubtful.at[i].life == life &&
           w->doubtful.at[i].number == number;
         i++) {
        uint64_t sending = w->doubtful.at[i].of;

        /* The checksum tells which of several sendings it is. */
        if (pf_bit(w->met, i) ||
            c->book->crcs.at[sending] != c->topic->crcs.at[place])
            continue;
        pf_bit_set(w->met, i);
        return claim(w, place, sending);
    }
    if (was_sent(w, life, number, place)) /* repeated: reported elsewhere */
        return true;
    if (i > first && !pf_bit(w->met, first) &&
        pf_check_place(c, life, number) == (int64_t)place) {
        pf_bit_set(w->met, first);
        return claim(w, place, w->doubtful.at[first].of);
    }
    /* Sent before the ledger was begun. */
    if (!c->topic->lives.at[life].nth && number < c->book->firsts.at[run])
        return true;
    pf_bit_set(c->extra, place);
    return pf_check_found(c, PF_FOUND_PHANTOM, place);
}

static bool check_all_unclaimed(struct work *w)
{
    const struct pf_topic *t = w->c->topic;

    for (size_t i = 0; i < t->numbers.n; i++) {
        const struct pf_number_span *s = &t->numbers.at[i];
        uint64_t n = pf_topic_span_len(t, s);

        if (s->life == PF_NONE ||
            t->runs->list.at[t->lives.at[s->life].run]->ledger_life == PF_NONE)
            continue;
        for (uint64_t k = 0; k < n; k++)
            if (!pf_bit(w->c->claimed, s->place + k) &&
                !check_unclaimed(w, s->life, s->number + k, s->place + k))
                return false;
    }
    return true;
}

/* Records without an outcome, though their producer ended by itself, are only
 * counted: which ones does not matter. */
static bool count_rest(struct work *w)
{
    struct pf_check *c = w->c;
    struct pf_finding f = {.kind = PF_FOUND_UNACCOUNTED,
                           .run = PF_NONE,
                           .n = c->book->n_unaccounted,
                           .place = -1};

    for (size_t i = 0; i < w->doubtful.n; i++) {
        bool met = pf_bit(w->met, i);

        c->unknown_there += met;
        c->unknown_absent += !met;
    }
    return !f.n || pf_findings_add(&c->findings, &f);
}

bool pf_check_ledger(struct pf_check *c)
{
    struct work w = {.c = c};
    bool ok = !c->book->any ||
              (match_lives(&w) && sort_out(&w) && check_all_acked(&w) &&
               check_all_unclaimed(&w) && count_rest(&w));

    free(w.lives);
    free(w.doubtful.at);
    free(w.met);
    free(w.sent.at);
    return ok;
}
