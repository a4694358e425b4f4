#include "price_table.h"

#include <assert.h>
#include <string.h>
#include <unistd.h>

#include "mapped.h"

#define MAGIC "pfprice1" /* changes with the layout */

/* A range before the first price: each is below the one and above the other. */
#define NO_RANGE UINT64_C(0x00000000ffffffff)

_Static_assert(sizeof(struct pf_price_table) ==
                   24 + 24 * PF_PRICE_TABLE_MATCHES,
               "the layout has no holes");

static void fill(struct pf_price_table *table)
{
    memcpy(table->magic, MAGIC, sizeof table->magic);
    table->pid = getpid();
    for (size_t i = 0; i < PF_PRICE_TABLE_MATCHES; i++)
        atomic_store_explicit(&table->cells[i].range, NO_RANGE,
                              memory_order_relaxed);
}

enum pf_rc pf_price_table_open(const char *path, struct pf_price_table **ret,
                               struct pf_error *err)
{
    struct pf_mapped file = {0};
    enum pf_rc rc = pf_mapped_create(path, sizeof(struct pf_price_table), &file,
                                     err);

    if (!rc) {
        fill(file.at);
        rc = pf_mapped_publish(path, err);
    }
    if (rc) {
        pf_mapped_release(&file);
        return pf_fail_in(err, rc, "prices in %s: ", path);
    }
    *ret = file.at;
    return PF_OK;
}

enum pf_rc pf_price_table_attach(const char *path, struct pf_price_table **ret,
                                 struct pf_error *err)
{
    struct pf_mapped file = {0};
    enum pf_rc rc = pf_mapped_attach(path, &file, err);

    if (!rc && (file.size != sizeof(struct pf_price_table) ||
                memcmp(file.at, MAGIC, strlen(MAGIC)) != 0))
        rc = pf_fail(err, PF_FORMAT, "not a table of prices");
    if (rc) {
        pf_mapped_release(&file);
        return pf_fail_in(err, rc, "%s: ", path);
    }
    *ret = file.at;
    return PF_OK;
}

void pf_price_table_close(struct pf_price_table *table)
{
    struct pf_mapped file = {.at = table, .size = sizeof *table};

    pf_mapped_release(&file);
}

pid_t pf_price_table_pid(const struct pf_price_table *table)
{
    return (pid_t)table->pid;
}

uint64_t pf_price_table_elsewhere(const struct pf_price_table *table)
{
    return atomic_load_explicit(&table->elsewhere, memory_order_relaxed);
}

struct pf_price_row pf_price_table_row(const struct pf_price_table *table,
                                       int64_t match)
{
    const struct pf_price_cell *cell;
    struct pf_price_row row = {0};
    uint64_t last, range;

    assert(match >= PF_MATCH_MIN && match <= PF_MATCH_MAX);
    cell = &table->cells[match - PF_MATCH_MIN];
    row.count = atomic_load_explicit(&cell->count, memory_order_acquire);
    if (!row.count)
        return row;
    last = atomic_load_explicit(&cell->last, memory_order_relaxed);
    range = atomic_load_explicit(&cell->range, memory_order_relaxed);
    row.last = (uint32_t)last;
    row.previous = row.count > 1 ? (uint32_t)(last >> 32) : row.last;
    row.low = (uint32_t)range;
    row.high = (uint32_t)(range >> 32);
    return row;
}

size_t pf_price_table_changed(const struct pf_price_table *table,
                              uint64_t seen[static PF_PRICE_TABLE_MATCHES],
                              int changed[static PF_PRICE_TABLE_MATCHES])
{
    size_t n = 0;

    for (int i = 0; i < PF_PRICE_TABLE_MATCHES; i++) {
        uint64_t count = atomic_load_explicit(&table->cells[i].count,
                                              memory_order_acquire);

        if (count == seen[i])
            continue;
        seen[i] = count;
        changed[n++] = PF_MATCH_MIN + i;
    }
    return n;
}
