/* One direction of pf-proxy: what comes out of a line, and when. */
#include "unit.h"

#include "line.h"

#define MS INT64_C(1000000)
#define SIZE 4096

/* Some moment, for a clock may begin anywhere. */
#define BEGAN (INT64_C(5000000) * MS)

static struct line *new_line(const struct line_faults *faults)
{
    struct line *line = line_new(faults, SIZE, 1);

    assert_non_null(line);
    return line;
}

/* Put in as much of the n bytes as there is room for now; how much it was. */
static size_t put(struct line *line, const char *bytes, size_t n, int64_t now)
{
    char *to;
    size_t room = line_room(line, now, &to);

    if (room > n)
        room = n;
    if (room) {
        memcpy(to, bytes, room);
        line_put(line, room, now);
    }
    return room;
}

/* Take all that has got there by now, and append it to *got. */
static enum line_event take(struct line *line, char *got, size_t *n,
                            int64_t now)
{
    const char *bytes;
    size_t len;
    enum line_event event;

    while ((event = line_look(line, now, &bytes, &len)) == LINE_BYTES) {
        assert_in_range(len, 1, SIZE);
        memcpy(got + *n, bytes, len);
        *n += len;
        line_take(line, len);
    }
    return event;
}

static void bytes_come_out_as_they_went_in_whatever_their_number(void **state)
{
    static const struct line_faults faults[] = {
        {0},
        {.slice = 1},
        {.latency_ns = 3 * MS},
        {.latency_ns = 30 * MS, .jitter_ns = 30 * MS, .slice = 7},
        {.bandwidth = 100000},
    };
    char in[5 * SIZE], out[5 * SIZE];

    (void)state;
    for (size_t i = 0; i < sizeof in; i++)
        in[i] = (char)(i * 31 >> 3);
    for (size_t f = 0; f < COUNT(faults); f++) {
        struct line *line = new_line(&faults[f]);
        size_t n_in = 0, n_out = 0, piece = 1;
        int64_t now = BEGAN;

        for (; n_out < sizeof in; now += MS) {
            n_in += put(line, in + n_in,
                        n_in + piece > sizeof in ? sizeof in - n_in : piece,
                        now);
            piece = piece * 5 % 1999;
            take(line, out, &n_out, now);
            assert_true(n_out <= n_in && now < BEGAN + 60000 * MS);
        }
        assert_memory_equal(in, out, sizeof in);
        line_end(line, now);
        assert_int_equal(take(line, out, &n_out, now + 60 * MS), LINE_END);
        line_take(line, 0);
        assert_int_equal(take(line, out, &n_out, now + 60 * MS), LINE_NOTHING);
        assert_true(line_due_ns(line) == INT64_MAX);
        line_free(line);
    }
}

static void nothing_gets_there_before_its_time(void **state)
{
    static const struct line_faults faults = {.latency_ns = 200 * MS};
    struct line *line = new_line(&faults);
    char got[SIZE];
    size_t n = 0;

    (void)state;
    assert_int_equal(put(line, "one", 3, BEGAN), 3);
    assert_int_equal(put(line, "two", 3, BEGAN + 10 * MS), 3);
    line_end(line, BEGAN + 20 * MS);
    assert_true(line_due_ns(line) == BEGAN + 200 * MS);
    assert_int_equal(take(line, got, &n, BEGAN + 200 * MS - 1), LINE_NOTHING);
    assert_int_equal(n, 0);
    take(line, got, &n, BEGAN + 200 * MS);
    assert_int_equal(n, 3);
    assert_true(line_due_ns(line) == BEGAN + 210 * MS);
    assert_int_equal(take(line, got, &n, BEGAN + 219 * MS), LINE_NOTHING);
    assert_int_equal(n, 6);
    assert_int_equal(take(line, got, &n, BEGAN + 220 * MS), LINE_END);
    line_free(line);
}

