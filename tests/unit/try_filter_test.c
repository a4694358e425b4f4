/* What a filter makes of records, as a text for people. */
#include "unit.h"

#include "try_filter.h"

#define COUNTERS 1
static const struct pf_metric metrics[COUNTERS] = {
    {"dropped", "Records that the fake filter drops.", PF_COUNTER, "records"}};

/* A filter that does what a record's value says: a letter for each result, of
 * which r refuses it and d drops it. */
struct fake {
    struct pf_filter base;
    size_t applied;           /* records that it was given */
    struct pf_record made[4]; /* of the last one */
    struct pf_refusal refusal;
    int64_t from; /* what assigned() sets */
    bool fails, revoked, closed;
};

static struct fake fake;
static struct pf_stats *stats;
static struct pf_filter *filter;
static struct pf_filtered out;

static enum pf_rc fake_apply(struct pf_filter *base,
                             const struct pf_record *records, size_t n,
                             struct pf_filtered *ret, struct pf_error *err)
{
    const char *what = records->value;
    size_t made = 0;

    (void)base;
    assert_int_equal(n, 1);
    *ret = (struct pf_filtered){0};
    fake.applied++;
    if (fake.fails)
        return pf_fail(err, PF_RANGE, "too much of it");
    for (size_t i = 0; what && i < records->value_len; i++)
        if (what[i] == 'r') {
            fake.refusal = (struct pf_refusal){.record = records,
                                               .kind = "map"};
            pf_fail(&fake.refusal.reason, PF_FORMAT, "no \033[2J user");
            ret->refusals = &fake.refusal;
            ret->n_refused = 1;
        } else if (what[i] == 'd') {
            pf_stats_add(stats, 0, 1);
        } else if (what[i] != '.') {
            fake.made[made] = *records;
            fake.made[made++].timestamp = 1795683600000 + what[i];
        }
    ret->outputs[0] = (struct pf_output){.records = fake.made, .n = made};
    return PF_OK;
}

static enum pf_rc fake_assigned(struct pf_filter *base,
                                struct pf_partition *partition,
                                struct pf_error *err)
{
    (void)base;
    (void)err;
    partition->from = fake.from;
    return PF_OK;
}

static void fake_revoked(struct pf_filter *base, const char *topic,
                         int32_t partition)
{
    (void)base;
    assert_string_equal(topic, "in");
    assert_int_equal(partition, 1);
    fake.revoked = true;
}

static void fake_close(struct pf_filter *base)
{
    (void)base;
    fake.closed = true;
}

static const struct pf_filter_ops fake_ops = {
    .n_outputs = 1,
    .apply = fake_apply,
    .assigned = fake_assigned,
    .revoked = fake_revoked,
    .close = fake_close,
};

static void open_filter(struct pf_try_conf conf, struct pf_filter *inner)
{
    conf.output = "out";
    if (!conf.dead_letters)
        conf.dead_letters = "";
    if (!conf.count)
        conf.count = 100;
    assert_int_equal(pf_stats_open("", metrics, COUNTERS, &stats, NULL), PF_OK);
    assert_int_equal(pf_try_filter_open(&conf, inner, stats, &filter, NULL),
                     PF_OK);
}

static int begin(void **state)
{
    (void)state;
    fake = (struct fake){.base = {&fake_ops}, .from = -1};
    return 0;
}

static int end(void **state)
{
    (void)state;
    pf_filter_close(filter);
    filter = NULL;
    pf_stats_close(stats);
    stats = NULL;
    return 0;
}

#define RECORD(at, text)                                                       \
    {                                                                          \
        .topic = "in", .partition = 1, .offset = at, .timestamp = -1,          \
        .key = "k", .key_len = 1, .value = text, .value_len = sizeof(text) - 1 \
    }

static enum pf_rc apply(const struct pf_record *records, size_t n)
{
    struct pf_error err;

    return filter->ops->apply(filter, records, n, &out, &err);
}

