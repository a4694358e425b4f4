/* A topic of several partitions: a run's numbers span all of them, and order is
 * judged within a key. */
#include "audit_test.h"

#include "prng.h"

#define PARTITIONS 6
#define KEYS 12

/* Which records the topic has, and where: each of them once, as its producer
 * sends it by key. A test changes some. */
#define RECORDS 600

struct sent {
    uint64_t number, value;
    int32_t partition;
    const char *key; /* NULL: none */
    bool bare;       /* without headers */
    const char *run; /* NULL: r1 */
    bool lost;       /* its offset is there, but not the record */
};

struct wide {
    struct world *w;
    struct sent sent[RECORDS + 10];
    size_t n;
    int64_t offsets[PARTITIONS]; /* of the next record of each */
    int64_t arrived_ns;          /* when records are said to have arrived */
    uint64_t lines[10 * RECORDS];
    size_t n_lines;
};

static uint64_t match_of(uint64_t i)
{
    return 100 + i % KEYS;
}

/* The value of record i, or of line i. */
static const char *price(uint64_t i)
{
    static char text[PF_PRICE_JSON_SIZE];

    pf_price_encode(
        &(struct pf_price){.match = (int64_t)match_of(i),
                           .ticks = 100 + (int64_t)(pf_prng_at(7, i) % 901)},
        text);
    return text;
}

static const char *key_of(uint64_t i)
{
    static char keys[KEYS][8];

    snprintf(keys[i % KEYS], sizeof keys[0], "%" PRIu64, match_of(i));
    return keys[i % KEYS];
}

static int32_t partition_of(uint64_t i)
{
    return (int32_t)(match_of(i) % PARTITIONS);
}

static int make_wide(void **state)
{
    struct wide *x = calloc(1, sizeof *x);
    struct world *w;

    make_world((void **)&x->w);
    w = x->w;
    pf_topic_release(&w->topic);
    w->feed.partition = PF_ALL_PARTITIONS;
    w->topic = pf_topic_init(&w->feed, &w->runs);
    w->topic.keep_matches = w->lines.keep_matches = true;
    assert_int_equal(pf_topic_open(&w->topic, PARTITIONS, NULL), PF_OK);
    w->book.slices = PARTITIONS;
    x->arrived_ns = 3000;
    for (uint64_t i = 0; i < RECORDS; i++) {
        x->sent[x->n++] = (struct sent){
            i, i, partition_of(i), key_of(i), false, NULL, false};
        x->lines[x->n_lines++] = i;
    }
    *state = x;
    return 0;
}

static int free_wide(void **state)
{
    struct wide *x = *state;

    free_world((void **)&x->w);
    free(x);
    return 0;
}

static void put_sent(struct wide *x, const struct sent *s)
{
    struct pf_record record = {.partition = s->partition,
                               .offset = x->offsets[s->partition]++,
                               .key = s->key,
                               .key_len = s->key ? strlen(s->key) : 0};
    char number[24];

    if (s->lost)
        return;
    snprintf(number, sizeof number, "%" PRIu64, s->number);
    put_record(x->w, &record,
               s->bare  ? NULL
               : s->run ? s->run
                        : "r1",
               s->bare ? NULL : number, NULL, price(s->value));
}

/* Put the topic as it is read: a partition after the other, some at a time. */
static void put_all(struct wide *x)
{
    for (size_t from = 0; from < x->n; from += 97)
        for (int32_t p = PARTITIONS; p-- > 0;)
            for (size_t i = from; i < x->n && i < from + 97; i++)
                if (x->sent[i].partition == p)
                    put_sent(x, &x->sent[i]);
}

static void print_all(struct wide *x)
{
    for (size_t i = 0; i < x->n_lines; i++)
        print(x->w, price(x->lines[i]));
}

/* Take the ith record, or line, out. */
static void drop(struct wide *x, size_t i)
{
    memmove(&x->sent[i], &x->sent[i + 1], (--x->n - i) * sizeof *x->sent);
}

static void drop_line(struct wide *x, size_t i)
{
    memmove(&x->lines[i], &x->lines[i + 1],
            (--x->n_lines - i) * sizeof *x->lines);
}

/* Put one in, before the ith. */
static void add(struct wide *x, size_t i, struct sent sent)
{
    memmove(&x->sent[i + 1], &x->sent[i], (x->n++ - i) * sizeof *x->sent);
    x->sent[i] = sent;
}

static void add_line(struct wide *x, size_t i, uint64_t line)
{
    memmove(&x->lines[i + 1], &x->lines[i],
            (x->n_lines++ - i) * sizeof *x->lines);
    x->lines[i] = line;
}

static void swap(struct wide *x, size_t i, size_t j)
{
    struct sent was = x->sent[i];

    x->sent[i] = x->sent[j];
    x->sent[j] = was;
}

static void swap_lines(struct wide *x, size_t i, size_t j)
{
    uint64_t was = x->lines[i];

    x->lines[i] = x->lines[j];
    x->lines[j] = was;
}

static void say_by_key(struct wide *x)
{
    say(x->w, "run r1 topic t partition by-key first 0 time 1\n");
}

static void say_sent_by_key(struct wide *x, uint64_t from, uint64_t to)
{
    say(x->w, "sent %" PRIu64 " %" PRIu64 " 1000 ", from, to - from);
    for (uint64_t i = from; i < to; i++) {
        const char *text = price(i);

        say(x->w, "%08lx%c", crc32(0, (const void *)text, (uInt)strlen(text)),
            i + 1 < to ? ',' : '\n');
    }
}

