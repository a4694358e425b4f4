/* What needs no libjq, held against what libjq says. */
#include "jq_test.h"

#include "jq_plain.h"
#include "jq_value.h"
#include "prng.h"

/* Values that a member may have. */
static const char *const members[] = {
    "null",
    "true",
    "false",
    "0",
    "-0",
    "0.0",
    "-0.0",
    "5",
    "5.0",
    "5e0",
    "5E+0",
    "50e-1",
    "0.5e1",
    "0.05e2",
    "500e-2",
    "5.000000000000001",
    "4.999999999999999",
    "5.00000000000000000001",
    "4.99999999999999999999",
    "-5",
    "-5.0",
    "-5e0",
    "1e400",
    "-1e400",
    "1e-400",
    "1e22",
    "1e23",
    "10000000000000000000000",
    "123456789012345",
    "1234567890123456",
    "12345678901234567890",
    "9007199254740993",
    "0.1",
    "1e-1",
    "100e-3",
    "0.30000000000000004",
    "0.3",
    "0.000000000000000000000000001",
    "5e000000000000000000000",
    "5e-000",
    "1793606400250",
    "\"\"",
    "\"x\"",
    "\"xx\"",
    "\"X\"",
    "\"w\"",
    "\"y\"",
    "\"5\"",
    "\"android\"",
    "\"android \"",
    "\"\\u0078\"",
    "\"a\\u0000\"",
    "\"\\\"\"",
    "\"\\\\\"",
    "\"\xc3\xa9\"",
    "\"\\u00e9\"",
    "\"\xf0\x9f\x98\x80\"",
    "\"\x7f\"",
    "\"null\"",
    "[]",
    "[5]",
    "{}",
    "{\"b\":5}",
    "{\"b\":null}",
    "{\"b\":\"x\"}",
    "{\"b\":{\"c\":5}}",
    "{\"b\":5,\"b\":6}",
    "{\"b\":6,\"\\u0062\":5}",
    "{\"\\u0062\":6,\"b\":5}",
    "{\"x\":{\"b\":1},\"b\":2}",
    "[{\"b\":5}]",
};

/* Values that such a member is in, where %s is. */
static const char *const shapes[] = {
    "{\"a\":%s}",
    "{}",
    " { \"a\" : %s } ",
    "{\"a\":1,\"a\":%s}",
    "{\"a\":%s,\"a\":5}",
    "{\"a\":{\"b\":5},\"a\":%s}",
    "{\"a\":%s,\"\\u0061\":5}",
    "{\"\\u0061\":%s}",
    "{\"\\u0061\":5,\"a\":%s}",
    "{\"A\":%s}",
    "{\"aa\":%s,\"\":1}",
    "{\"x\":{\"a\":%s}}",
    "{\"x\":{\"a\":1},\"a\":%s,\"y\":{\"a\":2}}",
    "{\"x\\\\\":[\"\\u0061\"],\"a\":%s}",
    "{\"a\":{\"b\":%s}}",
    "{\"a\":{\"b\":%s},\"b\":1}",
    "{\"a\":{\"\\u0062\":%s}}",
    "{\"a\":{\"b\":{\"c\":%s}}}",
    "{\"a\":[%s]}",
    "[{\"a\":%s}]",
    "[%s]",
    "%s",
};

/* The first two are tried with all comparisons, the others with some. */
static const char *const paths[] = {".a", ".a.b", ".b", ".a.b.c", "._", ".a.a"};

static const char *const comparisons[] = {
    "",
    " ",
    "== null",
    "!= null",
    "== true",
    "!=false",
    "> false",
    "== 5",
    "== 5.0",
    "==5e0",
    "!= 5",
    "> 5",
    ">= 5",
    "< 5",
    "<= 5",
    "< -5",
    "== -5",
    ">= -0",
    "== 0",
    "> 0.3",
    "== 0.1",
    "< 1e22",
    "== 123456789012345",
    ">= 1e-1",
    "> 0",
    "== \"x\"",
    "!= \"x\"",
    "< \"x\"",
    "<= \"x\"",
    "> \"x\"",
    ">= \"\"",
    "== \"android\"",
    "== \"\xc3\xa9\"",
    "> \"\xc3\xa9\"",
    "== \"\x7f\"",
    "== \"null\"",
};

struct count {
    size_t decided, asked;
};

