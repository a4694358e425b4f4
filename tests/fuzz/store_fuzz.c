/* Any bytes are the parameters of a list: they are refused with a sentence, or
 * make a statement of our own words, names of the table and bound values; and
 * the cursor of any place is taken back by the list that it is of. */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../unit/store_sql.h"
#include "store_cursor.h"
#include "store_select.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds)
        abort();
}

/* Take parameters, "name=value&...", which are cut. */
static enum pf_rc take_all(struct web_store_list *list, char *text,
                           struct pf_error *err)
{
    enum pf_rc rc = PF_OK;

    for (char *one; !rc && (one = strsep(&text, "&"));) {
        char *name = strsep(&one, "=");

        rc = web_store_list_take(list, name, one ? one : "", err);
    }
    return rc;
}

/* Make the statement, with the cursor in place of that of the text, if it is
 * not NULL. True: it is one, and *token is the cursor of a row. */
static bool make(const char *text, char *cursor, struct pf_buffer *token)
{
    struct web_store_list list = web_store_list_init("store", &sql_series);
    struct web_statement statement = {0};
    struct pf_error err = {""};
    char *copy = strdup(text);
    enum pf_rc rc = take_all(&list, copy, &err);

    if (!rc && cursor)
        rc = web_store_list_take(&list, "cursor", cursor, &err);
    if (!rc)
        rc = web_store_select(&list, &statement, &err);
    if (rc)
        must(*err.text && rc == PF_FORMAT);
    else
        must(sql_is_ours(&statement, &sql_series));
    if (!rc && token) {
        pf_buffer_text(token, "");
        must(web_store_cursor(&list, "[null]", token));
        token->n -= strlen("5b6e756c6c5d");
        pf_buffer_text(token, "5b"); /* null for each column of the order */
        for (size_t i = 0; i < list.order.n; i++)
            pf_buffer_text(token, i ? "2c6e756c6c" : "6e756c6c");
        pf_buffer_text(token, "5d");
        pf_buffer_put(token, "", 1);
    }
    web_statement_release(&statement);
    web_store_list_release(&list);
    free(copy);
    return !rc;
}

static void make_key(const char *text)
{
    struct web_store_list list = web_store_list_init("store", &sql_series);
    struct web_statement statement = {0};
    struct web_store_key key;

    must(!web_store_key_parse(&sql_series, text, &key, NULL));
    must(!web_store_select_one(&list, &key, &statement, NULL));
    must(sql_is_ours(&statement, &sql_series));
    must(statement.values.n == 1 && !strcmp(statement.values.at[0].text, text));
    web_statement_release(&statement);
    web_words_release(&key.words);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct pf_buffer token = {0};
    char *text = malloc(size + 1);

    memcpy(text, data, size);
    text[size] = '\0';
    /* A place as long as this fits no cursor. */
    if (make(text, NULL, &token) && token.n < 8000)
        must(make(text, token.at, NULL));
    make_key(text);
    pf_buffer_release(&token);
    free(text);
    return 0;
}
