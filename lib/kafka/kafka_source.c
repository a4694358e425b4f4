#include "kafka_source.h"

#include <inttypes.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "kafka_commit.h"
#include "kafka_end.h"
#include "kafka_group.h"
#include "kafka_parts.h"
#include "kafka_wake.h"
#include "log.h"
#include "stop.h"

#define BATCH 1000

/* The pause between two requests for the first offset. */
#define RETRY_MS 50

/* Timeout of one request for what a group has committed. */
#define COMMITTED_MS 1000

/* How long what was read of partitions that go may take to arrive. */
#define SETTLE_MS 3000

/* How long the commit of its positions may then take. */
#define GIVE_AWAY_MS 1000

/* Timeout of the last commit and of leaving the group, in all: together with
 * the pump's drain it is below the consumer's stopwaitsecs of 2 s. */
#define LAST_MS 800

struct kafka_source {
    struct pf_source base;
    struct pf_kafka_start start;
    rd_kafka_t *rk;
    rd_kafka_queue_t *queue;         /* of records */
    int wake;                        /* readable when there are some */
    struct pf_kafka_resolve resolve; /* of a partition without a group */
    bool resolved, drained;
    struct pf_kafka_end end;

    struct pf_kafka_parts parts;
    struct pf_kafka_group group;
    struct pf_change change; /* come NULL: none is pending */
    char **texts;            /* what its metadata borrow from, one for each */
    bool began;              /* a change has been settled */
    bool rewound;            /* a change that goes back has to come */
    pf_describe *describe;   /* NULL: positions have no metadata */
    void *describer;
    struct pf_partition *positions; /* that were given to somebody to keep */
    enum pf_rc failed;              /* when the change was applied */
    struct pf_error failure;

    rd_kafka_message_t *messages[BATCH]; /* that records borrow from */
    struct pf_record records[BATCH];
    size_t n_messages, n_seen; /* how many there are, and were read */

    size_t n_given;  /* records of the last batch */
    uint64_t ticket; /* of the last of them */
    struct pf_kafka_commit commit;
    struct pf_log_limit log_limit;
};

static void release_batch(struct kafka_source *s)
{
    for (size_t i = 0; i < s->n_messages; i++)
        rd_kafka_message_destroy(s->messages[i]);
    s->n_messages = s->n_seen = 0;
}

/* Find the first offset and begin to fetch there. PF_AGAIN: not known yet. */
static enum pf_rc assign(struct kafka_source *s, struct pf_error *err)
{
    rd_kafka_topic_partition_list_t *list;
    struct pf_kafka_part *part;
    rd_kafka_resp_err_t why;
    int64_t offset, high;
    enum pf_rc rc;

    rc = pf_kafka_resolve_step(&s->resolve, s->rk, &s->start, &offset, &high,
                               err);
    if (rc)
        return rc;
    /* Not later: the answer would have to wait for the first fetch's. */
    pf_kafka_tell_unread(s->rk, &s->start);
    part = pf_kafka_parts_add(&s->parts, s->start.topic, s->start.partition,
                              offset);
    if (!part)
        return pf_fail(err, PF_NOMEM, "kafka: out of memory");
    part->high = high;
    list = rd_kafka_topic_partition_list_new(1);
    rd_kafka_topic_partition_list_add(list, s->start.topic, s->start.partition)
        ->offset = offset;
    why = rd_kafka_assign(s->rk, list);
    rd_kafka_topic_partition_list_destroy(list);
    if (why)
        return pf_fail(err, PF_IO, "kafka: assign: %s", rd_kafka_err2str(why));
    pf_stats_set(s->start.stats, s->start.position_metric, (uint64_t)offset);
    pf_stats_set(s->start.stats, s->start.end_metric, (uint64_t)high);
    pf_stats_set(s->start.stats, s->start.began_metric, (uint64_t)pf_now_ns());
    pf_log(PF_LOG_INFO, "reading %s [%" PRId32 "] from offset %" PRId64,
           s->start.topic, s->start.partition, offset);
    s->resolved = true;
    return PF_OK;
}