/* Of the records from .. to - 1, those in that partition have arrived there,
 * where an undamaged topic has them. */
static void say_arrived_in(struct wide *x, int32_t p, uint64_t from,
                           uint64_t to)
{
    int64_t offset = 0;
    int n = 0;

    for (uint64_t i = 0; i < from; i++)
        offset += partition_of(i) == p;
    for (uint64_t i = from; i < to; i++)
        n += partition_of(i) == p;
    if (!n)
        return;
    say(x->w, "arrived %d %" PRId64 " %" PRId64 " %d", p, offset, x->arrived_ns,
        n);
    for (uint64_t i = from, k = 0; i < to; i++)
        if (partition_of(i) == p)
            say(x->w, "%c%" PRIu64, k++ ? ',' : ' ', i);
    say(x->w, "\n");
}

static void say_arrived(struct wide *x, uint64_t from, uint64_t to)
{
    for (int32_t p = 0; p < PARTITIONS; p++)
        say_arrived_in(x, p, from, to);
}

static void say_all(struct wide *x)
{
    say_by_key(x);
    for (uint64_t i = 0; i < RECORDS; i += 100) {
        say_sent_by_key(x, i, i + 100);
        say_arrived(x, i, i + 100);
    }
    say(x->w, "end 9\n");
}

/* Without a ledger, and with one: what is found is the same. */
static void expect_all(struct wide *x, const char *findings)
{
    put_all(x);
    expect(x->w, findings);
    pf_check_release(&x->w->check);
    say_all(x);
    expect(x->w, findings);
}

static void nothing_is_wrong_with_a_clean_feed(void **state)
{
    struct wide *x = *state;

    print_all(x);
    expect_all(x, "");
    assert_int_equal(x->w->check.printed, RECORDS);
    assert_int_equal(x->w->check.unprinted, 0);
    assert_int_equal(x->w->book.n_ended[PF_END_ACKED], RECORDS);
    assert_int_equal(x->w->topic.runs_seen, 1);
    assert_int_equal(x->w->topic.numbered, RECORDS);
}

static void a_number_that_is_in_no_partition_is_lost(void **state)
{
    struct wide *x = *state;

    drop(x, 300);
    drop(x, 17);
    put_all(x);
    expect(x->w, "lost 17\nlost 300\n");
}

static void what_was_acknowledged_and_is_not_there_is_lost(void **state)
{
    struct wide *x = *state;

    x->n -= 2; /* the last two: no number after them tells */
    put_all(x);
    say_all(x);
    expect(x->w, "lost 598\nlost 599\n");
}

static void a_number_that_is_there_twice_is_a_duplicate(void **state)
{
    struct wide *x = *state;
    struct sent after = x->sent[50], before = x->sent[51];

    /* In another partition: their keys are not moved by that. */
    after.partition++;
    before.partition--;
    add(x, 500, x->sent[40]);
    add(x, 510, after);
    add(x, 520, before);
    put_all(x);
    expect(x->w, "duplicate 40\nduplicate 50\nduplicate 51\n");
}

static void records_of_one_key_in_another_order_are_reordered(void **state)
{
    struct wide *x = *state;

    swap(x, 100, 100 + KEYS);
    put_all(x);
    expect(x->w, "reordered 100\n");
}

static void other_keys_of_the_partition_may_come_in_any_order(void **state)
{
    struct wide *x = *state;

    swap(x, 100, 106); /* partition 2 both */
    assert_int_equal(x->sent[100].partition, x->sent[106].partition);
    put_all(x);
    expect(x->w, "");
}

static void without_keys_the_partition_has_an_order(void **state)
{
    struct wide *x = *state;

    for (size_t i = 0; i < x->n; i++)
        x->sent[i].key = NULL;
    swap(x, 100, 106);
    put_all(x);
    expect(x->w, "reordered 100\n");
}

static void a_key_that_goes_to_another_partition_is_moved(void **state)
{
    struct wide *x = *state;

    for (size_t i = 303; i < x->n; i += KEYS) /* as when partitions are added */
        x->sent[i].partition = (x->sent[i].partition + 1) % PARTITIONS;
    x->sent[310].partition = (x->sent[310].partition + 2) % PARTITIONS;
    put_all(x);
    expect(x->w, "moved 303\nmoved 310\n");
}

static void a_value_that_is_not_as_sent_is_altered(void **state)
{
    struct wide *x = *state;

    x->sent[70].value = 70 + KEYS;
    put_all(x);
    say_all(x);
    expect(x->w, "altered 70\n");
}

static void a_record_that_nobody_sent_is_a_phantom(void **state)
{
    struct wide *x = *state;

    add(x, 600,
        (struct sent){600, 600, partition_of(600), key_of(600), false, NULL,
                      false});
    put_all(x);
    say_all(x);
    expect(x->w, "phantom 600\n");
}

static void two_values_for_one_number_are_a_conflict(void **state)
{
    struct wide *x = *state;

    add(x, 600,
        (struct sent){5, 600 + 5, partition_of(5), key_of(5), false, NULL,
                      false});
    put_all(x);
    expect(x->w, "conflict 5\n");
}

