#include "log_line.h"

#include <ctype.h>
#include <string.h>
#include <time.h>

/* What is left of a line. */
struct rest {
    const char *at;
    size_t n;
};

static void skip(struct rest *rest, size_t n)
{
    rest->at += n;
    rest->n -= n;
}

/* Take one of these characters. */
static bool take(struct rest *rest, const char *any)
{
    if (!rest->n || !*rest->at || !strchr(any, *rest->at))
        return false;
    skip(rest, 1);
    return true;
}

static bool take_word(struct rest *rest, const char *word)
{
    size_t n = strlen(word);

    if (rest->n < n || memcmp(rest->at, word, n) != 0)
        return false;
    skip(rest, n);
    return true;
}

/* Take a number of exactly that many digits, from min to max. */
static bool take_number(struct rest *rest, unsigned digits, int min, int max,
                        int *ret)
{
    int value = 0;

    if (rest->n < digits)
        return false;
    for (unsigned i = 0; i < digits; i++) {
        if (!isdigit((unsigned char)rest->at[i]))
            return false;
        value = value * 10 + (rest->at[i] - '0');
    }
    if (value < min || value > max)
        return false;
    skip(rest, digits);
    *ret = value;
    return true;
}

/* 2026-11-26T09:00:00.000, or with ' ' and ','. */
static bool take_date(struct rest *rest, struct tm *ret, int *ret_ms)
{
    struct tm tm = {.tm_isdst = -1};

    if (!take_number(rest, 4, 1970, 9999, &tm.tm_year) || !take(rest, "-") ||
        !take_number(rest, 2, 1, 12, &tm.tm_mon) || !take(rest, "-") ||
        !take_number(rest, 2, 1, 31, &tm.tm_mday) || !take(rest, "T ") ||
        !take_number(rest, 2, 0, 23, &tm.tm_hour) || !take(rest, ":") ||
        !take_number(rest, 2, 0, 59, &tm.tm_min) || !take(rest, ":") ||
        !take_number(rest, 2, 0, 60, &tm.tm_sec) || !take(rest, ".,") ||
        !take_number(rest, 3, 0, 999, ret_ms))
        return false;
    tm.tm_year -= 1900;
    tm.tm_mon--;
    *ret = tm;
    return true;
}

/* Z, UTC, GMT or +01:00; without one of them it is the machine's own time, as
 * supervisord writes it. */
static bool take_zone(struct rest *rest, struct tm *tm, int64_t *ret_seconds)
{
    bool is_east = rest->n && *rest->at == '+';
    int hours = 0, minutes = 0;

    if (take(rest, "+-")) {
        if (!take_number(rest, 2, 0, 18, &hours) || !take(rest, ":") ||
            !take_number(rest, 2, 0, 59, &minutes))
            return false;
    } else if (!take(rest, "Z") && !take_word(rest, " UTC") &&
               !take_word(rest, " GMT")) {
        *ret_seconds = mktime(tm);
        return true;
    }
    *ret_seconds = timegm(tm) -
                   (is_east ? 1 : -1) * (hours * 3600 + minutes * 60);
    return true;
}

/* PostgreSQL's [PID]. */
static void skip_pid(struct rest *rest)
{
    struct rest after = *rest;
    int digit;

    if (!take(&after, "["))
        return;
    while (take_number(&after, 1, 0, 9, &digit))
        ;
    if (take_word(&after, "] "))
        *rest = after;
}