/* Text number i is of record number from, and is this. */
static void assert_text(size_t i, uint32_t from, const char *text)
{
    const struct pf_output *texts = &out.outputs[0];
    char got[6000];

    assert_true(i < texts->n);
    assert_int_equal(texts->from[i], from);
    snprintf(got, sizeof got, "%.*s", (int)texts->records[i].value_len,
             (const char *)texts->records[i].value);
    assert_string_equal(got, text);
}

static void each_result_is_told_with_its_key_time_and_value(void **state)
{
    const struct pf_record records[] = {RECORD(7, "ab"), RECORD(8, "a")};

    (void)state;
    open_filter((struct pf_try_conf){0}, &fake.base);
    assert_int_equal(apply(records, 2), PF_OK);
    assert_int_equal(out.outputs[0].n, 2);
    assert_text(0, 0,
                "in [1] 7, key \"k\"\n"
                "    out, key \"k\", 2026-11-26T09:00:00.097Z: ab\n"
                "    out, key \"k\", 2026-11-26T09:00:00.098Z: ab");
    assert_text(1, 1,
                "in [1] 8, key \"k\"\n"
                "    out, key \"k\", 2026-11-26T09:00:00.097Z: a");
    assert_int_equal(out.n_refused, 0);
}

static void what_is_refused_is_told_with_what_becomes_of_it(void **state)
{
    static const char *const told[] = {
        [PF_ON_BAD_SKIP] = "skipped",
        [PF_ON_BAD_STOP] = "ends before it",
        [PF_ON_BAD_DEAD_LETTER] = "dead letter in dead"};
    const struct pf_record record = RECORD(7, "r");

    (void)state;
    for (size_t i = 0; i < COUNT(told); i++) {
        char text[100];

        snprintf(text, sizeof text,
                 "in [1] 7, key \"k\"\n"
                 "    %s, map: no \\x1b[2J user",
                 told[i]);
        end(NULL);
        open_filter((struct pf_try_conf){.on_bad = (enum pf_on_bad)i,
                                         .dead_letters = "dead"},
                    &fake.base);
        assert_int_equal(apply(&record, 1), PF_OK);
        assert_text(0, 0, text);
        assert_int_equal(out.n_refused, 0);
        assert_int_equal(pf_try_filter_counts(filter).refused, 1);
    }
}

static void what_becomes_nothing_is_dropped(void **state)
{
    const struct pf_record records[] = {RECORD(7, "d"), RECORD(8, ".")};

    (void)state;
    open_filter((struct pf_try_conf){0}, &fake.base);
    assert_int_equal(apply(records, 2), PF_OK);
    assert_text(0, 0, "in [1] 7, key \"k\"\n    dropped");
    assert_text(1, 1, "in [1] 8, key \"k\"\n    dropped");
    assert_int_equal(pf_try_filter_counts(filter).dropped, 2);
}

static void
with_windows_it_is_in_these_unless_it_is_counted_as_dropped(void **state)
{
    const struct pf_record records[] = {RECORD(7, "."), RECORD(8, "d"),
                                        RECORD(9, "a"), RECORD(10, "r")};

    (void)state;
    open_filter((struct pf_try_conf){.windows = true}, &fake.base);
    assert_int_equal(apply(records, 4), PF_OK);
    assert_text(0, 0, "in [1] 7, key \"k\"\n    in its windows");
    assert_text(1, 1, "in [1] 8, key \"k\"\n    dropped");
    assert_text(2, 2,
                "in [1] 9, key \"k\"\n"
                "    out, key \"k\", 2026-11-26T09:00:00.097Z: a\n"
                "    in its windows");
    assert_text(3, 3,
                "in [1] 10, key \"k\"\n"
                "    skipped, map: no \\x1b[2J user");
}

static void without_a_filter_records_stay_as_they_are(void **state)
{
    struct pf_record records[] = {RECORD(7, "a\033[1m\n"), RECORD(8, ""),
                                  RECORD(9, "")};

    (void)state;
    records[0].key = "\xff";
    records[1].key = NULL;
    records[1].value = NULL;
    records[1].timestamp = INT64_MIN;
    records[2].timestamp = INT64_MAX;
    open_filter((struct pf_try_conf){0}, NULL);
    assert_int_equal(apply(records, 3), PF_OK);
    assert_text(0, 0,
                "in [1] 7, key \"\\xff\"\n"
                "    out, key \"\\xff\", no time: a\\x1b[1m\\n");
    assert_text(1, 1,
                "in [1] 8, no key\n"
                "    out, no key, -9223372036854775808 ms, a tombstone");
    assert_text(2, 2,
                "in [1] 9, key \"k\"\n"
                "    out, key \"k\", 9223372036854775807 ms: ");
}

