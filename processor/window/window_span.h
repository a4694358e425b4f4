/* window_span.h - where windows begin and end.
 *
 * Windows begin at the multiples of advance, before 1970 too, and have size
 * milliseconds: the first of them belongs to a window, its end does not. All
 * times are milliseconds since 1970.
 */
#ifndef PF_WINDOW_SPAN_H
#define PF_WINDOW_SPAN_H

#include <stdbool.h>
#include <stdint.h>

/** Stream time before the first record. */
#define PF_WINDOW_NO_TIME INT64_MIN

/** The last moment that RFC 3339 can write: 9999-12-31T23:59:59.999Z. */
#define PF_WINDOW_LAST_MS INT64_C(253402300799999)

/** Windows of one length. size and advance are 1 to PF_WINDOW_LENGTH_MAX, grace
 * is 0 to that, and advance is not above size. */
struct pf_window_span {
    int64_t size, advance, grace;
};

/** A thousand days: three of these are far from the end of INT64. */
#define PF_WINDOW_LENGTH_MAX INT64_C(86400000000)

/** The latest time that an event may have: the end of its last window, and
 * stream time when that is closed, can be written, too. */
static inline int64_t pf_window_latest(const struct pf_window_span *span)
{
    return PF_WINDOW_LAST_MS - span->size - span->grace;
}

/** The start of the last window that has this time, 0 to pf_window_latest().
 * The others begin advance, 2 advance, ... before it, after time - size. */
static inline int64_t pf_window_last(const struct pf_window_span *span,
                                     int64_t time)
{
    return time - time % span->advance;
}

/** The start of the first window that has this time. */
static inline int64_t pf_window_first(const struct pf_window_span *span,
                                      int64_t time)
{
    int64_t last = pf_window_last(span, time);

    return last -
           (span->size - 1 - (time - last)) / span->advance * span->advance;
}

/** Whether the window that begins at start is closed at this stream time. */
static inline bool pf_window_closed(const struct pf_window_span *span,
                                    int64_t start, int64_t stream_time)
{
    return start + span->size + span->grace <= stream_time;
}

#endif
