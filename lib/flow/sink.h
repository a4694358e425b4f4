/* sink.h - where records go. */
#ifndef PF_SINK_H
#define PF_SINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "error.h"
#include "record.h"
#include "source.h"
#include "tickets.h"

struct pf_sink;

/** The operations of one kind of sink: one constant table per kind. */
struct pf_sink_ops {
    /*
     * Take the first *ret_taken of the n records, in order, without waiting.
     * They and their bytes stay the caller's: a sink that needs them later
     * copies them. *ret_taken is set whatever the outcome. ticket is that of
     * the source's batch that they come from; it is never below an earlier one.
     *
     * PF_OK     all n are taken: the sink now has to deliver them
     * PF_AGAIN  no room for the rest: flush, then offer the rest again
     * PF_ABORTED  as flush() says it
     * other     this sink cannot go on; *err tells why. Nothing more is
     *           written to it; it is flushed, for what it has taken
     */
    enum pf_rc (*write)(struct pf_sink *sink, const struct pf_record *records,
                        size_t n, uint64_t ticket, size_t *ret_taken,
                        struct pf_error *err);

    /*
     * Deliver what was taken, for at most timeout_ms milliseconds and only
     * until a stop is asked for; what a disk takes, or half a second to find
     * out what has failed, may come on top. Set *ret, whatever the outcome. May
     * return earlier, with PF_AGAIN, once there is room for more. It is called
     * again after a failure of its own or of write(), until the time of the
     * drain is over: for what can still arrive.
     *
     * PF_OK     everything taken has arrived
     * PF_AGAIN  some records are still under way
     * PF_END    the reader is gone, such as that of a pipe, which is not a
     *           failure; *err tells
     * PF_ABORTED  all that was taken and is not final is taken back: it has to
     *           be written again, and the sink is ready for it. Of a sink
     *           without position() some may have arrived all the same
     * other     some of what was taken is lost or cannot arrive; *err tells
     *           why
     */
    enum pf_rc (*flush)(struct pf_sink *sink, int timeout_ms,
                        struct pf_arrival *ret, struct pf_error *err);

    /*
     * This sink keeps the positions, with the records that have arrived: set
     * the offset of *partition to where it goes on, or to -1 if it has none of
     * it yet, and its metadata, which is borrowed until the next call. Called
     * for each partition that begins to be read, again as long as it returns
     * PF_AGAIN. Waits for timeout_ms milliseconds at most, and only until a
     * stop is asked for. Only the main sink of a pump may have it. NULL: the
     * source keeps them.
     *
     * PF_OK       *partition says where it goes on
     * PF_AGAIN    that is not known yet
     * PF_ABORTED  as flush() says it: it is asked again after that
     * other       it cannot be known; *err tells why
     */
    enum pf_rc (*position)(struct pf_sink *sink, struct pf_partition *partition,
                           int timeout_ms, struct pf_error *err);
    const char *keeper; /* for messages: "the position in feed_offsets" */

    /*
     * Everything that was taken has arrived: make it final, together with these
     * positions, all of those that have changed since the last call. Borrowed
     * during the call. Does not wait: until it is done flush() returns
     * PF_AGAIN, with no ticket through, and write() may have no room; what it
     * takes is for the next call. If it is not done, flush() returns
     * PF_ABORTED. Only a sink with position() has it; NULL: that one knows them
     * from the records' offsets.
     *
     * PF_OK  that has begun
     * other  this sink cannot go on; *err tells why
     */
    enum pf_rc (*keep)(struct pf_sink *sink,
                       const struct pf_partition *positions, size_t n,
                       struct pf_error *err);

    /*
     * Partitions were lost, and with them the right to what they became; or
     * they were given away before that had arrived: take back what was taken
     * and is not final. Unless that is nothing, flush() then returns
     * PF_ABORTED. Does not wait. NULL: what arrives is final.
     */
    void (*abort)(struct pf_sink *sink);

    /*
     * After PF_ABORTED: was that because of a record that will be refused
     * whenever it is written? *ret (which may be NULL) then says why; to find
     * out may take a second. Asked once each time. NULL: it never is.
     */
    bool (*refused)(struct pf_sink *sink, struct pf_error *ret);

    /*
     * No record will follow, or none before the next flush: that one sends what
     * waits to form a larger batch. NULL: this sink never waits for that.
     */
    void (*last)(struct pf_sink *sink);

    /* Release the sink and all it owns; what is under way may be lost. */
    void (*close)(struct pf_sink *sink);
};

/** What every sink starts with: each kind embeds it as its first member. */
struct pf_sink {
    const struct pf_sink_ops *ops;
};

/** Like free(): closing NULL does nothing. */
static inline void pf_sink_close(struct pf_sink *sink)
{
    if (sink)
        sink->ops->close(sink);
}

#endif
