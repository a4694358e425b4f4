#include "records_query.h"

#include <string.h>

#include "event_time.h"
#include "text.h"

#define LIMIT 50
#define LIMIT_MAX 200

static bool parse_from(const char *from, struct pf_http_reply *reply,
                       struct web_records_query *ret)
{
    struct pf_error err;
    int64_t us;

    if (!from || !strcmp(from, "newest")) {
        ret->from = WEB_NEWEST;
    } else if (!strcmp(from, "oldest")) {
        ret->from = WEB_OLDEST;
    } else if (*from && from[strspn(from, "0123456789")] == '\0') {
        ret->from = WEB_OFFSET;
        if (pf_parse_int(from, 0, INT64_MAX, &ret->at, &err)) {
            pf_http_refuse(reply, 400, "from: %s", err.text);
            return false;
        }
    } else if (strchr(from, ':') &&
               !pf_time_parse(from, strlen(from), &us, NULL)) {
        ret->from = WEB_TIME;
        ret->at = us > 0 ? us / 1000 : 0;
    } else {
        pf_http_refuse(reply, 400,
                       "from: '%.60s' is not newest, oldest, an offset, or a "
                       "time such as 2026-11-02T09:00:00Z",
                       from);
        return false;
    }
    return true;
}

static const char *unless_empty(const char *text)
{
    return text && *text ? text : NULL;
}

bool web_records_query(const struct pf_http_request *request,
                       struct pf_http_reply *reply,
                       struct web_records_query *ret)
{
    struct web_records_query query = {
        .text = pf_http_query(request, "text"),
        .jq = pf_http_query(request, "jq"),
        .next = pf_http_query(request, "next"),
    };
    int64_t partition = -1, limit = LIMIT;

    if (!parse_from(pf_http_query(request, "from"), reply, &query) ||
        !pf_http_query_number(request, "partition", 0, INT32_MAX, reply,
                              &partition) ||
        !pf_http_query_number(request, "limit", 1, LIMIT_MAX, reply, &limit))
        return false;
    query.text = unless_empty(query.text);
    query.jq = unless_empty(query.jq);
    query.next = unless_empty(query.next);
    query.partition = (int32_t)partition;
    query.limit = (size_t)limit;
    *ret = query;
    return true;
}

bool web_path_number(const struct pf_http_request *request, size_t part,
                     int64_t max, struct pf_http_reply *reply, int64_t *ret)
{
    struct pf_error err;

    if (!pf_parse_int(pf_http_part(request, part), 0, max, ret, &err))
        return true;
    pf_http_refuse(reply, 400, "%s", err.text);
    return false;
}
