/* Lines of a log, in whatever pieces it is read, and how they are shown. */
#include "unit.h"

#include <time.h>

#include "log_reader.h"
#include "printable.h"

#define NOON 1795694400000 /* 2026-11-26T12:00:00.000Z */

static struct pf_log_line read_line(const char *text)
{
    struct pf_log_line line = {.time_ms = -1, .level = PF_LOG_WARNING};

    pf_log_line_read(text, strlen(text), &line);
    return line;
}

static void lines_of_all_programs_are_understood(void **state)
{
    static const struct {
        const char *line, *text;
        int64_t time_ms; /* since noon */
        enum pf_log_level level;
    } lines[] = {
        {"2026-11-26T12:00:00.007Z info consumer: reading", "consumer: reading",
         7, PF_LOG_INFO},
        {"2026-11-26T12:00:01.000Z error x: no", "x: no", 1000, PF_LOG_ERROR},
        {"2026-11-26T12:00:00.000Z warning x:", "x:", 0, PF_LOG_WARNING},
        {"2026-11-26T12:00:00.000Z debug x: ", "x: ", 0, PF_LOG_DEBUG},

        {"2026-11-26T12:00:00.001Z INFO started (kafka.server.KafkaServer)",
         "started (kafka.server.KafkaServer)", 1, PF_LOG_INFO},
        {"2026-11-26T13:00:00.001+01:00 WARN a", "a", 1, PF_LOG_WARNING},
        {"2026-11-26T08:30:00.001-03:30 ERROR a", "a", 1, PF_LOG_ERROR},
        {"2026-11-26T12:00:00.000Z FATAL a", "a", 0, PF_LOG_ERROR},
        {"2026-11-26T12:00:00.000Z DEBUG a", "a", 0, PF_LOG_DEBUG},
        {"2026-11-26T12:00:00.000Z TRACE a", "a", 0, PF_LOG_DEBUG},

        {"2026-11-26 13:30:00,123 INFO spawned: 'kafka' with pid 9",
         "spawned: 'kafka' with pid 9", 123, PF_LOG_INFO},
        {"2026-11-26 13:30:00,000 CRIT a", "a", 0, PF_LOG_ERROR},
        {"2026-11-26 13:30:00,000 ERRO a", "a", 0, PF_LOG_ERROR},
        {"2026-11-26 13:30:00,000 WARN a", "a", 0, PF_LOG_WARNING},

        {"2026-11-26 12:00:00.123 UTC [77] LOG:  starting", "starting", 123,
         PF_LOG_INFO},
        {"2026-11-26 12:00:00.000 UTC [77] FATAL:  a", "a", 0, PF_LOG_ERROR},
        {"2026-11-26 12:00:00.000 UTC [77] DETAIL:  a", "a", 0, PF_LOG_WARNING},

        {"2026-11-26T12:00:00.000Z nothing of a level", "nothing of a level", 0,
         PF_LOG_INFO},
        {"2026-11-26T12:00:00.000Z infos are none", "infos are none", 0,
         PF_LOG_INFO},
        {"2026-11-26T12:00:00.000Z [a] b", "[a] b", 0, PF_LOG_INFO},
        {"2026-11-26T12:00:00.000Z ", "", 0, PF_LOG_INFO},
    };

    (void)state;
    setenv("TZ", "EAST-1:30", 1); /* supervisord writes the local time */
    tzset();
    for (size_t i = 0; i < COUNT(lines); i++) {
        struct pf_log_line line = read_line(lines[i].line);
        char text[100];

        snprintf(text, sizeof text, "%.*s", (int)line.n, line.text);
        assert_string_equal(text, lines[i].text);
        if (line.time_ms != NOON + lines[i].time_ms)
            fail_msg("%s: %lld", lines[i].line, (long long)line.time_ms - NOON);
        assert_int_equal(line.level, lines[i].level);
    }
}

static void other_lines_go_on_with_the_one_before(void **state)
{
    static const char *const lines[] = {
        "",
        " ",
        "\tat java.base/java.lang.Thread.run(Thread.java:1583)",
        "Caused by: java.io.IOException: 2026-11-26T12:00:00.000Z ERROR",
        "2026-11-26T12:00:00.000",
        "2026-11-26T12:00:00.000Z",
        "2026-11-26T12:00:00Z info a",
        "2026-13-26T12:00:00.000Z info a",
        "2026-11-26T24:00:00.000Z info a",
        "1969-11-26T12:00:00.000Z info a",
        "2026-11-26T12:00:00.000+1:00 info a",
        "2026-11-26T12:00:00.000+99:00 info a",
        "-026-11-26T12:00:00.000Z info a",
        "2026-11-26\n12:00:00.000Z info a",
    };

    (void)state;
    for (size_t i = 0; i < COUNT(lines); i++) {
        struct pf_log_line line = {.time_ms = 5, .level = PF_LOG_ERROR};
        size_t n = strlen(lines[i]);

        assert_false(pf_log_line_read(lines[i], n, &line));
        assert_ptr_equal(line.text, lines[i]);
        assert_int_equal(line.n, n);
        assert_int_equal(line.time_ms, 5);
        assert_int_equal(line.level, PF_LOG_ERROR);
    }
}