/* The partition goes on at offset, which is below the last record's. */
static enum pf_rc go_back(const struct kafka_source *s,
                          struct pf_kafka_part *part, int64_t offset,
                          struct pf_error *err)
{
    struct pf_error what;

    pf_fail(&what, PF_IO,
            "%s [%" PRId32 "] goes on at offset %" PRId64 ", not at %" PRId64
            ": a new topic of the same name, or its broker has lost records",
            part->topic, part->number, offset, part->next);
    if (s->start.never_back)
        return pf_fail(err, PF_IO, "kafka: %s", what.text);
    pf_log(PF_LOG_WARNING, "%s", what.text);
    part->resumed = -1; /* these offsets are new */
    return PF_OK;
}

/* Handle an error that came instead of a record. */
static enum pf_rc on_error(struct kafka_source *s,
                           const rd_kafka_message_t *message,
                           struct pf_error *err)
{
    char reason[256];

    switch (message->err) {
    case RD_KAFKA_RESP_ERR__FATAL:
        rd_kafka_fatal_error(s->rk, reason, sizeof reason);
        return pf_fail(err, PF_FATAL, "kafka: %s", reason);
    case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
        if (s->start.without_group)
            return PF_OK;
        /* fall through */
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET:
        return pf_fail(err, PF_IO, "kafka: %s: %s",
                       rd_kafka_err2str(message->err),
                       rd_kafka_message_errstr(message));
    default: /* librdkafka retries by itself */
        pf_log_limited(&s->log_limit, PF_LOG_WARNING, "kafka: %s: %s",
                       rd_kafka_err2str(message->err),
                       rd_kafka_message_errstr(message));
        return PF_OK;
    }
}

static void to_record(const rd_kafka_message_t *message, const char *topic,
                      struct pf_record *record)
{
    rd_kafka_timestamp_type_t type;

    *record = (struct pf_record){
        .topic = topic,
        .partition = message->partition,
        .offset = message->offset,
        .timestamp = rd_kafka_message_timestamp(message, &type),
        .key = message->key,
        .key_len = message->key_len,
        .value = message->payload,
        .value_len = message->len,
        .headers = message,
        .header_at = pf_kafka_header_at,
    };
    record->appended = type == RD_KAFKA_TIMESTAMP_LOG_APPEND_TIME;
}

/* Get messages without waiting: those that the last batch left over, or what
 * has arrived. */
static enum pf_rc fetch(struct kafka_source *s, struct pf_error *err)
{
    ssize_t n;

    if (s->n_seen < s->n_messages)
        return PF_OK;
    release_batch(s);
    pf_kafka_wake_clear(s->wake);
    n = rd_kafka_consume_batch_queue(s->queue, 0, s->messages, BATCH);
    if (n < 0)
        return pf_fail(err, PF_IO, "kafka: %s",
                       rd_kafka_err2str(rd_kafka_last_error()));
    s->n_messages = (size_t)n;
    s->drained = n < BATCH;
    return PF_OK;
}

/* Take one message. PF_AGAIN: it has to begin a batch, as its offset goes back.
 */
static enum pf_rc take_one(struct kafka_source *s,
                           const rd_kafka_message_t *message,
                           struct pf_batch *ret, struct pf_error *err)
{
    bool is_end = message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF;
    struct pf_kafka_part *part;
    enum pf_rc rc;

    if (message->err && !is_end)
        return on_error(s, message, err);
    part = pf_kafka_parts_of(&s->parts, message);
    if (!part) /* it is not ours any more */
        return PF_OK;
    if (message->offset < part->next) {
        if (ret->n)
            return PF_AGAIN;
        rc = go_back(s, part, message->offset, err);
        if (rc)
            return rc;
    }
    if (part->position < 0) {
        part->position = part->began = message->offset;
        /* A new group that begins at the end: who goes on has to know where. */
        part->dirty = s->start.group && s->resolve.reset_to_end;
    }
    part->touched |= !is_end || part->next != message->offset;
    part->next = message->offset + !is_end;
    part->end = is_end ? part->next : -1;
    if (!is_end)
        to_record(message, part->topic, &s->records[ret->n++]);
    return PF_OK;
}

