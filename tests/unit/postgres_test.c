/* The sink for PostgreSQL, and a server that fails on demand: which steps
 * follow, and that each record is in the database once. */
#include "unit.h"

#include "clock.h"
#include "dead_letters.h"
#include "postgres.h"
#include "postgres_server.h"

#define PRICE "{\"match\": 123, \"price\": 4.56}"

/* Longer than any wait in here, in milliseconds of the test's clock. */
#define LONG_MS 60000

static char none[] = "";
static struct pf_stats *stats;
static struct pf_sink *sink;
static struct pf_error why;
static uint64_t arrived;

static void open_sink_with(char *schemas, char *mapping, enum pf_on_bad on_bad)
{
    static const struct pf_metric metrics[] = {PF_POSTGRES_METRIC_ROWS};
    struct pf_postgres_conf conf = {.schemas = schemas,
                                    .mapping = mapping,
                                    .batch = OFFSETS,
                                    .topic = "t",
                                    .on_bad = on_bad};
    char conninfo[100];

    start_server();
    arrived = 0;
    snprintf(conninfo, sizeof conninfo,
             "host=%s port=5432 user=feed dbname=feed", server.dir);
    conf.conninfo = conninfo;
    assert_int_equal(pf_stats_open("", metrics, COUNT(metrics), &stats, NULL),
                     PF_OK);
    assert_int_equal(pf_postgres_open(&conf, stats, &sink, &why), PF_OK);
}

static void open_sink(char *schemas, char *mapping)
{
    open_sink_with(schemas, mapping, PF_ON_BAD_DEAD_LETTER);
}

static int open_one(void **state)
{
    (void)state;
    open_sink(none, none);
    return 0;
}

static int open_skipping(void **state)
{
    (void)state;
    open_sink_with(none, none, PF_ON_BAD_SKIP);
    return 0;
}

static int open_stopping(void **state)
{
    (void)state;
    open_sink_with(none, none, PF_ON_BAD_STOP);
    return 0;
}

static int close_all(void **state)
{
    (void)state;
    pf_sink_close(sink);
    pf_stats_close(stats);
    end_server();
    return 0;
}

/* Offer n prices, from offset first on; returns how many are taken. */
static size_t put(int64_t first, size_t n)
{
    struct pf_record records[OFFSETS];
    size_t taken;

    for (size_t i = 0; i < n; i++)
        records[i] = (struct pf_record){.offset = first + (int64_t)i,
                                        .value = PRICE,
                                        .value_len = sizeof PRICE - 1};
    sink->ops->write(sink, records, n, (uint64_t)first + n, &taken, NULL);
    return taken;
}

static enum pf_rc flush(int timeout_ms)
{
    struct pf_arrival arrival;
    enum pf_rc rc = sink->ops->flush(sink, timeout_ms, &arrival, &why);

    arrived = arrival.records;
    return rc;
}

/* Flush until all has arrived, or that much time has passed; each call waits a
 * second at most, as the pump's do. */
static enum pf_rc settle(int ms)
{
    int64_t end_ms = now_ms + ms;
    enum pf_rc rc = PF_AGAIN;

    while (rc == PF_AGAIN && now_ms < end_ms && !pf_stop_asked()) {
        int left_ms = pf_left_ms(end_ms);

        rc = flush(left_ms < 1000 ? left_ms : 1000);
    }
    return rc;
}

/* All of the offsets 0 .. end - 1 are there, each once: as a row, but for
 * that one, which is a dead letter; -1: none is. */
static void assert_there(int64_t end, int64_t letter)
{
    for (int64_t i = 0; i < OFFSETS; i++) {
        assert_int_equal(server.rows[i], i < end && i != letter);
        assert_int_equal(server.aside[i], i == letter);
    }
    assert_int_equal(arrived, end);
}

/* The first n pauses between connections. */
static void assert_pauses(const int *pauses_ms, size_t n)
{
    for (size_t i = 0; i < n; i++)
        assert_int_equal(server.connected_ms[i + 1] - server.connected_ms[i],
                         pauses_ms[i]);
}

static void assert_counted(enum pf_postgres_metric metric, uint64_t n)
{
    assert_int_equal(*pf_stats_at(stats, metric), n);
}

static enum pf_rc find_start(int64_t *ret)
{
    struct pf_partition partition = {.topic = "t", .offset = *ret};
    enum pf_rc rc = PF_AGAIN;

