/* Windows against a slow and obvious model: random settings, records out of
 * order, batches cut anywhere, and lives that end anywhere. What is final in
 * the end is what the model says. */
#include "window_world.h"

#include <inttypes.h>

#include "event_time.h"
#include "prng.h"
#include "vec.h"

#define PARTITIONS 3
#define RECORDS 150 /* of each partition */
#define BEGIN INT64_C(1795683600000)
#define RUNS 400

static uint64_t dice, rolls; /* a seed, and how many were drawn from it */

static int64_t roll(int64_t n)
{
    return (int64_t)(pf_prng_at(dice, rolls++) % (uint64_t)n);
}

/* Lines of text: results and dead letters of a partition, in their order. */
struct lines {
    PF_VEC(char *) list;
};

static void add_line(struct lines *lines, const char *text)
{
    char *copy = strdup(text);

    assert_non_null(copy);
    assert_true(PF_VEC_PUSH(&lines->list, copy));
}

static void drop_lines(struct lines *lines)
{
    for (size_t i = 0; i < lines->list.n; i++)
        free(lines->list.at[i]);
    lines->list.n = 0;
}

static void free_lines(struct lines *lines)
{
    drop_lines(lines);
    free(lines->list.at);
    lines->list.at = NULL;
    lines->list.size = 0;
}

/* ------------------------------------------------------------------ records */

/* A record, and what is in it. */
struct event {
    int64_t offset, timestamp;
    char key[4];     /* "": none */
    char value[120]; /* with a time and a price, or cut off */
    char number[40];
    int64_t time;
    int64_t price; /* in thousandths */
    int places;
    const char *bad; /* the kind of what is wrong; NULL: it is good */
};

static struct event events[PARTITIONS][RECORDS];

struct how {
    int64_t size, advance, grace, ahead;
    bool own_time;
};

/* A number of thousandths as text, with so many decimals; scale is how many the
 * number has. */
static const char *decimal(char *buf, __int128 number, int scale, int places)
{
    bool negative = number < 0;
    uint64_t whole, part = 1;
    __int128 size = negative ? -number : number;

    for (int i = places; i < scale; i++) {
        assert_true(size % 10 == 0);
        size /= 10;
    }
    for (int i = 0; i < places; i++)
        part *= 10;
    whole = (uint64_t)(size / part);
    if (places)
        sprintf(buf, "%s%" PRIu64 ".%0*" PRIu64, negative ? "-" : "", whole,
                places, (uint64_t)(size % part));
    else
        sprintf(buf, "%s%" PRIu64, negative && whole ? "-" : "", whole);
    return buf;
}

static void make_event(struct event *e, const struct how *how, int64_t around)
{
    static const char *const keys[] = {"a", "b", "cc", ""};
    static const int64_t units[] = {1000, 100, 10, 1};
    char time[PF_TIME_SIZE], number[sizeof e->number];

    e->bad = NULL;
    e->time = around + roll(2 * (how->grace + how->size)) - 2 * roll(how->size);
    e->timestamp = e->time;
    if (how->own_time)
        e->timestamp += how->ahead - roll(how->ahead * 2 + 2);
    if (e->time > e->timestamp + how->ahead)
        e->bad = "ahead";
    e->places = (int)roll(4);
    e->price = (roll(200) - 100) * units[e->places];
    decimal(number, e->price, 3, e->places);
    memcpy(e->number, number, sizeof number);
    strcpy(e->key, keys[roll(4)]);
    pf_time_format(e->time * 1000, time);
    snprintf(e->value, sizeof e->value, "{\"t\":\"%s\",\"p\":%s}", time,
             number);
    if (!roll(25)) {
        e->value[strlen(e->value) - 1] = '\0';
        e->bad = "syntax";
    }
}

static void make_events(const struct how *how)
{
    for (int p = 0; p < PARTITIONS; p++) {
        int64_t around = BEGIN + roll(1000), offset = roll(5);

        for (int i = 0; i < RECORDS; i++) {
            make_event(&events[p][i], how, around);
            events[p][i].offset = offset;
            offset += 1 + !roll(6); /* others may be markers of transactions */
            around += roll(10) ? roll(how->advance + 1)
                               : roll(how->size * 3 + 1);
        }
    }
}

/* -------------------------------------------------------------------- model */

/* An open window of a key: its records, by their place in the partition. */
struct slow_window {
    int64_t start;
    char key[4];
    int members[RECORDS];
    int n;
};

