#include "replay.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "bad_lines.h"
#include "clock.h"
#include "event_time.h"
#include "log.h"
#include "pace.h"
#include "recording.h"
#include "stop.h"

#define BATCH 1000

/* Longer pauses are logged when they begin. */
#define LONG_PAUSE_NS (60 * PF_SECOND_NS)

/* Bytes for records of one batch that differ from their elements, besides one
 * record of the greatest size. */
#define ROOM 65536

struct replay_source {
    struct pf_source base;
    struct pf_replay replay;
    struct pf_recording recording;
    struct pf_pace pace;
    bool open; /* all of the above */

    uint64_t position; /* of the next record */
    bool has_next;     /* it has been found: recording.record */
    int64_t next_due_ns;
    int64_t before_us; /* time of the record before it */

    enum pf_rc failed; /* returned once all records before it have been */
    struct pf_error failure;

    uint64_t ticket;
    struct pf_record records[BATCH];
    struct pf_bad_lines bad;
    char *room;
    size_t room_size, room_used;
};

/* The next record is not due for a while: say why. It is a warning, unless
 * feed.replay.max.gap is set: then pauses are expected. */
static void say_pause(const struct replay_source *s)
{
    int64_t ns = s->next_due_ns - pf_now_ns();
    char text[40], from[PF_TIME_SIZE], to[PF_TIME_SIZE];

    if (ns < LONG_PAUSE_NS)
        return;
    pf_pace_words(ns, text, sizeof text);
    pf_time_format(s->before_us, from);
    pf_time_format(s->recording.record.time_us, to);
    pf_log(s->replay.max_gap_s > 0 ? PF_LOG_INFO : PF_LOG_WARNING,
           "%s:%" PRIu64 ": a pause of %s: from %s to %s; feed.replay.max.gap "
           "cuts it, feed.replay.speed is %g, and feed.replay.start and "
           "feed.replay.end leave out events from another time",
           pf_input_name(s->recording.input), s->recording.element.line, text,
           from, to, s->replay.speed);
}

/* The next record has been found: decide when it is due. */
static void schedule(struct replay_source *s)
{
    struct pf_recording *r = &s->recording;
    int64_t us = pf_recording_time_us(r), was_due_ns = s->pace.due_ns;

    bool paced = s->position >= s->replay.start.at_once;

    if (s->position <= pf_source_paced_from(&s->replay.start) &&
        r->restamp.wanted)
        pf_restamp_choose(&r->restamp, us - r->first_us, s->replay.speed);
    s->next_due_ns = !*s->replay.time ? 0
                     : paced          ? pf_pace_due(&s->pace, us)
                                      : pf_now_ns();
    if (was_due_ns && s->next_due_ns - was_due_ns > LONG_PAUSE_NS)
        say_pause(s);
    s->before_us = r->record.time_us;
    s->has_next = true;
}

/* Find the next record, unless that has been done. */
static enum pf_rc find_next(struct replay_source *s, bool more, int timeout_ms,
                            struct pf_error *err)
{
    enum pf_rc rc = PF_OK;

    if (!s->has_next) {
        rc = pf_recording_next(&s->recording, more, timeout_ms, err);
        if (!rc)
            schedule(s);
    }
    return rc;
}

/* Put the last element, a bad line, into the batch, after the *n records that
 * it has. */
static void refuse(struct replay_source *s, size_t *n, const char *reason)
{
    pf_bad_lines_add(&s->bad, pf_input_name(s->recording.input),
                     &s->recording.element, reason, &s->records[(*n)++]);
}

/*
 * Put the next record into the batch, after the *n that it has. PF_AGAIN: no
 * room for it. It may be a bad line after all: in a loop all are, once the
 * times have reached the largest possible one.
 */
static enum pf_rc take(struct replay_source *s, size_t *n, int64_t now,
                       struct pf_error *err)
{
    struct pf_recording *from = &s->recording;
    struct pf_record *r = &s->records[*n];
    struct pf_error reason;
    size_t used;
    enum pf_rc rc;

    if (*n && s->room_size - s->room_used < pf_replay_room(&from->record))
        return PF_AGAIN;
    rc = pf_replay_make(&from->record, from->restamp.wanted,
                        pf_restamp_seconds(&from->restamp, from->rounds_us),
                        s->room + s->room_used, &used, r, &reason);
    if (rc && rc != PF_FORMAT)
        return pf_fail(err, rc, "%s", reason.text);
    s->has_next = false;
    if (rc) {
        pf_recording_refuse(from);
        refuse(s, n, reason.text);
        return PF_OK;
    }
    s->room_used += used;
    r->topic = NULL; /* a bad line may have been here */
    r->offset = (int64_t)s->position++;
    r->partition = s->replay.start.partition;
    r->timestamp = -1;
    ++*n;
    pf_pace_given(&s->pace, s->next_due_ns, now);
    return PF_OK;
}

/* Fill the batch with the records that are due. PF_OK: no more are due now. */
static enum pf_rc fill(struct replay_source *s, int timeout_ms, size_t *n,
                       struct pf_error *err)
{
    size_t most_bad = s->replay.start.stop_at_bad ? 1 : PF_BAD_LINES;
    int64_t now = pf_now_ns();
    enum pf_rc rc = PF_OK;

