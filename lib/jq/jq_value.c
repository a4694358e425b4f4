#include "jq_value.h"

#include <stdbool.h>
#include <string.h>

#include "json_scan.h"

static bool is_blank(const char *json, size_t len)
{
    size_t at = 0;

    while (at < len && json[at] && strchr(" \t\r\n", json[at]))
        at++;
    return at == len;
}

const char *pf_jq_check(const void *json, size_t len,
                        struct pf_json_find *finds, size_t n_finds,
                        struct pf_error *err)
{
    static const char *const words[] = {
        [PF_JSON_GOOD] = NULL,       [PF_JSON_CUT] = "truncated",
        [PF_JSON_SYNTAX] = "syntax", [PF_JSON_TRAILING] = "trailing",
        [PF_JSON_NUMBER] = "number", [PF_JSON_RANGE] = "range",
        [PF_JSON_DEPTH] = "depth",
    };
    enum pf_json_fault fault = pf_json_scan_deep(json, len, PF_JQ_DEPTH_MAX,
                                                 finds, n_finds, NULL, err);

    if (fault == PF_JSON_CUT && is_blank(json, len)) {
        pf_fail(err, PF_FORMAT, "no JSON at all");
        return "empty";
    }
    return words[fault];
}

/* Not jv_parse_sized(): that reads on until a NUL if it is not JSON. */
enum pf_rc pf_jq_parse(const void *json, size_t len, jv *ret,
                       struct pf_error *err)
{
    struct jv_parser *parser = jv_parser_new(0);
    jv value;

    jv_parser_set_buf(parser, json, (int)len, 0);
    value = jv_parser_next(parser);
    jv_parser_free(parser);
    if (!jv_is_valid(value)) {
        jv_free(value);
        return pf_fail(err, PF_FORMAT, "libjq does not take it");
    }
    *ret = value;
    return PF_OK;
}

static bool print(jv value, size_t depth, struct pf_buffer *out);

/* How many bytes at text, which ends at end, stand for themselves. */
static size_t plain(const char *text, const char *end)
{
    const char *at = text;

    while (at < end && (unsigned char)*at >= 0x20 && *at != '"' &&
           *at != '\\' && *at != 0x7f)
        at++;
    return (size_t)(at - text);
}

/* As libjq writes it. */
static void print_escaped(char c, struct pf_buffer *out)
{
    static const char short_ones[] = "\"\"\\\\\bb\ff\nn\rr\tt";
    const char *found = short_ones;

    while (*found && *found != c)
        found += 2;
    if (*found)
        pf_buffer_put(out, (char[]){'\\', found[1]}, 2);
    else
        pf_buffer_printf(out, "\\u%04x", (unsigned char)c);
}

static void print_string(jv string, struct pf_buffer *out)
{
    const char *at = jv_string_value(string);
    const char *end = at + jv_string_length_bytes(jv_copy(string));

    pf_buffer_put(out, "\"", 1);
    for (;;) {
        size_t n = plain(at, end);

        pf_buffer_put(out, at, n);
        at += n;
        if (at == end)
            break;
        print_escaped(*at++, out);
    }
    pf_buffer_put(out, "\"", 1);
}

/* libjq alone knows the digits of a number. */
static void print_number(jv number, struct pf_buffer *out)
{
    jv text = jv_dump_string(jv_copy(number), 0);

    pf_buffer_text(out, jv_string_value(text));
    jv_free(text);
}

static bool print_array(jv array, size_t depth, struct pf_buffer *out)
{
    int n = jv_array_length(jv_copy(array));
    bool good = true;

    pf_buffer_put(out, "[", 1);
    for (int i = 0; i < n && good; i++) {
        jv element = jv_array_get(jv_copy(array), i);

        if (i)
            pf_buffer_put(out, ",", 1);
        good = print(element, depth, out);
        jv_free(element);
    }
    pf_buffer_put(out, "]", 1);
    return good;
}

static bool print_object(jv object, size_t depth, struct pf_buffer *out)
{
    int begin = jv_object_iter(object);
    bool good = true;

    pf_buffer_put(out, "{", 1);
    for (int i = begin; jv_object_iter_valid(object, i) && good;
         i = jv_object_iter_next(object, i)) {
        jv name = jv_object_iter_key(object, i);
        jv value = jv_object_iter_value(object, i);

        if (i != begin)
            pf_buffer_put(out, ",", 1);
        print_string(name, out);
        pf_buffer_put(out, ":", 1);
        good = print(value, depth, out);
        jv_free(name);
        jv_free(value);
    }
    pf_buffer_put(out, "}", 1);
    return good;
}

/* False: there are more brackets within it than may be. */
static bool print(jv value, size_t depth, struct pf_buffer *out)
{
    switch (jv_get_kind(value)) {
    case JV_KIND_OBJECT:
        return depth < PF_JQ_DEPTH_MAX && print_object(value, depth + 2, out);
    case JV_KIND_ARRAY:
        return depth < PF_JQ_DEPTH_MAX && print_array(value, depth + 1, out);
    case JV_KIND_STRING:
        print_string(value, out);
        return true;
    case JV_KIND_NUMBER:
        print_number(value, out);
        return true;
    case JV_KIND_TRUE:
        pf_buffer_text(out, "true");
        return true;
    case JV_KIND_FALSE:
        pf_buffer_text(out, "false");
        return true;
    default:
        pf_buffer_text(out, "null");
        return true;
    }
}

enum pf_rc pf_jq_print(jv value, struct pf_buffer *out, struct pf_error *err)
{
    if (print(value, 0, out))
        return PF_OK;
    return pf_fail(err, PF_RANGE, "a result is nested more than %d deep",
                   PF_JQ_DEPTH_MAX);
}

enum pf_rc pf_jq_print_text(jv value, struct pf_buffer *out,
                            struct pf_error *err)
{
    if (jv_get_kind(value) != JV_KIND_STRING)
        return pf_jq_print(value, out, err);
    pf_buffer_put(out, jv_string_value(value),
                  (size_t)jv_string_length_bytes(jv_copy(value)));
    return PF_OK;
}
