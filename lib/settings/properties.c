#include "properties.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct reader {
    FILE *in;
    const char *path;
    int line;  /* natural lines read so far */
    int begin; /* natural line where the logical line begins */
    size_t len;
    char text[PF_PROPERTIES_LINE_MAX + 1]; /* logical line, escapes kept */
};

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\f';
}

/* Get one byte, with CRLF and a lone CR as '\n'. EOF at the end. */
static int get(struct reader *r)
{
    int c = getc(r->in);

    if (c == '\r') {
        c = getc(r->in);
        if (c != '\n')
            ungetc(c, r->in);
        c = '\n';
    }
    return c;
}

static enum pf_rc append(struct reader *r, int c, struct pf_error *err)
{
    if (c == '\0')
        return pf_fail(err, PF_CONFIG, "a NUL byte; is this a text file?");
    if (r->len == PF_PROPERTIES_LINE_MAX)
        return pf_fail(err, PF_CONFIG, "a line of more than %d bytes",
                       PF_PROPERTIES_LINE_MAX);
    r->text[r->len++] = (char)c;
    return PF_OK;
}

/*
 * Read one logical line into r->text, without leading blanks, comments and
 * line continuations. Its length is 0 only at the end of the file: PF_END.
 */
static enum pf_rc read_line(struct reader *r, struct pf_error *err)
{
    bool comment = false, escaped = false, fresh = true;
    enum pf_rc rc;
    int c;

    r->len = 0;
    while ((c = get(r)) != EOF) {
        if (r->len == 0)
            r->begin = r->line + 1;
        if (c == '\n') {
            r->line++;
            if (r->len > 0 && !escaped)
                break;
            if (escaped) /* the backslash joins two lines */
                r->len--;
            comment = escaped = false;
            fresh = true;
            continue;
        }
        if (comment || (fresh && is_blank((char)c)))
            continue;
        if (fresh && r->len == 0 && (c == '#' || c == '!')) {
            comment = true;
            continue;
        }
        fresh = false;
        rc = append(r, c, err);
        if (rc)
            return rc;
        escaped = c == '\\' && !escaped;
    }
    if (c == EOF && ferror(r->in))
        return pf_fail(err, PF_IO, "%s", strerror(errno));
    if (escaped)
        r->len--; /* a continuation at the end of the file */
    r->text[r->len] = '\0';
    return r->len ? PF_OK : PF_END;
}

/* The value of four hexadecimal digits at text, or -1. */
static int hex4(const char *text)
{
    char digits[5];

    snprintf(digits, sizeof digits, "%.4s", text); /* not the whole line */
    if (strspn(digits, "0123456789abcdefABCDEF") != 4)
        return -1;
    return (int)strtol(digits, NULL, 16);
}

static size_t put_utf8(char *out, unsigned code)
{
    static const unsigned char leads[] = {0, 0xc0, 0xe0, 0xf0};
    size_t more = code < 0x80 ? 0 : code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;

    for (size_t i = more; i; i--, code >>= 6)
        out[i] = (char)(0x80 | (code & 0x3f));
    out[0] = (char)(leads[more] | code);
    return more + 1;
}

/*
 * The character of the escape whose u is at *in; leaves *in at its last digit.
 * Characters beyond \uffff are a pair of escapes. -1: not a character, or a
 * NUL, which would end the value early.
 */
static int escaped_character(const char **in)
{
    int code = hex4(*in + 1), low;

    if (code <= 0 || (code >= 0xdc00 && code <= 0xdfff))
        return -1;
    if (code < 0xd800 || code > 0xdfff) {
        *in += 4;
        return code;
    }
    if ((*in)[5] != '\\' || (*in)[6] != 'u')
        return -1;
    low = hex4(*in + 7);
    if (low < 0xdc00 || low > 0xdfff)
        return -1;
    *in += 10;
    return 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
}

/* Replace the escapes in text in place: the result is never longer. */
static enum pf_rc unescape(char *text, struct pf_error *err)
{
    static const char letters[] = "tnrf", meanings[] = "\t\n\r\f";
    char *out = text;

    for (const char *in = text; *in; in++) {
        const char *letter;
        int code;

        if (*in != '\\') {
            *out++ = *in;
            continue;
        }
        in++;
        if (!*in)
            break;
        if (*in != 'u') {
            letter = strchr(letters, *in);
            *out++ = letter ? meanings[letter - letters] : *in;
            continue;
        }
        code = escaped_character(&in);
        if (code < 0)
            return pf_fail(err, PF_CONFIG,
                           "\\u needs four hexadecimal digits that name a "
                           "character, not '%.4s'",
                           in + 1);
        out += put_utf8(out, (unsigned)code);
    }
    *out = '\0';
    return PF_OK;
}

/* Split r->text into name and value, and call put with them. */
static enum pf_rc put_property(struct reader *r, pf_property_fn *put,
                               void *context, struct pf_error *err)
{
    char *name = r->text, *value = r->text, *end, where[600];
    bool separated = false;
    enum pf_rc rc;

    while (*value && *value != '=' && *value != ':' && !is_blank(*value))
        value += *value == '\\' && value[1] ? 2 : 1;
    end = value;
    while (is_blank(*value))
        value++;
    if (*value == '=' || *value == ':') {
        separated = true;
        value++;
    }
    while (is_blank(*value))
        value++;
    *end = '\0';
    rc = unescape(name, err);
    if (!rc)
        rc = unescape(value, err);
    if (rc)
        return rc;
    if (!*name)
        return pf_fail(err, PF_CONFIG, "a value without a name");
    if (!*value && !separated)
        return pf_fail(err, PF_CONFIG, "'%.60s' has no value; write %.60s=...",
                       name, name);
    snprintf(where, sizeof where, "%s:%d", r->path, r->begin);
    return put(context, name, value, where, err);
}

static void skip_byte_order_mark(FILE *in)
{
    static const unsigned char mark[] = {0xef, 0xbb, 0xbf};

    for (size_t i = 0; i < sizeof mark; i++) {
        int c = getc(in);

        if (c != mark[i]) {
            /* Only the first byte can be pushed back; a file that begins
             * with part of a byte order mark is not text. At the end of the
             * file nothing is. */
            ungetc(c, in);
            return;
        }
    }
}

enum pf_rc pf_properties_read(const char *path, pf_property_fn *put,
                              void *context, struct pf_error *err)
{
    struct reader r = {.in = fopen(path, "re"), .path = path};
    enum pf_rc rc;

    if (!r.in)
        return pf_fail(err, PF_IO, "%s: %s", path, strerror(errno));
    skip_byte_order_mark(r.in);
    do {
        rc = read_line(&r, err);
        if (!rc)
            rc = put_property(&r, put, context, err);
    } while (!rc);
    fclose(r.in);

    if (rc == PF_END)
        return PF_OK;
    if (rc == PF_IO)
        return pf_fail_in(err, rc, "%s: ", path);
    return pf_fail_in(err, rc, "%s:%d: ", path, r.begin);
}
