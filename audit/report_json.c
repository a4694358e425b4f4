#include <json-c/json.h>

#include "report.h"

/* json-c takes over what is added. A NULL value is JSON's null, and also the
 * result if memory ran out: that is checked once, at the end. */
static void add(json_object *to, const char *name, json_object *value)
{
    json_object_object_add(to, name, value);
}

static void add_count(json_object *to, const char *name, uint64_t n)
{
    add(to, name, json_object_new_uint64(n));
}

static void add_text(json_object *to, const char *name, const char *text)
{
    add(to, name, json_object_new_string(text));
}

static void add_time(json_object *to, const char *name, int64_t ms)
{
    char text[32];

    pf_report_time(ms, text);
    add(to, name, *text == '-' ? NULL : json_object_new_string(text));
}

static void add_ms(json_object *to, const char *name, uint64_t ns)
{
    add(to, name, json_object_new_double((double)(ns / 1000) / 1000));
}

static json_object *latency(const struct pf_histogram *h)
{
    json_object *all;

    if (!h->n)
        return NULL;
    all = json_object_new_object();
    add_count(all, "n", h->n);
    add_ms(all, "p50", pf_histogram_quantile(h, 0.5));
    add_ms(all, "p99", pf_histogram_quantile(h, 0.99));
    add_ms(all, "p99.9", pf_histogram_quantile(h, 0.999));
    add_ms(all, "max", h->max);
    return all;
}

/* Add the partition, if there may be several, the offset and the time. */
static void add_place(json_object *to, const struct pf_topic *t,
                      const struct pf_finding *f)
{
    const struct pf_slice *p = pf_topic_slice(t, (uint64_t)f->place);
    uint64_t at = (uint64_t)f->place - p->base;
    int64_t from_ms, to_ms;

    if (t->all)
        add(to, "partition", json_object_new_int64(pf_topic_partition(t, p)));
    add(to, f->kind == PF_FOUND_LOST ? "before_offset" : "offset",
        json_object_new_int64(pf_slice_offset(p, at)));
    pf_slice_window(p, at, &from_ms, &to_ms);
    add_time(to, "from", from_ms);
    add_time(to, "to", to_ms);
}

static json_object *example(const struct pf_check *c,
                            const struct pf_finding *f)
{
    const struct pf_topic *t = c->topic;
    json_object *all = json_object_new_object();

    add_count(all, "sequence", f->sequence);
    add_count(all, "n", f->n);
    if (f->run != PF_NONE) {
        add_text(all, "run", t->runs->list.at[f->run]->name);
        add_count(all, "number", f->number);
    }
    if (f->place >= 0)
        add_place(all, t, f);
    if (f->line)
        add(all, "line", json_object_new_int64(f->line));
    return all;
}

static json_object *findings(const struct pf_check *c)
{
    const struct pf_findings *found = &c->findings;
    json_object *all = json_object_new_object();

    for (int kind = 0; kind < PF_FINDING_KINDS; kind++) {
        json_object *one, *examples;
        int left = PF_EXAMPLES_MAX;

        if (!found->counts[kind])
            continue;
        one = json_object_new_object();
        examples = json_object_new_array();
        for (size_t i = 0; i < found->list.n && left; i++) {
            if ((int)found->list.at[i].kind != kind)
                continue;
            json_object_array_add(examples, example(c, &found->list.at[i]));
            left--;
        }
        add_count(one, "count", found->counts[kind]);
        add(one, "examples", examples);
        add(all, pf_finding_texts[kind].word, one);
    }
    return all;
}

static json_object *ledger(const struct pf_check *c)
{
    const struct pf_book *b = c->book;
    json_object *all;

    if (!b->any)
        return NULL;
    all = json_object_new_object();
    add_count(all, "sent", b->crcs.n);
    add_count(all, "acknowledged", b->n_ended[PF_END_ACKED]);
    add_count(all, "failed", b->n_ended[PF_END_FAILED]);
    add_count(all, "unknown", b->n_ended[PF_END_UNKNOWN] + b->n_killed);
    add_count(all, "unknown_in_topic", c->unknown_there);
    add_count(all, "unknown_absent", c->unknown_absent);
    add_count(all, "unknown_by_one_kill_max", b->killed_max);
    add_count(all, "not_judged", c->not_judged);
    return all;
}

static json_object *topic(const struct pf_check *c)
{
    const struct pf_topic *t = c->topic;
    json_object *all = json_object_new_object();

    add_text(all, "name", t->feed->topic);
    if (t->all)
        add_count(all, "partitions", t->slices.n);
    else
        add(all, "partition", json_object_new_int64(t->feed->partition));
    add_count(all, "records", t->n);
    if (t->n && !t->all) {
        add(all, "first_offset", json_object_new_int64(pf_topic_offset(t, 0)));
        add(all, "end_offset", json_object_new_int64(pf_topic_end(t)));
    }
    add_count(all, "runs", t->runs_seen);
    add_count(all, "without_number", t->n - t->numbered);
    if (c->gone)
        add_count(all, "not_judged", c->gone);
    return all;
}

static json_object *console(const struct pf_check *c)
{
    json_object *all;

    if (!c->lines)
        return NULL;
    all = json_object_new_object();
    add_count(all, "lines", c->lines->crcs.n);
    add_count(all, "printed", c->printed);
    add_count(all, "not_yet", c->unprinted);
    if (c->unjudged)
        add_count(all, "matches_not_compared", c->unjudged);
    if (c->unknown_keys)
        add(all, "compared", json_object_new_boolean(false));
    return all;
}

static json_object *throughput(const struct pf_topic *t)
{
    json_object *all = json_object_new_array();
    struct pf_bar bars[PF_BARS];
    int n = pf_report_bars(t, bars);

    for (int i = 0; i < n; i++) {
        json_object *bar = json_object_new_object();

        add_time(bar, "from", bars[i].from_ms);
        add_count(bar, "records", bars[i].records);
        add(bar, "per_second",
            json_object_new_double((double)(uint64_t)(bars[i].per_second * 10) /
                                   10));
        json_object_array_add(all, bar);
    }
    return all;
}

enum pf_rc pf_report_json(const struct pf_check *c, const char *undecided,
                          FILE *out)
{
    json_object *all = json_object_new_object();
    json_object *latencies = json_object_new_object();
    const char *text;

    add(all, "valid", undecided ? NULL : json_object_new_boolean(c->valid));
    if (undecided) {
        add_text(all, "reason", undecided);
        json_object_put(latencies);
    } else {
        add(all, "ledger", ledger(c));
        add(all, "topic", topic(c));
        add(all, "console", console(c));
        add(all, "findings", findings(c));
        add(latencies, "send_to_append", latency(&c->topic->append));
        add(latencies, "send_to_acknowledgement", latency(&c->book->answers));
        add(latencies, "send_to_print", latency(&c->print));
        add(all, "latency_ms", latencies);
        add(all, "throughput", throughput(c->topic));
    }
    text = json_object_to_json_string_ext(
        all, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE);
    if (text)
        fprintf(out, "%s\n", text);
    json_object_put(all);
    return text ? PF_OK : PF_NOMEM;
}