static int by_time(const struct event *of, const int *members, int n, bool last)
{
    int best = members[0];

    for (int i = 1; i < n; i++)
        if (last ? of[members[i]].time >= of[best].time
                 : of[members[i]].time < of[best].time)
            best = members[i];
    return best;
}

static int by_price(const struct event *of, const int *members, int n,
                    int64_t sign)
{
    int best = members[0];

    for (int i = 1; i < n; i++)
        if (of[members[i]].price * sign > of[best].price * sign)
            best = members[i];
    return best;
}

/* The mean, in millionths of the last of so many decimals, to the even one. */
static const char *average(char *buf, int64_t sum, int places, int n)
{
    __int128 total = (__int128)sum * 1000000, size, part;

    for (int i = places; i < 3; i++)
        total /= 10;
    size = total < 0 ? -total : total;
    part = size % n;
    size = size / n;
    if (part * 2 > n || (part * 2 == n && size % 2))
        size++;
    return decimal(buf, total < 0 ? -size : size, places + 6, places + 6);
}

static void tell(struct lines *lines, const struct how *how,
                 const struct event *of, const struct slow_window *s)
{
    char text[1000], from[PF_TIME_SIZE], to[PF_TIME_SIZE], sum[40], avg[40];
    int64_t all = 0;
    int places = 0;

    for (int i = 0; i < s->n; i++) {
        all += of[s->members[i]].price;
        if (of[s->members[i]].places > places)
            places = of[s->members[i]].places;
    }
    pf_time_format(s->start * 1000, from);
    pf_time_format((s->start + how->size) * 1000, to);
    snprintf(text, sizeof text,
             "%s at %" PRId64
             ": {\"key\":%s%s%s,\"start\":\"%s\",\"end\":\"%s\",\"count\":%d,"
             "\"sum\":%s,\"avg\":%s,\"open\":%s,\"high\":%s,\"low\":%s,"
             "\"close\":%s}",
             s->key, s->start + how->size - 1, *s->key ? "\"" : "",
             *s->key ? s->key : "null", *s->key ? "\"" : "", from, to, s->n,
             decimal(sum, all, 3, places), average(avg, all, places, s->n),
             of[by_time(of, s->members, s->n, false)].number,
             of[by_price(of, s->members, s->n, 1)].number,
             of[by_price(of, s->members, s->n, -1)].number,
             of[by_time(of, s->members, s->n, true)].number);
    add_line(lines, text);
}

/* Give the windows that are closed at that time, by their end, and then by the
 * order in which their keys came. */
static void close_windows(struct lines *lines, const struct how *how,
                          const struct event *of, struct slow_window *open,
                          int *n, int64_t time)
{
    for (;;) {
        int first = -1;

        for (int i = 0; i < *n; i++)
            if (open[i].start + how->size + how->grace <= time &&
                (first < 0 || open[i].start < open[first].start))
                first = i;
        if (first < 0)
            return;
        tell(lines, how, of, &open[first]);
        memmove(&open[first], &open[first + 1],
                (size_t)(--*n - first) * sizeof *open);
    }
}

/* Add it to each window that has its time; returns to how many. */
static int put_in(const struct how *how, const struct event *of, int number,
                  struct slow_window *open, int *n, int64_t time)
{
    const struct event *e = &of[number];
    int added = 0;

    for (int64_t start = e->time - how->size + 1; start <= e->time; start++) {
        int i = 0;

        if (start % how->advance || start + how->size + how->grace <= time)
            continue;
        while (i < *n &&
               (open[i].start != start || strcmp(open[i].key, e->key) != 0))
            i++;
        if (i == *n) {
            open[i] = (struct slow_window){.start = start};
            strcpy(open[i].key, e->key);
            (*n)++;
        }
        open[i].members[open[i].n++] = number;
        added++;
    }
    return added;
}

/* All that a partition becomes. */
static void run_model(struct lines *lines, const struct how *how,
                      const struct event *of)
{
    static struct slow_window open[20000];
    int64_t time = INT64_MIN;
    int n = 0;

    for (int i = 0; i < RECORDS; i++) {
        const struct event *e = &of[i];
        const char *bad = e->bad;
        char text[60];

        if (!bad && e->time > time) {
            time = e->time;
            close_windows(lines, how, of, open, &n, time);
        }
        if (!bad && !put_in(how, of, i, open, &n, time))
            bad = "late";
        if (!bad)
            continue;
        snprintf(text, sizeof text, "%" PRId64 " is refused: %s", e->offset,
                 bad);
        add_line(lines, text);
    }
}

