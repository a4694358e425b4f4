/* value_filter.h - a filter that passes values as they are, fit for a console.
 */
#ifndef PF_VALUE_FILTER_H
#define PF_VALUE_FILTER_H

#include "error.h"
#include "filter.h"

/**
 * Pass each record with its value as pf_escape() writes it, all of it. One
 * without a value, a tombstone, is refused.
 *
 * PF_NOMEM  memory ran out
 */
enum pf_rc pf_value_filter_open(struct pf_filter **ret, struct pf_error *err);

#endif
