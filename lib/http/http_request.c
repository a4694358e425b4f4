/* What routes ask of a request. */
#include <string.h>

#include "http_server.h"
#include "text.h"

const char *pf_http_part(const struct pf_http_request *r, size_t n)
{
    return r->parts[n];
}

const char *pf_http_path(const struct pf_http_request *r)
{
    return r->path;
}

const char *pf_http_query(const struct pf_http_request *r, const char *name)
{
    return MHD_lookup_connection_value(r->connection, MHD_GET_ARGUMENT_KIND,
                                       name);
}

/* Who looks at the parameters. */
struct look {
    pf_http_look *look;
    void *context;
    bool wants_more;
};

static enum MHD_Result look_at(void *context, enum MHD_ValueKind kind,
                               const char *name, size_t name_size,
                               const char *value, size_t value_size)
{
    struct look *look = context;

    (void)kind;
    if (!name_size && !value)
        return MHD_YES; /* there is nothing between two & */
    look->wants_more = !memchr(name, '\0', name_size) &&
                       (!value || !memchr(value, '\0', value_size)) &&
                       look->look(look->context, name, value ? value : "");
    return look->wants_more ? MHD_YES : MHD_NO;
}

bool pf_http_queries(const struct pf_http_request *r, pf_http_look *look,
                     void *context)
{
    struct look all = {look, context, true};

    MHD_get_connection_values_n(r->connection, MHD_GET_ARGUMENT_KIND, look_at,
                                &all);
    return all.wants_more;
}

const char *pf_http_header(const struct pf_http_request *r, const char *name)
{
    return MHD_lookup_connection_value(r->connection, MHD_HEADER_KIND, name);
}

bool pf_http_is_ending(const struct pf_http_request *r)
{
    return atomic_load(&r->http->is_ending);
}

bool pf_http_query_number(const struct pf_http_request *request,
                          const char *name, int64_t min, int64_t max,
                          struct pf_http_reply *reply, int64_t *ret)
{
    const char *text = pf_http_query(request, name);
    struct pf_error err;

    if (!text || !pf_parse_int(text, min, max, ret, &err))
        return true;
    pf_http_refuse(reply, 400, "%s: %s", name, err.text);
    return false;
}
