#include "known_names.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "text.h"
#include "vec.h"

/* A type of settings that has few values. */
struct pf_name_type {
    const char *word;
    int64_t min, max; /* of a number; both 0: true or false */
};

static const struct pf_name_type types[] = {
    {"SHORT", INT16_MIN, INT16_MAX},
    {"INT", INT32_MIN, INT32_MAX},
    {"LONG", INT64_MIN, INT64_MAX},
    {"BOOLEAN", 0, 0},
};

/* Add the line "NAME" or "NAME TYPE", which is split in place. */
static enum pf_rc add(struct pf_known_names *names, char *line)
{
    struct pf_known_name known = {.text = strdup(strsep(&line, " "))};

    for (size_t i = 0; line && i < sizeof types / sizeof *types; i++)
        if (!strcmp(types[i].word, line))
            known.type = &types[i];
    if (known.text && PF_VEC_PUSH(names, known))
        return PF_OK;
    free(known.text);
    return PF_NOMEM;
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
        free(names->at[i].text);
    free(names->at);
    *names = (struct pf_known_names){0};
}

const struct pf_known_name *
pf_known_name_find(const struct pf_known_names *names, const char *name)
{
    for (size_t i = 0; i < names->n; i++) {
        const char *known = names->at[i].text;
        size_t len = strlen(known);

        if (!strcmp(known, name) ||
            (known[len - 1] == '.' && !strncmp(known, name, len)))
            return &names->at[i];
    }
    return NULL;
}

enum pf_rc pf_known_name_check(const struct pf_known_names *names,
                               const char *name, const char *value,
                               struct pf_error *err)
{
    const struct pf_known_name *known = pf_known_name_find(names, name);
    const struct pf_name_type *type = known ? known->type : NULL;
    const char *number = value + (value[0] == '+' && value[1] != '-');
    int64_t n;

    if (!type)
        return PF_OK;
    if (type->max)
        return pf_parse_int(number, type->min, type->max, &n, err);
    if (!strcasecmp(value, "true") || !strcasecmp(value, "false"))
        return PF_OK;
    return pf_fail(err, PF_FORMAT, "'%.40s' is neither true nor false", value);
}

/* Compare, ignoring capitals and dots. */
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
        if (is_alike(names->at[i].text, name))
            return names->at[i].text;
    return NULL;
}

const char *pf_known_name_hint(const struct pf_known_names *names,
                               const char *name, char *buf, size_t size)
{
    struct pf_nearest nearest = pf_nearest_init(name);

    for (size_t i = 0; i < names->n; i++)
        pf_nearest_offer(&nearest, names->at[i].text);
    return pf_nearest_hint(&nearest, buf, size);
}
