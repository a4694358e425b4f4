/* The slow way to read a price: json-c, after a look for what it lets through.
 */
#include <inttypes.h>
#include <json-c/json.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "price.h"
#include "price_scan.h"
#include "utf8.h"

/*
 * The same JSON in ASCII, with escapes for other letters: strict, json-c 0.18
 * takes each byte of theirs for a control byte (its issue 875). The caller
 * frees it; NULL: memory ran out.
 */
static char *escape_letters(const char *json, size_t len, size_t *ret_len)
{
    char *text = malloc(3 * len + 1), *out = text; /* 2 bytes become 6 */
    size_t size;

    for (size_t i = 0; text && i < len; i += size) {
        int32_t letter = pf_utf8_decode(json + i, len - i, &size);

        if (letter == PF_UTF8_CUT)
            break;
        if (letter < 0x80) /* or bad, and outside of a string */
            *out++ = json[i];
        else if (letter < 0x10000)
            out += sprintf(out, "\\u%04x", (unsigned)letter);
        else
            out += sprintf(out, "\\u%04x\\u%04x",
                           0xd800 + ((unsigned)(letter - 0x10000) >> 10),
                           0xdc00 + ((unsigned)letter & 0x3ff));
    }
    *ret_len = (size_t)(out - text);
    return text;
}

static bool is_ascii(const char *json, size_t len)
{
    size_t i = 0;

    while (i < len && !(json[i] & 0x80))
        i++;
    return i == len;
}

/* Let json-c parse the text; *ret is then the caller's to put. */
static enum pf_price_refusal parse_ascii(const char *json, size_t len,
                                         struct json_object **ret,
                                         struct pf_error *err)
{
    struct json_tokener *tokener = json_tokener_new_ex(PF_PRICE_DEPTH_MAX);
    enum pf_price_refusal refusal = PF_REFUSED_NONE;
    enum json_tokener_error why;

    if (!tokener)
        return pf_price_refuse(err, PF_REFUSED_SYNTAX, "out of memory");
    json_tokener_set_flags(tokener, JSON_TOKENER_STRICT);
    *ret = json_tokener_parse_ex(tokener, json, (int)len);
    why = json_tokener_get_error(tokener);
    if (why == json_tokener_continue)
        refusal = pf_price_refuse(err, PF_REFUSED_TRUNCATED,
                                  "it ends too early");
    else if (why == json_tokener_error_depth)
        refusal = pf_price_refuse(err, PF_REFUSED_DEPTH, "nested too deeply");
    else if (why != json_tokener_success)
        refusal = pf_price_refuse(err, PF_REFUSED_SYNTAX,
                                  json_tokener_error_desc(why));
    json_tokener_free(tokener);
    return refusal;
}

static enum pf_price_refusal parse(const char *json, size_t len,
                                   struct json_object **ret,
                                   struct pf_error *err)
{
    enum pf_price_refusal refusal;
    char *escaped;

    if (is_ascii(json, len))
        return parse_ascii(json, len, ret, err);
    escaped = escape_letters(json, len, &len);
    refusal = escaped
                  ? parse_ascii(escaped, len, ret, err)
                  : pf_price_refuse(err, PF_REFUSED_SYNTAX, "out of memory");
    free(escaped);
    return refusal;
}

/*
 * The ticks that the decimal number text is, exactly. Each digit has a weight,
 * a power of ten in ticks: below 0 it is finer than a tick, above 13 greater
 * than PF_TICKS_LIMIT. text is a number as json-c has checked it.
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

    /* Beyond this every digit but 0 is out of range; and it cannot overflow. */
    if (exponent > 100000 || exponent < -100000)
        exponent = exponent > 0 ? 100000 : -100000;
    weight += exponent;
    for (size_t i = negative; i < exponent_at; i++) {
        int64_t digit = text[i] - '0';

        if (text[i] == '.')
            continue;
        if (digit && weight < 0)
            return pf_price_refuse(err, PF_REFUSED_RANGE,
                                   "price is finer than 0.01");
        if (digit && weight > 13)
            return pf_price_refuse(err, PF_REFUSED_RANGE, "price is too great");
        for (long w = 0; digit && w < weight; w++)
            digit *= 10;
        ticks += digit;
        weight--;
    }
    if (ticks > limit)
        return pf_price_refuse(err, PF_REFUSED_RANGE, "price is too great");
    if (negative && ticks)
        return pf_price_refuse(err, PF_REFUSED_RANGE, "price is below 0");
    *ret = ticks;
    return PF_REFUSED_NONE;
}

static enum pf_price_refusal get_match(struct json_object *object, int64_t *ret,
                                       struct pf_error *err)
{
    struct json_object *match;

    if (!json_object_object_get_ex(object, "match", &match))
        return pf_price_refuse(err, PF_REFUSED_MISSING, "no match");
    if (!json_object_is_type(match, json_type_int))
        return pf_price_refuse(err, PF_REFUSED_TYPE,
                               "match is no whole number");
    if (json_object_get_uint64(match) > INT64_MAX)
        return pf_price_refuse(err, PF_REFUSED_RANGE, "match is too great");
    *ret = json_object_get_int64(match);
    return PF_REFUSED_NONE;
}

static enum pf_price_refusal get_ticks(struct json_object *object, int64_t *ret,
                                       struct pf_error *err)
{
    struct json_object *price;

    if (!json_object_object_get_ex(object, "price", &price))
        return pf_price_refuse(err, PF_REFUSED_MISSING, "no price");
    if (!json_object_is_type(price, json_type_double) &&
        !json_object_is_type(price, json_type_int))
        return pf_price_refuse(err, PF_REFUSED_TYPE, "price is no number");
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
    int names = 0;

    refusal = pf_price_scan(json, len, &names, err);
    if (!refusal)
        refusal = parse(json, len, &object, err);
    if (!refusal && names > json_object_object_length(object))
        refusal = pf_price_refuse(err, PF_REFUSED_DUPLICATE,
                                  "a member stands twice");
    if (!refusal)
        refusal = get_match(object, &price.match, err);
    if (!refusal)
        refusal = get_ticks(object, &price.ticks, err);
    if (!refusal)
        *ret = price;
    json_object_put(object);
    return refusal;
}
