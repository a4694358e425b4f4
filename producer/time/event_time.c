#include "event_time.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "clock.h"
#include "text.h"

#define DAY_S 86400

/* A number is in the coarsest unit in which it is before the year 10000: the
 * next one begins with 1978, and no recording has what looks later. */
#define YEAR_10000_S INT64_C(253402300800)
#define DIGITS_MAX 19

static const struct unit {
    int64_t first; /* the smallest number that is in it */
    int64_t per_second;
} units[] = {
    {0, 1},
    {YEAR_10000_S, 1000},
    {YEAR_10000_S * 1000, 1000000},
    {YEAR_10000_S * 1000000, 1000000000},
};

/* The first moments of the years 2 and 9999. */
#define YEAR_2_US (INT64_C(-62104060800) * PF_SECOND_US)
#define YEAR_9999_US (INT64_C(253370764800) * PF_SECOND_US)

/* 2026-11-02T09:00:00: where its parts stand. */
enum {
    YEAR,
    MONTH = 5,
    DAY = 8,
    HOUR = 11,
    MINUTE = 14,
    SECOND = 17,
    END = 19
};

/* The n digits at text as a number; -1 if one is no digit. */
static int digits(const char *text, size_t n)
{
    int value = 0;

    for (size_t i = 0; i < n; i++) {
        if (text[i] < '0' || text[i] > '9')
            return -1;
        value = value * 10 + (text[i] - '0');
    }
    return value;
}

static bool is_leap(int year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int days_of_month(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

    return month == 2 && is_leap(year) ? 29 : days[month - 1];
}

/* Days from 1970-01-01 to the first of January of a year from 0 on. */
static int64_t days_before(int year)
{
    int64_t y = (int64_t)year + 399; /* year - 1, made positive by 400 */

    return (y * 365 + y / 4 - y / 100 + y / 400) - 865259;
}

/* Seconds since 1970 of the date and time at text, read as if it were UTC. */
static bool read_civil(const char *text, int64_t *ret)
{
    int year = digits(text, 4), month = digits(text + MONTH, 2);
    int day = digits(text + DAY, 2), hour = digits(text + HOUR, 2);
    int minute = digits(text + MINUTE, 2), second = digits(text + SECOND, 2);
    int64_t days;

    if (year < 0 || month < 1 || month > 12 || day < 1 ||
        day > days_of_month(year, month) || hour < 0 || hour > 23 ||
        minute < 0 || minute > 59 || second < 0 || second > 60 ||
        text[4] != '-' || text[7] != '-' || !strchr("Tt ", text[10]) ||
        text[13] != ':' || text[16] != ':')
        return false;
    days = days_before(year) + day - 1;
    for (int m = 1; m < month; m++)
        days += days_of_month(year, m);
    *ret = days * DAY_S + hour * 3600 + minute * 60 + second;
    return true;
}

/* Overwrite n bytes at text with value in decimal. */
static void put_digits(char *text, size_t n, int value)
{
    while (n--) {
        text[n] = (char)('0' + value % 10);
        value /= 10;
    }
}

/* Overwrite date and time at text; false: the year has no four digits. */
static bool write_civil(char *text, int64_t seconds)
{
    int64_t days = seconds / DAY_S;
    int rest = (int)(seconds % DAY_S), year, month = 1;

    if (rest < 0) {
        rest += DAY_S;
        days--;
    }
    if (days < days_before(0) || days >= days_before(10000))
        return false;
    year = 1970 + (int)(days / 366); /* never too late after 1970 */
    if (days < 0)
        year = 1970 + (int)(days / 365) - 2;
    if (year < 0)
        year = 0;
    while (days_before(year + 1) <= days)
        year++;
    days -= days_before(year);
    while (days >= days_of_month(year, month))
        days -= days_of_month(year, month++);
    put_digits(text + YEAR, 4, year);
    put_digits(text + MONTH, 2, month);
    put_digits(text + DAY, 2, (int)days + 1);
    put_digits(text + HOUR, 2, rest / 3600);
    put_digits(text + MINUTE, 2, rest / 60 % 60);
    put_digits(text + SECOND, 2, rest % 60);
    return true;
}

/* The fraction at *text, ".25", in microseconds; moves *text behind it. -1:
 * there is a point and no digit. */
static int64_t read_fraction(const char **text, const char *end)
{
    int64_t us = 0, unit = PF_SECOND_US;
    const char *at = *text;

    if (at == end || *at != '.')
        return 0;
    for (at++; at < end && *at >= '0' && *at <= '9'; at++) {
        unit /= 10;
        us += unit * (*at - '0');
    }
    if (at == *text + 1)
        return -1;
    *text = at;
    return us;
}

/* The offset from UTC that ends a time, in seconds. */
static bool read_offset(const char *text, size_t len, int64_t *ret)
{
    int hours, minutes;

    if (len == 1 && (*text == 'Z' || *text == 'z')) {
        *ret = 0;
        return true;
    }
    if (len != 6 || (*text != '+' && *text != '-') || text[3] != ':')
        return false;
    hours = digits(text + 1, 2);
    minutes = digits(text + 4, 2);
    if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59)
        return false;
    *ret = (hours * 3600 + minutes * 60) * (*text == '-' ? -1 : 1);
    return true;
}

