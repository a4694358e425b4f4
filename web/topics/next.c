#include "next.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fnv.h"
#include "prng.h"
#include "text.h"

uint64_t web_next_list(const char *topic, int32_t partition, const char *text,
                       const char *jq)
{
    uint64_t hash = pf_fnv_number(pf_fnv_text(PF_FNV_BEGIN, topic), partition);

    if (text)
        hash = pf_fnv_text(pf_fnv_text(hash, "text"), text);
    if (jq)
        hash = pf_fnv_text(pf_fnv_text(hash, "jq"), jq);
    return pf_prng_mix(hash);
}

/* Such as n-8d3f00a4b1c2d3e4-9999950-1234: the direction, the list, and the
 * offset of each partition. */
void web_next_put(const struct web_next *next, uint64_t list,
                  struct pf_buffer *token)
{
    pf_buffer_printf(token, "%c-%016" PRIx64, next->newest ? 'n' : 'o', list);
    for (size_t i = 0; i < next->n; i++)
        pf_buffer_printf(token, "-%" PRId64, next->offsets[i]);
}

static size_t count(const char *text, char c)
{
    size_t n = 0;

    for (; *text; text++)
        n += *text == c;
    return n;
}

/* Parse the offsets at text, "1-2-3", to *next. */
static enum pf_rc parse_offsets(char *text, struct web_next *next,
                                struct pf_error *err)
{
    enum pf_rc rc = PF_OK;
    char *rest;

    for (size_t i = 0; i < next->n && !rc; i++, text = rest) {
        rest = text + strcspn(text, "-");
        if (*rest)
            *rest++ = '\0';
        rc = pf_parse_int(text, 0, INT64_MAX, &next->offsets[i], err);
    }
    return rc ? pf_fail(err, PF_FORMAT, "an offset in it is not a number")
              : PF_OK;
}

enum pf_rc web_next_parse(const char *token, uint64_t list, size_t n,
                          struct web_next *ret, struct pf_error *err)
{
    struct web_next next = {.newest = *token == 'n'};
    char whose[32], *copy = NULL;
    enum pf_rc rc;

    snprintf(whose, sizeof whose, "%c-%016" PRIx64 "-", next.newest ? 'n' : 'o',
             list);
    if (strncmp(token, whose, strlen(whose)) != 0)
        return pf_fail(err, PF_FORMAT,
                       "it does not belong to this list of records; next is "
                       "for the topic, partition, text and jq that it came "
                       "with");
    token += strlen(whose);
    next.n = count(token, '-') + 1;
    if (next.n > n)
        return pf_fail(err, PF_RANGE,
                       "it is of %zu partitions, and the topic has %zu now",
                       next.n, n);
    next.offsets = calloc(next.n, sizeof *next.offsets);
    copy = strdup(token);
    rc = next.offsets && copy ? parse_offsets(copy, &next, err)
                              : pf_fail(err, PF_NOMEM, "out of memory");
    free(copy);
    if (rc)
        free(next.offsets);
    else
        *ret = next;
    return rc;
}
