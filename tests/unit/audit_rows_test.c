/* A member of a group that was stopped beyond its session, and goes on: it
 * first prints what it still held, which others have printed meanwhile. */
#include "audit_test.h"

#include "prng.h"

#define PARTITIONS 6
#define MATCHES 60
#define RECORDS 12000
#define CHUNK 40 /* lines that a member writes at once */

/* In a partition: when the member goes on, and what it has held. It is so far
 * back that no match tells where its few lines belong. */
#define NOW 1500
#define HELD 500
#define N_HELD 15

struct group {
    struct world *w;
    size_t at[PARTITIONS]; /* records of each that have been printed */
    size_t n_lines;
    size_t n_held;        /* lines that were printed again */
    int64_t refused, odd; /* numbers of such records; -1: none */
};

static const char *price(uint64_t i)
{
    static char text[PF_PRICE_JSON_SIZE];

    pf_price_encode(
        &(struct pf_price){.match = 100 + (int64_t)(i % MATCHES),
                           .ticks = 100 + (int64_t)(pf_prng_at(7, i) % 901)},
        text);
    return text;
}

/* The kth record of a partition: those of its matches take turns. */
static uint64_t number_of(int p, size_t k)
{
    return k * PARTITIONS + (size_t)p;
}

static int make_group(void **state)
{
    struct group *g = calloc(1, sizeof *g);
    struct world *w;

    make_world((void **)&g->w);
    w = g->w;
    pf_topic_release(&w->topic);
    w->feed.partition = PF_ALL_PARTITIONS;
    w->topic = pf_topic_init(&w->feed, &w->runs);
    w->topic.keep_matches = w->lines.keep_matches = true;
    assert_int_equal(pf_topic_open(&w->topic, PARTITIONS, NULL), PF_OK);
    w->check.complete = true;
    w->check.twice_max = UINT64_MAX;
    g->refused = g->odd = -1;
    *state = g;
    return 0;
}

static int free_group(void **state)
{
    struct group *g = *state;

    free_world((void **)&g->w);
    free(g);
    return 0;
}

/* What the record has: one may be refused, and one not as it is printed. */
static const char *value_of(const struct group *g, uint64_t number)
{
    static char text[PF_PRICE_JSON_SIZE + 1];

    snprintf(text, sizeof text, "%s%s", price(number),
             g->odd == (int64_t)number ? " " : "");
    return g->refused == (int64_t)number ? "refused" : text;
}

static void put_all(struct group *g)
{
    for (uint64_t i = 0; i < RECORDS; i++) {
        char number[24], key[8];
        struct pf_record record = {.partition = (int32_t)(i % PARTITIONS),
                                   .offset = (int64_t)(i / PARTITIONS),
                                   .key = key,
                                   .key_len = (size_t)snprintf(key, sizeof key,
                                                               "%" PRIu64,
                                                               i % MATCHES)};

        snprintf(number, sizeof number, "%" PRIu64, i);
        put_record(g->w, &record, "r1", number, NULL, value_of(g, i));
    }
}

static void print_line(struct group *g, const char *text)
{
    print(g->w, text);
    g->n_lines++;
}

/* Print records of a partition, from its kth on. */
static void print_some(struct group *g, int p, size_t k, size_t n)
{
    for (; n--; k++)
        if (g->refused != (int64_t)number_of(p, k))
            print_line(g, price(number_of(p, k)));
}

/* Print n that were printed before. */
static void print_again(struct group *g, int p, size_t k, size_t n)
{
    size_t before = g->n_lines;

    print_some(g, p, k, n);
    g->n_held += g->n_lines - before;
}

/* Members that are not stopped print the next n of a partition. */
static void print_next(struct group *g, int p, size_t n)
{
    if (n > RECORDS / PARTITIONS - g->at[p])
        n = RECORDS / PARTITIONS - g->at[p];
    print_some(g, p, g->at[p], n);
    g->at[p] += n;
}

