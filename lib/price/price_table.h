/* price_table.h - the last price of each of the feed's matches, in a small file
 * that others can read.
 *
 * The program maps the file and writes without locks or system calls; a page
 * that shows prices maps it and looks as often as it likes, whatever the feed's
 * rate. What comes between two looks is only counted. A new run has a new file:
 * who has mapped the old one has to attach again to see it.
 */
#ifndef PF_PRICE_TABLE_H
#define PF_PRICE_TABLE_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "error.h"
#include "price.h"

/** Its matches: PF_MATCH_MIN to PF_MATCH_MAX. */
#define PF_PRICE_TABLE_MATCHES (PF_MATCH_MAX - PF_MATCH_MIN + 1)

/** The highest price that it can hold, in ticks: 42949672.95. */
#define PF_PRICE_TABLE_TICKS_MAX UINT32_MAX

/** The table, as it is mapped, 21 KiB. Members are private to price_table.c and
 * pf_price_table_add(). */
struct pf_price_table {
    char magic[8];
    int64_t pid;
    _Atomic uint64_t elsewhere;

    /* Of each match two prices a word, the second in the upper half: a reader
     * never sees a change between prices that did not follow each other. count
     * is written last, and read first: whoever sees it sees that price, or a
     * later one. */
    struct pf_price_cell {
        _Atomic uint64_t count;
        _Atomic uint64_t last;  /* and the one before */
        _Atomic uint64_t range; /* the lowest, and the highest */
    } cells[PF_PRICE_TABLE_MATCHES];
};

/** What is known of one match; prices in ticks. */
struct pf_price_row {
    uint64_t count; /* how many prices; 0: the others are 0, too */
    uint32_t last;
    uint32_t previous; /* the one before that, or last if it is the first */
    uint32_t low, high;
};

/**
 * Create or replace the file at path with a table that has no prices. With an
 * empty path it is in memory only. The file gets its name when it is complete,
 * and remains after the program has ended, so that the last prices can be read.
 *
 * PF_IO  the file cannot be created
 */
enum pf_rc pf_price_table_open(const char *path, struct pf_price_table **ret,
                               struct pf_error *err);

/**
 * Map the file of another program at path. It can only be read.
 *
 * PF_IO      there is no such file, or it cannot be read
 * PF_FORMAT  it is not a table of prices
 */
enum pf_rc pf_price_table_attach(const char *path, struct pf_price_table **ret,
                                 struct pf_error *err);

/** Unmap the table; the file stays. Closing NULL does nothing. */
void pf_price_table_close(struct pf_price_table *table);

/** The process id of the program that writes, or wrote, the file. */
pid_t pf_price_table_pid(const struct pf_price_table *table);

/** How many prices had no place: those of other matches, and those above
 * PF_PRICE_TABLE_TICKS_MAX. */
uint64_t pf_price_table_elsewhere(const struct pf_price_table *table);

/**
 * What is known of a match within PF_MATCH_MIN..PF_MATCH_MAX, while the program
 * may be writing. last and previous belong together, and so do low and high;
 * all are of price number count, or of later ones. In a file that others wrote
 * they are any numbers.
 */
struct pf_price_row pf_price_table_row(const struct pf_price_table *table,
                                       int64_t match);

/**
 * Find what has changed: put the matches whose count is not the one in seen, by
 * match - PF_MATCH_MIN, into changed, in ascending order, bring seen up to date
 * and return how many they are. Look at the rows after that. Begin with zeros
 * in seen, as well after pf_price_table_attach().
 */
size_t pf_price_table_changed(const struct pf_price_table *table,
                              uint64_t seen[static PF_PRICE_TABLE_MATCHES],
                              int changed[static PF_PRICE_TABLE_MATCHES]);

/** Add one to a number that this thread alone writes. */
static inline void pf_price_table_count(_Atomic uint64_t *at)
{
    atomic_store_explicit(at,
                          atomic_load_explicit(at, memory_order_relaxed) + 1,
                          memory_order_release);
}

/** Put a price into the table of pf_price_table_open(). There is one writer. */
static inline void pf_price_table_add(struct pf_price_table *table,
                                      const struct pf_price *price)
{
    const uint64_t i = (uint64_t)price->match - PF_MATCH_MIN;
    const uint64_t ticks = (uint64_t)price->ticks;
    uint64_t last, range, low, high;
    struct pf_price_cell *cell;

    if (i >= PF_PRICE_TABLE_MATCHES || ticks > PF_PRICE_TABLE_TICKS_MAX) {
        pf_price_table_count(&table->elsewhere);
        return;
    }
    cell = &table->cells[i];
    last = atomic_load_explicit(&cell->last, memory_order_relaxed);
    range = atomic_load_explicit(&cell->range, memory_order_relaxed);
    low = range & UINT32_MAX;
    high = range >> 32;
    atomic_store_explicit(&cell->last, last << 32 | ticks,
                          memory_order_relaxed);
    if (ticks < low || ticks > high) {
        low = ticks < low ? ticks : low;
        high = ticks > high ? ticks : high;
        atomic_store_explicit(&cell->range, high << 32 | low,
                              memory_order_relaxed);
    }
    pf_price_table_count(&cell->count);
}

#endif
