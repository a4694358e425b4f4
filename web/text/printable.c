#include "printable.h"

#include "utf8.h"

void web_printable(struct pf_buffer *to, const char *bytes, size_t n)
{
    size_t size, plain = 0; /* plain: bytes before i that go as they are */

    for (size_t i = 0; i < n; i += size) {
        int32_t code = pf_utf8_decode(bytes + i, n - i, &size);

        if (code == '\t' || pf_utf8_is_shown(code)) {
            plain += size;
            continue;
        }
        pf_buffer_put(to, bytes + i - plain, plain);
        plain = 0;
        for (size_t j = 0; j < size; j++)
            pf_buffer_printf(to, "\\x%02x", (unsigned char)bytes[i + j]);
    }
    pf_buffer_put(to, bytes + n - plain, plain);
}
