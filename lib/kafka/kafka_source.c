#include "kafka_source.h"

#include <poll.h>
#include <stdlib.h>

#include "clock.h"
#include "kafka_alone.h"
#include "kafka_change.h"
#include "kafka_conf.h"
#include "kafka_consumer.h"
#include "kafka_fetch.h"
#include "kafka_wake.h"
#include "stop.h"

/* Once a stop is asked for: timeout of the last commit, and of that and leaving
 * the group, in all. Together with the pump's drain it is below the consumer's
 * stopwaitsecs of 2 s. */
#define LAST_COMMIT_MS 600
#define LAST_MS 800

/* Read the records that have come, or wait for some. */
static enum pf_rc read_records(struct pf_kafka_consumer *s, int timeout_ms,
                               struct pf_batch *ret, struct pf_error *err)
{
    enum pf_rc rc = pf_kafka_fetch_take(s, ret, err);

    if (rc == PF_AGAIN && timeout_ms > 0 && !s->group.list && s->drained) {
        pf_kafka_commit_push(&s->commit);
        rc = pf_wait(s->wake, POLLIN,
                     pf_kafka_commit_rest(&s->commit, timeout_ms));
        rc = rc ? PF_AGAIN : pf_kafka_fetch_take(s, ret, err);
    }
    pf_kafka_end_look_up(&s->end, &s->seen, &s->parts, s->rk, !s->drained,
                         rc == PF_END);
    pf_kafka_seen_tell(&s->seen, &s->start);
    return rc;
}

static struct pf_change *kafka_change(struct pf_source *base)
{
    return &((struct pf_kafka_consumer *)base)->change;
}

static void kafka_settled(struct pf_source *base)
{
    pf_kafka_change_settle((struct pf_kafka_consumer *)base);
}

static enum pf_rc kafka_read(struct pf_source *base, int timeout_ms,
                             struct pf_batch *ret, struct pf_error *err)
{
    struct pf_kafka_consumer *s = (struct pf_kafka_consumer *)base;
    bool left_over = s->n_seen < s->n_messages;
    enum pf_rc rc;

    *ret = (struct pf_batch){0};
    if (s->failed)
        return pf_fail(err, s->failed, "%s", s->failure.text);
    if (s->change.come)
        return PF_SETTLE;
    if (s->rewound)
        return pf_kafka_change_back(s, err);
    if (s->group.list && (!left_over || s->group.lost))
        return pf_kafka_change_of_group(s, err);
    if (!s->start.group && !s->began && !pf_kafka_reads_all(s))
        return pf_kafka_alone_begin(s, err);
    if (!s->start.group && !s->resolved) {
        rc = pf_kafka_reads_all(s) ? pf_kafka_alone_begin_all(s, err)
                                   : pf_kafka_alone_assign(s, err);
        if (rc == PF_AGAIN) /* some answers come at once: do not spin */
            pf_wait(-1, 0,
                    timeout_ms < PF_KAFKA_RETRY_MS ? timeout_ms
                                                   : PF_KAFKA_RETRY_MS);
        if (rc)
            return rc;
    }
    if (!s->told_end && pf_kafka_fetch_ended(s)) {
        s->told_end = true; /* others may write more, for ever */
        pf_kafka_end_look_up(&s->end, &s->seen, &s->parts, s->rk, false, true);
        pf_kafka_seen_tell(&s->seen, &s->start);
        return PF_END;
    }
    return read_records(s, timeout_ms, ret, err);
}

/* How many of the last batch's records of that partition are through, if those
 * before index are: the position after them. */
static int64_t position_before(const struct pf_kafka_consumer *s,
                               const struct pf_kafka_part *part, size_t index)
{
    for (size_t i = index; i < s->n_given; i++)
        if (s->records[i].topic == part->topic)
            return s->records[i].offset;
    return index ? part->next : -1;
}

/* Everything up to the ticket is through: move the positions, and describe them
 * anew. Those that were read before to build something up again do not count.
 */
static void advance(struct pf_kafka_consumer *s, uint64_t ticket)
{
    uint64_t after = s->ticket - ticket; /* how many of the last batch are */
    bool within = after && after < s->n_given;

    for (size_t i = 0; i < s->parts.list.n; i++) {
        struct pf_kafka_part *part = s->parts.list.at[i];
        int64_t position = pf_kafka_positions_take(&part->positions, ticket);

        if (within && part->positions.n == 1) /* of the last batch, alone */
            position = position_before(s, part, s->n_given - after);
        bool moved = position > part->resumed;

        if (moved)
            part->position = position;
        if (s->describe && part->position >= 0 &&
            !pf_kafka_part_describe(
                part, s->describe(s->describer, part->topic, part->number),
                &moved))
            s->failed = pf_fail(&s->failure, PF_NOMEM, "kafka: out of memory");
        else
            part->dirty |= moved;
    }
    s->seen.position = pf_kafka_parts_position(&s->parts);
    pf_kafka_seen_tell(&s->seen, &s->start);
}

static void kafka_commit(struct pf_source *base, uint64_t ticket)
{
    struct pf_kafka_consumer *s = (struct pf_kafka_consumer *)base;

    advance(s, ticket);
    pf_kafka_commit_push(&s->commit);
}

static const struct pf_partition *
kafka_positions(struct pf_source *base, uint64_t ticket, size_t *ret_n)
{
    struct pf_kafka_consumer *s = (struct pf_kafka_consumer *)base;

    advance(s, ticket);
    *ret_n = 0;
    free(s->positions);
    s->positions = calloc(s->parts.list.n + 1, sizeof *s->positions);
    for (size_t i = 0; s->positions && i < s->parts.list.n; i++) {
        struct pf_kafka_part *part = s->parts.list.at[i];

        if (!part->dirty)
            continue;
        part->dirty = false;
        s->positions[(*ret_n)++] = (struct pf_partition){
            .topic = part->topic,
            .number = part->number,
            .offset = part->position,
            .metadata = part->metadata,
            .from = -1};
    }
    return s->positions;
}

