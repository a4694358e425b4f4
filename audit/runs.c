#include "runs.h"

#include <search.h>
#include <string.h>

/* A number below the first one of a life can mean two things. It is a late
 * first number, of a record that others have overtaken at the run's beginning,
 * as long as the life spans fewer numbers than this. After that it is a reset:
 * the numbers start again, and so a new life begins. */
#define REORDER_MAX 16

void pf_runs_release(struct pf_runs *runs)
{
    tdestroy(runs->by_name, free);
    free(runs->list.at);
    *runs = (struct pf_runs){0};
}

static int compare(const void *a, const void *b)
{
    const struct pf_run *x = a, *y = b;

    return strcmp(x->name, y->name);
}

uint32_t pf_runs_find(struct pf_runs *runs, const void *name, size_t len)
{
    struct pf_run wanted = {.topic_life = PF_NONE,
                            .ledger_life = PF_NONE,
                            .index = (uint32_t)runs->list.n};
    struct pf_run **found, *run;

    memcpy(wanted.name, name, len);
    /* Most records are of the same run as the one before. */
    if (runs->list.n && !strcmp(wanted.name, runs->list.at[runs->last]->name))
        return runs->last;
    found = tfind(&wanted, &runs->by_name, compare);
    if (found)
        return runs->last = (*found)->index;
    run = malloc(sizeof *run);
    if (!run)
        return PF_NONE;
    *run = wanted;
    if (!PF_VEC_PUSH(&runs->list, run) ||
        !tsearch(run, &runs->by_name, compare)) {
        runs->list.n = run->index;
        free(run);
        return PF_NONE;
    }
    return runs->last = run->index;
}

uint32_t pf_life_of(pf_lives *lives, uint32_t *newest, uint32_t run,
                    uint64_t number, uint32_t crc, bool *ret_reset)
{
    struct pf_life life = {.run = run,
                           .prev = *newest,
                           .first = number,
                           .crc = crc,
                           .next = number};

    *ret_reset = false;
    if (*newest != PF_NONE) {
        struct pf_life *old = &lives->at[*newest];

        if (number > old->first || (number == old->first && crc == old->crc))
            return *newest;
        if (number < old->first && old->next - old->first < REORDER_MAX) {
            old->first = number;
            old->crc = crc;
            return *newest;
        }
        life.nth = old->nth + 1;
        life.base = old->base + old->next;
        *ret_reset = true;
    }
    if (!PF_VEC_PUSH(lives, life))
        return PF_NONE;
    return *newest = (uint32_t)(lives->n - 1);
}

uint32_t pf_life_whole(pf_lives *lives, uint32_t *newest, uint32_t run)
{
    if (*newest == PF_NONE &&
        PF_VEC_PUSH(lives, ((struct pf_life){.run = run, .prev = PF_NONE})))
        *newest = (uint32_t)(lives->n - 1);
    return *newest;
}
