/* The slow way to read a price: json-c, and what it lets through. */
#include <inttypes.h>
#include <json-c/json.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "price.h"

#define DEPTH_MAX 32 /* json-c's own default; a price needs one */

static enum pf_price_refusal
refuse(struct pf_error *err, enum pf_price_refusal refusal, const char *text)
{
    pf_fail(err, PF_FORMAT, "%s", text);
    return refusal;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static size_t skip_blanks(const char *json, size_t at, size_t len)
{
    while (at < len && is_blank(json[at]))
        at++;
    return at;
}

/*
 * A look over the text before json-c's, for what that takes although it is no
 * JSON (0.16 and 0.18, strict): single quotes, NaN and Infinity, "5.", a NUL
 * behind the document, half a surrogate pair, a name twice. Brackets and the
 * rest of the grammar are json-c's to judge.
 */
struct scan {
    const char *json;
    size_t len, at;
    int depth;
    int names; /* of the outermost object, as often as they stand there */
};

/* The UTF-16 unit of a \uXXXX escape at at, or -1. */
static int utf16_unit(const struct scan *scan, size_t at)
{
    char digits[5] = "", *end;
    long unit;

    if (at + 6 > scan->len || memcmp(scan->json + at, "\\u", 2) != 0)
        return -1;
    memcpy(digits, scan->json + at + 2, 4);
    unit = strtol(digits, &end, 16);
    return *end || !digits[0] ? -1 : (int)unit;
}

/* Pass the string whose opening quote is at scan->at. */
static enum pf_price_refusal scan_string(struct scan *scan,
                                         struct pf_error *err)
{
    for (scan->at++; scan->at < scan->len; scan->at++) {
        int unit;

        if (scan->json[scan->at] == '"')
            return PF_REFUSED_NONE;
        if (scan->json[scan->at] != '\\')
            continue;
        unit = utf16_unit(scan, scan->at);
        if (unit >= 0xdc00 && unit <= 0xdfff)
            return refuse(err, PF_REFUSED_SYNTAX, "half a surrogate pair");
        if (unit >= 0xd800 && unit <= 0xdbff) {
            int low = utf16_unit(scan, scan->at + 6);

            if (low < 0xdc00 || low > 0xdfff)
                return refuse(err, PF_REFUSED_SYNTAX, "half a surrogate pair");
            scan->at += 6;
        }
        scan->at += unit < 0 ? 1 : 5;
    }
    return PF_REFUSED_NONE; /* json-c says that it has no end */
}

/* Pass the number that begins at scan->at. */
static enum pf_price_refusal scan_number(struct scan *scan,
                                         struct pf_error *err)
{
    size_t begin = scan->at, digits = 0;
    bool whole = true;

    while (scan->at < scan->len) {
        char c = scan->json[scan->at];

        if (c == '.') {
            whole = false;
            if (scan->at + 1 == scan->len)
                break; /* cut off, not wrong: json-c says so */
            if (!is_digit(scan->json[scan->at + 1]))
                return refuse(err, PF_REFUSED_NUMBER,
                              "a point with no digit behind it");
        } else if (c == 'e' || c == 'E') {
            whole = false;
        } else if (!is_digit(c) && c != '+' && c != '-') {
            break;
        }
        digits += whole && is_digit(c);
        scan->at++;
    }
    if (scan->at < scan->len && scan->json[scan->at] == 'I')
        return refuse(err, PF_REFUSED_NUMBER, "Infinity is no JSON number");
    /* The longest int64_t has 19 digits. json-c would refuse it as well, but
     * not say why. */
    if (whole && digits > 19 &&
        scan->json[begin + (scan->json[begin] == '-')] != '0')
        return refuse(err, PF_REFUSED_RANGE, "a whole number too great");
    scan->at--;
    return PF_REFUSED_NONE;
}

/* Look over the document that begins at scan->at; leave at behind it. */
static enum pf_price_refusal scan_document(struct scan *scan,
                                           struct pf_error *err)
{
    for (; scan->at < scan->len; scan->at++) {
        enum pf_price_refusal refusal = PF_REFUSED_NONE;
        char c = scan->json[scan->at];

        if (c == '"') {
            refusal = scan_string(scan, err);
        } else if (is_digit(c) || c == '-') {
            refusal = scan_number(scan, err);
        } else if (c == '\'') {
            refusal = refuse(err, PF_REFUSED_SYNTAX, "a single quote");
        } else if (c == '\0') {
            refusal = refuse(err, PF_REFUSED_SYNTAX, "a NUL byte");
        } else if (c == 'N' || c == 'I') {
            refusal = refuse(err, PF_REFUSED_NUMBER,
                             "NaN and Infinity are no JSON numbers");
        } else if (c == '{' || c == '[') {
            if (++scan->depth > DEPTH_MAX)
                refusal = refuse(err, PF_REFUSED_DEPTH, "nested too deeply");
        } else if (c == '}' || c == ']') {
            if (--scan->depth == 0) {
                scan->at++;
                return PF_REFUSED_NONE;
            }
        } else if (c == ':' && scan->depth == 1) {
            scan->names++;
        }
        if (refusal)
            return refusal;
    }
    return PF_REFUSED_NONE;
}

static enum pf_price_refusal scan(struct scan *scan, struct pf_error *err)
{
    enum pf_price_refusal refusal;

    if (scan->len > PF_PRICE_VALUE_MAX)
        return refuse(err, PF_REFUSED_SIZE, "longer than 65536 bytes");
    scan->at = skip_blanks(scan->json, 0, scan->len);
    if (scan->at == scan->len)
        return refuse(err, PF_REFUSED_EMPTY, "no JSON at all");
    if (strchr("[\"-0123456789tfnTF", scan->json[scan->at]) &&
        scan->json[scan->at])
        return refuse(err, PF_REFUSED_TYPE, "not a JSON object");
    if (scan->json[scan->at] == 'N' || scan->json[scan->at] == 'I')
        return refuse(err, PF_REFUSED_NUMBER,
                      "NaN and Infinity are no JSON numbers");
    if (scan->json[scan->at] != '{')
        return refuse(err, PF_REFUSED_SYNTAX, "not a JSON object");
    refusal = scan_document(scan, err);
    if (refusal)
        return refusal;
    if (skip_blanks(scan->json, scan->at, scan->len) < scan->len)
        return refuse(err, PF_REFUSED_TRAILING, "more bytes after the object");
    return PF_REFUSED_NONE;
}

/* Let json-c parse the text; *ret is then the caller's to put. */
static enum pf_price_refusal parse(const char *json, size_t len,
                                   struct json_object **ret,
                                   struct pf_error *err)
{
    struct json_tokener *tokener = json_tokener_new_ex(DEPTH_MAX);
    enum pf_price_refusal refusal = PF_REFUSED_NONE;
    enum json_tokener_error why;

    if (!tokener)
        return refuse(err, PF_REFUSED_SYNTAX, "out of memory");
    json_tokener_set_flags(tokener,
                           JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
    *ret = json_tokener_parse_ex(tokener, json, (int)len);
    why = json_tokener_get_error(tokener);
    if (why == json_tokener_continue)
        refusal = refuse(err, PF_REFUSED_TRUNCATED, "it ends too early");
    else if (why == json_tokener_error_depth)
        refusal = refuse(err, PF_REFUSED_DEPTH, "nested too deeply");
    else if (why != json_tokener_success)
        refusal = refuse(err, PF_REFUSED_SYNTAX, json_tokener_error_desc(why));
    json_tokener_free(tokener);
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
            return refuse(err, PF_REFUSED_RANGE, "price is finer than 0.01");
        if (digit && weight > 13)
            return refuse(err, PF_REFUSED_RANGE, "price is too great");
        for (long w = 0; digit && w < weight; w++)
            digit *= 10;
        ticks += digit;
        weight--;
    }
    if (ticks > limit)
        return refuse(err, PF_REFUSED_RANGE, "price is too great");
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
        return refuse(err, PF_REFUSED_TYPE, "match is no whole number");
    if (json_object_get_uint64(match) > INT64_MAX)
        return refuse(err, PF_REFUSED_RANGE, "match is too great");
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
        return refuse(err, PF_REFUSED_TYPE, "price is no number");
    /* json-c keeps a number's own text and gives it back here. */
    return to_ticks(
        json_object_to_json_string_ext(price, JSON_C_TO_STRING_PLAIN), ret,
        err);
}

enum pf_price_refusal pf_price_parse(const char *json, size_t len,
                                     struct pf_price *ret, struct pf_error *err)
{
    struct scan looked = {.json = json, .len = len};
    struct json_object *object = NULL;
    enum pf_price_refusal refusal;
    struct pf_price price;

    refusal = scan(&looked, err);
    if (!refusal)
        refusal = parse(json, len, &object, err);
    if (!refusal && looked.names > json_object_object_length(object))
        refusal = refuse(err, PF_REFUSED_DUPLICATE, "a member stands twice");
    if (!refusal)
        refusal = get_match(object, &price.match, err);
    if (!refusal)
        refusal = get_ticks(object, &price.ticks, err);
    if (!refusal)
        *ret = price;
    json_object_put(object);
    return refusal;
}
