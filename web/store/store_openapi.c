#include "store_openapi.h"

#include <stdio.h>

#include "store_list.h"
#include "text_json.h"

#define ROOT "/api/v1/store/"

static struct json_object *object(void)
{
    return json_object_new_object();
}

static void add(struct json_object *to, const char *name,
                struct json_object *value)
{
    json_object_object_add(to, name, value);
}

static void add_text(struct json_object *to, const char *name, const char *text)
{
    add(to, name, json_object_new_string(text));
}

static struct json_object *list_of(struct json_object *one)
{
    struct json_object *list = json_object_new_array();

    json_object_array_add(list, one);
    return list;
}

static struct json_object *reference(const char *kind, const char *name)
{
    struct json_object *json = object();
    struct pf_buffer path = {0};

    pf_buffer_printf(&path, "#/components/%s/", kind);
    for (; *name; name++) /* as in a JSON pointer within a URI */
        if (*name == '~' || *name == '/')
            pf_buffer_printf(&path, "~%d", *name == '/');
        else if ((*name | 32) >= 'a' && (*name | 32) <= 'z')
            pf_buffer_put(&path, name, 1);
        else if ((*name >= '0' && *name <= '9') || *name == '_')
            pf_buffer_put(&path, name, 1);
        else
            pf_buffer_printf(&path, "%%%02X", (unsigned char)*name);
    if (!path.failed)
        add(json, "$ref", json_object_new_string_len(path.at, (int)path.n));
    pf_buffer_release(&path);
    return json;
}

/* What the values of a column are. A number that JSON has no form for, such as
 * NaN, is a string. */
static struct json_object *column_schema(const struct web_store_column *column)
{
    static const struct {
        const char *type, *other, *format;
    } kinds[] = {
        [WEB_STORE_TEXT] = {"string", NULL, NULL},
        [WEB_STORE_INTEGER] = {"integer", NULL, NULL},
        [WEB_STORE_NUMBER] = {"number", "string", NULL},
        [WEB_STORE_BOOLEAN] = {"boolean", NULL, NULL},
        [WEB_STORE_DATE] = {"string", NULL, "date"},
        [WEB_STORE_TIME] = {"string", NULL, "date-time"},
        [WEB_STORE_ARRAY] = {"array", NULL, NULL},
        [WEB_STORE_ANY] = {NULL, NULL, NULL},
    };
    struct json_object *json = object(), *types;

    add(json, "description", web_name_json(column->type));
    if (!kinds[column->kind].type)
        return json;
    types = list_of(json_object_new_string(kinds[column->kind].type));
    if (kinds[column->kind].other)
        json_object_array_add(
            types, json_object_new_string(kinds[column->kind].other));
    if (!column->not_null)
        json_object_array_add(types, json_object_new_string("null"));
    add(json, "type", types);
    if (kinds[column->kind].format)
        add_text(json, "format", kinds[column->kind].format);
    return json;
}

static struct json_object *row_schema(const struct web_store_table *table)
{
    struct json_object *json = object(), *properties = object();

    for (size_t i = 0; i < table->columns.n; i++)
        add(properties, table->columns.at[i].name,
            column_schema(&table->columns.at[i]));
    add_text(json, "type", "object");
    add(json, "properties", properties);
    add(json, "additionalProperties", json_object_new_boolean(0));
    return json;
}

static struct json_object *page_schema(const char *table)
{
    struct json_object *json = object(), *properties = object(),
                       *rows = object(), *next = object(),
                       *types = list_of(json_object_new_string("string")),
                       *required = list_of(json_object_new_string("rows"));

    add_text(rows, "type", "array");
    add(rows, "items", reference("schemas", table));
    json_object_array_add(types, json_object_new_string("null"));
    add(next, "type", types);
    add_text(next, "description", "The cursor of the next rows.");
    add(properties, "rows", rows);
    add(properties, "next", next);
    json_object_array_add(required, json_object_new_string("next"));
    add_text(json, "type", "object");
    add(json, "properties", properties);
    add(json, "required", required);
    return json;
}

static struct json_object *parameter(const char *in, const char *name,
                                     const char *description,
                                     struct json_object *schema)
{
    struct json_object *json = object();

    add(json, "name", web_name_json(name));
    add_text(json, "in", in);
    if (*in == 'p')
        add(json, "required", json_object_new_boolean(1));
    add_text(json, "description", description);
    add(json, "schema", schema);
    return json;
}

static struct json_object *text_schema(void)
{
    struct json_object *json = object();

    add_text(json, "type", "string");
    return json;
}

static struct json_object *limit_schema(void)
{
    struct json_object *json = object();

