#include "store_rows.h"

#include <string.h>

#include "store.h"
#include "store_cursor.h"
#include "store_select.h"
#include "web.h"

/* A list ends before its limit where its rows are longer than this in all: the
 * next one goes on. */
#define ROWS_BYTES 4000000

/* The rows of a list, as they come. */
struct rows {
    const struct web_store_list *list;
    struct pf_buffer *body;
    int64_t n;
    char *place;  /* of the last one */
    bool is_more; /* there is another one */
    bool failed;  /* memory ran out */
};

/* PostgreSQL's own text of the row, byte for byte. */
static bool take_row(void *context, const PGresult *row)
{
    struct rows *rows = context;

    rows->is_more = rows->n == rows->list->limit ||
                    (rows->n && rows->body->n > ROWS_BYTES);
    if (rows->is_more)
        return rows->n == rows->list->limit; /* it is the statement's last */
    pf_buffer_text(rows->body, rows->n++ ? ",\n" : "");
    pf_buffer_put(rows->body, PQgetvalue(row, 0, 0),
                  (size_t)PQgetlength(row, 0, 0));
    free(rows->place);
    rows->place = strdup(PQgetvalue(row, 0, 1));
    rows->failed = !rows->place;
    return !rows->failed;
}

static void put_next(struct web_store_ask *ask, const struct rows *rows)
{
    struct pf_buffer *body = rows->body;

    if (!rows->is_more) {
        pf_buffer_text(body, "],\"next\":null}\n");
        return;
    }
    pf_buffer_text(body, "],\"next\":\"");
    if (web_store_cursor(rows->list, rows->place, body)) {
        pf_buffer_text(body, "\"}\n");
        return;
    }
    pf_buffer_release(body);
    pf_http_refuse(ask->reply, 400,
                   "there are more rows, and no cursor can name the last of "
                   "these: the values that they are ordered by have no order "
                   "or are too long");
}

/* Answer with the rows of a list. none: the key of which there have to be some;
 * or NULL. */
static void answer_list(struct web_store_ask *ask, struct web_store_list *list,
                        const char *none)
{
    struct pf_http_reply *reply = ask->reply;
    struct rows rows = {.list = list, .body = &reply->body};
    struct web_statement statement = {0};
    struct pf_error err;
    enum pf_rc rc = web_store_select(list, &statement, &err);

    if (rc) {
        web_store_refuse(ask, rc, &err);
    } else {
        pf_buffer_text(&reply->body, "{\"rows\":[");
        if (web_store_run(ask, &statement, take_row, &rows)) {
            reply->type = "application/json";
            put_next(ask, &rows);
            reply->body.failed |= rows.failed;
            if (!rows.n && none)
                pf_http_refuse(reply, 404,
                               "there is no history of the key "
                               "%.200s",
                               none);
            else if (reply->status == 200)
                pf_http_tag(ask->request, reply);
        }
    }
    free(rows.place);
    web_statement_release(&statement);
}

/* Takes the parameters for a list. */
struct taker {
    struct web_store_list *list;
    enum pf_rc rc;
    struct pf_error err;
};

static bool take_parameter(void *context, const char *name, const char *value)
{
    struct taker *taker = context;

    taker->rc = web_store_list_take(taker->list, name, value, &taker->err);
    return !taker->rc;
}

/* False: refused. */
static bool take_parameters(struct web_store_ask *ask,
                            struct web_store_list *list)
{
    struct taker taker = {.list = list};

    if (pf_http_queries(ask->request, take_parameter, &taker))
        return true;
    if (taker.rc)
        return web_store_refuse(ask, taker.rc, &taker.err);
    pf_http_refuse(ask->reply, 400, "a parameter has a NUL in it");
    return false;
}

void web_store_rows(void *context, const struct pf_http_request *request,
                    struct pf_http_reply *reply)
{
    const struct web *web = context;
    const struct web_store_table *table;
    struct web_store_list list;
    struct web_store_ask ask;

    if (!web_store_begin(web->store, request, reply, &ask))
        return;
    table = web_store_table(&ask, pf_http_part(request, 0));
    if (table) {
        list = web_store_list_init(ask.schema, table);
        if (take_parameters(&ask, &list))
            answer_list(&ask, &list, NULL);
        web_store_list_release(&list);
    }
    web_store_end(&ask);
}

