/* Damage on purpose: which records, what becomes of them, what the answer
 * sheet says of it. */
#include "unit.h"

#include <inttypes.h>
#include <signal.h>
#include <sys/wait.h>

#include "clock.h"
#include "faults_source.h"
#include "random.h"
#include "stop.h"

/* Gives the prices of seed 1 from first on, batch at a time, and spoils what
 * it gave before. */
struct fake_source {
    struct pf_source base;
    uint64_t next, total;
    size_t batch;
    bool closed;
    bool refuses; /* a bad line before each record */
    struct pf_refusal refusals[2500];
    struct pf_record records[5000];
    char values[5000][PF_PRICE_JSON_SIZE];
};

static enum pf_rc fake_read(struct pf_source *base, int timeout_ms,
                            struct pf_batch *ret, struct pf_error *err)
{
    struct fake_source *s = (struct fake_source *)base;
    size_t n = 0, refused = 0;

    (void)timeout_ms;
    (void)err;
    memset(s->values, 'x', sizeof s->values);
    memset(s->records, 'x', sizeof s->records);
    for (; n < s->batch && s->next < s->total; n++, s->next++) {
        struct pf_price price = pf_random_price(1, s->next);

        if (s->refuses) {
            s->refusals[refused++] = (struct pf_refusal){
                .record = &s->records[n], .kind = "line"};
            s->records[n++] = (struct pf_record){
                .topic = "f", .partition = -1, .offset = (int64_t)s->next};
        }
        s->records[n] = (struct pf_record){
            .offset = (int64_t)s->next,
            .timestamp = -1,
            .value = s->values[n],
            .value_len = pf_price_encode(&price, s->values[n])};
    }
    *ret = (struct pf_batch){.records = s->records,
                             .n = n,
                             .ticket = s->next,
                             .refusals = s->refusals,
                             .n_refused = refused};
    return n ? PF_OK : PF_END;
}

static void fake_close(struct pf_source *base)
{
    ((struct fake_source *)base)->closed = true;
}

static const struct pf_source_ops fake_ops = {.read = fake_read,
                                              .close = fake_close};

static struct fake_source inner; /* large; each test resets it */

static struct pf_source *begin_inner(uint64_t first, uint64_t total,
                                     size_t batch)
{
    inner.base.ops = &fake_ops;
    inner.next = first;
    inner.total = total;
    inner.batch = batch;
    inner.closed = false;
    return &inner.base;
}

/* What came of a run. */
#define RECORDS_MAX 40000

struct run {
    size_t n;
    int64_t refused; /* bad lines, in their order */
    struct {
        int64_t number, made_ns;
        char value[PF_FAULT_VALUE_SIZE];
    } records[RECORDS_MAX];
    char sheet[RECORDS_MAX];
};

static struct run run, other; /* great */

static const char *sheet_path(void)
{
    static char path[] = "/tmp/pf-faults-XXXXXX";
    static bool made;

    if (!made)
        close(mkstemp(path));
    made = true;
    return path;
}

static void read_sheet(char sheet[RECORDS_MAX])
{
    FILE *in = fopen(sheet_path(), "r");

    assert_non_null(in);
    sheet[fread(sheet, 1, RECORDS_MAX - 1, in)] = '\0';
    assert_int_equal(fclose(in), 0);
}

static struct pf_faults faults_of(const char *text)
{
    struct pf_faults faults = {.seed = 1, .sheet = sheet_path()};

    assert_int_equal(pf_faults_parse(text, &faults, NULL), PF_OK);
    return faults;
}

static struct pf_source *open_faults(const struct pf_faults *faults,
                                     struct pf_source *source)
{
    assert_int_equal(pf_faults_source_open(faults, source, &source, NULL),
                     PF_OK);
    return source;
}

static void keep(struct run *ret, const struct pf_record *record)
{
    size_t i = ret->n++;

    assert_true(ret->n <= RECORDS_MAX);
    assert_true(record->value_len < PF_FAULT_VALUE_SIZE);
    ret->records[i].number = record->offset;
    ret->records[i].made_ns = record->made_ns;
    memcpy(ret->records[i].value, record->value, record->value_len);
    ret->records[i].value[record->value_len] = '\0';
}