    while (rc == PF_AGAIN && !pf_stop_asked())
        rc = sink->ops->position(sink, &partition, 1000, &why);
    *ret = partition.offset;
    return rc;
}

static void connects_makes_tables_asks_for_its_place_and_writes(void **state)
{
    (void)state;
    assert_int_equal(put(0, 3), 3);
    assert_int_equal(settle(LONG_MS), PF_OK);
    assert_int_equal(put(3, 2), 2);
    assert_int_equal(settle(LONG_MS), PF_OK);
    assert_string_equal(server.seen,
                        "connect tables place write:0+3 write:3+2");
    assert_there(5, -1);
    assert_counted(PF_POSTGRES_CONNECTIONS, 1);
    assert_counted(PF_POSTGRES_TRANSACTIONS, 2);
    assert_counted(PF_POSTGRES_PUT_ASIDE, 0);
}

static void takes_records_while_it_writes_others(void **state)
{
    int64_t begin_ms = now_ms;

    (void)state;
    plan("write", 1, IS_SILENT, NULL);
    assert_int_equal(put(0, 100), 100);
    assert_int_equal(put(100, 1), 0);
    assert_int_equal(flush(LONG_MS), PF_AGAIN);
    assert_int_equal(now_ms, begin_ms);
    assert_int_equal(put(0, 70), 70); /* there is room, and then none */
    assert_int_equal(put(70, 31), 30);
    assert_int_equal(settle(100), PF_AGAIN);
    assert_int_equal(put(0, 1), 0);
    assert_int_equal(arrived, 0);
}

static void starts_where_the_database_is(void **state)
{
    int64_t offset = 0;

    (void)state;
    server.next_offset = 7;
    assert_int_equal(find_start(&offset), PF_OK);
    assert_int_equal(offset, 7);
    assert_string_equal(server.seen, "connect tables place");
}

static void has_no_position_in_an_empty_database(void **state)
{
    int64_t offset = 0;

    (void)state;
    assert_int_equal(find_start(&offset), PF_OK);
    assert_int_equal(offset, -1);
}

static void pauses_longer_with_each_failure_until_one_succeeds(void **state)
{
    static const int pauses_ms[] = {100, 200, 400, 800, 1600, 2000, 2000, 100};

    (void)state;
    plan("connect", 7, CUTS, NULL);
    plan("write", 1, CUTS, NULL);
    put(0, 1);
    assert_int_equal(settle(LONG_MS), PF_OK);
    assert_there(1, -1);
    assert_string_equal(server.seen,
                        "connect! connect! connect! connect! connect! connect! "
                        "connect! connect tables place write:0+1! "
                        "connect place write:0+1");
    assert_pauses(pauses_ms, COUNT(pauses_ms));
    assert_counted(PF_POSTGRES_CONNECTIONS, 2);
}

static void gives_a_server_that_does_not_answer_ten_seconds(void **state)
{
    (void)state;
    plan("connect", 1, IS_SILENT, NULL);
    put(0, 1);
    assert_int_equal(settle(LONG_MS), PF_OK);
    assert_int_equal(server.connected_ms[1] - server.connected_ms[0], 10100);
    assert_there(1, -1);
}

static void says_that_it_waits_for_an_answer(void **state)
{
    struct heard heard;

    (void)state;
    plan("write", 1, IS_SILENT, NULL);
    put(0, 1);
    begin_to_listen(&heard);
    for (int second = 0; second < 3; second++)
        assert_int_equal(settle(1000), PF_AGAIN);
    assert_string_equal(end_to_listen(&heard), "");
    begin_to_listen(&heard);
    assert_int_equal(settle(1000), PF_AGAIN);
    assert_contains(end_to_listen(&heard), "no answer for 4 s");
    server.silent = false;
    assert_int_equal(settle(LONG_MS), PF_OK);
    assert_there(1, -1);
    assert_counted(PF_POSTGRES_CONNECTIONS, 1);
}

static void writes_again_what_was_not_committed(void **state)
{
    (void)state;
    plan("write", 1, CUTS, NULL);
    put(0, 3);
    assert_int_equal(settle(LONG_MS), PF_OK);
    /* They may have ended the connection: fewer at first. */
    assert_string_equal(server.seen, "connect tables place write:0+3! "
                                     "connect place write:0+2 write:2+1");
    assert_there(3, -1);
}