static void another_place_than_acknowledged_is_a_conflict(void **state)
{
    struct wide *x = *state;

    say_by_key(x);
    say_sent_by_key(x, 0, RECORDS);
    say(x->w, "arrived 4 7 3000 1 0\narrived 3 -1 3000 1 24\n"
              "arrived 4 -1 3000 1 12\n");
    put_all(x); /* 0, 12 and 24 are in partition 4 */
    expect(x->w, "conflict 0\nconflict 24\n");
}

static void backwards_is_judged_within_a_partition(void **state)
{
    struct wide *x = *state;

    say_by_key(x);
    say_sent_by_key(x, 0, RECORDS - 12);
    say_arrived(x, 0, RECORDS - 12);
    say_sent_by_key(x, RECORDS - 12, RECORDS);
    say_arrived(x, RECORDS - 12, RECORDS);
    swap(x, 10, RECORDS - 2); /* the same partition, and key */
    put_all(x);
    assert_int_equal(check(x->w), PF_OK);
    assert_int_equal(x->w->check.findings.counts[PF_FOUND_BACKWARDS], 0);
    assert_int_equal(x->w->check.findings.counts[PF_FOUND_CONFLICT], 2);
}

/* Partition 4 has 0, 6, 12 and 18 at 0, 1, 2 and 3. */
static void what_arrived_before_it_was_sent_is_in_front_of_it(void **state)
{
    struct wide *x = *state;

    x->n = 24;
    put_all(x);
    say_by_key(x);
    say_sent_by_key(x, 0, 6);
    say_sent_by_key(x, 7, 24);
    say(x->w, "arrived 4 2 3000 2 12,18\n");
    say_sent_by_key(x, 6, 7); /* it cannot be in front of these */
    say(x->w, "arrived 4 1 3000 1 6\narrived 4 0 3000 1 0\n");
    for (int32_t p = 0; p < PARTITIONS; p++)
        if (p != 4) /* whose offsets are below those of partition 4 */
            say_arrived_in(x, p, 0, 24);
    expect(x->w, "backwards 6\n");
}

static void a_killed_producer_leaves_what_may_be_there_or_not(void **state)
{
    struct wide *x = *state;

    say_by_key(x);
    say_sent_by_key(x, 0, 400);
    say_arrived(x, 0, 350); /* killed: 350 to 399 were under way */
    say(x->w, "run r1 topic t partition by-key first 380 time 2\n");
    say_sent_by_key(x, 380, RECORDS);
    say_arrived(x, 380, RECORDS);
    say(x->w, "end 9\n");
    put_all(x);
    expect(x->w, "");
    assert_int_equal(x->w->check.unknown_there, 30);
    assert_int_equal(x->w->check.unknown_absent, 20);
}

static void a_kill_leaves_numbers_of_some_partitions_behind_others(void **state)
{
    struct wide *x = *state;

    say_by_key(x);
    say_sent_by_key(x, 0, 400);
    say_arrived(x, 0, 350); /* killed: 350 to 399 were under way */
    for (size_t i = 350; i < RECORDS; i++)
        x->sent[i].lost = i >= 400 || x->sent[i].partition != 2;
    put_all(x);
    expect(x->w, "");
    assert_int_equal(x->w->check.unknown_there, 8);
    assert_int_equal(x->w->check.unknown_absent, 42);
}

/* Number 100 is lost, though it is known that it was not there before. */
static void expect_lost(struct wide *x, const char *before)
{
    say_by_key(x);
    say_sent_by_key(x, 0, 101);
    say_arrived(x, 0, 100);
    say(x->w, "%s", before);
    say(x->w, "run r1 topic t partition by-key first 100 time 2\n");
    say_sent_by_key(x, 100, RECORDS);
    say_arrived(x, 100, RECORDS);
    say(x->w, "end 9\n");
    x->sent[100].lost = true;
    put_all(x);
    expect(x->w, "lost 100\n");
}

static void what_is_acknowledged_at_last_is_lost_if_it_is_absent(void **state)
{
    static const char *const before[] = {"", "unknown 100 1 _PURGE\nend 5\n",
                                         "failed 100 1 not-sent\nend 5\n"};

    (void)state;
    for (size_t i = 0; i < COUNT(before); i++) {
        struct wide *x;

        make_wide((void **)&x);
        expect_lost(x, before[i]);
        free_wide((void **)&x);
    }
}

/* Of each partition but one, what comes from number 550 on was not there yet
 * when it was read; and number 100 is nowhere. */
static void put_while_it_runs(struct wide *x)
{
    size_t n = 0;

    x->sent[100].lost = true;
    for (size_t i = 0; i < RECORDS; i++)
        if (i < 550 || x->sent[i].partition == 2)
            x->sent[n++] = x->sent[i];
    x->n = n;
    put_all(x);
}

static void partitions_are_read_up_to_different_moments(void **state)
{
    struct wide *x = *state;

    for (int32_t p = 0; p < PARTITIONS; p++) /* they began at number 540 */
        x->w->topic.slices.at[p].goal = 540 / PARTITIONS;
    put_while_it_runs(x);
    expect(x->w, "lost 100\n");
}

/* By pf-audit's own clock all records came after it began, or long before. */
static void whatever_the_clocks_say_the_same_is_lost(void **state)
{
    struct wide *x = *state;

    x->sent[100].lost = true;
    put_all(x);
    x->w->check.read_ns = 1;
    expect(x->w, "lost 100\n");
    pf_check_release(&x->w->check);
    x->w->check.read_ns = INT64_MAX;
    expect(x->w, "lost 100\n");
}

