#include "catalogue.h"

#include <stdio.h>
#include <string.h>

#include "clock.h"

/* Of each column that we may read: its table and that one's kind, its name,
 * type, type without limits, whether it may be null, whether its values, or
 * those in its arrays, have an order, its place in the key, and what it is in
 * JSON. A table without a primary key may have another that is unique; and so
 * may one of whose primary key we may not read all columns. One row of nulls
 * stands for a schema without tables. */
static const char columns_of_schema[] =
    "SELECT current_user, has_schema_privilege(n.oid, 'USAGE'), c.relname, "
    "c.relkind IN ('v', 'm'), a.attname, "
    "format_type(a.atttypid, a.atttypmod), format_type(a.atttypid, -1), "
    "a.attnotnull, "
    "e.typcategory IN ('B', 'D', 'E', 'I', 'N', 'S', 'T') OR EXISTS ("
    "SELECT FROM pg_opclass o JOIN pg_am m ON m.oid = o.opcmethod "
    "WHERE m.amname = 'btree' AND o.opcdefault AND o.opcintype = e.oid), "
    "coalesce(array_position(k.columns, a.attnum), 0), "
    "CASE WHEN b.typname IN ('int2', 'int4', 'int8') THEN 'i' "
    "WHEN b.typname IN ('numeric', 'float4', 'float8') THEN 'n' "
    "WHEN b.typname = 'bool' THEN 'b' WHEN b.typname = 'date' THEN 'd' "
    "WHEN b.typname = 'timestamptz' THEN 't' "
    "WHEN b.typname IN ('json', 'jsonb') OR b.typtype = 'c' THEN 'j' "
    "WHEN b.typcategory = 'A' THEN 'a' ELSE 's' END "
    "FROM pg_namespace n "
    "LEFT JOIN pg_class c ON c.relnamespace = n.oid AND NOT c.relispartition "
    "AND c.relkind IN ('r', 'p', 'v', 'm', 'f') "
    "AND has_any_column_privilege(c.oid, 'SELECT') "
    "LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 "
    "AND NOT a.attisdropped AND has_column_privilege(c.oid, a.attnum, "
    "'SELECT') "
    "LEFT JOIN pg_type d ON d.oid = a.atttypid "
    "LEFT JOIN pg_type b ON b.oid = coalesce(nullif(d.typbasetype, 0), d.oid) "
    "LEFT JOIN pg_type e ON e.oid = CASE WHEN b.typcategory = 'A' "
    "THEN b.typelem ELSE b.oid END "
    "LEFT JOIN LATERAL (SELECT (i.indkey::int2[])[0:i.indnkeyatts - 1] "
    "AS columns FROM pg_index i WHERE i.indrelid = c.oid AND i.indisunique "
    "AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL "
    "AND NOT EXISTS (SELECT FROM pg_attribute x WHERE x.attrelid = c.oid "
    "AND NOT (x.attnotnull "
    "AND has_column_privilege(c.oid, x.attnum, 'SELECT')) "
    "AND x.attnum = ANY ((i.indkey::int2[])[0:i.indnkeyatts - 1])) "
    "ORDER BY i.indisprimary DESC, i.indexrelid LIMIT 1) k ON true "
    "WHERE n.nspname = ";

enum {
    USER,
    USAGE,
    TABLE,
    IS_VIEW,
    COLUMN,
    TYPE,
    CAST,
    NOT_NULL,
    HAS_ORDER,
    KEY,
    KIND
};

void web_catalogue_release(struct web_catalogue *catalogue)
{
    for (size_t i = 0; i < catalogue->tables.n; i++)
        web_store_table_release(&catalogue->tables.at[i]);
    free(catalogue->tables.at);
    *catalogue = (struct web_catalogue){0};
}

static enum web_store_kind kind_of(char letter)
{
    static const struct {
        char letter;
        enum web_store_kind kind;
    } kinds[] = {{'i', WEB_STORE_INTEGER}, {'n', WEB_STORE_NUMBER},
                 {'b', WEB_STORE_BOOLEAN}, {'d', WEB_STORE_DATE},
                 {'t', WEB_STORE_TIME},    {'a', WEB_STORE_ARRAY},
                 {'j', WEB_STORE_ANY}};

    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (kinds[i].letter == letter)
            return kinds[i].kind;
    return WEB_STORE_TEXT;
}