/* The lost connection's transaction may end after the position was read. */
static void takes_what_the_lost_connection_wrote_meanwhile(void **state)
{
    (void)state;
    plan("write", 1, CUTS, NULL);
    plan("write", 1, REFUSES, "40001")->moved_to = 3;
    put(0, 3);
    assert_int_equal(settle(LONG_MS), PF_OK);
    assert_int_equal(arrived, 3);
    assert_string_equal(server.seen,
                        "connect tables place write:0+3! connect place "
                        "write:0+2! write:0+2 place");
}

static void a_doubt_ends_with_the_next_success(void **state)
{
    (void)state;
    plan("write", 1, CUTS, NULL);
    put(0, 3);
    assert_int_equal(settle(LONG_MS), PF_OK);
    server.next_offset = 6; /* another consumer */
    put(3, 5);
    assert_int_equal(settle(LONG_MS), PF_FATAL);
    assert_int_equal(arrived, 3);
}

static void what_was_in_doubt_keeps_its_form(void **state)
{
    (void)state;
    plan("write", 5, CUTS, NULL);
    plan("write", 1, CUTS_AFTERWARDS, NULL);
    put(0, 1);
    assert_int_equal(settle(LONG_MS), PF_OK);
    assert_counted(PF_POSTGRES_PUT_ASIDE, 0);
    assert_there(1, -1);

    plan("write", -1, REFUSES, "22008")->offset = 2;
    plan("letter", 1, CUTS_AFTERWARDS, NULL);
    put(1, 2);
    assert_int_equal(settle(LONG_MS), PF_OK);
    assert_counted(PF_POSTGRES_PUT_ASIDE, 1);
    assert_there(3, 2);
}

static void does_not_write_again_what_was(void **state)
{
    (void)state;
    plan("write", 1, CUTS_AFTERWARDS, NULL);
    put(0, 3);
    assert_int_equal(settle(LONG_MS), PF_OK);
    assert_string_equal(server.seen,
                        "connect tables place write:0+3! connect place");
    assert_there(3, -1);
    assert_counted(PF_POSTGRES_TRANSACTIONS, 1);
}

/* The server says why, and then it goes. */
static void connects_again_when_the_server_shuts_down(void **state)
{
    int64_t begin_ms = now_ms;

    (void)state;
    plan("write", 1, REFUSES_AND_CUTS, "57P01");
    put(0, 3);
    assert_int_equal(settle(LONG_MS), PF_OK);
    assert_string_equal(server.seen, "connect tables place write:0+3! "
                                     "connect place write:0+2 write:2+1");
    assert_int_equal(now_ms - begin_ms, 100);
    assert_there(3, -1);
}

static void tries_later_in_the_same_connection(void **state)
{
    int64_t begin_ms = now_ms;

    (void)state;
    plan("write", 3, REFUSES, "40001");
    put(0, 3);
    assert_int_equal(settle(LONG_MS), PF_OK);
    assert_string_equal(server.seen,
                        "connect tables place write:0+3! write:0+3! "
                        "write:0+3! write:0+3");
    assert_int_equal(now_ms - begin_ms, 100 + 200 + 400);
    assert_there(3, -1);
}

static void finds_the_record_at_fault_and_puts_it_aside(void **state)
{
    struct heard heard;

    (void)state;
    plan("write", -1, REFUSES, "22008")->offset = 5;
    put(0, 8);
    begin_to_listen(&heard);
    assert_int_equal(settle(LONG_MS), PF_OK);
    assert_contains(end_to_listen(&heard),
                    "put aside the record at offset 5: made to fail");
    assert_string_equal(server.seen,
                        "connect tables place write:0+8! write:0+4 write:4+4! "
                        "write:4+2! write:4+1 write:5+2! write:5+1! letter:5+1 "
                        "write:6+2");
    assert_there(8, 5);
    assert_counted(PF_POSTGRES_PUT_ASIDE, 1);
    assert_string_equal(server.reason, "made to fail (SQLSTATE 22008)");
}

/* A right or a type that is wrong, as much as what the record has. */
static void puts_aside_in_short_what_is_refused_in_full(void **state)
{
    static const char *const states[] = {"22021", "42501", "42804", "54000"};
    char reason[200];

    (void)state;
    for (size_t i = 0; i < COUNT(states); i++) {
        open_sink(none, none);
        plan("write", -1, REFUSES, "22008");
        plan("letter", -1, REFUSES, states[i]);
        put(0, 1);
        assert_int_equal(settle(LONG_MS), PF_OK);
        assert_string_equal(server.seen, "connect tables place write:0+1! "
                                         "letter:0+1! short:0+1");
        snprintf(reason, sizeof reason,
                 "made to fail (SQLSTATE 22008); not kept in full: made to "
                 "fail (SQLSTATE %s)",
                 states[i]);
        assert_string_equal(server.reason, reason);
        assert_there(1, 0);
        close_all(NULL);
    }
}

