#include "window_part.h"

#include <stdlib.h>
#include <string.h>

/* The time from one look at whether a partition is at its end to the next. */
#define ASK_MS 100

struct pf_window_part *pf_window_parts_find(struct pf_window_parts *parts,
                                            const char *topic, int32_t number)
{
    struct pf_window_part *part = parts->last;

    if (part && part->number == number && !strcmp(part->topic, topic))
        return part;
    for (size_t i = 0; i < parts->list.n; i++) {
        part = parts->list.at[i];
        if (part && part->number == number && !strcmp(part->topic, topic)) {
            parts->last = part;
            return part;
        }
    }
    return NULL;
}

static struct pf_window_part *new_part(const char *topic, int32_t number,
                                       uint32_t id)
{
    struct pf_window_part *part = calloc(1, sizeof *part);

    if (part)
        *part = (struct pf_window_part){.topic = strdup(topic),
                                        .number = number,
                                        .id = id,
                                        .time = PF_WINDOW_NO_TIME,
                                        .cut = -1};
    if (part && !part->topic) {
        free(part);
        return NULL;
    }
    return part;
}

static void remove_all(struct pf_window_table *table,
                       const struct pf_window_start *start)
{
    uint32_t next;

    for (uint32_t i = start->first; i != PF_WINDOW_NONE; i = next) {
        next = pf_window_table_at(table, i)->next;
        pf_window_table_remove(table, i);
    }
}

static void free_part(struct pf_window_part *part)
{
    free(part->starts.at);
    free(part->topic);
    free(part);
}

struct pf_window_part *pf_window_parts_add(struct pf_window_parts *parts,
                                           const char *topic, int32_t number)
{
    uint32_t id = 0;
    struct pf_window_part *part;

    while (id < parts->list.n && parts->list.at[id])
        id++;
    if (id == parts->list.n && !PF_VEC_PUSH(&parts->list, NULL))
        return NULL;
    part = new_part(topic, number, id);
    parts->list.at[id] = part;
    return part;
}

void pf_window_parts_remove(struct pf_window_parts *parts,
                            struct pf_window_table *table, const char *topic,
                            int32_t number)
{
    struct pf_window_part *part = pf_window_parts_find(parts, topic, number);

    if (!part)
        return;
    parts->list.at[part->id] = NULL;
    parts->last = NULL;
    for (size_t i = part->head; i < part->starts.n; i++)
        remove_all(table, &part->starts.at[i]);
    free_part(part);
}

void pf_window_parts_release(struct pf_window_parts *parts)
{
    for (size_t i = 0; i < parts->list.n; i++)
        if (parts->list.at[i])
            free_part(parts->list.at[i]);
    free(parts->list.at);
    *parts = (struct pf_window_parts){0};
}

/* Where the windows from that time on are, or have to be put. */
static size_t place_of(const struct pf_window_part *part, int64_t start)
{
    size_t low = part->head, high = part->starts.n;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (part->starts.at[middle].start < start)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Make room for one more at *place: what is closed goes first. */
static bool make_room(struct pf_window_part *part, size_t *place)
{
    size_t n = part->starts.n - part->head;

    if (part->head > n) {
        memmove(part->starts.at, part->starts.at + part->head,
                n * sizeof *part->starts.at);
        *place -= part->head;
        part->starts.n = n;
        part->head = 0;
    }
    if (!pf_vec_room((void **)&part->starts.at, &part->starts.size,
                     part->starts.n + 1, sizeof *part->starts.at))
        return false;
    memmove(part->starts.at + *place + 1, part->starts.at + *place,
            (part->starts.n - *place) * sizeof *part->starts.at);
    part->starts.n++;
    return true;
}

/* The windows that begin there, and have a record with that offset. */
static struct pf_window_start *at_start(struct pf_window_part *part,
                                        int64_t start, int64_t offset)
{
    size_t place = place_of(part, start);

    if (place == part->starts.n || part->starts.at[place].start != start) {
        if (!make_room(part, &place))
            return NULL;
        part->starts.at[place] = (struct pf_window_start){
            start, offset, PF_WINDOW_NONE, PF_WINDOW_NONE};
    }
    return &part->starts.at[place];
}

uint32_t pf_window_part_add(struct pf_window_part *part,
                            struct pf_window_table *table, int64_t start,
                            const struct pf_window_key *key, uint64_t hash,
                            int64_t offset)
{
    struct pf_window_start *list = at_start(part, start, offset);
    uint32_t number = list ? pf_window_table_add(table, part->id, start, key,
                                                 hash)
                           : PF_WINDOW_NONE;

    if (number == PF_WINDOW_NONE)
        return PF_WINDOW_NONE;
    if (list->last == PF_WINDOW_NONE)
        list->first = number;
    else
        pf_window_table_at(table, list->last)->next = number;
    list->last = number;
    return number;
}

int64_t pf_window_part_due_ms(const struct pf_window_part *part,
                              int64_t idle_ms)
{
    int64_t due = part->quiet_ms + idle_ms, again = part->asked_ms + ASK_MS;

    if (!pf_window_part_first(part))
        return INT64_MAX;
    return again > due ? again : due;
}

void pf_window_part_drop_first(struct pf_window_part *part)
{
    part->head++;
    if (part->head == part->starts.n)
        part->head = part->starts.n = 0;
}

int64_t pf_window_part_cut(const struct pf_window_part *part)
{
    int64_t cut = -1;

    for (size_t i = part->head; i < part->starts.n; i++)
        if (cut < 0 || part->starts.at[i].offset < cut)
            cut = part->starts.at[i].offset;
    return cut;
}