/* Give the batch a ticket, if there is something in it. */
static bool give_ticket(struct kafka_source *s, struct pf_batch *ret)
{
    bool moved = false;

    for (size_t i = 0; i < s->parts.list.n; i++)
        moved |= s->parts.list.at[i]->touched;
    if (!moved)
        return false;
    s->n_given = ret->n;
    s->ticket += ret->n ? ret->n : 1;
    ret->ticket = s->ticket;
    for (size_t i = 0; i < s->parts.list.n; i++) {
        struct pf_kafka_part *part = s->parts.list.at[i];

        if (part->touched)
            pf_kafka_positions_add(&part->positions, s->ticket, part->next);
        part->touched = false;
    }
    return true;
}

/* Is this the end of all partitions, and is it to end there? */
static bool has_ended(const struct kafka_source *s)
{
    for (size_t i = 0; i < s->parts.list.n; i++) {
        const struct pf_kafka_part *part = s->parts.list.at[i];

        if (part->end < 0 && (part->goal < 0 || part->next <= part->goal))
            return false;
    }
    return s->start.end_at_eof && s->parts.list.n;
}

/* Take what has arrived, up to a batch, without waiting. A batch ends where
 * offsets go back. */
static enum pf_rc take(struct kafka_source *s, struct pf_batch *ret,
                       struct pf_error *err)
{
    enum pf_rc rc = fetch(s, err);

    *ret = (struct pf_batch){.records = s->records};
    while (!rc && s->n_seen < s->n_messages) {
        rc = take_one(s, s->messages[s->n_seen], ret, err);
        s->n_seen += !rc;
    }
    if (rc && rc != PF_AGAIN)
        return rc;
    if (give_ticket(s, ret))
        return PF_OK;
    return has_ended(s) ? PF_END : PF_AGAIN;
}

/* Read the records that have come, or wait for some. */
static enum pf_rc read_records(struct kafka_source *s, int timeout_ms,
                               struct pf_batch *ret, struct pf_error *err)
{
    enum pf_rc rc = take(s, ret, err);

    if (rc == PF_AGAIN && timeout_ms > 0 && !s->group.list) {
        pf_kafka_commit_push(&s->commit);
        rc = pf_wait(s->wake, POLLIN,
                     pf_kafka_commit_rest(&s->commit, timeout_ms));
        rc = rc ? PF_AGAIN : take(s, ret, err);
    }
    pf_kafka_end_look_up(&s->end, &s->start, &s->parts, s->rk, !s->drained,
                         rc == PF_END);
    return rc;
}

/* What a group has committed for the partitions that come. PF_AGAIN: not known
 * yet. */
static enum pf_rc ask_committed(struct kafka_source *s,
                                rd_kafka_topic_partition_list_t *list,
                                struct pf_error *err)
{
    rd_kafka_resp_err_t why = rd_kafka_committed(s->rk, list, COMMITTED_MS);

    for (int i = 0; i < list->cnt && !why; i++)
        why = list->elems[i].err;
    switch (why) {
    case RD_KAFKA_RESP_ERR_NO_ERROR:
        return PF_OK;
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
        return pf_fail(err, PF_IO, "kafka: the committed positions: %s",
                       rd_kafka_err2str(why));
    default:
        pf_log_limited(&s->log_limit, PF_LOG_INFO,
                       "waiting for the committed positions: %s",
                       rd_kafka_err2str(why));
        pf_wait(-1, 0, RETRY_MS); /* some answers come at once: do not spin */
        return PF_AGAIN;
    }
}

/* A copy of what was committed with a position; NULL: nothing that could be of
 * a filter's making, or memory ran out. */
static char *copy_metadata(const rd_kafka_topic_partition_t *at)
{
    if (!at->metadata || at->metadata_size >= PF_METADATA_SIZE ||
        memchr(at->metadata, '\0', at->metadata_size))
        return NULL;
    return strndup(at->metadata, at->metadata_size);
}

static void free_change(struct kafka_source *s, struct pf_change *change)
{
    for (size_t i = 0; s->texts && i < change->n_come; i++)
        free(s->texts[i]);
    free(s->texts);
    s->texts = NULL;
    free(change->come);
}