/* -------------------------------------------------------------------- lives */

/* What is final, and what is not yet. */
static struct {
    int64_t offset;
    char metadata[PF_METADATA_SIZE];
    struct lines final, pending;
    int next;   /* the number of the record to be read next */
    bool given; /* the filter has it */
} parts[PARTITIONS];

static struct world w;

static int number_at(int p, int64_t offset)
{
    int i = 0;

    while (i < RECORDS && events[p][i].offset < offset)
        i++;
    return i;
}

/* The partition comes, where it is through. */
static void assign(int p)
{
    int64_t from;

    drop_lines(&parts[p].pending);
    if (world_assign(&w, p, parts[p].offset,
                     *parts[p].metadata ? parts[p].metadata : NULL, &from))
        fail_msg("%s", w.err.text);
    assert_true(from <= parts[p].offset);
    parts[p].next = number_at(p, from);
    parts[p].given = true;
}

/* Make final what the partition has become. */
static void commit(int p)
{
    const char *text = w.filter->ops->metadata(w.filter, "t", p);
    int next = parts[p].next;
    int64_t offset = next ? events[p][next - 1].offset + 1 : 0;

    if (offset > parts[p].offset)
        parts[p].offset = offset;
    snprintf(parts[p].metadata, sizeof parts[p].metadata, "%s",
             text ? text : "");
    for (size_t i = 0; i < parts[p].pending.list.n; i++)
        add_line(&parts[p].final, parts[p].pending.list.at[i]);
    drop_lines(&parts[p].pending);
}

static struct pf_record record_of(int p, const struct event *e)
{
    return (struct pf_record){.topic = "t",
                              .partition = p,
                              .offset = e->offset,
                              .timestamp = e->timestamp,
                              .key = *e->key ? e->key : NULL,
                              .key_len = strlen(e->key),
                              .value = e->value,
                              .value_len = strlen(e->value)};
}

/* The results and dead letters of the batch, as the model has them: those of a
 * record come in this order. */
static void collect(const struct pf_record *records, size_t n)
{
    const struct pf_output *out = &w.out.outputs[0];
    size_t given = 0, refused = 0;

    for (size_t i = 0; i < n; i++) {
        struct lines *to = &parts[records[i].partition].pending;
        char text[1000];

        for (; given < out->n && out->from[given] == i; given++) {
            const struct pf_record *r = &out->records[given];

            assert_int_equal(r->partition, records[i].partition);
            snprintf(text, sizeof text, "%.*s at %" PRId64 ": %.*s",
                     (int)r->key_len, r->key ? (const char *)r->key : "",
                     r->timestamp, (int)r->value_len, (const char *)r->value);
            add_line(to, text);
        }
        if (refused < w.out.n_refused &&
            w.out.refusals[refused].record == &records[i]) {
            snprintf(text, sizeof text, "%" PRId64 " is refused: %s",
                     records[i].offset, w.out.refusals[refused].kind);
            add_line(to, text);
            refused++;
        }
    }
    assert_int_equal(given, out->n);
    assert_int_equal(refused, w.out.n_refused);
}

/* Read some records of some partitions. False: there are none left. */
static bool read_batch(size_t most)
{
    struct pf_record records[60] = {{0}};
    size_t n = 0, want = 1 + (size_t)roll((int64_t)most);
    bool left = false;

    for (int p = 0; p < PARTITIONS; p++)
        left |= !parts[p].given || parts[p].next < RECORDS;
    while (left && n < want && roll(40)) {
        int p = (int)roll(PARTITIONS);

        if (parts[p].given && parts[p].next < RECORDS)
            records[n++] = record_of(p, &events[p][parts[p].next++]);
    }
    if (world_apply(&w, records, n))
        fail_msg("%s", w.err.text);
    collect(records, n);
    return left;
}

static void take_away(int p)
{
    if (roll(2))
        commit(p); /* else what it has become is lost */
    w.filter->ops->revoked(w.filter, "t", p);
    parts[p].given = false;
}

/* Something happens to a partition between two batches. */
static void happen(int p, bool disturbed)
{
    if (!parts[p].given)
        assign(p);
    else if (disturbed && !roll(8))
        take_away(p);
    else if (disturbed && !roll(8))
        assign(p); /* after an abort */
    else if (!roll(3))
        commit(p);
}

