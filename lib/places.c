#include "places.h"

#include <stdio.h>
#include <stdlib.h>

static const char *from_environment(const char *name, const char *initial)
{
    const char *value = getenv(name);

    return value && *value ? value : initial;
}

struct pf_places pf_places_get(void)
{
    return (struct pf_places){
        .home = from_environment("PF_HOME", PF_PREFIX "/share/pricefeed"),
        .config = from_environment("PF_CONFIG", PF_SYSCONFDIR "/pricefeed"),
        .data = from_environment("PF_DATA", "/var/lib/pricefeed"),
        .run = from_environment("PF_RUN", "/run/pricefeed"),
    };
}

struct pf_path pf_path_in(const char *dir, const char *name)
{
    struct pf_path path;

    if (*name == '/')
        snprintf(path.text, sizeof path.text, "%s", name);
    else
        snprintf(path.text, sizeof path.text, "%s/%s", dir, name);
    return path;
}
