#include "store_list.h"

#include <string.h>

#include "fnv.h"
#include "store_filter.h"
#include "text.h"

struct web_store_list web_store_list_init(const char *schema,
                                          const struct web_store_table *table)
{
    return (struct web_store_list){
        .schema = schema, .table = table, .limit = WEB_STORE_ROWS};
}

void web_store_list_release(struct web_store_list *list)
{
    web_statement_release(&list->where);
    free(list->columns.at);
    free(list->order.at);
    free(list->cursor);
    *list = (struct web_store_list){0};
}

static enum pf_rc nomem(struct pf_error *err)
{
    return pf_fail(err, PF_NOMEM, "out of memory");
}

/* If text ends in end, cut that off. */
static bool cut(char *text, const char *end)
{
    size_t n = strlen(text), size = strlen(end);

    if (n < size || strcmp(text + n - size, end) != 0)
        return false;
    text[n - size] = '\0';
    return true;
}

static enum pf_rc select_column(struct web_store_list *list, char *name,
                                struct pf_error *err)
{
    const struct web_store_column *column;

    if (!strcmp(name, "*")) {
        for (size_t i = 0; i < list->table->columns.n; i++)
            if (!PF_VEC_PUSH(&list->columns, &list->table->columns.at[i]))
                return nomem(err);
        return PF_OK;
    }
    column = web_store_column(list->table, name, err);
    if (!column)
        return pf_fail_in(err, PF_FORMAT, "select: ");
    return PF_VEC_PUSH(&list->columns, column) ? PF_OK : nomem(err);
}

/* As PostgreSQL has it: nulls are larger than all else. */
static enum pf_rc order_by(struct web_store_list *list, char *text,
                           struct pf_error *err)
{
    bool first = cut(text, ".nullsfirst"), last = cut(text, ".nullslast");
    struct web_store_order order = {.descending = cut(text, ".desc")};

    if (!order.descending)
        cut(text, ".asc");
    order.nulls_first = first || (order.descending && !last);
    order.column = web_store_column(list->table, text, err);
    if (!order.column)
        return pf_fail_in(err, PF_FORMAT, "order: ");
    if (!order.column->has_order)
        return pf_fail(err, PF_FORMAT,
                       "order: values of %s, which are of type %s, have no "
                       "order",
                       text, order.column->type);
    return PF_VEC_PUSH(&list->order, order) ? PF_OK : nomem(err);
}

/* Call take for each part of value, which has commas in between. */
static enum pf_rc take_each(struct web_store_list *list, const char *value,
                            enum pf_rc (*take)(struct web_store_list *, char *,
                                               struct pf_error *),
                            struct pf_error *err)
{
    char *copy = strdup(value), *rest = copy, *one;
    enum pf_rc rc = copy ? PF_OK : nomem(err);

    while (!rc && *rest) {
        one = strsep(&rest, ",");
        rc = take(list, one, err);
        if (!rest)
            break;
    }
    free(copy);
    return rc;
}

static enum pf_rc take_cursor(struct web_store_list *list, const char *value,
                              struct pf_error *err)
{
    free(list->cursor);
    list->cursor = *value ? strdup(value) : NULL;
    return *value && !list->cursor ? nomem(err) : PF_OK;
}

enum pf_rc web_store_list_take(struct web_store_list *list, const char *name,
                               const char *value, struct pf_error *err)
{
    const struct web_store_column *column;
    enum pf_rc rc;

    if (!strcmp(name, "select"))
        return take_each(list, value, select_column, err);
    if (!strcmp(name, "order"))
        return take_each(list, value, order_by, err);
    if (!strcmp(name, "cursor"))
        return take_cursor(list, value, err);
    if (!strcmp(name, "limit")) {
        rc = pf_parse_int(value, 1, WEB_STORE_ROWS_MAX, &list->limit, err);
        return rc ? pf_fail_in(err, PF_FORMAT, "limit: ") : PF_OK;
    }
    column = web_store_column(list->table, name, err);
    return column ? web_store_filter(column, value, &list->where, err)
                  : PF_FORMAT;
}

static bool is_ordered_by(const struct web_store_list *list,
                          const struct web_store_column *column)
{
    for (size_t i = 0; i < list->order.n; i++)
        if (list->order.at[i].column == column)
            return true;
    return false;
}

/* The conditions, what they compare with, and the order. */
static uint64_t number_of(const struct web_store_list *list)
{
    uint64_t hash = pf_fnv_text(PF_FNV_BEGIN, list->table->name);

    hash = pf_fnv_bytes(hash, list->where.text.at, list->where.text.n);
    for (size_t i = 0; i < list->where.values.n; i++)
        hash = pf_fnv_text(hash, list->where.values.at[i].text);
    for (size_t i = 0; i < list->order.n; i++) {
        const struct web_store_order *one = &list->order.at[i];

        hash = pf_fnv_text(hash, one->column->name);
        hash = pf_fnv_number(hash, one->descending * 2 + one->nulls_first);
    }
    return hash;
}

enum pf_rc web_store_list_complete(struct web_store_list *list,
                                   struct pf_error *err)
{
    const struct web_store_table *table = list->table;
    size_t n = table->n_key ? table->n_key : table->columns.n;

    for (size_t i = 0; i < n; i++) {
        struct web_store_order one = {
            .column = table->n_key ? web_store_key_column(table, i)
                                   : &table->columns.at[i]};

        if (one.column->has_order && !is_ordered_by(list, one.column) &&
            !PF_VEC_PUSH(&list->order, one))
            return nomem(err);
    }
    list->number = number_of(list);
    return PF_OK;
}
