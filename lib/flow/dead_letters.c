#include "dead_letters.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "headers.h"
#include "text.h"
#include "vec.h"

static const char *const names[PF_DEAD_HEADERS + 1] = {
    PF_HEADER_DEAD_KIND,      PF_HEADER_DEAD_REASON, PF_HEADER_DEAD_TOPIC,
    PF_HEADER_DEAD_PARTITION, PF_HEADER_DEAD_OFFSET, PF_HEADER_DEAD_TIMESTAMP,
    PF_HEADER_DEAD_LEFT_OUT,
};

enum { KIND, REASON, TOPIC, PARTITION, OFFSET, TIMESTAMP, LEFT_OUT };

/* The record's own headers come first. */
static bool letter_header_at(const void *headers, size_t i,
                             struct pf_header *ret)
{
    const struct pf_dead_letter *letter = headers;

    if (i < letter->n_own)
        return pf_record_header_at(letter->record, i, ret);
    if (i - letter->n_own >= letter->n)
        return false;
    *ret = letter->at[i - letter->n_own];
    return true;
}

bool pf_dead_letter_is(const struct pf_record *record)
{
    return record->header_at == letter_header_at;
}

const struct pf_record *pf_dead_letter_of(const struct pf_record *record)
{
    const struct pf_dead_letter *letter = record->headers;

    return pf_dead_letter_is(record) ? letter->record : NULL;
}

bool pf_dead_letter_is_short(const struct pf_record *letter)
{
    return ((const struct pf_dead_letter *)letter->headers)->n >
           PF_DEAD_HEADERS;
}

static size_t count_headers(const struct pf_record *record)
{
    struct pf_header header;
    size_t n = 0;

    while (pf_record_header_at(record, n, &header))
        n++;
    return n;
}

static void put(struct pf_dead_letter *letter, size_t i, const char *text)
{
    letter->at[i] = (struct pf_header){names[i], text, strlen(text)};
    letter->n = i + 1;
}

/* The headers of one refused record. */
static void describe(const struct pf_refusal *refusal,
                     struct pf_dead_letter *ret)
{
    const struct pf_record *record = refusal->record;
    const char *reason = refusal->reason.text;

    ret->record = record;
    ret->n_own = count_headers(record);
    pf_escape(ret->reason, sizeof ret->reason, reason, strlen(reason));
    snprintf(ret->partition, sizeof ret->partition, "%" PRId32,
             record->partition);
    snprintf(ret->offset, sizeof ret->offset, "%" PRId64, record->offset);
    snprintf(ret->timestamp, sizeof ret->timestamp, "%" PRId64,
             record->timestamp);
    put(ret, KIND, refusal->kind);
    put(ret, REASON, ret->reason);
    put(ret, TOPIC, record->topic ? record->topic : "");
    put(ret, PARTITION, ret->partition);
    put(ret, OFFSET, ret->offset);
    put(ret, TIMESTAMP, ret->timestamp);
}

static enum pf_rc grow(struct pf_dead_letters *dead, size_t n,
                       struct pf_error *err)
{
    const struct pf_column columns[] = {PF_COLUMN(dead->letters),
                                        PF_COLUMN(dead->records),
                                        PF_COLUMN(dead->from)};

    return pf_columns_room(&dead->size, n, columns,
                           sizeof columns / sizeof *columns)
               ? PF_OK
               : pf_fail(err, PF_NOMEM, "%zu dead letters", n);
}

enum pf_rc pf_dead_letters_make(struct pf_dead_letters *dead,
                                const struct pf_batch *batch,
                                const struct pf_refusal *refusals, size_t n,
                                struct pf_output *ret, struct pf_error *err)
{
    enum pf_rc rc = grow(dead, n, err);

    if (rc)
        return rc;
    for (size_t i = 0; i < n; i++) {
        struct pf_record *record = &dead->records[i];

        describe(&refusals[i], &dead->letters[i]);
        *record = *refusals[i].record;
        record->topic = NULL;
        record->partition = PF_BY_KEY;
        record->timestamp = -1;
        record->headers = &dead->letters[i];
        record->header_at = letter_header_at;
        dead->from[i] = (uint32_t)(refusals[i].record - batch->records);
    }
    *ret = (struct pf_output){
        .records = dead->records, .n = n, .from = dead->from};
    return PF_OK;
}