static void a_long_value_is_cut(void **state)
{
    static char value[100000];
    const struct pf_record record = {
        .topic = "in", .value = value, .value_len = sizeof value};
    const struct pf_record *text;

    (void)state;
    memset(value, 'x', sizeof value);
    open_filter((struct pf_try_conf){0}, NULL);
    assert_int_equal(apply(&record, 1), PF_OK);
    text = &out.outputs[0].records[0];
    assert_in_range(text->value_len, 4000, 4100);
    assert_memory_equal((const char *)text->value + text->value_len - 5,
                        "xx...", 5);
}

/* Nor does the filter get more of them. */
static void it_speaks_of_no_more_than_it_should(void **state)
{
    const struct pf_record records[] = {RECORD(7, "a"), RECORD(8, "a"),
                                        RECORD(9, "a")};

    (void)state;
    open_filter((struct pf_try_conf){.count = 4}, &fake.base);
    assert_int_equal(apply(records, 3), PF_OK);
    assert_int_equal(out.outputs[0].n, 3);
    assert_int_equal(apply(records, 3), PF_OK);
    assert_int_equal(out.outputs[0].n, 1);
    assert_int_equal(apply(records, 3), PF_OK);
    assert_int_equal(out.outputs[0].n, 0);
    assert_int_equal(fake.applied, 4);
    assert_int_equal(pf_try_filter_counts(filter).records, 4);
}

static void what_is_only_read_again_is_not_told_and_does_not_count(void **state)
{
    const struct pf_record records[] = {RECORD(5, "."), RECORD(6, "d"),
                                        RECORD(7, "a")};
    struct pf_partition other = {.topic = "in", .number = 2, .offset = 100},
                        own = {.topic = "in", .number = 1, .offset = 7};

    (void)state;
    fake.from = 5;
    open_filter((struct pf_try_conf){.windows = true, .count = 1}, &fake.base);
    assert_int_equal(filter->ops->assigned(filter, &other, NULL), PF_OK);
    assert_int_equal(filter->ops->assigned(filter, &own, NULL), PF_OK);
    assert_int_equal(own.from, 5);
    assert_int_equal(apply(records, 3), PF_OK);
    assert_int_equal(fake.applied, 3);
    assert_int_equal(out.outputs[0].n, 1);
    assert_text(0, 2,
                "in [1] 7, key \"k\"\n"
                "    out, key \"k\", 2026-11-26T09:00:00.097Z: a\n"
                "    in its windows");
    filter->ops->revoked(filter, "in", 1);
    assert_true(fake.revoked);
}

static void a_failure_of_the_filter_is_its_own(void **state)
{
    const struct pf_record record = RECORD(7, "a");
    struct pf_error err;

    (void)state;
    open_filter((struct pf_try_conf){0}, &fake.base);
    fake.fails = true;
    assert_int_equal(filter->ops->apply(filter, &record, 1, &out, &err),
                     PF_RANGE);
    assert_string_equal(err.text, "too much of it");
    assert_false(fake.closed);
    pf_filter_close(filter);
    filter = NULL;
    assert_true(fake.closed);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(each_result_is_told_with_its_key_time_and_value),
        TEST(what_is_refused_is_told_with_what_becomes_of_it),
        TEST(what_becomes_nothing_is_dropped),
        TEST(with_windows_it_is_in_these_unless_it_is_counted_as_dropped),
        TEST(without_a_filter_records_stay_as_they_are),
        TEST(a_long_value_is_cut),
        TEST(it_speaks_of_no_more_than_it_should),
        TEST(what_is_only_read_again_is_not_told_and_does_not_count),
        TEST(a_failure_of_the_filter_is_its_own),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
