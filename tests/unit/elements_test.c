/* Cutting JSON Lines and arrays into elements. */
#include "unit.h"

#include "elements.h"

#define LIMIT 40

/* What came of a text, each element with its line: `1:{} 2!:reason`. */
static void cut(enum pf_form form, const char *text, size_t len, size_t piece,
                char *ret, size_t size)
{
    struct pf_elements *elements;
    struct pf_element e;
    size_t used = 0;
    enum pf_rc rc;

    *ret = '\0';
    assert_int_equal(pf_elements_new(form, LIMIT, &elements, NULL), PF_OK);
    while ((rc = pf_elements_next(elements, &e)) != PF_END) {
        if (rc == PF_AGAIN) {
            size_t room, n = len < piece ? len : piece;
            char *to = pf_elements_room(elements, &room);

            assert_true(room >= n);
            memcpy(to, text, n);
            pf_elements_put(elements, n);
            text += n;
            len -= n;
        } else if (e.bad) {
            used += (size_t)snprintf(ret + used, size - used, "%d!:%s ",
                                     (int)e.line, e.bad);
        } else {
            used += (size_t)snprintf(ret + used, size - used, "%d:%.*s ",
                                     (int)e.line, (int)e.len, e.at);
        }
        assert_true(used < size);
    }
    pf_elements_free(elements);
}

/* The same, whichever pieces it comes in. */
static void check(enum pf_form form, const char *text, const char *wanted)
{
    char whole[1000], pieces[1000];
    size_t len = strlen(text);

    cut(form, text, len, len + 1, whole, sizeof whole);
    assert_string_equal(whole, wanted);
    for (size_t piece = 1; piece <= len; piece++) {
        cut(form, text, len, piece, pieces, sizeof pieces);
        assert_string_equal(pieces, wanted);
    }
}

static void a_line_is_an_element(void **state)
{
    (void)state;
    check(PF_FORM_AUTO, "{\"a\":1}\n{\"b\":2}\n", "1:{\"a\":1} 2:{\"b\":2} ");
    check(PF_FORM_AUTO, "1\n2", "1:1 2:2 ");
    check(PF_FORM_AUTO, "1\r\n\r\n  2 \t\r\n\n3\r", "1:1 3:2 5:3 ");
    check(PF_FORM_AUTO, "\xef\xbb\xbf{}\n{}", "1:{} 2:{} ");
    check(PF_FORM_AUTO, "\n\n\xef\xbb\xbf{}\n", "3:\xef\xbb\xbf{} ");
    check(PF_FORM_AUTO, "{\"a\":\n1}\n", "1:{\"a\": 2:1} "); /* bad, both */
    check(PF_FORM_LINES, "[1]\n[2,3]\n", "1:[1] 2:[2,3] ");
    check(PF_FORM_AUTO, "", "");
    check(PF_FORM_AUTO, "\xef\xbb\xbf", "");
    check(PF_FORM_AUTO, " \n\r\n ", "");
    check(PF_FORM_AUTO, "\xef\xbb", "1:\xef\xbb ");
}

static void an_array_is_cut_at_its_commas(void **state)
{
    (void)state;
    check(PF_FORM_AUTO, "[1,2]", "1:1 1:2 ");
    check(PF_FORM_AUTO, " \n[\n {\"a\": 1},\n\n {\"b\":\n2}\r\n]\n",
          "3:{\"a\": 1} 5:{\"b\":\n2} ");
    check(PF_FORM_AUTO, "\xef\xbb\xbf[{}]", "1:{} ");
    check(PF_FORM_AUTO, "[[1,2],{\"a\":[3,{}]},\"],[\",\"\\\"],\",\"\\\\\",5]",
          "1:[1,2] 1:{\"a\":[3,{}]} 1:\"],[\" 1:\"\\\"],\" 1:\"\\\\\" 1:5 ");
    check(PF_FORM_AUTO, "[]", "");
    check(PF_FORM_AUTO, "[ \n ] \n", "");
    check(PF_FORM_ARRAY, "", "");
}

