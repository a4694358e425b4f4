#include "places.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
        .tls = from_environment("FEED_TLS_DIR", NULL),
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

int pf_glob_in(const char *dir, const char *pattern, glob_t *ret)
{
    struct pf_path path;
    size_t used = 0;

    for (; *dir && used + 3 < sizeof path.text; dir++) {
        if (strchr("*?[]\\", *dir))
            path.text[used++] = '\\';
        path.text[used++] = *dir;
    }
    snprintf(path.text + used, sizeof path.text - used, "/%s", pattern);
    return glob(path.text, 0, NULL, ret);
}
