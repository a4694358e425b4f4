#include "replay.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "clock.h"
#include "event_time.h"
#include "input.h"
#include "log.h"
#include "pace.h"
#include "replay_record.h"
#include "restamp.h"

#define BATCH 1000

/* Pieces of the file in one read of this source, so that a long search for
 * the first record does not look like a program that hangs. */
#define PIECES 16

/* A pause that is longer is said when it begins. */
#define LONG_PAUSE_NS (60 * PF_SECOND_NS)

/* Of records that are not the element's own bytes, so many are made at once,
 * besides one that is as long as may be. */
#define ROOM 65536

struct replay_source {
    struct pf_source base;
    struct pf_replay replay;
    struct pf_input *input;
    struct pf_elements *elements;
    struct pf_replay_form form;
    struct pf_restamp restamp;
    struct pf_pace pace;
    struct pf_bad_lines bad;
    bool open; /* all of these are */

    /* Where we are. */
    uint64_t to_skip;    /* records before the one to begin with */
    uint64_t position;   /* of the next record */
    bool again;          /* a round of the loop has ended */
    uint64_t in_round;   /* records of this one */
    int64_t first_us;    /* time of the recording's first record */
    int64_t last_us;     /* the latest of this round */
    uint64_t lacks_from; /* the line from which it could not be unpacked */
    uint64_t outside;    /* records outside of start and end */
    int64_t rounds_us;   /* how long the rounds that have ended were */

    struct pf_element element; /* the one that was cut last */
    bool has_next;             /* it has not been given yet, and is this: */
    struct pf_replay_element next;
    int64_t next_due_ns;
    int64_t before_us; /* the time of the record before it */

    enum pf_rc failed; /* given when what came before it has been */
    struct pf_error failure;

    struct pf_record records[BATCH];
    char *room;
    size_t room_size, room_used;
};

/* The time of that element, had the rounds been recorded one by one. */
static int64_t time_of(const struct replay_source *s,
                       const struct pf_replay_element *element)
{
    return element->time_us + s->rounds_us;
}

/* The element is bad. */
static enum pf_rc refuse(struct replay_source *s, const char *reason,
                         struct pf_error *err)
{
    enum pf_rc rc = pf_bad_lines_add(&s->bad, &s->element, reason, err);

    pf_stats_set(s->replay.stats, s->replay.bad_metric, s->bad.count);
    return rc;
}

/* The same, unless an earlier run or round has told of it. */
static enum pf_rc refuse_once(struct replay_source *s, const char *reason,
                              struct pf_error *err)
{
    return s->to_skip || s->again ? PF_OK : refuse(s, reason, err);
}

static void describe_pause(int64_t ns, char *buf, size_t size)
{
    static const struct {
        const char *name;
        int64_t s;
    } units[] = {{"years", 365 * 86400}, {"days", 86400}, {"hours", 3600}};
    int64_t s = ns / PF_SECOND_NS;

    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (s >= 2 * units[i].s) {
            snprintf(buf, size, "%" PRId64 " %s", s / units[i].s,
                     units[i].name);
            return;
        }
    snprintf(buf, size, "%" PRId64 " seconds", s);
}

/* The next record is not due for a while: nobody should have to guess why. If
 * the longest pause is set, that is no surprise. */
static void say_pause(const struct replay_source *s)
{
    int64_t ns = s->next_due_ns - pf_now_ns();
    char text[40], from[PF_TIME_SIZE], to[PF_TIME_SIZE];

    if (ns < LONG_PAUSE_NS)
        return;
    describe_pause(ns, text, sizeof text);
    pf_time_format(s->before_us, from);
    pf_time_format(s->next.time_us, to);
    pf_log(s->replay.max_gap_s > 0 ? PF_LOG_INFO : PF_LOG_WARNING,
           "%s:%" PRIu64 ": a pause of %s: from %s to %s; feed.replay.max.gap "
           "cuts it, feed.replay.speed is %g, and feed.replay.start and "
           "feed.replay.end leave out what is from another time",
           pf_input_name(s->input), s->element.line, text, from, to,
           s->replay.speed);
}

