#include "listeners.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "text.h"

struct pf_listener *pf_listeners_find(struct pf_listeners *listeners,
                                      const char *name)
{
    for (size_t i = 0; i < listeners->n; i++)
        if (!strcmp(listeners->list[i].name, name))
            return &listeners->list[i];
    return NULL;
}

enum pf_rc pf_listeners_add(struct pf_listeners *listeners, const char *name,
                            const char *host, int port, struct pf_error *err)
{
    struct pf_listener *l = &listeners->list[listeners->n];

    if (listeners->n == PF_LISTENERS_MAX)
        return pf_fail(err, PF_CONFIG, "more than %d listeners",
                       PF_LISTENERS_MAX);
    snprintf(l->name, sizeof l->name, "%s", name);
    snprintf(l->host, sizeof l->host, "%s", host);
    l->port = port;
    listeners->n++;
    return PF_OK;
}

/* Add the listener that element, which may be changed, describes. */
static enum pf_rc parse_one(char *element, struct pf_listeners *ret,
                            struct pf_error *err)
{
    char *slashes = strstr(element, "://");
    char host[PF_HOST_SIZE];
    int port;
    enum pf_rc rc;

    if (!slashes || slashes == element || slashes - element >= 64)
        return pf_fail(err, PF_CONFIG, "'%.80s' is not NAME://host:port",
                       element);
    *slashes = '\0';
    for (char *c = element; *c; c++)
        *c = (char)toupper((unsigned char)*c);
    if (pf_listeners_find(ret, element))
        return pf_fail(err, PF_CONFIG, "'%s' occurs twice", element);
    rc = pf_parse_address(slashes + 3, host, &port, err);
    if (!rc)
        rc = pf_listeners_add(ret, element, host, port, err);
    return rc;
}

enum pf_rc pf_listeners_parse(const char *text, struct pf_listeners *ret,
                              struct pf_error *err)
{
    char *copy = strdup(text), *rest = copy, *element;
    enum pf_rc rc = PF_OK;

    ret->n = 0;
    if (!copy)
        return pf_fail(err, PF_NOMEM, "out of memory");
    while (!rc && (element = strsep(&rest, ",")))
        rc = parse_one(pf_trim(element), ret, err);
    free(copy);
    return rc;
}

struct pf_listeners_text
pf_listeners_format(const struct pf_listeners *listeners)
{
    struct pf_listeners_text ret = {""};
    size_t used = 0;

    for (size_t i = 0; i < listeners->n; i++) {
        const struct pf_listener *l = &listeners->list[i];

        used += (size_t)snprintf(ret.text + used, sizeof ret.text - used,
                                 strchr(l->host, ':') ? "%s%s://[%s]:%d"
                                                      : "%s%s://%s:%d",
                                 i ? "," : "", l->name, l->host, l->port);
    }
    return ret;
}

const char *pf_listeners_protocol(const char *map, const char *name,
                                  size_t *ret_len)
{
    size_t name_len = strlen(name);

    while (*map) {
        const char *entry = map += strspn(map, ", \t");

        map += strcspn(map, ",");
        if (strncasecmp(entry, name, name_len) != 0)
            continue;
        entry += name_len;
        entry += strspn(entry, " \t");
        if (*entry != ':')
            continue;
        entry++;
        entry += strspn(entry, " \t");
        *ret_len = strcspn(entry, ", \t");
        return entry;
    }
    return NULL;
}
