#include "utf8.h"

int32_t pf_utf8_decode(const char *text, size_t len, size_t *ret_size)
{
    static const int32_t least[] = {0, 0x80, 0x800, 0x10000};
    const unsigned char *in = (const unsigned char *)text;
    size_t more = in[0] < 0x80 ? 0 : in[0] < 0xe0 ? 1 : in[0] < 0xf0 ? 2 : 3;
    int32_t code = more ? in[0] & (0x3f >> more) : in[0];

    *ret_size = 1;
    if (in[0] > 0xf4 || (in[0] >= 0x80 && in[0] < 0xc2))
        return PF_UTF8_BAD;
    for (size_t i = 1; i <= more; i++) {
        if (i == len) {
            *ret_size = len;
            return PF_UTF8_CUT;
        }
        if ((in[i] & 0xc0) != 0x80)
            return PF_UTF8_BAD;
        code = code << 6 | (in[i] & 0x3f);
    }
    if (code < least[more] || code > 0x10ffff ||
        (code >= 0xd800 && code <= 0xdfff))
        return PF_UTF8_BAD;
    *ret_size = more + 1;
    return code;
}

bool pf_utf8_is_text(const char *bytes, size_t len)
{
    size_t size;

    for (size_t at = 0; at < len; at += size) {
        unsigned char byte = (unsigned char)bytes[at];

        size = 1;
        if ((!byte || byte >= 0x80) &&
            pf_utf8_decode(bytes + at, len - at, &size) <= 0)
            return false;
    }
    return true;
}

bool pf_utf8_is_shown(int32_t code)
{
    if (code < 0x20 || (code >= 0x7f && code < 0xa0)) /* C0, DEL and C1 */
        return false;
    /* Marks that turn the direction, separators of lines and paragraphs, marks
     * of the byte order, and what is never a character. */
    return code != 0x061c && !(code >= 0x200e && code <= 0x200f) &&
           !(code >= 0x2028 && code <= 0x202e) &&
           !(code >= 0x2066 && code <= 0x2069) && code != 0xfeff &&
           (code & 0xfffe) != 0xfffe;
}