/* Records first to total - 1, read in batches of that size, damaged. */
static void make_run(const struct pf_faults *faults, uint64_t first,
                     uint64_t total, size_t batch, struct run *ret)
{
    struct pf_source *source = open_faults(faults,
                                           begin_inner(first, total, batch));
    struct pf_batch got;
    uint64_t ticket = 0;
    enum pf_rc rc;

    ret->n = 0;
    ret->refused = (int64_t)first;
    while ((rc = source->ops->read(source, 10, &got, NULL)) != PF_END) {
        size_t refused = 0;

        assert_true(rc == PF_OK ? got.n > 0 : rc == PF_AGAIN && got.n == 0);
        for (size_t i = 0; i < got.n; i++) {
            if (refused < got.n_refused &&
                got.refusals[refused].record == &got.records[i]) {
                assert_int_equal(got.records[i].offset, ret->refused++);
                assert_string_equal(got.refusals[refused++].kind, "line");
            } else {
                keep(ret, &got.records[i]);
            }
        }
        assert_int_equal(refused, got.n_refused);
        if (rc == PF_AGAIN)
            continue;
        assert_true(got.ticket == ticket + got.n);
        ticket = got.ticket;
    }
    pf_source_close(source);
    assert_true(inner.closed);
    read_sheet(ret->sheet);
}

static void assert_same_run(const struct run *a, const struct run *b)
{
    assert_int_equal(a->n, b->n);
    for (size_t i = 0; i < a->n; i++) {
        assert_int_equal(a->records[i].number, b->records[i].number);
        assert_string_equal(a->records[i].value, b->records[i].value);
    }
    assert_string_equal(a->sheet, b->sheet);
}

static bool is_price_of_the_feed(const char *value)
{
    struct pf_price price;

    return pf_price_decode(value, strlen(value), &price, NULL) ==
               PF_REFUSED_NONE &&
           pf_price_in_range(&price);
}

/* Read the next line of *sheet, and move past it. False: none left. */
static bool next_line(const char **sheet, char finding[20], uint64_t *index,
                      char word[20])
{
    int len = 0;

    if (!**sheet)
        return false;
    assert_int_equal(
        sscanf(*sheet, "%19s %" SCNu64 " %19s%n", finding, index, word, &len),
        3);
    assert_int_equal((*sheet)[len], '\n');
    *sheet += len + 1;
    return true;
}

/* A reader of the run and of its sheet: where each record should be. */
struct reader {
    size_t at;      /* in the run */
    uint64_t start; /* index of number 0 */
};

static void expect(struct reader *r, uint64_t index, bool altered)
{
    struct pf_price price = pf_random_price(1, index);
    char json[PF_PRICE_JSON_SIZE];

    pf_price_encode(&price, json);
    assert_true(r->at < run.n);
    assert_int_equal(run.records[r->at].number, index - r->start);
    if (altered)
        assert_false(is_price_of_the_feed(run.records[r->at].value));
    else
        assert_string_equal(run.records[r->at].value, json);
    r->at++;
}

/* The run has prices 0 to total - 1, except for the faults on its sheet.
 * Returns the number of faults. */
static size_t assert_run_is_as_its_sheet_says(uint64_t total)
{
    const char *sheet = run.sheet;
    struct reader r = {0};
    char finding[20], word[20];
    uint64_t index, i = 0;
    size_t n = 0;

    for (; next_line(&sheet, finding, &index, word); n++) {
        assert_true(index >= i && (index >= i + 14 || !n));
        for (; i < index; i++)
            expect(&r, i, false);
        if (!strcmp(word, "drop")) {
            assert_string_equal(finding, "lost");
            i++;
        } else if (!strcmp(word, "duplicate")) {
            assert_string_equal(finding, "duplicate");
            expect(&r, i, false);
            expect(&r, i++, false);
        } else if (!strcmp(word, "reorder")) {
            assert_string_equal(finding, "reordered");
            expect(&r, i + 1, false);
            expect(&r, i, false);
            i += 2;
        } else if (!strcmp(word, "sequence-reset")) {
            assert_string_equal(finding, "reset");
            r.start = i;
            expect(&r, i++, false);
        } else if (!strcmp(finding, "altered")) {
            expect(&r, i++, true);
        } else {
            assert_true(!strcmp(finding, "late") ||
                        !strcmp(finding, "silence"));
            expect(&r, i++, false);
        }
    }
    for (; i < total; i++)
        expect(&r, i, false);
    assert_int_equal(r.at, run.n);
    return n;
}

