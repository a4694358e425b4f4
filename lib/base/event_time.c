#include "event_time.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "text.h"

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
    TIME = 10,
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

/* Overwrite n bytes at text with value in decimal. */
static void put_digits(char *text, size_t n, int value)
{
    while (n--) {
        text[n] = (char)('0' + value % 10);
        value /= 10;
    }
}

/* Seconds since 1970 at the begin of the day at text. Records of a day follow
 * each other, and timegm() costs a tenth of all that replaying one does: what
 * it gave last is kept. */
static bool read_date(const char *text, int64_t *ret)
{
    static _Thread_local char last[TIME] = "1970-01-01";
    static _Thread_local int64_t last_s;
    int year = digits(text, 4), month = digits(text + MONTH, 2) - 1;
    int day = digits(text + DAY, 2);
    struct tm tm = {.tm_year = year - 1900, .tm_mon = month, .tm_mday = day};

    if (memcmp(text, last, TIME) != 0) {
        int64_t seconds = timegm(&tm);

        if (year < 0 || text[4] != '-' || text[7] != '-' ||
            tm.tm_mon != month || tm.tm_mday != day) /* no such day */
            return false;
        memcpy(last, text, TIME);
        last_s = seconds;
    }
    *ret = last_s;
    return true;
}

/* Seconds since 1970 of the date and time at text, read as if it were UTC. */
static bool read_civil(const char *text, int64_t *ret)
{
    int hour = digits(text + HOUR, 2), minute = digits(text + MINUTE, 2);
    int second = digits(text + SECOND, 2);

    if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 ||
        second > 60 || !strchr("Tt ", text[TIME]) || text[13] != ':' ||
        text[16] != ':' || !read_date(text, ret))
        return false;
    *ret += hour * 3600 + minute * 60 + second;
    return true;
}

/* Overwrite date and time at text; false: the year has no four digits. */
static bool write_civil(char *text, int64_t seconds)
{
    time_t time = (time_t)seconds;
    struct tm tm;

    if (!gmtime_r(&time, &tm) || tm.tm_year < -1900 ||
        tm.tm_year >= 10000 - 1900)
        return false;
    put_digits(text + YEAR, 4, tm.tm_year + 1900);
    put_digits(text + MONTH, 2, tm.tm_mon + 1);
    put_digits(text + DAY, 2, tm.tm_mday);
    put_digits(text + HOUR, 2, tm.tm_hour);
    put_digits(text + MINUTE, 2, tm.tm_min);
    put_digits(text + SECOND, 2, tm.tm_sec);
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
                   "'%s' is not a time: 2026-11-02T09:00:00Z, or seconds, "
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
