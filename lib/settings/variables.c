#include "variables.h"

#include <string.h>

#include "log.h"
#include "text.h"

/* Do the len bytes at text end in suffix? */
static bool ends_in(const char *text, size_t len, const char *suffix)
{
    size_t suffix_len = strlen(suffix);

    return len > suffix_len &&
           !memcmp(text + len - suffix_len, suffix, suffix_len);
}

/* The length of a protocol's name at text, in either case; 0: none. */
static size_t protocol_at(const char *text)
{
    static const char *const protocols[] = {"tcp", "udp", "sctp"};

    for (size_t i = 0; i < sizeof protocols / sizeof *protocols; i++)
        if (!strncasecmp(text, protocols[i], strlen(protocols[i])))
            return strlen(protocols[i]);
    return 0;
}

/* Do the len bytes at name have "_PORT_9092_TCP" in them, with or without a
 * suffix? */
static bool has_port_and_protocol(const char *name, size_t len)
{
    static const char infix[] = "_PORT_";
    const char *end = name + len, *c = name;
    size_t protocol;

    while ((c = memmem(c, (size_t)(end - c), infix, sizeof infix - 1))) {
        const char *digits = c += sizeof infix - 1;

        c += strspn(c, "0123456789");
        if (c == digits || *c != '_')
            continue;
        protocol = protocol_at(c + 1);
        if (protocol && strchr("_=", c[1 + protocol]))
            return true;
    }
    return false;
}

bool pf_is_link_variable(const char *variable)
{
    size_t len = strcspn(variable, "=");
    const char *value = variable + len + (variable[len] == '=');
    size_t protocol = protocol_at(value);
    char text[60];

    if (ends_in(variable, len, "_PORT") && protocol &&
        !strncmp(value + protocol, "://", 3)) {
        pf_log(PF_LOG_WARNING,
               "environment %.*s: ignored: %s is what Kubernetes and Docker "
               "set for a service of that name",
               (int)len, variable,
               pf_escape(text, sizeof text, value, strlen(value)));
        return true;
    }
    return ends_in(variable, len, "_SERVICE_HOST") ||
           ends_in(variable, len, "_SERVICE_PORT") ||
           memmem(variable, len, "_SERVICE_PORT_", 14) ||
           has_port_and_protocol(variable, len);
}
