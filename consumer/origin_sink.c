#include "origin_sink.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "kafka_conf.h"
#include "kafka_positions.h"
#include "kafka_sink.h"
#include "origin_filter.h"
#include "stop.h"
#include "vec.h"

/* How long to wait for the letters before one that Kafka has refused, and how
 * often to look. With the drain it is below the consumer's stopwaitsecs. */
#define BEFORE_MS 500
#define LOOK_MS 5

/* Most letters from the oldest one under way on, and as many as may be sent
 * twice after one that Kafka has refused. Each has a ticket of its own, so that
 * the next start begins at the refused one. */
#define WINDOW 60

_Static_assert(WINDOW + 2 < PF_TICKETS_MAX, "each has a place of its own");
_Static_assert(WINDOW + 2 < PF_KAFKA_POSITIONS_MAX, "and so has its position");

/* Letters that fit one by one could form a batch that does not. So a batch of
 * several is short: a topic takes that much, whatever its max.message.bytes is.
 */
#define BATCH_BYTES "1000"

/* Those of a window are on their way in a moment, and then nothing comes. */
#define LINGER_MS "0.5"

/* A letter under way: where it was read. */
struct letter {
    uint64_t number;   /* how many records were taken before it */
    const char *topic; /* one of topics */
    int32_t partition; /* -1: it is a file, and offset a line */
    int64_t offset;
};

struct origin_sink {
    struct pf_sink base;
    struct pf_sink *kafka;
    uint64_t taken;           /* records, in all */
    uint64_t until;           /* that many may be taken before a flush */
    bool arrived;             /* a letter has */
    uint64_t refused;         /* the number of the oldest one that was */
    PF_VEC(char *) topics;    /* that letters were read from */
    PF_VEC(struct letter) on; /* under way, the oldest first */
};

/* Our copy of that name. NULL: memory ran out. */
static const char *keep_name(struct origin_sink *s, const char *name)
{
    char *copy;

    for (size_t i = 0; i < s->topics.n; i++)
        if (!strcmp(s->topics.at[i], name))
            return s->topics.at[i];
    copy = strdup(name);
    if (copy && !PF_VEC_PUSH(&s->topics, copy)) {
        free(copy);
        copy = NULL;
    }
    return copy;
}

static enum pf_rc begin_letter(struct origin_sink *s,
                               const struct pf_record *record, uint64_t number,
                               struct pf_error *err)
{
    const struct pf_record *read = pf_origin_letter(record);
    struct letter letter = {.number = number,
                            .topic = keep_name(s, read->topic),
                            .partition = read->partition,
                            .offset = read->offset};

    if (letter.topic && PF_VEC_PUSH(&s->on, letter))
        return PF_OK;
    return pf_fail(err, PF_NOMEM, "dead letters: out of memory");
}

static void end_letter(struct origin_sink *s, uint64_t number)
{
    size_t i = 0;

    while (i < s->on.n && s->on.at[i].number != number)
        i++;
    if (i == s->on.n)
        return;
    s->on.n--;
    memmove(&s->on.at[i], &s->on.at[i + 1], (s->on.n - i) * sizeof s->on.at[0]);
}

static void on_report(void *context, const struct pf_report *report)
{
    struct origin_sink *s = context;

    if (report->fate == PF_ACKED) {
        s->arrived = true;
        end_letter(s, report->number);
    } else if (report->number < s->refused) {
        s->refused = report->number;
    }
}

/* Make room for more. The first letter goes alone: if it is the one that Kafka
 * refuses at each start, none after it is sent again each time. */
static void make_room(struct origin_sink *s)
{
    uint64_t oldest = s->on.n ? s->on.at[0].number : s->taken;

    s->until = oldest + (s->arrived ? WINDOW : 1);
}

/* Put the oldest letter that has not arrived before the sentence in *err. */
static enum pf_rc name_oldest(const struct origin_sink *s, enum pf_rc rc,
                              struct pf_error *err)
{
    const struct letter *letter = s->on.at;

