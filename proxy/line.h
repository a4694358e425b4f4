/* line.h - one direction of a connection: the bytes that are under way, and
 * what a poor network does to them.
 *
 * A line knows neither sockets nor clocks. Bytes are put in at one end and
 * taken out at the other, and each call is told the time: nanoseconds on a
 * clock that never jumps.
 */
#ifndef PF_LINE_H
#define PF_LINE_H

#include <stddef.h>
#include <stdint.h>

/** What a network does. All zero: nothing. */
struct line_faults {
    int64_t latency_ns; /* how long a byte is under way */
    int64_t jitter_ns;  /* up to so much longer or shorter */
    double bandwidth;   /* bytes a second; 0: any number */
    size_t slice;       /* bytes taken at once, at most; 0: any number */
    double reset;       /* 0..1: how likely a piece that is put in is where
                         * the line breaks */
};

struct line;

/**
 * A line that holds size bytes at most, or NULL when memory ran out. Chance
 * follows seed: with the same pieces, the same happens to them. faults stays
 * the caller's and outlives the line.
 */
struct line *line_new(const struct line_faults *faults, size_t size,
                      uint64_t seed);

/** Free it; NULL is fine. */
void line_free(struct line *line);

/**
 * How many bytes may be put in now, and where: 0 when the line is full, still
 * busy with what was put in last, broken, or ended.
 */
size_t line_room(struct line *line, int64_t now_ns, char **ret);

/** A piece of n bytes, at least 1 and at most the room, was put there. */
void line_put(struct line *line, size_t n, int64_t now_ns);

/** Nothing more will be put in. */
void line_end(struct line *line, int64_t now_ns);

/** What is to be done at the other end. */
enum line_event {
    LINE_NOTHING, /* nothing has got there yet */
    LINE_BYTES,   /* take some of these bytes */
    LINE_END,     /* all has been taken, and no more will come */
    LINE_RESET,   /* it is broken here: what else was put in is lost */
};

/** What has got there by now; for LINE_BYTES, *ret has *ret_n of them. */
enum line_event line_look(const struct line *line, int64_t now_ns,
                          const char **ret, size_t *ret_n);

/** The first n of these bytes were taken; or, with 0, LINE_END was heeded. */
void line_take(struct line *line, size_t n);

/** When line_look() next has something, be it long ago; INT64_MAX: never,
 * unless something is put in. */
int64_t line_due_ns(const struct line *line);

/** When there is room again, if it is but busy, be it long ago; INT64_MAX:
 * never, unless something is taken. */
int64_t line_busy_ns(const struct line *line);

#endif
