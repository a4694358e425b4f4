/* Any bytes: they are refused, or give a price that survives a round trip; and
 * the two ways to read them agree. */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "price.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool is_same(const struct pf_price *a, const struct pf_price *b)
{
    return a->match == b->match && a->ticks == b->ticks;
}

static void must(bool holds)
{
    if (!holds)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct pf_price untouched = {-7, -7};
    struct pf_price fast = untouched, slow = untouched, again = untouched;
    const char *json = (const char *)data;
    char text[PF_PRICE_JSON_SIZE];
    struct pf_error err = {0};
    enum pf_price_refusal refusal;
    bool recognised, canonical;
    size_t len;

    recognised = pf_price_recognise(json, size, &fast);
    refusal = pf_price_parse(json, size, &slow, &err);
    if (refusal) {
        must(!recognised && is_same(&slow, &untouched) && *err.text);
        return 0;
    }
    len = pf_price_encode(&slow, text);
    canonical = len == size && memcmp(text, data, len) == 0;
    must(recognised == (canonical && pf_price_in_range(&slow)));
    must(!recognised || is_same(&fast, &slow));
    must(pf_price_decode(text, len, &again, NULL) == PF_REFUSED_NONE);
    must(is_same(&again, &slow));
    return 0;
}
