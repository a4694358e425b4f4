#include "postgres_sql.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* In bytes; hand-written SQL is smaller. */
#define FILE_MAX (1024 * 1024)

/* The user's mapping becomes the body of a temporary function. So it may be
 * several statements with $1 in each, PostgreSQL itself parses them, and a
 * mistake is found before the first record. All on one line, so that line
 * numbers are those of the file. */
#define MAPPING_BEGIN                                                    \
    "CREATE OR REPLACE FUNCTION pg_temp.feed_map(jsonb, text, integer) " \
    "RETURNS void LANGUAGE sql AS $feed_mapping$"
#define MAPPING_END "\n$feed_mapping$"

/* Create a table only if it is missing: even with IF NOT EXISTS, the user would
 * need the permission to create it. The lock is for two consumers that start at
 * the same time. */
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
              "now(), kind text, headers jsonb, PRIMARY KEY (topic, "        \
              "partition, feed_offset)")

static const char tables[] = "DO $$ BEGIN " OWN_TABLES "END $$";
static const char tables_and_prices[] = "DO $$ BEGIN " OWN_TABLES TABLE(
    "prices", "feed_offset bigint, match bigint NOT NULL, price numeric(13,2) "
              "NOT NULL, at timestamptz, PRIMARY KEY (topic, partition, "
              "feed_offset)") "END $$";

static const char write_prices[] = PF_POSTGRES_HERE
    ", rows AS (INSERT INTO prices (topic, partition, feed_offset, match, "
    "price, at) SELECT $1, $2, r.o, r.m, r.p * 0.01, to_timestamp(r.t / "
    "1000.0) FROM here, unnest($5::bigint[], $6::bigint[], $7::bigint[], "
    "$8::bigint[]) AS r(o, t, m, p)" PF_POSTGRES_MOVED;

/* Each value is parsed as JSON by itself: none can pose as two. */
#define MAPPED(member, array, column)                                 \
    PF_POSTGRES_HERE                                                  \
    "SELECT pg_temp.feed_map((SELECT jsonb_agg(jsonb_build_object("   \
    "'value', r.v::jsonb, 'key', r.k, " member "'offset', r.o, "      \
    "'timestamp', to_timestamp(r.t / 1000.0)) ORDER BY r.o) FROM "    \
    "unnest($5::bigint[], $6::bigint[], $7::text[], $8::text[]" array \
    ") AS r(o, t, k, v" column ")), $1, $2) FROM here"

static const char write_mapped[] = MAPPED("", "", "");
static const char write_mapped_hex[] = MAPPED("'key_hex', encode(r.h, 'hex'), ",
                                              ", $9::bytea[]", ", h");

static const char skip[] = PF_POSTGRES_HERE "SELECT 1 FROM here";

/* Read the file at path into *ret, between the texts before and after. */
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
        rc = pf_fail(err, PF_CONFIG, "%s: this is not SQL", path);
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
    sql->wants_key_hex = sql->mapping && strstr(sql->mapping, "key_hex");
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

const char *pf_postgres_write(const struct pf_postgres_sql *sql,
                              const struct pf_postgres_place *place,
                              const struct pf_record *records, size_t n,
                              enum pf_postgres_form form,
                              struct pf_postgres_row *ret)
{
    pf_postgres_put_here(place, records[n - 1].offset + 1, ret);
    if (form == PF_POSTGRES_SKIPPED)
        return skip;
    pf_postgres_put_column(ret, records, n, PF_POSTGRES_OFFSET);
    pf_postgres_put_column(ret, records, n, PF_POSTGRES_TIME);
    if (!sql->mapping) {
        pf_postgres_put_column(ret, records, n, PF_POSTGRES_MATCH);
        pf_postgres_put_column(ret, records, n, PF_POSTGRES_TICKS);
        return write_prices;
    }
    pf_postgres_put_column(ret, records, n,
                           form == PF_POSTGRES_ROWS ? PF_POSTGRES_KEY
                                                    : PF_POSTGRES_NO_KEY);
    pf_postgres_put_column(ret, records, n, PF_POSTGRES_VALUE);
    if (!sql->wants_key_hex)
        return write_mapped;
    pf_postgres_put_column(ret, records, n, PF_POSTGRES_KEY_BYTES);
    return write_mapped_hex;
}
