#include "assignment.h"

#include "clock.h"
#include "log.h"
#include "stop.h"

/* How long a sink may look for a position before a stop is looked for. */
#define WAIT_MS 1000

/* Settle what was read, until it has arrived or the time is over. Then what was
 * made of partitions that go must not become final without their positions. */
static enum pf_rc settle(struct pf_outputs *o, const struct pf_change *change,
                         struct pf_error *err)
{
    struct pf_sink *keeper = o->out[0].sink;
    enum pf_rc rc;

    if (change->lost && keeper->ops->abort)
        keeper->ops->abort(keeper);
    do
        rc = pf_outputs_settle(o, pf_left_ms(change->deadline_ms), err);
    while (rc == PF_AGAIN && pf_left_ms(change->deadline_ms) &&
           !pf_stop_asked());
    if (rc != PF_AGAIN)
        return rc;
    if (change->n_gone && keeper->ops->abort)
        keeper->ops->abort(keeper);
    else if (change->n_gone && !change->lost && !pf_stop_asked())
        pf_log(PF_LOG_WARNING,
               "%zu partitions are given away before all that was read has "
               "arrived: what has not is read again by another member",
               change->n_gone);
    return PF_OK;
}

/* Ask the sink that keeps positions where the partition goes on. */
static enum pf_rc find(struct pf_sink *keeper, struct pf_partition *partition,
                       struct pf_error *err)
{
    enum pf_rc rc = PF_AGAIN;

    while (rc == PF_AGAIN && !pf_stop_asked())
        rc = keeper->ops->position(keeper, partition, WAIT_MS, err);
    return rc == PF_AGAIN ? pf_fail(err, PF_END, "stopped before %s was known",
                                    keeper->ops->keeper)
                          : rc;
}

enum pf_rc pf_assignment_change(struct pf_outputs *o, struct pf_filter *filter,
                                struct pf_error *err)
{
    struct pf_change *change = o->source->ops->change(o->source);
    struct pf_sink *keeper = o->out[0].sink;
    enum pf_rc rc = settle(o, change, err);

    if (rc)
        return rc;
    change->keeper = keeper->ops->position ? keeper->ops->keeper : NULL;
    for (size_t i = 0; filter && filter->ops->revoked && i < change->n_gone;
         i++)
        filter->ops->revoked(filter, change->gone[i].topic,
                             change->gone[i].number);
    for (size_t i = 0; i < change->n_come && !rc; i++) {
        if (change->keeper)
            rc = find(keeper, &change->come[i], err);
        if (!rc && filter && filter->ops->assigned)
            rc = filter->ops->assigned(filter, &change->come[i], err);
    }
    if (rc)
        return rc;
    if (change->again)
        o->parted = false;
    o->source->ops->settled(o->source);
    return PF_OK;
}

enum pf_rc pf_assignment_rewind(struct pf_outputs *o, struct pf_error *err)
{
    if (!o->source->ops->rewind)
        return pf_fail(err, PF_IO,
                       "what was written is taken back, and this source cannot "
                       "read it again");
    o->source->ops->rewind(o->source);
    o->parted = true; /* until the filter has forgotten what it knows */
    return PF_OK;
}
