/* Any bytes as a file: what is unpacked, and how it ends, is the same however
 * it is asked for, and again after a rewind. */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "input.h"
#include "log.h"

#define OUT_MAX 300000 /* a few bytes can become many */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds)
        abort();
}

struct outcome {
    enum pf_rc rc;
    struct pf_error err;
    size_t len;
    char bytes[OUT_MAX];
};

static void read_all(struct pf_input *in, size_t piece, struct outcome *ret)
{
    ret->len = 0;
    ret->rc = PF_OK;
    while (!ret->rc && ret->len < OUT_MAX) {
        size_t room = OUT_MAX - ret->len, len;

        ret->rc = pf_input_read(in, 0, ret->bytes + ret->len,
                                piece < room ? piece : room, &len, &ret->err);
        if (!ret->rc)
            must(len > 0 && len <= piece);
        ret->len += len;
    }
}

/* How much of damaged data is unpacked is the library's business, and zstd sees
 * some damage only where it has room for a whole frame. What is not damaged in
 * either way is the same in both. */
static void must_be_same(const struct outcome *a, const struct outcome *b)
{
    size_t len = a->len < b->len ? a->len : b->len;

    must(a->rc == PF_OK || a->rc == PF_END || a->rc == PF_FORMAT ||
         a->rc == PF_CONFIG);
    if (a->rc != PF_FORMAT && b->rc != PF_FORMAT)
        must(a->rc == b->rc && a->len == b->len);
    must(!memcmp(a->bytes, b->bytes, len));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct outcome whole, pieces;
    struct pf_input *in;
    char path[40];
    int fd = memfd_create("input", 0);

    pf_log_init("fuzz", PF_LOG_ERROR);
    must(fd >= 0 && write(fd, data, size) == (ssize_t)size);
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    must(pf_input_open(path, &in, NULL) == PF_OK);
    read_all(in, OUT_MAX, &whole);
    must(pf_input_rewind(in, NULL) == PF_OK);
    read_all(in, 512 + size % 1000, &pieces); /* enough to tell a form */
    must_be_same(&whole, &pieces);
    pf_input_close(in);
    close(fd);
    return 0;
}