static void puts_aside_the_least_where_even_that_is_refused(void **state)
{
    (void)state;
    plan("write", -1, REFUSES, "22008");
    plan("letter", -1, REFUSES, "22021");
    plan("short", -1, REFUSES, "23514");
    put(0, 1);
    assert_int_equal(settle(LONG_MS), PF_OK);
    assert_string_equal(server.seen, "connect tables place write:0+1! "
                                     "letter:0+1! short:0+1! bare:0+1");
    assert_string_equal(server.reason,
                        "made to fail (SQLSTATE 22008); not kept in full: "
                        "made to fail (SQLSTATE 23514)");
    assert_there(1, 0);
}

static const struct pf_header own[] = {
    {"trace", "1", 1}, {"trace", NULL, 0}, {"", "", 0}, {"\xc3\xa9", "\0", 1}};
static const struct pf_headers own_headers = {.at = own, .n = COUNT(own)};

/* Offer a price with these headers, which are gone after that. */
static void put_with_headers(int64_t offset)
{
    struct pf_header gone[COUNT(own)];
    struct pf_headers headers = {.at = gone, .n = COUNT(own)};
    const struct pf_record record = {.offset = offset,
                                     .value = PRICE,
                                     .value_len = sizeof PRICE - 1,
                                     .headers = &headers,
                                     .header_at = pf_headers_at};
    size_t taken;

    memcpy(gone, own, sizeof gone);
    sink->ops->write(sink, &record, 1, 1, &taken, NULL);
    memset(gone, 0, sizeof gone);
    assert_int_equal(taken, 1);
}

static void what_is_refused_is_put_aside_with_its_kind_and_headers(void **state)
{
    (void)state;
    plan("write", -1, REFUSES, "22008");
    put_with_headers(0);
    assert_int_equal(settle(LONG_MS), PF_OK);
    assert_string_equal(server.kind, "refused");
    assert_string_equal(server.headers,
                        "[{\"name\":\"trace\",\"value\":\"1\"},"
                        "{\"name\":\"trace\",\"value\":null},"
                        "{\"name\":\"\",\"value\":\"\"},"
                        "{\"name\":\"\xc3\xa9\",\"value_base64\":\"AA==\"}]");
    put(1, 1);
    assert_int_equal(settle(LONG_MS), PF_OK);
    assert_string_equal(server.headers, "[]");
}

static void where_a_character_may_be_missing_headers_are_ascii(void **state)
{
    (void)state;
    server.encoding = "LATIN1";
    plan("write", -1, REFUSES, "22008");
    put_with_headers(0);
    assert_int_equal(settle(LONG_MS), PF_OK);
    assert_contains(server.headers,
                    "{\"name_base64\":\"w6k=\",\"value_base64\":\"AA==\"}]");
}

/* Offer 8 records, of which that one is a dead letter. */
static void put_with_letter(size_t bad)
{
    struct pf_dead_letters dead = {0};
    struct pf_record records[8], refused;
    struct pf_output letters;
    size_t taken;

    for (size_t i = 0; i < COUNT(records); i++)
        records[i] = (struct pf_record){.offset = (int64_t)i,
                                        .timestamp = 1234567,
                                        .value = PRICE,
                                        .value_len = sizeof PRICE - 1,
                                        .headers = &own_headers,
                                        .header_at = pf_headers_at};
    refused = records[bad];
    pf_dead_letters_make(
        &dead, &(struct pf_batch){.records = &refused, .n = 1},
        &(struct pf_refusal){&refused, "type", {"not a price"}}, 1, &letters,
        NULL);
    records[bad] = letters.records[0];
    sink->ops->write(sink, records, 8, 8, &taken, NULL);
    assert_int_equal(taken, 8);
    pf_dead_letters_release(&dead);
}

static void a_dead_letter_is_put_aside_in_its_place(void **state)
{
    (void)state;
    put_with_letter(3);
    assert_int_equal(settle(LONG_MS), PF_OK);
    assert_string_equal(server.seen, "connect tables place write:0+3 "
                                     "letter:3+1 write:4+4");
    assert_string_equal(server.reason, "type: not a price");
    assert_string_equal(server.kind, "type");
    assert_contains(server.headers, "{\"name\":\"trace\",\"value\":null}");
    assert_null(strstr(server.headers, "feed-dead"));
    assert_there(8, 3);
    assert_counted(PF_POSTGRES_PUT_ASIDE, 1);
}