/* What the group has decided becomes a change. Partitions that are lost go at
 * once: what was read of them is not committed. */
static enum pf_rc make_change(struct kafka_source *s, struct pf_error *err)
{
    rd_kafka_topic_partition_list_t *list = s->group.list;
    bool asked = s->group.come && (s->describe || s->resolve.reset_to_end);
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

        s->texts[i] = known ? copy_metadata(at) : NULL;
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

static bool reads_all(const struct kafka_source *s)
{
    return !s->start.group && s->start.partition == PF_KAFKA_ALL;
}

/* Without a group all partitions come at once, when the brokers have said
 * which there are and where each begins. */
static enum pf_rc begin_all(struct kafka_source *s, struct pf_error *err)
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
                                                  .from = -1};
    }
    s->change.n_come = n;
    return PF_SETTLE;
}

/* Begin to fetch all partitions: where the sink goes on, if it keeps that. */
static enum pf_rc assign_all(struct kafka_source *s,
                             const struct pf_change *change,
                             struct pf_error *err)
{
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(
        (int)s->parts.list.n);
    rd_kafka_resp_err_t why;

    for (size_t i = 0; i < s->parts.list.n; i++) {
        struct pf_kafka_part *part = s->parts.list.at[i];

        if (change->keeper && change->come[i].offset >= 0)
            part->next = part->position = change->come[i].offset;
        rd_kafka_topic_partition_list_add(list, part->topic, part->number)
            ->offset = part->next;
    }
    why = rd_kafka_assign(s->rk, list);
    rd_kafka_topic_partition_list_destroy(list);
    if (why)
        return pf_fail(err, PF_IO, "kafka: assign: %s", rd_kafka_err2str(why));
    pf_kafka_end_look_up(&s->end, &s->start, &s->parts, s->rk, false, false);
    pf_stats_set(s->start.stats, s->start.began_metric, (uint64_t)pf_now_ns());
    pf_log(PF_LOG_INFO, "reading all %zu partitions of %s", s->parts.list.n,
           s->start.topic);
    s->resolved = true;
    return PF_OK;
}

/* Without a group the one partition comes, before the brokers are asked. */
static enum pf_rc begin(struct kafka_source *s, struct pf_error *err)
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

/* All partitions come again, from where they are through. */
static enum pf_rc make_rewind(struct kafka_source *s, struct pf_error *err)
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

static struct pf_change *kafka_change(struct pf_source *base)
{
    return &((struct kafka_source *)base)->change;
}

/* Where the sink goes on counts, whatever feed.start says. */
static void start_where(struct kafka_source *s, const struct pf_change *change)
{
    s->start.never_back = true; /* it may go by offset */
    if (change->come->offset >= 0) {
        s->start.offset = change->come->offset;
        s->start.whose = change->keeper;
    } else if (s->start.offset == RD_KAFKA_OFFSET_STORED) {
        s->start.offset = RD_KAFKA_OFFSET_BEGINNING;
    }
}

/* Take the partitions that come, from where the sink goes on, if it keeps
 * that; else librdkafka asks for what the group has committed. */
static enum pf_rc take_partitions(struct kafka_source *s,
                                  const struct pf_change *change,
                                  struct pf_error *err)
{
    for (size_t i = 0; i < change->n_come; i++) {
        const struct pf_partition *p = &change->come[i];
        int64_t from = p->from >= 0 ? p->from : p->offset;
        struct pf_kafka_part *part = pf_kafka_parts_add(&s->parts, p->topic,
                                                        p->number, p->offset);
        bool changed;

        if (!part || !pf_kafka_part_describe(part, p->metadata, &changed))
            return pf_fail(err, PF_NOMEM, "kafka: out of memory");
        part->next = from;
        if (from >= 0)
            s->group.list->elems[i].offset = from;
        else if (change->keeper || s->resolve.reset_to_end)
            s->group.list->elems[i].offset = change->keeper
                                                 ? RD_KAFKA_OFFSET_BEGINNING
                                                 : RD_KAFKA_OFFSET_END;
    }
    if (!s->began)
        pf_stats_set(s->start.stats, s->start.began_metric,
                     (uint64_t)pf_now_ns());
    return PF_OK;
}