static bool parse_rfc3339(const char *text, size_t len, int64_t *ret_us)
{
    const char *at = text + END, *end = text + len;
    int64_t seconds, fraction, offset;

    if (len <= END || !read_civil(text, &seconds))
        return false;
    fraction = read_fraction(&at, end);
    if (fraction < 0 || !read_offset(at, (size_t)(end - at), &offset))
        return false;
    *ret_us = (seconds - offset) * PF_SECOND_US + fraction;
    return true;
}

/* The whole part of a number of some unit; *ret_len is how many digits it has.
 */
static bool read_whole(const char *text, size_t len, int64_t *ret,
                       size_t *ret_len)
{
    uint64_t whole = 0;
    size_t n = 0;

    while (n < len && n <= DIGITS_MAX && text[n] >= '0' && text[n] <= '9')
        whole = whole * 10 + (uint64_t)(text[n++] - '0');
    *ret_len = n;
    *ret = (int64_t)whole;
    return n > 0 && n <= DIGITS_MAX && whole <= INT64_MAX;
}

static const struct unit *unit_of(int64_t whole)
{
    const struct unit *unit = units + sizeof units / sizeof *units - 1;

    while (whole < unit->first)
        unit--;
    return unit;
}

static bool parse_number(const char *text, size_t len, int64_t *ret_us)
{
    const char *at, *end = text + len;
    int64_t whole, fraction, per_second;
    size_t n;

    if (!read_whole(text, len, &whole, &n))
        return false;
    at = text + n;
    fraction = read_fraction(&at, end);
    /* Moved, it may have all the digits. */
    if (fraction < 0 || at != end || len - n + DIGITS_MAX >= PF_TIME_SIZE)
        return false;
    per_second = unit_of(whole)->per_second;
    if (per_second > PF_SECOND_US)
        *ret_us = whole / (per_second / PF_SECOND_US);
    else
        *ret_us = whole * (PF_SECOND_US / per_second) + fraction / per_second;
    return true;
}

enum pf_rc pf_time_parse(const char *text, size_t len, int64_t *ret_us,
                         struct pf_error *err)
{
    char shown[PF_TIME_SIZE];

    if (len < PF_TIME_SIZE &&
        (parse_rfc3339(text, len, ret_us) || parse_number(text, len, ret_us)))
        return PF_OK;
    return pf_fail(err, PF_FORMAT,
                   "'%s' is no time: 2026-11-02T09:00:00Z, or seconds, "
                   "milli-, micro- or nanoseconds since 1970",
                   pf_escape(shown, sizeof shown, text, len));
}

bool pf_time_reaches(const char *text, size_t len, int64_t from_us,
                     int64_t to_us)
{
    int64_t whole;
    size_t n;

    if (len > END && text[4] == '-')
        return from_us >= YEAR_2_US && to_us < YEAR_9999_US;
    if (!read_whole(text, len, &whole, &n))
        return false;
    return from_us >= (unit_of(whole) == units ? 0 : YEAR_10000_S * 1000) &&
           to_us < (whole < units[3].first ? YEAR_9999_US : INT64_MAX / 1000);
}

enum pf_rc pf_time_move(const char *text, size_t len, int64_t seconds,
                        char buf[static PF_TIME_SIZE], size_t *ret_len,
                        struct pf_error *err)
{
    int64_t was;
    size_t n;

    if (len > END && text[4] == '-' && read_civil(text, &was)) {
        memcpy(buf, text, len);
        *ret_len = len;
        if (write_civil(buf, was + seconds))
            return PF_OK;
    } else if (read_whole(text, len, &was, &n)) {
        const struct unit *unit = unit_of(was);
        int64_t is;

        if (!__builtin_mul_overflow(seconds, unit->per_second, &is) &&
            !__builtin_add_overflow(is, was, &is) && is >= 0 &&
            unit_of(is) == unit) {
            *ret_len = (size_t)snprintf(buf, PF_TIME_SIZE, "%" PRId64 "%.*s",
                                        is, (int)(len - n), text + n);
            return PF_OK;
        }
    }
    return pf_fail(err, PF_RANGE, "%.*s cannot be moved by %" PRId64 " s",
                   (int)len, text, seconds);
}

void pf_time_format(int64_t us, char buf[static PF_TIME_SIZE])
{
    int64_t seconds = us / PF_SECOND_US, rest = us % PF_SECOND_US;

    if (rest < 0) {
        rest += PF_SECOND_US;
        seconds--;
    }
    memcpy(buf, "0000-00-00T00:00:00.000Z", 25);
    write_civil(buf, seconds);
    put_digits(buf + END + 1, 3, (int)(rest / 1000));
}

int64_t pf_time_now_us(void)
{
    return pf_wall_ns() / 1000;
}
