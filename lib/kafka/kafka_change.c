#include "kafka_change.h"

#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "kafka_alone.h"
#include "kafka_committed.h"
#include "stop.h"

/* Timeout of one request for what a group has committed. */
#define COMMITTED_MS 1000

/* How long what was read of partitions that go may take to arrive. */
#define SETTLE_MS 3000

/* How long the commit of its positions may then take. */
#define GIVE_AWAY_MS 1000

/* What a group has committed for the partitions that come. librdkafka would ask
 * for that itself, and not say where it begins: so it would not be known what
 * retention has removed from there on. PF_AGAIN: not known yet. */
static enum pf_rc ask_committed(struct pf_kafka_consumer *s,
                                rd_kafka_topic_partition_list_t *list,
                                struct pf_error *err)
{
    struct pf_error why;
    enum pf_rc rc = pf_kafka_committed(s->rk, list, COMMITTED_MS, &why);

    if (rc != PF_AGAIN)
        return rc ? pf_fail(err, rc, "%s", why.text) : PF_OK;
    pf_log_limited(&s->log_limit, PF_LOG_INFO, "%s: waiting", why.text);
    /* Some answers come at once: do not spin. */
    pf_wait(-1, 0, PF_KAFKA_RETRY_MS);
    return PF_AGAIN;
}

void pf_kafka_change_release(struct pf_kafka_consumer *s,
                             struct pf_change *change)
{
    for (size_t i = 0; s->texts && i < change->n_come; i++)
        free(s->texts[i]);
    free(s->texts);
    s->texts = NULL;
    free(change->come);
}

enum pf_rc pf_kafka_change_of_group(struct pf_kafka_consumer *s,
                                    struct pf_error *err)
{
    rd_kafka_topic_partition_list_t *list = s->group.list;
    bool asked = s->group.come && !s->start.kept;
    enum pf_rc rc = asked ? ask_committed(s, list, err) : PF_OK;
    struct pf_partition *partitions;

    if (rc)
        return rc;
    partitions = calloc((size_t)list->cnt + 1, sizeof *partitions);
    s->texts = calloc((size_t)list->cnt + 1, sizeof *s->texts);
    if (!partitions || !s->texts) {
        free(partitions);
        return pf_fail(err, PF_NOMEM, "kafka: out of memory");
    }
    for (int i = 0; i < list->cnt; i++) {
        const rd_kafka_topic_partition_t *at = &list->elems[i];
        bool known = asked && at->offset >= 0;

        s->texts[i] = known ? pf_kafka_committed_text(at) : NULL;
        partitions[i] = (struct pf_partition){.topic = at->topic,
                                              .number = at->partition,
                                              .offset = known ? at->offset : -1,
                                              .metadata = s->texts[i],
                                              .from = -1};
        if (s->group.lost)
            pf_kafka_parts_remove(&s->parts, at->topic, at->partition);
    }
    s->change = (struct pf_change){
        .gone = partitions,
        .come = partitions,
        .n_gone = s->group.come ? 0 : (size_t)list->cnt,
        .n_come = s->group.come ? (size_t)list->cnt : 0,
        .lost = s->group.lost,
        .deadline_ms = pf_now_ms() + SETTLE_MS,
    };
    s->commit.held = true;
    return PF_SETTLE;
}

enum pf_rc pf_kafka_change_back(struct pf_kafka_consumer *s,
                                struct pf_error *err)
{
    struct pf_partition *partitions = calloc(s->parts.list.n + 1,
                                             sizeof *partitions);

    if (!partitions)
        return pf_fail(err, PF_NOMEM, "kafka: out of memory");
    for (size_t i = 0; i < s->parts.list.n; i++) {
        const struct pf_kafka_part *part = s->parts.list.at[i];

        partitions[i] = (struct pf_partition){.topic = part->topic,
                                              .number = part->number,
                                              .offset = part->position,
                                              .metadata = part->metadata,
                                              .from = -1};
    }
    s->change = (struct pf_change){.gone = partitions,
                                   .come = partitions,
                                   .n_gone = s->parts.list.n,
                                   .n_come = s->parts.list.n,
                                   .lost = true,
                                   .again = true};
    s->rewound = false;
    return PF_SETTLE;
}

/* Note what is committed with its position. Without somebody who describes it,
 * that is nothing: what another program has left there says nothing about the
 * positions to come. */
static bool describe(const struct pf_kafka_consumer *s,
                     struct pf_kafka_part *part, const char *metadata)
{
    bool changed = false;

    return pf_kafka_part_describe(part, s->describe ? metadata : NULL,
                                  &changed);
}

/* Take the partitions that come, each from where the sink goes on, if it keeps
 * that, or else from what the group has committed. If that is nothing,
 * librdkafka does what auto.offset.reset says. */
static enum pf_rc take_partitions(struct pf_kafka_consumer *s,
                                  const struct pf_change *change,
                                  struct pf_error *err)
{
    for (size_t i = 0; i < change->n_come; i++) {
        const struct pf_partition *p = &change->come[i];
        int64_t from = p->from >= 0 ? p->from : p->offset;
        struct pf_kafka_part *part = pf_kafka_parts_add(&s->parts, p->topic,
                                                        p->number, p->offset);

        if (!part || !describe(s, part, p->metadata))
            return pf_fail(err, PF_NOMEM, "kafka: out of memory");
        part->next = from;
        if (from >= 0)
            s->group.list->elems[i].offset = from;
        else if (change->keeper && !s->start.kept)
            s->group.list->elems[i].offset = RD_KAFKA_OFFSET_BEGINNING;
        else if (s->resolve.reset_to_end)
            s->group.list->elems[i].offset = RD_KAFKA_OFFSET_END;
    }
    if (!s->began)
        s->seen.began_ns = pf_now_ns();
    pf_kafka_seen_tell(&s->seen, &s->start);
    return PF_OK;
}

