/* price.h - one price, and its JSON form. */
#ifndef PF_PRICE_H
#define PF_PRICE_H

#include <stddef.h>
#include <stdint.h>

#include "error.h"

/** Ticks in one unit of price. A tick is a hundredth: 456 ticks are 4.56. */
#define PF_TICKS_PER_UNIT 100

/** The range of what the feed's own producer emits, inclusive. */
#define PF_MATCH_MIN 100
#define PF_MATCH_MAX 999
#define PF_TICKS_MIN 100
#define PF_TICKS_MAX 1000

/** Where such a price has its match in its JSON form: three digits. */
#define PF_PRICE_MATCH_AT 10
#define PF_PRICE_MATCH_LEN 3

/** Highest price that can be decoded, in ticks: ten billion units. Far above
 * any real price, and far below the limit of exact int64_t and double. */
#define PF_TICKS_LIMIT (INT64_C(10000000000) * PF_TICKS_PER_UNIT)

/** Buffer size for any encoded price, closing NUL included. */
#define PF_PRICE_JSON_SIZE 64

/** Longest value in bytes that is parsed; a longer one is refused. */
#define PF_PRICE_VALUE_MAX 65536

/**
 * The price of one match at one moment.
 *
 * Prices are whole ticks, never doubles: 4.56 has no exact binary form, and
 * as a double it prints in full precision as 4.5599999999999996.
 */
struct pf_price {
    int64_t match; /* which match */
    int64_t ticks; /* price, in hundredths; 0..PF_TICKS_LIMIT */
};

/**
 * Write *price to buf as {"match": 123, "price": 4.56}: in this order, with
 * these blanks and two decimals. Returns the length in bytes, without the
 * closing NUL.
 */
size_t pf_price_encode(const struct pf_price *price,
                       char buf[static PF_PRICE_JSON_SIZE]);

/** Why a value is not a price, for counting. */
#define PF_REFUSAL_MAP(X)                                                     \
    X(NONE, "none")           /* it is a price */                             \
    X(EMPTY, "empty")         /* no value at all, or only blanks */           \
    X(TRUNCATED, "truncated") /* the JSON ends too early */                   \
    X(SYNTAX, "syntax")       /* not JSON */                                  \
    X(TRAILING, "trailing")   /* more bytes after the JSON */                 \
    X(TYPE, "type")           /* not an object, or a wrong member type */     \
    X(MISSING, "missing")     /* no member match or price */                  \
    X(DUPLICATE, "duplicate") /* two members of one name */                   \
    X(NUMBER, "number")       /* NaN, Infinity, 5. and the like */            \
    X(RANGE, "range")         /* a number too large, too small or too fine */ \
    X(DEPTH, "depth")         /* nested too deeply */                         \
    X(SIZE, "size")           /* longer than PF_PRICE_VALUE_MAX */

enum pf_price_refusal {
#define PF_REFUSAL_ENUM(name, text) PF_REFUSED_##name,
    PF_REFUSAL_MAP(PF_REFUSAL_ENUM)
#undef PF_REFUSAL_ENUM
};

/** The reason in one word, such as "truncated". */
const char *pf_price_refusal_text(enum pf_price_refusal refusal);

/**
 * Read a price from the len bytes at json, which need no closing NUL and stay
 * the caller's. Returns PF_REFUSED_NONE and fills *ret. If the value is not a
 * price, returns the reason, leaves *ret alone and puts a sentence into *err.
 *
 * The value must be one JSON object (RFC 8259) in UTF-8. match is a whole
 * number that fits int64_t; price is a number from 0 to PF_TICKS_LIMIT ticks.
 * Its decimals after the second must be 0: a finer price is refused, not
 * rounded. The order of members does not matter. Other members are skipped,
 * so that a later producer may add some. The price need not be in the range
 * of the feed's own producer; see pf_price_in_range().
 */
enum pf_price_refusal pf_price_decode(const char *json, size_t len,
                                      struct pf_price *ret,
                                      struct pf_error *err);

/**
 * The fast path of pf_price_decode(). Returns 1 and fills *ret if the len
 * bytes at json are exactly what pf_price_encode() writes for a price in
 * range. Returns 0 otherwise: the bytes may still be a price.
 */
int pf_price_recognise(const char *json, size_t len, struct pf_price *ret);

/** The slow path of pf_price_decode(), for any input. It agrees with the fast
 * path on every input that the fast path accepts. */
enum pf_price_refusal pf_price_parse(const char *json, size_t len,
                                     struct pf_price *ret,
                                     struct pf_error *err);

/** Whether the feed's own producer could have made *price. */
static inline int pf_price_in_range(const struct pf_price *price)
{
    return price->match >= PF_MATCH_MIN && price->match <= PF_MATCH_MAX &&
           price->ticks >= PF_TICKS_MIN && price->ticks <= PF_TICKS_MAX;
}

#endif