static void what_was_acknowledged_after_reading_began_is_not_lost(void **state)
{
    struct wide *x = *state;

    put_while_it_runs(x);
    say_by_key(x);
    say_sent_by_key(x, 0, 110);
    say_arrived(x, 0, 110); /* at 3000 */
    x->w->check.read_ns = 3001;
    say_sent_by_key(x, 110, RECORDS);
    x->arrived_ns = 3001;
    say_arrived(x, 110, RECORDS);
    expect(x->w, "lost 100\n");
    assert_int_equal(x->w->check.not_judged, 41);
}

static void records_without_headers_have_no_number(void **state)
{
    struct wide *x = *state;

    add(x, 300, (struct sent){.value = 900, .partition = 3, .bare = true});
    put_all(x);
    expect(x->w, "");
    assert_int_equal(x->w->topic.n - x->w->topic.numbered, 1);
}

static void if_numbers_are_missing_they_may_be_those(void **state)
{
    struct wide *x = *state;

    x->sent[300].bare = true;
    put_all(x);
    assert_int_equal(check(x->w), PF_UNDECIDED);
    assert_contains(x->w->err.text, "1 numbers are missing, and 1 records");
    pf_check_release(&x->w->check);
    say_all(x); /* that knows which record it is, by its offset */
    expect(x->w, "");
}

static void more_missing_numbers_than_such_records_are_lost(void **state)
{
    struct wide *x = *state;

    x->sent[300].bare = true;
    drop(x, 200);
    put_all(x);
    expect(x->w, "lost 200\nlost 300\n");
}

static void what_retention_has_removed_is_not_a_loss(void **state)
{
    struct wide *x = *state;
    size_t n = 0;

    /* Of partition 3 the first 20, of partition 5 the first 2. */
    for (size_t i = 0; i < RECORDS; i++) {
        int32_t p = x->sent[i].partition;

        if ((p == 3 && x->offsets[p] < 20) || (p == 5 && x->offsets[p] < 2))
            x->offsets[p]++;
        else
            x->sent[n++] = x->sent[i];
    }
    x->n = n;
    x->w->topic.slices.at[3].start = 20;
    x->w->topic.slices.at[5].start = 2;
    drop(x, x->n - 40); /* a real loss: some record near the end */
    put_all(x);
    assert_int_equal(check(x->w), PF_OK);
    assert_int_equal(x->w->check.findings.counts[PF_FOUND_LOST], 1);
    assert_int_equal(x->w->check.findings.list.n, 1);
    assert_int_equal(x->w->check.gone,
                     22); /* whether these were is not known */
    pf_check_release(&x->w->check);
    say_by_key(x);
    say_sent_by_key(x, 0, RECORDS);
    say_arrived_in(x, 3, 0, RECORDS);
    say_arrived_in(x, 5, 0, RECORDS);
    assert_int_equal(check(x->w), PF_OK);
    assert_int_equal(x->w->check.not_judged, 22);
    assert_int_equal(x->w->check.gone, 0);
}

/* Retention has removed all that partition 3 had. */
static void empty_partition_3(struct wide *x)
{
    for (size_t i = 0; i < x->n; i++)
        x->sent[i].lost |= x->sent[i].partition == 3;
    x->w->topic.slices.at[3].start = RECORDS / PARTITIONS;
}

static void an_emptied_partition_excuses_no_loss_in_others(void **state)
{
    struct wide *x = *state;

    empty_partition_3(x);
    x->sent[300].lost = true; /* of another one */
    put_all(x);
    assert_int_equal(check(x->w), PF_UNDECIDED);
    assert_contains(x->w->err.text, "100 numbers are missing, and t [3] has "
                                    "lost its records before offset 100");
    pf_check_release(&x->w->check);
    say_all(x); /* that knows where each was */
    expect(x->w, "lost 300\n");
    assert_int_equal(x->w->check.not_judged, 100);
}

static void nor_does_one_that_begins_with_a_high_number(void **state)
{
    struct wide *x = *state;
    size_t last = RECORDS - 1;

    empty_partition_3(x);
    while (x->sent[last].partition != 3)
        last--;
    x->sent[last].lost = false;
    x->w->topic.slices.at[3].start = RECORDS / PARTITIONS - 1;
    x->sent[300].lost = true;
    put_all(x);
    assert_int_equal(check(x->w), PF_UNDECIDED);
    assert_contains(x->w->err.text, "100 numbers are missing, and t [3] has "
                                    "lost its records before offset 99");
}

static void a_run_without_holes_is_valid_whatever_was_removed(void **state)
{
    struct wide *x = *state;

    for (size_t i = 0; i < x->n; i++) /* others were in partition 3 before */
        if (x->sent[i].partition == 3)
            x->sent[i].partition = 2;
    x->w->topic.slices.at[3].start = 1000;
    put_all(x);
    expect(x->w, "");
}

static void a_run_whose_beginning_is_gone_everywhere_is_judged(void **state)
{
    struct wide *x = *state;

    for (size_t i = 0; i < 120; i++) /* 20 of each */
        x->sent[i].lost = true;
    for (int32_t p = 0; p < PARTITIONS; p++)
        x->w->topic.slices.at[p].start = 20;
    put_all(x);
    expect(x->w, "");
}