#define ALL_BUT_WAITS                                          \
    "drop:0.003,duplicate:0.003,reorder:0.003,truncate:0.003," \
    "wrong-type:0.003,missing-field:0.003,absurd-price:0.003," \
    "sequence-reset:0.003"

static void each_kind_does_its_damage_and_no_other(void **state)
{
    static const char *const each[] = {
        "drop:0.03",         "duplicate:0.03",      "reorder:0.03",
        "truncate:0.03",     "wrong-type:0.03",     "missing-field:0.03",
        "absurd-price:0.03", "sequence-reset:0.03", ALL_BUT_WAITS};

    (void)state;
    for (size_t i = 0; i < COUNT(each); i++) {
        struct pf_faults faults = faults_of(each[i]);
        size_t n;

        make_run(&faults, 0, 20000, 1000, &run);
        n = assert_run_is_as_its_sheet_says(20000);
        assert_in_range(n, 400, 625);
    }
}

static void batches_do_not_matter(void **state)
{
    static const size_t sizes[] = {1, 2, 7, 16, 999, 5000};
    struct pf_faults faults = faults_of(ALL_BUT_WAITS);

    (void)state;
    make_run(&faults, 0, 20000, 1000, &run);
    for (size_t i = 0; i < COUNT(sizes); i++) {
        make_run(&faults, 0, 20000, sizes[i], &other);
        assert_same_run(&run, &other);
    }
}

static void another_seed_damages_other_records(void **state)
{
    struct pf_faults faults = faults_of(ALL_BUT_WAITS);

    (void)state;
    make_run(&faults, 0, 5000, 1000, &run);
    faults.seed = 2;
    make_run(&faults, 0, 5000, 1000, &other);
    assert_string_not_equal(run.sheet, other.sheet);
}

static void where_a_run_begins_does_not_matter(void **state)
{
    struct pf_faults faults = faults_of(
        "drop:0.005,duplicate:0.005,reorder:0.005,absurd-price:0.015");

    (void)state;
    make_run(&faults, 0, 3000, 1000, &run);
    for (uint64_t first = 1; first < 2400; first += 7) {
        make_run(&faults, first, 3000, 100, &other);
        assert_contains(run.sheet, other.sheet);
        for (size_t i = 1; i <= 500; i++) {
            assert_int_equal(other.records[other.n - i].number,
                             run.records[run.n - i].number);
            assert_string_equal(other.records[other.n - i].value,
                                run.records[run.n - i].value);
        }
    }
}

static void rates_are_kept_and_faults_are_16_records_apart(void **state)
{
    struct pf_faults faults = faults_of(
        "drop:0.004,duplicate:0.001,reorder:0.002,delay:0.0005,"
        "truncate:0.003,wrong-type:0.003,missing-field:0.003,"
        "absurd-price:0.003,sequence-reset:0.01,silence:0.0005");
    enum { RECORDS = 10000000 };
    uint64_t counts[PF_FAULT_KINDS + 1] = {0};
    uint64_t slots[PF_FAULT_BLOCK / 2] = {0};
    uint64_t last = 0, faulty = 0;

    (void)state;
    assert_int_equal(pf_fault_of_block(&faults, 0).kind, PF_FAULT_NONE);
    for (uint64_t block = 0; block < RECORDS / PF_FAULT_BLOCK; block++) {
        struct pf_fault fault = pf_fault_of_block(&faults, block);

        counts[fault.kind]++;
        if (fault.kind == PF_FAULT_NONE)
            continue;
        assert_int_equal(fault.index / PF_FAULT_BLOCK, block);
        assert_true(fault.index >= last + 16);
        last = fault.index;
        slots[fault.index % PF_FAULT_BLOCK]++;
        faulty++;
    }
    /* The seed is fixed: what is within 4 standard deviations stays so. */
    for (int kind = 0; kind < PF_FAULT_KINDS; kind++) {
        double expected = faults.rates[kind] * RECORDS;
        double off = (double)counts[kind] - expected;

        assert_true(off * off < 16 * expected);
    }
    for (size_t i = 0; i < COUNT(slots); i++) {
        double expected = (double)faulty / COUNT(slots);
        double off = (double)slots[i] - expected;

        assert_true(off * off < 16 * expected);
    }
}

