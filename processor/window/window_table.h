/* window_table.h - the open windows of all partitions, each by its start and
 * key: a hash table.
 *
 * Their memory is in pieces that do not move and are used again: once there was
 * room for a window, finding it or adding to it allocates nothing. Many windows
 * are in large pages, see pages.h.
 */
#ifndef PF_WINDOW_TABLE_H
#define PF_WINDOW_TABLE_H

#include <stddef.h>
#include <stdint.h>

#include "error.h"
#include "prng.h"
#include "vec.h"
#include "window_key.h"

/** Stands for no window. */
#define PF_WINDOW_NONE UINT32_MAX

/** A key up to this size, in bytes, needs no memory of its own. */
#define PF_WINDOW_KEY_SHORT 24

/** An open window of one key. */
struct pf_window {
    uint32_t next; /* the caller's, such as that of a list of windows */
    uint32_t hash;
    int64_t start;
    union {
        char *at; /* owned */
        char within[PF_WINDOW_KEY_SHORT];
    } key;
    uint32_t part; /* which partition's */
    uint16_t key_len;
    uint8_t key_kind;
    uint64_t state[]; /* the caller's; all zero at first */
};

/** All of them. Members but n are private to window_table.c. */
struct pf_window_table {
    size_t n;              /* how many windows there are */
    size_t width;          /* of one, in bytes */
    uint64_t seed;         /* nobody can know which keys are near each other */
    PF_VEC(char *) pieces; /* each in a block; */
    PF_VEC(char *) blocks; /* these are owned */
    char *block;           /* where the last of them has room */
    size_t pieces_left;    /* for this many pieces */
    size_t n_long;         /* windows whose key has memory of its own */
    uint32_t free; /* the first of those that are not used, a list by next */
    struct pf_window_slot {
        uint32_t hash;
        uint32_t window; /* PF_WINDOW_NONE: there is none here */
    } * slots;           /* a window is in the first one that was empty from
                          * where its hash says */
    size_t n_slots;      /* a power of two */
};

/** What is the same of a key in all of its windows. */
uint64_t pf_window_table_hash(const struct pf_window_table *table,
                              const struct pf_window_key *key);

/**
 * Make a table of windows that have a state of words numbers of 64 bits.
 *
 * PF_IO     the kernel gives no random number
 * PF_NOMEM  memory ran out
 *
 * Whatever the outcome, pf_window_table_release() it.
 */
enum pf_rc pf_window_table_init(struct pf_window_table *table, size_t words,
                                struct pf_error *err);

void pf_window_table_release(struct pf_window_table *table);

/** The window with that number. */
static inline struct pf_window *
pf_window_table_at(const struct pf_window_table *table, uint32_t number)
{
    return (struct pf_window *)(table->pieces.at[number >> 8] +
                                (number & 255) * table->width);
}

/** The number of the window of that partition, start and key, whose hash is
 * that of pf_window_table_hash(); PF_WINDOW_NONE: there is none. */
uint32_t pf_window_table_find(const struct pf_window_table *table,
                              uint32_t part, int64_t start,
                              const struct pf_window_key *key, uint64_t hash);

/**
 * A window with that hash is looked for soon: fetch the place where it would be
 * from memory meanwhile, and a bit later the window itself. Of a million
 * windows nothing is in the processor's cache, and to wait twice for memory
 * takes longer than all else that is done with a record. A wrong guess costs
 * nothing.
 *
 * gcc leaves out calls of functions that only fetch: it sees no effect.
 */
__attribute__((always_inline)) static inline void
pf_window_table_expect(const struct pf_window_table *table, uint32_t hash)
{
    __builtin_prefetch(&table->slots[hash & (table->n_slots - 1)]);
}

__attribute__((always_inline)) static inline void
pf_window_table_fetch(const struct pf_window_table *table, uint32_t hash)
{
    size_t mask = table->n_slots - 1, i = hash & mask;
    const struct pf_window *window;

    while (table->slots[i].window != PF_WINDOW_NONE &&
           table->slots[i].hash != hash)
        i = (i + 1) & mask;
    if (table->slots[i].window == PF_WINDOW_NONE)
        return;
    window = pf_window_table_at(table, table->slots[i].window);
    __builtin_prefetch(window, 1);
    __builtin_prefetch(window->state, 1);
}

/** The hash of one window of a key, from that of the key. */
static inline uint32_t pf_window_table_hash_at(uint64_t key_hash, uint32_t part,
                                               int64_t start)
{
    return (uint32_t)pf_prng_mix(
        key_hash + (uint64_t)start * UINT64_C(0x9e3779b97f4a7c15) + part);
}

/** Add that window, which is not there. PF_WINDOW_NONE: memory ran out. */
uint32_t pf_window_table_add(struct pf_window_table *table, uint32_t part,
                             int64_t start, const struct pf_window_key *key,
                             uint64_t hash);

void pf_window_table_remove(struct pf_window_table *table, uint32_t number);

/** The key of a window, borrowed from it. */
struct pf_window_key pf_window_key_of(const struct pf_window *window);

#endif
