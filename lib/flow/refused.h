/* refused.h - what is said of records that cannot be used. */
#ifndef PF_REFUSED_H
#define PF_REFUSED_H

#include "error.h"
#include "log.h"
#include "refusal.h"
#include "stats.h"

/** The policy for them, and where they are counted. All is the caller's. */
struct pf_refused {
    enum pf_on_bad on_bad;
    const char *dead_letters_in; /* with PF_ON_BAD_DEAD_LETTER */
    struct pf_stats *stats;      /* its table begins with PF_PUMP_METRIC_ROWS */
    struct pf_log_limit log_limit;
};

/** Count a refused record after which the run goes on; log (rate-limited) what
 * is wrong with it, how it begins, and where it is now. */
void pf_refused_tell(struct pf_refused *refused,
                     const struct pf_refusal *refusal);

/** Count one that ends the run: PF_FORMAT. */
enum pf_rc pf_refused_stop(struct pf_refused *refused,
                           const struct pf_refusal *refusal,
                           struct pf_error *err);

#endif