static void a_broken_array_is_bad_where_it_is_broken(void **state)
{
    (void)state;
    check(PF_FORM_AUTO, "[1,2", "1:1 1!:the array is not closed ");
    check(PF_FORM_AUTO, "[1,\n\n", "1:1 3!:the array is not closed ");
    check(PF_FORM_AUTO, "[", "1!:the array is not closed ");
    check(PF_FORM_AUTO, "[{\"a\":\"],[", "1!:the array is not closed ");
    check(PF_FORM_AUTO, "[1,,2,]",
          "1:1 1!:an element is missing 1:2 "
          "1!:an element is missing ");
    check(PF_FORM_AUTO, "[1]\n,2", "1:1 2!:bytes after the array ");
    check(PF_FORM_AUTO, "[1]]", "1:1 1!:bytes after the array ");
    check(PF_FORM_AUTO, "[{\"a\":x},}2,3]", "1:{\"a\":x} 1:}2 1:3 ");
    check(PF_FORM_ARRAY, "\n{}", "2!:not an array ");
    /* The reason, and not that it is too long, too. */
    check(PF_FORM_ARRAY, "{\"a\": 1234567890123456789012345678901234567890}",
          "1!:not an array ");
    check(PF_FORM_AUTO, "[{\"a\": 1234567890123456789012345678901234567890}",
          "1!:the array is not closed ");
}

static void what_is_too_long_is_bad_and_harms_nothing(void **state)
{
    /* 40 bytes are the limit: one of 40, one of 41, one of 100. */
    static const char long_one[] =
        "\"234567890123456789012345678901234567890123456789012345678901234"
        "56789012345678901234567890123456789\"";
    static const char *const texts[] = {
        "\"234567890123456789012345678901234567890\"",
        "\"23456789012345678901234567890123456789\"",
        long_one,
    };
    char text[1000], wanted[1000];

    (void)state;
    snprintf(text, sizeof text, "1\n%s\n%s\n%s\n2\n%s", texts[1], texts[0],
             texts[2], texts[2]);
    snprintf(wanted, sizeof wanted,
             "1:1 2:%s 3!:too long 4!:too long 5:2 6!:too long ", texts[1]);
    check(PF_FORM_AUTO, text, wanted);

    snprintf(text, sizeof text, "[\n1,%s,%s,\n%s\n,2]", texts[1], texts[0],
             texts[2]);
    snprintf(wanted, sizeof wanted, "2:1 2:%s 2!:too long 3!:too long 4:2 ",
             texts[1]);
    check(PF_FORM_AUTO, text, wanted);

    /* Blanks before it do not count, however many. */
    snprintf(text, sizeof text, "1\n%200s\n%200s", texts[1], "2");
    snprintf(wanted, sizeof wanted, "1:1 2:%s 3:2 ", texts[1]);
    check(PF_FORM_AUTO, text, wanted);
}

static void starts_again(void **state)
{
    struct pf_elements *elements;
    struct pf_element e;

    (void)state;
    assert_int_equal(pf_elements_new(PF_FORM_AUTO, LIMIT, &elements, NULL),
                     PF_OK);
    for (int round = 0; round < 2; round++) {
        const char *text = round ? "{}\n" : "[1,2";
        size_t room;

        memcpy(pf_elements_room(elements, &room), text, strlen(text));
        pf_elements_put(elements, strlen(text));
        assert_int_equal(pf_elements_next(elements, &e), PF_OK);
        assert_null(e.bad);
        assert_int_equal(e.line, 1);
        assert_memory_equal(e.at, round ? "{}" : "1", e.len);
        pf_elements_reset(elements);
    }
    pf_elements_free(elements);
    pf_elements_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_is_an_element),
        cmocka_unit_test(an_array_is_cut_at_its_commas),
        cmocka_unit_test(a_broken_array_is_bad_where_it_is_broken),
        cmocka_unit_test(what_is_too_long_is_bad_and_harms_nothing),
        cmocka_unit_test(starts_again),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
