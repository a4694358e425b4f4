#include "report.h"

#include <inttypes.h>
#include <string.h>

#include "text.h"

const char *pf_report_time(int64_t ms, char buf[32])
{
    /* Nobody means a time after the year 9999. */
    if (ms < 0 || ms > INT64_C(253402300799999))
        return strcpy(buf, "-");
    pf_put_time(buf, 32, ms);
    return buf;
}

const struct pf_histogram *pf_report_append(const struct pf_check *c)
{
    return c->topic->append.n ? &c->topic->append : &c->book->answers;
}

/* The first and the last timestamp; high is -1 if there is none. */
static void find_range(const struct pf_topic *t, int64_t *low, int64_t *high)
{
    *low = INT64_MAX;
    *high = -1;
    for (size_t k = 0; k < t->slices.n; k++)
        for (size_t i = 0; i < t->slices.at[k].times.n; i++) {
            int64_t ms = t->slices.at[k].times.at[i];

            if (ms >= 0 && ms < *low)
                *low = ms;
            if (ms >= 0 && ms > *high)
                *high = ms;
        }
}

/* Count the records of a slice into n bars from low on. */
static void count_records(const struct pf_slice *p, int64_t low, int64_t width,
                          struct pf_bar *bars, int n)
{
    for (size_t i = 0; i < p->times.n; i++) {
        uint64_t left = p->crcs.n - i * PF_TIME_STEP;
        int64_t bar = (p->times.at[i] - low) / width;

        if (p->times.at[i] >= 0)
            bars[bar < n ? bar : n - 1].records += left < PF_TIME_STEP
                                                       ? left
                                                       : PF_TIME_STEP;
    }
}

int pf_report_bars(const struct pf_topic *t, struct pf_bar bars[PF_BARS])
{
    int64_t low, high, width;
    int n = PF_BARS;

    find_range(t, &low, &high);
    if (high < 0)
        return 0;
    width = ((high - low) / PF_BARS / 1000 + 1) * 1000; /* whole seconds */
    if ((high - low) / width < PF_BARS)
        n = (int)((high - low) / width) + 1;
    for (int i = 0; i < n; i++)
        bars[i] = (struct pf_bar){.from_ms = low + i * width};
    for (size_t k = 0; k < t->slices.n; k++)
        count_records(&t->slices.at[k], low, width, bars, n);
    for (int i = 0; i < n; i++) {
        int64_t ms = i < n - 1 ? width : high - bars[i].from_ms + 1;

        bars[i].per_second = (double)bars[i].records * 1000 /
                             (double)(ms < 1000 && n > 1 ? 1000 : ms);
    }
    return n;
}

/* Write the partition, if there may be several, the offset and the time. */
static void print_place(const struct pf_topic *t, const struct pf_finding *f,
                        FILE *out)
{
    const struct pf_slice *p = pf_topic_slice(t, (uint64_t)f->place);
    uint64_t at = (uint64_t)f->place - p->base;
    char from[32], to[32];
    int64_t from_ms, to_ms;

    fputs(f->run == PF_NONE ? "" : ",", out);
    if (t->all)
        fprintf(out, " partition %" PRId64 ",", pf_topic_partition(t, p));
    fprintf(out, " %s %" PRId64,
            f->kind == PF_FOUND_LOST ? "before offset" : "offset",
            pf_slice_offset(p, at));
    pf_slice_window(p, at, &from_ms, &to_ms);
    fprintf(out, ", %s to %s", pf_report_time(from_ms, from),
            pf_report_time(to_ms, to));
}

/* Describe where and when a finding is. */
static void print_example(const struct pf_check *c, const struct pf_finding *f,
                          FILE *out)
{
    const struct pf_topic *t = c->topic;

    fprintf(out, "  %s:", pf_finding_texts[f->kind].word);
    if (f->run != PF_NONE && f->n > 1)
        fprintf(out, " numbers %" PRIu64 " to %" PRIu64, f->number,
                f->number + f->n - 1);
    else if (f->run != PF_NONE)
        fprintf(out, " number %" PRIu64, f->number);
    if (f->run != PF_NONE)
        fprintf(out, " of run %s", t->runs->list.at[f->run]->name);
    if (f->place >= 0)
        print_place(t, f, out);
    if (f->line)
        fprintf(out, "%s line %" PRId64 " of the console",
                f->run == PF_NONE && f->place < 0 ? "" : ",", f->line);
    if (f->run == PF_NONE && f->place < 0 && !f->line)
        fprintf(out, " %" PRIu64, f->n);
    fputc('\n', out);
}

static void print_findings(const struct pf_check *c, FILE *out)
{
    const struct pf_findings *found = &c->findings;

    for (int kind = 0; kind < PF_FINDING_KINDS; kind++) {
        int left = PF_EXAMPLES_MAX;

        if (!found->counts[kind])
            continue;
        fprintf(out, "%s: %" PRIu64 "  (%s)\n", pf_finding_texts[kind].word,
                found->counts[kind], pf_finding_texts[kind].meaning);
        for (size_t i = 0; i < found->list.n && left; i++) {
            if ((int)found->list.at[i].kind != kind)
                continue;
            print_example(c, &found->list.at[i], out);
            left--;
        }
    }
}

