#include "decimal.h"

#include <string.h>

/* The decimals that an average has more than its sum. */
#define AVERAGE_PLACES 6

#define DIGITS_MAX (PF_DECIMAL_WHOLE_MAX + PF_DECIMAL_PLACES_MAX)

/* An exponent beyond this gives 0, or a number that is too long. */
#define EXPONENT_MAX 100000000

typedef unsigned __int128 u128;

static const uint64_t powers[] = {
    UINT64_C(1),
    UINT64_C(10),
    UINT64_C(100),
    UINT64_C(1000),
    UINT64_C(10000),
    UINT64_C(100000),
    UINT64_C(1000000),
    UINT64_C(10000000),
    UINT64_C(100000000),
    UINT64_C(1000000000),
    UINT64_C(10000000000),
    UINT64_C(100000000000),
    UINT64_C(1000000000000),
    UINT64_C(10000000000000),
    UINT64_C(100000000000000),
    UINT64_C(1000000000000000),
    UINT64_C(10000000000000000),
    UINT64_C(100000000000000000),
    UINT64_C(1000000000000000000),
    UINT64_C(10000000000000000000),
};

/* The digits of a number, and where its point is. */
struct digits {
    u128 all;       /* as one whole number, */
    int64_t places; /* of which so many are after the point; below 0: so many
                     * zeros follow */
};

/* The digits at *text, up to a byte that is not one; moves *text there. False:
 * there are none, or too many. */
static bool read_digits(const char **text, const char *end, bool after_point,
                        int *n, struct digits *d)
{
    const char *begin = *text;

    for (; *text < end && **text >= '0' && **text <= '9'; ++*text) {
        *n += d->all || **text != '0';
        if (*n > DIGITS_MAX)
            return false;
        d->all = d->all * 10 + (u128)(**text - '0');
        d->places += after_point;
    }
    return *text > begin;
}

/* The exponent at text, if one is there, is all that is left. */
static bool read_exponent(const char *text, const char *end, struct digits *d)
{
    int64_t exponent = 0;
    bool negative;

    if (text == end)
        return true;
    if (*text != 'e' && *text != 'E')
        return false;
    text++;
    negative = text < end && *text == '-';
    if (text < end && (*text == '-' || *text == '+'))
        text++;
    if (text == end)
        return false;
    for (; text < end && *text >= '0' && *text <= '9'; text++)
        if (exponent < EXPONENT_MAX)
            exponent = exponent * 10 + (*text - '0');
    d->places += negative ? exponent : -exponent;
    return text == end;
}

/* As many units as these digits are. False: that is too long. */
static bool to_units(struct digits d, struct pf_decimal *ret)
{
    const u128 limit = (u128)powers[10] * powers[10]; /* of the whole part */

    if (!d.all && d.places > PF_DECIMAL_PLACES_MAX)
        d.places = PF_DECIMAL_PLACES_MAX;
    if (!d.all && d.places < 0)
        d.places = 0;
    if (d.places > PF_DECIMAL_PLACES_MAX || d.places <= -PF_DECIMAL_WHOLE_MAX)
        return false;
    if (d.places < 0) {
        if (d.all >= limit / powers[-d.places])
            return false;
        d.all *= powers[-d.places];
        d.places = 0;
    }
    if (d.all >= limit * powers[d.places])
        return false;
    ret->units = (__int128)(d.all * powers[PF_DECIMAL_PLACES_MAX - d.places]);
    ret->places = (uint8_t)d.places;
    return true;
}

bool pf_decimal_parse(const char *text, size_t len, struct pf_decimal *ret)
{
    const char *end = text + len;
    bool negative = len && *text == '-';
    struct digits digits = {0};
    struct pf_decimal number;
    int n = 0;

    text += negative;
    if (!read_digits(&text, end, false, &n, &digits))
        return false;
    if (text < end && *text == '.') {
        text++;
        if (!read_digits(&text, end, true, &n, &digits))
            return false;
    }
    if (!read_exponent(text, end, &digits) || !to_units(digits, &number))
        return false;
    if (negative)
        number.units = -number.units;
    *ret = number;
    return true;
}