    if (!s->on.n)
        return rc;
    if (letter->partition < 0)
        return pf_fail_in(err, rc, "the dead letter at %s:%" PRId64 ": ",
                          letter->topic, letter->offset);
    return pf_fail_in(
        err, rc, "the dead letter at offset %" PRId64 " of %s [%" PRId32 "]: ",
        letter->offset, letter->topic, letter->partition);
}

static enum pf_rc origin_write(struct pf_sink *base,
                               const struct pf_record *records, size_t n,
                               uint64_t ticket, size_t *ret_taken,
                               struct pf_error *err)
{
    struct origin_sink *s = (struct origin_sink *)base;
    size_t room = (size_t)(s->until - s->taken);
    size_t size = n < room ? n : room;
    enum pf_rc rc = PF_OK;

    *ret_taken = 0;
    /* Before they are taken: the first reports may come during the call. */
    for (size_t i = 0; i < size && !rc; i++)
        rc = begin_letter(s, &records[i], s->taken + i, err);
    if (rc)
        return rc;
    rc = s->kafka->ops->write(s->kafka, records, size, ticket, ret_taken, err);
    s->taken += *ret_taken;
    if (rc && rc != PF_AGAIN)
        return name_oldest(s, rc, err);
    while (s->on.n && PF_VEC_LAST(&s->on)->number >= s->taken)
        s->on.n--;
    return !rc && size < n ? PF_AGAIN : rc;
}

/* Wait for the letters that were taken before the refused one. */
static void wait_for_older(struct origin_sink *s, struct pf_arrival *ret,
                           struct pf_error *err)
{
    int64_t deadline = pf_now_ms() + BEFORE_MS;

    while (s->on.n && s->on.at[0].number < s->refused && pf_left_ms(deadline) &&
           pf_wait(-1, 0, LOOK_MS) != PF_END)
        s->kafka->ops->flush(s->kafka, 0, ret, err);
}

static enum pf_rc origin_flush(struct pf_sink *base, int timeout_ms,
                               struct pf_arrival *ret, struct pf_error *err)
{
    struct origin_sink *s = (struct origin_sink *)base;
    enum pf_rc rc = s->kafka->ops->flush(s->kafka, timeout_ms, ret, err);

    make_room(s);
    if (!rc || rc == PF_AGAIN)
        return rc;
    if (rc == PF_UNDELIVERED)
        wait_for_older(s, ret, err);
    return name_oldest(s, rc, err);
}

static void origin_last(struct pf_sink *base)
{
    struct origin_sink *s = (struct origin_sink *)base;

    s->kafka->ops->last(s->kafka);
}

static void origin_close(struct pf_sink *base)
{
    struct origin_sink *s = (struct origin_sink *)base;

    pf_sink_close(s->kafka);
    for (size_t i = 0; i < s->topics.n; i++)
        free(s->topics.at[i]);
    free(s->topics.at);
    free(s->on.at);
    free(s);
}

static const struct pf_sink_ops origin_ops = {
    .write = origin_write,
    .flush = origin_flush,
    .last = origin_last,
    .close = origin_close,
};

enum pf_rc pf_origin_sink_open(const rd_kafka_conf_t *like,
                               struct pf_sink **ret, struct pf_error *err)
{
    struct origin_sink *s = calloc(1, sizeof *s);
    rd_kafka_conf_t *conf;
    enum pf_rc rc;

    if (!s)
        return pf_fail(err, PF_NOMEM, "dead letters: out of memory");
    s->base.ops = &origin_ops;
    s->refused = UINT64_MAX;
    make_room(s);
    conf = pf_kafka_conf_forward(like);
    rd_kafka_conf_set(conf, "batch.size", BATCH_BYTES, NULL, 0);
    rd_kafka_conf_set(conf, "linger.ms", LINGER_MS, NULL, 0);
    /* Where a key decides, as all of our programs and Java's clients have it.
     */
    rd_kafka_conf_set(conf, "partitioner", "murmur2_random", NULL, 0);
    rc = pf_kafka_sink_open(
        conf, &(struct pf_kafka_target){.on_report = on_report, .context = s},
        &s->kafka, err);
    if (rc) {
        origin_close(&s->base);
        return rc;
    }
    *ret = &s->base;
    return PF_OK;
}
