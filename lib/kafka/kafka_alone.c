#include "kafka_alone.h"

#include <inttypes.h>
#include <stdlib.h>

#include "clock.h"

/* Begin to fetch the parts, each where it goes on. */
static enum pf_rc assign(const struct pf_kafka_consumer *s,
                         struct pf_error *err)
{
    rd_kafka_topic_partition_list_t *list = pf_kafka_parts_next(&s->parts);
    rd_kafka_resp_err_t why = rd_kafka_assign(s->rk, list);

    rd_kafka_topic_partition_list_destroy(list);
    return why ? pf_fail(err, PF_IO, "kafka: assign: %s", rd_kafka_err2str(why))
               : PF_OK;
}

enum pf_rc pf_kafka_alone_assign(struct pf_kafka_consumer *s,
                                 struct pf_error *err)
{
    struct pf_kafka_part *part;
    int64_t offset, high;
    enum pf_rc rc;

    rc = pf_kafka_resolve_step(&s->resolve, s->rk, &s->start, &offset, &high,
                               NULL, err);
    if (rc)
        return rc;
    /* Not later: the answer would have to wait for the first fetch's. */
    pf_kafka_tell_unread(s->rk, &s->start);
    part = pf_kafka_parts_add(&s->parts, s->start.topic, s->start.partition,
                              offset);
    if (!part)
        return pf_fail(err, PF_NOMEM, "kafka: out of memory");
    part->high = high;
    rc = assign(s, err);
    if (rc)
        return rc;
    s->seen = (struct pf_kafka_seen){
        .began_ns = pf_now_ns(), .position = offset, .end = high};
    pf_kafka_seen_tell(&s->seen, &s->start);
    pf_log(PF_LOG_INFO, "reading %s [%" PRId32 "] from offset %" PRId64,
           s->start.topic, s->start.partition, offset);
    s->resolved = true;
    return PF_OK;
}

enum pf_rc pf_kafka_alone_begin(struct pf_kafka_consumer *s,
                                struct pf_error *err)
{
    s->change.come = calloc(1, sizeof *s->change.come);
    if (!s->change.come)
        return pf_fail(err, PF_NOMEM, "kafka: out of memory");
    *s->change.come = (struct pf_partition){.topic = s->start.topic,
                                            .number = s->start.partition,
                                            .offset = -1,
                                            .from = -1};
    s->change.n_come = 1;
    return PF_SETTLE;
}

enum pf_rc pf_kafka_alone_begin_all(struct pf_kafka_consumer *s,
                                    struct pf_error *err)
{
    enum pf_rc rc = pf_kafka_resolve_all(&s->resolve, s->rk, &s->start,
                                         &s->parts, err);
    size_t n = s->parts.list.n;

    if (rc)
        return rc;
    s->change.come = calloc(n, sizeof *s->change.come);
    if (!s->change.come)
        return pf_fail(err, PF_NOMEM, "kafka: out of memory");
    for (size_t i = 0; i < n; i++) {
        const struct pf_kafka_part *part = s->parts.list.at[i];

        s->change.come[i] = (struct pf_partition){.topic = part->topic,
                                                  .number = part->number,
                                                  .offset = part->next,
                                                  .metadata = part->metadata,
                                                  .from = -1};
    }
    s->change.n_come = n;
    return PF_SETTLE;
}

enum pf_rc pf_kafka_alone_assign_all(struct pf_kafka_consumer *s,
                                     const struct pf_change *change,
                                     struct pf_error *err)
{
    enum pf_rc rc;

    for (size_t i = 0; i < s->parts.list.n; i++) {
        const struct pf_partition *p = &change->come[i];
        struct pf_kafka_part *part = s->parts.list.at[i];

        if (change->keeper && p->offset >= 0)
            part->next = part->position = p->offset;
        if (p->from >= 0)
            part->next = p->from;
    }
    rc = assign(s, err);
    if (rc)
        return rc;
    pf_kafka_end_look_up(&s->end, &s->seen, &s->parts, s->rk, false, false);
    s->seen.began_ns = pf_now_ns();
    pf_kafka_seen_tell(&s->seen, &s->start);
    pf_log(PF_LOG_INFO, "reading all %zu partitions of %s", s->parts.list.n,
           s->start.topic);
    s->resolved = true;
    return PF_OK;
}

void pf_kafka_alone_start_where(struct pf_kafka_consumer *s,
                                const struct pf_change *change)
{
    s->start.never_back = true; /* it may go by offset */
    if (change->come->offset >= 0) {
        s->start.offset = change->come->offset;
        s->start.whose = change->keeper;
    } else if (s->start.offset == RD_KAFKA_OFFSET_STORED) {
        s->start.offset = RD_KAFKA_OFFSET_BEGINNING;
    }
}
