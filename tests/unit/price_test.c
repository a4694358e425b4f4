/* The codec: exact text, the two ways to read it, and what is not a price. */
#include "unit.h"

#include <inttypes.h>

#include "price.h"
#include "prng.h"

typedef enum pf_price_refusal decode_fn(const char *json, size_t len,
                                        struct pf_price *ret,
                                        struct pf_error *err);

/* Decode a copy that is not a byte longer, so that a sanitizer sees every
 * look beyond its end. */
static enum pf_price_refusal exactly(decode_fn *decode, const char *json,
                                     size_t len, struct pf_price *ret,
                                     struct pf_error *err)
{
    char *copy = malloc(len ? len : 1);
    enum pf_price_refusal refusal;

    assert_non_null(copy);
    memcpy(copy, json, len);
    refusal = decode(copy, len, ret, err);
    free(copy);
    return refusal;
}

static void encodes_match_then_price(void **state)
{
    static const struct {
        struct pf_price price;
        const char *json;
    } cases[] = {
        {{123, 456}, "{\"match\": 123, \"price\": 4.56}"},
        {{100, 100}, "{\"match\": 100, \"price\": 1.00}"},
        {{999, 1000}, "{\"match\": 999, \"price\": 10.00}"},
        {{999, 999}, "{\"match\": 999, \"price\": 9.99}"},
        {{0, 0}, "{\"match\": 0, \"price\": 0.00}"},
        {{99, 5}, "{\"match\": 99, \"price\": 0.05}"},
        {{1000, 1001}, "{\"match\": 1000, \"price\": 10.01}"},
        {{INT64_MIN, PF_TICKS_LIMIT},
         "{\"match\": -9223372036854775808, \"price\": 10000000000.00}"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        char json[PF_PRICE_JSON_SIZE];

        assert_int_equal(pf_price_encode(&cases[i].price, json),
                         strlen(cases[i].json));
        assert_string_equal(json, cases[i].json);
    }
}

static void every_price_of_the_feed_survives_both_ways(void **state)
{
    struct pf_price p, fast, slow;

    (void)state;
    for (p.match = PF_MATCH_MIN; p.match <= PF_MATCH_MAX; p.match++)
        for (p.ticks = PF_TICKS_MIN; p.ticks <= PF_TICKS_MAX; p.ticks++) {
            char json[PF_PRICE_JSON_SIZE], plain[PF_PRICE_JSON_SIZE];
            size_t len = pf_price_encode(&p, json);

            snprintf(plain, sizeof plain, "{\"match\": %d, \"price\": %d.%02d}",
                     (int)p.match, (int)p.ticks / 100, (int)p.ticks % 100);
            assert_string_equal(json, plain);
            assert_int_equal(len, strlen(plain));

            fast = slow = (struct pf_price){-1, -1};
            assert_true(pf_price_recognise(json, len, &fast));
            assert_int_equal(pf_price_parse(json, len, &slow, NULL),
                             PF_REFUSED_NONE);
            if (fast.match != p.match || fast.ticks != p.ticks ||
                slow.match != p.match || slow.ticks != p.ticks)
                fail_msg("%s reads otherwise", json);
        }
}

static void every_price_that_can_be_decoded_survives(void **state)
{
    (void)state;
    for (uint64_t i = 0; i < 100000; i++) {
        /* Of every size: from few bits as often as from many. */
        uint64_t match = pf_prng_at(1, i) >> (i % 64);
        uint64_t ticks = pf_prng_at(2, i) >> (i % 61);
        struct pf_price p = {.match = (int64_t)match,
                             .ticks = (int64_t)(ticks % (PF_TICKS_LIMIT + 1))};
        struct pf_price again = {-1, -1};
        char json[PF_PRICE_JSON_SIZE];
        size_t len = pf_price_encode(&p, json);

        assert_int_equal(exactly(pf_price_decode, json, len, &again, NULL),
                         PF_REFUSED_NONE);
        assert_int_equal(again.match, p.match);
        assert_int_equal(again.ticks, p.ticks);
    }
}

/* What the fast way takes is canonical, and the slow way reads it alike; what
 * the slow way takes and is canonical, the fast way takes. */
static void assert_agreement(const char *json, size_t len)
{
    struct pf_price fast = {-1, -1}, slow = {-1, -1};
    char *copy = malloc(len ? len : 1), again[PF_PRICE_JSON_SIZE];
    bool recognised, canonical = false;
    enum pf_price_refusal refusal;

    memcpy(copy, json, len);
    recognised = pf_price_recognise(copy, len, &fast);
    refusal = pf_price_parse(copy, len, &slow, NULL);
    if (!refusal && pf_price_in_range(&slow))
        canonical = pf_price_encode(&slow, again) == len &&
                    !memcmp(again, json, len);
    if (recognised != canonical)
        fail_msg("recognised: %d, canonical: %d: %.*s", recognised, canonical,
                 (int)len, json);
    if (recognised)
        assert_true(fast.match == slow.match && fast.ticks == slow.ticks);
    else
        assert_true(fast.match == -1 && fast.ticks == -1);
    free(copy);
}

static void both_ways_agree_one_byte_away_from_a_price(void **state)
{
    static const struct pf_price prices[] = {
        {123, 456}, {100, 100}, {999, 1000}, {999, 999}, {500, 100}};

    (void)state;
    for (size_t i = 0; i < COUNT(prices); i++) {
        char json[PF_PRICE_JSON_SIZE], other[PF_PRICE_JSON_SIZE + 1];
        size_t len = pf_price_encode(&prices[i], json);

        for (size_t at = 0; at <= len; at++) {
            assert_agreement(json, at); /* cut off */

            memcpy(other, json, at); /* one missing */
            memcpy(other + at, json + at + 1, len - at);
            if (at < len)
                assert_agreement(other, len - 1);

            for (int byte = 0; byte < 256; byte++) {
                memcpy(other, json, len); /* one changed */
                other[at] = (char)byte;
                if (at < len)
                    assert_agreement(other, len);

                memcpy(other, json, at); /* one more */
                other[at] = (char)byte;
                memcpy(other + at + 1, json + at, len - at);
                assert_agreement(other, len + 1);
            }
        }
    }
}

/* An input; a size_t beside it, because some have a NUL inside. */
#define INPUT(text) text, sizeof(text) - 1
#define MEMBERS(price) INPUT("{\"match\": 123, \"price\": " price "}")
#define MATCH(match) INPUT("{\"match\": " match ", \"price\": 4.56}")
#define EXTRA(value) INPUT("{\"match\": 1, \"price\": 2, \"x\": " value "}")

static void refuses_what_is_not_a_price_and_leaves_ret_alone(void **state)
{
    static const struct {
        const char *json;
        size_t len;
        enum pf_price_refusal refusal;
    } cases[] = {
        {INPUT(""), PF_REFUSED_EMPTY},
        {INPUT("  \t\r\n "), PF_REFUSED_EMPTY},

        {INPUT("{"), PF_REFUSED_TRUNCATED},
        {INPUT("{\"match\": 123, \"price\": 4.5"), PF_REFUSED_TRUNCATED},
        {INPUT("{\"match\": 123, \"price\": 4."), PF_REFUSED_TRUNCATED},
        {INPUT("{\"match\": 123, \"price\": -"), PF_REFUSED_TRUNCATED},
        {INPUT("{\"match\": 123, \"price\": 1e"), PF_REFUSED_TRUNCATED},
        {INPUT("{\"match\": 123, \"price\": 1e+"), PF_REFUSED_TRUNCATED},
        {INPUT("{\"match\": 123, \"pri"), PF_REFUSED_TRUNCATED},
        {INPUT("{\"match\\"), PF_REFUSED_TRUNCATED},

        {MEMBERS("4.56} x"), PF_REFUSED_TRAILING},
        {MEMBERS("4.56} {\"match\": 1"), PF_REFUSED_TRAILING},
        {MEMBERS("4.56}\0"), PF_REFUSED_TRAILING},
        {MEMBERS("4.56\0"), PF_REFUSED_SYNTAX},
        {INPUT("\0"), PF_REFUSED_SYNTAX},

        {MEMBERS("NaN"), PF_REFUSED_NUMBER},
        {MEMBERS("Infinity"), PF_REFUSED_NUMBER},
        {MEMBERS("-Infinity"), PF_REFUSED_NUMBER},
        {MATCH("NaN"), PF_REFUSED_NUMBER},
        {EXTRA("NaN"), PF_REFUSED_NUMBER},
        {EXTRA("[-Infinity]"), PF_REFUSED_NUMBER},
        {INPUT("NaN"), PF_REFUSED_NUMBER},
        {MEMBERS("5."), PF_REFUSED_NUMBER},
        {MEMBERS("5.e1"), PF_REFUSED_NUMBER},
        {MEMBERS("01"), PF_REFUSED_NUMBER},
        {MEMBERS("00.5"), PF_REFUSED_NUMBER},
        {MEMBERS("-01"), PF_REFUSED_NUMBER},
        {MEMBERS("-.0"), PF_REFUSED_NUMBER},
        {MEMBERS("-"), PF_REFUSED_NUMBER},
        {MEMBERS("--1"), PF_REFUSED_NUMBER},
        {MEMBERS("1e"), PF_REFUSED_NUMBER},
        {MEMBERS("1e+"), PF_REFUSED_NUMBER},
        {MATCH("0123"), PF_REFUSED_NUMBER},

        {MEMBERS("nan"), PF_REFUSED_SYNTAX},
        {MEMBERS("infinity"), PF_REFUSED_SYNTAX},
        {MEMBERS("+5"), PF_REFUSED_SYNTAX},
        {MEMBERS(".5"), PF_REFUSED_SYNTAX},
        {MEMBERS("0x10"), PF_REFUSED_SYNTAX},
        {MEMBERS("1.2.3"), PF_REFUSED_SYNTAX},
        {MEMBERS("1e2e3"), PF_REFUSED_SYNTAX},
        {MEMBERS("1-2"), PF_REFUSED_SYNTAX},
        {MEMBERS("4,56"), PF_REFUSED_SYNTAX},
        {MEMBERS("4.56,"), PF_REFUSED_SYNTAX},
        {MEMBERS("4.56 // comment\n"), PF_REFUSED_SYNTAX},
        {MEMBERS("4.56 /* comment */"), PF_REFUSED_SYNTAX},
        {MEMBERS("True"), PF_REFUSED_SYNTAX},
        {INPUT("{match: 123, \"price\": 4.56}"), PF_REFUSED_SYNTAX},
        {INPUT("{'match': 123, \"price\": 4.56}"), PF_REFUSED_SYNTAX},
        {INPUT("{\"match\" 123, \"price\": 4.56}"), PF_REFUSED_SYNTAX},
        {INPUT("{\"match\": 123 \"price\": 4.56}"), PF_REFUSED_SYNTAX},
        {INPUT("{\"match\": 123, \"price\": 4.56]"), PF_REFUSED_SYNTAX},
        {INPUT("}"), PF_REFUSED_SYNTAX},
        {INPUT("x"), PF_REFUSED_SYNTAX},
        {INPUT("\xef\xbb\xbf{\"match\": 123, \"price\": 4.56}"),
         PF_REFUSED_SYNTAX},
        {EXTRA("\"\xff\""), PF_REFUSED_SYNTAX},
        {EXTRA("\"\xc0\x80\""), PF_REFUSED_SYNTAX},
        {EXTRA("\"\xed\xa0\x80\""), PF_REFUSED_SYNTAX},
        {EXTRA("\"\xe0\x80\x80\""), PF_REFUSED_SYNTAX},
        {EXTRA("\"\xf0\x80\x80\x80\""), PF_REFUSED_SYNTAX},
        {EXTRA("\"\xf4\x90\x80\x80\""), PF_REFUSED_SYNTAX},
        {EXTRA("\"\xf5\x80\x80\x80\""), PF_REFUSED_SYNTAX},
        {EXTRA("\"\x80\""), PF_REFUSED_SYNTAX},
        {EXTRA("\"\xe2\x82\""), PF_REFUSED_SYNTAX},
        {EXTRA("\"\\ud800\""), PF_REFUSED_SYNTAX},
        {EXTRA("\"\\udc00\""), PF_REFUSED_SYNTAX},
        {EXTRA("\"\\udc00\\ud800\""), PF_REFUSED_SYNTAX},
        {EXTRA("\"\\ud800\\u0041\""), PF_REFUSED_SYNTAX},
        {EXTRA("\"\\u12\""), PF_REFUSED_SYNTAX},
        {EXTRA("\"\\x41\""), PF_REFUSED_SYNTAX},
        {EXTRA("\"\x1b[2J\""), PF_REFUSED_SYNTAX},
        {EXTRA("\"\n\""), PF_REFUSED_SYNTAX},
        {EXTRA("'y'"), PF_REFUSED_SYNTAX},
        {EXTRA("[1,]"), PF_REFUSED_SYNTAX},
        {EXTRA("tRue"), PF_REFUSED_SYNTAX},
        {INPUT("{\"match\\u0000x\": 1, \"price\": 2}"), PF_REFUSED_SYNTAX},

        {MEMBERS("\"4.56\""), PF_REFUSED_TYPE},
        {MEMBERS("true"), PF_REFUSED_TYPE},
        {MEMBERS("null"), PF_REFUSED_TYPE},
        {MEMBERS("[4.56]"), PF_REFUSED_TYPE},
        {MEMBERS("{}"), PF_REFUSED_TYPE},
        {MATCH("\"123\""), PF_REFUSED_TYPE},
        {MATCH("123.7"), PF_REFUSED_TYPE},
        {MATCH("123.0"), PF_REFUSED_TYPE},
        {MATCH("1E2"), PF_REFUSED_TYPE},
        {MATCH("null"), PF_REFUSED_TYPE},
        {INPUT("[{\"match\": 123, \"price\": 4.56}]"), PF_REFUSED_TYPE},
        {INPUT("[]"), PF_REFUSED_TYPE},
        {INPUT("null"), PF_REFUSED_TYPE},
        {INPUT("TRUE"), PF_REFUSED_TYPE},
        {INPUT("false"), PF_REFUSED_TYPE},
        {INPUT("4.56"), PF_REFUSED_TYPE},
        {INPUT("\"{}\""), PF_REFUSED_TYPE},

        {INPUT("{}"), PF_REFUSED_MISSING},
        {INPUT("{\"match\": 123}"), PF_REFUSED_MISSING},
        {INPUT("{\"price\": 4.56}"), PF_REFUSED_MISSING},
        {INPUT("{\"Match\": 123, \"price\": 4.56}"), PF_REFUSED_MISSING},

        {MATCH("1, \"match\": 1"), PF_REFUSED_DUPLICATE},
        {MATCH("1, \"m\\u0061tch\": 2"), PF_REFUSED_DUPLICATE},
        {EXTRA("1, \"x\": 1"), PF_REFUSED_DUPLICATE},
        {EXTRA("1, \"\xc3\xa9\": 2, \"\\u00e9\": 3"), PF_REFUSED_DUPLICATE},
        {INPUT("\xc3\xa9"), PF_REFUSED_SYNTAX},
        {MEMBERS("4.56 \xc3\xa9"), PF_REFUSED_SYNTAX},
        {MEMBERS("4.56 \xff"), PF_REFUSED_SYNTAX},
        {INPUT("{\"match\": 1, \"price\": 2, \"\xe2\x82"),
         PF_REFUSED_TRUNCATED},

        {MEMBERS("4.567"), PF_REFUSED_RANGE},
        {MEMBERS("0.30000000000000004"), PF_REFUSED_RANGE},
        {MEMBERS("1e-3"), PF_REFUSED_RANGE},
        {MEMBERS("1e400"), PF_REFUSED_RANGE},
        {MEMBERS("1e-400"), PF_REFUSED_RANGE},
        {MEMBERS("1e99999999999999999999"), PF_REFUSED_RANGE},
        {MEMBERS("-0.01"), PF_REFUSED_RANGE},
        {MEMBERS("-1"), PF_REFUSED_RANGE},
        {MEMBERS("10000000000.01"), PF_REFUSED_RANGE},
        {MEMBERS("100000000000"), PF_REFUSED_RANGE},
        {MEMBERS("99999999999999999999"), PF_REFUSED_RANGE},
        {MATCH("9223372036854775808"), PF_REFUSED_RANGE},
        {MATCH("18446744073709551616"), PF_REFUSED_RANGE},
        {MATCH("-9223372036854775809"), PF_REFUSED_RANGE},
        {MATCH("-99999999999999999999"), PF_REFUSED_RANGE},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct pf_price p = {-1, -1};
        struct pf_error err = {0};
        enum pf_price_refusal refusal = exactly(pf_price_decode, cases[i].json,
                                                cases[i].len, &p, &err);

        if (refusal != cases[i].refusal)
            fail_msg("%s: %s (%s), expected %s", cases[i].json,
                     pf_price_refusal_text(refusal), err.text,
                     pf_price_refusal_text(cases[i].refusal));
        assert_int_equal(p.match, -1);
        assert_int_equal(p.ticks, -1);
        assert_true(*err.text);
    }
}

static void reads_what_is_a_price_and_was_written_otherwise(void **state)
{
    static const struct {
        const char *json;
        size_t len;
        const char *canonical;
    } cases[] = {
        {MEMBERS("4"), "{\"match\": 123, \"price\": 4.00}"},
        {MEMBERS("4.5"), "{\"match\": 123, \"price\": 4.50}"},
        {MEMBERS("4.560"), "{\"match\": 123, \"price\": 4.56}"},
        {MEMBERS("4.56000000000000000000000"),
         "{\"match\": 123, \"price\": 4.56}"},
        {MEMBERS("-0"), "{\"match\": 123, \"price\": 0.00}"},
        {MEMBERS("-0.0"), "{\"match\": 123, \"price\": 0.00}"},
        {MEMBERS("0e999999999999999999999"),
         "{\"match\": 123, \"price\": 0.00}"},
        {MEMBERS("1E2"), "{\"match\": 123, \"price\": 100.00}"},
        {MEMBERS("456e-2"), "{\"match\": 123, \"price\": 4.56}"},
        {MEMBERS("0.0456e+2"), "{\"match\": 123, \"price\": 4.56}"},
        {MEMBERS("1e10"), "{\"match\": 123, \"price\": 10000000000.00}"},
        {MATCH("0"), "{\"match\": 0, \"price\": 4.56}"},
        {MATCH("-0"), "{\"match\": 0, \"price\": 4.56}"},
        {MATCH("9223372036854775807"),
         "{\"match\": 9223372036854775807, \"price\": 4.56}"},
        {MATCH("-9223372036854775808"),
         "{\"match\": -9223372036854775808, \"price\": 4.56}"},
        {INPUT("\r\n\t {\"match\":\n123,\"price\":4.56}\n"),
         "{\"match\": 123, \"price\": 4.56}"},
        {INPUT("{\"price\": 4.56, \"match\": 123}"),
         "{\"match\": 123, \"price\": 4.56}"},
        {INPUT("{\"m\\u0061tch\": 123, \"price\": 4.56}"),
         "{\"match\": 123, \"price\": 4.56}"},
        {EXTRA("null"), "{\"match\": 1, \"price\": 2.00}"},
        {EXTRA("\"\\ud83d\\ude00 \xf0\x9f\x98\x80\""),
         "{\"match\": 1, \"price\": 2.00}"},
        {EXTRA("3, \"\xc3\xa9\": 4, \"\xc3\xa8\": 5"),
         "{\"match\": 1, \"price\": 2.00}"},
        {EXTRA("\"\xc3\xa9\xe2\x82\xac\xef\xbf\xbf\xf4\x8f\xbf\xbf\""),
         "{\"match\": 1, \"price\": 2.00}"},
        {EXTRA("\"NaN ' \\u0000 \\\" } ] :\""),
         "{\"match\": 1, \"price\": 2.00}"},
        {EXTRA("{\"match\": 7, \"match\": [[8]]}"),
         "{\"match\": 1, \"price\": 2.00}"},
        {EXTRA("18446744073709551615"), "{\"match\": 1, \"price\": 2.00}"},
        {EXTRA("1e400"), "{\"match\": 1, \"price\": 2.00}"},
        {EXTRA("3, \"Match\": 4, \"\": 5"), "{\"match\": 1, \"price\": 2.00}"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct pf_price p = {-1, -1};
        struct pf_error err = {0};
        char json[PF_PRICE_JSON_SIZE];

        if (exactly(pf_price_decode, cases[i].json, cases[i].len, &p, &err))
            fail_msg("%s: %s", cases[i].json, err.text);
        pf_price_encode(&p, json);
        assert_string_equal(json, cases[i].canonical);
    }
}

/* A price whose extra member is depth arrays deep. */
static size_t nest(char *buf, int depth)
{
    size_t len = (size_t)sprintf(buf, "{\"match\": 1, \"price\": 2, \"x\": ");

    memset(buf + len, '[', (size_t)depth);
    memset(buf + len + depth, ']', (size_t)depth);
    len += 2 * (size_t)depth;
    buf[len++] = '}';
    return len;
}

static void refuses_what_is_nested_too_deeply(void **state)
{
    char *buf = malloc(300000);
    struct pf_price p = {-1, -1};

    (void)state;
    assert_int_equal(pf_price_decode(buf, nest(buf, 30), &p, NULL),
                     PF_REFUSED_NONE);
    assert_int_equal(pf_price_decode(buf, nest(buf, 32), &p, NULL),
                     PF_REFUSED_DEPTH);
    assert_int_equal(pf_price_decode(buf, nest(buf, 30000), &p, NULL),
                     PF_REFUSED_DEPTH);
    assert_int_equal(pf_price_decode(buf, nest(buf, 100000), &p, NULL),
                     PF_REFUSED_SIZE);
    for (size_t at = 0; at < 60000; at += 4)
        memcpy(buf + at, "{\"\":", 4);
    assert_int_equal(pf_price_decode(buf, 60000, &p, NULL), PF_REFUSED_DEPTH);
    memset(buf, '{', 60000);
    assert_int_equal(pf_price_decode(buf, 60000, &p, NULL), PF_REFUSED_SYNTAX);
    free(buf);
}

static void looks_at_no_more_than_64_KiB(void **state)
{
    static const char json[] = "{\"match\": 123, \"price\": 4.56}";
    char *buf = malloc(1 << 20);
    struct pf_price p = {-1, -1};

    (void)state;
    memset(buf, ' ', 1 << 20);
    memcpy(buf, json, sizeof json - 1);
    assert_int_equal(exactly(pf_price_decode, buf, 1 << 20, &p, NULL),
                     PF_REFUSED_SIZE);
    assert_int_equal(
        exactly(pf_price_decode, buf, PF_PRICE_VALUE_MAX + 1, &p, NULL),
        PF_REFUSED_SIZE);
    assert_int_equal(p.match, -1);
    assert_int_equal(
        exactly(pf_price_decode, buf, PF_PRICE_VALUE_MAX, &p, NULL),
        PF_REFUSED_NONE);
    assert_int_equal(p.ticks, 456);
    free(buf);
}

static void names_each_refusal_in_one_word(void **state)
{
    (void)state;
    assert_string_equal(pf_price_refusal_text(PF_REFUSED_NONE), "none");
    assert_string_equal(pf_price_refusal_text(PF_REFUSED_EMPTY), "empty");
    assert_string_equal(pf_price_refusal_text(PF_REFUSED_SIZE), "size");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(encodes_match_then_price),
        cmocka_unit_test(every_price_of_the_feed_survives_both_ways),
        cmocka_unit_test(every_price_that_can_be_decoded_survives),
        cmocka_unit_test(both_ways_agree_one_byte_away_from_a_price),
        cmocka_unit_test(refuses_what_is_not_a_price_and_leaves_ret_alone),
        cmocka_unit_test(reads_what_is_a_price_and_was_written_otherwise),
        cmocka_unit_test(refuses_what_is_nested_too_deeply),
        cmocka_unit_test(looks_at_no_more_than_64_KiB),
        cmocka_unit_test(names_each_refusal_in_one_word),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
