#include "store_tables.h"

#include <string.h>

#include "store.h"
#include "store_openapi.h"
#include "text_json.h"
#include "web.h"

static struct json_object *column_json(const struct web_store_column *column)
{
    struct json_object *json = json_object_new_object();

    json_object_object_add(json, "name", web_name_json(column->name));
    json_object_object_add(json, "type", web_name_json(column->type));
    json_object_object_add(json, "nullable",
                           json_object_new_boolean(!column->not_null));
    return json;
}

static struct json_object *table_json(const struct web_store_table *table)
{
    struct json_object *json = json_object_new_object(),
                       *key = json_object_new_array(),
                       *columns = json_object_new_array();

    for (size_t i = 0; i < table->n_key; i++)
        json_object_array_add(
            key, web_name_json(web_store_key_column(table, i)->name));
    for (size_t i = 0; i < table->columns.n; i++)
        json_object_array_add(columns, column_json(&table->columns.at[i]));
    json_object_object_add(json, "name", web_name_json(table->name));
    json_object_object_add(
        json, "kind",
        json_object_new_string(table->is_view ? "view" : "table"));
    json_object_object_add(json, "key", key);
    json_object_object_add(json, "columns", columns);
    return json;
}

static struct json_object *tables_json(const char *schema,
                                       const struct web_catalogue *catalogue)
{
    struct json_object *json = json_object_new_object(),
                       *tables = json_object_new_array();

    for (size_t i = 0; i < catalogue->tables.n; i++)
        json_object_array_add(tables, table_json(&catalogue->tables.at[i]));
    json_object_object_add(json, "schema", web_name_json(schema));
    json_object_object_add(json, "tables", tables);
    return json;
}

static void answer(void *context, const struct pf_http_request *request,
                   struct pf_http_reply *reply,
                   struct json_object *(*make)(const char *schema,
                                               const struct web_catalogue *))
{
    const struct web *web = context;
    const struct web_catalogue *catalogue;
    struct web_store_ask ask;

    if (!web_store_begin(web->store, request, reply, &ask))
        return;
    catalogue = web_store_tables(&ask);
    if (catalogue) {
        pf_http_json(reply, make(ask.schema, catalogue));
        pf_http_tag(request, reply);
    }
    web_store_end(&ask);
}

void web_store_list_tables(void *web, const struct pf_http_request *request,
                           struct pf_http_reply *reply)
{
    answer(web, request, reply, tables_json);
}

void web_store_openapi(void *web, const struct pf_http_request *request,
                       struct pf_http_reply *reply)
{
    answer(web, request, reply, web_store_openapi_json);
}
