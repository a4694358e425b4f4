/* Kafka's lists of listeners. */
#include "unit.h"

#include "listeners.h"

static void a_list_is_taken_apart_and_put_together_again(void **state)
{
    struct pf_listeners l;

    (void)state;
    assert_int_equal(
        pf_listeners_parse(
            " local://127.0.0.1:19092 ,\tHOST://:9092,V6://[::1]:1", &l, NULL),
        PF_OK);
    assert_int_equal(l.n, 3);
    assert_string_equal(l.list[0].name, "LOCAL");
    assert_string_equal(l.list[0].host, "127.0.0.1");
    assert_int_equal(l.list[0].port, 19092);
    assert_string_equal(l.list[1].host, "");
    assert_string_equal(l.list[2].host, "::1");
    assert_string_equal(pf_listeners_format(&l).text,
                        "LOCAL://127.0.0.1:19092,HOST://:9092,V6://[::1]:1");
}

static void refuses_what_is_not_a_listener(void **state)
{
    static const char *const rows[] = {
        "",
        "localhost:9092",
        "://localhost:9092",
        "A://localhost",
        "A://h:0",
        "A://h:65536",
        "A://h:1,",
        "A://h:1,,B://h:2",
        "A://::1:1",
        "A://h:1,a://h:2" /* one name twice */,
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct pf_error err = {""};
        struct pf_listeners l;

        assert_int_equal(pf_listeners_parse(rows[i], &l, &err), PF_CONFIG);
        assert_true(*err.text);
    }
}

static void there_are_at_most_sixteen(void **state)
{
    char text[PF_LISTENERS_MAX * 16 + 16] = "";
    struct pf_listeners l;

    (void)state;
    for (int i = 0; i < PF_LISTENERS_MAX; i++)
        sprintf(text + strlen(text), "%sL%d://h:%d", i ? "," : "", i, i + 1);
    assert_int_equal(pf_listeners_parse(text, &l, NULL), PF_OK);
    assert_int_equal(l.n, PF_LISTENERS_MAX);
    assert_int_equal(pf_listeners_add(&l, "MORE", "h", 1, NULL), PF_CONFIG);
    strcat(text, ",MORE://h:1");
    assert_int_equal(pf_listeners_parse(text, &l, NULL), PF_CONFIG);
}

static void one_is_found_by_its_name(void **state)
{
    struct pf_listeners l = {.n = 0};

    (void)state;
    assert_null(pf_listeners_find(&l, "HOST"));
    assert_int_equal(pf_listeners_add(&l, "HOST", "h", 9092, NULL), PF_OK);
    assert_int_equal(pf_listeners_add(&l, "LOCAL", "", 19092, NULL), PF_OK);
    assert_ptr_equal(pf_listeners_find(&l, "LOCAL"), &l.list[1]);
    assert_null(pf_listeners_find(&l, "LOC"));
}

static void its_protocol_is_found_in_the_map(void **state)
{
    static const struct {
        const char *map, *name, *protocol; /* NULL: there is none */
    } rows[] = {
        {"LOCAL:PLAINTEXT,HOST:SSL", "HOST", "SSL"},
        {" local : PLAINTEXT , HOST:SSL", "LOCAL", "PLAINTEXT"},
        {"LOCAL2:SSL,LOCAL:PLAINTEXT", "LOCAL", "PLAINTEXT"},
        {"LOCAL2:SSL", "LOCAL", NULL},
        {"LOCAL", "LOCAL", NULL},
        {"", "LOCAL", NULL},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        size_t len = 0;
        const char *found = pf_listeners_protocol(rows[i].map, rows[i].name,
                                                  &len);

        assert_int_equal(found != NULL, rows[i].protocol != NULL);
        if (found) {
            assert_int_equal(len, strlen(rows[i].protocol));
            assert_memory_equal(found, rows[i].protocol, len);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_list_is_taken_apart_and_put_together_again),
        cmocka_unit_test(refuses_what_is_not_a_listener),
        cmocka_unit_test(there_are_at_most_sixteen),
        cmocka_unit_test(one_is_found_by_its_name),
        cmocka_unit_test(its_protocol_is_found_in_the_map),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