/* Take a level. A word that is none stays, and means information. */
static enum pf_log_level take_level(struct rest *rest, enum pf_log_level before)
{
    enum { SAME = -1 };
    static const struct {
        const char *name;
        int level;
    } levels[] = {
        {"info", PF_LOG_INFO},
        {"warning", PF_LOG_WARNING},
        {"error", PF_LOG_ERROR},
        {"debug", PF_LOG_DEBUG},

        {"INFO", PF_LOG_INFO},
        {"WARN", PF_LOG_WARNING},
        {"ERROR", PF_LOG_ERROR},
        {"FATAL", PF_LOG_ERROR},
        {"DEBUG", PF_LOG_DEBUG},
        {"TRACE", PF_LOG_DEBUG},

        {"CRIT", PF_LOG_ERROR},
        {"ERRO", PF_LOG_ERROR},
        {"DEBG", PF_LOG_DEBUG},
        {"TRAC", PF_LOG_DEBUG},
        {"BLAT", PF_LOG_DEBUG},

        {"LOG", PF_LOG_INFO},
        {"NOTICE", PF_LOG_INFO},
        {"WARNING", PF_LOG_WARNING},
        {"PANIC", PF_LOG_ERROR},
        {"DEBUG1", PF_LOG_DEBUG},
        {"DETAIL", SAME},
        {"HINT", SAME},
        {"STATEMENT", SAME},
        {"CONTEXT", SAME},
    };
    size_t n = 0;

    while (n < rest->n && isalnum((unsigned char)rest->at[n]))
        n++;
    for (size_t i = 0; i < sizeof levels / sizeof *levels; i++) {
        if (strlen(levels[i].name) != n ||
            memcmp(levels[i].name, rest->at, n) != 0)
            continue;
        skip(rest, n);
        take(rest, ":");
        return levels[i].level == SAME ? before
                                       : (enum pf_log_level)levels[i].level;
    }
    return PF_LOG_INFO;
}

bool pf_log_line_read(const char *line, size_t n, struct pf_log_line *ret)
{
    struct rest rest = {line, n};
    int64_t seconds;
    struct tm tm;
    int ms;

    if (!take_date(&rest, &tm, &ms) || !take_zone(&rest, &tm, &seconds) ||
        !take(&rest, " ")) {
        ret->has_head = false;
        ret->text = line;
        ret->n = n;
        return false;
    }
    skip_pid(&rest);
    ret->level = take_level(&rest, ret->level);
    while (take(&rest, " "))
        ;
    ret->has_head = true;
    ret->time_ms = seconds * 1000 + ms;
    ret->text = rest.at;
    ret->n = rest.n;
    return true;
}

static bool ends_in(const char *text, size_t n, const char *word)
{
    size_t len = strlen(word);

    return n >= len && !memcmp(text + n - len, word, len);
}

/* "java.lang.IllegalStateException: why", which Java writes between a message
 * and the frames. */
static bool is_exception(const char *line, size_t n)
{
    size_t len = 0, dots = 0;

    while (len < n && (isalnum((unsigned char)line[len]) ||
                       (line[len] && strchr("._$", line[len]))))
        dots += line[len++] == '.';
    if (!dots || !islower((unsigned char)*line) ||
        (len < n && line[len] != ':'))
        return false;
    return ends_in(line, len, "Exception") || ends_in(line, len, "Error") ||
           ends_in(line, len, "Throwable");
}

bool pf_log_line_continues(const char *line, size_t n)
{
    struct rest rest = {line, n};

    return take(&rest, " \t") || take_word(&rest, "Caused by: ") ||
           take_word(&rest, "Suppressed: ") || is_exception(line, n);
}

enum pf_log_level pf_log_line_guess(const char *line, size_t n)
{
    static const char warns[] = " warning: ";
    struct rest rest = {line, n};

    if (take_word(&rest, "Exception in thread ") ||
        take_word(&rest, "Traceback ") || take_word(&rest, "Error: "))
        return PF_LOG_ERROR;
    return memmem(line, n, warns, strlen(warns)) ? PF_LOG_WARNING : PF_LOG_INFO;
}

size_t pf_log_line_take_name(struct pf_log_line *line, const char **ret)
{
    const char *text = line->text;
    size_t len = 0;

    while (len < line->n &&
           (islower((unsigned char)text[len]) ||
            isdigit((unsigned char)text[len]) || text[len] == '-'))
        len++;
    if (!len || len + 2 > line->n || memcmp(text + len, ": ", 2) != 0)
        return 0;
    *ret = text;
    line->text += len + 2;
    line->n -= len + 2;
    return len;
}

const char *pf_log_level_name(enum pf_log_level level)
{
    static const char *const names[] = {"error", "warning", "info", "debug"};

    return names[level];
}
