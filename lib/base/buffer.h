/* buffer.h - bytes that grow. */
#ifndef PF_BUFFER_H
#define PF_BUFFER_H

#include <stdbool.h>
#include <stddef.h>

/**
 * Bytes that are put one after the other. All zero: empty. When memory runs out
 * it is failed, has nothing, and takes nothing more: check that once, at the
 * end.
 */
struct pf_buffer {
    char *at;
    size_t n, size; /* bytes: used, and there is room for */
    bool failed;
};

/** Free what it has; it is empty again. */
void pf_buffer_release(struct pf_buffer *buffer);

/** Append n bytes. */
void pf_buffer_put(struct pf_buffer *buffer, const void *bytes, size_t n);

/** Append a text, without its NUL. */
void pf_buffer_text(struct pf_buffer *buffer, const char *text);

/** Append n bytes as pf_escape() writes them, most characters of it at most: 4
 * or more. */
void pf_buffer_escape(struct pf_buffer *buffer, const void *bytes, size_t n,
                      size_t most);

/** Append as printf(3) does. */
void pf_buffer_printf(struct pf_buffer *buffer, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

#endif
