#include "store_select.h"

#include <stdio.h>
#include <string.h>

#include "store_cursor.h"

static enum pf_rc take_whole(const char *text, struct web_words *words,
                             struct pf_error *err)
{
    if (PF_VEC_PUSH(&words->list, NULL))
        words->list.at[0] = strdup(text);
    return words->list.n && words->list.at[0]
               ? PF_OK
               : pf_fail(err, PF_NOMEM, "out of memory");
}

enum pf_rc web_store_key_parse(const struct web_store_table *table,
                               const char *text, struct web_store_key *ret,
                               struct pf_error *err)
{
    enum pf_rc rc;

    *ret = (struct web_store_key){.table = table};
    if (!table->n_key)
        return pf_fail(err, PF_FORMAT,
                       "%s has no key; ask for its rows with a condition",
                       table->name);
    if (table->n_key == 1)
        return take_whole(text, &ret->words, err);
    rc = web_words_split(text, strlen(text), &ret->words, err);
    if (rc)
        return pf_fail_in(err, rc, "the key: ");
    if (ret->words.list.n != table->n_key)
        return pf_fail(err, PF_FORMAT,
                       "the key of %s has %zu columns, and this has %zu; one "
                       "with a comma goes in double quotes",
                       table->name, table->n_key, ret->words.list.n);
    return PF_OK;
}

/* Put the columns that are shown of a row, as JSON. */
static void put_row(struct web_statement *s, const struct web_store_list *list)
{
    size_t n = list->columns.n ? list->columns.n : list->table->columns.n;

    web_put_sql(s, "SELECT (SELECT row_to_json(r) FROM (SELECT ");
    for (size_t i = 0; i < n; i++) {
        web_put_sql(s, i ? ", " : "");
        web_put_column(s, list->columns.n ? list->columns.at[i]
                                          : &list->table->columns.at[i]);
    }
    web_put_sql(s, ") AS r)::text");
}

static void put_from(struct web_statement *s, const char *schema,
                     const struct web_store_table *table)
{
    web_put_sql(s, " FROM ");
    web_put_table(s, schema, table);
    web_put_sql(s, " AS t WHERE true");
}

static void put_key(struct web_statement *s, const struct web_store_key *key)
{
    for (size_t i = 0; i < key->table->n_key; i++) {
        const struct web_store_column *column = web_store_key_column(key->table,
                                                                     i);

        web_put_sql(s, " AND ");
        web_put_column(s, column);
        web_put_sql(s, " = ");
        web_put_value(s, key->words.list.at[i], column);
    }
}

enum pf_rc web_store_select_one(const struct web_store_list *list,
                                const struct web_store_key *key,
                                struct web_statement *ret, struct pf_error *err)
{
    put_row(ret, list);
    put_from(ret, list->schema, list->table);
    put_key(ret, key);
    return web_statement_end(ret, err);
}

static void put_order(struct web_statement *s,
                      const struct web_store_list *list)
{
    for (size_t i = 0; i < list->order.n; i++) {
        const struct web_store_order *one = &list->order.at[i];

        web_put_sql(s, i ? ", " : " ORDER BY ");
        web_put_column(s, one->column);
        web_put_sql(s, one->descending ? " DESC" : "");
        web_put_sql(s, one->nulls_first ? " NULLS FIRST" : " NULLS LAST");
    }
}

/* Append the list's conditions, with their values. *s has no values yet. */
static void move_where(struct web_statement *s, struct web_store_list *list)
{
    struct web_statement *where = &list->where;

    memcpy(&s->values, &where->values, sizeof s->values);
    memset(&where->values, 0, sizeof where->values);
    pf_buffer_put(&s->text, where->text.at, where->text.n);
    if (where->text.failed) {
        pf_buffer_release(&s->text);
        s->text.failed = true;
    }
}

enum pf_rc web_store_select(struct web_store_list *list,
                            struct web_statement *ret, struct pf_error *err)
{
    enum pf_rc rc = web_store_list_complete(list, err);
    char limit[24];