static void whatever_it_alters_is_not_a_price_of_the_feed(void **state)
{
    (void)state;
    for (uint64_t i = 0; i < 100000; i++) {
        struct pf_price price = pf_random_price(3, i);
        struct pf_fault fault = {.bits = i / 4};
        char json[PF_PRICE_JSON_SIZE], buf[PF_FAULT_VALUE_SIZE];
        struct pf_record record = {.value = json};
        char value[PF_FAULT_VALUE_SIZE] = "";

        fault.kind = (enum pf_fault_kind)(PF_FAULT_TRUNCATE + i % 4);
        record.value_len = pf_price_encode(&price, json);
        assert_true(pf_fault_alter(&fault, &record, buf));
        assert_true(record.value_len > 0 &&
                    record.value_len < PF_FAULT_VALUE_SIZE);
        memcpy(value, record.value, record.value_len);
        assert_false(is_price_of_the_feed(value));
    }
}

static void alters_the_longest_and_the_shortest_value(void **state)
{
    struct pf_price price = {.match = INT64_MIN, .ticks = PF_TICKS_LIMIT};
    char json[PF_PRICE_JSON_SIZE], buf[PF_FAULT_VALUE_SIZE];

    (void)state;
    for (uint64_t bits = 0; bits < 4; bits++)
        for (int kind = PF_FAULT_TRUNCATE; kind <= PF_FAULT_ABSURD_PRICE;
             kind++) {
            struct pf_fault fault = {.kind = (enum pf_fault_kind)kind,
                                     .bits = bits};
            struct pf_record record = {.value = json};

            record.value_len = pf_price_encode(&price, json);
            pf_fault_alter(&fault, &record, buf);
            assert_true(record.value_len < PF_FAULT_VALUE_SIZE);
            record = (struct pf_record){.value = "", .value_len = 0};
            pf_fault_alter(&fault, &record, buf);
            record = (struct pf_record){0}; /* a tombstone */
            pf_fault_alter(&fault, &record, buf);
        }
}

static void with_faults_off_the_source_is_the_inner_one(void **state)
{
    struct pf_faults faults = faults_of("drop:0.03");
    struct pf_source *source;

    (void)state;
    make_run(&faults, 0, 1000, 1000, &run);
    assert_true(*run.sheet);

    faults = faults_of("");
    source = begin_inner(0, 1000, 1000);
    assert_ptr_equal(open_faults(&faults, source), source);
    assert_false(inner.closed);
    read_sheet(run.sheet);
    assert_string_equal(run.sheet, "");

    faults = faults_of("drop:0");
    assert_ptr_equal(open_faults(&faults, source), source);
    faults.sheet = "";
    assert_ptr_equal(open_faults(&faults, source), source);
}

/* Index of the first fault. */
static uint64_t first_fault(const struct pf_faults *faults)
{
    uint64_t block = 1;

    while (pf_fault_of_block(faults, block).kind == PF_FAULT_NONE)
        block++;
    return pf_fault_of_block(faults, block).index;
}

static void a_run_that_ends_before_the_next_record_keeps_its_last(void **state)
{
    static const char *const each[] = {"drop:0.03", "reorder:0.03"};

    (void)state;
    for (size_t i = 0; i < COUNT(each); i++) {
        struct pf_faults faults = faults_of(each[i]);
        uint64_t index = first_fault(&faults);

        make_run(&faults, 0, index + 1, 1000, &run);
        assert_int_equal(run.n, index + 1);
        assert_string_equal(run.sheet, "");
        assert_int_equal(assert_run_is_as_its_sheet_says(index + 1), 0);

        make_run(&faults, 0, index + 2, 1, &run);
        assert_true(*run.sheet);
        assert_int_equal(assert_run_is_as_its_sheet_says(index + 2), 1);
    }
}

/* Reads on until a read gives PF_AGAIN, which begins the wait; returns how
 * many records came. */
static size_t read_up_to_wait(struct pf_source *source)
{
    struct pf_batch got;
    size_t n = 0;

    while (source->ops->read(source, 0, &got, NULL) == PF_OK)
        n += got.n;
    return n;
}

/* Before the first fault of that kind the source waits ms; *got is what comes
 * then. The sheet is checked for its line. */
static void read_over_wait(const char *text, int64_t ms, struct pf_batch *got,
                           struct pf_source **ret, int64_t *ret_began_ns)
{
    struct pf_faults faults = faults_of(text);
    struct pf_source *source = open_faults(&faults, begin_inner(0, 5000, 1000));
    uint64_t index = first_fault(&faults);
    int64_t began = pf_now_ms(), took;
    enum pf_rc rc;

