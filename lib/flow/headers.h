/* headers.h - the headers of our records. */
#ifndef PF_HEADERS_H
#define PF_HEADERS_H

#include <stdbool.h>
#include <stddef.h>

#include "text.h"

/* The name of the record's run; its number in the run, counted from 0; and when
 * it was made, in nanoseconds since 1970. The last two are decimal digits. The
 * number of a record without headers is one more than its predecessor's. */
#define PF_HEADER_RUN "feed-run"
#define PF_HEADER_NUMBER "feed-seq"
#define PF_HEADER_TIME "feed-ts"

/** Buffer size for the name of a run, closing NUL included. */
#define PF_RUN_SIZE 65

/** True if these bytes are a legal name of a run: 1 to 64 of [A-Za-z0-9._-]. */
static inline bool pf_run_name_ok(const void *name, size_t len)
{
    return pf_name_ok(name, len, PF_RUN_SIZE - 1);
}

#endif