    if (!rc)
        rc = web_store_put_after(list, err);
    if (rc)
        return rc;
    put_row(ret, list);
    web_put_sql(ret, ", ");
    web_store_put_place(ret, list);
    put_from(ret, list->schema, list->table);
    move_where(ret, list);
    put_order(ret, list);
    web_put_sql(ret, " LIMIT ");
    snprintf(limit, sizeof limit, "%d", (int)list->limit + 1);
    web_put_value(ret, limit, NULL);
    return web_statement_end(ret, err);
}

/* Put the key as the history has it, such as {"id": 1}. */
static void put_key_json(struct web_statement *s,
                         const struct web_store_key *key)
{
    web_put_sql(s, "jsonb_build_object(");
    for (size_t i = 0; i < key->table->n_key; i++) {
        const struct web_store_column *column = web_store_key_column(key->table,
                                                                     i);

        web_put_sql(s, i ? ", " : "");
        web_put_value(s, column->name, NULL);
        web_put_sql(s, "::text, ");
        web_put_value(s, key->words.list.at[i], column);
        web_put_sql(s, "::");
        web_put_sql(s, column->cast);
    }
    web_put_sql(s, ")");
}

/* May a value of that column be written in the history in another way than
 * PostgreSQL does, such as 12:00:00.000Z for 12:00:00+00? */
static bool has_ways(const struct web_store_column *column)
{
    return !strncmp(column->cast, "time", 4);
}

/* Put that t."key", of a table of that name, is this key as values of its
 * columns. The CASE keeps keys of other tables away from their types. */
static void put_key_values(struct web_statement *s, const char *schema,
                           const struct web_store_key *key)
{
    for (size_t i = 0; i < key->table->n_key; i++) {
        const struct web_store_column *column = web_store_key_column(key->table,
                                                                     i);

        web_put_sql(s, " AND CASE WHEN t.\"table\" = ");
        web_put_value(s, key->table->name, NULL);
        web_put_sql(s, " THEN (jsonb_populate_record(NULL::");
        web_put_table(s, schema, key->table);
        web_put_sql(s, ", t.\"key\")).");
        web_put_name(s, column->name);
        web_put_sql(s, " = ");
        web_put_value(s, key->words.list.at[i], column);
        web_put_sql(s, "::");
        web_put_sql(s, column->cast);
        web_put_sql(s, " END");
    }
}

/* Put where the row has come from, if the table says that. */
static void put_source(struct web_statement *s, const char *schema,
                       const struct web_store_key *key)
{
    const struct web_store_column *source = web_store_has(key->table, "source");

    if (!source)
        return;
    web_put_sql(s, " AND t.\"source\" = (SELECT ");
    web_put_column(s, source);
    put_from(s, schema, key->table);
    put_key(s, key);
    web_put_sql(s, ")");
}

enum pf_rc web_store_history(const char *schema,
                             const struct web_store_table *history,
                             const struct web_store_key *key,
                             struct web_store_list *ret, struct pf_error *err)
{
    static const char *const needed[] = {"source", "table", "key", "position"};
    struct web_store_list list = web_store_list_init(schema, history);
    struct web_statement *where = &list.where;
    bool by_value = false;
    enum pf_rc rc = PF_OK;

    for (size_t i = 0; !rc && i < sizeof needed / sizeof *needed; i++)
        if (!web_store_column(history, needed[i], err))
            rc = PF_FORMAT;
    if (rc)
        return rc;
    put_source(where, schema, key);
    web_put_sql(where, " AND t.\"table\" = ");
    web_put_value(where, key->table->name, NULL);
    for (size_t i = 0; i < key->table->n_key; i++)
        by_value |= has_ways(web_store_key_column(key->table, i));
    if (by_value) {
        put_key_values(where, schema, key);
    } else {
        web_put_sql(where, " AND t.\"key\" = ");
        put_key_json(where, key);
    }
    *ret = list;
    return PF_OK;
}
