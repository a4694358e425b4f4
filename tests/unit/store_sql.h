/* store_sql.h - a table of the store for tests, and whether a statement has
 * nothing in it but the table's names and words of its own. */
#ifndef PF_TESTS_STORE_SQL_H
#define PF_TESTS_STORE_SQL_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "statement.h"

#define SQL_NASTY "a\"; DROP TABLE x; --"

/* A string that is not constant, as names are. */
#define TEXT(string) ((char[]){string})

static struct web_store_column sql_columns[] = {
    {.name = TEXT("id"),
     .type = TEXT("integer"),
     .cast = TEXT("integer"),
     .kind = WEB_STORE_INTEGER,
     .not_null = true,
     .has_order = true,
     .key = 1},
    {.name = TEXT("name"),
     .type = TEXT("character varying(200)"),
     .cast = TEXT("character varying"),
     .has_order = true},
    {.name = TEXT("popularity"),
     .type = TEXT("numeric(8,3)"),
     .cast = TEXT("numeric"),
     .kind = WEB_STORE_NUMBER,
     .has_order = true},
    {.name = TEXT(SQL_NASTY),
     .type = TEXT("text"),
     .cast = TEXT("text"),
     .has_order = true},
    {.name = TEXT("extra"),
     .type = TEXT("jsonb"),
     .cast = TEXT("jsonb"),
     .kind = WEB_STORE_ANY,
     .not_null = true},
    {.name = TEXT("source"),
     .type = TEXT("text"),
     .cast = TEXT("text"),
     .not_null = true,
     .has_order = true},
};

/** With the key id; and two whose keys are others. */
static const struct web_store_table sql_series = {
    .name = TEXT("series"),
    .columns = {.at = sql_columns,
                .n = sizeof sql_columns / sizeof *sql_columns},
    .n_key = 1,
};

/* A name in quotes that begins at at: one of the table's? Where it ends. */
static inline const char *sql_name(const char *at,
                                   const struct web_store_table *table)
{
    static const char *const others[] = {"store", "history", "table", "key",
                                         "position"};
    char *name = malloc(strlen(at) + 1), *to = name;
    bool known;

    for (at++; *at && (*at != '"' || at[1] == '"'); at++) {
        at += *at == '"';
        *to++ = *at;
    }
    *to = '\0';
    known = !strcmp(name, table->name) || web_store_has(table, name);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        known |= !strcmp(name, others[i]);
    free(name);
    return known && *at == '"' ? at + 1 : NULL;
}

/* A word that begins at at: one of ours? Where it ends. */
static inline const char *sql_word(const char *at)
{
    static const char words[] =
        " SELECT FROM WHERE AND OR NOT IN IS LIKE ILIKE ORDER BY LIMIT DESC "
        "NULLS FIRST LAST NULL AS ARRAY null true false unknown t r text "
        "row_to_json to_json jsonb_build_object integer numeric ";
    size_t n = strspn(at, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                          "_");
    char word[40];

    if (!n || n > sizeof word - 3)
        return NULL;
    snprintf(word, sizeof word, " %.*s ", (int)n, at);
    return strstr(words, word) ? at + n : NULL;
}

/* A statement has only names of the table, words of its own, and the parameters
 * that have values. */
static inline bool sql_is_ours(const struct web_statement *statement,
                               const struct web_store_table *table)
{
    const char *at = statement->text.at;

    while (at && *at) {
        if (*at == '"') {
            at = sql_name(at, table);
        } else if (*at == '$') {
            char *end;
            unsigned long n = strtoul(at + 1, &end, 10);

            at = n >= 1 && n <= statement->values.n ? end : NULL;
        } else if (strchr(" (),.=<>:[]", *at)) {
            at++;
        } else {
            at = sql_word(at);
        }
    }
    return at && statement->text.n == strlen(statement->text.at) + 1;
}

#endif
