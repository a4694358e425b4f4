#include "line.h"

#include <stdbool.h>
#include <stdlib.h>

#include "prng.h"

/* Most pieces in flight: 5000 a second with a latency of 200 ms. */
#define PIECES 1024

/* The largest piece, in bytes. */
#define PIECE_MAX 65536

/* With a limited bandwidth, a piece is what passes in this time, so that bytes
 * flow steadily instead of in bursts. */
#define TRICKLE_NS 20000000

/* Something in flight. */
struct piece {
    enum line_event event;
    size_t n;       /* LINE_BYTES: how many */
    int64_t due_ns; /* when it arrives */
};

struct line {
    const struct line_faults *faults;
    uint64_t seed, drawn; /* the next random number */

    /* A ring. Pieces come out in the order in which they went in: one that is
     * due early waits for those before it. */
    struct piece pieces[PIECES];
    size_t first, n_pieces;
    int64_t busy_ns; /* when the last byte that was put in leaves */
    bool closed;     /* nothing more goes in */

    size_t size, head, used; /* of the byte ring */
    char bytes[];
};

struct line *line_new(const struct line_faults *faults, size_t size,
                      uint64_t seed)
{
    struct line *line = calloc(1, sizeof *line + size);

    if (!line)
        return NULL;
    line->faults = faults;
    line->size = size;
    line->seed = seed;
    return line;
}

void line_free(struct line *line)
{
    free(line);
}

/* A random number of at least 0 and below 1. */
static double draw(struct line *line)
{
    return (double)(pf_prng_at(line->seed, line->drawn++) >> 11) * 0x1p-53;
}

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

static bool is_full(const struct line *line)
{
    /* A piece may be split in two, or be followed by the end. */
    return line->n_pieces + 2 > PIECES || line->used == line->size;
}

size_t line_room(struct line *line, int64_t now_ns, char **ret)
{
    double bandwidth = line->faults->bandwidth;
    size_t tail, room;

    if (line->closed || is_full(line) || line->busy_ns > now_ns)
        return 0;
    if (!line->used)
        line->head = 0; /* reuse memory that is still in the cache */
    tail = (line->head + line->used) % line->size;
    room = smaller(line->size - line->used, line->size - tail);
    if (bandwidth > 0)
        room = smaller(room, (size_t)(bandwidth * TRICKLE_NS / 1e9) + 1);
    *ret = line->bytes + tail;
    return smaller(room, PIECE_MAX);
}

static void add(struct line *line, enum line_event event, size_t n,
                int64_t due_ns)
{
    line->pieces[(line->first + line->n_pieces++) % PIECES] = (struct piece){
        .event = event, .n = n, .due_ns = due_ns};
}

/* When something that leaves at this time arrives. */
static int64_t arrival(struct line *line, int64_t leaves_ns)
{
    const struct line_faults *f = line->faults;
    int64_t under_way = f->latency_ns;

    if (f->jitter_ns)
        under_way += (int64_t)((2 * draw(line) - 1) * (double)f->jitter_ns);
    return leaves_ns + (under_way > 0 ? under_way : 0);
}

void line_put(struct line *line, size_t n, int64_t now_ns)
{
    const struct line_faults *f = line->faults;
    int64_t due_ns;

    /* A caller that is a little late still gets the full bandwidth. */
    if (now_ns - line->busy_ns > TRICKLE_NS || f->bandwidth <= 0)
        line->busy_ns = now_ns;
    if (f->bandwidth > 0)
        line->busy_ns += (int64_t)((double)n / f->bandwidth * 1e9);
    due_ns = arrival(line, line->busy_ns > now_ns ? line->busy_ns : now_ns);

    if (f->reset > 0 && draw(line) < f->reset) {
        n = (size_t)(draw(line) * (double)n); /* the rest is lost */
        line->closed = true;
    }
    line->used += n;
    if (n)
        add(line, LINE_BYTES, n, due_ns);
    if (line->closed)
        add(line, LINE_RESET, 0, due_ns);
}

void line_end(struct line *line, int64_t now_ns)
{
    if (line->closed)
        return;
    line->closed = true;
    add(line, LINE_END, 0, arrival(line, now_ns));
}

enum line_event line_look(const struct line *line, int64_t now_ns,
                          const char **ret, size_t *ret_n)
{
    const struct piece *piece = &line->pieces[line->first];

    if (line_due_ns(line) > now_ns)
        return LINE_NOTHING;
    if (piece->event == LINE_BYTES) {
        *ret = line->bytes + line->head;
        *ret_n = smaller(piece->n, line->size - line->head);
        if (line->faults->slice)
            *ret_n = smaller(*ret_n, line->faults->slice);
    }
    return piece->event;
}

void line_take(struct line *line, size_t n)
{
    struct piece *piece = &line->pieces[line->first];

    line->head = (line->head + n) % line->size;
    line->used -= n;
    piece->n -= n;
    if (!piece->n) {
        line->first = (line->first + 1) % PIECES;
        line->n_pieces--;
    }
}

int64_t line_due_ns(const struct line *line)
{
    return line->n_pieces ? line->pieces[line->first].due_ns : INT64_MAX;
}

int64_t line_busy_ns(const struct line *line)
{
    return line->closed || is_full(line) ? INT64_MAX : line->busy_ns;
}
