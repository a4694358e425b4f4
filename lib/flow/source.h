/* source.h - where records come from. */
#ifndef PF_SOURCE_H
#define PF_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "error.h"
#include "record.h"
#include "refusal.h"

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

    /* Those of the records that the source could not make one of, in their
     * order, such as lines of a file: the value is what was read. The topic of
     * such a record is the file, its offset the line, and its partition -1.
     * Borrowed likewise. */
    const struct pf_refusal *refusals;
    size_t n_refused;
};

/** A partition that a source begins to read, or stops reading. */
struct pf_partition {
    const char *topic; /* borrowed from the source */
    int32_t number;
    int64_t offset; /* everything before it is through; -1: nobody knows */

    /* What was committed with that offset (filter.h), of anybody's making;
     * borrowed from who keeps the position. NULL: nothing. */
    const char *metadata;
    int64_t from; /* where to begin to read, below offset; -1: at offset */
};

/** Most bytes of the text that is committed with a position, and its end: as
 * many as Kafka takes by default (offset.metadata.max.bytes). */
#define PF_METADATA_SIZE 4096

/** What belongs to the position of that partition: a text below
 * PF_METADATA_SIZE bytes, borrowed until the next call; NULL: nothing. */
typedef const char *pf_describe(void *context, const char *topic,
                                int32_t partition);

/**
 * A change of the partitions that are read. What was read of those that go can
 * be committed until the source is told that this is settled; of those that are
 * lost, nothing can. One that is in both comes again.
 */
struct pf_change {
    const struct pf_partition *gone;
    struct pf_partition *come; /* all but topic and number may be changed */
    size_t n_gone, n_come;
    bool lost;  /* those that go have gone already */
    bool again; /* that is all of them, and they come again: rewind() */
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
     * asked for; a question to a server, such as where a partition begins, may
     * take a second besides, whatever timeout_ms is. The source sets the pace
     * by what it considers due. If more records are ready than a batch holds,
     * the next read does not wait.
     *
     * PF_OK     records; or none, but the ticket has moved past something that
     *           is not a record
     * PF_AGAIN  none yet; *ret has n = 0
     * PF_END    no more records will come; *ret has n = 0
     * PF_SETTLE the partitions change: see change(); *ret has n = 0
     * other     this source cannot go on; *err tells why. What was read can
     *           still be committed; nothing more is read
     */
    enum pf_rc (*read)(struct pf_source *source, int timeout_ms,
                       struct pf_batch *ret, struct pf_error *err);

    /*
     * Everything up to this ticket is through: start behind it next time, in
     * each partition that is read now. It is the ticket of a batch, or of a
     * record of the last batch, and only grows. Does not wait. What fails is
     * logged and committed later, at the latest by close(): until then a crash
     * gives records again, and skips none. NULL: this source does not remember
     * positions.
     */
    void (*commit)(struct pf_source *source, uint64_t ticket);

    /*
     * The same for a source whose positions somebody else keeps: they are
     * returned instead of being committed, *ret_n of those that have changed,
     * borrowed until the next call. NULL, and *ret_n 0: there are none, or
     * memory ran out, and then they come with the next call.
     */
    const struct pf_partition *(*positions)(struct pf_source *source,
                                            uint64_t ticket, size_t *ret_n);

    /*
     * From now on, commit with each position what describe(context) says of it
     * at that time, and give it back when its partition comes. commit() may
     * then be called with the same ticket again: that text has changed. Called
     * before the first read. NULL: this source cannot.
     */
    void (*describe)(struct pf_source *source, pf_describe *describe,
                     void *context);

    /*
     * Go back to the positions that were committed last. What was read since
     * then comes again, with new tickets. One of the next reads returns
     * PF_SETTLE with a change in which all partitions are lost, and come again;
     * none returns records before. Does not wait; if it fails, the next read
     * tells. NULL: this source cannot.
     */
    void (*rewind)(struct pf_source *source);

    /*
     * What read() returned PF_SETTLE for. It belongs to the source, and stays
     * the same until settled(): everything that was read has arrived and is
     * committed, or the time is over. settled() waits for a second at most
     * until the commit of what goes is answered. The next read() goes on, or
     * tells why that failed. NULL: this source never returns PF_SETTLE.
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