/* The same for all partitions, until to of each have been printed. */
static void print_until(struct group *g, size_t to)
{
    for (size_t k = 0; k < to; k += CHUNK)
        for (int p = 0; p < PARTITIONS; p++)
            if (g->at[p] < to)
                print_next(g, p, to - g->at[p] < CHUNK ? to - g->at[p] : CHUNK);
}

static void print_rest(struct group *g)
{
    print_until(g, RECORDS / PARTITIONS);
}

static uint64_t count(const struct group *g, enum pf_finding_kind kind)
{
    return g->w->check.findings.counts[kind];
}

/* Lines were printed twice, and there are n other findings, all of a kind. */
static void expect_besides(struct group *g, enum pf_finding_kind kind, size_t n)
{
    char text[256];

    put_all(g);
    assert_int_equal(check(g->w), PF_OK);
    if (count(g, PF_FOUND_PRINTED_TWICE) != g->n_held || count(g, kind) != n ||
        g->w->check.findings.list.n != g->n_held + n)
        fail_msg("%s",
                 pf_findings_counts(&g->w->check.findings, text, sizeof text));
    assert_int_equal(g->w->check.valid, !n);
}

static void expect_valid(struct group *g)
{
    expect_besides(g, PF_FOUND_PHANTOM, 0);
    assert_int_equal(g->w->check.printed, RECORDS);
}

static void what_a_member_still_held_is_printed_twice(void **state)
{
    struct group *g = *state;

    print_until(g, NOW);
    print_again(g, 1, HELD, N_HELD);
    print_rest(g);
    expect_valid(g);
    for (size_t i = 0; i < N_HELD; i++) { /* each is the record that it is */
        const struct pf_finding *f = &g->w->check.findings.list.at[i];

        assert_int_equal(f->number, number_of(1, HELD + i));
        assert_int_equal(f->line, PARTITIONS * NOW + i + 1);
    }
}

static void others_may_print_in_between(void **state)
{
    struct group *g = *state;

    print_until(g, NOW);
    print_again(g, 1, HELD, 6);
    print_next(g, 1, CHUNK);
    print_again(g, 1, HELD + 6, 2);
    print_next(g, 3, CHUNK);
    print_again(g, 1, HELD + 8, 6);
    print_next(g, 0, CHUNK);
    print_next(g, 1, CHUNK);
    print_again(g, 1, HELD + 14, 1);
    print_rest(g);
    expect_valid(g);
}

static void a_member_may_hold_records_of_several_partitions(void **state)
{
    struct group *g = *state;

    print_until(g, NOW);
    print_again(g, 1, HELD, 8);
    print_again(g, 2, HELD / 2, 7);
    print_rest(g);
    expect_valid(g);
}

static void several_members_may_go_on_at_once(void **state)
{
    struct group *g = *state;

    print_until(g, NOW);
    for (size_t k = 0; k < 10; k++) {
        print_again(g, 1, HELD + 5 * k, 5);
        print_next(g, 1, 3);
        print_again(g, 2, 7 * k, 7);
        print_next(g, 2, 20);
    }
    print_rest(g);
    expect_valid(g);
}

static void their_last_lines_may_be_alone(void **state)
{
    struct group *g = *state;

    print_until(g, NOW);
    print_again(g, 1, HELD, 6);
    print_again(g, 2, HELD, 6);
    print_again(g, 3, HELD, 6);
    print_again(g, 2, HELD + 6, 1);
    print_again(g, 1, HELD + 6, 2);
    print_again(g, 3, HELD + 6, 1);
    print_rest(g);
    expect_valid(g);
}

static void no_line_is_printed_for_a_refused_record_among_them(void **state)
{
    struct group *g = *state;

    g->refused = (int64_t)number_of(1, HELD + 7);
    g->odd = (int64_t)number_of(1, HELD + 5);
    print_until(g, NOW);
    print_again(g, 1, HELD, 9); /* one line after it, and no row */
    print_rest(g);
    expect_besides(g, PF_FOUND_ALTERED, 1); /* that is the refused record */
}

