#include "known_names.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"

static enum pf_rc add(struct pf_known_names *names, const char *name)
{
    if (names->n == names->size) {
        size_t size = names->size ? names->size * 2 : 256;
        char **list = reallocarray(names->list, size, sizeof *list);

        if (!list)
            return PF_NOMEM;
        names->list = list;
        names->size = size;
    }
    names->list[names->n] = strdup(name);
    if (!names->list[names->n])
        return PF_NOMEM;
    names->n++;
    return PF_OK;
}

enum pf_rc pf_known_names_read(const char *path, struct pf_known_names *ret,
                               struct pf_error *err)
{
    FILE *in = fopen(path, "re");
    char line[256];
    enum pf_rc rc = PF_OK;

    if (!in)
        return pf_fail(err, PF_IO, "%s: %s", path, strerror(errno));
    while (!rc && fgets(line, sizeof line, in)) {
        line[strcspn(line, "\r\n")] = '\0';
        if (*line)
            rc = add(ret, line);
    }
    if (rc)
        pf_fail(err, rc, "%s: out of memory", path);
    else if (ferror(in))
        rc = pf_fail(err, PF_IO, "%s: %s", path, strerror(errno));
    fclose(in);
    return rc;
}

void pf_known_names_release(struct pf_known_names *names)
{
    for (size_t i = 0; i < names->n; i++)
        free(names->list[i]);
    free(names->list);
    *names = (struct pf_known_names){0};
}

bool pf_is_known_name(const struct pf_known_names *names, const char *name)
{
    for (size_t i = 0; i < names->n; i++) {
        const char *known = names->list[i];
        size_t len = strlen(known);

        if (!strcmp(known, name) ||
            (known[len - 1] == '.' && !strncmp(known, name, len)))
            return true;
    }
    return false;
}

/* Compare without regard to capitals and dots. */
static bool is_alike(const char *a, const char *b)
{
    for (;; a++, b++) {
        while (*a == '.')
            a++;
        while (*b == '.')
            b++;
        if (tolower((unsigned char)*a) != tolower((unsigned char)*b))
            return false;
        if (!*a)
            return true;
    }
}

const char *pf_known_name_like(const struct pf_known_names *names,
                               const char *name)
{
    for (size_t i = 0; i < names->n; i++)
        if (is_alike(names->list[i], name))
            return names->list[i];
    return NULL;
}

const char *pf_known_name_hint(const struct pf_known_names *names,
                               const char *name, char *buf, size_t size)
{
    struct pf_nearest nearest = pf_nearest_init(name);

    for (size_t i = 0; i < names->n; i++)
        pf_nearest_offer(&nearest, names->list[i]);
    return pf_nearest_hint(&nearest, buf, size);
}