static void adds_the_columns_that_an_older_table_lacks(void **state)
{
    (void)state;
    server.lacks_columns = true;
    plan("columns", 2, REFUSES, "55P03"); /* a lock, as all that passes */
    put_with_letter(0);
    assert_int_equal(settle(LONG_MS), PF_OK);
    assert_string_equal(server.kind, "type");
    plan("write", 1, CUTS, NULL);
    put(8, 1);
    assert_int_equal(settle(LONG_MS), PF_OK);
    assert_string_equal(server.seen,
                        "connect tables place columns! columns! columns "
                        "letter:0+1 write:1+7 write:8+1! connect place "
                        "write:8+1");
    assert_there(9, 0);
}

static void goes_on_without_columns_that_it_may_not_add(void **state)
{
    /* Not its owner; a view; a trigger on such commands. */
    static const char *const states[] = {"42501", "42809", "P0001"};
    struct heard heard;

    (void)state;
    for (size_t i = 0; i < COUNT(states); i++) {
        open_sink(none, none);
        server.lacks_columns = true;
        plan("columns", -1, REFUSES, states[i]);
        plan("write", -1, REFUSES, "22008")->offset = 6;
        put_with_letter(3);
        begin_to_listen(&heard);
        assert_int_equal(settle(LONG_MS), PF_OK);
        assert_contains(end_to_listen(&heard),
                        "Its owner can add them: ALTER TABLE "
                        "feed_dead_letters ADD COLUMN");
        assert_string_equal(server.seen,
                            "connect tables place columns! write:0+3 "
                            "short:3+1 write:4+4! write:4+2 write:6+2! "
                            "write:6+1! short:6+1 write:7+1");
        assert_string_equal(server.reason, "made to fail (SQLSTATE 22008)");
        assert_int_equal(server.aside[3], 1);
        assert_int_equal(server.aside[6], 1);
        close_all(NULL);
    }
}

static void adds_no_columns_when_nothing_is_put_aside(void **state)
{
    (void)state;
    server.lacks_columns = true;
    put(0, 1);
    assert_int_equal(settle(LONG_MS), PF_OK);
    assert_string_equal(server.seen, "connect tables place write:0+1");
}

static void
a_dead_letter_that_is_first_and_refused_is_put_aside_in_short(void **state)
{
    (void)state;
    plan("letter", -1, REFUSES, "22021");
    put_with_letter(0);
    assert_int_equal(settle(LONG_MS), PF_OK);
    assert_string_equal(server.seen, "connect tables place letter:0+1! "
                                     "short:0+1 write:1+2 write:3+4 write:7+1");
    assert_string_equal(server.reason, "type: not a price; not kept in full: "
                                       "made to fail (SQLSTATE 22021)");
    assert_there(8, 0);
}

static void skips_what_is_refused_when_told(void **state)
{
    struct heard heard;

    (void)state;
    plan("write", -1, REFUSES, "22008")->offset = 5;
    put(0, 8);
    begin_to_listen(&heard);
    assert_int_equal(settle(LONG_MS), PF_OK);
    assert_contains(end_to_listen(&heard),
                    "skipped the record at offset 5: made to fail");
    assert_string_equal(server.seen + strlen(server.seen) -
                            strlen("write:5+1! skip:5+1 write:6+2"),
                        "write:5+1! skip:5+1 write:6+2");
    assert_there(8, 5);
    assert_counted(PF_POSTGRES_LEFT_OUT, 1);
    assert_counted(PF_POSTGRES_PUT_ASIDE, 0);
}

static void stops_before_what_is_refused_when_told(void **state)
{
    (void)state;
    plan("write", -1, REFUSES, "22008")->offset = 5;
    put(0, 8);
    assert_int_equal(settle(LONG_MS), PF_FORMAT);
    assert_string_equal(why.text, "PostgreSQL: the record at offset 5 is bad: "
                                  "made to fail (SQLSTATE 22008) "
                                  "(feed.on.bad = stop)");
    assert_there(5, -1);
}

