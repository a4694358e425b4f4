#include "log_reader.h"

#include <string.h>

void pf_log_reader_init(struct pf_log_reader *reader,
                        void (*take)(void *context,
                                     const struct pf_log_line *line),
                        void *context)
{
    reader->take = take;
    reader->context = context;
    reader->before = (struct pf_log_line){.time_ms = -1, .level = PF_LOG_INFO};
    reader->stands = false;
    pf_log_reader_cut(reader, false);
}

/* Keep a part of a line, as much as there is room for. */
static void keep(struct pf_log_reader *reader, const char *bytes, size_t n)
{
    size_t room = reader->n < PF_LOG_LINE_MAX ? PF_LOG_LINE_MAX - reader->n : 0;

    reader->pending += n;
    if (reader->skips)
        return;
    memcpy(reader->line + reader->n, bytes, n < room ? n : room);
    reader->n += n < room ? n : room;
    if (n > room && reader->n == PF_LOG_LINE_MAX) {
        memcpy(reader->line + reader->n, "...", 3);
        reader->n += 3;
    }
}

/* A line is complete: find out when it was, and how severe it is. A line
 * without a head either goes on with the one before, or says something of its
 * own. */
static void judge(struct pf_log_reader *reader)
{
    struct pf_log_line *line = &reader->before;

    if (pf_log_line_read(reader->line, reader->n, line)) {
        reader->stands = true;
    } else if (!pf_log_line_continues(reader->line, reader->n)) {
        line->time_ms = -1;
        line->level = pf_log_line_guess(reader->line, reader->n);
        reader->stands = true;
    }
}

static void end_line(struct pf_log_reader *reader)
{
    if (!reader->skips) {
        if (reader->n && reader->line[reader->n - 1] == '\r')
            reader->n--;
        judge(reader);
        if (reader->take)
            reader->take(reader->context, &reader->before);
    }
    pf_log_reader_cut(reader, false);
}

void pf_log_reader_put(struct pf_log_reader *reader, const char *bytes,
                       size_t n)
{
    const char *end = bytes + n, *newline;

    while ((newline = memchr(bytes, '\n', (size_t)(end - bytes)))) {
        keep(reader, bytes, (size_t)(newline - bytes));
        end_line(reader);
        bytes = newline + 1;
    }
    keep(reader, bytes, (size_t)(end - bytes));
}

void pf_log_reader_cut(struct pf_log_reader *reader, bool within_line)
{
    reader->skips = within_line;
    reader->pending = 0;
    reader->n = 0;
}
