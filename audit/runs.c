#include "runs.h"

#include <string.h>
#include <zlib.h>

/* A number below the first one of a life can mean two things. It is a late
 * first number, of a record that others have overtaken at the run's beginning,
 * as long as the life spans fewer numbers than this. After that it is a reset:
 * the numbers start again, and so a new life begins. */
#define REORDER_MAX 16

void pf_runs_release(struct pf_runs *runs)
{
    free(runs->list.at);
    free(runs->slots);
    *runs = (struct pf_runs){0};
}

/* The slot of the run with that name, or the free slot where it belongs. */
static uint32_t *find_slot(const struct pf_runs *runs, const void *name,
                           size_t len)
{
    size_t mask = runs->n_slots - 1;
    size_t i = crc32_z(0, name, len) & mask;

    while (runs->slots[i] != PF_NONE) {
        const char *other = runs->list.at[runs->slots[i]].name;

        if (strlen(other) == len && !memcmp(other, name, len))
            break;
        i = (i + 1) & mask;
    }
    return &runs->slots[i];
}

/* Keep the slots at most half full. */
static bool grow(struct pf_runs *runs)
{
    size_t n = runs->n_slots ? runs->n_slots * 2 : 16;
    uint32_t *slots;

    if (runs->list.n * 2 < runs->n_slots)
        return true;
    slots = malloc(n * sizeof *slots);
    if (!slots)
        return false;
    memset(slots, 0xff, n * sizeof *slots);
    free(runs->slots);
    runs->slots = slots;
    runs->n_slots = n;
    for (size_t i = 0; i < runs->list.n; i++)
        *find_slot(runs, runs->list.at[i].name,
                   strlen(runs->list.at[i].name)) = (uint32_t)i;
    return true;
}

uint32_t pf_runs_find(struct pf_runs *runs, const void *name, size_t len)
{
    struct pf_run run = {.topic_life = PF_NONE, .ledger_life = PF_NONE};
    uint32_t *slot;

    if (!grow(runs))
        return PF_NONE;
    slot = find_slot(runs, name, len);
    if (*slot != PF_NONE)
        return *slot;
    memcpy(run.name, name, len);
    if (!PF_VEC_PUSH(&runs->list, run))
        return PF_NONE;
    return *slot = (uint32_t)(runs->list.n - 1);
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

uint32_t pf_life_find(const pf_lives *lives, uint32_t newest, uint32_t nth)
{
    while (newest != PF_NONE && lives->at[newest].nth != nth)
        newest = lives->at[newest].prev;
    return newest;
}