static void ends_when_even_that_is_refused(void **state)
{
    (void)state;
    plan("write", -1, REFUSES, "22008");
    plan("letter", -1, REFUSES, "42501");
    plan("short", -1, REFUSES, "42501");
    plan("bare", -1, REFUSES, "23514");
    put(0, 1);
    assert_int_equal(settle(LONG_MS), PF_IO);
    assert_string_equal(why.text, "PostgreSQL: feed_dead_letters: made to fail "
                                  "(SQLSTATE 23514)");
    assert_int_equal(arrived, 0);
}

static void writes_fewer_when_it_is_too_much(void **state)
{
    (void)state;
    plan("write", -1, REFUSES, "57014")->more_than = 2;
    put(0, 9);
    assert_int_equal(settle(LONG_MS), PF_OK);
    assert_string_equal(server.seen,
                        "connect tables place write:0+9! write:0+5! write:0+3! "
                        "write:0+2 write:2+2 write:4+2 write:6+2 write:8+1");
    assert_there(9, -1);
}

static void puts_aside_one_record_that_is_too_much_six_times(void **state)
{
    int64_t begin_ms = now_ms;

    (void)state;
    plan("write", -1, REFUSES, "53200");
    put(0, 1);
    assert_int_equal(settle(LONG_MS), PF_OK);
    assert_string_equal(server.seen,
                        "connect tables place write:0+1! write:0+1! write:0+1! "
                        "write:0+1! write:0+1! write:0+1! letter:0+1");
    assert_int_equal(now_ms - begin_ms, 100 + 200 + 400 + 800 + 1600);
    assert_there(1, 0);
}

static void tries_each_record_six_times(void **state)
{
    (void)state;
    for (int64_t offset = 0; offset < 3; offset++) {
        memset(server.faults, 0, sizeof server.faults);
        plan("write", 5, REFUSES, "53200");
        put(offset, 1);
        assert_int_equal(settle(LONG_MS), PF_OK);
    }
    assert_there(3, -1);
}

static void puts_aside_one_record_that_ends_six_connections(void **state)
{
    static const int pauses_ms[] = {100, 100, 100, 200, 400, 800, 1600, 2000};

    (void)state;
    plan("write", -1, CUTS, NULL)->offset = 1;
    put(0, 3);
    assert_int_equal(settle(LONG_MS), PF_OK);
    assert_string_equal(server.seen,
                        "connect tables place write:0+3! "
                        "connect place write:0+2! "
                        "connect place write:0+1 write:1+1! "
                        "connect place write:1+1! connect place write:1+1! "
                        "connect place write:1+1! connect place write:1+1! "
                        "connect place write:1+1! "
                        "connect place letter:1+1 write:2+1");
    assert_there(3, 1);
    assert_pauses(pauses_ms, COUNT(pauses_ms));
}

static void ends_when_the_table_is_missing_or_closed(void **state)
{
    static const char *const states[] = {"42P01", "42501", "XX001"};

    (void)state;
    for (size_t i = 0; i < COUNT(states); i++) {
        open_sink(none, none);
        plan("write", -1, REFUSES, states[i]);
        put(0, 2);
        assert_int_equal(settle(LONG_MS), PF_CONFIG);
        assert_contains(why.text, "PostgreSQL: made to fail (SQLSTATE ");
        assert_contains(why.text, states[i]);
        assert_there(0, -1);
        close_all(NULL);
    }
}

/* A trigger makes the name of a table from what the record has. */
static void puts_aside_a_record_that_names_what_is_missing(void **state)
{
    struct fault *fault;

    (void)state;
    fault = plan("write", -1, REFUSES, "42P01");
    fault->offset = 1;
    fault->context = "trigger";
    put(0, 2);
    assert_int_equal(settle(LONG_MS), PF_OK);
    assert_there(2, 1);
}

static void ends_when_another_consumer_has_moved_the_place(void **state)
{
    (void)state;
    put(0, 2);
    assert_int_equal(settle(LONG_MS), PF_OK);
    server.next_offset = 5;
    put(2, 2);
    assert_int_equal(settle(LONG_MS), PF_FATAL);
    assert_contains(why.text, "another consumer writes t [0]: feed_offsets "
                              "continues at 5, this one at 2");
    assert_string_equal(server.seen, "connect tables place write:0+2 write:2+2 "
                                     "place");
    assert_there(2, -1);
}

static void ends_when_that_happens_while_it_is_not_connected(void **state)
{
    (void)state;
    plan("write", 1, CUTS, NULL)->moved_to = 5;
    put(0, 2);
    assert_int_equal(settle(LONG_MS), PF_FATAL);
    assert_string_equal(server.seen,
                        "connect tables place write:0+2! connect place");
}