static void kafka_describe(struct pf_source *base, pf_describe *describe,
                           void *context)
{
    struct pf_kafka_consumer *s = (struct pf_kafka_consumer *)base;

    s->describe = describe;
    s->describer = context;
}

static void kafka_rewind(struct pf_source *base)
{
    struct pf_kafka_consumer *s = (struct pf_kafka_consumer *)base;

    pf_kafka_fetch_release(s);
    for (size_t i = 0; i < s->parts.list.n; i++) {
        struct pf_kafka_part *part = s->parts.list.at[i];

        part->positions = (struct pf_kafka_positions){0};
        part->touched = false;
    }
    s->rewound = true;
    s->told_end = false;
}

static void kafka_close(struct pf_source *base)
{
    struct pf_kafka_consumer *s = (struct pf_kafka_consumer *)base;
    bool stopped = pf_stop_asked();
    int64_t deadline_ms = pf_now_ms() + LAST_MS;
    bool answered = !s->commit.queue ||
                    pf_kafka_commit_finish(&s->commit, LAST_COMMIT_MS);

    if (!stopped) /* the commit may have been waited for much longer */
        deadline_ms = pf_now_ms() + LAST_MS;
    pf_kafka_fetch_release(s);
    if (s->rk && s->start.group)
        answered &= pf_kafka_group_leave(&s->group, s->rk, s->queue,
                                         pf_left_ms(deadline_ms));
    /* A request without an answer delays the destruction below until
     * socket.timeout.ms, with one core busy (librdkafka 2.0.2). The process is
     * about to end: leave the client to it. */
    if (!answered)
        return;
    pf_kafka_commit_close(&s->commit);
    pf_kafka_group_close(&s->group);
    pf_kafka_wake_close(s->queue, s->wake);
    /* Nothing is left to tell the group; if the broker is gone, a close would
     * wait until the session times out. */
    if (s->rk)
        rd_kafka_destroy_flags(s->rk, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
    pf_kafka_parts_release(&s->parts);
    pf_kafka_change_release(s, &s->change);
    free(s->positions);
    free(s);
}

static const struct pf_source_ops kafka_ops = {
    .read = kafka_read,
    .commit = kafka_commit,
    .positions = kafka_positions,
    .describe = kafka_describe,
    .rewind = kafka_rewind,
    .change = kafka_change,
    .settled = kafka_settled,
    .close = kafka_close,
};

static enum pf_rc start(struct pf_kafka_consumer *s, rd_kafka_conf_t *conf,
                        struct pf_error *err)
{
    enum pf_rc rc = pf_kafka_resolve_init(&s->resolve, conf, err);

    if (rc) {
        rd_kafka_conf_destroy(conf);
        return rc;
    }
    if (s->start.group)
        pf_kafka_group_watch(&s->group, conf);
    rc = pf_kafka_new(RD_KAFKA_CONSUMER, conf, &s->rk, err);
    if (rc)
        return rc;
    rd_kafka_poll_set_consumer(s->rk);
    s->queue = rd_kafka_queue_get_consumer(s->rk);
    rc = pf_kafka_wake_open(s->queue, &s->wake, err);
    if (!rc)
        rc = pf_kafka_commit_open(&s->commit, s->rk, &s->parts,
                                  s->start.group ? PF_KAFKA_COMMIT_GROUP_GAP_MS
                                                 : PF_KAFKA_COMMIT_GAP_MS,
                                  err);
    s->commit.joins = &s->group.joins;
    s->commit.off = s->start.kept;
    if (!rc && s->start.group)
        rc = pf_kafka_group_join(s->rk, s->start.topic, err);
    return rc;
}

enum pf_rc pf_kafka_source_open(rd_kafka_conf_t *conf,
                                const struct pf_kafka_start *start_at,
                                struct pf_source **ret, struct pf_error *err)
{
    struct pf_kafka_consumer *s = calloc(1, sizeof *s);
    enum pf_rc rc;

    if (!s) {
        rd_kafka_conf_destroy(conf);
        return pf_fail(err, PF_NOMEM, "kafka: out of memory");
    }
    s->base.ops = &kafka_ops;
    s->start = *start_at;
    s->wake = -1;
    rc = start(s, conf, err);
    if (rc) {
        kafka_close(&s->base);
        return rc;
    }
    *ret = &s->base;
    return PF_OK;
}

struct pf_kafka_seen pf_kafka_source_seen(const struct pf_source *source)
{
    return ((const struct pf_kafka_consumer *)source)->seen;
}

rd_kafka_t *pf_kafka_source_client(const struct pf_source *source)
{
    return ((const struct pf_kafka_consumer *)source)->rk;
}

const struct pf_kafka_part *pf_kafka_source_part(const struct pf_source *source,
                                                 const char *topic,
                                                 int32_t partition)
{
    const struct pf_kafka_consumer *s = (const struct pf_kafka_consumer *)
        source;

    return pf_kafka_parts_find(&s->parts, topic, partition);
}

bool pf_kafka_source_at_end(const struct pf_source *source, const char *topic,
                            int32_t partition)
{
    const struct pf_kafka_consumer *s = (const struct pf_kafka_consumer *)
        source;
    const struct pf_kafka_part *part = pf_kafka_source_part(source, topic,
                                                            partition);

    return part && part->end >= 0 && s->drained && s->n_seen == s->n_messages;
}