    *ret_began_ns = pf_wall_ns();
    assert_int_equal(read_up_to_wait(source), index);
    read_sheet(run.sheet);
    assert_string_equal(run.sheet, "");

    assert_int_equal(source->ops->read(source, 20, got, NULL), PF_AGAIN);
    assert_int_equal(got->n, 0);
    while ((rc = source->ops->read(source, 1000, got, NULL)) == PF_AGAIN)
        assert_true(pf_now_ms() - began < 10000);
    took = pf_now_ms() - began;
    assert_int_equal(rc, PF_OK);
    assert_in_range(took, ms, ms + 900);
    assert_int_equal(got->records[0].offset, index);
    read_sheet(run.sheet);
    assert_true(*run.sheet);
    *ret = source;
}

static void a_delay_keeps_when_the_record_was_due(void **state)
{
    struct pf_batch got;
    struct pf_source *source;
    int64_t began_ns;

    (void)state;
    read_over_wait("delay:0.001", 1500, &got, &source, &began_ns);
    assert_contains(run.sheet, "late ");
    assert_contains(run.sheet, " delay\n");
    assert_in_range(got.records[0].made_ns, began_ns, began_ns + 900000000);
    assert_int_equal(got.records[1].made_ns, 0); /* made when it is sent */
    pf_source_close(source);
}

static void after_a_silence_the_record_is_new(void **state)
{
    struct pf_batch got;
    struct pf_source *source;
    int64_t began_ns;

    (void)state;
    read_over_wait("silence:0.001", 3000, &got, &source, &began_ns);
    assert_contains(run.sheet, "silence ");
    assert_contains(run.sheet, " silence\n");
    assert_int_equal(got.records[0].made_ns, 0);
    pf_source_close(source);
}

/* In a child, as a stop is the whole process's: its exit code. */
static int stops_in_silence(void)
{
    struct pf_faults faults = faults_of("silence:0.01");
    struct pf_source *source = open_faults(&faults, begin_inner(0, 5000, 1000));
    int64_t began = pf_now_ms();
    struct pf_batch got;

    if (pf_stop_init(NULL))
        return 1;
    read_up_to_wait(source);
    kill(getpid(), SIGTERM);
    if (source->ops->read(source, 10000, &got, NULL) != PF_AGAIN || got.n)
        return 2;
    if (pf_now_ms() - began > 900)
        return 3;
    read_sheet(run.sheet);
    pf_source_close(source);
    return *run.sheet ? 4 : 0; /* nothing has come of it */
}

