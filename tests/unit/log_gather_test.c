/* Lines that come in pieces, as records. */
#include "unit.h"

#include "log_gather.h"

static struct log_gather gather;
static struct log_gathered got;

static int begin(void **state)
{
    (void)state;
    memset(&gather, 0, sizeof gather);
    return 0;
}

/* Put the text there in pieces of at most piece bytes; no record may end in it
 * before its last byte. */
static void put_pieces(const char *text, size_t piece)
{
    size_t left = strlen(text);

    while (left) {
        size_t size, n = left < piece ? left : piece;
        char *room;

        assert_false(log_gather_next(&gather, &got));
        room = log_gather_room(&gather, &size);
        assert_in_range(size, 4096, sizeof gather.buf);
        n = n < size ? n : size;
        memcpy(room, text, n);
        log_gather_added(&gather, n);
        text += n;
        left -= n;
    }
}

static void put(const char *text)
{
    put_pieces(text, SIZE_MAX);
}

static void assert_got(const char *wanted)
{
    if (got.n != strlen(wanted) || memcmp(got.text, wanted, got.n) != 0)
        fail_msg("'%.*s' instead of '%s'", (int)got.n, got.text, wanted);
}

static void assert_next(const char *wanted)
{
    assert_true(log_gather_next(&gather, &got));
    assert_got(wanted);
    assert_int_equal(got.cut, 0);
}

static void assert_flushed(const char *wanted)
{
    assert_false(log_gather_next(&gather, &got));
    assert_true(log_gather_has_some(&gather));
    log_gather_flush(&gather, &got);
    assert_got(wanted);
    assert_false(log_gather_next(&gather, &got));
    assert_false(log_gather_has_some(&gather));
}

static void a_line_is_a_record_once_the_next_one_has_come(void **state)
{
    (void)state;
    put("one\n");
    assert_false(log_gather_next(&gather, &got));
    put("two\n\nthr");
    assert_next("one");
    assert_next("two");
    assert_flushed("");
    put("ee\nfour\n");
    assert_next("three");
    assert_flushed("four");
}

static void a_stack_trace_is_one_record_however_it_comes(void **state)
{
    static const char trace[] = "2026 ERROR it failed\n"
                                "java.lang.IllegalStateException: why\n"
                                "\tat a.b.c(C.java:1)\n"
                                "Caused by: java.io.IOException\n"
                                "\t... 2 more";

    for (size_t piece = 1; piece <= sizeof trace; piece++) {
        begin(state);
        put_pieces(trace, piece);
        put("\nnext");
        assert_flushed(trace);
        put("\nlast\n");
        assert_next("next");
        assert_flushed("last");
    }
}

static void the_rest_of_a_long_line_is_left_out_and_counted(void **state)
{
    static char line[100001];

    (void)state;
    memset(line, 'x', 100000);
    put("short\n");
    put_pieces(line, 777);
    put("\nnext\n");
    assert_next("short");
    assert_true(log_gather_next(&gather, &got));
    assert_int_equal(got.n, LOG_RECORD_MAX);
    assert_int_equal(got.cut, 100000 - LOG_RECORD_MAX);
    assert_flushed("next");
}

static void the_rest_of_a_long_record_is_left_out_and_counted(void **state)
{
    size_t n = 0;

    (void)state;
    put("head");
    for (int i = 0; i < 5000; i++) {
        char frame[32];

        snprintf(frame, sizeof frame, "\n\tat frame %d", i);
        put(frame);
        n += strlen(frame);
    }
    put("\nnext\n");
    assert_true(log_gather_next(&gather, &got));
    assert_int_equal(got.n, LOG_RECORD_MAX);
    assert_int_equal(got.n + got.cut, 4 + n);
    assert_flushed("next");
}

static void without_a_newline_at_the_end_it_is_a_line_too(void **state)
{
    (void)state;
    assert_false(log_gather_end(&gather));
    put("one\ntwo");
    assert_false(log_gather_next(&gather, &got));
    assert_true(log_gather_end(&gather));
    assert_next("one");
    assert_flushed("two");
    assert_false(log_gather_end(&gather));
}

static void after_a_break_the_incomplete_line_is_forgotten(void **state)
{
    (void)state;
    put("one\ntwo\nthr");
    log_gather_break(&gather);
    assert_next("one");
    put("four\n");
    assert_next("two");
    assert_flushed("four");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_line_is_a_record_once_the_next_one_has_come,
                               begin),
        cmocka_unit_test_setup(a_stack_trace_is_one_record_however_it_comes,
                               begin),
        cmocka_unit_test_setup(the_rest_of_a_long_line_is_left_out_and_counted,
                               begin),
        cmocka_unit_test_setup(
            the_rest_of_a_long_record_is_left_out_and_counted, begin),
        cmocka_unit_test_setup(without_a_newline_at_the_end_it_is_a_line_too,
                               begin),
        cmocka_unit_test_setup(after_a_break_the_incomplete_line_is_forgotten,
                               begin),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
