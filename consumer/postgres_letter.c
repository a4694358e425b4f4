#include "postgres_letter.h"

#include <stdlib.h>
#include <string.h>

#include "dead_line.h"
#include "text.h"
#include "utf8.h"

#define DEAD_LETTER(columns, values, conflict)                       \
    PF_POSTGRES_HERE                                                 \
    ", letter AS (INSERT INTO feed_dead_letters (topic, partition, " \
    "feed_offset, sqlstate, error" columns                           \
    ") SELECT $1, $2, $4::bigint - 1, $5::text, $6::text" values     \
    " FROM here ON CONFLICT " conflict PF_POSTGRES_MOVED

#define RECORD ", at, key, value"
#define RECORD_VALUES \
    ", to_timestamp($7::bigint / 1000.0), $8::bytea, $9::bytea"
#define REPLACE                                                          \
    "(topic, partition, feed_offset) DO UPDATE SET sqlstate = "          \
    "EXCLUDED.sqlstate, error = EXCLUDED.error, at = EXCLUDED.at, key =" \
    " EXCLUDED.key, value = EXCLUDED.value"

static const char complete[] = DEAD_LETTER(
    RECORD ", kind, headers", RECORD_VALUES ", $10::text, $11::jsonb",
    REPLACE ", kind = EXCLUDED.kind, headers = EXCLUDED.headers");

/* It works with a table of an older version. */
static const char in_short[] = DEAD_LETTER(RECORD, RECORD_VALUES, REPLACE);

/* It works with any table that has these columns. */
static const char bare[] = DEAD_LETTER("", "", "DO NOTHING");

/* Make the text valid UTF-8, whatever it contains or wherever it was cut: an
 * error message must not cause another error. */
static void clean(char *text)
{
    size_t len = strlen(text), size;

    for (size_t at = 0; at < len; at += size) {
        int32_t letter = pf_utf8_decode(text + at, len - at, &size);

        if (letter == PF_UTF8_CUT)
            text[at] = '\0';
        else if (letter == PF_UTF8_BAD)
            text[at] = '?';
    }
}

/* Why, and what had to be left out for what reason: SQL's texts have no NUL,
 * and are in UTF-8. */
static void put_reason(const struct pf_postgres_aside *aside, bool escaped,
                       struct pf_postgres_row *ret)
{
    const struct pf_postgres_answer *why = &aside->why;
    struct pf_error reason = why->error, plain;

    if (*aside->cut.text)
        pf_fail(&reason, PF_IO, "%.180s; not kept in full: %.180s",
                why->error.text, aside->cut.text);
    if (escaped) {
        plain = reason;
        pf_escape(reason.text, sizeof reason.text, plain.text,
                  strlen(plain.text));
    } else {
        clean(reason.text);
    }
    /* Without a SQLSTATE the error is libpq's own: connection_failure. */
    pf_postgres_put_text(ret, !why->verdict    ? NULL
                              : *why->sqlstate ? why->sqlstate
                                               : "08006");
    pf_postgres_put_text(ret, reason.text);
}

const char *pf_postgres_put_aside(const struct pf_postgres_place *place,
                                  const struct pf_record *record,
                                  enum pf_postgres_form form,
                                  const struct pf_postgres_aside *aside,
                                  struct pf_postgres_row *ret)
{
    bool is_bare = form == PF_POSTGRES_BARE_DEAD_LETTER;
    char *headers;

    pf_postgres_put_here(place, record->offset + 1, ret);
    put_reason(aside, is_bare, ret);
    if (is_bare)
        return bare;
    pf_postgres_put_number(ret, pf_postgres_time(record));
    pf_postgres_put_bytes(ret, record->key, record->key_len);
    pf_postgres_put_bytes(ret, record->value, record->value_len);
    if (form == PF_POSTGRES_SHORT_DEAD_LETTER)
        return in_short;
    headers = pf_dead_line_headers(record, aside->ascii);
    ret->incomplete |= !headers;
    pf_postgres_put_text(ret, aside->kind);
    pf_postgres_put_text(ret, headers);
    free(headers);
    return complete;
}
