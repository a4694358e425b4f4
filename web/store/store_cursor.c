#include "store_cursor.h"

#include <inttypes.h>
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

/* What a request's line has room for. */
#define PLACE_MAX 4000

void web_store_put_place(struct web_statement *s,
                         const struct web_store_list *list)
{
    web_put_sql(s, "to_json(ARRAY[");
    for (size_t i = 0; i < list->order.n; i++) {
        web_put_sql(s, i ? ", " : "");
        web_put_column(s, list->order.at[i].column);
        web_put_sql(s, "::text");
    }
    web_put_sql(s, "]::text[])::text");
}

/* Such as 8d3f00a4b1c2d3e4-5b22372e35222c2233225d: the list, and the place. */
bool web_store_cursor(const struct web_store_list *list, const char *place,
                      struct pf_buffer *token)
{
    size_t n = strlen(place);

    if (n > PLACE_MAX || !list->order.n)
        return false;
    pf_buffer_printf(token, "%016" PRIx64 "-", list->number);
    for (size_t i = 0; i < n; i++)
        pf_buffer_printf(token, "%02x", (unsigned char)place[i]);
    return true;
}

static int digit(char c)
{
    const char *digits = "0123456789abcdef", *at = c ? strchr(digits, c) : NULL;

    return at ? (int)(at - digits) : -1;
}

/* The place of a token: text that the caller frees with its object, or NULL. */
static struct json_object *parse(const struct web_store_list *list)
{
    char whose[24], place[PLACE_MAX + 1];
    const char *at = list->cursor;
    struct json_object *json;
    size_t n;

    snprintf(whose, sizeof whose, "%016" PRIx64 "-", list->number);
    if (strncmp(at, whose, strlen(whose)) != 0)
        return NULL;
    at += strlen(whose);
    for (n = 0; n < PLACE_MAX && at[0] && at[1]; n++, at += 2) {
        int high = digit(at[0]), low = digit(at[1]);

        if (high < 0 || low < 0)
            return NULL;
        place[n] = (char)(high << 4 | low);
    }
    place[n] = '\0';
    json = *at ? NULL : json_tokener_parse(place);
    if (list->order.n && json_object_is_type(json, json_type_array) &&
        json_object_array_length(json) == list->order.n)
        return json;
    json_object_put(json);
    return NULL;
}

/* Put that a row's value comes after text (NULL: null). */
static void put_after(struct web_statement *s,
                      const struct web_store_order *order, const char *text)
{
    if (!text) {
        if (order->nulls_first)
            web_put_column(s, order->column);
        web_put_sql(s, order->nulls_first ? " IS NOT NULL" : "false");
        return;
    }
    web_put_column(s, order->column);
    web_put_sql(s, order->descending ? " < " : " > ");
    web_put_value(s, text, order->column);
    if (order->column->not_null || order->nulls_first)
        return;
    web_put_sql(s, " OR ");
    web_put_column(s, order->column);
    web_put_sql(s, " IS NULL");
}

/* Put that it is the same. */
static void put_same(struct web_statement *s,
                     const struct web_store_order *order, const char *text)
{
    web_put_column(s, order->column);
    web_put_sql(s, text ? " = " : " IS NULL");
    if (text)
        web_put_value(s, text, order->column);
}

enum pf_rc web_store_put_after(struct web_store_list *list,
                               struct pf_error *err)
{
    struct web_statement *s = &list->where;
    struct json_object *place;

    if (!list->cursor)
        return PF_OK;
    place = parse(list);
    if (!place)
        return pf_fail(err, PF_FORMAT,
                       "cursor: it does not belong to this list; it is for "
                       "the table, conditions and order that it came with");
    /* a > 1 OR (a = 1 AND (b > 2 OR (b = 2 AND (c > 3)))) */
    web_put_sql(s, " AND (");
    for (size_t i = 0; i < list->order.n; i++) {
        const char *text = json_object_get_string(
            json_object_array_get_idx(place, i));

        put_after(s, &list->order.at[i], text);
        if (i + 1 == list->order.n)
            break;
        web_put_sql(s, " OR (");
        put_same(s, &list->order.at[i], text);
        web_put_sql(s, " AND (");
    }
    for (size_t i = 0; i + 1 < list->order.n; i++)
        web_put_sql(s, "))");
    web_put_sql(s, ")");
    json_object_put(place);
    return PF_OK;
}