static const char *text_of(const PGresult *row, int field)
{
    return PQgetvalue(row, 0, field);
}

static bool truth_of(const PGresult *row, int field)
{
    return *PQgetvalue(row, 0, field) == 't';
}

/* The table that the row is of: they come one after the other. */
static struct web_store_table *table_of(struct web_catalogue *catalogue,
                                        const PGresult *row)
{
    const char *name = text_of(row, TABLE);
    struct web_store_table table = {.is_view = truth_of(row, IS_VIEW)};
    struct web_store_table *last;

    if (catalogue->tables.n &&
        !strcmp(PF_VEC_LAST(&catalogue->tables)->name, name))
        return PF_VEC_LAST(&catalogue->tables);
    if (!PF_VEC_PUSH(&catalogue->tables, table))
        return NULL;
    last = PF_VEC_LAST(&catalogue->tables);
    last->name = strdup(name);
    return last->name ? last : NULL;
}

static bool add_column(struct web_store_table *table, const PGresult *row)
{
    struct web_store_column column = {
        .name = strdup(text_of(row, COLUMN)),
        .type = strdup(text_of(row, TYPE)),
        .cast = strdup(text_of(row, CAST)),
        .kind = kind_of(*text_of(row, KIND)),
        .not_null = truth_of(row, NOT_NULL),
        .has_order = truth_of(row, HAS_ORDER),
        .key = strtoul(text_of(row, KEY), NULL, 10),
    };

    if (column.name && column.type && column.cast &&
        PF_VEC_PUSH(&table->columns, column)) {
        table->n_key += column.key > 0;
        return true;
    }
    free(column.name);
    free(column.type);
    free(column.cast);
    return false;
}

static bool take(void *context, const PGresult *row)
{
    struct web_catalogue *catalogue = context;
    struct web_store_table *table;

    catalogue->has_schema = true;
    catalogue->is_allowed = truth_of(row, USAGE);
    snprintf(catalogue->user, sizeof catalogue->user, "%s", text_of(row, USER));
    if (PQgetisnull(row, 0, COLUMN))
        return true;
    table = table_of(catalogue, row);
    if (table && add_column(table, row))
        return true;
    catalogue->read_ms = -1;
    return false;
}

enum pf_rc web_catalogue_read(struct web_store_link *link, const char *schema,
                              int64_t deadline_ms,
                              struct web_catalogue *catalogue,
                              struct web_store_failure *fail)
{
    struct web_statement statement = {0};
    enum pf_rc rc;

    web_catalogue_release(catalogue);
    web_put_sql(&statement, columns_of_schema);
    web_put_value(&statement, schema, NULL);
    web_put_sql(&statement, " ORDER BY c.relname, a.attnum");
    rc = web_statement_end(&statement, &fail->error);
    if (!rc)
        rc = web_store_link_run(link, &statement, deadline_ms, take, catalogue,
                                fail);
    web_statement_release(&statement);
    if (!rc && catalogue->read_ms < 0)
        rc = pf_fail(&fail->error, PF_NOMEM, "out of memory");
    if (rc)
        web_catalogue_release(catalogue);
    else
        catalogue->read_ms = pf_now_ms();
    return rc;
}

/* Are both the same table, each column of the same type? */
static bool is_same(const struct web_store_table *a,
                    const struct web_store_table *b)
{
    if (strcmp(a->name, b->name) || a->columns.n != b->columns.n)
        return false;
    for (size_t i = 0; i < a->columns.n; i++)
        if (strcmp(a->columns.at[i].name, b->columns.at[i].name) ||
            strcmp(a->columns.at[i].type, b->columns.at[i].type))
            return false;
    return true;
}

bool web_catalogue_is_same(const struct web_catalogue *a,
                           const struct web_catalogue *b)
{
    if (a->tables.n != b->tables.n)
        return false;
    for (size_t i = 0; i < a->tables.n; i++)
        if (!is_same(&a->tables.at[i], &b->tables.at[i]))
            return false;
    return true;
}

const struct web_store_table *
web_catalogue_find(const struct web_catalogue *catalogue, const char *name)
{
    for (size_t i = 0; i < catalogue->tables.n; i++)
        if (!strcmp(catalogue->tables.at[i].name, name))
            return &catalogue->tables.at[i];
    return NULL;
}
