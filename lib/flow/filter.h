/* filter.h - what happens to records between a source and a sink. */
#ifndef PF_FILTER_H
#define PF_FILTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "error.h"
#include "record.h"
#include "refusal.h"
#include "source.h"

struct pf_filter;

/** Most outputs of a filter. */
#define PF_OUTPUTS_MAX 4

/** The records for one output, in the order of those that they come from. */
struct pf_output {
    const struct pf_record *records; /* borrowed until the next apply() */
    size_t n;

    /* For each of them the index of the record put in that it comes from; of
     * two records the later one's is not lower. NULL: record i comes from
     * record i. Borrowed likewise. */
    const uint32_t *from;
};

/** The results for the records that were put in: 0 to m for each. */
struct pf_filtered {
    /* One for each of the pump's sinks, the main one first. The one after them
     * is not the filter's: the pump puts dead letters there. */
    struct pf_output outputs[PF_OUTPUTS_MAX + 1];

    /* The refused ones, in their order; borrowed until the next apply(). */
    const struct pf_refusal *refusals;
    size_t n_refused;
};

/** The operations of one kind of filter: one constant table per kind. */
struct pf_filter_ops {
    /* How many outputs it has, up to PF_OUTPUTS_MAX: the pump has a sink for
     * each. */
    size_t n_outputs;

    /*
     * Filter the n records into *ret. They and their bytes stay the caller's
     * and must not change while the records of *ret are in use, which may
     * borrow from them.
     *
     * PF_OK   done; a bad record is not a failure of the filter
     * PF_END  a stop was asked for, or it has seen enough: it has taken none of
     *         them, and *ret has none
     * other   this filter cannot go on; *err tells why. Nothing of these
     *         records is written, and it is only closed. If it keeps something
     *         of partitions, no position is committed any more, as what it
     *         knows would go with it
     */
    enum pf_rc (*apply)(struct pf_filter *filter,
                        const struct pf_record *records, size_t n,
                        struct pf_filtered *ret, struct pf_error *err);

    /*
     * A filter that also speaks when no record comes: at the time that due_ms()
     * names, by pf_now_ms() (INT64_MAX: not before the next record); and with
     * last when the source has ended, but not at a stop. Fill *ret as apply()
     * does, without refusals and whatever from says; returns the same, but for
     * PF_END. NULL: it does not.
     */
    enum pf_rc (*wake)(struct pf_filter *filter, bool last,
                       struct pf_filtered *ret, struct pf_error *err);
    int64_t (*due_ms)(const struct pf_filter *filter);

    /*
     * A filter that keeps something of each partition. It is told when one
     * begins to be read, with the text that it has given with its position. It
     * may set from to an offset below the partition's: records come from there
     * on, so that it can build up again what it kept, and those below the
     * partition's offset must not become anything. When a partition has gone it
     * has to forget what it kept of it. NULL: it keeps nothing.
     *
     * Then positions are committed only between two batches, once everything
     * that these became has arrived; and with them goes what metadata() says.
     * A stop, or a limit, does not part a batch.
     *
     * PF_FORMAT, PF_RANGE, ...  it cannot go on with that partition; *err
     *                           tells why, and it is only closed
     */
    enum pf_rc (*assigned)(struct pf_filter *filter,
                           struct pf_partition *partition,
                           struct pf_error *err);
    void (*revoked)(struct pf_filter *filter, const char *topic,
                    int32_t partition);
    const char *(*metadata)(struct pf_filter *filter, const char *topic,
                            int32_t partition);

    /* Release the filter and all it owns. */
    void (*close)(struct pf_filter *filter);
};

/** What every filter starts with: each kind embeds it as its first member. */
struct pf_filter {
    const struct pf_filter_ops *ops;
};

/** Like free(): closing NULL does nothing. */
static inline void pf_filter_close(struct pf_filter *filter)
{
    if (filter)
        filter->ops->close(filter);
}

#endif