static bool take_one(void *context, const PGresult *row)
{
    struct pf_http_reply *reply = context;

    pf_buffer_put(&reply->body, PQgetvalue(row, 0, 0),
                  (size_t)PQgetlength(row, 0, 0));
    pf_buffer_text(&reply->body, "\n");
    return true;
}

static void answer_one(struct web_store_ask *ask,
                       const struct web_store_list *list,
                       const struct web_store_key *key)
{
    struct web_statement statement = {0};
    struct pf_http_reply *reply = ask->reply;
    struct pf_error err;
    enum pf_rc rc = web_store_select_one(list, key, &statement, &err);

    if (rc) {
        web_store_refuse(ask, rc, &err);
    } else if (web_store_run(ask, &statement, take_one, reply)) {
        if (reply->body.n) {
            reply->type = "application/json";
            pf_http_tag(ask->request, reply);
        } else {
            pf_http_refuse(reply, 404, "%s has no row with the key %.200s",
                           list->table->name, pf_http_part(ask->request, 1));
        }
    }
    web_statement_release(&statement);
}

/* Only select plays a part where there is one row. */
static bool take_select(struct web_store_ask *ask, struct web_store_list *list)
{
    if (!take_parameters(ask, list))
        return false;
    if (!list->where.values.n && !list->where.text.n && !list->order.n &&
        !list->cursor)
        return true;
    pf_http_refuse(ask->reply, 400,
                   "one row is asked for: only select is for it");
    return false;
}

/* Answers about the row of a table that has the key. */
typedef void answer_fn(struct web_store_ask *ask,
                       const struct web_store_table *table,
                       const struct web_store_key *key);

static void answer_key(const struct web *web,
                       const struct pf_http_request *request,
                       struct pf_http_reply *reply, answer_fn *answer)
{
    const struct web_store_table *table;
    struct web_store_key key = {0};
    struct web_store_ask ask;
    struct pf_error err;
    enum pf_rc rc;

    if (!web_store_begin(web->store, request, reply, &ask))
        return;
    table = web_store_table(&ask, pf_http_part(request, 0));
    if (table) {
        rc = web_store_key_parse(table, pf_http_part(request, 1), &key, &err);
        if (rc)
            web_store_refuse(&ask, rc, &err);
        else
            answer(&ask, table, &key);
        web_words_release(&key.words);
    }
    web_store_end(&ask);
}

static void answer_row(struct web_store_ask *ask,
                       const struct web_store_table *table,
                       const struct web_store_key *key)
{
    struct web_store_list list = web_store_list_init(ask->schema, table);

    if (take_select(ask, &list))
        answer_one(ask, &list, key);
    web_store_list_release(&list);
}

void web_store_row(void *context, const struct pf_http_request *request,
                   struct pf_http_reply *reply)
{
    answer_key(context, request, reply, answer_row);
}

/* The changes of a row, newest first if nothing else is asked for. */
static void answer_changes(struct web_store_ask *ask,
                           const struct web_store_table *table,
                           const struct web_store_key *key)
{
    const struct web_store_table *history = web_store_beside(ask, "history");
    struct web_store_list list = {0};
    struct pf_error err;
    enum pf_rc rc;
    size_t n;

    (void)table; /* the history has all */
    if (!history) {
        pf_http_refuse(ask->reply, 404,
                       "the store has no table 'history' that may be read");
        return;
    }
    rc = web_store_history(ask->schema, history, key, &list, &err);
    n = list.where.text.n;
    if (rc) {
        web_store_refuse(ask, rc, &err);
    } else if (take_parameters(ask, &list)) {
        if (!list.order.n)
            rc = web_store_list_take(&list, "order", "position.desc", &err);
        if (rc)
            web_store_refuse(ask, rc, &err);
        else
            answer_list(ask, &list,
                        list.where.text.n == n && !list.cursor
                            ? pf_http_part(ask->request, 1)
                            : NULL);
    }
    web_store_list_release(&list);
}

void web_store_changes(void *context, const struct pf_http_request *request,
                       struct pf_http_reply *reply)
{
    answer_key(context, request, reply, answer_changes);
}