void pf_decimal_add(struct pf_decimal_sum *sum, const struct pf_decimal *number)
{
    uint64_t sign = number->units < 0 ? UINT64_MAX : 0;
    u128 low = (u128)sum->limbs[0] + (uint64_t)number->units;
    u128 high = (u128)sum->limbs[1] + (uint64_t)(number->units >> 64) +
                (low >> 64);

    sum->limbs[0] = (uint64_t)low;
    sum->limbs[1] = (uint64_t)high;
    sum->limbs[2] += sign + (uint64_t)(high >> 64);
    if (number->places > sum->places)
        sum->places = number->places;
}

/* A whole number without a sign, the low limb first. */
#define LIMBS 4

struct whole {
    uint64_t limbs[LIMBS];
};

/* Divide by n; returns the remainder. */
static uint64_t divide(struct whole *whole, uint64_t n)
{
    u128 rest = 0;

    for (int i = LIMBS; i--;) {
        rest = rest << 64 | whole->limbs[i];
        whole->limbs[i] = (uint64_t)(rest / n);
        rest %= n;
    }
    return (uint64_t)rest;
}

/* Multiply by n, and add more; the result fits. */
static void multiply(struct whole *whole, uint64_t n, uint64_t more)
{
    u128 carry = more;

    for (int i = 0; i < LIMBS; i++) {
        carry += (u128)whole->limbs[i] * n;
        whole->limbs[i] = (uint64_t)carry;
        carry >>= 64;
    }
}

static bool is_zero(const struct whole *whole)
{
    return !(whole->limbs[0] | whole->limbs[1] | whole->limbs[2] |
             whole->limbs[3]);
}

/* The sum without its sign, in units of its last decimal. */
static struct whole magnitude(const struct pf_decimal_sum *sum, bool *negative)
{
    struct whole whole = {
        .limbs = {sum->limbs[0], sum->limbs[1], sum->limbs[2]}};

    *negative = sum->limbs[2] >> 63;
    if (*negative) {
        u128 carry = 1;

        for (int i = 0; i < 3; i++) {
            carry += (uint64_t)~whole.limbs[i];
            whole.limbs[i] = (uint64_t)carry;
            carry >>= 64;
        }
    }
    divide(&whole, powers[PF_DECIMAL_PLACES_MAX - sum->places]);
    return whole;
}

static size_t put(char *buf, struct whole whole, bool negative, int places)
{
    char digits[PF_DECIMAL_SIZE];
    size_t at = sizeof digits, n = 0;
    bool sign = negative && !is_zero(&whole);

    while (!is_zero(&whole) || (int)n <= places) {
        uint64_t some = divide(&whole, powers[18]);
        bool last = is_zero(&whole);

        for (int i = 0; i < 18 && (some || !last || (int)n <= places); i++) {
            if (places && (int)n == places)
                digits[--at] = '.';
            digits[--at] = (char)('0' + some % 10);
            some /= 10;
            n++;
        }
    }
    if (sign)
        digits[--at] = '-';
    memcpy(buf, digits + at, sizeof digits - at);
    return sizeof digits - at;
}

size_t pf_decimal_put_sum(char *buf, const struct pf_decimal_sum *sum)
{
    bool negative;
    struct whole whole = magnitude(sum, &negative);

    return put(buf, whole, negative, sum->places);
}

size_t pf_decimal_put(char *buf, const struct pf_decimal *number)
{
    struct pf_decimal_sum sum = {0};

    pf_decimal_add(&sum, number);
    return pf_decimal_put_sum(buf, &sum);
}

size_t pf_decimal_put_average(char *buf, const struct pf_decimal_sum *sum,
                              uint64_t n)
{
    bool negative;
    struct whole whole = magnitude(sum, &negative);
    uint64_t rest;

    multiply(&whole, powers[AVERAGE_PLACES], 0);
    rest = divide(&whole, n);
    if (rest > n - rest || (rest == n - rest && whole.limbs[0] & 1))
        multiply(&whole, 1, 1);
    return put(buf, whole, negative, sum->places + AVERAGE_PLACES);
}
