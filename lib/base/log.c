#include "log.h"

#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "text.h"

/* Below PIPE_BUF, so that lines of several programs do not mix, and below
 * what a ready pipe is sure to take, so that write(2) does not wait. */
#define LINE_SIZE 2048
_Static_assert(LINE_SIZE < PIPE_BUF, "a line is one piece");

#define LIMIT_MS 5000

static const char *program = "pricefeed";
static enum pf_log_level least = PF_LOG_INFO;
static uint64_t dropped; /* lines that standard error had no room for */

/* librdkafka logs from its own threads. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

void pf_log_init(const char *name, enum pf_log_level level)
{
    program = name;
    least = level;
}

static void put_line(enum pf_log_level level, const char *text)
{
    static const char *const names[] = {"error", "warning", "info", "debug"};
    struct pollfd out = {.fd = STDERR_FILENO, .events = POLLOUT};
    char line[LINE_SIZE];
    size_t len;

    if (poll(&out, 1, 0) != 1 || !(out.revents & POLLOUT)) {
        dropped++;
        return;
    }
    len = pf_put_time(line, sizeof line, pf_wall_ns() / 1000000);
    len += (size_t)snprintf(line + len, 128, " %s %.60s: ", names[level],
                            program);
    if (dropped)
        len += (size_t)snprintf(line + len, 80,
                                "(%llu lines before this one were dropped) ",
                                (unsigned long long)dropped);
    pf_escape(line + len, sizeof line - len - 1, text, strlen(text));
    len += strlen(line + len);
    line[len++] = '\n';
    if (write(STDERR_FILENO, line, len) == (ssize_t)len)
        dropped = 0;
}

static void put(enum pf_log_level level, const char *suffix, const char *fmt,
                va_list args)
{
    char text[1200];

    vsnprintf(text, sizeof text - 64, fmt, args);
    strcat(text, suffix); /* at most 63 bytes, by put's two callers */
    pthread_mutex_lock(&lock);
    put_line(level, text);
    pthread_mutex_unlock(&lock);
}

void pf_log(enum pf_log_level level, const char *fmt, ...)
{
    va_list args;

    if (level > least)
        return;
    va_start(args, fmt);
    put(level, "", fmt, args);
    va_end(args);
}

void pf_log_limited(struct pf_log_limit *limit, enum pf_log_level level,
                    const char *fmt, ...)
{
    int64_t now = pf_now_ms();
    char suffix[64] = "";
    va_list args;

    if (level > least)
        return;
    pthread_mutex_lock(&lock);
    if (now < limit->next_ms) {
        limit->held++;
        pthread_mutex_unlock(&lock);
        return;
    }
    if (limit->held)
        snprintf(suffix, sizeof suffix, " (and %llu more like this)",
                 (unsigned long long)limit->held);
    limit->next_ms = now + LIMIT_MS;
    limit->held = 0;
    pthread_mutex_unlock(&lock);
    va_start(args, fmt);
    put(level, suffix, fmt, args);
    va_end(args);
}
