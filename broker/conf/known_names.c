#include "known_names.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "text.h"
#include "vec.h"

static enum pf_name_type type_of(const char *word)
{
    static const char *const words[] = {
        [PF_NAME_ANY] = "",
        [PF_NAME_SHORT] = "SHORT",
        [PF_NAME_INT] = "INT",
        [PF_NAME_LONG] = "LONG",
        [PF_NAME_BOOLEAN] = "BOOLEAN",
    };

    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (!strcmp(words[i], word))
            return (enum pf_name_type)i;
    return PF_NAME_ANY;
}

/* Add the line "NAME" or "NAME TYPE", which is split in place. */
static enum pf_rc add(struct pf_known_names *names, char *line)
{
    char *name = strsep(&line, " ");

    if (!pf_vec_room((void **)&names->list, &names->size, names->n + 1,
                     sizeof *names->list))
        return PF_NOMEM;
    names->list[names->n] = (struct pf_known_name){
        .text = strdup(name), .type = type_of(line ? line : "")};
    if (!names->list[names->n].text)
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
        free(names->list[i].text);
    free(names->list);
    *names = (struct pf_known_names){0};
}

static const struct pf_known_name *find(const struct pf_known_names *names,
                                        const char *name)
{
    for (size_t i = 0; i < names->n; i++) {
        const char *known = names->list[i].text;
        size_t len = strlen(known);

        if (!strcmp(known, name) ||
            (known[len - 1] == '.' && !strncmp(known, name, len)))
            return &names->list[i];
    }
    return NULL;
}

bool pf_is_known_name(const struct pf_known_names *names, const char *name)
{
    return find(names, name);
}

bool pf_known_name_has_type(const struct pf_known_names *names,
                            const char *name)
{
    const struct pf_known_name *known = find(names, name);

    return known && known->type != PF_NAME_ANY;
}

enum pf_rc pf_known_name_check(const struct pf_known_names *names,
                               const char *name, const char *value,
                               struct pf_error *err)
{
    const struct pf_known_name *known = find(names, name);
    const char *number = value + (value[0] == '+' && value[1] != '-');
    int64_t n;

    switch (known ? known->type : PF_NAME_ANY) {
    case PF_NAME_SHORT:
        return pf_parse_int(number, INT16_MIN, INT16_MAX, &n, err);
    case PF_NAME_INT:
        return pf_parse_int(number, INT32_MIN, INT32_MAX, &n, err);
    case PF_NAME_LONG:
        return pf_parse_int(number, INT64_MIN, INT64_MAX, &n, err);
    case PF_NAME_BOOLEAN:
        if (!strcasecmp(value, "true") || !strcasecmp(value, "false"))
            return PF_OK;
        return pf_fail(err, PF_FORMAT, "'%.40s' is neither true nor false",
                       value);
    case PF_NAME_ANY:
        break;
    }
    return PF_OK;
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
        if (is_alike(names->list[i].text, name))
            return names->list[i].text;
    return NULL;
}

const char *pf_known_name_hint(const struct pf_known_names *names,
                               const char *name, char *buf, size_t size)
{
    struct pf_nearest nearest = pf_nearest_init(name);

    for (size_t i = 0; i < names->n; i++)
        pf_nearest_offer(&nearest, names->list[i].text);
    return pf_nearest_hint(&nearest, buf, size);
}
