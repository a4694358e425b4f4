#include "window_table.h"

#include <string.h>

#include "pages.h"

/* Windows in a piece of memory; pf_window_table_at() knows it, too. */
#define PIECE 256

/* The first pieces are blocks of their own; from then on a block is a large
 * page. */
#define FEW_PIECES 64

/* There are more numbers, but no machine has the memory for as many. */
#define WINDOWS_MAX (UINT32_MAX / 2)

#define SLOTS_FIRST 256

uint64_t pf_window_table_hash(const struct pf_window_table *table,
                              const struct pf_window_key *key)
{
    uint64_t hash = table->seed + key->len * 4 + key->kind;
    size_t at = 0;
    uint64_t eight;

    for (; at + sizeof eight <= key->len; at += sizeof eight) {
        memcpy(&eight, key->at + at, sizeof eight);
        hash = pf_prng_mix(hash ^ eight);
    }
    eight = 0;
    if (at < key->len)
        memcpy(&eight, key->at + at, key->len - at);
    return pf_prng_mix(hash ^ eight);
}

static void free_slots(struct pf_window_slot *slots, size_t n)
{
    pf_pages_free(slots, n * sizeof *slots);
}

static struct pf_window_slot *new_slots(size_t n)
{
    struct pf_window_slot *slots = pf_pages_alloc(n * sizeof *slots);

    for (size_t i = 0; slots && i < n; i++)
        slots[i].window = PF_WINDOW_NONE;
    return slots;
}

enum pf_rc pf_window_table_init(struct pf_window_table *table, size_t words,
                                struct pf_error *err)
{
    enum pf_rc rc;

    *table = (struct pf_window_table){.width = sizeof(struct pf_window) +
                                               words * sizeof(uint64_t),
                                      .free = PF_WINDOW_NONE,
                                      .n_slots = SLOTS_FIRST};
    rc = pf_seed_choose("", &table->seed, err);
    if (rc)
        return rc;
    table->slots = new_slots(table->n_slots);
    return table->slots ? PF_OK
                        : pf_fail(err, PF_NOMEM, "windows: out of memory");
}

static size_t piece_size(const struct pf_window_table *table)
{
    return PIECE * table->width;
}

static size_t block_size(const struct pf_window_table *table, size_t block)
{
    size_t piece = piece_size(table);

    return block < FEW_PIECES || piece > PF_PAGE_LARGE ? piece : PF_PAGE_LARGE;
}

/* To read all windows once more, only to find that they have nothing to free,
 * would take long. */
static void free_keys(const struct pf_window_table *table)
{
    for (size_t i = 0; i < table->n_slots && table->n_long; i++)
        if (table->slots[i].window != PF_WINDOW_NONE) {
            struct pf_window *window = pf_window_table_at(
                table, table->slots[i].window);

            if (window->key_len > PF_WINDOW_KEY_SHORT)
                free(window->key.at);
        }
}

void pf_window_table_release(struct pf_window_table *table)
{
    free_keys(table);
    for (size_t i = 0; i < table->blocks.n; i++)
        pf_pages_free(table->blocks.at[i], block_size(table, i));
    free(table->blocks.at);
    free(table->pieces.at);
    free_slots(table->slots, table->n_slots);
    *table = (struct pf_window_table){0};
}

struct pf_window_key pf_window_key_of(const struct pf_window *window)
{
    struct pf_window_key key = {.kind = window->key_kind,
                                .len = window->key_len};

    if (key.kind != PF_WINDOW_KEY_NONE)
        key.at = key.len > PF_WINDOW_KEY_SHORT ? window->key.at
                                               : window->key.within;
    return key;
}

static bool is_this(const struct pf_window *window, uint32_t part,
                    int64_t start, const struct pf_window_key *key)
{
    return window->start == start && window->part == part &&
           window->key_len == key->len && window->key_kind == key->kind &&
           (!key->len ||
            !memcmp(pf_window_key_of(window).at, key->at, key->len));
}

uint32_t pf_window_table_find(const struct pf_window_table *table,
                              uint32_t part, int64_t start,
                              const struct pf_window_key *key, uint64_t hash)
{
    uint32_t its = pf_window_table_hash_at(hash, part, start);
    size_t mask = table->n_slots - 1, i = its & mask;

    for (; table->slots[i].window != PF_WINDOW_NONE; i = (i + 1) & mask)
        if (table->slots[i].hash == its &&
            is_this(pf_window_table_at(table, table->slots[i].window), part,
                    start, key))
            return table->slots[i].window;
    return PF_WINDOW_NONE;
}

