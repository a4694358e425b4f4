/* jq_check.h - settings of the filter whose work is written in jq: they are
 * checked by doing what they say, once. */
#ifndef PF_JQ_CHECK_H
#define PF_JQ_CHECK_H

#include "error.h"
#include "jq_conf.h"
#include "settings.h"

/**
 * Check what the options table cannot: read the programs and the lookups, and
 * compile them, which the filter then does not do again. With pure, there must
 * be no lookups, and programs must not use the clock. Warns of lookups that no
 * program mentions. What it makes is released by pf_jq_conf_release().
 *
 * PF_CONFIG  one of them is wrong; *err has the setting, and the file and line
 * PF_NOMEM   memory ran out
 */
enum pf_rc pf_jq_conf_check(struct pf_jq_conf *conf,
                            const struct pf_settings *settings,
                            struct pf_error *err);

/** No filter that uses it may be open. */
void pf_jq_conf_release(struct pf_jq_conf *conf);

#endif