/* Go on reading these partitions at the offsets of the list, which is then
 * destroyed. Does not wait. */
static enum pf_rc seek(const struct kafka_source *s,
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
static enum pf_rc go_back_to(struct kafka_source *s,
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
        bool changed;

        if (!part || from < 0)
            continue;
        if (!pf_kafka_part_describe(part, p->metadata, &changed))
            rc = pf_fail(err, PF_NOMEM, "kafka: out of memory");
        part->position = part->resumed = offset;
        part->next = from;
        part->end = -1;
        rd_kafka_topic_partition_list_add(list, p->topic, p->number)->offset =
            from;
    }
    sought = seek(s, list, err);
    return rc ? rc : sought;
}

static void give_away(struct kafka_source *s, const struct pf_change *change)
{
    if (!change->lost)
        pf_kafka_commit_all(&s->commit, GIVE_AWAY_MS);
    for (size_t i = 0; i < change->n_gone; i++)
        pf_kafka_parts_remove(&s->parts, change->gone[i].topic,
                              change->gone[i].number);
}

/*
 * While a group changes, librdkafka pauses what its member keeps, and goes on
 * at the offset after the last message that it has given. If that was the
 * partition's end, the offset is one too high, and the next record would be
 * skipped; before there is one, the offset is out of range, and everything
 * would come again (rd_kafka_q_serve_rkmessages() of 2.1 to 2.8 takes the event
 * for a record). So it is told where those go on.
 */
static enum pf_rc go_on_at_ends(struct kafka_source *s, struct pf_error *err)
{
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(
        (int)s->parts.list.n);

    for (size_t i = 0; i < s->parts.list.n; i++) {
        const struct pf_kafka_part *part = s->parts.list.at[i];

        if (part->end >= 0)
            rd_kafka_topic_partition_list_add(list, part->topic, part->number)
                ->offset = part->next;
    }
    return seek(s, list, err);
}

