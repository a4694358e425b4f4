#include "json_find.h"

#include <stdbool.h>
#include <string.h>

/* The place that a name is in an array; SIZE_MAX: none. */
static size_t place_of(const char *name, size_t len)
{
    size_t place = 0;

    if (!len || len > 9 || (*name == '0' && len > 1))
        return SIZE_MAX;
    for (size_t i = 0; i < len; i++) {
        if (name[i] < '0' || name[i] > '9')
            return SIZE_MAX;
        place = place * 10 + (size_t)(name[i] - '0');
    }
    return place;
}

/* Copy a JSON Pointer's name without its escapes to *own, and move that on. */
static enum pf_rc unescape(const struct pf_json_find *find, const char *name,
                           size_t len, char **own, struct pf_error *err)
{
    for (size_t i = 0; i < len; i++) {
        if (name[i] != '~') {
            *(*own)++ = name[i];
            continue;
        }
        if (++i == len || (name[i] != '0' && name[i] != '1'))
            return pf_fail(err, PF_FORMAT, "'%s' has a ~ that is not ~0 or ~1",
                           find->path);
        *(*own)++ = name[i] == '1' ? '/' : '~';
    }
    return PF_OK;
}

/* The last name of the path is this one. */
static void set_name(struct pf_json_find *find, const char *name, size_t len)
{
    find->names[find->n] = name;
    find->places[find->n] = place_of(name, len);
    find->lens[find->n++] = len;
}

enum pf_rc pf_json_find_init(struct pf_json_find *find, const char *path,
                             struct pf_error *err)
{
    bool pointer = *path == '/', escaped = pointer && strchr(path, '~');
    const char *name = path + pointer;
    char *own = find->own;

    *find = (struct pf_json_find){.path = path};
    if (escaped && strlen(path) >= sizeof find->own)
        return pf_fail(err, PF_FORMAT, "'%s' is longer than %zu bytes", path,
                       sizeof find->own - 1);
    while (*path) {
        size_t len = strcspn(name, pointer ? "/" : ".");
        char *begin = own;

        if (!len && !pointer)
            return pf_fail(err, PF_FORMAT, "'%s' has an empty name", path);
        if (find->n == PF_JSON_PATH_MAX)
            return pf_fail(err, PF_FORMAT, "'%s' has more than %d names", path,
                           PF_JSON_PATH_MAX);
        if (escaped && unescape(find, name, len, &own, err))
            return PF_FORMAT;
        if (escaped)
            set_name(find, begin, (size_t)(own - begin));
        else
            set_name(find, name, len);
        if (!name[len])
            break;
        name += len + 1;
    }
    return PF_OK;
}
