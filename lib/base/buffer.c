#include "buffer.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"
#include "vec.h"

void pf_buffer_release(struct pf_buffer *buffer)
{
    free(buffer->at);
    *buffer = (struct pf_buffer){0};
}

static void fail(struct pf_buffer *buffer)
{
    pf_buffer_release(buffer);
    buffer->failed = true;
}

/* Room for n more bytes. */
static bool room(struct pf_buffer *buffer, size_t n)
{
    if (buffer->failed)
        return false;
    if (pf_vec_room((void **)&buffer->at, &buffer->size, buffer->n + n, 1))
        return true;
    fail(buffer);
    return false;
}

void pf_buffer_put(struct pf_buffer *buffer, const void *bytes, size_t n)
{
    if (!n || !room(buffer, n))
        return;
    memcpy(buffer->at + buffer->n, bytes, n);
    buffer->n += n;
}

void pf_buffer_text(struct pf_buffer *buffer, const char *text)
{
    pf_buffer_put(buffer, text, strlen(text));
}

void pf_buffer_escape(struct pf_buffer *buffer, const void *bytes, size_t n,
                      size_t most)
{
    size_t size = (n < most / 4 ? 4 * n : most) + 1; /* a byte becomes \xNN */

    if (!n || !room(buffer, size))
        return;
    pf_escape(buffer->at + buffer->n, size, bytes, n);
    buffer->n += strlen(buffer->at + buffer->n);
}

void pf_buffer_printf(struct pf_buffer *buffer, const char *fmt, ...)
{
    va_list list;
    int n;

    va_start(list, fmt);
    n = vsnprintf(NULL, 0, fmt, list);
    va_end(list);
    if (n < 0) {
        fail(buffer);
        return;
    }
    if (!room(buffer, (size_t)n + 1))
        return;
    va_start(list, fmt);
    vsnprintf(buffer->at + buffer->n, (size_t)n + 1, fmt, list);
    va_end(list);
    buffer->n += (size_t)n;
}
