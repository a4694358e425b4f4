/* moment.h - moments as settings name them. */
#ifndef PF_MOMENT_H
#define PF_MOMENT_H

#include <stdbool.h>
#include <stdint.h>

#include "error.h"

/**
 * The moment that a setting names: `now`, `now-7d` (or with h, m, s) counted
 * from now_us, a century at most, or a time as recordings have it.
 * *ret_from_now: it was one of the former.
 *
 * PF_FORMAT  it is none of these
 */
enum pf_rc pf_moment_parse(const char *text, int64_t now_us, int64_t *ret_us,
                           bool *ret_from_now, struct pf_error *err);

#endif
