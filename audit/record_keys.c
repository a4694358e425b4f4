#include "record_keys.h"

#include <stdlib.h>

#include "fnv.h"
#include "prng.h"
#include "runs.h"

void pf_record_keys_release(struct pf_record_keys *keys)
{
    free(keys->list.at);
    free(keys->table);
    *keys = (struct pf_record_keys){0};
}

/* Mixed; never 0. */
static uint64_t sum_of(const void *key, size_t len)
{
    uint64_t sum = pf_prng_mix(pf_fnv_bytes(PF_FNV_BEGIN, key, len));

    return sum ? sum : 1;
}

/* Where to begin to look: for a key the same in all partitions. */
static size_t slot_of(const struct pf_record_keys *keys,
                      const struct pf_record_key *k)
{
    uint64_t slice = k->sum ? 0 : k->slice;

    return (size_t)pf_prng_mix(k->sum + k->life + (slice << 32)) & keys->mask;
}

/* Keep half of the table free. */
static bool make_room(struct pf_record_keys *keys)
{
    size_t size = keys->table ? (keys->mask + 1) * 2 : 1024;
    uint32_t *table;

    if (keys->table && keys->list.n * 2 <= keys->mask)
        return true;
    table = calloc(size, sizeof *table);
    if (!table)
        return false;
    free(keys->table);
    keys->table = table;
    keys->mask = size - 1;
    for (size_t i = 0; i < keys->list.n; i++) {
        size_t slot = slot_of(keys, &keys->list.at[i]);

        while (table[slot])
            slot = (slot + 1) & keys->mask;
        table[slot] = (uint32_t)i + 1;
    }
    return true;
}

uint32_t pf_record_keys_find(struct pf_record_keys *keys, const void *key,
                             size_t len, uint32_t slice, uint32_t life)
{
    struct pf_record_key new = {.sum = key ? sum_of(key, len) : 0,
                                .slice = slice,
                                .life = life,
                                .first = (uint32_t)keys->list.n};
    size_t slot;

    if (!make_room(keys))
        return PF_NONE;
    for (slot = slot_of(keys, &new); keys->table[slot];
         slot = (slot + 1) & keys->mask) {
        const struct pf_record_key *k = &keys->list.at[keys->table[slot] - 1];

        if (k->sum != new.sum || k->life != life)
            continue;
        if (k->slice == slice)
            return keys->table[slot] - 1;
        if (key)
            new.first = k->first;
    }
    keys->moved |= new.first != keys->list.n;
    if (!PF_VEC_PUSH(&keys->list, new))
        return PF_NONE;
    keys->table[slot] = (uint32_t)keys->list.n;
    return (uint32_t)keys->list.n - 1;
}