void pf_dead_letters_shorten(struct pf_dead_letters *dead, size_t i)
{
    struct pf_dead_letter *letter = &dead->letters[i];
    struct pf_record *record = &dead->records[i];
    size_t left_out = record->value_len;
    struct pf_header header;

    for (size_t k = 0; k < letter->n_own; k++)
        if (pf_record_header_at(letter->record, k, &header))
            left_out += strlen(header.name) + header.len;
    if (record->key_len > PF_DEAD_SHORT_KEY) {
        left_out += record->key_len;
        record->key = NULL;
        record->key_len = 0;
    }
    record->value = NULL;
    record->value_len = 0;
    letter->n_own = 0;
    snprintf(letter->left_out, sizeof letter->left_out, "%zu", left_out);
    put(letter, LEFT_OUT, letter->left_out);
}

static enum pf_rc grow_merged(struct pf_dead_letters *dead, size_t n,
                              struct pf_error *err)
{
    const struct pf_column columns[] = {PF_COLUMN(dead->merged),
                                        PF_COLUMN(dead->merged_from)};

    return pf_columns_room(&dead->n_merged, n, columns,
                           sizeof columns / sizeof *columns)
               ? PF_OK
               : pf_fail(err, PF_NOMEM, "%zu records with dead letters", n);
}

enum pf_rc pf_dead_letters_merge(struct pf_dead_letters *dead,
                                 const struct pf_output *letters,
                                 struct pf_output *output, struct pf_error *err)
{
    size_t n = output->n + letters->n, at = 0, letter = 0;
    enum pf_rc rc = grow_merged(dead, n, err);

    if (rc)
        return rc;
    for (size_t i = 0; i < n; i++) {
        uint32_t from = at == output->n ? UINT32_MAX
                        : output->from  ? output->from[at]
                                        : (uint32_t)at;

        if (letter < letters->n && letters->from[letter] < from) {
            dead->merged_from[i] = letters->from[letter];
            dead->merged[i] = letters->records[letter++];
        } else {
            dead->merged_from[i] = from;
            dead->merged[i] = output->records[at++];
        }
    }
    *output = (struct pf_output){
        .records = dead->merged, .n = n, .from = dead->merged_from};
    return PF_OK;
}

void pf_dead_letters_release(struct pf_dead_letters *dead)
{
    free(dead->letters);
    free(dead->records);
    free(dead->from);
    free(dead->merged);
    free(dead->merged_from);
    *dead = (struct pf_dead_letters){0};
}

/* A header that is a whole number. */
static enum pf_rc read_number(const struct pf_header *header, int64_t min,
                              int64_t max, int64_t *ret, struct pf_error *err)
{
    char text[24];

    if (!pf_header_text(header, text, sizeof text))
        return pf_fail(err, PF_FORMAT, "its header %s is not a number",
                       header->name);
    if (pf_parse_int(text, min, max, ret, err))
        return pf_fail_in(err, PF_FORMAT, "its header %s: ", header->name);
    return PF_OK;
}

enum pf_rc pf_dead_letter_read(const struct pf_record *record,
                               struct pf_dead_letter_parts *ret,
                               struct pf_error *err)
{
    struct pf_dead_letter_parts parts = {0};
    struct pf_header at[PF_DEAD_HEADERS], last;
    size_t n = count_headers(record);
    int64_t partition = 0;
    enum pf_rc rc = PF_OK;

    if (n && pf_record_header_at(record, n - 1, &last) &&
        !strcmp(last.name, names[LEFT_OUT])) {
        rc = read_number(&last, 0, INT64_MAX, &parts.left_out, err);
        n--;
    }
    if (rc)
        return rc;
    parts.n_own = n < PF_DEAD_HEADERS ? 0 : n - PF_DEAD_HEADERS;
    for (size_t i = 0; i < PF_DEAD_HEADERS; i++)
        if (!pf_record_header_at(record, parts.n_own + i, &at[i]) ||
            strcmp(at[i].name, names[i]) != 0)
            return pf_fail(err, PF_FORMAT,
                           "it is not a dead letter: the last %d of its "
                           "headers would have to be %s to %s",
                           PF_DEAD_HEADERS, names[0], names[TIMESTAMP]);
    parts.kind = at[KIND];
    parts.reason = at[REASON];
    parts.topic = at[TOPIC];
    rc = read_number(&at[PARTITION], INT32_MIN, INT32_MAX, &partition, err);
    parts.partition = (int32_t)partition;
    if (!rc)
        rc = read_number(&at[OFFSET], INT64_MIN, INT64_MAX, &parts.offset, err);
    if (!rc)
        rc = read_number(&at[TIMESTAMP], INT64_MIN, INT64_MAX, &parts.timestamp,
                         err);
    if (!rc)
        *ret = parts;
    return rc;
}
