#include "metrics_text.h"

#include <inttypes.h>
#include <stdlib.h>

#include "metrics_histogram.h"
#include "metrics_name.h"
#include "vec.h"

/* A metric of a program, on its way to a line. */
struct sample {
    size_t family, labels; /* where they begin in struct page's texts */
    struct pf_metric metric;
    uint64_t value;
    const struct pf_histogram *histogram; /* of a histogram */
};

struct page {
    struct pf_buffer *to;
    bool openmetrics;
    int64_t boot_ns;
    struct pf_buffer texts; /* names of families and labels, each with a NUL */
    PF_VEC(struct sample) samples;
    size_t left_out;
};

static const char *text_at(const struct page *page, size_t at)
{
    return page->texts.at + at;
}

/* Append the family's name and the labels to the texts. */
static bool put_texts(struct page *page, struct sample *sample,
                      const char *program)
{
    struct pf_buffer *texts = &page->texts;

    sample->family = texts->n;
    if (!pf_metrics_put_family(texts, &sample->metric))
        return false;
    pf_buffer_put(texts, "", 1);
    sample->labels = texts->n;
    if (!pf_metrics_put_labels(texts, &sample->metric, program))
        return false;
    pf_buffer_put(texts, "", 1);
    return true;
}

/* False: memory ran out. */
static bool take_metric(struct page *page,
                        const struct pf_metrics_program *program, size_t index)
{
    struct sample sample = {
        .metric = pf_stats_metric(program->stats, index),
        .value = *pf_stats_at(program->stats, index),
        .histogram = pf_stats_histogram(program->stats, index)};

    if (pf_metrics_scale(&sample.metric) == PF_SCALE_MOMENT && !sample.value)
        return true; /* it never was */
    if (put_texts(page, &sample, program->name))
        return PF_VEC_PUSH(&page->samples, sample);
    page->left_out++;
    return true;
}

static bool take(struct page *page, const struct pf_metrics_program *program)
{
    bool ok = true;

    for (size_t i = 0; ok && i < pf_stats_count(program->stats); i++)
        ok = take_metric(page, program, i);
    return ok;
}

static int compare(const void *a, const void *b, void *context)
{
    const struct sample *x = a, *y = b;
    const struct page *page = context;
    int order = strcmp(text_at(page, x->family), text_at(page, y->family));

    if (!order)
        order = strcmp(text_at(page, x->labels), text_at(page, y->labels));
    return order ? order : PF_ORDER(x->family, y->family);
}

/* OpenMetrics names the family of a counter without _total. */
static void put_family(const struct page *page, const struct sample *first)
{
    static const char *const types[] = {[PF_COUNTER] = "counter",
                                        [PF_GAUGE] = "gauge",
                                        [PF_HISTOGRAM] = "histogram"};
    const char *name = text_at(page, first->family);
    bool is_counter = first->metric.type == PF_COUNTER;
    const char *suffix = is_counter && !page->openmetrics ? "_total" : "";
    const char *unit = pf_metrics_unit(&first->metric);

    pf_buffer_printf(page->to, "# HELP %s%s ", name, suffix);
    pf_metrics_put_text(page->to, first->metric.help,
                        page->openmetrics ? "\\\"\n" : "\\\n");
    pf_buffer_printf(page->to, "\n# TYPE %s%s %s\n", name, suffix,
                     types[first->metric.type]);
    if (unit && page->openmetrics)
        pf_buffer_printf(page->to, "# UNIT %s %s\n", name, unit);
}

static void put_value(const struct page *page, const struct sample *sample)
{
    switch (pf_metrics_scale(&sample->metric)) {
    case PF_SCALE_NONE:
        pf_metrics_put_decimal(page->to, sample->value, 0);
        return;
    case PF_SCALE_SECONDS:
        pf_metrics_put_decimal(page->to, sample->value, 9);
        return;
    case PF_SCALE_MOMENT:
        /* In ms: how the clocks differ varies, and so would what is printed */
        pf_metrics_put_decimal(
            page->to,
            sample->value / 1000000 + (uint64_t)page->boot_ns / 1000000, 3);
        return;
    }
}

static void put_sample(const struct page *page, const struct sample *sample)
{
    const char *family = text_at(page, sample->family);
    const char *labels = text_at(page, sample->labels);

    if (sample->histogram) {
        pf_metrics_put_histogram(page->to, family, labels, sample->histogram,
                                 pf_metrics_scale(&sample->metric) !=
                                     PF_SCALE_NONE);
        return;
    }
    pf_buffer_printf(page->to, "%s%s{%s} ", family,
                     sample->metric.type == PF_COUNTER ? "_total" : "", labels);
    put_value(page, sample);
    pf_buffer_text(page->to, "\n");
}

/* Write the samples, which are sorted. */
static void put_all(struct page *page)
{
    const struct sample *first = NULL, *last = NULL;

    for (size_t i = 0; i < page->samples.n; i++) {
        const struct sample *sample = &page->samples.at[i];

        if (!first || strcmp(text_at(page, first->family),
                             text_at(page, sample->family)) != 0) {
            put_family(page, sample);
            first = sample;
        } else if (sample->metric.type != first->metric.type ||
                   !strcmp(text_at(page, last->labels),
                           text_at(page, sample->labels))) {
            page->left_out++;
            continue;
        }
        put_sample(page, sample);
        last = sample;
    }
}

void pf_metrics_end(struct pf_buffer *to, bool openmetrics)
{
    if (openmetrics)
        pf_buffer_text(to, "# EOF\n");
}

size_t pf_metrics_write(struct pf_buffer *to,
                        const struct pf_metrics_program *programs, size_t n,
                        bool openmetrics, int64_t boot_ns)
{
    struct page page = {
        .to = to, .openmetrics = openmetrics, .boot_ns = boot_ns};
    bool ok = true;

    for (size_t i = 0; ok && i < n; i++)
        ok = take(&page, &programs[i]);
    if (ok && !page.texts.failed) {
        if (page.samples.n)
            qsort_r(page.samples.at, page.samples.n, sizeof *page.samples.at,
                    compare, &page);
        put_all(&page);
    } else {
        pf_buffer_release(to);
        to->failed = true;
    }
    free(page.samples.at);
    pf_buffer_release(&page.texts);
    return page.left_out;
}
