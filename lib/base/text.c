#include "text.h"

#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

/* The printable form of one byte; returns its length. */
static size_t escape_byte(unsigned char byte, char out[5])
{
    if (byte == '\n' || byte == '\t' || byte == '\r') {
        out[0] = '\\';
        out[1] = byte == '\n' ? 'n' : byte == '\t' ? 't' : 'r';
        return 2;
    }
    if (byte >= 0x20 && byte < 0x7f) {
        out[0] = (char)byte;
        return 1;
    }
    return (size_t)snprintf(out, 5, "\\x%02x", byte);
}

const char *pf_escape(char *buf, size_t size, const void *bytes, size_t len)
{
    const unsigned char *in = bytes;
    size_t used = 0, fits = 0; /* fits: where "..." still fits */

    for (size_t i = 0; i < len; i++) {
        char out[5];
        size_t n = escape_byte(in[i], out);

        if (used + n >= size) {
            memcpy(buf + fits, "...", 4);
            return buf;
        }
        memcpy(buf + used, out, n);
        used += n;
        if (used + 4 <= size)
            fits = used;
    }
    buf[used] = '\0';
    return buf;
}

void pf_print_escaped(FILE *out, const void *bytes, size_t len)
{
    const unsigned char *in = bytes;

    for (size_t i = 0; i < len; i++) {
        char text[5];
        size_t n = escape_byte(in[i], text);

        fwrite(text, 1, n, out);
    }
}

const char *pf_unknown_option(char *const *argv, const char *shorts, char *buf,
                              size_t size)
{
    if (optopt <= ' ' || optopt > '~' || strchr(shorts, optopt))
        return argv[optind - 1]; /* a long one */
    snprintf(buf, size, "-%c", optopt);
    return buf;
}

size_t pf_put_time(char *buf, size_t size, int64_t ms)
{
    time_t seconds = (time_t)(ms / 1000);
    struct tm utc;
    size_t len;

    gmtime_r(&seconds, &utc);
    len = strftime(buf, size, "%Y-%m-%dT%H:%M:%S", &utc);
    return len +
           (size_t)snprintf(buf + len, size - len, ".%03dZ", (int)(ms % 1000));
}

size_t pf_put_uint(char *buf, uint64_t n)
{
    char digits[PF_UINT_SIZE];
    size_t at = sizeof digits;

    do
        digits[--at] = (char)('0' + n % 10);
    while (n /= 10);
    memcpy(buf, digits + at, sizeof digits - at);
    return sizeof digits - at;
}

char *pf_trim(char *text)
{
    size_t len;

    while (*text && (unsigned char)*text <= ' ')
        text++;
    len = strlen(text);
    while (len && (unsigned char)text[len - 1] <= ' ')
        len--;
    text[len] = '\0';
    return text;
}

bool pf_is_quoted(const char *text)
{
    size_t len = strlen(text);

    return len > 1 && (*text == '"' || *text == '\'') && text[len - 1] == *text;
}

const char *pf_quotes_hint(const char *value)
{
    return pf_is_quoted(value)
               ? "; the quotes are part of the value: remove them"
               : "";
}

enum pf_rc pf_parse_int(const char *text, int64_t min, int64_t max,
                        int64_t *ret, struct pf_error *err)
{
    const char *digits = text + (*text == '-');
    long long value;
    char *end;

    errno = 0;
    value = strtoll(text, &end, 10);
    if (!isdigit((unsigned char)*digits) || *end)
        return pf_fail(err, PF_FORMAT, "'%.40s' is not a whole number%s", text,
                       pf_quotes_hint(text));
    if (errno || value < min || value > max)
        return pf_fail(err, PF_RANGE, "%.40s is not within %lld to %lld", text,
                       (long long)min, (long long)max);
    *ret = value;
    return PF_OK;
}

enum pf_rc pf_parse_uint(const char *text, uint64_t max, uint64_t *ret,
                         struct pf_error *err)
{
    unsigned long long value;
    char *end;

    errno = 0;
    value = strtoull(text, &end, 10);
    if (!isdigit((unsigned char)*text) || *end)
        return pf_fail(err, PF_FORMAT,
                       "'%.40s' is not a whole number from 0 up%s", text,
                       pf_quotes_hint(text));
    if (errno || value > max)
        return pf_fail(err, PF_RANGE, "%.40s is above %llu", text,
                       (unsigned long long)max);
    *ret = value;
    return PF_OK;
}

enum pf_rc pf_parse_number(const char *text, double min, double max,
                           double *ret, struct pf_error *err)
{
    char *end;
    double value = strtod(text, &end);

    /* Only these characters: keeps out "inf", "nan", "0x1p3" and blanks. No
     * program here calls setlocale(), so strtod() reads a point. */
    if (text[strspn(text, "0123456789.eE+-")] || end == text || *end)
        return pf_fail(err, PF_FORMAT, "'%.40s' is not a number%s", text,
                       pf_quotes_hint(text));
    if (!(value >= min && value <= max)) /* written so that NaN fails, too */
        return pf_fail(err, PF_RANGE, "%.40s is not within %.15g to %.15g",
                       text, min, max);
    *ret = value;
    return PF_OK;
}

#define NAME_MAX_LENGTH 64 /* longer names are not compared */

/* The Levenshtein distance, row by row: how many changes, insertions and
 * deletions turn a into b. Both are at most NAME_MAX_LENGTH long. */
static size_t edit_distance(const char *a, const char *b)
{
    size_t row[NAME_MAX_LENGTH + 1];
    size_t b_len = strlen(b);

    for (size_t j = 0; j <= b_len; j++)
        row[j] = j;
    for (size_t i = 0; a[i]; i++) {
        size_t diagonal = row[0];

        row[0] = i + 1;
        for (size_t j = 0; j < b_len; j++) {
            size_t best = diagonal + (a[i] != b[j]);

            if (row[j] + 1 < best)
                best = row[j] + 1;
            if (row[j + 1] + 1 < best)
                best = row[j + 1] + 1;
            diagonal = row[j + 1];
            row[j + 1] = best;
        }
    }
    return row[b_len];
}

void pf_nearest_offer(struct pf_nearest *nearest, const char *name)
{
    size_t wanted_len = strlen(nearest->wanted);
    size_t distance;

    if (wanted_len > NAME_MAX_LENGTH || strlen(name) > NAME_MAX_LENGTH)
        return;
    distance = edit_distance(nearest->wanted, name);
    if (distance <= wanted_len / 3 && distance < nearest->distance) {
        nearest->distance = distance;
        nearest->found = name;
    }
}

const char *pf_nearest_hint(const struct pf_nearest *nearest, char *buf,
                            size_t size)
{
    *buf = '\0';
    if (nearest->found)
        snprintf(buf, size, "; did you mean '%s'?", nearest->found);
    return buf;
}

bool pf_is_secret(const char *name)
{
    static const char *const parts[] = {
        "password", "secret", "jaas", "ssl.key", ".pem", "token", "conninfo"};

    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (strcasestr(name, parts[i]) && !strstr(name, ".location"))
            return true;
    return false;
}

bool pf_name_ok(const void *name, size_t len, size_t max)
{
    static const char legal[] = "abcdefghijklmnopqrstuvwxyz"
                                "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
    const char *bytes = name;

    if (!bytes || !len || len > max)
        return false;
    for (size_t i = 0; i < len; i++)
        if (!memchr(legal, bytes[i], sizeof legal - 1))
            return false;
    return true;
}