static void jitter_stays_in_its_bounds_and_keeps_the_order(void **state)
{
    static const struct line_faults faults = {.latency_ns = 100 * MS,
                                              .jitter_ns = 50 * MS};
    struct line *line = new_line(&faults);
    int64_t first = INT64_MAX, last = 0, before = 0;

    (void)state;
    for (int i = 0; i < 1000; i++) {
        int64_t now = BEGAN + i * 200 * MS, due;
        char got[SIZE];
        size_t n = 0;

        put(line, "x", 1, now);
        put(line, "y", 1, now);
        due = line_due_ns(line);
        first = due - now < first ? due - now : first;
        last = due - now > last ? due - now : last;
        assert_true(due >= before);
        take(line, got, &n, due);
        before = due;
        take(line, got, &n, now + 151 * MS);
        assert_int_equal(n, 2);
    }
    assert_in_range(first, 50 * MS, 55 * MS);
    assert_in_range(last, 145 * MS, 150 * MS);
    line_free(line);
}

static void bandwidth_is_used_and_not_exceeded(void **state)
{
    static const struct line_faults faults = {.bandwidth = 10000};
    struct line *line = new_line(&faults);
    char bytes[SIZE] = "", got[100000];
    size_t n = 0;

    (void)state;
    /* Somebody who looks now and then, and is never quite on time. */
    for (int64_t t = 0; t < 5000; t += 7) {
        put(line, bytes, sizeof bytes, BEGAN + t * MS);
        take(line, got, &n, BEGAN + t * MS);
        assert_true(n <= (size_t)t * 10 + 400);
        assert_true(n + 600 >= (size_t)t * 10); /* it trickles */
    }
    assert_in_range(n, 48000, 50400);
    line_free(line);
}

static void a_full_line_has_no_room_until_some_is_taken(void **state)
{
    static const struct line_faults faults = {.latency_ns = MS};
    struct line *line = new_line(&faults);
    char bytes[SIZE] = "", got[SIZE], *to;
    size_t n = 0;

    (void)state;
    assert_int_equal(put(line, bytes, SIZE, BEGAN), SIZE);
    assert_int_equal(line_room(line, BEGAN, &to), 0);
    assert_true(line_busy_ns(line) == INT64_MAX);
    take(line, got, &n, BEGAN + MS);
    assert_int_equal(n, SIZE);
    assert_int_equal(line_room(line, BEGAN + MS, &to), SIZE);

    /* Pieces are bounded, too, and the end has its place all the same. */
    for (n = 0; put(line, "x", 1, BEGAN + 2 * MS) && n < SIZE; n++)
        continue;
    assert_in_range(n, 1000, 1024);
    line_end(line, BEGAN + 2 * MS);
    n = 0;
    assert_int_equal(take(line, got, &n, BEGAN + 9 * MS), LINE_END);
    assert_in_range(n, 1000, 1024);
    line_free(line);
}

/* How many pieces of 100 bytes a line of that seed takes before it breaks;
 * *ret_cut is how many bytes of the last one got through. */
static int pieces_until_reset(uint64_t seed, size_t *ret_cut)
{
    static const struct line_faults faults = {.reset = 0.01};
    struct line *line = line_new(&faults, SIZE, seed);
    char bytes[100] = "", got[SIZE];

    for (int i = 0;; i++) {
        size_t n = 0;

        assert_true(i < 10000);
        assert_int_equal(put(line, bytes, 100, BEGAN), 100);
        if (take(line, got, &n, BEGAN) == LINE_RESET) {
            assert_in_range(n, 0, 99);
            assert_int_equal(put(line, bytes, 100, BEGAN), 0);
            *ret_cut = n;
            line_free(line);
            return i;
        }
        assert_int_equal(n, 100);
    }
}

static void a_line_breaks_by_chance_somewhere_in_a_piece(void **state)
{
    int sum = 0, cut_sum = 0;
    size_t cut, again;

    (void)state;
    for (uint64_t seed = 0; seed < 1000; seed++) {
        int n = pieces_until_reset(seed, &cut);

        sum += n;
        cut_sum += (int)cut;
        assert_int_equal(pieces_until_reset(seed, &again), n);
        assert_int_equal(again, cut);
    }
    assert_in_range(sum / 1000, 90, 110); /* 99 on the average */
    assert_in_range(cut_sum / 1000, 47, 53);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_come_out_as_they_went_in_whatever_their_number),
        cmocka_unit_test(nothing_gets_there_before_its_time),
        cmocka_unit_test(jitter_stays_in_its_bounds_and_keeps_the_order),
        cmocka_unit_test(bandwidth_is_used_and_not_exceeded),
        cmocka_unit_test(a_full_line_has_no_room_until_some_is_taken),
        cmocka_unit_test(a_line_breaks_by_chance_somewhere_in_a_piece),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
