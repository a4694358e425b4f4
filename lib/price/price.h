/* price.h - one price, and the JSON it travels as. */
#ifndef PF_PRICE_H
#define PF_PRICE_H

#include <stddef.h>
#include <stdint.h>

#include "error.h"

/** Ticks in one unit of price. A tick is a hundredth: 456 ticks are 4.56. */
#define PF_TICKS_PER_UNIT 100

/** What the feed's own producer emits, both limits included. */
#define PF_MATCH_MIN 100
#define PF_MATCH_MAX 999
#define PF_TICKS_MIN 100
#define PF_TICKS_MAX 1000

/** Highest price that can be decoded, in ticks: ten billion units. Far beyond
 * any price, and far below what an int64_t or a double counts exactly. */
#define PF_TICKS_LIMIT (INT64_C(10000000000) * PF_TICKS_PER_UNIT)

/** Bytes that hold any encoded price, closing NUL included. */
#define PF_PRICE_JSON_SIZE 64

/** Longest value, in bytes, that is looked at: longer ones are no prices. */
#define PF_PRICE_VALUE_MAX 65536

/**
 * The price of one match at one moment.
 *
 * Prices are whole ticks, never doubles: 4.56 has no exact binary form, and
 * printing one to full precision gives 4.5599999999999996.
 */
struct pf_price {
    int64_t match; /* which match */
    int64_t ticks; /* price, in hundredths; 0..PF_TICKS_LIMIT */
};

/**
 * Write *price to buf as {"match": 123, "price": 4.56}, in that order, with
 * these blanks and two decimals. Returns the length in bytes, without the
 * closing NUL.
 */
size_t pf_price_encode(const struct pf_price *price,
                       char buf[static PF_PRICE_JSON_SIZE]);

/** Why a value is no price, for counting. */
#define PF_REFUSAL_MAP(X)                                                     \
    X(NONE, "none")           /* it is one */                                 \
    X(EMPTY, "empty")         /* no value at all, or only blanks */           \
    X(TRUNCATED, "truncated") /* the JSON ends too early */                   \
    X(SYNTAX, "syntax")       /* no JSON */                                   \
    X(TRAILING, "trailing")   /* more bytes after the JSON */                 \
    X(TYPE, "type")           /* no object, or a member of the wrong type */  \
    X(MISSING, "missing")     /* no match or no price */                      \
    X(DUPLICATE, "duplicate") /* a member twice */                            \
    X(NUMBER, "number")       /* NaN, Infinity, 5. and the like */            \
    X(RANGE, "range")         /* a number too great, too small or too fine */ \
    X(DEPTH, "depth")         /* nested too deeply */                         \
    X(SIZE, "size")           /* longer than PF_PRICE_VALUE_MAX */

enum pf_price_refusal {
#define PF_REFUSAL_ENUM(name, text) PF_REFUSED_##name,
    PF_REFUSAL_MAP(PF_REFUSAL_ENUM)
#undef PF_REFUSAL_ENUM
};

/** One word for it: "truncated". */
const char *pf_price_refusal_text(enum pf_price_refusal refusal);

/**
 * Read a price from the len bytes at json, which need no closing NUL and stay
 * the caller's. Returns PF_REFUSED_NONE and fills *ret, or returns why it is
 * no price, leaves *ret alone and puts a sentence into *err.
 *
 * The value is one JSON object as RFC 8259 has it, in UTF-8. match is a whole
 * number of int64_t; price is a number from 0 to PF_TICKS_LIMIT ticks, with
 * at most two decimals that are not 0: finer ones are refused, not rounded.
 * Members besides these two are skipped, so that a later producer may add
 * some; their order does not matter. Whether a price is one that the feed's
 * own producer would make is not asked: pf_price_in_range() tells.
 */
enum pf_price_refusal pf_price_decode(const char *json, size_t len,
                                      struct pf_price *ret,
                                      struct pf_error *err);

/**
 * The fast way, for what pf_price_encode() makes of a price in range: returns
 * 1 and fills *ret when the len bytes at json are exactly that, else 0, which
 * says nothing about them. pf_price_decode() begins with it.
 */
int pf_price_recognise(const char *json, size_t len, struct pf_price *ret);

/** The slow way, for everything: what pf_price_decode() ends with. Both agree
 * on every input that the fast one takes. */
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
