#include "json_scan.h"

#include <string.h>

#include "utf8.h"

struct scan {
    const char *at, *end;
    struct pf_json_find *finds;
    size_t n_finds;
    size_t depth; /* brackets around us */
    size_t twice; /* of these: those that count twice */
    size_t depth_max;

    bool deep;    /* count an object twice, as libjq does */
    bool pairs;   /* refuse half a surrogate pair */
    bool exact;   /* refuse what json-c would change */
    bool nul;     /* ... and \u0000 is in the last string */
    bool escaped; /* the last name is written with an escape */
    size_t names; /* members of the outermost object */

    enum pf_json_fault fault;
    const char *why; /* what is wrong */
};

static bool value(struct scan *s);

static bool fail(struct scan *s, enum pf_json_fault fault, const char *why)
{
    s->fault = s->at == s->end ? PF_JSON_CUT : fault;
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
            return fail(s, PF_JSON_SYNTAX, "unknown word");
    return true;
}

static bool some_digits(struct scan *s)
{
    const char *begin = s->at;

    while (s->at < s->end && *s->at >= '0' && *s->at <= '9')
        s->at++;
    return s->at > begin || fail(s, PF_JSON_NUMBER, "malformed number");
}

/* True if the n digits at digits, of which the first is not 0, are more than
 * 64 bits hold. json-c takes some of these, and gives the limit for them. */
static bool is_too_great(const char *digits, size_t n, bool negative)
{
    const char *limit = negative ? "9223372036854775808"
                                 : "18446744073709551615";
    size_t limit_n = strlen(limit);

    return n > limit_n || (n == limit_n && memcmp(digits, limit, n) > 0);
}

static bool number(struct scan *s)
{
    bool negative = take(s, '-');
    const char *begin = s->at;
    size_t whole; /* digits, if it is a whole number */

    if (take(s, '0')) {
        if (s->at < s->end && *s->at >= '0' && *s->at <= '9')
            return fail(s, PF_JSON_NUMBER, "a number that begins with 0");
    } else if (!some_digits(s)) {
        return false;
    }
    whole = (size_t)(s->at - begin);
    if (take(s, '.')) {
        if (!some_digits(s))
            return false;
        whole = 0;
    }
    if (take(s, 'e') || take(s, 'E')) {
        if (!take(s, '-'))
            take(s, '+');
        return some_digits(s);
    }
    if (s->exact && is_too_great(begin, whole, negative))
        return fail(s, PF_JSON_RANGE, "a whole number is too large");
    return true;
}

/* The UTF-16 unit that the next four digits are; -1: they are none. */
static int unit(struct scan *s)
{
    static const char digits[] = "0123456789abcdefABCDEF";
    int value = 0;

    for (int i = 0; i < 4; i++, s->at++) {
        const char *digit = s->at < s->end && *s->at ? strchr(digits, *s->at)
                                                     : NULL;

        if (!digit) {
            fail(s, PF_JSON_SYNTAX, "malformed \\u in a string");
            return -1;
        }
        value = value * 16 + (int)(digit - digits) - (digit > digits + 15) * 6;
    }
    return value;
}

/* Half of a surrogate pair needs the other half next to it. */
static bool pair(struct scan *s, int first)
{
    s->nul |= first == 0;
    if (first < 0xd800 || first > 0xdfff)
        return true;
    if (first < 0xdc00 && take(s, '\\') && take(s, 'u')) {
        int second = unit(s);

        if (second >= 0xdc00 && second <= 0xdfff)
            return true;
    }
    return fail(s, PF_JSON_SYNTAX, "half a surrogate pair");
}

static bool escape(struct scan *s)
{
    int first;

    if (s->at == s->end || !strchr("\"\\/bfnrtu", *s->at) || !*s->at)
        return fail(s, PF_JSON_SYNTAX, "unknown escape in a string");
    if (*s->at++ != 'u')
        return true;
    first = unit(s);
    return first >= 0 && (!s->pairs || pair(s, first));
}

/* Pass over the bytes that stand for themselves in a string, and are ASCII. */
static void plain(struct scan *s)
{
    static const bool special[256] = {[0 ... 0x1f] = true,
                                      ['"'] = true,
                                      ['\\'] = true,
                                      [0x80 ... 0xff] = true};
    const char *at = s->at, *end = s->end;

    while (at < end && !special[(unsigned char)*at])
        at++;
    s->at = at;
}

