/* on_bad.h - the setting feed.on.bad, which all programs that move records
 * have. */
#ifndef PF_ON_BAD_H
#define PF_ON_BAD_H

#include "error.h"
#include "options.h"
#include "refusal.h"

/** Its row for the options table of a struct type; member is an int, and gets
 * an enum pf_on_bad. */
#define PF_ON_BAD_OPTION(type, member, name, help) \
    PF_OPTION_CHOICE(type, member, name, "skip", "skip|stop|dead-letter", help)

/**
 * Check that there is a place for dead letters if there will be some, and none
 * if not: to, the setting feed.dead.letters.
 *
 * PF_CONFIG  it is missing, or of no use
 */
enum pf_rc pf_on_bad_check(enum pf_on_bad on_bad, const char *to,
                           struct pf_error *err);

#endif
