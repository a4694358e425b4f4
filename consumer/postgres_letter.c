#include "postgres_letter.h"

#include <string.h>

#include "text.h"
#include "utf8.h"

#define DEAD_LETTER(columns, values)                                 \
    PF_POSTGRES_HERE                                                 \
    ", letter AS (INSERT INTO feed_dead_letters (topic, partition, " \
    "feed_offset, sqlstate, error" columns                           \
    ") SELECT $1, $2, $4::bigint - 1, $5::text, $6::text" values     \
    " FROM here ON CONFLICT "

static const char complete[] = DEAD_LETTER(
    ", at, key, value", ", to_timestamp($7::bigint / 1000.0), $8::bytea, "
                        "$9::bytea") "(topic, partition, feed_offset) DO "
                                     "UPDATE SET sqlstate = "
                                     "EXCLUDED.sqlstate, error = "
                                     "EXCLUDED.error, at = EXCLUDED.at, "
                                     "key = EXCLUDED.key, value = "
                                     "EXCLUDED.value" PF_POSTGRES_MOVED;

/* It works with any table that has these columns. */
static const char bare[] = DEAD_LETTER("", "") "DO NOTHING" PF_POSTGRES_MOVED;

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

const char *pf_postgres_put_aside(const struct pf_postgres_place *place,
                                  const struct pf_record *record,
                                  enum pf_postgres_form form,
                                  const struct pf_postgres_answer *why,
                                  struct pf_postgres_row *ret)
{
    bool is_bare = form == PF_POSTGRES_BARE_DEAD_LETTER;
    struct pf_error reason = why->error;

    if (is_bare)
        pf_escape(reason.text, sizeof reason.text, why->error.text,
                  strlen(why->error.text));
    else
        clean(reason.text);
    pf_postgres_put_here(place, record->offset + 1, ret);
    /* Without a SQLSTATE the error is libpq's own: connection_failure. */
    pf_postgres_put_text(ret, !why->verdict    ? NULL
                              : *why->sqlstate ? why->sqlstate
                                               : "08006");
    pf_postgres_put_text(ret, reason.text);
    if (is_bare)
        return bare;
    pf_postgres_put_number(ret, pf_postgres_time(record));
    pf_postgres_put_bytes(ret, record->key, record->key_len);
    pf_postgres_put_bytes(ret, record->value, record->value_len);
    return complete;
}
