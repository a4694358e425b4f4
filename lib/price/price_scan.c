#include "price_scan.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "utf8.h"

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
 * JSON (0.16 and 0.18, strict): single quotes, NaN and Infinity, "5.", "00.5",
 * a control byte or bad UTF-8 in a string, half a surrogate pair, a NUL in a
 * name or behind the document, a name twice. Brackets and the rest of the
 * grammar are json-c's to judge.
 */
struct scan {
    const char *json;
    size_t len, at;
    int depth;
    int names; /* of the outermost object, as often as they stand there */
    bool nul;  /* \u0000 is in the last string */
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
    size_t length;

    scan->nul = false;
    for (scan->at++; scan->at < scan->len; scan->at += length) {
        int unit;

        if (scan->json[scan->at] == '"')
            return PF_REFUSED_NONE;
        if ((unsigned char)scan->json[scan->at] < ' ')
            return pf_price_refuse(err, PF_REFUSED_SYNTAX,
                                   "a control byte in a string");
        if (pf_utf8_decode(scan->json + scan->at, scan->len - scan->at,
                           &length) == PF_UTF8_BAD)
            return pf_price_refuse(err, PF_REFUSED_SYNTAX, "not UTF-8");
        if (scan->json[scan->at] != '\\')
            continue;
        unit = utf16_unit(scan, scan->at);
        scan->nul |= unit == 0;
        length = unit < 0 ? 2 : 6;
        if (unit >= 0xdc00 && unit <= 0xdfff)
            return pf_price_refuse(err, PF_REFUSED_SYNTAX,
                                   "half a surrogate pair");
        if (unit >= 0xd800 && unit <= 0xdbff) {
            int low = utf16_unit(scan, scan->at + 6);

            if (low < 0xdc00 || low > 0xdfff)
                return pf_price_refuse(err, PF_REFUSED_SYNTAX,
                                       "half a surrogate pair");
            length = 12;
        }
    }
    return PF_REFUSED_NONE; /* json-c says that it has no end */
}

static size_t skip_digits(const struct scan *scan, size_t at)
{
    while (at < scan->len && is_digit(scan->json[at]))
        at++;
    return at;
}

/* True if the n digits at digits, of which the first is not 0, are more than
 * json-c can count. It would refuse some of these, but not say why, and give
 * the limit itself for others. */
static bool is_too_great(const char *digits, size_t n, bool negative)
{
    const char *limit = negative ? "9223372036854775808"
                                 : "18446744073709551615";
    size_t limit_n = strlen(limit);

    return n > limit_n || (n == limit_n && memcmp(digits, limit, n) > 0);
}

/*
 * Pass the number that begins at scan->at, by the grammar of RFC 8259: json-c
 * 0.16 takes "00.5" and "-.5" too. One that the end of the text cuts off is
 * not wrong, and json-c says so.
 */
static enum pf_price_refusal scan_number(struct scan *scan,
                                         struct pf_error *err)
{
    const char *json = scan->json;
    bool negative = json[scan->at] == '-';
    size_t begin = scan->at + negative, at = skip_digits(scan, begin);
    size_t digits = at - begin;

    scan->at = at - 1;
    if (at == scan->len)
        return PF_REFUSED_NONE;
    if (json[at] == 'I')
        return pf_price_refuse(err, PF_REFUSED_NUMBER,
                               "Infinity is no JSON number");
    if (digits == 0)
        return pf_price_refuse(err, PF_REFUSED_NUMBER,
                               "a sign with no digit behind it");
    if (digits > 1 && json[begin] == '0')
        return pf_price_refuse(err, PF_REFUSED_NUMBER,
                               "a number that begins with 0");
    if (json[at] != '.' && json[at] != 'e' && json[at] != 'E')
        return is_too_great(json + begin, digits, negative)
                   ? pf_price_refuse(err, PF_REFUSED_RANGE,
                                     "a whole number too great")
                   : PF_REFUSED_NONE;
    if (json[at] == '.') {
        begin = at + 1;
        at = skip_digits(scan, begin);
        if (at == begin && at < scan->len)
            return pf_price_refuse(err, PF_REFUSED_NUMBER,
                                   "a point with no digit behind it");
    }
    if (at < scan->len && (json[at] == 'e' || json[at] == 'E')) {
        begin = at + 1;
        if (begin < scan->len && (json[begin] == '+' || json[begin] == '-'))
            begin++;
        at = skip_digits(scan, begin);
        if (at == begin && at < scan->len)
            return pf_price_refuse(err, PF_REFUSED_NUMBER,
                                   "an exponent with no digit in it");
    }
    scan->at = at - 1;
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
            refusal = pf_price_refuse(err, PF_REFUSED_SYNTAX, "a single quote");
        } else if (c == '\0') {
            refusal = pf_price_refuse(err, PF_REFUSED_SYNTAX, "a NUL byte");
        } else if (c == 'N' || c == 'I') {
            refusal = pf_price_refuse(err, PF_REFUSED_NUMBER,
                                      "NaN and Infinity are no JSON numbers");
        } else if (c == '{' || c == '[') {
            if (++scan->depth > PF_PRICE_DEPTH_MAX)
                refusal = pf_price_refuse(err, PF_REFUSED_DEPTH,
                                          "nested too deeply");
        } else if (c == '}' || c == ']') {
            if (--scan->depth == 0) {
                scan->at++;
                return PF_REFUSED_NONE;
            }
        } else if (c == ':' && scan->depth == 1) {
            scan->names++;
            if (scan->nul) /* where json-c would end the name */
                refusal = pf_price_refuse(err, PF_REFUSED_SYNTAX,
                                          "a NUL in a name");
        }
        if (refusal)
            return refusal;
    }
    return PF_REFUSED_NONE;
}

enum pf_price_refusal pf_price_scan(const char *json, size_t len,
                                    int *ret_names, struct pf_error *err)
{
    struct scan scan = {.json = json, .len = len};
    enum pf_price_refusal refusal;

    if (len > PF_PRICE_VALUE_MAX)
        return pf_price_refuse(err, PF_REFUSED_SIZE, "longer than 65536 bytes");
    scan.at = skip_blanks(json, 0, len);
    if (scan.at == len)
        return pf_price_refuse(err, PF_REFUSED_EMPTY, "no JSON at all");
    if (json[scan.at] && strchr("[\"-0123456789tfnTF", json[scan.at]))
        return pf_price_refuse(err, PF_REFUSED_TYPE, "not a JSON object");
    if (json[scan.at] == 'N' || json[scan.at] == 'I')
        return pf_price_refuse(err, PF_REFUSED_NUMBER,
                               "NaN and Infinity are no JSON numbers");
    if (json[scan.at] != '{')
        return pf_price_refuse(err, PF_REFUSED_SYNTAX, "not a JSON object");
    refusal = scan_document(&scan, err);
    if (refusal)
        return refusal;
    if (skip_blanks(json, scan.at, len) < len)
        return pf_price_refuse(err, PF_REFUSED_TRAILING,
                               "more bytes after the object");
    *ret_names = scan.names;
    return PF_REFUSED_NONE;
}
