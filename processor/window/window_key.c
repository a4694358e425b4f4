#include "window_key.h"

#include <string.h>

#include "json_scan.h"
#include "utf8.h"

/* What one byte can become: \u001b or \ufffd. */
#define ESCAPED_MAX 6

static enum pf_rc too_long(size_t len, struct pf_error *err)
{
    return pf_fail(err, PF_RANGE,
                   "its key has %zu bytes, and a window's has up to %d", len,
                   PF_WINDOW_KEY_MAX);
}

enum pf_rc pf_window_key_of_record(const struct pf_record *record,
                                   struct pf_window_key *ret,
                                   struct pf_error *err)
{
    if (record->key_len > PF_WINDOW_KEY_MAX)
        return too_long(record->key_len, err);
    ret->kind = record->key ? PF_WINDOW_KEY_TEXT : PF_WINDOW_KEY_NONE;
    ret->at = record->key;
    ret->len = record->key ? record->key_len : 0;
    return PF_OK;
}

/* The number that the four digits at text are, which are hexadecimal. */
static int32_t unit(const char *text)
{
    int32_t value = 0;

    for (int i = 0; i < 4; i++) {
        char c = text[i];

        value = value * 16 + (c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
    }
    return value;
}

/* Write a character to *at as UTF-8, and move that on. */
static void put_code(char **at, int32_t code)
{
    static const unsigned char first[] = {0, 0, 0xc0, 0xe0, 0xf0};
    int n = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;

    for (int i = n; --i;) {
        (*at)[i] = (char)(0x80 | (code & 0x3f));
        code >>= 6;
    }
    **at = (char)(first[n] | code);
    *at += n;
}

/* The character of the \u at *text, whose digits are good; moves *text behind
 * it. -1: it is half of a surrogate pair. */
static int32_t read_code(const char **text, const char *end)
{
    int32_t code = unit(*text + 2), low;

    *text += 6;
    if (code < 0xd800 || code > 0xdfff)
        return code;
    if (code > 0xdbff || end - *text < 6 || memcmp(*text, "\\u", 2) != 0)
        return -1;
    low = unit(*text + 2);
    *text += 6;
    return low < 0xdc00 || low > 0xdfff
               ? -1
               : 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
}

/* Decode the escapes of a string: the result is not longer. */
static enum pf_rc unescape(const char *text, size_t len, char *room,
                           size_t *ret_len, struct pf_error *err)
{
    static const char names[] = "bfnrt", bytes[] = "\b\f\n\r\t";
    const char *end = text + len;
    char *at = room;

    while (text < end) {
        const char *name;

        if (*text != '\\') {
            *at++ = *text++;
        } else if (text[1] == 'u') {
            int32_t code = read_code(&text, end);

            if (code < 0)
                return pf_fail(err, PF_FORMAT,
                               "its key has half of a surrogate pair");
            put_code(&at, code);
        } else {
            name = strchr(names, text[1]);
            *at++ = name ? bytes[name - names] : text[1];
            text += 2;
        }
    }
    *ret_len = (size_t)(at - room);
    return PF_OK;
}

enum pf_rc pf_window_key_of_member(const struct pf_json_find *find, char *room,
                                   struct pf_window_key *ret,
                                   struct pf_error *err)
{
    struct pf_window_key key = {
        .kind = PF_WINDOW_KEY_JSON, .at = find->at, .len = find->len};
    enum pf_rc rc = PF_OK;

    if (!find->at)
        return pf_fail(err, PF_FORMAT, "it has no %s, which is the key",
                       find->path);
    if (strchr("n{[", *find->at))
        return pf_fail(err, PF_FORMAT,
                       "%s is null, an object or an array, and cannot be a key",
                       find->path);
    if (*find->at == '"') {
        key.kind = PF_WINDOW_KEY_TEXT;
        key.at++;
        key.len -= 2;
    }
    if (key.len > PF_WINDOW_KEY_MAX)
        return too_long(key.len, err);
    if (key.kind == PF_WINDOW_KEY_TEXT && memchr(key.at, '\\', key.len)) {
        rc = unescape(key.at, key.len, room, &key.len, err);
        key.at = room;
    }
    if (!rc)
        *ret = key;
    return rc;
}

size_t pf_window_key_room(const struct pf_window_key *key)
{
    return key->len * ESCAPED_MAX + sizeof "null";
}

/* Write a byte of a string that does not stand for itself, or does. */
static char *put_byte(char *at, unsigned char byte)
{
    static const char digits[] = "0123456789abcdef";

    if (byte < 0x20) {
        memcpy(at, "\\u00", 4);
        at[4] = digits[byte >> 4];
        at[5] = digits[byte & 15];
        return at + ESCAPED_MAX;
    }
    if (byte == '"' || byte == '\\')
        *at++ = '\\';
    *at++ = (char)byte;
    return at;
}

static char *put_string(char *at, const char *text, size_t len)
{
    *at++ = '"';
    while (len) {
        size_t size;
        int32_t code = pf_utf8_decode(text, len, &size);

        if (code < 0) {
            memcpy(at, "\\ufffd", ESCAPED_MAX);
            at += ESCAPED_MAX;
        } else if (code < 0x80) {
            at = put_byte(at, (unsigned char)code);
        } else {
            memcpy(at, text, size);
            at += size;
        }
        text += size;
        len -= size;
    }
    *at++ = '"';
    return at;
}

size_t pf_window_key_put(char *buf, const struct pf_window_key *key, bool json)
{
    if (key->kind == PF_WINDOW_KEY_NONE) {
        memcpy(buf, "null", 4);
        return 4;
    }
    if (key->kind == PF_WINDOW_KEY_JSON ||
        (json && !pf_json_scan(key->at, key->len, NULL, 0, NULL))) {
        memcpy(buf, key->at, key->len);
        return key->len;
    }
    return (size_t)(put_string(buf, key->at, key->len) - buf);
}