/* Log which partitions are read now. */
static void say_change(const struct kafka_source *s,
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

static void kafka_settled(struct pf_source *base)
{
    struct kafka_source *s = (struct kafka_source *)base;
    struct pf_change change = s->change;

    s->change = (struct pf_change){0};
    if (change.again) {
        s->failed = go_back_to(s, &change, &s->failure);
    } else if (reads_all(s)) {
        s->failed = assign_all(s, &change, &s->failure);
    } else if (!s->start.group && change.keeper) {
        start_where(s, &change);
    } else if (s->start.group) {
        if (s->group.come)
            s->failed = take_partitions(s, &change, &s->failure);
        else
            give_away(s, &change);
        if (!s->failed)
            s->failed = go_on_at_ends(s, &s->failure);
        if (!s->failed)
            s->failed = pf_kafka_group_apply(&s->group, s->rk, &s->failure);
        say_change(s, &change);
        s->commit.held = false;
    }
    s->began = true;
    free_change(s, &change);
}

static enum pf_rc kafka_read(struct pf_source *base, int timeout_ms,
                             struct pf_batch *ret, struct pf_error *err)
{
    struct kafka_source *s = (struct kafka_source *)base;
    bool left_over = s->n_seen < s->n_messages;
    enum pf_rc rc;

    *ret = (struct pf_batch){0};
    if (s->failed)
        return pf_fail(err, s->failed, "%s", s->failure.text);
    if (s->change.come)
        return PF_SETTLE;
    if (s->rewound)
        return make_rewind(s, err);
    if (s->group.list && (!left_over || s->group.lost))
        return make_change(s, err);
    if (!s->start.group && !s->began && !reads_all(s))
        return begin(s, err);
    if (!s->start.group && !s->resolved) {
        rc = reads_all(s) ? begin_all(s, err) : assign(s, err);
        if (rc == PF_AGAIN) /* some answers come at once: do not spin */
            pf_wait(-1, 0, timeout_ms < RETRY_MS ? timeout_ms : RETRY_MS);
        if (rc)
            return rc;
    }
    if (reads_all(s) && has_ended(s)) { /* others may write more, for ever */
        pf_kafka_end_look_up(&s->end, &s->start, &s->parts, s->rk, false, true);
        return PF_END;
    }
    return read_records(s, timeout_ms, ret, err);
}

/* How many of the last batch's records of that partition are through, if those
 * before index are: the position after them. */
static int64_t position_before(const struct kafka_source *s,
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
static void advance(struct kafka_source *s, uint64_t ticket)
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
    pf_stats_set(s->start.stats, s->start.position_metric,
                 (uint64_t)pf_kafka_parts_position(&s->parts));
}

static void kafka_commit(struct pf_source *base, uint64_t ticket)
{
    struct kafka_source *s = (struct kafka_source *)base;

    advance(s, ticket);
    pf_kafka_commit_push(&s->commit);
}

static const struct pf_partition *
kafka_positions(struct pf_source *base, uint64_t ticket, size_t *ret_n)
{
    struct kafka_source *s = (struct kafka_source *)base;

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
    struct kafka_source *s = (struct kafka_source *)base;

    s->describe = describe;
    s->describer = context;
}

static void kafka_rewind(struct pf_source *base)
{
    struct kafka_source *s = (struct kafka_source *)base;

    release_batch(s);
    for (size_t i = 0; i < s->parts.list.n; i++) {
        struct pf_kafka_part *part = s->parts.list.at[i];

        part->positions = (struct pf_kafka_positions){0};
        part->touched = false;
    }
    s->rewound = true;
}

static void kafka_close(struct pf_source *base)
{
    struct kafka_source *s = (struct kafka_source *)base;
    int64_t deadline_ms = pf_now_ms() + LAST_MS;
    bool answered = !s->commit.queue ||
                    pf_kafka_commit_finish(&s->commit, LAST_MS);

    release_batch(s);
    if (s->rk && s->start.group)
        pf_kafka_group_leave(&s->group, s->rk, s->queue,
                             pf_left_ms(deadline_ms));
    /* A commit without an answer delays the destruction below until
     * socket.timeout.ms, with one core busy (librdkafka 2.0.2). The process is
     * about to end: leave the client to it. */
    if (!answered)
        return;
    pf_kafka_commit_close(&s->commit);
    pf_kafka_wake_close(s->queue, s->wake);
    /* Nothing is left to tell the group; if the broker is gone, a close would
     * wait until the session times out. */
    if (s->rk)
        rd_kafka_destroy_flags(s->rk, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
    pf_kafka_parts_release(&s->parts);
    free_change(s, &s->change);
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

static enum pf_rc start(struct kafka_source *s, rd_kafka_conf_t *conf,
                        struct pf_error *err)
{
    enum pf_rc rc = pf_kafka_resolve_init(&s->resolve, conf, err);
    char why[512];

    if (s->start.group) {
        rd_kafka_conf_set_opaque(conf, &s->group);
        rd_kafka_conf_set_rebalance_cb(conf, pf_kafka_group_note);
    }
    if (!rc) {
        s->rk = rd_kafka_new(RD_KAFKA_CONSUMER, conf, why, sizeof why);
        if (!s->rk)
            rc = pf_fail(err, PF_CONFIG, "kafka: %s", why);
    }
    if (rc) {
        /* rd_kafka_new() takes ownership of conf only if it succeeds. */
        rd_kafka_conf_destroy(conf);
        return rc;
    }
    rd_kafka_poll_set_consumer(s->rk);
    s->queue = rd_kafka_queue_get_consumer(s->rk);
    rc = pf_kafka_wake_open(s->queue, &s->wake, err);
    if (!rc)
        rc = pf_kafka_commit_open(&s->commit, s->rk, &s->parts,
                                  s->start.group ? PF_KAFKA_COMMIT_GROUP_GAP_MS
                                                 : PF_KAFKA_COMMIT_GAP_MS,
                                  err);
    if (!rc && s->start.group)
        rc = pf_kafka_group_join(s->rk, s->start.topic, err);
    return rc;
}

enum pf_rc pf_kafka_source_open(rd_kafka_conf_t *conf,
                                const struct pf_kafka_start *start_at,
                                struct pf_source **ret, struct pf_error *err)
{
    struct kafka_source *s = calloc(1, sizeof *s);
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
