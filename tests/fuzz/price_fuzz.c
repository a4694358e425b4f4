/* Any bytes: they are refused, or give a price that survives a round trip; the
 * two ways to read them agree; and json-c, strict, takes what was no refusal.
 */
#include <json-c/json.h>
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

/* The parser itself is not strict: strict, it takes no letters beyond ASCII. */
static bool strict_takes(const char *json, size_t len)
{
    struct json_tokener *tokener = json_tokener_new();
    bool takes = true;

    for (size_t i = 0; i < len; i++)
        if (json[i] & 0x80)
            len = 0;
    json_tokener_set_flags(tokener, JSON_TOKENER_STRICT);
    if (len) {
        json_object_put(json_tokener_parse_ex(tokener, json, (int)len));
        takes = json_tokener_get_error(tokener) == json_tokener_success;
    }
    json_tokener_free(tokener);
    return takes;
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
    must(strict_takes(json, size));
    len = pf_price_encode(&slow, text);
    canonical = len == size && memcmp(text, data, len) == 0;
    must(recognised == (canonical && pf_price_in_range(&slow)));
    must(!recognised || is_same(&fast, &slow));
    must(pf_price_decode(text, len, &again, NULL) == PF_REFUSED_NONE);
    must(is_same(&again, &slow));
    return 0;
}
