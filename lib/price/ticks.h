/* ticks.h - ticks (price.h) as text. */
#ifndef PF_TICKS_H
#define PF_TICKS_H

#include <stdint.h>

#include "buffer.h"

/** Append them as a number in JSON, with two decimals: -0.05, 12.30. */
void pf_ticks_put(struct pf_buffer *out, int64_t ticks);

#endif