static void
of_a_run_that_a_partition_has_lost_it_is_not_known_what_is_lost(void **state)
{
    struct wide *x = *state;
    size_t n = 0;

    /* Partition 3 has a later run alone. */
    for (size_t i = 0; i < RECORDS; i++)
        if (x->sent[i].partition != 3 || i >= 300)
            x->sent[n++] = x->sent[i];
    x->n = n;
    for (size_t i = 0; i < x->n; i++)
        if (x->sent[i].number >= 300) {
            x->sent[i].run = "r2";
            x->sent[i].number -= 300;
        }
    x->offsets[3] = x->w->topic.slices.at[3].start = 50;
    put_all(x);
    assert_int_equal(check(x->w), PF_UNDECIDED);
    assert_contains(x->w->err.text, "49 numbers are missing, and t [3] has "
                                    "lost its records before offset 50");
}

static void
runs_at_the_same_time_may_both_have_lost_their_beginning(void **state)
{
    struct wide *x = *state;
    uint64_t next[3] = {0};

    /* The third one begins when the others have ended. */
    for (size_t i = 0; i < RECORDS; i++) {
        static const char *const names[] = {"r1", "r2", "r3"};
        size_t run = i < 400 ? i / 12 % 2 : 2;

        x->sent[i].run = names[run];
        x->sent[i].number = next[run]++;
        x->sent[i].lost = x->offsets[x->sent[i].partition]++ < 20;
    }
    for (int32_t p = 0; p < PARTITIONS; p++) {
        x->w->topic.slices.at[p].start = 20;
        x->offsets[p] = 0;
    }
    x->sent[400].lost = true; /* number 0 of r3 */
    x->sent[300].lost = true; /* of r2 */
    put_all(x);
    assert_string_equal(x->sent[300].run, "r2");
    assert_int_equal(x->sent[300].number, 144);
    expect(x->w, "lost 0\nlost 144\n");
}

static void each_run_has_an_order_of_its_own(void **state)
{
    struct wide *x = *state;

    for (size_t i = 300; i < x->n; i++) {
        x->sent[i].run = "r2";
        x->sent[i].number -= 300;
    }
    swap(x, 400, 400 + KEYS);
    put_all(x);
    expect(x->w, "reordered 100\n");
    assert_int_equal(x->w->topic.runs_seen, 2);
}

static void a_ledger_of_one_partition_of_many_will_do(void **state)
{
    struct wide *x = *state;

    for (size_t i = 0; i < x->n; i++) {
        x->sent[i].partition = 2;
        x->sent[i].bare = i % 100; /* headers on the first of each batch */
    }
    say(x->w, "run r1 topic t partition 2 first 0 time 1\n");
    say_sent_by_key(x, 0, RECORDS);
    say_acked(x->w, 0, RECORDS, 0);
    put_all(x);
    expect(x->w, "");
}