/* The rest of a string, whose opening quote has been passed. */
static bool string(struct scan *s)
{
    for (plain(s); s->at < s->end; plain(s)) {
        size_t size = 1;

        if (take(s, '"'))
            return true;
        if ((unsigned char)*s->at < 0x20)
            return fail(s, PF_JSON_SYNTAX, "control byte in a string");
        if (take(s, '\\')) {
            s->escaped = true;
            if (!escape(s))
                return false;
            continue;
        }
        if (pf_utf8_decode(s->at, (size_t)(s->end - s->at), &size) ==
            PF_UTF8_BAD)
            return fail(s, PF_JSON_SYNTAX, "not UTF-8");
        s->at += size; /* to the end, if that cuts the letter off */
    }
    return fail(s, PF_JSON_SYNTAX, "");
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

    for (size_t i = 0; i < s->n_finds; i++) {
        struct pf_json_find *f = &s->finds[i];

        if (!is_near(f, level))
            continue;
        f->escaped |= s->escaped;
        if (f->lens[level] == len && !memcmp(f->names[level], name, len))
            matched = match(f);
    }
    blanks(s);
    return matched ? matched_value(s, level) : value(s);
}

/* json-c would end a name at a NUL, and of two that are the same keep one: the
 * caller compares the numbers. */
static bool exact_name(struct scan *s)
{
    if (s->depth > 1)
        return true;
    s->names++;
    return !s->nul || fail(s, PF_JSON_SYNTAX, "a NUL in a name");
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
            return fail(s, PF_JSON_SYNTAX, "a member has no name in quotes");
        s->nul = s->escaped = false;
        if (!string(s) || (s->exact && !exact_name(s)))
            return false;
        len = (size_t)(s->at - 1 - name);
        blanks(s);
        if (!take(s, ':'))
            return fail(s, PF_JSON_SYNTAX, "no colon after a member's name");
        if (!member(s, name, len))
            return false;
        blanks(s);
    } while (take(s, ','));
    return take(s, '}') ||
           fail(s, PF_JSON_SYNTAX, "no comma or } after a member");
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
    return take(s, ']') ||
           fail(s, PF_JSON_SYNTAX, "no comma or ] after an element");
}

static bool nested(struct scan *s, bool (*inside)(struct scan *))
{
    size_t twice = s->deep && inside == object;
    bool good;

    if (s->depth + s->twice >= s->depth_max)
        return fail(s, PF_JSON_DEPTH, "nested too deeply");
    s->depth++;
    s->twice += twice;
    s->at++;
    good = inside(s);
    s->depth--;
    s->twice -= twice;
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
    case 'N':
    case 'I':
        return fail(s, PF_JSON_NUMBER, "NaN and Infinity are not JSON numbers");
    default:
        return fail(s, PF_JSON_SYNTAX, "no value where one should be");
    }
}

static enum pf_json_fault document(struct scan *s, struct pf_error *err)
{
    const char *json = s->at;

    blanks(s);
    if (value(s)) {
        blanks(s);
        if (s->at == s->end)
            return PF_JSON_GOOD;
        fail(s, PF_JSON_TRAILING, "bytes after the value");
    }
    pf_fail(err, PF_FORMAT, "%s, after %zu bytes", s->why,
            (size_t)(s->at - json));
    return s->fault;
}

/* Nothing is found yet. */
static void begin(struct pf_json_find *finds, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        finds[i].at = NULL;
        finds[i].matched = 0;
        finds[i].escaped = false;
    }
}

enum pf_json_fault pf_json_scan_deep(const char *json, size_t len, size_t depth,
                                     struct pf_json_find *finds, size_t n_finds,
                                     size_t *ret_at, struct pf_error *err)
{
    struct scan s = {.at = json,
                     .end = json + len,
                     .depth_max = depth,
                     .deep = true,
                     .pairs = true,
                     .finds = finds,
                     .n_finds = n_finds};
    enum pf_json_fault fault;

    begin(finds, n_finds);
    fault = document(&s, err);
    if (fault && ret_at)
        *ret_at = (size_t)(s.at - json);
    return fault;
}

enum pf_rc pf_json_scan(const char *json, size_t len,
                        struct pf_json_find *finds, size_t n_finds,
                        struct pf_error *err)
{
    struct scan s = {.at = json,
                     .end = json + len,
                     .depth_max = PF_JSON_DEPTH_MAX,
                     .finds = finds,
                     .n_finds = n_finds};

    begin(finds, n_finds);
    return document(&s, err) ? PF_FORMAT : PF_OK;
}

enum pf_json_fault pf_json_check(const char *json, size_t len,
                                 size_t *ret_names, struct pf_error *err)
{
    struct scan s = {.at = json,
                     .end = json + len,
                     .depth_max = PF_JSON_DEPTH_MAX,
                     .pairs = true,
                     .exact = true};
    enum pf_json_fault fault = document(&s, err);

    if (!fault)
        *ret_names = s.names;
    return fault;
}
