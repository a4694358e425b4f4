#include "postgres_place.h"

static const char ask[] =
    "WITH fresh AS (INSERT INTO feed_offsets (topic, partition) VALUES "
    "($1::text, $2::integer) ON CONFLICT DO NOTHING) SELECT (SELECT "
    "next_offset FROM feed_offsets WHERE topic = $1::text AND partition = "
    "$2::integer FOR UPDATE), (SELECT count(*) = 2 FROM pg_attribute WHERE "
    "attrelid = to_regclass('feed_dead_letters') AND attname IN ('kind', "
    "'headers') AND NOT attisdropped), "
    "set_config('lock_timeout', CASE WHEN l.setting <> '0' OR "
    "s.setting = '0' THEN l.setting ELSE (s.setting::bigint * 9 / 10)::text "
    "END, false) FROM pg_settings AS l, pg_settings AS s WHERE "
    "l.name = 'lock_timeout' AND s.name = 'statement_timeout'";

const char *pf_postgres_ask(const struct pf_postgres_place *place,
                            struct pf_postgres_row *ret)
{
    pf_postgres_put_text(ret, place->topic);
    pf_postgres_put_number(ret, place->partition);
    return ask;
}

void pf_postgres_put_here(const struct pf_postgres_place *place, int64_t next,
                          struct pf_postgres_row *ret)
{
    pf_postgres_put_text(ret, place->topic);
    pf_postgres_put_number(ret, place->partition);
    pf_postgres_put_number(ret, place->expected);
    pf_postgres_put_number(ret, next);
}