/* One life: until all is read, or it dies. True: it was the last. */
static bool live(int64_t mortality)
{
    size_t most = 1 + (size_t)roll(59);
    bool left = true, alive = true;

    world_open(&w);
    for (int p = 0; p < PARTITIONS; p++)
        assign(p);
    while (left && alive) {
        left = read_batch(most);
        alive = !mortality || roll(mortality);
        if (left && alive)
            happen((int)roll(PARTITIONS), mortality);
    }
    for (int p = 0; p < PARTITIONS && alive; p++)
        commit(p);
    pf_filter_close(w.filter);
    w.filter = NULL;
    return alive;
}

static void open_settings(const struct how *how)
{
    char size[30], advance[30], grace[30], ahead[30];
    const char *settings[20];
    size_t n = 0;

    snprintf(size, sizeof size, "%" PRId64 "ms", how->size);
    snprintf(advance, sizeof advance, "%" PRId64 "ms", how->advance);
    snprintf(grace, sizeof grace, "%" PRId64 "ms", how->grace);
    snprintf(ahead, sizeof ahead, "%" PRId64 "ms", how->ahead);
    settings[n++] = "feed.window.size";
    settings[n++] = size;
    settings[n++] = "feed.window.advance";
    settings[n++] = advance;
    settings[n++] = "feed.window.grace";
    settings[n++] = grace;
    settings[n++] = "feed.window.ahead";
    settings[n++] = ahead;
    settings[n++] = "feed.window.aggregates";
    settings[n++] = "count, sum(.p), avg(.p), ohlc(.p)";
    settings[n++] = "feed.window.time";
    settings[n++] = how->own_time ? ".t" : "";
    settings[n] = NULL;
    assert_int_equal(world_check(&w, settings), PF_OK);
}

static void assert_same(const struct lines *is, const struct lines *expected)
{
    for (size_t i = 0; i < is->list.n && i < expected->list.n; i++)
        if (strcmp(is->list.at[i], expected->list.at[i]) != 0)
            fail_msg("run %d, line %zu:\n%s\ninstead of\n%s", (int)dice, i,
                     is->list.at[i], expected->list.at[i]);
    if (is->list.n != expected->list.n)
        fail_msg("run %d: %zu lines instead of %zu", (int)dice, is->list.n,
                 expected->list.n);
}

static struct {
    size_t results, late, lives;
} seen;

static void run(int64_t mortality)
{
    struct how how = {
        .size = 1 + roll(60), .ahead = 1 + roll(100), .own_time = roll(2)};
    struct lines expected = {{0}};

    how.advance = roll(2) ? how.size : 1 + roll(how.size);
    how.grace = roll(3) ? roll(80) : 0;
    make_events(&how);
    open_settings(&how);
    for (int p = 0; p < PARTITIONS; p++)
        parts[p].offset = roll(2) ? 0 : events[p][0].offset;
    do
        seen.lives++;
    while (!live(mortality));
    for (int p = 0; p < PARTITIONS; p++) {
        run_model(&expected, &how, events[p]);
        assert_same(&parts[p].final, &expected);
        for (size_t i = 0; i < expected.list.n; i++) {
            seen.results += strstr(expected.list.at[i], "count") != NULL;
            seen.late += strstr(expected.list.at[i], ": late") != NULL;
        }
        free_lines(&expected);
        free_lines(&parts[p].final);
        free_lines(&parts[p].pending);
        parts[p].offset = 0;
        *parts[p].metadata = '\0';
    }
    world_close(&w);
}

static void runs(int64_t mortality)
{
    memset(&seen, 0, sizeof seen);
    for (dice = 1; dice <= RUNS; dice++) {
        rolls = 0;
        run(mortality);
    }
    print_message("# %zu results, %zu late, %zu lives\n", seen.results,
                  seen.late, seen.lives);
    assert_true(seen.results > RUNS * 50 && seen.late > RUNS * 5);
}

static void batches_do_not_change_results(void **state)
{
    (void)state;
    runs(0);
    assert_int_equal(seen.lives, RUNS);
}

static void neither_do_deaths_and_changes_of_partitions(void **state)
{
    (void)state;
    runs(25);
    assert_true(seen.lives > RUNS * 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(batches_do_not_change_results),
        cmocka_unit_test(neither_do_deaths_and_changes_of_partitions),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
