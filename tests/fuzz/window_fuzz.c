/* Any records: what windows make of them is the same in one batch, and one by
 * one with a restart in between; and each result is JSON that Kafka takes.
 *
 * The first byte chooses the settings; then there is a record in each line:
 * TIMESTAMP KEY VALUE. */
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "buffer.h"
#include "json_scan.h"
#include "options.h"
#include "window_filter.h"

#define RECORDS_MAX 64

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct conf {
    struct pf_window_conf windows;
};

static const struct pf_option options[] = {
    PF_WINDOW_OPTIONS(struct conf, windows), PF_OPTION_END};

/* What the bits of the first byte choose. */
static const char *const choices[][3] = {
    {"feed.window.size", "10s", "1ms"},
    {"feed.window.advance", "", "3s"}, /* not with 1ms */
    {"feed.window.grace", "0s", "1000d"},
    {"feed.window.time", "", "t"},
    {"feed.window.key", "", "k"},
    {"feed.window.ahead", "1h", "1000d"},
    {"feed.window.aggregates", "count", "sum(.p), avg(.p), ohlc(.p)"},
};

#define N_CHOICES (sizeof choices / sizeof *choices)

static void must(bool holds)
{
    if (!holds)
        abort();
}

static void choose(struct conf *conf, uint8_t bits)
{
    struct pf_settings settings = pf_settings_init();

    if (bits & 1)
        bits &= (uint8_t)~2;
    for (size_t i = 0; i < N_CHOICES; i++)
        must(!pf_settings_put(&settings, choices[i][0],
                              choices[i][1 + (bits >> i & 1)], "fuzz",
                              PF_FROM_COMMAND, NULL));
    must(!pf_options_apply(conf, options, &settings, NULL));
    must(!pf_window_check(&conf->windows, &settings, NULL));
    pf_settings_release(&settings);
}

/* One line as a record. */
static struct pf_record parse(const char *line, size_t len, int64_t offset)
{
    struct pf_record record = {
        .topic = "t", .offset = offset, .value = line, .value_len = len};
    char number[24] = "";
    const char *space = memchr(line, ' ', len), *end = line + len;

    if (!space)
        return record;
    memcpy(number, line,
           (size_t)(space - line) < sizeof number ? (size_t)(space - line)
                                                  : sizeof number - 1);
    record.timestamp = strtoll(number, NULL, 10);
    record.key = ++space;
    space = memchr(space, ' ', (size_t)(end - space));
    record.key_len = (size_t)((space ? space : end) - (char *)record.key);
    record.value = space ? space + 1 : NULL;
    record.value_len = space ? (size_t)(end - space - 1) : 0;
    return record;
}

static size_t parse_all(const char *text, size_t len, struct pf_record *ret)
{
    size_t n = 0;

    while (len && n < RECORDS_MAX) {
        const char *end = memchr(text, '\n', len);
        size_t line = end ? (size_t)(end - text) : len;

        ret[n] = parse(text, line, (int64_t)n);
        n++;
        text += line + (end != NULL);
        len -= line + (end != NULL);
    }
    return n;
}

/* What these records have become, in their order. */
static void note(struct pf_buffer *out, const struct pf_record *records,
                 size_t n, const struct pf_filtered *filtered)
{
    const struct pf_output *results = &filtered->outputs[0];
    const struct pf_refusal *refusals = filtered->refusals;
    size_t given = 0, refused = 0;

    for (size_t i = 0; i < n; i++) {
        for (; given < results->n && results->from[given] == i; given++) {
            const struct pf_record *r = &results->records[given];

            must(r->timestamp >= 0 && r->timestamp <= PF_WINDOW_LAST_MS);
            must(!pf_json_scan(r->value, r->value_len, NULL, 0, NULL));
            pf_buffer_printf(out, "%" PRId64 " ", r->timestamp);
            pf_buffer_put(out, r->value, r->value_len);
        }
        if (refused < filtered->n_refused &&
            refusals[refused].record == &records[i])
            pf_buffer_printf(out, "%" PRId64 " %s\n", records[i].offset,
                             refusals[refused++].kind);
    }
    must(given == results->n && refused == filtered->n_refused);
}

/* Read these records, so many at a time. */
static void read_on(struct pf_filter *filter, const struct pf_record *records,
                    size_t from, size_t to, size_t step, struct pf_buffer *out)
{
    struct pf_filtered filtered;

    for (; from < to; from += step) {
        size_t n = to - from < step ? to - from : step;

        must(!filter->ops->apply(filter, records + from, n, &filtered, NULL));
        note(out, records + from, n, &filtered);
    }
}

/* The filter after a partition was assigned; *from is where it begins. */
static struct pf_filter *begin(const struct pf_window_conf *conf,
                               struct pf_stats *stats, size_t offset,
                               const char *metadata, size_t *from)
{
    struct pf_partition partition = {.topic = "t",
                                     .offset = (int64_t)offset,
                                     .metadata = metadata,
                                     .from = -1};
    struct pf_filter *filter;

    must(!pf_window_open(conf, NULL, stats, &filter, NULL));
    must(!filter->ops->assigned(filter, &partition, NULL));
    *from = partition.from >= 0 ? (size_t)partition.from : offset;
    must(*from <= offset);
    return filter;
}

static bool is_same(const struct pf_buffer *a, const struct pf_buffer *b)
{
    return a->n == b->n && (!a->n || !memcmp(a->at, b->at, a->n));
}

static void try(const struct pf_window_conf *conf, struct pf_stats *stats,
                const struct pf_record *records, size_t n)
{
    struct pf_buffer whole = {0}, parts = {0};
    char metadata[PF_METADATA_SIZE];
    const char *text;
    size_t from, half = n / 2;
    struct pf_filter *filter = begin(conf, stats, 0, NULL, &from);

    read_on(filter, records, 0, n, RECORDS_MAX, &whole);
    pf_filter_close(filter);

    filter = begin(conf, stats, 0, NULL, &from);
    read_on(filter, records, 0, half, 1, &parts);
    text = filter->ops->metadata(filter, "t", 0);
    if (text)
        strcpy(metadata, text);
    pf_filter_close(filter);
    filter = begin(conf, stats, half, text ? metadata : NULL, &from);
    read_on(filter, records, from, n, 1 + n % 3, &parts);
    pf_filter_close(filter);

    must(is_same(&whole, &parts));
    pf_buffer_release(&whole);
    pf_buffer_release(&parts);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct pf_metric metrics[] = {PF_WINDOW_METRIC_ROWS};
    static struct pf_stats *stats;
    struct pf_record records[RECORDS_MAX];
    struct conf conf = {0};

    if (!stats)
        must(!pf_stats_open("", metrics, PF_WINDOW_METRICS, &stats, NULL));
    if (!size)
        return 0;
    choose(&conf, data[0]);
    try(&conf.windows, stats, records,
        parse_all((const char *)data + 1, size - 1, records));
    pf_options_release(&conf, options);
    return 0;
}
