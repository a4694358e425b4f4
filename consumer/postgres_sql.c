#include "postgres_sql.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Bytes; SQL that people write is smaller. */
#define FILE_MAX (1024 * 1024)

/* The user's mapping becomes the body of a function of the session's own: so
 * it may be several statements with $1 in each, PostgreSQL itself reads them,
 * and a mistake is found before the first record. All on one line, so that
 * lines are counted from the file's first. */
#define MAPPING_BEGIN                                                    \
    "CREATE OR REPLACE FUNCTION pg_temp.feed_map(jsonb, text, integer) " \
    "RETURNS void LANGUAGE sql AS $feed_mapping$"
#define MAPPING_END "\n$feed_mapping$"

/* A table is made only where there is none: for IF NOT EXISTS alone the user
 * would need the right to make it. The lock is for two that start at once. */
#define TABLE(name, columns)                                     \
    "IF to_regclass('" name "') IS NULL THEN CREATE TABLE " name \
    " (topic text, partition integer, " columns "); END IF; "

#define OWN_TABLES                                                           \
    "PERFORM pg_advisory_xact_lock(7345501); " TABLE(                        \
        "feed_offsets", "next_offset bigint, PRIMARY KEY (topic, "           \
                        "partition)")                                        \
        TABLE("feed_dead_letters",                                           \
              "feed_offset bigint, at timestamptz, key bytea, value bytea, " \
              "sqlstate text, error text, put_aside_at timestamptz DEFAULT " \
              "now(), PRIMARY KEY (topic, partition, feed_offset)")

static const char tables[] = "DO $$ BEGIN " OWN_TABLES "END $$";
static const char tables_and_prices[] = "DO $$ BEGIN " OWN_TABLES TABLE(
    "prices", "feed_offset bigint, match bigint NOT NULL, price numeric(13,2) "
              "NOT NULL, at timestamptz, PRIMARY KEY (topic, partition, "
              "feed_offset)") "END $$";

/* Begins each statement that writes. A second consumer's one waits here for
 * the first one's, then finds another next_offset and moves nothing. */
#define HERE                                                          \
    "WITH here AS (UPDATE feed_offsets SET next_offset = $4::bigint " \
    "WHERE topic = $1::text AND partition = $2::integer "             \
    "AND next_offset IS NOT DISTINCT FROM $3::bigint RETURNING 1) "

static const char write_prices[] = HERE
    "INSERT INTO prices (topic, partition, feed_offset, match, price, at) "
    "SELECT $1, $2, r.o, r.m, r.p * 0.01, to_timestamp(r.t / 1000.0) FROM "
    "here, unnest($5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[]) "
    "AS r(o, t, m, p)";

/* Each value is read as JSON by itself: none can pretend to be two. */
static const char write_mapped[] = HERE
    "SELECT pg_temp.feed_map((SELECT jsonb_agg(jsonb_build_object('value', "
    "r.v::jsonb, 'key', r.k, 'offset', r.o, 'timestamp', "
    "to_timestamp(r.t / 1000.0)) ORDER BY r.o) FROM unnest($5::bigint[], "
    "$6::bigint[], $7::text[], $8::text[]) AS r(o, t, k, v)), $1, $2) "
    "FROM here";

const char pf_postgres_put_aside[] = HERE
    "INSERT INTO feed_dead_letters (topic, partition, feed_offset, at, key, "
    "value, sqlstate, error) SELECT $1, $2, $4::bigint - 1, "
    "to_timestamp($5::bigint / 1000.0), $6::bytea, $7::bytea, "
    "left($8::text, 5), substr($8::text, 7) FROM here "
    "ON CONFLICT (topic, partition, feed_offset) DO UPDATE SET "
    "sqlstate = EXCLUDED.sqlstate, error = EXCLUDED.error";

const char pf_postgres_ask_position[] =
    "WITH fresh AS (INSERT INTO feed_offsets (topic, partition) VALUES "
    "($1::text, $2::integer) ON CONFLICT DO NOTHING) SELECT next_offset FROM "
    "feed_offsets WHERE topic = $1::text AND partition = $2::integer";

/* The text of the file at path between before and after, in *ret. */
static enum pf_rc read_file(const char *path, const char *before,
                            const char *after, char **ret, struct pf_error *err)
{
    size_t len = strlen(before), n;
    char *text = malloc(len + FILE_MAX + strlen(after) + 1);
    FILE *in = fopen(path, "re");
    enum pf_rc rc = PF_OK;

    if (!text || !in) {
        rc = text ? pf_fail(err, PF_CONFIG, "%s: %s", path, strerror(errno))
                  : pf_fail(err, PF_NOMEM, "%s: out of memory", path);
        goto out;
    }
    memcpy(text, before, len);
    n = fread(text + len, 1, FILE_MAX, in);
    if (ferror(in))
        rc = pf_fail(err, PF_CONFIG, "%s: %s", path, strerror(errno));
    else if (n == FILE_MAX || memchr(text + len, '\0', n))
        rc = pf_fail(err, PF_CONFIG, "%s: this is no SQL", path);
    if (rc)
        goto out;
    strcpy(text + len + n, after);
    *ret = text;
    text = NULL;
out:
    if (in)
        fclose(in);
    free(text);
    return rc;
}