/* With any number of lines, and of chunks of them. */
static void whatever_it_held_is_placed(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 300; seed++) {
        size_t n = 3 + pf_prng_at(seed, 0) % 40, done = 0;
        uint64_t draw = 1;
        struct group *g;

        make_group((void **)&g);
        print_until(g, NOW);
        while (done < n) {
            size_t chunk = 3 + pf_prng_at(seed, draw++) % 20;

            if (chunk > n - done)
                chunk = n - done;
            print_again(g, 1, HELD + done, chunk);
            done += chunk;
            print_next(g, (int)(pf_prng_at(seed, draw++) % PARTITIONS),
                       chunk / 2);
        }
        print_rest(g);
        expect_valid(g);
        free_group((void **)&g);
    }
}

static void a_line_that_is_in_no_record_is_a_phantom(void **state)
{
    struct group *g = *state;

    print_until(g, NOW);
    print_again(g, 1, HELD, 7);
    print_line(g, "{\"match\": 101, \"price\": 99.99}");
    print_again(g, 1, HELD + 7, 7);
    print_rest(g);
    expect_besides(g, PF_FOUND_PHANTOM, 1);
}

/* Each of these lines has been printed, but far from the others. */
static void lines_that_are_in_no_partition_in_a_row_are_not_placed(void **state)
{
    struct group *g = *state;

    print_until(g, NOW);
    for (size_t k = 0; k < 20; k++)
        print_some(g, 1, HELD - 21 * k, 1);
    print_rest(g);
    put_all(g);
    assert_int_equal(check(g->w), PF_OK);
    assert_in_range(count(g, PF_FOUND_PHANTOM), 10, 20);
    assert_false(g->w->check.valid);
}

/* Two lines agree too often. */
static void nor_are_two_lines(void **state)
{
    struct group *g = *state;

    print_until(g, NOW);
    print_some(g, 1, HELD, 2);
    print_rest(g);
    expect_besides(g, PF_FOUND_PHANTOM, 2);
}

/* What nobody has printed meanwhile comes too late. */
static void a_chunk_that_is_printed_late_is_reordered(void **state)
{
    struct group *g = *state;

    print_until(g, HELD);
    g->at[1] += N_HELD;
    print_until(g, NOW);
    print_some(g, 1, HELD, N_HELD);
    print_rest(g);
    expect_besides(g, PF_FOUND_REORDERED, N_HELD);
}

static void two_chunks_that_change_places_are_reordered(void **state)
{
    struct group *g = *state;

    print_until(g, NOW);
    print_again(g, 1, HELD, N_HELD);
    print_some(g, 1, NOW + 10, 10);
    print_some(g, 1, NOW, 10);
    g->at[1] += 20;
    print_rest(g);
    expect_besides(g, PF_FOUND_REORDERED, 10);
}

static void what_is_left_out_is_skipped(void **state)
{
    struct group *g = *state;

    print_until(g, HELD + 200);
    g->at[1]++; /* not what is held */
    print_until(g, NOW);
    print_again(g, 1, HELD, N_HELD);
    g->at[1]++;
    print_rest(g);
    expect_besides(g, PF_FOUND_SKIPPED, 2);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, make_group, free_group)
    const struct CMUnitTest tests[] = {
        TEST(what_a_member_still_held_is_printed_twice),
        TEST(others_may_print_in_between),
        TEST(a_member_may_hold_records_of_several_partitions),
        TEST(several_members_may_go_on_at_once),
        TEST(their_last_lines_may_be_alone),
        TEST(no_line_is_printed_for_a_refused_record_among_them),
        cmocka_unit_test(whatever_it_held_is_placed),
        TEST(a_line_that_is_in_no_record_is_a_phantom),
        TEST(lines_that_are_in_no_partition_in_a_row_are_not_placed),
        TEST(nor_are_two_lines),
        TEST(a_chunk_that_is_printed_late_is_reordered),
        TEST(two_chunks_that_change_places_are_reordered),
        TEST(what_is_left_out_is_skipped),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
