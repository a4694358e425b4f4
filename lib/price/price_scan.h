/* price_scan.h - a look over JSON text for what json-c lets through. */
#ifndef PF_PRICE_SCAN_H
#define PF_PRICE_SCAN_H

#include <stddef.h>

#include "error.h"
#include "price.h"

/** Brackets within brackets: json-c's own default; a price needs one. */
#define PF_PRICE_DEPTH_MAX 32

/** Put a sentence into *err (which may be NULL) and return refusal. */
static inline enum pf_price_refusal
pf_price_refuse(struct pf_error *err, enum pf_price_refusal refusal,
                const char *text)
{
    pf_fail(err, PF_FORMAT, "%s", text);
    return refusal;
}

/**
 * Look over the len bytes at json before json-c parses them. *ret_names is
 * how many members the object has, those of the same name counted each.
 *
 * PF_REFUSED_NONE  nothing is wrong that json-c would not find
 * other            why it is no price; *ret_names is left alone
 */
enum pf_price_refusal pf_price_scan(const char *json, size_t len,
                                    int *ret_names, struct pf_error *err);

#endif