/* A record has been found: it is the next one, or to be passed over. */
static void found(struct replay_source *s)
{
    int64_t was_due_ns;

    if (!s->in_round++ || s->next.time_us > s->last_us)
        s->last_us = s->next.time_us;
    if (s->in_round == 1 && !s->again)
        s->first_us = s->next.time_us;
    if (s->to_skip) {
        s->to_skip--;
        s->position++;
        return;
    }
    if (s->position == s->replay.first && s->restamp.wanted)
        pf_restamp_choose(&s->restamp, time_of(s, &s->next) - s->first_us,
                          s->replay.speed);
    was_due_ns = s->pace.due_ns;
    s->next_due_ns = *s->replay.time
                         ? pf_pace_due(&s->pace, time_of(s, &s->next))
                         : 0;
    if (was_due_ns && s->next_due_ns - was_due_ns > LONG_PAUSE_NS)
        say_pause(s);
    s->before_us = s->next.time_us;
    s->has_next = true;
}

/* The file has ended. PF_OK: it begins anew. */
static enum pf_rc end_round(struct replay_source *s, struct pf_error *err)
{
    int64_t length_us = s->last_us - s->first_us;
    uint64_t whole;
    enum pf_rc rc;

    if (!s->replay.loop || !s->in_round)
        return PF_END;
    rc = pf_input_rewind(s->input, err);
    if (rc)
        return rc;
    /* Rounds to be passed over need not be read again. */
    whole = s->to_skip / s->in_round;
    s->to_skip -= whole * s->in_round;
    s->position += whole * s->in_round;
    s->again = true;
    s->rounds_us += (int64_t)(whole + 1) * length_us;
    s->in_round = 0;
    pf_elements_reset(s->elements);
    return PF_OK;
}

/* Read one more piece of the file. Where it cannot be unpacked it ends, with a
 * bad line for all that it lacks. */
static enum pf_rc read_piece(struct replay_source *s, int timeout_ms,
                             struct pf_error *err)
{
    struct pf_error reason;
    size_t size, len = 0;
    char *to = pf_elements_room(s->elements, &size);
    enum pf_rc rc = pf_input_read(s->input, timeout_ms, to, size, &len,
                                  &reason);

    if (rc == PF_FORMAT) {
        s->lacks_from = pf_elements_line(s->elements);
        s->element = (struct pf_element){.at = "", .line = s->lacks_from};
        rc = refuse_once(s, reason.text, err);
        if (rc)
            return rc;
    } else if (rc && rc != PF_END) {
        return rc == PF_AGAIN ? rc : pf_fail(err, rc, "%s", reason.text);
    }
    pf_elements_put(s->elements, len);
    return PF_OK;
}

/* Whether the element's time can be moved; the others count from the first
 * that can. */
static bool can_move(struct replay_source *s)
{
    if (!s->in_round && !s->again)
        pf_restamp_count_from(&s->restamp, s->next.time_us);
    return pf_restamp_can_move(&s->restamp, &s->next);
}

static enum pf_rc look_at(struct replay_source *s, struct pf_error *err)
{
    const struct pf_element *element = &s->element;
    struct pf_error reason;
    enum pf_rc rc;

    if (element->bad)
        return refuse_once(s, element->bad, err);
    rc = pf_replay_examine(&s->form, element->at, element->len, &s->next,
                           &reason);
    if (!rc && s->restamp.wanted && !can_move(s))
        rc = pf_fail(&reason, PF_FORMAT, "its time, %.*s, cannot be restamped",
                     (int)s->next.time_len, s->next.time);
    if (rc == PF_FORMAT)
        return refuse_once(s, reason.text, err);
    if (!rc)
        found(s);
    else
        s->outside++;
    return PF_OK;
}

/*
 * Find the next record. more: the file may be read, for which records that
 * were given lose their bytes.
 *
 * PF_AGAIN  not without more of the file, or not yet
 */
