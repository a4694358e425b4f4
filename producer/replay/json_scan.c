#include "json_scan.h"

#include <string.h>

#include "utf8.h"

struct scan {
    const char *at, *end;
    struct pf_json_find *finds;
    size_t n_finds;
    size_t depth;    /* brackets around us */
    const char *why; /* what is wrong */
};

static bool value(struct scan *s);

static bool fail(struct scan *s, const char *why)
{
    s->why = s->at == s->end ? "it ends too early" : why;
    return false;
}

static void blanks(struct scan *s)
{
    while (s->at < s->end && (*s->at == ' ' || *s->at == '\t' ||
                              *s->at == '\n' || *s->at == '\r'))
        s->at++;
}

/* Pass over c, if it comes next. */
static bool take(struct scan *s, char c)
{
    if (s->at == s->end || *s->at != c)
        return false;
    s->at++;
    return true;
}

static bool word(struct scan *s, const char *text)
{
    for (; *text; text++)
        if (!take(s, *text))
            return fail(s, "unknown word");
    return true;
}

static bool some_digits(struct scan *s)
{
    const char *begin = s->at;

    while (s->at < s->end && *s->at >= '0' && *s->at <= '9')
        s->at++;
    return s->at > begin || fail(s, "malformed number");
}

static bool number(struct scan *s)
{
    take(s, '-');
    if (!take(s, '0') && !some_digits(s))
        return false;
    if (take(s, '.') && !some_digits(s))
        return false;
    if (take(s, 'e') || take(s, 'E')) {
        if (!take(s, '-'))
            take(s, '+');
        return some_digits(s);
    }
    return true;
}

static bool escape(struct scan *s)
{
    if (s->at == s->end || !strchr("\"\\/bfnrtu", *s->at) || !*s->at)
        return fail(s, "unknown escape in a string");
    if (*s->at++ != 'u')
        return true;
    for (int i = 0; i < 4; i++, s->at++)
        if (s->at == s->end || !*s->at ||
            !strchr("0123456789abcdefABCDEF", *s->at))
            return fail(s, "malformed \\u in a string");
    return true;
}

/* The rest of a string, whose opening quote has been passed. */
static bool string(struct scan *s)
{
    while (s->at < s->end) {
        unsigned char c = (unsigned char)*s->at;
        size_t size;

        if (c == '"') {
            s->at++;
            return true;
        }
        if (c < 0x20)
            return fail(s, "control byte in a string");
        if (c < 0x80) {
            s->at++;
            if (c == '\\' && !escape(s))
                return false;
            continue;
        }
        if (pf_utf8_decode(s->at, (size_t)(s->end - s->at), &size) < 0)
            return fail(s, "not UTF-8");
        s->at += size;
    }
    return fail(s, "");
}

/* Is the way to f's value that far within this one? */
static bool is_near(const struct pf_json_find *f, size_t level)
{
    return f->matched == level && level < f->n;
}

/* One step of the way to f's value has been found; true. */
static bool match(struct pf_json_find *f)
{
    f->matched++;
    f->at = NULL; /* of one that came before by the same name */
    return true;
}

/* The value that is a step of the way to some, on that level. */
static bool matched_value(struct scan *s, size_t level)
{
    const char *begin = s->at;

    if (!value(s))
        return false;
    for (size_t i = 0; i < s->n_finds; i++) {
        struct pf_json_find *f = &s->finds[i];

        if (f->matched <= level)
            continue;
        if (f->matched == f->n) {
            f->at = begin;
            f->len = (size_t)(s->at - begin);
        }
        f->matched = level;
    }
    return true;
}

/* The value of a member: *name, len bytes without quotes, is its name. */
static bool member(struct scan *s, const char *name, size_t len)
{
    size_t level = s->depth - 1;
    bool matched = false;

    for (size_t i = 0; i < s->n_finds; i++)
        if (is_near(&s->finds[i], level) && s->finds[i].lens[level] == len &&
            !memcmp(s->finds[i].names[level], name, len))
            matched = match(&s->finds[i]);
    blanks(s);
    return matched ? matched_value(s, level) : value(s);
}

static bool object(struct scan *s)
{
    blanks(s);
    if (take(s, '}'))
        return true;
    do {
        const char *name;
        size_t len;

        blanks(s);
        name = s->at + 1;
        if (!take(s, '"'))
            return fail(s, "a member has no name in quotes");
        if (!string(s))
            return false;
        len = (size_t)(s->at - 1 - name);
        blanks(s);
        if (!take(s, ':'))
            return fail(s, "no colon after a member's name");
        if (!member(s, name, len))
            return false;
        blanks(s);
    } while (take(s, ','));
    return take(s, '}') || fail(s, "no comma or } after a member");
}

/* Whether an element of this array may be what is looked for. */
static bool has_wanted(const struct scan *s)
{
    size_t level = s->depth - 1;

    for (size_t i = 0; i < s->n_finds; i++)
        if (is_near(&s->finds[i], level) &&
            s->finds[i].places[level] != SIZE_MAX)
            return true;
    return false;
}

static bool element(struct scan *s, size_t place)
{
    size_t level = s->depth - 1;
    bool matched = false;

    for (size_t i = 0; i < s->n_finds; i++)
        if (is_near(&s->finds[i], level) && s->finds[i].places[level] == place)
            matched = match(&s->finds[i]);
    return matched ? matched_value(s, level) : value(s);
}

static bool array(struct scan *s)
{
    bool wanted = has_wanted(s);
    size_t place = 0;

    blanks(s);
    if (take(s, ']'))
        return true;
    do {
        blanks(s);
        if (!(wanted ? element(s, place++) : value(s)))
            return false;
        blanks(s);
    } while (take(s, ','));
    return take(s, ']') || fail(s, "no comma or ] after an element");
}

static bool nested(struct scan *s, bool (*inside)(struct scan *))
{
    bool good;

    if (s->depth == PF_JSON_DEPTH_MAX)
        return fail(s, "nested too deeply");
    s->depth++;
    s->at++;
    good = inside(s);
    s->depth--;
    return good;
}

static bool value(struct scan *s)
{
    switch (s->at < s->end ? *s->at : 0) {
    case '{':
        return nested(s, object);
    case '[':
        return nested(s, array);
    case '"':
        s->at++;
        return string(s);
    case 't':
        return word(s, "true");
    case 'f':
        return word(s, "false");
    case 'n':
        return word(s, "null");
    case '-':
    case '0':
    case '1':
    case '2':
    case '3':
    case '4':
    case '5':
    case '6':
    case '7':
    case '8':
    case '9':
        return number(s);
    default:
        return fail(s, "no value where one should be");
    }
}

enum pf_rc pf_json_scan(const char *json, size_t len,
                        struct pf_json_find *finds, size_t n_finds,
                        struct pf_error *err)
{
    struct scan s = {
        .at = json, .end = json + len, .finds = finds, .n_finds = n_finds};
    bool good;

    for (size_t i = 0; i < n_finds; i++) {
        finds[i].at = NULL;
        finds[i].matched = 0;
    }
    blanks(&s);
    good = value(&s);
    blanks(&s);
    if (good && s.at < s.end)
        good = fail(&s, "bytes after the value");
    if (good)
        return PF_OK;
    return pf_fail(err, PF_FORMAT, "%s, after %zu bytes", s.why,
                   (size_t)(s.at - json));
}
