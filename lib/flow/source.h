/* source.h - where records come from. */
#ifndef PF_SOURCE_H
#define PF_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "error.h"
#include "record.h"

struct pf_source;

/**
 * The result of one read.
 *
 * Each record has a ticket: a number of the source's own that grows by one with
 * each record. "Everything up to this ticket is through" is all that a source
 * is told later, whatever partitions its records came from.
 */
struct pf_batch {
    const struct pf_record *records; /* borrowed until the next read */
    size_t n;

    /* The ticket of the last record; the one before it has one less. A batch
     * without records has a ticket of its own: it stands for something in the
     * source that is not a record. */
    uint64_t ticket;
};

/** A partition that a source begins to read, or stops reading. */
struct pf_partition {
    const char *topic; /* borrowed from the source */
    int32_t number;
    int64_t offset; /* where to begin; -1: nobody knows */
};

/**
 * A change of the partitions that are read. What was read of those that go can
 * be committed until the source is told that this is settled; of those that are
 * lost, nothing can.
 */
struct pf_change {
    const struct pf_partition *gone;
    struct pf_partition *come; /* offset is to be filled in */
    size_t n_gone, n_come;
    bool lost;           /* those that go have gone already */
    int64_t deadline_ms; /* settle until then, by pf_now_ms() */

    /* To be filled in: what somebody else keeps, whose offsets count then, as
     * in "the position in feed_offsets"; NULL: nobody does. */
    const char *keeper;
};

/** The operations of one kind of source: one constant table per kind. */
struct pf_source_ops {
    /*
     * Fill *ret with the records that are due. Offsets grow within the records
     * of a partition, but not always from one batch to the next. Wait for the
     * first record at most timeout_ms milliseconds, and only until a stop is
     * asked for. The source sets the pace by what it considers due. If more
     * records are ready than a batch holds, the next read does not wait.
     *
     * PF_OK     records; or none, but the ticket has moved past something that
     *           is not a record
     * PF_AGAIN  none yet; *ret has n = 0
     * PF_END    no more records will come; *ret has n = 0
     * PF_SETTLE the partitions change: see change(); *ret has n = 0
     * other     this source cannot go on; *err tells why
     */
    enum pf_rc (*read)(struct pf_source *source, int timeout_ms,
                       struct pf_batch *ret, struct pf_error *err);

    /*
     * Everything up to this ticket is through: start behind it next time, in
     * each partition that is read now. It is the ticket of a batch, or of a
     * record of the last batch, and only grows. Does not wait. NULL: this
     * source does not remember positions.
     */
    void (*commit)(struct pf_source *source, uint64_t ticket);

    /*
     * What read() returned PF_SETTLE for. It belongs to the source, and stays
     * the same until settled(): everything that was read has arrived and is
     * committed, or the time is over. The next read() goes on. Neither waits.
     * NULL: this source never returns PF_SETTLE.
     */
    struct pf_change *(*change)(struct pf_source *source);
    void (*settled)(struct pf_source *source);

    /*
     * Release the source and all it owns. Pending commits are completed first
     * if that takes less than a second. Call it only at the end of a program:
     * a source whose broker does not answer may leave its resources to the end
     * of the process.
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
