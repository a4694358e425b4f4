#include "faults.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "log.h"
#include "price.h"
#include "prng.h"
#include "text.h"

const struct pf_fault_words pf_fault_words[PF_FAULT_KINDS] = {
#define KIND_ROW(name, word, finding) {word, finding},
    PF_FAULT_MAP(KIND_ROW)
#undef KIND_ROW
};

/* The kind called word, or PF_FAULT_NONE. */
static enum pf_fault_kind find_kind(const char *word, struct pf_error *err)
{
    struct pf_nearest nearest = pf_nearest_init(word);
    char hint[100];

    for (int kind = 0; kind < PF_FAULT_KINDS; kind++) {
        if (!strcmp(pf_fault_words[kind].word, word))
            return (enum pf_fault_kind)kind;
        pf_nearest_offer(&nearest, pf_fault_words[kind].word);
    }
    pf_fail(err, PF_CONFIG, "unknown fault '%.40s'%s", word,
            pf_nearest_hint(&nearest, hint, sizeof hint));
    return PF_FAULT_NONE;
}

/* Parse one "drop:0.001"; seen has a bit for each kind given before. */
static enum pf_rc parse_one(char *text, struct pf_faults *ret, unsigned *seen,
                            struct pf_error *err)
{
    char *rate = strchr(text, ':');
    enum pf_fault_kind kind;

    if (rate)
        *rate++ = '\0';
    kind = find_kind(text, err);
    if (kind == PF_FAULT_NONE)
        return PF_CONFIG;
    if (!rate)
        return pf_fail(err, PF_CONFIG, "%s has no rate: expected %s:0.001",
                       text, text);
    if (*seen & 1u << kind)
        return pf_fail(err, PF_CONFIG, "%s is given twice", text);
    *seen |= 1u << kind;
    if (pf_parse_number(rate, 0, PF_FAULT_RATE_MAX, &ret->rates[kind], err))
        return pf_fail_in(err, PF_CONFIG, "%s: ", text);
    return PF_OK;
}

enum pf_rc pf_faults_parse(const char *text, struct pf_faults *ret,
                           struct pf_error *err)
{
    char copy[512], *rest = copy, *one;
    unsigned seen = 0;

    memset(ret->rates, 0, sizeof ret->rates);
    ret->sum = 0;
    if (!*text)
        return PF_OK;
    if ((size_t)snprintf(copy, sizeof copy, "%s", text) >= sizeof copy)
        return pf_fail(err, PF_CONFIG, "longer than %zu bytes",
                       sizeof copy - 1);
    while ((one = strsep(&rest, ","))) {
        enum pf_rc rc = parse_one(one, ret, &seen, err);

        if (rc)
            return rc;
    }
    for (int kind = 0; kind < PF_FAULT_KINDS; kind++)
        ret->sum += ret->rates[kind];
    /* Sums of decimals are not exact. */
    if (ret->sum > PF_FAULT_RATE_MAX + 1e-9)
        return pf_fail(err, PF_CONFIG, "the rates add up to %.4g, beyond %g",
                       ret->sum, PF_FAULT_RATE_MAX);
    return PF_OK;
}

enum pf_rc pf_faults_check(struct pf_faults *faults, uint64_t seed,
                           const struct pf_settings *settings,
                           struct pf_error *err)
{
    enum pf_rc rc = pf_faults_parse(faults->text, faults, err);

    if (rc)
        return pf_settings_fail(settings, "feed.faults", rc, err);
    faults->seed = seed;
    if (*faults->seed_text)
        rc = pf_seed_choose(faults->seed_text, &faults->seed, err);
    if (rc)
        return pf_settings_fail(settings, "feed.faults.seed", rc, err);
    return PF_OK;
}

void pf_faults_say(const struct pf_faults *faults)
{
    if (faults->sum > 0)
        pf_log(PF_LOG_WARNING,
               "damages records on purpose: feed.faults is %s, "
               "feed.faults.seed is %" PRIu64 ", the answer sheet is %s",
               faults->text, faults->seed,
               *faults->sheet ? faults->sheet : "not kept");
}

/* The chance that a block has a fault of this rate, in units of 2^-53: a
 * double counts these exactly on every machine. */
static uint64_t chance(double rate)
{
    return (uint64_t)(rate * PF_FAULT_BLOCK * 0x1p53);
}

struct pf_fault pf_fault_of_block(const struct pf_faults *faults,
                                  uint64_t block)
{
    /* Random numbers of its own, not those of the prices with this seed. */
    uint64_t seed = pf_prng_mix(faults->seed ^ UINT64_C(0x6661756c7473));
    uint64_t left = pf_prng_at(seed, 2 * block) >> 11;
    struct pf_fault fault = {.kind = PF_FAULT_NONE};

    if (block == 0)
        return fault;
    for (int kind = 0; kind < PF_FAULT_KINDS; kind++) {
        uint64_t share = chance(faults->rates[kind]);

        if (left < share) {
            fault.kind = (enum pf_fault_kind)kind;
            fault.bits = pf_prng_at(seed, 2 * block + 1);
            fault.index = block * PF_FAULT_BLOCK +
                          fault.bits % (PF_FAULT_BLOCK / 2);
            fault.bits /= PF_FAULT_BLOCK / 2;
            break;
        }
        left -= share;
    }
    return fault;
}

/* What an altered value may look like: # is the match, $ the price. */
#define SHAPES 4

static const char *const shapes[PF_FAULT_KINDS][SHAPES] = {
    [PF_FAULT_WRONG_TYPE] =
        {
            "{\"match\": \"#\", \"price\": $}",
            "{\"match\": #, \"price\": \"$\"}",
            "{\"match\": #, \"price\": null}",
            "{\"match\": #, \"price\": [$]}",
        },
    [PF_FAULT_MISSING_FIELD] =
        {
            "{\"match\": #}",
            "{\"price\": $}",
            "{}",
            "{\"match\": #, \"cost\": $}",
        },
    [PF_FAULT_ABSURD_PRICE] =
        {
            "{\"match\": #, \"price\": -$}",
            "{\"match\": #, \"price\": 0.00}",
            "{\"match\": #, \"price\": 100000$}",
            "{\"match\": #, \"price\": $e30}",
        },
};

/* Write form to buf with the numbers of *price put in. Returns the length in
 * bytes; PF_FAULT_VALUE_SIZE is enough for any. */
static size_t fill_in(const char *form, const struct pf_price *price,
                      char buf[static PF_FAULT_VALUE_SIZE])
{
    char *at = buf;

    for (; *form; form++) {
        if (*form == '#')
            at += sprintf(at, "%" PRId64, price->match);
        else if (*form == '$')
            at += sprintf(at, "%" PRId64 ".%02d",
                          price->ticks / PF_TICKS_PER_UNIT,
                          (int)(price->ticks % PF_TICKS_PER_UNIT));
        else
            *at++ = *form;
    }
    return (size_t)(at - buf);
}

bool pf_fault_alter(const struct pf_fault *fault, struct pf_record *record,
                    char buf[static PF_FAULT_VALUE_SIZE])
{
    const char *form = shapes[fault->kind][fault->bits % SHAPES];
    struct pf_price price = {0}; /* stays so if the value is not a price */

    if (form) {
        pf_price_decode(record->value, record->value_len, &price, NULL);
        record->value_len = fill_in(form, &price, buf);
        record->value = buf;
        return true;
    }
    if (fault->kind != PF_FAULT_TRUNCATE)
        return false;
    if (record->value_len > 1) /* keeps 1 byte to all but one */
        record->value_len = 1 + fault->bits % (record->value_len - 1);
    return true;
}
