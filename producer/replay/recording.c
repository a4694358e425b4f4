#include "recording.h"

#include "event_time.h"

/* Most pieces of the file to read in one call, so that a long search for the
 * first record does not look as if the program hung. */
#define PIECES 16

/* The element is bad. PF_AGAIN: an earlier start or round has told. An earlier
 * start has come as far as the first record that has a pace. */
static enum pf_rc refuse(struct pf_recording *r, const char *reason,
                         struct pf_error *err)
{
    if (r->in_round < pf_source_paced_from(&r->replay->start) || r->again ||
        r->quiet)
        return PF_AGAIN;
    r->bad++;
    return pf_fail(err, PF_FORMAT, "%s", reason);
}

void pf_recording_refuse(struct pf_recording *r)
{
    r->in_round--;
    r->bad++;
}

/* A record has been found. Is it one to give, not one to skip? */
static bool is_next(struct pf_recording *r)
{
    if (!r->in_round++ || r->record.time_us > r->last_us)
        r->last_us = r->record.time_us;
    if (r->in_round == 1 && !r->again)
        r->first_us = r->record.time_us;
    if (!r->to_skip)
        return true;
    r->to_skip--;
    return false;
}

/* The file has ended. PF_OK: the next round begins. */
static enum pf_rc end_round(struct pf_recording *r, struct pf_error *err)
{
    int64_t length_us = r->last_us - r->first_us;
    uint64_t whole;
    enum pf_rc rc;

    if (!r->replay->loop || !r->in_round)
        return PF_END;
    rc = pf_input_rewind(r->input, err);
    if (rc)
        return rc;
    /* Rounds to skip need not be read again. */
    whole = r->to_skip / r->in_round;
    r->to_skip -= whole * r->in_round;
    r->again = true;
    r->rounds_us += (int64_t)(whole + 1) * length_us;
    r->in_round = 0;
    pf_elements_reset(r->elements);
    return PF_OK;
}

/* Read one more piece of the file. If unpacking fails, the file ends there,
 * with one bad line for the missing rest. */
static enum pf_rc read_piece(struct pf_recording *r, int timeout_ms,
                             struct pf_error *err)
{
    struct pf_error reason;
    size_t size, len = 0;
    char *to = pf_elements_room(r->elements, &size);
    enum pf_rc rc = pf_input_read(r->input, timeout_ms, to, size, &len,
                                  &reason);

    if (rc == PF_FORMAT) {
        r->lacks_from = pf_elements_line(r->elements);
        r->element = (struct pf_element){.at = "", .line = r->lacks_from};
        rc = refuse(r, reason.text, err);
    } else if (rc && rc != PF_END) {
        return rc == PF_AGAIN ? rc : pf_fail(err, rc, "%s", reason.text);
    }
    pf_elements_put(r->elements, len);
    return rc == PF_FORMAT ? rc : PF_OK;
}

/* Can the record's time be moved? All times count from the first record whose
 * time can. */
static bool can_move(struct pf_recording *r)
{
    if (!r->in_round && !r->again)
        pf_restamp_count_from(&r->restamp, r->record.time_us);
    return pf_restamp_can_move(&r->restamp, &r->record);
}

/* PF_AGAIN: this element is not the next record. */
static enum pf_rc look_at(struct pf_recording *r, struct pf_error *err)
{
    const struct pf_element *element = &r->element;
    struct pf_error why;
    const char *bad = element->bad;
    enum pf_rc rc = PF_FORMAT;

    if (!bad) {
        rc = pf_replay_examine(&r->form, element->at, element->len, &r->record,
                               &why);
        if (!rc && r->restamp.wanted && !can_move(r))
            rc = pf_fail(&why, PF_FORMAT, "its time, %.*s, cannot be restamped",
                         (int)r->record.time_len, r->record.time);
        bad = why.text;
    }
    if (!rc)
        return is_next(r) ? PF_OK : PF_AGAIN;
    if (rc == PF_FORMAT)
        return refuse(r, bad, err);
    r->outside++;
    return PF_AGAIN;
}

enum pf_rc pf_recording_next(struct pf_recording *r, bool more, int timeout_ms,
                             struct pf_error *err)
{
    int pieces = 0;

    for (;;) {
        enum pf_rc rc = pf_elements_next(r->elements, &r->element);

        if (!rc) {
            rc = look_at(r, err);
            if (rc == PF_AGAIN)
                continue;
            return rc;
        }
        if (!more || (rc == PF_AGAIN && pieces++ == PIECES))
            return PF_AGAIN;
        if (rc == PF_END)
            rc = end_round(r, err);
        else
            rc = read_piece(r, timeout_ms, err);
        if (rc)
            return rc;
    }
}

static enum pf_rc find_members(struct pf_recording *r, struct pf_error *err)
{
    struct pf_json_find *members = r->form.members;

    if (pf_json_find_init(&members[PF_REPLAY_TIME], r->replay->time, err))
        return pf_fail_in(err, PF_CONFIG, "feed.replay.time: ");
    if (pf_json_find_init(&members[PF_REPLAY_KEY], r->replay->key, err))
        return pf_fail_in(err, PF_CONFIG, "feed.replay.key: ");
    return PF_OK;
}

enum pf_rc pf_recording_init(struct pf_recording *r,
                             const struct pf_replay *replay,
                             struct pf_error *err)
{
    size_t limit = replay->start.value_max;
    enum pf_rc rc;

    *r = (struct pf_recording){
        .replay = replay,
        .form = {.start_us = replay->start_us,
                 .end_us = replay->end_us,
                 .limit = limit},
        .restamp = {.wanted = replay->restamp,
                    .us = replay->restamp_us,
                    .from_now = replay->restamp_from_now},
        .to_skip = replay->start.first,
    };
    if (replay->restamp && limit > PF_TIME_SIZE)
        r->form.limit -= PF_TIME_SIZE; /* a moved time may be longer */
    rc = find_members(r, err);
    if (!rc)
        rc = pf_elements_new(replay->form, limit, &r->elements, err);
    if (!rc)
        rc = pf_input_open(replay->file, &r->input, err);
    return rc;
}

void pf_recording_release(struct pf_recording *r)
{
    pf_elements_free(r->elements);
    pf_input_close(r->input);
}
