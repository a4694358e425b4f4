#include "say.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "text.h"

#define LOG_LINES 12 /* of a failed program's log */

static bool is_log;

void say_as_log(bool as_log)
{
    is_log = as_log;
}

/*
 * Standard error, opened again for non-blocking writes: O_NONBLOCK on the
 * original would affect all processes that share it. A socket cannot be opened
 * again; there we rely on poll(2) alone.
 */
static int error_output(void)
{
    static int fd = -1;

    if (fd < 0)
        fd = open("/proc/self/fd/2",
                  O_WRONLY | O_APPEND | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
    return fd < 0 ? STDERR_FILENO : fd;
}

static void say_plainly(const char *text)
{
    struct pollfd out = {.fd = error_output(), .events = POLLOUT};
    const char *node = getenv("PF_NODE");
    char named[1100], line[2000] = "pricefeed: ";
    size_t len = strlen(line);

    snprintf(named, sizeof named, "%.60s%s%s", node ? node : "",
             node && *node ? ": " : "", text);
    pf_escape(line + len, sizeof line - len - 1, named, strlen(named));
    len = strlen(line);
    line[len++] = '\n';
    if (poll(&out, 1, 0) == 1 && out.revents & POLLOUT &&
        write(out.fd, line, len) < 0 && errno == EAGAIN)
        return; /* no room: dropped */
}

void say_at(enum pf_log_level level, const char *fmt, ...)
{
    char text[1000];
    va_list args;

    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    if (is_log)
        pf_log(level, "%s", text);
    else
        say_plainly(text);
}

char *read_end_of_log(const char *path, char buf[static LOG_END_SIZE])
{
    FILE *in = fopen(path, "re");
    size_t len = 0;

    if (in && fseek(in, 1 - LOG_END_SIZE, SEEK_END))
        rewind(in);
    if (in) {
        len = fread(buf, 1, LOG_END_SIZE - 1, in);
        fclose(in);
    }
    buf[len] = '\0';
    return buf;
}

static int is_worth_saying(const char *line)
{
    return *line && strncmp(line, "\tat ", 4) && strncmp(line, "\t... ", 5);
}

void say_end_of_log(const char *name, const char *path)
{
    char buf[LOG_END_SIZE];
    const char *lines[LOG_LINES];
    char *rest = read_end_of_log(path, buf), *line;
    size_t n = 0;

    if (is_log)
        return;
    while ((line = strsep(&rest, "\n")))
        if (is_worth_saying(line))
            lines[n++ % LOG_LINES] = line;
    for (size_t i = n > LOG_LINES ? n - LOG_LINES : 0; i < n; i++)
        say("%s: %s", name, lines[i % LOG_LINES]);
}