static enum pf_rc find_next(struct replay_source *s, bool more, int timeout_ms,
                            struct pf_error *err)
{
    int pieces = 0;

    while (!s->has_next) {
        enum pf_rc rc = pf_elements_next(s->elements, &s->element);

        if (!rc)
            rc = look_at(s, err);
        else if (rc == PF_AGAIN && more && pieces++ < PIECES)
            rc = read_piece(s, timeout_ms, err);
        else if (rc == PF_END)
            rc = more ? end_round(s, err) : PF_AGAIN;
        if (rc)
            return rc;
    }
    return PF_OK;
}

/*
 * Put the next record into the batch, behind the *n that it has. PF_AGAIN: no
 * room for it. PF_OK and the same *n: it was a bad line after all, as all are
 * in a loop that has come to the end of what its times can be.
 */
static enum pf_rc take(struct replay_source *s, size_t *n, int64_t now,
                       struct pf_error *err)
{
    struct pf_record *r = &s->records[*n];
    struct pf_error reason;
    size_t used;
    enum pf_rc rc;

    if (*n && s->room_size - s->room_used < pf_replay_room(&s->next))
        return PF_AGAIN;
    rc = pf_replay_make(&s->next, s->restamp.wanted,
                        pf_restamp_seconds(&s->restamp, s->rounds_us),
                        s->room + s->room_used, &used, r, &reason);
    if (rc && rc != PF_FORMAT)
        return pf_fail(err, rc, "%s", reason.text);
    s->has_next = false;
    if (rc) {
        s->in_round--; /* a round with nothing in it is the last */
        return refuse(s, reason.text, err);
    }
    s->room_used += used;
    r->offset = (int64_t)s->position++;
    r->timestamp = -1;
    ++*n;
    pf_pace_given(&s->pace, s->next_due_ns, now);
    return PF_OK;
}

static bool has_ended(const struct replay_source *s)
{
    return s->replay.count && s->position + s->to_skip >= s->replay.count;
}

/* Fill the batch with what is due. PF_OK: nothing more is now. */
static enum pf_rc fill(struct replay_source *s, int timeout_ms, size_t *n,
                       struct pf_error *err)
{
    int64_t now = pf_now_ns();
    enum pf_rc rc = PF_OK;

    while (!rc && *n < BATCH) {
        rc = has_ended(s) ? PF_END : find_next(s, !*n, timeout_ms, err);
        if (!rc && s->next_due_ns > now)
            now = pf_now_ns();
        if (!rc && s->next_due_ns > now && !*n && timeout_ms > 0) {
            pf_pace_wait(&s->pace, s->next_due_ns, timeout_ms);
            now = pf_now_ns();
        }
        if (!rc && s->next_due_ns > now)
            break;
        if (!rc)
            rc = take(s, n, now, err);
    }
    return rc;
}

/* PF_END, unless the end has come before anything else has. */
static enum pf_rc end(const struct replay_source *s, struct pf_error *err)
{
    const char *name = pf_input_name(s->input);

    if (s->pace.given || s->replay.first)
        return PF_END;
    if (!s->bad.count && !s->outside)
        return pf_fail(err, PF_FORMAT, "%s: nothing was sent: it is empty",
                       name);
    return pf_fail(err, PF_FORMAT,
                   "%s: nothing was sent: it has %" PRIu64 " bad line%s, "
                   "%" PRIu64 " record%s outside of feed.replay.start and "
                   "feed.replay.end, and nothing else",
                   name, s->bad.count, s->bad.count == 1 ? "" : "s", s->outside,
                   s->outside == 1 ? "" : "s");
}

static enum pf_rc replay_read(struct pf_source *base, int timeout_ms,
                              struct pf_batch *ret, struct pf_error *err)
{
    struct replay_source *s = (struct replay_source *)base;
    enum pf_rc rc = s->failed;
    size_t n = 0;

