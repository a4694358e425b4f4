#include "lines.h"

#include <string.h>
#include <zlib.h>

void pf_lines_release(struct pf_lines *l)
{
    free(l->crcs.at);
    free(l->times.at);
    *l = (struct pf_lines){0};
}

enum pf_rc pf_lines_add(struct pf_lines *l, const char *bytes, size_t len,
                        int64_t now_ns, struct pf_error *err)
{
    while (len) {
        const char *end = memchr(bytes, '\n', len);
        size_t n = end ? (size_t)(end - bytes) : len;

        l->crc = (uint32_t)crc32_z(l->crc, (const void *)bytes, n);
        l->len += n;
        if (!end)
            return PF_OK;
        if (!PF_VEC_PUSH(&l->crcs, l->crc) ||
            (l->keep_times && !PF_VEC_PUSH(&l->times, now_ns)))
            return pf_fail(err, PF_NOMEM, "no memory for more than %zu lines",
                           l->crcs.n);
        l->crc = 0;
        l->len = 0;
        bytes += n + 1;
        len -= n + 1;
    }
    return PF_OK;
}