/* The answer without libjq, if there is one, has to be libjq's. */
static void compare(struct pf_jq *jq, const struct pf_jq_plain *plain,
                    const char *program, const char *json, struct count *count)
{
    enum pf_jq_answer answer = pf_jq_plain_is_true(plain, json);
    struct pf_error err = {""};
    bool is_true = false;
    enum pf_rc rc;
    jv value;

    if (answer == PF_JQ_ASK_LIBJQ) {
        count->asked++;
        return;
    }
    count->decided++;
    assert_int_equal(pf_jq_parse(json, strlen(json), &value, NULL), PF_OK);
    rc = pf_jq_is_true(jq, value, jv_null(), &is_true, &err);
    if (rc || is_true != (answer == PF_JQ_YES))
        fail_msg("%s of %s is %d without libjq, %d with it %s", program, json,
                 answer == PF_JQ_YES, is_true, err.text);
}

/* The same of the text of a path, as a key has it. */
static void compare_text(struct pf_jq *jq, const struct pf_jq_plain *plain,
                         const char *program, const char *json,
                         struct count *count)
{
    struct pf_buffer out = {0};
    const char *text = "";
    size_t len = 0;
    enum pf_jq_answer answer = pf_jq_plain_text(plain, json, &text, &len);
    jv value, result;

    if (answer == PF_JQ_ASK_LIBJQ) {
        count->asked++;
        return;
    }
    count->decided++;
    assert_int_equal(pf_jq_parse(json, strlen(json), &value, NULL), PF_OK);
    assert_int_equal(pf_jq_one(jq, value, jv_null(), &result, NULL), PF_OK);
    assert_int_equal(pf_jq_print_text(result, &out, NULL), PF_OK);
    if ((jv_get_kind(result) == JV_KIND_NULL) != (answer == PF_JQ_NO))
        fail_msg("%s of %s is null for one of them", program, json);
    if (answer == PF_JQ_YES &&
        (out.n != len || (len && memcmp(out.at, text, len) != 0)))
        fail_msg("%s of %s is %.*s, and with libjq %.*s", program, json,
                 (int)len, text, (int)out.n, out.at);
    jv_free(result);
    pf_buffer_release(&out);
}

static void try_all_values(const char *program, struct count *count,
                           struct count *texts)
{
    struct pf_json_find find;
    struct pf_jq_plain plain;
    struct pf_jq *jq;
    char json[512];

    if (!pf_jq_plain_init(&plain, &find, program))
        fail_msg("%s is not taken", program);
    assert_int_equal(pf_jq_open(program, "", false, NULL, &jq, NULL), PF_OK);
    for (size_t i = 0; i < COUNT(shapes); i++)
        for (size_t j = 0; j < COUNT(members); j++) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
            snprintf(json, sizeof json, shapes[i], members[j]);
#pragma GCC diagnostic pop
            assert_null(pf_jq_check(json, strlen(json), &find, 1, NULL));
            compare(jq, &plain, program, json, count);
            compare_text(jq, &plain, program, json, texts);
        }
    pf_jq_close(jq);
}

static void libjq_says_the_same(void **state)
{
    struct count count = {0}, texts = {0};
    char program[64];

    (void)state;
    for (size_t i = 0; i < COUNT(paths); i++)
        for (size_t j = 0; j < COUNT(comparisons); j += i < 2 ? 1 : 9) {
            snprintf(program, sizeof program, "%s%s", paths[i], comparisons[j]);
            try_all_values(program, &count, &texts);
        }
    /* Most is decided, and of what is not there are all kinds. */
    assert_true(count.decided > 50000);
    assert_true(count.asked > 10000);
    assert_true(texts.decided > 2000);
}

/* A number of up to 17 digits with a point and an exponent somewhere. */
static void make_number(char *text, size_t size, uint64_t i)
{
    uint64_t random = pf_prng_at(7, i);
    int digits = 1 + (int)(random % 17), exponent = (int)(random >> 8 & 31);
    uint64_t limit = 1, value;

    while (digits--)
        limit *= 10;
    value = pf_prng_at(8, i) % limit;
    if (random >> 20 & 1)
        value = 5 * (value % 3); /* some that are equal */
    snprintf(text, size, "%s%llu%s%s%d", random >> 21 & 1 ? "-" : "",
             (unsigned long long)value, random >> 22 & 1 ? ".0" : "",
             random >> 23 & 1 ? "e-" : "e", random >> 24 & 1 ? 0 : exponent);
}

