/* The slow way to read a price: json-c, after a check for what it lets through.
 */
#include <json-c/json.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "json_scan.h"
#include "price.h"

/* Put a sentence into *err (which may be NULL) and return refusal. */
static enum pf_price_refusal
refuse(struct pf_error *err, enum pf_price_refusal refusal, const char *text)
{
    pf_fail(err, PF_FORMAT, "%s", text);
    return refusal;
}

/* Look over the text before json-c parses it. *ret_names is how many members
 * the object has, those of the same name counted each. */
static enum pf_price_refusal check(const char *json, size_t len,
                                   size_t *ret_names, struct pf_error *err)
{
    static const enum pf_price_refusal refusals[] = {
        [PF_JSON_GOOD] = PF_REFUSED_NONE,
        [PF_JSON_CUT] = PF_REFUSED_TRUNCATED,
        [PF_JSON_SYNTAX] = PF_REFUSED_SYNTAX,
        [PF_JSON_TRAILING] = PF_REFUSED_TRAILING,
        [PF_JSON_NUMBER] = PF_REFUSED_NUMBER,
        [PF_JSON_RANGE] = PF_REFUSED_RANGE,
        [PF_JSON_DEPTH] = PF_REFUSED_DEPTH,
    };
    size_t at = 0;

    if (len > PF_PRICE_VALUE_MAX)
        return refuse(err, PF_REFUSED_SIZE, "longer than 65536 bytes");
    while (at < len && json[at] && strchr(" \t\r\n", json[at]))
        at++;
    if (at == len)
        return refuse(err, PF_REFUSED_EMPTY, "no JSON at all");
    if (json[at] && strchr("[\"-0123456789tfnTF", json[at]))
        return refuse(err, PF_REFUSED_TYPE, "not a JSON object");
    if (json[at] != '{' && json[at] != 'N' && json[at] != 'I')
        return refuse(err, PF_REFUSED_SYNTAX, "not a JSON object");
    return refusals[pf_json_check(json, len, ret_names, err)];
}

/* Parse the text with json-c. The caller releases *ret with
 * json_object_put(). */
static enum pf_price_refusal parse(const char *json, size_t len,
                                   struct json_object **ret,
                                   struct pf_error *err)
{
    struct json_tokener *tokener = json_tokener_new_ex(PF_JSON_DEPTH_MAX);
    enum json_tokener_error why;

    if (!tokener)
        return refuse(err, PF_REFUSED_SYNTAX, "out of memory");
    *ret = json_tokener_parse_ex(tokener, json, (int)len);
    why = json_tokener_get_error(tokener);
    json_tokener_free(tokener);
    if (why == json_tokener_success)
        return PF_REFUSED_NONE;
    return refuse(err,
                  why == json_tokener_error_depth ? PF_REFUSED_DEPTH
                                                  : PF_REFUSED_SYNTAX,
                  json_tokener_error_desc(why));
}

/*
 * Convert the decimal number text, which json-c has checked, to ticks without
 * rounding. A digit of weight w counts 10^w ticks. A weight below 0 is finer
 * than a tick, one above 13 exceeds PF_TICKS_LIMIT.
 */
static enum pf_price_refusal to_ticks(const char *text, int64_t *ret,
                                      struct pf_error *err)
{
    static const int64_t limit = PF_TICKS_LIMIT;
    size_t exponent_at = strcspn(text, "eE");
    size_t point_at = strcspn(text, ".eE");
    bool negative = *text == '-';
    long exponent = text[exponent_at] ? strtol(text + exponent_at + 1, NULL, 10)
                                      : 0;
    long weight = (long)(point_at - negative) - 1 + 2;
    int64_t ticks = 0;

    /* Beyond these limits only zeros are in range; they avoid an overflow. */
    if (exponent > 100000 || exponent < -100000)
        exponent = exponent > 0 ? 100000 : -100000;
    weight += exponent;
    for (size_t i = negative; i < exponent_at; i++) {
        int64_t digit = text[i] - '0';

        if (text[i] == '.')
            continue;
        if (digit && weight < 0)
            return refuse(err, PF_REFUSED_RANGE, "price is finer than 0.01");
        if (digit && weight > 13)
            return refuse(err, PF_REFUSED_RANGE, "price is too large");
        for (long w = 0; digit && w < weight; w++)
            digit *= 10;
        ticks += digit;
        weight--;
    }
    if (ticks > limit)
        return refuse(err, PF_REFUSED_RANGE, "price is too large");
    if (negative && ticks)
        return refuse(err, PF_REFUSED_RANGE, "price is below 0");
    *ret = ticks;
    return PF_REFUSED_NONE;
}

static enum pf_price_refusal get_match(struct json_object *object, int64_t *ret,
                                       struct pf_error *err)
{
    struct json_object *match;

    if (!json_object_object_get_ex(object, "match", &match))
        return refuse(err, PF_REFUSED_MISSING, "no match");
    if (!json_object_is_type(match, json_type_int))
        return refuse(err, PF_REFUSED_TYPE, "match is not a whole number");
    if (json_object_get_uint64(match) > INT64_MAX)
        return refuse(err, PF_REFUSED_RANGE, "match is too large");
    *ret = json_object_get_int64(match);
    return PF_REFUSED_NONE;
}

static enum pf_price_refusal get_ticks(struct json_object *object, int64_t *ret,
                                       struct pf_error *err)
{
    struct json_object *price;

    if (!json_object_object_get_ex(object, "price", &price))
        return refuse(err, PF_REFUSED_MISSING, "no price");
    if (!json_object_is_type(price, json_type_double) &&
        !json_object_is_type(price, json_type_int))
        return refuse(err, PF_REFUSED_TYPE, "price is not a number");
    /* json-c keeps a number's own text and gives it back here. */
    return to_ticks(
        json_object_to_json_string_ext(price, JSON_C_TO_STRING_PLAIN), ret,
        err);
}

enum pf_price_refusal pf_price_parse(const char *json, size_t len,
                                     struct pf_price *ret, struct pf_error *err)
{
    struct json_object *object = NULL;
    enum pf_price_refusal refusal;
    struct pf_price price;
    size_t names = 0;

    refusal = check(json, len, &names, err);
    if (!refusal)
        refusal = parse(json, len, &object, err);
    if (!refusal && names > (size_t)json_object_object_length(object))
        refusal = refuse(err, PF_REFUSED_DUPLICATE, "a member occurs twice");
    if (!refusal)
        refusal = get_match(object, &price.match, err);
    if (!refusal)
        refusal = get_ticks(object, &price.ticks, err);
    if (!refusal)
        *ret = price;
    json_object_put(object);
    return refusal;
}
