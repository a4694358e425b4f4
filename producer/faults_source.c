#include "faults_source.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "stop.h"

/* Longer than the pauses of a busy machine. */
#define DELAY_MS 1500
#define SILENCE_MS 3000

/* Most records in a batch, and how many of these can be altered. */
#define BATCH 1024
#define ALTERED (BATCH / PF_FAULT_BLOCK + 2)

/* Most of them that inner has refused. */
#define REFUSED 100

#define SHEET_FLAGS (O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC)

struct faults_source {
    struct pf_source base;
    struct pf_source *inner;
    struct pf_faults faults;
    int sheet; /* -1: none */

    struct pf_batch in; /* inner's last batch, and how far we are through it, */
    size_t at;
    size_t refused;  /* and through its refusals */
    uint64_t ticket; /* of the last record given */

    uint64_t block;        /* of the last record */
    struct pf_fault fault; /* of that block; block 0 has none */
    uint64_t start;        /* index of the record that has number 0 */

    /* A record to drop, or to swap with the next one, which has not come. */
    bool holds;
    struct pf_record held;
    char *held_value; /* its and its key's, once inner's batch is gone; owned */
    size_t held_size;

    int64_t wait_until_ms; /* before giving the record at `at`; 0: no wait */
    int64_t due_ns;        /* when that record was due, real-time clock */

    struct pf_record out[BATCH + 1]; /* a record may become two */
    size_t n;
    struct pf_refusal refusals[REFUSED];
    size_t n_refused;
    char values[ALTERED][PF_FAULT_VALUE_SIZE];
    size_t n_values;
};

/* Write a fault to the answer sheet: its record is about to be given. */
static enum pf_rc note(const struct faults_source *s,
                       const struct pf_fault *fault, struct pf_error *err)
{
    const struct pf_fault_words *words = &pf_fault_words[fault->kind];
    char line[80];
    int len = snprintf(line, sizeof line, "%s %" PRIu64 " %s\n", words->finding,
                       fault->index, words->word);

    errno = 0; /* stays so if the line is cut short */
    if (s->sheet >= 0 && write(s->sheet, line, (size_t)len) != len)
        return pf_fail(err, PF_IO, "feed.faults.sheet: %s",
                       errno ? strerror(errno) : "no room");
    return PF_OK;
}

/* Does the record with this index have a fault? Sets s->fault. */
static bool is_faulty(struct faults_source *s, uint64_t index)
{
    uint64_t block = index / PF_FAULT_BLOCK;

    if (block != s->block) {
        s->block = block;
        s->fault = pf_fault_of_block(&s->faults, block);
    }
    return s->fault.kind != PF_FAULT_NONE && s->fault.index == index;
}

/* Give *record, with its number counted from the last reset. */
static struct pf_record *emit(struct faults_source *s,
                              const struct pf_record *record)
{
    struct pf_record *out = &s->out[s->n++];

    *out = *record;
    out->offset = (int64_t)((uint64_t)record->offset - s->start);
    return out;
}

/* The record after the held one has come. */
static enum pf_rc release(struct faults_source *s,
                          const struct pf_record *record, struct pf_error *err)
{
    s->holds = false;
    emit(s, record);
    if (s->fault.kind == PF_FAULT_REORDER)
        emit(s, &s->held);
    return note(s, &s->fault, err);
}

/* Give *record, damaged; any wait before it is over. */
static enum pf_rc damage(struct faults_source *s,
                         const struct pf_record *record, struct pf_error *err)
{
    struct pf_record *out;

    if (s->fault.kind == PF_FAULT_SEQUENCE_RESET)
        s->start = s->fault.index;
    out = emit(s, record);
    if (s->fault.kind == PF_FAULT_DUPLICATE)
        emit(s, record);
    else if (s->fault.kind == PF_FAULT_DELAY)
        out->made_ns = s->due_ns;
    else if (pf_fault_alter(&s->fault, out, s->values[s->n_values]))
        s->n_values++;
    return note(s, &s->fault, err);
}

/* Is the wait over? Waits for timeout_ms at most. */
static bool wait_is_over(const struct faults_source *s, int timeout_ms)
{
    int64_t left = s->wait_until_ms - pf_now_ms();

    if (left > 0)
        pf_wait(-1, 0, left < timeout_ms ? (int)left : timeout_ms);
    return pf_now_ms() >= s->wait_until_ms;
}

/* Has inner refused the next record of its batch? */
static bool is_refused(const struct faults_source *s)
{
    return s->refused < s->in.n_refused &&
           s->in.refusals[s->refused].record == &s->in.records[s->at];
}

/* Give it as it is: it has no number, and no fault. */
static void pass_refused(struct faults_source *s)
{
    s->out[s->n] = s->in.records[s->at++];
    s->refusals[s->n_refused] = s->in.refusals[s->refused++];
    s->refusals[s->n_refused++].record = &s->out[s->n++];
}