/* Go on reading these partitions at the offsets of the list, which is then
 * destroyed. Does not wait. */
static enum pf_rc seek(const struct pf_kafka_consumer *s,
                       rd_kafka_topic_partition_list_t *list,
                       struct pf_error *err)
{
    rd_kafka_error_t *error = list->cnt
                                  ? rd_kafka_seek_partitions(s->rk, list, 0)
                                  : NULL;
    enum pf_rc rc = PF_OK;

    if (error)
        rc = pf_fail(err, PF_IO, "kafka: seek: %s",
                     rd_kafka_error_string(error));
    rd_kafka_error_destroy(error);
    rd_kafka_topic_partition_list_destroy(list);
    return rc;
}

/* Read the partitions again, from where they are through, or if nothing is,
 * from where they began. Those of which nothing was read are there still. */
static enum pf_rc go_back_to(struct pf_kafka_consumer *s,
                             const struct pf_change *change,
                             struct pf_error *err)
{
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(
        (int)change->n_come);
    enum pf_rc rc = PF_OK, sought;

    for (size_t i = 0; i < change->n_come; i++) {
        const struct pf_partition *p = &change->come[i];
        struct pf_kafka_part *part = pf_kafka_parts_find(&s->parts, p->topic,
                                                         p->number);
        int64_t offset = part && p->offset < 0 ? part->began : p->offset;
        int64_t from = p->from >= 0 ? p->from : offset;

        if (!part || from < 0)
            continue;
        if (!describe(s, part, p->metadata))
            rc = pf_fail(err, PF_NOMEM, "kafka: out of memory");
        part->position = part->resumed = offset;
        part->next = from;
        part->end = -1;
        if (p->offset < 0 && s->start.group && s->resolve.reset_to_end)
            part->dirty = part->touched = true; /* as when it began */
        rd_kafka_topic_partition_list_add(list, p->topic, p->number)->offset =
            from;
    }
    sought = seek(s, list, err);
    return rc ? rc : sought;
}

static void give_away(struct pf_kafka_consumer *s,
                      const struct pf_change *change)
{
    if (!change->lost)
        pf_kafka_commit_all(&s->commit, GIVE_AWAY_MS);
    for (size_t i = 0; i < change->n_gone; i++)
        pf_kafka_parts_remove(&s->parts, change->gone[i].topic,
                              change->gone[i].number);
}

/*
 * While a group changes, librdkafka pauses what its member keeps, and then goes
 * on where it believes the application to be. With
 * rd_kafka_consume_batch_queue() that may be wrong: from 2.1 on the event of a
 * partition's end counts as a record there, and before, messages did that had
 * not been given yet. Records are skipped then; or the offset is out of range,
 * and all come again. So it is told where each goes on.
 */
static enum pf_rc go_on(const struct pf_kafka_consumer *s, struct pf_error *err)
{
    return seek(s, pf_kafka_parts_next(&s->parts), err);
}

/* What the member keeps is to be read again at once. */
static void wake(struct pf_kafka_consumer *s)
{
    rd_kafka_topic_partition_list_t *kept = pf_kafka_parts_next(&s->parts);

    pf_kafka_group_wake(&s->group, s->rk, kept);
    rd_kafka_topic_partition_list_destroy(kept);
}

/* Log which partitions are read now. */
static void say_change(const struct pf_kafka_consumer *s,
                       const struct pf_change *change)
{
    pf_log(change->lost ? PF_LOG_WARNING : PF_LOG_INFO,
           "%zu partitions %s, %zu are read now%s",
           change->n_come + change->n_gone,
           change->lost     ? "were lost"
           : change->n_come ? "have come"
                            : "were given away",
           s->parts.list.n,
           change->lost ? ": what was read of them and not committed is read "
                          "again by another member"
                        : "");
}

void pf_kafka_change_settle(struct pf_kafka_consumer *s)
{
    struct pf_change change = s->change;

    s->change = (struct pf_change){0};
    if (change.again) {
        s->failed = go_back_to(s, &change, &s->failure);
    } else if (pf_kafka_reads_all(s)) {
        s->failed = pf_kafka_alone_assign_all(s, &change, &s->failure);
    } else if (!s->start.group && change.keeper) {
        pf_kafka_alone_start_where(s, &change);
    } else if (s->start.group) {
        if (!s->group.come)
            give_away(s, &change);
        s->failed = go_on(s, &s->failure);
        if (!s->failed && s->group.come)
            s->failed = take_partitions(s, &change, &s->failure);
        if (!s->failed)
            s->failed = pf_kafka_group_apply(&s->group, s->rk, &s->failure);
        if (!s->failed)
            wake(s);
        say_change(s, &change);
        s->commit.held = false;
    }
    s->began = true;
    pf_kafka_change_release(s, &change);
}
