#include "on_bad.h"

enum pf_rc pf_on_bad_check(enum pf_on_bad on_bad, const char *to,
                           struct pf_error *err)
{
    if (on_bad == PF_ON_BAD_DEAD_LETTER && !*to)
        return pf_fail(err, PF_CONFIG,
                       "dead-letter needs to know where records go");
    if (on_bad != PF_ON_BAD_DEAD_LETTER && *to)
        return pf_fail(err, PF_CONFIG, "it needs feed.on.bad = dead-letter");
    return PF_OK;
}