/* Take the next record of inner's batch, or begin to wait before it. */
static enum pf_rc take(struct faults_source *s, struct pf_error *err)
{
    const struct pf_record *record = &s->in.records[s->at];
    enum pf_fault_kind kind = PF_FAULT_NONE;

    if (is_refused(s)) {
        pass_refused(s);
        return PF_OK;
    }
    if (!s->holds && is_faulty(s, (uint64_t)record->offset))
        kind = s->fault.kind;
    if (kind == PF_FAULT_DELAY || kind == PF_FAULT_SILENCE) {
        s->wait_until_ms = pf_now_ms() +
                           (kind == PF_FAULT_DELAY ? DELAY_MS : SILENCE_MS);
        s->due_ns = record->made_ns ? record->made_ns : pf_wall_ns();
        return PF_OK;
    }
    s->at++;
    if (s->holds)
        return release(s, record, err);
    if (kind == PF_FAULT_DROP || kind == PF_FAULT_REORDER) {
        s->held = *record;
        s->holds = true;
    } else if (kind == PF_FAULT_NONE) {
        emit(s, record);
    } else {
        return damage(s, record, err);
    }
    return PF_OK;
}

/* Copy the bytes of the held record: it outlives inner's batch. */
static enum pf_rc keep_held(struct faults_source *s, struct pf_error *err)
{
    size_t size = s->held.value_len + s->held.key_len;

    if (!s->holds || !s->held.value || s->held.value == s->held_value)
        return PF_OK;
    if (!s->held_value || size > s->held_size) { /* empty is not NULL */
        char *value = realloc(s->held_value, size + 1);

        if (!value)
            return pf_fail(err, PF_NOMEM, "feed.faults: out of memory");
        s->held_value = value;
        s->held_size = size;
    }
    s->held.value = memcpy(s->held_value, s->held.value, s->held.value_len);
    if (s->held.key)
        s->held.key = memcpy(s->held_value + s->held.value_len, s->held.key,
                             s->held.key_len);
    return PF_OK;
}

/* Read inner's next batch. At its end, the held record is given undamaged. */
static enum pf_rc refill(struct faults_source *s, int timeout_ms,
                         struct pf_error *err)
{
    enum pf_rc rc = keep_held(s, err);

    if (rc)
        return rc;
    s->at = s->refused = 0;
    s->in = (struct pf_batch){0};
    rc = s->inner->ops->read(s->inner, timeout_ms, &s->in, err);
    if (rc == PF_END && s->holds) {
        s->holds = false;
        emit(s, &s->held);
        return PF_OK;
    }
    return rc;
}

static enum pf_rc faults_read(struct pf_source *base, int timeout_ms,
                              struct pf_batch *ret, struct pf_error *err)
{
    struct faults_source *s = (struct faults_source *)base;
    enum pf_rc rc = PF_OK;

    *ret = (struct pf_batch){0};
    s->n = s->n_values = s->n_refused = 0;
    if (s->wait_until_ms) {
        if (!wait_is_over(s, timeout_ms))
            return PF_AGAIN;
        s->wait_until_ms = 0;
        rc = damage(s, &s->in.records[s->at++], err);
    } else if (s->at == s->in.n) {
        rc = refill(s, timeout_ms, err);
    }
    while (!rc && s->at < s->in.n && s->n < BATCH && s->n_refused < REFUSED &&
           !s->wait_until_ms)
        rc = take(s, err);
    if (rc)
        return rc;
    s->ticket += s->n;
    *ret = (struct pf_batch){.records = s->out,
                             .n = s->n,
                             .ticket = s->ticket,
                             .refusals = s->refusals,
                             .n_refused = s->n_refused};
    return s->n ? PF_OK : PF_AGAIN;
}

static void faults_close(struct pf_source *base)
{
    struct faults_source *s = (struct faults_source *)base;

    pf_source_close(s->inner);
    if (s->sheet >= 0)
        close(s->sheet);
    free(s->held_value);
    free(s);
}

static const struct pf_source_ops faults_ops = {
    .read = faults_read,
    .close = faults_close,
};

enum pf_rc pf_faults_source_open(const struct pf_faults *faults,
                                 struct pf_source *inner,
                                 struct pf_source **ret, struct pf_error *err)
{
    struct faults_source *s = calloc(1, sizeof *s);
    enum pf_rc rc = PF_OK;

    if (!s)
        return pf_fail(err, PF_NOMEM, "feed.faults: out of memory");
    s->base.ops = &faults_ops;
    s->faults = *faults;
    s->fault.kind = PF_FAULT_NONE;
    s->sheet = *faults->sheet ? open(faults->sheet, SHEET_FLAGS, 0644) : -1;
    if (*faults->sheet && s->sheet < 0)
        rc = pf_fail(err, PF_IO, "feed.faults.sheet: %s: %s", faults->sheet,
                     strerror(errno));
    if (!rc && faults->sum > 0) {
        s->inner = inner;
        *ret = &s->base;
        return PF_OK;
    }
    faults_close(&s->base); /* s->inner is not set: inner stays open */
    if (!rc)
        *ret = inner;
    return rc;
}
