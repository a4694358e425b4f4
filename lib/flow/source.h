/* source.h - where records come from. */
#ifndef PF_SOURCE_H
#define PF_SOURCE_H

#include <stddef.h>
#include <stdint.h>

#include "error.h"
#include "record.h"

struct pf_source;

/** What one read gives. */
struct pf_batch {
    const struct pf_record *records; /* borrowed until the next read */
    size_t n;
    int64_t next; /* position after the last record */
};

/** What a kind of source does. One constant table for each kind. */
struct pf_source_ops {
    const char *name; /* for logs and metrics: "random", "kafka" */

    /*
     * Fill *ret with the records that are due, in the order of their offsets,
     * which only grow within a batch, though not from one to the next; wait for
     * the first timeout_ms milliseconds at most, and no longer than until a
     * stop is asked for. Pace is the source's business: it gives what is due.
     * When more are at hand than a batch holds, the next read does not wait.
     *
     * PF_OK     there are some; or none, and next has moved all the same, past
     *           what is not a record
     * PF_AGAIN  none yet; *ret has n = 0
     * PF_END    none ever again; *ret has n = 0
     * other     this source can't go on; *err tells why
     */
    enum pf_rc (*read)(struct pf_source *source, int timeout_ms,
                       struct pf_batch *ret, struct pf_error *err);

    /*
     * Everything before position upto is safely where it had to go: start
     * there next time. Does not wait. May be NULL: nothing is remembered.
     */
    void (*commit)(struct pf_source *source, int64_t upto);

    /*
     * Release the source and all it owns. What was committed is made to
     * last first, as far as that takes no longer than a second. For the end
     * of a program: a source whose broker does not answer may leave what it
     * owns to the end of the process.
     */
    void (*close)(struct pf_source *source);
};

/** What every source starts with: each kind embeds it as its first member. */
struct pf_source {
    const struct pf_source_ops *ops;
};

/** Like free(): closing NULL does nothing. */
static inline void pf_source_close(struct pf_source *source)
{
    if (source)
        source->ops->close(source);
}

#endif
