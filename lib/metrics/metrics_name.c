#include "metrics_name.h"

#include <string.h>

#include "utf8.h"

static const struct {
    const char *unit;   /* in stats.h */
    const char *end;    /* of such names there */
    const char *suffix; /* of the family's name instead */
    const char *base;   /* the unit that its values then have */
    enum pf_metrics_scale scale;
} units[] = {
    {PF_UNIT_NANOSECONDS, "_ns", "_seconds", "seconds", PF_SCALE_SECONDS},
    {PF_UNIT_MOMENT, "_ns", "_timestamp_seconds", "seconds", PF_SCALE_MOMENT},
    {PF_UNIT_BYTES, "_bytes", "_bytes", "bytes", PF_SCALE_NONE},
};

#define UNITS (sizeof units / sizeof *units)

/* The index of metric's unit, or UNITS. */
static size_t unit_of(const struct pf_metric *metric)
{
    size_t i = 0;

    while (i < UNITS && strcmp(units[i].unit, metric->unit) != 0)
        i++;
    return i;
}

enum pf_metrics_scale pf_metrics_scale(const struct pf_metric *metric)
{
    size_t unit = unit_of(metric);

    return unit < UNITS ? units[unit].scale : PF_SCALE_NONE;
}

const char *pf_metrics_unit(const struct pf_metric *metric)
{
    size_t unit = unit_of(metric);

    return unit < UNITS ? units[unit].base : NULL;
}

/* Independent of the locale, unlike isalnum(3). */
static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_name_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
           is_digit(c);
}

static size_t name_size(const char *text)
{
    size_t n = 0;

    while (is_name_char(text[n]))
        n++;
    return n;
}

static bool ends_in(const char *name, size_t n, const char *end)
{
    size_t size = strlen(end);

    return n >= size && !memcmp(name + n - size, end, size);
}

/* Is it a name that, after ours or another one, means something else? */
static bool is_reserved(const char *name, size_t n)
{
    static const char *const ends[] = {"_total",  "_sum",     "_count",
                                       "_bucket", "_created", "_info"};

    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        if (ends_in(name, n, ends[i]))
            return true;
    return false;
}

bool pf_metrics_put_family(struct pf_buffer *to, const struct pf_metric *metric)
{
    const char *name = metric->name;
    size_t n = name_size(name), unit = unit_of(metric);

    if (!n || (name[n] && name[n] != '{'))
        return false;
    if (unit < UNITS && ends_in(name, n, units[unit].end))
        n -= strlen(units[unit].end);
    else if (unit == UNITS && is_reserved(name, n))
        return false;
    pf_buffer_text(to, "pricefeed_");
    pf_buffer_put(to, name, n);
    if (unit < UNITS)
        pf_buffer_text(to, units[unit].suffix);
    return true;
}

/* The length of the label's name at text; 0: there is none that is legal. */
static size_t label_size(const char *text)
{
    size_t n = name_size(text);
    bool is_le = n == 2 && !strncmp(text, "le", 2); /* a bucket's bound */

    return is_digit(*text) || is_le || !strncmp(text, "__", 2) ? 0 : n;
}

/* The length of the quoted text at text; 0: there is none. */
static size_t quoted_size(const char *text)
{
    size_t n = 1;

    if (*text != '"')
        return 0;
    for (; text[n] != '"'; n++) {
        if (text[n] == '\\' && text[++n] && !strchr("\\\"n", text[n]))
            return 0;
        if (!text[n])
            return 0;
    }
    return n + 1;
}

/* Below, at or above 0: how names of n_a and n_b bytes are sorted. */
static int compare(const char *a, size_t n_a, const char *b, size_t n_b)
{
    int order = memcmp(a, b, n_a < n_b ? n_a : n_b);

    return order ? order : (n_a > n_b) - (n_a < n_b);
}

/* Are these the labels of a name, closing brace included? */
static bool labels_ok(const char *text)
{
    const char *before = "";
    size_t n_before = 0;

    do {
        size_t n = label_size(text), quoted;

        if (!n || text[n] != '=' || compare(before, n_before, text, n) >= 0)
            return false;
        before = text;
        n_before = n;
        quoted = quoted_size(text + n + 1);
        if (!quoted)
            return false;
        text += n + 1 + quoted;
    } while (*text++ == ',');
    return !strcmp(text - 1, "}");
}

static void put_clean(struct pf_buffer *to, const char *text, size_t n,
                      const char *escaped)
{
    size_t size;

    for (; n; text += size, n -= size) {
        int32_t c = pf_utf8_decode(text, n, &size);

        if (c > 0 && c < 0x7f && strchr(escaped, c))
            pf_buffer_printf(to, "\\%c", c == '\n' ? 'n' : (char)c);
        else if (c < ' ' || (c >= 0x7f && c < 0xa0)) /* or no character */
            pf_buffer_text(to, "\xef\xbf\xbd");
        else
            pf_buffer_put(to, text, size);
    }
}

void pf_metrics_put_text(struct pf_buffer *to, const char *text,
                         const char *escaped)
{
    put_clean(to, text, strlen(text), escaped);
}

bool pf_metrics_put_labels(struct pf_buffer *to, const struct pf_metric *metric,
                           const char *program)
{
    const char *brace = strchr(metric->name, '{');

    if (brace) {
        if (!labels_ok(brace + 1))
            return false;
        put_clean(to, brace + 1, strlen(brace + 1) - 1, "");
        return true;
    }
    pf_buffer_text(to, "program=\"");
    pf_metrics_put_text(to, program, "\\\"\n");
    pf_buffer_text(to, "\"");
    return true;
}
