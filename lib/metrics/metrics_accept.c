/* metrics_accept.c - which form a client wants, by its Accept header. */
#include <string.h>
#include <strings.h>

#include "metrics_text.h"

/* Part of the header. */
struct part {
    const char *at;
    size_t n;
};

static bool is(struct part part, const char *text)
{
    return part.n == strlen(text) && !strncasecmp(part.at, text, part.n);
}

static struct part trim(struct part part)
{
    while (part.n && strchr(" \t", *part.at))
        part.at++, part.n--;
    while (part.n && strchr(" \t", part.at[part.n - 1]))
        part.n--;
    return part;
}

/* Take what is before the next end from the rest, or all of it. */
static struct part cut(struct part *rest, char end)
{
    const char *found = memchr(rest->at, end, rest->n);
    size_t n = found ? (size_t)(found - rest->at) : rest->n;
    struct part part = {rest->at, n};

    if (found)
        n++;
    rest->at += n;
    rest->n -= n;
    return trim(part);
}

static struct part unquoted(struct part part)
{
    if (part.n >= 2 && part.at[0] == '"' && part.at[part.n - 1] == '"')
        return (struct part){part.at + 1, part.n - 2};
    return part;
}

/* A weight, 0 to 1 with three decimals at most, in thousandths. What is not
 * one is 0. */
static int parse_weight(struct part part)
{
    int weight = 0, place = 1000;

    for (size_t i = 0; i < part.n; i++) {
        if (i == 1 && part.at[i] == '.')
            continue;
        if (part.at[i] < '0' || part.at[i] > '9' || !place ||
            (i == 1 && part.at[i] != '.'))
            return 0;
        weight += (part.at[i] - '0') * place;
        place /= 10;
    }
    return weight <= 1000 ? weight : 0;
}

/* One of the types in the header. */
struct range {
    struct part type, version; /* version: empty if there is none */
    int weight;
};

static struct range parse_range(struct part part)
{
    struct range range = {.type = cut(&part, ';'), .weight = 1000};

    while (part.n) {
        struct part value = cut(&part, ';');
        struct part name = cut(&value, '=');

        value = unquoted(trim(value));
        if (is(name, "q"))
            range.weight = parse_weight(value);
        else if (is(name, "version"))
            range.version = value;
    }
    return range;
}

static bool is_of(const struct range *range, const char *type,
                  const char *version)
{
    return is(range->type, type) &&
           (!range->version.n || is(range->version, version));
}

bool pf_metrics_wants_openmetrics(const char *accept)
{
    struct part rest = {accept, accept ? strlen(accept) : 0};
    int any = -1, any_text = -1, text = -1, openmetrics = 0;

    while (rest.n) {
        struct range range = parse_range(cut(&rest, ','));
        int *best = is_of(&range, "text/plain", "0.0.4") ? &text
                    : is(range.type, "text/*")           ? &any_text
                    : is(range.type, "*/*")              ? &any
                    : is_of(&range, "application/openmetrics-text", "1.0.0")
                        ? &openmetrics
                        : NULL;

        if (best && range.weight > *best)
            *best = range.weight;
    }
    /* The most exact one counts. */
    if (text < 0)
        text = any_text < 0 ? any : any_text;
    return openmetrics > 0 && openmetrics >= text;
}
