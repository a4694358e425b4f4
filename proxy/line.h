/* line.h - one direction of a connection: the bytes in flight, and what a poor
 * network does to them.
 *
 * A line knows neither sockets nor clocks. Bytes are put in at one end and
 * taken out at the other, and each call is given the time, in nanoseconds of a
 * monotonic clock.
 */
#ifndef PF_LINE_H
#define PF_LINE_H

#include <stddef.h>
#include <stdint.h>

/** What a network does. All zero: nothing. */
struct line_faults {
    int64_t latency_ns; /* delay of a byte */
    int64_t jitter_ns;  /* random change of the delay: at most this, + or - */
    double bandwidth;   /* bytes a second; 0: no limit */
    size_t slice;       /* most bytes taken out at once; 0: no limit */
    double reset;       /* 0..1: probability that a piece that is put in
                         * breaks the line */
};

struct line;

/**
 * A line that holds size bytes at most, or NULL if memory ran out. Random
 * numbers follow from seed: the same pieces have the same fate. faults is
 * borrowed and has to outlive the line.
 */
struct line *line_new(const struct line_faults *faults, size_t size,
                      uint64_t seed);

/** Free it; NULL is fine. */
void line_free(struct line *line);

/**
 * How many bytes may be put in now, and where (*ret): 0 if the line is full,
 * still busy sending what was put in last (bandwidth), broken, or ended.
 */
size_t line_room(struct line *line, int64_t now_ns, char **ret);

/** A piece of n bytes, at least 1 and at most line_room(), was put there. */
void line_put(struct line *line, size_t n, int64_t now_ns);

/** Nothing more will be put in. */
void line_end(struct line *line, int64_t now_ns);

/** What happens at the other end. */
enum line_event {
    LINE_NOTHING, /* nothing has arrived yet */
    LINE_BYTES,   /* bytes have arrived: take some of them */
    LINE_END,     /* all bytes have been taken, and no more will come */
    LINE_RESET,   /* the line is broken here: the rest is lost */
};

/** What has arrived by now. For LINE_BYTES, *ret has *ret_n bytes. */
enum line_event line_look(const struct line *line, int64_t now_ns,
                          const char **ret, size_t *ret_n);

/** The first n of these bytes were taken; 0: LINE_END was handled. */
void line_take(struct line *line, size_t n);

/** When line_look() next has something, which may be in the past; INT64_MAX:
 * never, unless something is put in. */
int64_t line_due_ns(const struct line *line);

/** When there is room again, if the line is only busy; this may be in the past.
 * INT64_MAX: never, unless something is taken. */
int64_t line_busy_ns(const struct line *line);

#endif