static void a_ledger_that_does_not_fit_is_named(void **state)
{
    static const struct {
        const char *text;
        enum pf_rc rc;
        const char *why;
    } cases[] = {
        {"run a topic t partition 6 first 0 time 1\n", PF_CONFIG,
         "the ledger of t [6], not of t"},
        {"run a topic u partition by-key first 0 time 1\n", PF_CONFIG,
         "the ledger of u [by-key], not of t"},
        {"run a topic \033[31mu\302\233 partition 0 first 0 time 1\n",
         PF_CONFIG, "the ledger of \\x1b[31mu\\xc2\\x9b [0], not of t"},
        {"run a topic t partition by-keys first 0 time 1\n", PF_FORMAT,
         "ledger:1: not a line"},
        {"Racked 0 1 0 5\n", PF_FORMAT, "ledger:3: not a line"},
        {"Rarrived 6 0 5 1 0\n", PF_FORMAT,
         "ledger:3: partition 6 of a topic that has 6"},
        {"Rarrived 1 0 5 1 2\n", PF_FORMAT, "record 2 is arrived, but was not"},
        {"Rarrived 1 0 5 2 2,1\n", PF_RANGE,
         "record 2 is arrived, but was not"},
        {"Rarrived 1 0 5 2 1,1\n", PF_FORMAT, "record 1 is arrived"},
        {"Rarrived 1 0 5 2 1\n", PF_FORMAT, "ledger:3: not a line"},
        {"Rarrived 1 0 5 1 0,1\n", PF_FORMAT, "ledger:3: not a line"},
        {"Rarrived 1 0 5 2 1,\n", PF_FORMAT, "ledger:3: not a line"},
        {"Rarrived 1 0 5 2 ,1\n", PF_FORMAT, "ledger:3: not a line"},
        {"Rarrived 1 0 5 1 \n", PF_FORMAT, "ledger:3: not a line"},
        {"Rarrived 1 0 5 0 \n", PF_FORMAT, "ledger:3: not a line"},
        {"Rarrived 1 0 5 1\n", PF_FORMAT, "ledger:3: not a line"},
        {"Rarrived 1 -2 5 1 1\n", PF_FORMAT, "ledger:3: not a line"},
        {"Rarrived 1 9223372036854775807 5 1 1\n", PF_FORMAT, "ledger:3: "},
        {"Rarrived -1 0 5 1 1\n", PF_FORMAT, "ledger:3: not a line"},
        {"Rarrived 1 0 5\n", PF_FORMAT, "ledger:3: not a line"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        const char *text = cases[i].text;
        struct wide *x;

        make_wide((void **)&x);
        if (text[0] == 'R') {
            say_by_key(x);
            say_sent_by_key(x, 0, 2);
        }
        say(x->w, "%s", text + (text[0] == 'R'));
        assert_int_equal(read_ledger(x->w), cases[i].rc);
        assert_contains(x->w->err.text, cases[i].why);
        free_wide((void **)&x);
    }
}

/* Of partition 2 the records up to 118 have arrived. Wherever a kill cuts the
 * line that says so: the next start ends it, and sends what is not there. */
static void a_line_may_be_cut_anywhere(void **state)
{
    static const char line[] = "arrived 2 16 3000 4 100,106,112,118";

    (void)state;
    for (size_t len = 1; len < sizeof line; len++) {
        struct wide *x;

        make_wide((void **)&x);
        say_by_key(x);
        say_sent_by_key(x, 0, 200);
        say_arrived(x, 0, 100);
        say(x->w, "%.*s\n", (int)len, line);
        say(x->w, "run r1 topic t partition by-key first 101 time 2\n");
        for (uint64_t i = 100; i < RECORDS; i++)
            if (i > 118 || partition_of(i) != 2)
                say_sent_by_key(x, i, i + 1);
        for (int32_t p = 0; p < PARTITIONS; p++)
            say_arrived_in(x, p, p == 2 ? 119 : 100, RECORDS);
        say(x->w, "end 9\n");
        put_all(x);
        expect(x->w, "");
        free_wide((void **)&x);
    }
}

static void one_partition_is_not_compared_with_a_ledger_by_key(void **state)
{
    struct wide *x = *state;

    x->w->feed.partition = 2;
    say_by_key(x);
    assert_int_equal(read_ledger(x->w), PF_CONFIG);
    assert_contains(x->w->err.text, "the ledger of t [by-key], not of t [2]");
    assert_contains(x->w->err.text, "feed.partition = all compares it");
}

static void many_keys_are_told_apart(void **state)
{
    struct wide *x = *state;
    char keys[5000][8];

    for (uint64_t i = 0; i < 5000; i++) {
        snprintf(keys[i], sizeof keys[i], "k%" PRIu64, i);
        for (uint64_t k = 0; k < 3; k++) {
            struct sent s = {3 * i + k, i,     (int32_t)(i % PARTITIONS),
                             keys[i],   false, NULL,
                             false};

            put_sent(x, &s);
        }
    }
    expect(x->w, "");
    assert_int_equal(x->w->topic.keys.list.n, 5000);
}

/* The console. */

static void lines_of_other_matches_may_come_in_any_order(void **state)
{
    struct wide *x = *state;

    x->n_lines = 0;
    for (uint64_t m = KEYS; m-- > 0;) /* one match after the other */
        for (uint64_t i = m; i < RECORDS; i += KEYS)
            x->lines[x->n_lines++] = i;
    put_all(x);
    print_all(x);
    expect(x->w, "");
    assert_int_equal(x->w->check.printed, RECORDS);
}

static void lines_of_one_match_in_another_order_are_reordered(void **state)
{
    struct wide *x = *state;

    swap_lines(x, 99, 100); /* that is legal */
    swap_lines(x, 200, 200 + KEYS);
    put_all(x);
    print_all(x);
    expect(x->w, "reordered 200\n");
}

static void what_is_passed_over_is_skipped(void **state)
{
    struct wide *x = *state;

    drop_line(x, 500);
    drop_line(x, 300);
    drop_line(x, 13);
    put_all(x);
    print_all(x);
    expect(x->w, "skipped 13\nskipped 300\nskipped 500\n");
}

static void
what_is_skipped_is_not_altered_though_the_next_comes_twice(void **state)
{
    struct wide *x = *state;

    x->lines[346] = 358;
    put_all(x);
    print_all(x);
    expect(x->w, "skipped 346\nprinted-twice 358\n");
}

static void the_first_and_the_last_of_a_match_can_be_skipped(void **state)
{
    struct wide *x = *state;

    for (size_t i = RECORDS - 20; i-- > 560;) /* the last of 560 to 571 */
        if (match_of(i) == match_of(568))
            drop_line(x, i);
    drop_line(x, 1); /* the first of its match, not of its partition */
    x->n_lines = 570;
    put_all(x);
    print_all(x);
    assert_int_equal(check(x->w), PF_OK);
    assert_int_equal(x->w->check.findings.counts[PF_FOUND_SKIPPED],
                     x->w->check.findings.list.n);
}

static void a_match_that_is_never_printed_is_skipped(void **state)
{
    struct wide *x = *state;

    for (size_t i = x->n_lines; i-- > 0;)
        if (match_of(x->lines[i]) == 103)
            drop_line(x, i);
    put_all(x);
    print_all(x);
    assert_int_equal(check(x->w), PF_OK);
    assert_false(x->w->check.valid);
    /* The last one of its partition may still come. */
    assert_in_range(x->w->check.findings.counts[PF_FOUND_SKIPPED],
                    RECORDS / KEYS - 1, RECORDS / KEYS);
}

static void the_console_may_begin_anywhere_in_each_partition(void **state)
{
    struct wide *x = *state;

    for (size_t i = x->n_lines; i-- > 0;)
        if (i < (size_t)(100 + 20 * x->sent[i].partition))
            drop_line(x, i);
    x->n_lines -= 12;
    put_all(x);
    print_all(x);
    expect(x->w, "");
    assert_int_equal(x->w->check.unprinted, 12);
}

/* With a line or two of each match it is not certain where they begin. */
static void so_may_a_short_one(void **state)
{
    (void)state;
    for (size_t from = 0; from + 20 < RECORDS; from++) {
        struct wide *x;

        make_wide((void **)&x);
        memmove(x->lines, x->lines + from, 20 * sizeof *x->lines);
        x->n_lines = 20;
        put_all(x);
        print_all(x);
        expect(x->w, "");
        free_wide((void **)&x);
    }
}

static void all_has_to_be_printed_if_one_says_so(void **state)
{
    struct wide *x = *state;

    x->w->check.complete = true;
    drop_line(x, 0);
    x->n_lines--;
    put_all(x);
    print_all(x);
    expect(x->w, "skipped 0\nunprinted 599\n");
}

static void a_line_that_comes_again_is_printed_twice(void **state)
{
    struct wide *x = *state;

    add_line(x, 300, 288);
    add_line(x, 500, 300);
    put_all(x);
    print_all(x);
    expect(x->w, "printed-twice 288\nprinted-twice 300\n");
}

static void a_line_that_is_not_the_record_is_altered(void **state)
{
    struct wide *x = *state;

    x->lines[100] = 100 + 12 * 1000; /* of the same match */
    x->lines[140] = 140 + 12 * 1001;
    x->lines[400] = 400 - 12 * 20; /* a price that the match had before */
    put_all(x);
    print_all(x);
    expect(x->w, "altered 100\naltered 140\naltered 400\n");
}

static void a_line_that_nobody_sent_is_a_phantom(void **state)
{
    struct wide *x = *state;

    put_all(x);
    print(x->w, "hello");
    print_all(x);
    print(x->w, "{\"match\": 999, \"price\": 4.56}"); /* nor is the match */
    print(x->w, "{\"match\": 100, \"price\": 4.560000000000000000000000000000"
                "00000000000000000000000}");
    assert_int_equal(check(x->w), PF_OK);
    assert_int_equal(x->w->check.findings.counts[PF_FOUND_PHANTOM], 3);
    assert_int_equal(x->w->check.findings.list.n, 3);
}

static void lines_come_in_pieces(void **state)
{
    struct wide *x = *state;

    put_all(x);
    for (size_t i = 0; i < x->n_lines; i++) {
        const char *text = price(x->lines[i]);
        size_t half = i % strlen(text);

        assert_int_equal(pf_lines_add(&x->w->lines, text, half, 0, NULL),
                         PF_OK);
        assert_int_equal(pf_lines_add(&x->w->lines, text + half,
                                      strlen(text) - half, 0, NULL),
                         PF_OK);
        assert_int_equal(pf_lines_add(&x->w->lines, "\n", 1, 0, NULL), PF_OK);
    }
    expect(x->w, "");
    assert_int_equal(x->w->check.printed, RECORDS);
}

static void without_prices_the_order_of_lines_is_not_known(void **state)
{
    struct wide *x = *state;

    x->w->feed.any_values = 1;
    x->w->topic.keep_matches = x->w->lines.keep_matches = false;
    put_all(x);
    print_all(x);
    assert_int_equal(check(x->w), PF_UNDECIDED);
    assert_contains(x->w->err.text, "audit.values = price");
}

static void a_match_in_two_partitions_has_no_order(void **state)
{
    struct wide *x = *state;

    for (size_t i = 0; i < x->n; i++) /* by another key than the match */
        x->sent[i].key = i % 2 ? "a" : "b";
    for (size_t i = 0; i < x->n; i++)
        x->sent[i].partition = i % 2 ? 0 : 1;
    for (size_t i = 3; i < x->n; i += 2 * KEYS) {
        x->sent[i].key = "b";
        x->sent[i].partition = 1;
    }
    put_all(x);
    print_all(x);
    assert_int_equal(check(x->w), PF_UNDECIDED);
    assert_contains(x->w->err.text, "1 matches are in several partitions");
}

static void but_what_else_is_wrong_is_found(void **state)
{
    struct wide *x = *state;

    x->sent[303].partition = (x->sent[303].partition + 1) % PARTITIONS;
    drop_line(x, 200);
    put_all(x);
    print_all(x);
    expect(x->w, "skipped 200\nmoved 303\n");
    assert_int_equal(x->w->check.unjudged, 1);
}

/* Print the next record of that partition, from *at on. */
static void print_next(struct wide *x, int32_t p, uint64_t *at,
                       int64_t left_out)
{
    while (*at < RECORDS && partition_of(*at) != p)
        ++*at;
    if (*at < RECORDS && (int64_t)*at != left_out)
        x->lines[x->n_lines++] = *at;
    *at += *at < RECORDS;
}

/*
 * A group whose members are killed again and again, at random places: who takes
 * over prints again what was printed since the last commit. Some go on for a
 * while, having not noticed that they have lost the partition. Nothing is wrong
 * with that; of a line that is left out that is found.
 */
static void print_group(struct wide *x, uint64_t seed, int64_t left_out)
{
    uint64_t draw = 1000000, at[PARTITIONS] = {0};
    bool open = true;

    x->n_lines = 0;
    while (open && x->n_lines < COUNT(x->lines) - RECORDS) {
        int32_t p = (int32_t)(pf_prng_at(seed, draw++) % PARTITIONS);
        uint64_t n = pf_prng_at(seed, draw++) % 20;
        uint64_t back = pf_prng_at(seed, draw++) % 30, lost;

        while (n--)
            print_next(x, p, &at[p], left_out);
        lost = at[p]; /* who was there before goes on from here */
        if (lost < RECORDS)
            at[p] -= lost < back ? lost : back;
        n = pf_prng_at(seed, draw++) % 2 ? pf_prng_at(seed, draw++) % 30 : 0;
        while (n--)
            print_next(x, p, pf_prng_at(seed, draw++) % 2 ? &lost : &at[p],
                       left_out);
        open = false;
        for (int i = 0; i < PARTITIONS; i++)
            open |= at[i] < RECORDS;
    }
    assert_false(open);
}

/* One whose match has another price before and after it: of two equal lines in
 * a row nobody can say which was printed twice. */
static int64_t choose_line(uint64_t seed)
{
    uint64_t i = KEYS + pf_prng_at(seed, 0) % 500;
    char text[PF_PRICE_JSON_SIZE];

    strcpy(text, price(i));
    if (!strcmp(text, price(i - KEYS)) || !strcmp(text, price(i + KEYS)))
        return -1;
    return (int64_t)i;
}

static void whatever_a_group_does_is_judged_rightly(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 1000; seed++) {
        int64_t left_out = seed % 2 ? -1 : choose_line(seed);
        struct wide *x;
        char findings[256];

        make_wide((void **)&x);
        x->w->check.twice_max = UINT64_MAX;
        x->w->check.complete = true;
        print_group(x, seed, left_out);
        put_all(x);
        print_all(x);
        assert_int_equal(check(x->w), PF_OK);
        for (int kind = 0; kind < PF_FINDING_KINDS && left_out < 0; kind++)
            if (kind != PF_FOUND_PRINTED_TWICE &&
                x->w->check.findings.counts[kind])
                fail_msg("seed %" PRIu64 ": %s", seed,
                         pf_findings_counts(&x->w->check.findings, findings,
                                            sizeof findings));
        assert_int_equal(x->w->check.valid, left_out < 0);
        free_wide((void **)&x);
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, make_wide, free_wide)
    const struct CMUnitTest tests[] = {
        TEST(nothing_is_wrong_with_a_clean_feed),
        TEST(a_number_that_is_in_no_partition_is_lost),
        TEST(what_was_acknowledged_and_is_not_there_is_lost),
        TEST(a_number_that_is_there_twice_is_a_duplicate),
        TEST(records_of_one_key_in_another_order_are_reordered),
        TEST(other_keys_of_the_partition_may_come_in_any_order),
        TEST(without_keys_the_partition_has_an_order),
        TEST(a_key_that_goes_to_another_partition_is_moved),
        TEST(a_value_that_is_not_as_sent_is_altered),
        TEST(a_record_that_nobody_sent_is_a_phantom),
        TEST(two_values_for_one_number_are_a_conflict),
        TEST(another_place_than_acknowledged_is_a_conflict),
        TEST(backwards_is_judged_within_a_partition),
        TEST(what_arrived_before_it_was_sent_is_in_front_of_it),
        TEST(a_killed_producer_leaves_what_may_be_there_or_not),
        TEST(a_kill_leaves_numbers_of_some_partitions_behind_others),
        cmocka_unit_test(what_is_acknowledged_at_last_is_lost_if_it_is_absent),
        TEST(partitions_are_read_up_to_different_moments),
        TEST(whatever_the_clocks_say_the_same_is_lost),
        TEST(what_was_acknowledged_after_reading_began_is_not_lost),
        TEST(records_without_headers_have_no_number),
        TEST(if_numbers_are_missing_they_may_be_those),
        TEST(more_missing_numbers_than_such_records_are_lost),
        TEST(what_retention_has_removed_is_not_a_loss),
        TEST(an_emptied_partition_excuses_no_loss_in_others),
        TEST(nor_does_one_that_begins_with_a_high_number),
        TEST(a_run_without_holes_is_valid_whatever_was_removed),
        TEST(a_run_whose_beginning_is_gone_everywhere_is_judged),
        TEST(of_a_run_that_a_partition_has_lost_it_is_not_known_what_is_lost),
        TEST(runs_at_the_same_time_may_both_have_lost_their_beginning),
        TEST(each_run_has_an_order_of_its_own),
        TEST(a_ledger_of_one_partition_of_many_will_do),
        TEST(a_ledger_that_does_not_fit_is_named),
        cmocka_unit_test(a_line_may_be_cut_anywhere),
        TEST(one_partition_is_not_compared_with_a_ledger_by_key),
        TEST(many_keys_are_told_apart),
        TEST(lines_of_other_matches_may_come_in_any_order),
        TEST(lines_of_one_match_in_another_order_are_reordered),
        TEST(what_is_passed_over_is_skipped),
        TEST(what_is_skipped_is_not_altered_though_the_next_comes_twice),
        TEST(the_first_and_the_last_of_a_match_can_be_skipped),
        TEST(a_match_that_is_never_printed_is_skipped),
        TEST(the_console_may_begin_anywhere_in_each_partition),
        cmocka_unit_test(so_may_a_short_one),
        TEST(all_has_to_be_printed_if_one_says_so),
        TEST(a_line_that_comes_again_is_printed_twice),
        TEST(a_line_that_is_not_the_record_is_altered),
        TEST(a_line_that_nobody_sent_is_a_phantom),
        TEST(lines_come_in_pieces),
        TEST(without_prices_the_order_of_lines_is_not_known),
        TEST(a_match_in_two_partitions_has_no_order),
        TEST(but_what_else_is_wrong_is_found),
        cmocka_unit_test(whatever_a_group_does_is_judged_rightly),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