static enum pf_rc read_schemas(struct pf_postgres_sql *sql, const char *list,
                               struct pf_error *err)
{
    enum pf_rc rc = PF_OK;

    while (!rc && *list) {
        size_t len = strcspn(list, ",");
        char *path;

        if (sql->n_schemas == PF_POSTGRES_SCHEMAS_MAX)
            return pf_fail(err, PF_CONFIG, "more than %d schema files",
                           PF_POSTGRES_SCHEMAS_MAX);
        path = strndup(list, len);
        if (!path)
            return pf_fail(err, PF_NOMEM, "postgres: out of memory");
        sql->schema_paths[sql->n_schemas] = path;
        rc = read_file(path, "", "", &sql->schemas[sql->n_schemas++], err);
        list += len + (list[len] == ',');
    }
    return rc;
}

enum pf_rc pf_postgres_sql_read(struct pf_postgres_sql *sql,
                                const char *schemas, const char *mapping,
                                struct pf_error *err)
{
    enum pf_rc rc = read_schemas(sql, schemas, err);

    sql->mapping_path = mapping;
    sql->tables = *mapping ? tables : tables_and_prices;
    if (!rc && *mapping)
        rc = read_file(mapping, MAPPING_BEGIN, MAPPING_END, &sql->mapping, err);
    return rc;
}

void pf_postgres_sql_release(struct pf_postgres_sql *sql)
{
    for (size_t i = 0; i < sql->n_schemas; i++) {
        free(sql->schema_paths[i]);
        free(sql->schemas[i]);
    }
    free(sql->mapping);
    *sql = (struct pf_postgres_sql){0};
}

enum pf_rc pf_postgres_position_values(const struct pf_postgres_place *place,
                                       struct pf_postgres_row *ret,
                                       struct pf_error *err)
{
    enum pf_rc rc = pf_postgres_put_text(ret, place->topic, err);

    return rc ? rc : pf_postgres_put_number(ret, place->partition, err);
}

/* $1 to $4 of HERE, which moves place to next. */
static enum pf_rc put_here(const struct pf_postgres_place *place, int64_t next,
                           struct pf_postgres_row *ret, struct pf_error *err)
{
    enum pf_rc rc = pf_postgres_position_values(place, ret, err);

    if (!rc)
        rc = pf_postgres_put_number(ret, place->expected, err);
    return rc ? rc : pf_postgres_put_number(ret, next, err);
}

const char *pf_postgres_write(const struct pf_postgres_sql *sql)
{
    return sql->mapping ? write_mapped : write_prices;
}

enum pf_rc pf_postgres_write_values(const struct pf_postgres_sql *sql,
                                    const struct pf_postgres_place *place,
                                    const struct pf_record *records, size_t n,
                                    struct pf_postgres_row *ret,
                                    struct pf_error *err)
{
    static const enum pf_postgres_column prices[] = {
        PF_POSTGRES_OFFSET, PF_POSTGRES_TIME, PF_POSTGRES_MATCH,
        PF_POSTGRES_TICKS};
    static const enum pf_postgres_column mapped[] = {
        PF_POSTGRES_OFFSET, PF_POSTGRES_TIME, PF_POSTGRES_KEY,
        PF_POSTGRES_VALUE};
    const enum pf_postgres_column *columns = sql->mapping ? mapped : prices;
    enum pf_rc rc = put_here(place, records[n - 1].offset + 1, ret, err);

    for (size_t i = 0; i < 4 && !rc; i++)
        rc = pf_postgres_put_column(ret, records, n, columns[i], err);
    return rc;
}

enum pf_rc pf_postgres_put_aside_values(const struct pf_postgres_place *place,
                                        const struct pf_record *record,
                                        const char *sqlstate,
                                        const char *reason,
                                        struct pf_postgres_row *ret,
                                        struct pf_error *err)
{
    char text[sizeof err->text + 8];
    int len = snprintf(text, sizeof text, "%s %s", sqlstate, reason);
    enum pf_rc rc = put_here(place, record->offset + 1, ret, err);

    /* A sentence may have been cut within a letter of UTF-8. */
    while (len > 0 && (text[len - 1] & 0x80))
        text[--len] = '\0';
    if (!rc)
        rc = pf_postgres_put_number(ret, record->timestamp, err);
    if (!rc)
        rc = pf_postgres_put_bytes(ret, record->key, record->key_len, err);
    if (!rc)
        rc = pf_postgres_put_bytes(ret, record->value, record->value_len, err);
    return rc ? rc : pf_postgres_put_text(ret, text, err);
}