    add_text(json, "type", "integer");
    add(json, "minimum", json_object_new_int(1));
    add(json, "maximum", json_object_new_int(WEB_STORE_ROWS_MAX));
    add(json, "default", json_object_new_int(WEB_STORE_ROWS));
    return json;
}

/* Of a list of a table's rows. */
static struct json_object *list_parameters(const struct web_store_table *table)
{
    struct json_object *list = list_of(
        parameter("query", "select", "Columns, such as a,b.", text_schema()));

    json_object_array_add(list, parameter("query", "order",
                                          "Columns, such as a.desc,b.",
                                          text_schema()));
    json_object_array_add(
        list, parameter("query", "limit", "Rows at most.", limit_schema()));
    json_object_array_add(list, parameter("query", "cursor",
                                          "next of the answer before.",
                                          text_schema()));
    for (size_t i = 0; i < table->columns.n; i++)
        json_object_array_add(
            list, parameter("query", table->columns.at[i].name,
                            "A condition, such as eq.1 or not.in.(a,b).",
                            text_schema()));
    return list;
}

static struct json_object *key_parameters(const struct web_store_table *table)
{
    struct pf_buffer text = {0};
    struct json_object *list;

    pf_buffer_text(&text, "The key: ");
    for (size_t i = 0; i < table->n_key; i++) {
        pf_buffer_text(&text, i ? "," : "");
        pf_buffer_text(&text, web_store_key_column(table, i)->name);
    }
    pf_buffer_put(&text, "", 1);
    list = list_of(
        parameter("path", "key", text.at ? text.at : "", text_schema()));
    pf_buffer_release(&text);
    return list;
}

static struct json_object *json_content(struct json_object *schema)
{
    struct json_object *content = object(), *json = object();

    add(json, "schema", schema);
    add(content, "application/json", json);
    return content;
}

/* A path that answers with schema. */
static struct json_object *path_item(const char *summary,
                                     struct json_object *parameters,
                                     struct json_object *schema)
{
    struct json_object *item = object(), *get = object(), *responses = object(),
                       *ok = object();

    add_text(ok, "description", "OK");
    add(ok, "content", json_content(schema));
    add(responses, "200", ok);
    add(responses, "default", reference("responses", "Error"));
    add_text(get, "summary", summary);
    add(get, "parameters", parameters);
    add(get, "responses", responses);
    add(item, "get", get);
    return item;
}

/* Add a path: the table's name, encoded, and what follows it. */
static void add_path(struct json_object *paths, const char *table,
                     const char *rest, struct json_object *item)
{
    struct pf_buffer path = {0};

    pf_buffer_text(&path, ROOT);
    for (; *table; table++)
        if (strchr("%/?#{}", *table))
            pf_buffer_printf(&path, "%%%02X", (unsigned char)*table);
        else
            pf_buffer_put(&path, table, 1);
    pf_buffer_text(&path, rest);
    pf_buffer_put(&path, "", 1);
    if (path.failed)
        json_object_put(item);
    else
        add(paths, path.at, item);
    pf_buffer_release(&path);
}

static struct json_object *error_response(void)
{
    struct json_object *json = object(), *schema = object(),
                       *properties = object();

    add(properties, "error", text_schema());
    add_text(schema, "type", "object");
    add(schema, "properties", properties);
    add_text(json, "description", "Why not, in a sentence.");
    add(json, "content", json_content(schema));
    return json;
}

static struct json_object *info_json(const char *schema)
{
    struct json_object *json = object();

    add_text(json, "title", "pricefeed: the store");
    add(json, "summary", web_name_json(schema));
    add_text(json, "version", "1");
    return json;
}

struct json_object *
web_store_openapi_json(const char *schema,
                       const struct web_catalogue *catalogue)
{
    struct json_object *json = object(), *paths = object(), *schemas = object(),
                       *responses = object(), *components = object();
    bool has_history = web_catalogue_find(catalogue, "history");

    for (size_t i = 0; i < catalogue->tables.n; i++) {
        const struct web_store_table *table = &catalogue->tables.at[i];

        add(schemas, table->name, row_schema(table));
        add_path(paths, table->name, "",
                 path_item("Rows.", list_parameters(table),
                           page_schema(table->name)));
        if (!table->n_key)
            continue;
        add_path(paths, table->name, "/{key}",
                 path_item("The row of that key.", key_parameters(table),
                           reference("schemas", table->name)));
        if (has_history)
            add_path(paths, table->name, "/{key}/history",
                     path_item("Its changes.", key_parameters(table),
                               page_schema("history")));
    }
    add(responses, "Error", error_response());
    add(components, "schemas", schemas);
    add(components, "responses", responses);
    add_text(json, "openapi", "3.1.0");
    add(json, "info", info_json(schema));
    add(json, "paths", paths);
    add(json, "components", components);
    return json;
}
