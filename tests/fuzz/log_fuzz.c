/* Any bytes are a log: its lines are the same in whatever pieces it comes, each
 * has at most the bytes that are its own, and what is shown is printable. */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "log_reader.h"
#include "printable.h"
#include "utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds)
        abort();
}

/* Written out: each line with its time and level. */
static void put(void *context, const struct pf_log_line *line)
{
    must(line->n <= PF_LOG_LINE_MAX + 3);
    must(line->level <= PF_LOG_DEBUG);
    pf_buffer_printf(context, "%lld %d ", (long long)line->time_ms,
                     (int)line->level);
    pf_buffer_put(context, line->text, line->n);
    pf_buffer_put(context, "\n", 1);
}

static struct pf_buffer read_in_pieces(const char *bytes, size_t size,
                                       size_t piece)
{
    struct pf_log_reader reader;
    struct pf_buffer lines = {0};

    pf_log_reader_init(&reader, put, &lines);
    for (size_t at = 0; at < size; at += piece)
        pf_log_reader_put(&reader, bytes + at,
                          size - at < piece ? size - at : piece);
    return lines;
}

static void must_be_printable(const char *bytes, size_t size)
{
    struct pf_buffer once = {0}, twice = {0};

    web_printable(&once, bytes, size);
    must(pf_utf8_is_text(once.at, once.n));
    for (size_t i = 0; i < once.n; i++)
        must((unsigned char)once.at[i] >= 0x20 || once.at[i] == '\t');
    web_printable(&twice, once.at, once.n);
    must(twice.n == once.n && !memcmp(twice.at, once.at, once.n));
    pf_buffer_release(&once);
    pf_buffer_release(&twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *bytes = (const char *)data;
    struct pf_buffer whole, pieces;

    if (!size)
        return 0;
    whole = read_in_pieces(bytes, size, size);
    pieces = read_in_pieces(bytes, size, 1 + data[0] % 50);
    must(pieces.n == whole.n);
    must(!whole.n || !memcmp(pieces.at, whole.at, whole.n));
    pf_buffer_release(&whole);
    pf_buffer_release(&pieces);
    must_be_printable(bytes, size);
    return 0;
}
