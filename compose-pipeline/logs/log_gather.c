#include "log_gather.h"

#include <string.h>

#include "log_line.h"

/* Remove n bytes at that place. */
static void take_out(struct log_gather *gather, size_t at, size_t n)
{
    memmove(gather->buf + at, gather->buf + at + n, gather->n - at - n);
    gather->n -= n;
}

/* The caller is done with the last record. */
static void settle(struct log_gather *gather)
{
    take_out(gather, 0, gather->taken);
    gather->taken = 0;
}

char *log_gather_room(struct log_gather *gather, size_t *ret_size)
{
    settle(gather);
    *ret_size = sizeof gather->buf - gather->n;
    return gather->buf + gather->n;
}

/* Of a line that is too long, leave out what comes until its end. */
static void cut_line(struct log_gather *gather, size_t from)
{
    char *at = gather->buf + from;
    char *end = memchr(at, '\n', gather->n - from);
    size_t n = end ? (size_t)(end - at) : gather->n - from;

    take_out(gather, from, n);
    gather->line_cut += n;
    gather->is_cutting = !end;
}

void log_gather_added(struct log_gather *gather, size_t n)
{
    size_t before = gather->n;

    gather->n += n;
    if (gather->is_cutting)
        cut_line(gather, before);
}

/* The line of len bytes after the record becomes part of it. */
static void join(struct log_gather *gather, size_t len)
{
    size_t end = gather->record + len + 1;

    gather->cut += gather->line_cut;
    gather->line_cut = 0;
    if (end > LOG_RECORD_MAX) {
        size_t kept = gather->record < LOG_RECORD_MAX ? LOG_RECORD_MAX
                                                      : gather->record;

        gather->cut += end - kept;
        take_out(gather, kept, end - kept);
        end = kept;
    }
    gather->record = end;
}

/* Its last newline is not part of it, kept or cut. */
static void take_record(struct log_gather *gather, struct log_gathered *ret)
{
    size_t n = gather->record;

    *ret = gather->cut ? (struct log_gathered){gather->buf, n, gather->cut - 1}
                       : (struct log_gathered){gather->buf, n - 1, 0};
    gather->taken = n;
    gather->record = 0;
    gather->cut = 0;
}

bool log_gather_next(struct log_gather *gather, struct log_gathered *ret)
{
    settle(gather);
    for (;;) {
        const char *line = gather->buf + gather->record;
        size_t left = gather->n - gather->record;
        const char *end = memchr(line, '\n', left);
        size_t len = end ? (size_t)(end - line) : left;

        if (!end) {
            if (left > LOG_RECORD_MAX && !gather->is_cutting)
                cut_line(gather, gather->record + LOG_RECORD_MAX);
            return false;
        }
        if (gather->record && !pf_log_line_continues(line, len)) {
            take_record(gather, ret);
            return true;
        }
        join(gather, len);
    }
}

bool log_gather_has_some(const struct log_gather *gather)
{
    return gather->record > 0;
}

void log_gather_flush(struct log_gather *gather, struct log_gathered *ret)
{
    take_record(gather, ret);
}

bool log_gather_end(struct log_gather *gather)
{
    settle(gather);
    if (gather->n == gather->record)
        return false;
    gather->buf[gather->n++] = '\n'; /* in log_gather_room() */
    gather->is_cutting = false;
    return true;
}

void log_gather_break(struct log_gather *gather)
{
    settle(gather);
    while (gather->n > gather->record && gather->buf[gather->n - 1] != '\n')
        gather->n--;
    gather->line_cut = 0;
    gather->is_cutting = false;
}
