/* headers.h - what our records say of themselves in their headers. */
#ifndef PF_HEADERS_H
#define PF_HEADERS_H

#include <stdbool.h>
#include <stddef.h>

#include "text.h"

/* The name of its run, its number there, counted from 0, and when it was made,
 * in nanoseconds since 1970; the two in decimal digits. A record without them
 * is the next one after the record before it. */
#define PF_HEADER_RUN "feed-run"
#define PF_HEADER_NUMBER "feed-seq"
#define PF_HEADER_TIME "feed-ts"

/** Bytes that hold the name of a run, closing NUL included. */
#define PF_RUN_SIZE 65

/** Whether these bytes are a run's name: 1 to 64 of [A-Za-z0-9._-]. */
static inline bool pf_run_name_ok(const void *name, size_t len)
{
    return pf_name_ok(name, len, PF_RUN_SIZE - 1);
}

#endif