static void a_stop_during_a_silence_is_heeded(void **state)
{
    int status;
    pid_t pid;

    (void)state;
    sheet_path();
    pid = fork();
    if (pid == 0) {
        alarm(10);
        _exit(stops_in_silence());
    }
    assert_true(waitpid(pid, &status, 0) == pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

static void a_sheet_that_cannot_be_written_ends_it(void **state)
{
    struct pf_faults faults = faults_of("drop:0.03");
    struct pf_source *source = begin_inner(0, 5000, 1000), *ret = NULL;
    struct pf_error err;
    struct pf_batch got;

    (void)state;
    faults.sheet = "/no/such/directory/sheet";
    assert_int_equal(pf_faults_source_open(&faults, source, &ret, &err), PF_IO);
    assert_string_equal(err.text, "feed.faults.sheet: /no/such/directory/sheet"
                                  ": No such file or directory");
    assert_null(ret);
    assert_false(inner.closed);

    faults.sheet = "/dev/full";
    source = open_faults(&faults, source);
    assert_int_equal(source->ops->read(source, 0, &got, &err), PF_IO);
    assert_string_equal(err.text, "feed.faults.sheet: No space left on device");
    assert_int_equal(got.n, 0);
    pf_source_close(source);
}

static void without_a_sheet_it_damages_all_the_same(void **state)
{
    struct pf_faults faults = faults_of("drop:0.03");
    struct pf_source *source;
    struct pf_batch got;

    (void)state;
    faults.sheet = "";
    source = open_faults(&faults, begin_inner(0, 1000, 1000));
    assert_int_equal(source->ops->read(source, 0, &got, NULL), PF_OK);
    assert_true(got.n < 990);
    pf_source_close(source);
}

static void reads_the_setting(void **state)
{
    struct pf_faults faults = {.seed = 7, .rates = {1, 1, 1}};

    (void)state;
    assert_int_equal(pf_faults_parse("silence:1e-6,drop:0.01", &faults, NULL),
                     PF_OK);
    assert_true(faults.rates[PF_FAULT_DROP] == 0.01);
    assert_true(faults.rates[PF_FAULT_SILENCE] == 1e-6);
    assert_true(faults.rates[PF_FAULT_DUPLICATE] == 0);
    assert_int_equal(faults.seed, 7);
    assert_true(faults.sum > 0);
    assert_int_equal(pf_faults_parse("", &faults, NULL), PF_OK);
    assert_false(faults.sum > 0);
}

static void refuses_what_is_not_a_list_of_faults(void **state)
{
    static const struct {
        const char *text, *sentence;
    } cases[] = {
        {"drop", "drop has no rate: expected drop:0.001"},
        {"drop:", "drop: '' is not a number"},
        {"drop:often", "drop: 'often' is not a number"},
        {"drop:0.001x", "drop: '0.001x' is not a number"},
        {"drop:-0.001", "drop: -0.001 is not within 0 to 0.03"},
        {"drop:0.031", "drop: 0.031 is not within 0 to 0.03"},
        {"drop:0.001,drop:0.002", "drop is given twice"},
        {"drop:0.02,silence:0.02", "the rates add up to 0.04, beyond 0.03"},
        {"dorp:0.001", "unknown fault 'dorp'"},
        {"duplicat:0.001",
         "unknown fault 'duplicat'; did you mean 'duplicate'?"},
        {"wrong_type:0.001",
         "unknown fault 'wrong_type'; did you mean 'wrong-type'?"},
        {"DROP:0.001", "unknown fault 'DROP'"},
        {"drop:0.001,", "unknown fault ''"},
        {",", "unknown fault ''"},
        {"drop:0.001, silence:0.001",
         "unknown fault ' silence'; did you mean 'silence'?"},
    };
    char longest[1000];

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct pf_faults faults = {0};
        struct pf_error err = {0};

        assert_int_equal(pf_faults_parse(cases[i].text, &faults, &err),
                         PF_CONFIG);
        assert_string_equal(err.text, cases[i].sentence);
    }
    memset(longest, 'x', sizeof longest);
    longest[sizeof longest - 1] = '\0';
    assert_int_equal(pf_faults_parse(longest, &(struct pf_faults){0}, NULL),
                     PF_CONFIG);
}

static int remove_sheet(void **state)
{
    (void)state;
    return unlink(sheet_path());
}

static void bad_lines_pass_and_are_not_counted(void **state)
{
    struct pf_faults faults = faults_of(ALL_BUT_WAITS);

    (void)state;
    make_run(&faults, 0, 10000, 1000, &run);
    inner.refuses = true;
    make_run(&faults, 0, 10000, 1000, &other);
    inner.refuses = false;
    assert_same_run(&run, &other);
    assert_true(strlen(run.sheet) > 100);
    assert_int_equal(other.refused, 10000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_kind_does_its_damage_and_no_other),
        cmocka_unit_test(batches_do_not_matter),
        cmocka_unit_test(another_seed_damages_other_records),
        cmocka_unit_test(where_a_run_begins_does_not_matter),
        cmocka_unit_test(rates_are_kept_and_faults_are_16_records_apart),
        cmocka_unit_test(whatever_it_alters_is_not_a_price_of_the_feed),
        cmocka_unit_test(alters_the_longest_and_the_shortest_value),
        cmocka_unit_test(with_faults_off_the_source_is_the_inner_one),
        cmocka_unit_test(a_run_that_ends_before_the_next_record_keeps_its_last),
        cmocka_unit_test(a_delay_keeps_when_the_record_was_due),
        cmocka_unit_test(after_a_silence_the_record_is_new),
        cmocka_unit_test(a_stop_during_a_silence_is_heeded),
        cmocka_unit_test(a_sheet_that_cannot_be_written_ends_it),
        cmocka_unit_test(without_a_sheet_it_damages_all_the_same),
        cmocka_unit_test(reads_the_setting),
        cmocka_unit_test(refuses_what_is_not_a_list_of_faults),
        cmocka_unit_test(bad_lines_pass_and_are_not_counted),
    };

    return cmocka_run_group_tests(tests, NULL, remove_sheet);
}