/* It has tried to move it to the same place, and was refused since. */
static void does_not_take_the_move_of_another_for_its_own(void **state)
{
    (void)state;
    plan("write", 1, CUTS, NULL);
    plan("write", 1, REFUSES, "22008")->moved_to = 3;
    put(0, 3);
    assert_int_equal(settle(LONG_MS), PF_FATAL);
    assert_string_equal(server.seen,
                        "connect tables place write:0+3! connect place "
                        "write:0+2! write:0+1 place");
    assert_there(0, -1);
}

static void ends_when_it_is_not_let_in_but_not_when_there_is_no_room(void **s)
{
    (void)s;
    plan("connect", 2, REFUSES, "57P03");
    plan("connect", 1, REFUSES, "53300");
    plan("connect", 1, REFUSES, "28P01");
    put(0, 1);
    assert_int_equal(settle(LONG_MS), PF_CONFIG);
    assert_string_equal(server.seen, "connect! connect! connect! connect!");
    assert_contains(why.text, "28P01");
}

/* Before records are written, there is none to blame. */
static void ends_or_waits_when_it_cannot_prepare(void **state)
{
    static const struct {
        const char *with, *sqlstate;
        bool passes;
    } cases[] = {
        {"tables", "42501", false}, {"tables", "22008", false},
        {"tables", "57014", true},  {"tables", "40P01", true},
        {"place", "42703", false},  {"place", "55P03", true},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        open_sink(none, none);
        plan(cases[i].with, 1, REFUSES, cases[i].sqlstate);
        put(0, 1);
        assert_int_equal(settle(LONG_MS), cases[i].passes ? PF_OK : PF_CONFIG);
        assert_there(cases[i].passes, -1);
        close_all(NULL);
    }
}

/* A new file with this text; its name is put to ret. */
static void write_file(char ret[static 40], const char *text)
{
    int fd;

    strcpy(ret, "/tmp/pf-postgres-sql.XXXXXX");
    fd = mkstemp(ret);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    close(fd);
}

static void applies_a_schema_once_and_a_mapping_for_each_connection(void **s)
{
    char schema[40], mapping[40], schemas[100];

    (void)s;
    write_file(schema, "CREATE TABLE mine (id integer);");
    write_file(mapping, "SELECT 1;");
    snprintf(schemas, sizeof schemas, "%s,%s", schema, schema);
    open_sink(schemas, mapping);
    plan("write", 1, CUTS, NULL);
    put(0, 1);
    assert_int_equal(settle(LONG_MS), PF_OK);
    assert_string_equal(server.seen,
                        "connect tables schema schema mapping place write:0+1! "
                        "connect mapping place write:0+1");
    assert_there(1, -1);
    close_all(NULL);

    /* A name that is missing: the mapping's fault if it is not read either. */
    open_sink(none, mapping);
    plan("write", -1, REFUSES, "42P01");
    put(0, 1);
    assert_int_equal(settle(LONG_MS), PF_OK);
    assert_string_equal(server.seen, "connect tables mapping place write:0+1! "
                                     "mapping write:0+1! letter:0+1");
    assert_there(1, 0);
    close_all(NULL);

    open_sink(none, mapping);
    plan("mapping", 1, REFUSES, "42601")->position = "1";
    put(0, 1);
    assert_int_equal(settle(LONG_MS), PF_CONFIG);
    assert_contains(why.text, mapping);
    assert_contains(why.text, ":1: made to fail");
    close_all(NULL);
    unlink(schema);
    unlink(mapping);
}

/* In a child: the number of the line that does not hold is its exit code. */
#define MUST(holds) \
    if (!(holds))   \
    return __LINE__ % 250 + 1

static int stops_while_it_connects(void)
{
    int64_t offset;

    MUST(pf_stop_init(NULL) == PF_OK);
    server.stop_ms = now_ms + 50;
    plan("connect", 1, IS_SILENT, NULL);
    MUST(find_start(&offset) == PF_AGAIN);
    MUST(now_ms == server.stop_ms);
    return 0;
}

static int stops_while_it_pauses(void)
{
    int64_t offset;

    MUST(pf_stop_init(NULL) == PF_OK);
    server.stop_ms = now_ms + 50;
    plan("connect", 1, CUTS, NULL);
    MUST(find_start(&offset) == PF_AGAIN);
    MUST(now_ms == server.stop_ms);
    serve();
    MUST(server.client < 0); /* it has not begun to connect again */
    return 0;
}