    *ret = (struct pf_batch){0};
    s->room_used = 0;
    if (!rc)
        rc = fill(s, timeout_ms, &n, &s->failure);
    if (rc == PF_END && !s->failed)
        rc = end(s, &s->failure);
    pf_stats_set(s->replay.stats, s->replay.due_metric,
                 s->has_next ? (uint64_t)s->next_due_ns : 0);
    if (rc && rc != PF_AGAIN)
        s->failed = rc;
    if (n) {
        ret->records = s->records;
        ret->n = n;
        ret->next = (int64_t)s->position;
        return PF_OK;
    }
    if (s->failed && s->failed != PF_END)
        return pf_fail(err, s->failed, "%s", s->failure.text);
    return s->failed ? PF_END : PF_AGAIN;
}

/* Say how true it was. */
static void report(const struct replay_source *s)
{
    char text[200], lacks[100] = "";

    if (s->lacks_from)
        snprintf(lacks, sizeof lacks,
                 "; from line %" PRIu64 " on it could not be unpacked",
                 s->lacks_from);
    pf_log(s->bad.count ? PF_LOG_WARNING : PF_LOG_INFO,
           "replay: %" PRIu64 " records of %s %s; %" PRIu64
           " bad lines left out%s",
           s->pace.given, pf_input_name(s->input),
           pf_pace_describe(&s->pace, text, sizeof text), s->bad.count, lacks);
}

static void replay_close(struct pf_source *base)
{
    struct replay_source *s = (struct replay_source *)base;

    if (s->open)
        report(s);
    pf_bad_lines_release(&s->bad);
    pf_pace_release(&s->pace);
    pf_elements_free(s->elements);
    pf_input_close(s->input);
    free(s->room);
    free(s);
}

static const struct pf_source_ops replay_ops = {
    .name = "replay",
    .read = replay_read,
    .close = replay_close,
};

static enum pf_rc open_parts(struct replay_source *s, struct pf_error *err)
{
    const struct pf_replay *r = &s->replay;
    struct pf_json_find *members = s->form.members;
    enum pf_rc rc;

    rc = pf_json_find_init(&members[PF_REPLAY_TIME], r->time, err);
    if (rc)
        return pf_fail_in(err, PF_CONFIG, "feed.replay.time: ");
    rc = pf_json_find_init(&members[PF_REPLAY_KEY], r->key, err);
    if (rc)
        return pf_fail_in(err, PF_CONFIG, "feed.replay.key: ");
    rc = pf_pace_init(&s->pace, *r->time ? r->speed : 0, r->max_gap_s, err);
    if (!rc)
        rc = pf_elements_new(r->form, r->limit, &s->elements, err);
    if (!rc)
        rc = pf_input_open(r->file, &s->input, err);
    if (rc)
        return rc;
    return pf_bad_lines_init(&s->bad, r->on_bad, pf_input_name(s->input),
                             r->dead_letters, err);
}

enum pf_rc pf_replay_source_open(const struct pf_replay *replay,
                                 struct pf_source **ret, struct pf_error *err)
{
    struct replay_source *s = calloc(1, sizeof *s);
    enum pf_rc rc;

    if (!s)
        return pf_fail(err, PF_NOMEM, "replay: out of memory");
    s->base.ops = &replay_ops;
    s->replay = *replay;
    s->form.start_us = replay->start_us;
    s->form.end_us = replay->end_us;
    s->form.limit = replay->limit;
    if (replay->restamp && replay->limit > PF_TIME_SIZE)
        s->form.limit -= PF_TIME_SIZE; /* for what a time may grow */
    s->restamp = (struct pf_restamp){.wanted = replay->restamp,
                                     .us = replay->restamp_us,
                                     .from_now = replay->restamp_from_now};
    s->to_skip = replay->first;
    s->pace.timer = s->bad.fd = -1;
    s->room_size = ROOM + 2 * replay->limit + PF_TIME_SIZE;
    s->room = malloc(s->room_size);
    rc = s->room ? open_parts(s, err)
                 : pf_fail(err, PF_NOMEM, "replay: %zu bytes", s->room_size);
    if (rc) {
        replay_close(&s->base);
        return rc;
    }
    s->open = true;
    *ret = &s->base;
    return PF_OK;
}
