/* record_match.h - is a record one of those that are looked for? */
#ifndef PF_WEB_RECORD_MATCH_H
#define PF_WEB_RECORD_MATCH_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "error.h"
#include "record.h"
#include "where.h"

/** What is looked for, and what came of it. All zero: any record. */
struct web_match {
    const char *text; /* these bytes in it, borrowed; NULL: any */
    size_t text_len;
    struct web_where *where; /* it is true of it; borrowed; NULL: any */

    /* Those of which where could not say whether it is true: how many, and the
     * first of them. */
    int64_t n_unsaid;
    int32_t unsaid_partition;
    int64_t unsaid_offset;
    struct pf_error unsaid_why;

    bool failed; /* it can say no more, for failure */
    struct pf_error failure;
};

/** Is it? A record of which where cannot say is not. */
bool web_match(struct web_match *match, const struct pf_record *record);

/** Those of which where cannot say, as the API has it; NULL, which is JSON's
 * null: there are none. */
struct json_object *web_match_json(const struct web_match *match);

#endif
