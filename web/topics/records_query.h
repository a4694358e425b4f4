/* records_query.h - which records of a topic are asked for. */
#ifndef PF_WEB_RECORDS_QUERY_H
#define PF_WEB_RECORDS_QUERY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "http.h"

/** Where a list begins. */
enum web_from { WEB_NEWEST, WEB_OLDEST, WEB_OFFSET, WEB_TIME };

/** A query. Its texts are borrowed from the request. */
struct web_records_query {
    enum web_from from;
    int64_t at;        /* the offset; or the time, in milliseconds since 1970 */
    int32_t partition; /* -1: all */
    size_t limit;
    const char *text; /* NULL: any record */
    const char *jq;   /* an expression; NULL: any record */
    const char *next; /* NULL: it begins */
};

/** False: a parameter is wrong, and *reply says which. */
bool web_records_query(const struct pf_http_request *request,
                       struct pf_http_reply *reply,
                       struct web_records_query *ret);

/** Part number part of the request's path as a whole number from 0 to max.
 * False: it is none, and *reply says so. */
bool web_path_number(const struct pf_http_request *request, size_t part,
                     int64_t max, struct pf_http_reply *reply, int64_t *ret);

#endif
