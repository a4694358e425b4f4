#include "ticks.h"

#include <inttypes.h>

#include "price.h"

void pf_ticks_put(struct pf_buffer *out, int64_t ticks)
{
    int64_t size = ticks < 0 ? -ticks : ticks;

    pf_buffer_printf(out, "%s%" PRId64 ".%02d", ticks < 0 ? "-" : "",
                     size / PF_TICKS_PER_UNIT, (int)(size % PF_TICKS_PER_UNIT));
}