/* Put a window into the first empty slot from where its hash says. */
static void put(struct pf_window_slot *slots, size_t n_slots,
                struct pf_window_slot slot)
{
    size_t mask = n_slots - 1, i = slot.hash & mask;

    while (slots[i].window != PF_WINDOW_NONE)
        i = (i + 1) & mask;
    slots[i] = slot;
}

/* Make room for one more: at most two of three slots are used. */
static bool grow_slots(struct pf_window_table *table)
{
    size_t n = table->n_slots * 2;
    struct pf_window_slot *slots;

    if ((table->n + 1) * 3 <= table->n_slots * 2)
        return true;
    slots = new_slots(n);
    if (!slots)
        return false;
    for (size_t i = 0; i < table->n_slots; i++)
        if (table->slots[i].window != PF_WINDOW_NONE)
            put(slots, n, table->slots[i]);
    free_slots(table->slots, table->n_slots);
    table->slots = slots;
    table->n_slots = n;
    return true;
}

/* Make sure that there is memory for one more piece. */
static bool grow_blocks(struct pf_window_table *table)
{
    size_t size = block_size(table, table->blocks.n);
    char *block;

    if (table->pieces_left)
        return true;
    block = pf_pages_alloc(size);
    if (!block || !PF_VEC_PUSH(&table->blocks, block)) {
        pf_pages_free(block, size);
        return false;
    }
    table->block = block;
    table->pieces_left = size / piece_size(table);
    return true;
}

/* Make sure that there is a window that is not used. */
static bool grow_pieces(struct pf_window_table *table)
{
    uint32_t first = (uint32_t)table->pieces.n * PIECE;

    if (table->free != PF_WINDOW_NONE)
        return true;
    if (first > WINDOWS_MAX || !grow_blocks(table) ||
        !PF_VEC_PUSH(&table->pieces, table->block))
        return false;
    table->block += piece_size(table);
    table->pieces_left--;
    for (uint32_t i = PIECE; i--;) {
        pf_window_table_at(table, first + i)->next = table->free;
        table->free = first + i;
    }
    return true;
}

static bool set_key(struct pf_window *window, const struct pf_window_key *key)
{
    char *at = window->key.within;

    window->key_len = (uint16_t)key->len;
    window->key_kind = (uint8_t)key->kind;
    if (key->len > PF_WINDOW_KEY_SHORT)
        at = window->key.at = malloc(key->len);
    if (at && key->len)
        memcpy(at, key->at, key->len);
    return at;
}

uint32_t pf_window_table_add(struct pf_window_table *table, uint32_t part,
                             int64_t start, const struct pf_window_key *key,
                             uint64_t hash)
{
    uint32_t number, next;
    struct pf_window *window;

    if (!grow_slots(table) || !grow_pieces(table))
        return PF_WINDOW_NONE;
    number = table->free;
    window = pf_window_table_at(table, number);
    next = window->next;
    if (!set_key(window, key))
        return PF_WINDOW_NONE;
    table->free = next;
    table->n++;
    table->n_long += key->len > PF_WINDOW_KEY_SHORT;
    window->next = PF_WINDOW_NONE;
    window->hash = pf_window_table_hash_at(hash, part, start);
    window->start = start;
    window->part = part;
    memset(window->state, 0, table->width - sizeof *window);
    put(table->slots, table->n_slots,
        (struct pf_window_slot){window->hash, number});
    return number;
}

/* Close the gap at slot i, so that each window is still found from where its
 * hash says: those behind it move up. */
static void close_gap(struct pf_window_table *table, size_t i)
{
    size_t mask = table->n_slots - 1;

    for (size_t next = (i + 1) & mask;
         table->slots[next].window != PF_WINDOW_NONE;
         next = (next + 1) & mask) {
        size_t wanted = table->slots[next].hash & mask;

        if (((next - wanted) & mask) < ((next - i) & mask))
            continue; /* it would be before where it is looked for */
        table->slots[i] = table->slots[next];
        i = next;
    }
    table->slots[i].window = PF_WINDOW_NONE;
}

void pf_window_table_remove(struct pf_window_table *table, uint32_t number)
{
    struct pf_window *window = pf_window_table_at(table, number);
    size_t mask = table->n_slots - 1, i = window->hash & mask;

    while (table->slots[i].window != number)
        i = (i + 1) & mask;
    close_gap(table, i);
    if (window->key_len > PF_WINDOW_KEY_SHORT) {
        free(window->key.at);
        table->n_long--;
    }
    window->next = table->free;
    table->free = number;
    table->n--;
}