/* What a reader gave, one after the other. */
struct got {
    size_t n, bytes;
    char text[20000];
};

static void take(void *context, const struct pf_log_line *line)
{
    struct got *got = context;

    got->bytes += (size_t)snprintf(
        got->text + got->bytes, sizeof got->text - got->bytes, "%lld %d %.*s|",
        line->time_ms < 0 ? -1LL : (long long)line->time_ms - NOON,
        (int)line->level, (int)line->n, line->text);
    got->n++;
}

/* Whatever the pieces are in which bytes come. */
static void pieces_make_lines(void **state)
{
    static const char log[] = "no head\n"
                              "2026-11-26T12:00:00.001Z ERROR it fell\r\n"
                              "\tat a\n"
                              "\n"
                              "2026-11-26T12:00:00.002Z INFO it stands\n"
                              "x warning: and so on\n"
                              "not complete";

    (void)state;
    for (size_t size = 1; size < sizeof log; size++) {
        struct pf_log_reader reader;
        struct got got = {0};

        pf_log_reader_init(&reader, take, &got);
        for (size_t at = 0; at < sizeof log - 1; at += size) {
            size_t left = sizeof log - 1 - at;

            pf_log_reader_put(&reader, log + at, left < size ? left : size);
        }
        assert_string_equal(got.text,
                            "-1 2 no head|1 0 it fell|1 0 \tat a|-1 2 |"
                            "2 2 it stands|-1 1 x warning: and so on|");
        assert_int_equal(reader.pending, strlen("not complete"));
    }
}

static void what_is_cut_is_left_out(void **state)
{
    struct pf_log_reader reader;
    struct got got = {0};

    (void)state;
    pf_log_reader_init(&reader, take, &got);
    pf_log_reader_cut(&reader, true);
    pf_log_reader_put(&reader, "of a line\nwhole\nhalf", 20);
    pf_log_reader_cut(&reader, false);
    pf_log_reader_put(&reader, "new\n", 4);
    assert_string_equal(got.text, "-1 2 whole|-1 2 new|");
}

static void a_line_without_end_is_cut(void **state)
{
    struct pf_log_reader reader;
    struct got got = {0};
    char piece[1000];

    (void)state;
    memset(piece, 'a', sizeof piece);
    pf_log_reader_init(&reader, take, &got);
    for (int i = 0; i < 5000; i++)
        pf_log_reader_put(&reader, piece, sizeof piece);
    assert_int_equal(got.n, 0);
    assert_int_equal(reader.pending, 5000000);
    pf_log_reader_put(&reader, "\nb\n", 3);
    assert_int_equal(got.n, 2);
    assert_int_equal(got.bytes,
                     strlen("-1 2 ") + PF_LOG_LINE_MAX + strlen("...|-1 2 b|"));
    assert_contains(got.text, "a...|-1 2 b|");

    /* One that just fits is not. */
    got = (struct got){0};
    for (int i = 0; i < PF_LOG_LINE_MAX; i++)
        pf_log_reader_put(&reader, "a", 1);
    pf_log_reader_put(&reader, "\n", 1);
    assert_null(strstr(got.text, "..."));
}

static void bytes_become_printable(void **state)
{
    static const struct {
        const char *bytes, *text;
    } cases[] = {
        {"", ""},
        {"Stra\xc3\x9f"
         "e \xe2\x82\xac \xf0\x9f\x93\x88\t.",
         "Stra\xc3\x9f"
         "e \xe2\x82\xac \xf0\x9f\x93\x88\t."},
        {"<script>\\x41\\n", "<script>\\x41\\n"},
        {"\x1b[31mred\x7f\r\x01", "\\x1b[31mred\\x7f\\x0d\\x01"},
        {"\xff\xfe", "\\xff\\xfe"},
        {"\xc3", "\\xc3"},
        {"a\xe2\x82", "a\\xe2\\x82"},
        {"\xc0\xaf", "\\xc0\\xaf"},                   /* overlong */
        {"\xed\xa0\x80", "\\xed\\xa0\\x80"},          /* half a pair */
        {"\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80"}, /* beyond Unicode */
        {"\xc2\x9b"
         "1m",
         "\\xc2\\x9b"
         "1m"}, /* a control of C1 */
        {"\xe2\x80\xae"
         "evil",
         "\\xe2\\x80\\xae"
         "evil"}, /* turns the text */
        {"\xe2\x81\xa6\xe2\x80\xa8", "\\xe2\\x81\\xa6\\xe2\\x80\\xa8"},
        {"\xef\xbb\xbf\xef\xbf\xbf", "\\xef\\xbb\\xbf\\xef\\xbf\\xbf"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct pf_buffer text = {0};

        web_printable(&text, cases[i].bytes, strlen(cases[i].bytes));
        pf_buffer_put(&text, "", 1);
        assert_string_equal(text.at, cases[i].text);
        pf_buffer_release(&text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_of_all_programs_are_understood),
        cmocka_unit_test(other_lines_go_on_with_the_one_before),
        cmocka_unit_test(pieces_make_lines),
        cmocka_unit_test(what_is_cut_is_left_out),
        cmocka_unit_test(a_line_without_end_is_cut),
        cmocka_unit_test(bytes_become_printable),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