static void print_latency(const char *what, const struct pf_histogram *h,
                          FILE *out)
{
    if (!h->n) {
        fprintf(out, "%s: -\n", what);
        return;
    }
    fprintf(out, "%s: p50 %.3f ms, p99 %.3f ms, p99.9 %.3f ms, max %.3f ms\n",
            what, (double)pf_histogram_quantile(h, 0.5) / 1e6,
            (double)pf_histogram_quantile(h, 0.99) / 1e6,
            (double)pf_histogram_quantile(h, 0.999) / 1e6,
            (double)h->max / 1e6);
}

static void print_bars(const struct pf_topic *t, FILE *out)
{
    struct pf_bar bars[PF_BARS];
    int n = pf_report_bars(t, bars);
    char time[32];

    if (n)
        fprintf(out, "records a second:\n");
    for (int i = 0; i < n; i++)
        fprintf(out, "  %s %.1f\n", pf_report_time(bars[i].from_ms, time),
                bars[i].per_second);
}

static void print_ledger(const struct pf_check *c, FILE *out)
{
    const struct pf_book *b = c->book;

    fprintf(out,
            "sent: %zu, acknowledged: %" PRIu64 ", failed: %" PRIu64
            ", of unknown fate: %" PRIu64 "\n",
            b->crcs.n, b->n_ended[PF_END_ACKED], b->n_ended[PF_END_FAILED],
            b->n_ended[PF_END_UNKNOWN] + b->n_killed);
    if (b->n_ended[PF_END_UNKNOWN] + b->n_killed)
        fprintf(out,
                "  of unknown fate in the topic: %" PRIu64
                ", not in it: %" PRIu64 ", left by one kill at most: %" PRIu64
                "\n",
                c->unknown_there, c->unknown_absent, b->killed_max);
    if (c->not_judged)
        fprintf(out,
                "  acknowledged, but outside of what was read: %" PRIu64 "\n",
                c->not_judged);
}

static void print_topic(const struct pf_check *c, FILE *out)
{
    const struct pf_topic *t = c->topic;

    fprintf(out, "in the topic: %" PRIu64, t->n);
    if (t->all)
        fprintf(out, " (%s, %zu partitions)", t->feed->topic, t->slices.n);
    else if (t->n)
        fprintf(out, " (%s [%" PRId64 "], offsets %" PRId64 " to %" PRId64 ")",
                t->feed->topic, t->feed->partition, pf_topic_offset(t, 0),
                pf_topic_end(t) - 1);
    fprintf(out, ", runs: %" PRIu64 ", without a number: %" PRIu64 "\n",
            t->runs_seen, t->n - t->numbered);
    if (c->gone)
        fprintf(out,
                "  missing, perhaps removed with a partition's beginning: "
                "%" PRIu64 "\n",
                c->gone);
}

static void print_console(const struct pf_check *c, FILE *out)
{
    fprintf(out,
            "printed: %zu lines, %" PRIu64 " records, %" PRIu64 " not yet\n",
            c->lines->crcs.n, c->printed, c->unprinted);
    if (c->unknown_keys)
        fputs("  not compared: the order of these lines is not known\n", out);
    if (c->unjudged)
        fprintf(out,
                "  not compared: lines of %" PRIu64 " matches whose records "
                "are in several partitions\n",
                c->unjudged);
}

void pf_report_text(const struct pf_check *c, const char *undecided, FILE *out)
{
    const struct pf_topic *t;

    if (undecided) {
        fprintf(out, "valid: unknown\ncannot decide: %s\n", undecided);
        return;
    }
    t = c->topic;
    fprintf(out, "valid: %s\n", c->valid ? "true" : "false");
    if (c->book->any)
        print_ledger(c, out);
    print_topic(c, out);
    if (c->lines)
        print_console(c, out);
    print_findings(c, out);
    print_latency(t->append.n ? "send to append" : "send to acknowledgement",
                  pf_report_append(c), out);
    if (c->lines)
        print_latency("send to print", &c->print, out);
    print_bars(t, out);
}

void pf_report_status(const struct pf_check *c, const char *undecided,
                      char *buf, size_t size)
{
    const char *verdict = c->valid ? "valid so far" : "NOT valid so far";
    const struct pf_topic *t = c->topic;
    char place[40], lines[40] = "", counts[500] = "";

    snprintf(place, sizeof place, "to offset %" PRId64, pf_topic_end(t));
    if (t->all)
        snprintf(place, sizeof place, "of %zu partitions", t->slices.n);
    if (c->lines)
        snprintf(lines, sizeof lines, ", %zu lines", c->lines->crcs.n);
    if (!undecided)
        pf_findings_counts(&c->findings, counts, sizeof counts);
    snprintf(buf, size, "%" PRIu64 " records %s%s; %s%s%s", t->n, place, lines,
             undecided ? undecided : verdict, *counts ? ", " : "", counts);
}
