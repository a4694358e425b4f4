/* sink.h - where records go. */
#ifndef PF_SINK_H
#define PF_SINK_H

#include <stddef.h>
#include <stdint.h>

#include "error.h"
#include "record.h"

struct pf_sink;

/** What a kind of sink does. One constant table for each kind. */
struct pf_sink_ops {
    const char *name; /* for logs and metrics: "kafka", "console" */

    /*
     * Take the first *ret_taken of the n records, in order, without waiting.
     * They and their bytes stay the caller's: a sink that needs them later
     * copies them. *ret_taken is set whatever the outcome.
     *
     * PF_OK     all n are taken, and now the sink's to deliver
     * PF_AGAIN  no room for the rest: flush, then offer the rest again
     * other     this sink can't go on; *err tells why
     */
    enum pf_rc (*write)(struct pf_sink *sink, const struct pf_record *records,
                        size_t n, size_t *ret_taken, struct pf_error *err);

    /*
     * Push on what was taken, for timeout_ms milliseconds at most and no
     * longer than until a stop is asked for, and set *ret_arrived to how many
     * of all the records ever taken have arrived, counted from the first
     * without a gap. It may return earlier, with PF_AGAIN, once there is
     * room for more. Only this call waits. *ret_arrived is set whatever the
     * outcome.
     *
     * PF_OK     everything taken has arrived
     * PF_AGAIN  some is still under way
     * PF_END    nobody is there any more to take anything, which is no
     *           failure: a pipe whose reader has seen enough; *err tells
     * other     something taken is lost, or can never arrive; *err tells why
     */
    enum pf_rc (*flush)(struct pf_sink *sink, int timeout_ms,
                        uint64_t *ret_arrived, struct pf_error *err);

    /*
     * No record will follow: what waits for more, to leave together, goes with
     * the next flush. NULL: nothing ever waits for that.
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