static int stops_while_it_writes(void)
{
    MUST(pf_stop_init(NULL) == PF_OK);
    server.stop_ms = now_ms + 50;
    plan("write", 1, IS_SILENT, NULL);
    put(0, 2);
    MUST(settle(LONG_MS) == PF_AGAIN);
    MUST(now_ms == server.stop_ms && arrived == 0);

    /* What is under way is waited for, as long as the program has time. */
    pf_stop_accept();
    MUST(flush(400) == PF_AGAIN);
    MUST(now_ms == server.stop_ms + 400 && arrived == 0);
    server.silent = false;
    MUST(flush(400) == PF_OK);
    MUST(arrived == 2 && server.rows[0] == 1 && server.rows[1] == 1);
    return 0;
}

static void stops_at_once_while_it_connects_pauses_or_writes(void **state)
{
    (void)state;
    assert_int_equal(outcome(stops_while_it_connects), 0);
    assert_int_equal(outcome(stops_while_it_pauses), 0);
    assert_int_equal(outcome(stops_while_it_writes), 0);
}

/* libpq's variables of whoever runs this would reach the server's address. */
static void forget_environment(void)
{
    for (char **at = environ; *at;) {
        char name[100] = "";

        if (strncmp(*at, "PG", 2)) {
            at++;
            continue;
        }
        snprintf(name, sizeof name, "%.*s", (int)strcspn(*at, "="), *at);
        unsetenv(name);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_one, close_all)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(connects_makes_tables_asks_for_its_place_and_writes),
        TEST(takes_records_while_it_writes_others),
        TEST(starts_where_the_database_is),
        TEST(has_no_position_in_an_empty_database),
        TEST(pauses_longer_with_each_failure_until_one_succeeds),
        TEST(gives_a_server_that_does_not_answer_ten_seconds),
        TEST(says_that_it_waits_for_an_answer),
        TEST(writes_again_what_was_not_committed),
        TEST(takes_what_the_lost_connection_wrote_meanwhile),
        TEST(a_doubt_ends_with_the_next_success),
        TEST(what_was_in_doubt_keeps_its_form),
        TEST(does_not_write_again_what_was),
        TEST(connects_again_when_the_server_shuts_down),
        TEST(tries_later_in_the_same_connection),
        TEST(finds_the_record_at_fault_and_puts_it_aside),
        TEST(a_dead_letter_is_put_aside_in_its_place),
        TEST(a_dead_letter_that_is_first_and_refused_is_put_aside_in_short),
        cmocka_unit_test_setup_teardown(skips_what_is_refused_when_told,
                                        open_skipping, close_all),
        cmocka_unit_test_setup_teardown(stops_before_what_is_refused_when_told,
                                        open_stopping, close_all),
        TEST(puts_aside_the_least_where_even_that_is_refused),
        TEST(what_is_refused_is_put_aside_with_its_kind_and_headers),
        TEST(where_a_character_may_be_missing_headers_are_ascii),
        TEST(adds_the_columns_that_an_older_table_lacks),
        cmocka_unit_test_setup_teardown(
            adds_no_columns_when_nothing_is_put_aside, open_skipping,
            close_all),
        TEST(ends_when_even_that_is_refused),
        TEST(writes_fewer_when_it_is_too_much),
        TEST(puts_aside_one_record_that_is_too_much_six_times),
        TEST(tries_each_record_six_times),
        TEST(puts_aside_one_record_that_ends_six_connections),
        TEST(puts_aside_a_record_that_names_what_is_missing),
        TEST(ends_when_another_consumer_has_moved_the_place),
        TEST(ends_when_that_happens_while_it_is_not_connected),
        TEST(does_not_take_the_move_of_another_for_its_own),
        TEST(ends_when_it_is_not_let_in_but_not_when_there_is_no_room),
        TEST(stops_at_once_while_it_connects_pauses_or_writes),
        cmocka_unit_test(puts_aside_in_short_what_is_refused_in_full),
        cmocka_unit_test(goes_on_without_columns_that_it_may_not_add),
        cmocka_unit_test(ends_when_the_table_is_missing_or_closed),
        cmocka_unit_test(ends_or_waits_when_it_cannot_prepare),
        cmocka_unit_test(
            applies_a_schema_once_and_a_mapping_for_each_connection),
    };

    forget_environment();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