static void libjq_orders_random_numbers_likewise(void **state)
{
    struct count count = {0};

    (void)state;
    for (uint64_t i = 0; i < 60; i++) {
        char number[64], program[80], json[80];
        struct pf_json_find find;
        struct pf_jq_plain plain;
        struct pf_jq *jq;

        make_number(number, sizeof number, i);
        snprintf(program, sizeof program, ".a %s %s",
                 i % 3 ? (i % 3 == 1 ? "<" : "==") : ">=", number);
        if (!pf_jq_plain_init(&plain, &find, program))
            continue;
        assert_int_equal(pf_jq_open(program, "", false, NULL, &jq, NULL),
                         PF_OK);
        for (uint64_t j = 0; j < 1500; j++) {
            make_number(number, sizeof number, j * 1000 + i);
            snprintf(json, sizeof json, "{\"a\":%s}", number);
            assert_null(pf_jq_check(json, strlen(json), &find, 1, NULL));
            compare(jq, &plain, program, json, &count);
        }
        pf_jq_close(jq);
    }
    assert_true(count.decided > 30000);
}

static enum pf_jq_answer answer(const char *program, const char *json)
{
    struct pf_json_find find;
    struct pf_jq_plain plain;

    assert_true(pf_jq_plain_init(&plain, &find, program));
    assert_null(pf_jq_check(json, strlen(json), &find, 1, NULL));
    return pf_jq_plain_is_true(&plain, json);
}

static void what_is_usual_is_decided(void **state)
{
    static const char price[] = "{\"match\": 123, \"price\": 4.56}";
    static const char login[] = "{\"user\": {\"id\": \"u1\"}, \"device_type\": "
                                "\"android\", \"text\": \"a\\nb\"}";

    (void)state;
    assert_int_equal(answer(".price > 4.5", price), PF_JQ_YES);
    assert_int_equal(answer(".price > 5", price), PF_JQ_NO);
    assert_int_equal(answer("\t.match==123\n", price), PF_JQ_YES);
    assert_int_equal(answer(".none", price), PF_JQ_NO);
    assert_int_equal(answer(".none != null", price), PF_JQ_NO);
    assert_int_equal(answer(".device_type == \"android\"", login), PF_JQ_YES);
    assert_int_equal(answer(".user.id == \"u2\"", login), PF_JQ_NO);
    assert_int_equal(answer(".user.id", login), PF_JQ_YES);
    assert_int_equal(answer(".text == \"ab\"", login), PF_JQ_ASK_LIBJQ);
    assert_int_equal(answer(".user.name", login), PF_JQ_ASK_LIBJQ);
}

static void everything_else_is_for_libjq(void **state)
{
    static const char *const programs[] = {
        "",
        ".",
        ".a[0]",
        ".a?",
        ".[\"a\"]",
        ".\"a\"",
        "..a",
        ".a .b",
        ".a and .b",
        ".a == .b",
        "5 == .a",
        ".a | not",
        ".a = 5",
        ".a == 5 + 1",
        ".a == 5 # x",
        ".a ==",
        ".a == \"\\u0061\"",
        ".a == \"x",
        ".a == \"\\(1)\"",
        ".a == [1]",
        ".a == {}",
        ".a == nan",
        ".a == 1234567890123456",
        ".a == 1e23",
        ".a == .5",
        ".a == 5.",
        ".a == +5",
        ".a == - 5",
        ".a == 1e",
        ".a == 0x10",
        ".a == nulls",
        ".a == \"\xff\"",
        ".a != 5 and 1",
        ".5",
        ".a.",
        ".a.b.c.d.e.f.g.h.i",
        "$a",
        ".a == $x",
        "$x[.a]",
        ".a // 5",
    };
    struct pf_json_find find;
    struct pf_jq_plain plain;

    (void)state;
    for (size_t i = 0; i < COUNT(programs); i++)
        if (pf_jq_plain_init(&plain, &find, programs[i]))
            fail_msg("%s was taken", programs[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(libjq_says_the_same),
        cmocka_unit_test(libjq_orders_random_numbers_likewise),
        cmocka_unit_test(what_is_usual_is_decided),
        cmocka_unit_test(everything_else_is_for_libjq),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
