/* decimal.h - exact decimal numbers, as JSON writes them.
 *
 * A number is never a double: 4.56 has no exact binary form. Each keeps how
 * many decimals it was written with: 4.50 stays 4.50, and 4.50 + 4.5 is 9.00.
 */
#ifndef PF_DECIMAL_H
#define PF_DECIMAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Most digits of a number, written out, before and after its point. */
#define PF_DECIMAL_WHOLE_MAX 20
#define PF_DECIMAL_PLACES_MAX 18

/** Bytes for any number that is written here. No NUL follows it. */
#define PF_DECIMAL_SIZE 96

/** Not aligned like other integers of 128 bits: it would cost 8 bytes a number.
 */
typedef __int128 pf_decimal_units __attribute__((aligned(8)));

/** A number. */
struct pf_decimal {
    pf_decimal_units units; /* of 10^-PF_DECIMAL_PLACES_MAX */
    uint8_t places;         /* digits after its point */
};

/** A sum of up to 2^63 numbers, all of which fit. All zero: 0. */
struct pf_decimal_sum {
    uint64_t limbs[3]; /* of the same units, the low one first; in two's
                        * complement */
    uint8_t places;    /* the most that one of the numbers has */
};

/**
 * Parse the len bytes at text, which are a number as JSON has it. An exponent
 * is written out: 1.5e3 is 1500, and 15e-1 is 1.5. False: it has more digits
 * than above, or it is not a number.
 */
bool pf_decimal_parse(const char *text, size_t len, struct pf_decimal *ret);

void pf_decimal_add(struct pf_decimal_sum *sum,
                    const struct pf_decimal *number);

/** Write it to buf, which has room for PF_DECIMAL_SIZE bytes; returns how many
 * it took. Zero has no sign. */
size_t pf_decimal_put(char *buf, const struct pf_decimal *number);
size_t pf_decimal_put_sum(char *buf, const struct pf_decimal_sum *sum);

/** The same for sum / n, with six more decimals than the sum has. The last is
 * rounded, from the middle to the even digit. n is 1 to 2^63. */
size_t pf_decimal_put_average(char *buf, const struct pf_decimal_sum *sum,
                              uint64_t n);

#endif
