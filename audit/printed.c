/* Compares the console with the topic: lines of one partition, in its order. */
#include <stdlib.h>

#include "matches.h"
#include "walk.h"

/* Add what was skipped, and count what is still to come. */
static bool check_rest(struct pf_walk *w)
{
    struct pf_check *c = w->c;

    for (size_t at = w->first; at < w->high; at++) {
        uint64_t place = pf_wanted_place(&w->wanted, at);

        if (!pf_bit(w->seen, place) &&
            !pf_check_found(c, PF_FOUND_SKIPPED, place))
            return false;
    }
    c->unprinted = w->wanted.n - w->high;
    if (!c->complete || !c->unprinted)
        return true;
    if (!pf_check_found(c, PF_FOUND_UNPRINTED,
                        pf_wanted_place(&w->wanted, w->high)))
        return false;
    /* One finding for all the rest. */
    PF_VEC_LAST(&c->findings.list)->n = c->unprinted;
    c->findings.counts[PF_FOUND_UNPRINTED] = c->unprinted;
    return true;
}

static bool check_lines(struct pf_check *c)
{
    struct pf_walk w = {
        .c = c, .lines = {.crcs = c->lines->crcs.at, .n = c->lines->crcs.n}};
    size_t begin;
    bool ok;

    ok = pf_wanted_init(&w.wanted, c->topic) &&
         (w.seen = pf_bits_new(c->topic->n)) && pf_walk_begin(&w, &begin) &&
         pf_walk_run(&w) && check_rest(&w);
    free(w.seen);
    pf_walk_release(&w);
    return ok;
}

bool pf_check_console(struct pf_check *c)
{
    if (!c->lines)
        return true;
    if (c->topic->keep_matches)
        return pf_check_matches(c);
    /* Without keys lines of several partitions may come in any order. */
    c->unknown_keys = c->topic->slices.n != 1;
    return c->unknown_keys || check_lines(c);
}