    while (!rc && *n < BATCH && s->bad.n < most_bad) {
        if (pf_source_has_ended(&s->replay.start, s->position))
            rc = PF_END;
        else
            rc = find_next(s, !*n, timeout_ms, err);
        if (rc == PF_FORMAT) {
            refuse(s, n, err->text);
            rc = PF_OK;
            continue;
        }
        if (!rc && s->next_due_ns > now)
            now = pf_now_ns();
        if (!rc && s->next_due_ns > now && !*n && timeout_ms > 0) {
            pf_wait_until(s->pace.timer, s->next_due_ns, timeout_ms);
            now = pf_now_ns();
        }
        if (!rc && s->next_due_ns > now)
            break;
        if (!rc)
            rc = take(s, n, now, err);
    }
    return rc;
}

/* Earlier starts of this run have sent everything: was that intended? */
static void say_nothing_new(const struct replay_source *s)
{
    const char *name = pf_input_name(s->recording.input);
    uint64_t first = s->replay.start.first, all = first - s->recording.to_skip;

    if (all == first || pf_source_has_ended(&s->replay.start, s->position))
        pf_log(PF_LOG_WARNING,
               "%s: nothing was sent: this run has sent all of it before; "
               "feed.run = NAME sends it again",
               name);
    else
        pf_log(PF_LOG_WARNING,
               "%s: nothing was sent: it has %" PRIu64 " records, and this run "
               "has sent %" PRIu64 " before; if this is another recording, "
               "feed.run = NAME sends it",
               name, all, first);
}

/* PF_END, unless the recording has ended without a single record. */
static enum pf_rc end(const struct replay_source *s, struct pf_error *err)
{
    const char *name = pf_input_name(s->recording.input);

    if (!s->pace.given && s->replay.start.first)
        say_nothing_new(s);
    if (s->pace.given || s->replay.start.first)
        return PF_END;
    if (!s->recording.bad && !s->recording.outside)
        return pf_fail(err, PF_FORMAT, "%s: nothing was sent: it is empty",
                       name);
    return pf_fail(err, PF_FORMAT,
                   "%s: nothing was sent: it has %" PRIu64 " bad line%s, "
                   "%" PRIu64 " record%s outside of feed.replay.start and "
                   "feed.replay.end, and nothing else",
                   name, s->recording.bad, s->recording.bad == 1 ? "" : "s",
                   s->recording.outside, s->recording.outside == 1 ? "" : "s");
}

static enum pf_rc replay_read(struct pf_source *base, int timeout_ms,
                              struct pf_batch *ret, struct pf_error *err)
{
    struct replay_source *s = (struct replay_source *)base;
    enum pf_rc rc = s->failed;
    size_t n = 0;

    *ret = (struct pf_batch){0};
    s->room_used = s->bad.n = 0;
    if (!rc)
        rc = fill(s, timeout_ms, &n, &s->failure);
    if (rc == PF_END && !s->failed)
        rc = end(s, &s->failure);
    pf_stats_set(s->replay.start.stats, s->replay.start.due_metric,
                 s->has_next ? (uint64_t)s->next_due_ns : 0);
    if (rc && rc != PF_AGAIN)
        s->failed = rc;
    if (n) {
        ret->records = s->records;
        ret->n = n;
        ret->ticket = s->ticket += n;
        ret->refusals = s->bad.refusals;
        ret->n_refused = s->bad.n;
        return PF_OK;
    }
    if (s->failed && s->failed != PF_END)
        return pf_fail(err, s->failed, "%s", s->failure.text);
    return s->failed ? PF_END : PF_AGAIN;
}

/* Log how well the pace was kept. */
static void report(const struct replay_source *s)
{
    char text[200], lacks[100] = "";

    if (s->recording.lacks_from)
        snprintf(lacks, sizeof lacks,
                 "; from line %" PRIu64 " on it could not be unpacked",
                 s->recording.lacks_from);
    pf_log(s->recording.bad ? PF_LOG_WARNING : PF_LOG_INFO,
           "replay: %" PRIu64 " records of %s %s; %" PRIu64
           " bad lines left out%s",
           s->pace.given, pf_input_name(s->recording.input),
           pf_pace_describe(&s->pace, text, sizeof text), s->recording.bad,
           lacks);
}

static void replay_close(struct pf_source *base)
{
    struct replay_source *s = (struct replay_source *)base;

    if (s->open)
        report(s);
    pf_pace_release(&s->pace);
    pf_recording_release(&s->recording);
    free(s->room);
    free(s);
}

static const struct pf_source_ops replay_ops = {
    .read = replay_read,
    .close = replay_close,
};

enum pf_rc pf_replay_source_open(const struct pf_replay *replay,
                                 struct pf_source **ret, struct pf_error *err)
{
    struct replay_source *s = calloc(1, sizeof *s);
    enum pf_rc rc;

    if (!s)
        return pf_fail(err, PF_NOMEM, "replay: out of memory");
    s->base.ops = &replay_ops;
    s->replay = *replay;
    s->position = replay->start.first;
    s->pace.timer = -1;
    rc = pf_recording_init(&s->recording, &s->replay, err);
    if (!rc)
        rc = pf_pace_init(&s->pace, *replay->time ? replay->speed : 0,
                          replay->max_gap_s, err);
    s->room_size = ROOM + 2 * replay->start.value_max + PF_TIME_SIZE;
    s->room = malloc(s->room_size);
    if (!rc && !s->room)
        rc = pf_fail(err, PF_NOMEM, "replay: %zu bytes", s->room_size);
    if (rc) {
        replay_close(&s->base);
        return rc;
    }
    s->open = true;
    *ret = &s->base;
    return PF_OK;
}
