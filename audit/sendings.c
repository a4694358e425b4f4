/* Compares the topic with the ledger: what was sent, and what became of it. */
#include "sendings.h"

/* Find the topic's life for each of the ledger's. */
static bool match_lives(struct pf_sendings *w)
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

/* Collect the sendings of a span that may have arrived, those whose absence is
 * not a loss, and stretches of those that were acknowledged. */
static bool sort_out_span(struct pf_sendings *w, const struct pf_sent_span *s,
                          uint32_t life)
{
    const struct pf_book *b = w->c->book;
    uint64_t from = 0; /* after the last one that was not acknowledged */

    for (uint64_t k = 0; k <= s->n; k++) {
        enum pf_end end = k < s->n ? b->ends.at[s->at + k] : PF_END_FAILED;
        struct pf_key key = {life, s->number + k, s->at + k, 1};

        if (end == PF_END_ACKED)
            continue;
        if (from < k &&
            !PF_VEC_PUSH(&w->acked, ((struct pf_key){life, s->number + from,
                                                     s->at + from, k - from})))
            return false;
        from = k + 1;
        if (end != PF_END_FAILED && !PF_VEC_PUSH(&w->doubtful, key))
            return false;
        /* In one partition, records that a kill has left without an outcome are
         * behind all others. */
        if (k < s->n && (end != PF_END_NONE || w->c->topic->all) &&
            !PF_VEC_PUSH(&w->c->excused, key))
            return false;
    }
    return true;
}

/* The absence of a number is a loss if any of its sendings was acknowledged. */
static void judge_excuses(struct pf_sendings *w)
{
    pf_keys *excused = &w->c->excused;
    size_t kept = 0, i = 0;
    uint64_t end = 0; /* of what was acknowledged, up to the ith */
    uint32_t life = PF_NONE;

    pf_keys_sort(&w->acked);
    pf_keys_sort(excused);
    for (size_t k = 0; k < excused->n; k++) {
        const struct pf_key *e = &excused->at[k], *a;

        for (; i < w->acked.n; i++) {
            a = &w->acked.at[i];
            if (a->life > e->life ||
                (a->life == e->life && a->number > e->number))
                break;
            if (a->life != life || a->number + a->n > end)
                end = a->number + a->n;
            life = a->life;
        }
        if (life != e->life || end <= e->number)
            excused->at[kept++] = *e;
    }
    excused->n = kept;
}

/* Sort out all sendings. */
static bool sort_out(struct pf_sendings *w)
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
        if (!sort_out_span(w, s, life))
            return false;
    }
    judge_excuses(w);
    pf_keys_sort(&w->sent);
    pf_keys_sort(&w->doubtful);
    w->met = pf_bits_new(w->doubtful.n);
    return w->met != NULL;
}

/* Was the record at this place ever sent with this number, without having
 * certainly failed? */
static bool was_sent(const struct pf_sendings *w, uint32_t life,
                     uint64_t number, uint64_t place)
{
    const struct pf_book *b = w->c->book;
    size_t i = pf_keys_find(&w->sent, life, number + 1);

    for (; i && w->sent.at[i - 1].life == life; i--) {
        const struct pf_sent_span *s = &b->sent.at[w->sent.at[i - 1].of];
        uint64_t k = number - s->number;

        if (k >= w->longest)
            break;
        if (k < s->n && b->ends.at[s->at + k] != PF_END_FAILED &&
            b->crcs.at[s->at + k] == pf_topic_crc(w->c->topic, place))
            return true;
    }
    return false;
}

/* Check a record that no acknowledgement is about. */
static bool check_unclaimed(struct pf_sendings *w, uint32_t life,
                            uint64_t number, uint64_t place)
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
            c->book->crcs.at[sending] != pf_topic_crc(c->topic, place))
            continue;
        pf_bit_set(w->met, i);
        return pf_sendings_claim(w, place, sending);
    }
    if (was_sent(w, life, number, place)) /* repeated: reported elsewhere */
        return true;
    if (i > first && !pf_bit(w->met, first) &&
        pf_check_place(c, life, number) == (int64_t)place) {
        pf_bit_set(w->met, first);
        return pf_sendings_claim(w, place, w->doubtful.at[first].of);
    }
    /* Sent before the ledger was begun. */
    if (!c->topic->lives.at[life].nth && number < c->book->firsts.at[run])
        return true;
    pf_bit_set(c->extra, place);
    return pf_check_found(c, PF_FOUND_PHANTOM, place);
}

/* Does the ledger begin that run? It may have nothing of it that was sent. */
static bool is_in_ledger(const struct pf_book *book, uint32_t run)
{
    return run < book->firsts.n && book->firsts.at[run] != UINT64_MAX;
}

/* Check the records of a slice that no acknowledgement is about. */
static bool check_unclaimed_in(struct pf_sendings *w, const struct pf_slice *p)
{
    const struct pf_topic *t = w->c->topic;

    for (size_t i = 0; i < p->numbers.n; i++) {
        const struct pf_number_span *s = &p->numbers.at[i];
        uint64_t n = pf_slice_span_len(p, s), place = p->base + s->at;

        if (s->life == PF_NONE ||
            !is_in_ledger(w->c->book, t->lives.at[s->life].run))
            continue;
        for (uint64_t k = 0; k < n; k++)
            if (!pf_bit(w->c->claimed, place + k) &&
                !check_unclaimed(w, s->life, s->number + k, place + k))
                return false;
    }
    return true;
}

static bool check_all_unclaimed(struct pf_sendings *w)
{
    for (size_t i = 0; i < w->c->topic->slices.n; i++)
        if (!check_unclaimed_in(w, &w->c->topic->slices.at[i]))
            return false;
    return true;
}

/* Records without an outcome, though their producer ended by itself, are only
 * counted: which ones does not matter. */
static bool count_rest(struct pf_sendings *w)
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
    struct pf_sendings w = {.c = c};
    bool ok = !c->book->any ||
              (match_lives(&w) && sort_out(&w) && pf_sendings_acked(&w) &&
               check_all_unclaimed(&w) && count_rest(&w));

    free(w.lives);
    free(w.doubtful.at);
    free(w.acked.at);
    free(w.met);
    free(w.sent.at);
    return ok;
}
