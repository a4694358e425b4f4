/* Lists of the store: from parameters to a statement. */
#include "unit.h"

#include "store_cursor.h"
#include "store_list.h"
#include "store_select.h"
#include "store_sql.h"

#define SELECT_ID "SELECT (SELECT row_to_json(r) FROM (SELECT t.\"id\") AS r)"
#define FROM " FROM \"store\".\"series\" AS t WHERE true"

/* What a list is asked for: names and values, up to a NULL. */
struct parameter {
    const char *name, *value;
};

static struct {
    struct web_store_list list;
    struct web_statement statement;
    struct pf_error err;
} it;

static int release(void **state)
{
    (void)state;
    web_store_list_release(&it.list);
    web_statement_release(&it.statement);
    return 0;
}

/* Make the statement of a list, in place of the one before. */
static enum pf_rc ask(const struct web_store_table *table,
                      const struct parameter *parameters)
{
    enum pf_rc rc = PF_OK;

    release(NULL);
    it.err.text[0] = '\0';
    it.list = web_store_list_init("store", table);
    for (; !rc && parameters->name; parameters++)
        rc = web_store_list_take(&it.list, parameters->name, parameters->value,
                                 &it.err);
    return rc ? rc : web_store_select(&it.list, &it.statement, &it.err);
}

#define ASK(...) \
    ask(&sql_series, (const struct parameter[]){__VA_ARGS__ __VA_OPT__(, ){0}})

/* What the statement has between its FROM and its ORDER BY, and what its values
 * are. */
static const char *conditions(void)
{
    static char text[4000];
    const char *from = strstr(it.statement.text.at, FROM);
    const char *order;

    assert_non_null(from);
    from += strlen(FROM);
    order = strstr(from, " ORDER BY ");
    assert_non_null(order);
    snprintf(text, sizeof text, "%.*s", (int)(order - from), from);
    for (size_t i = 0; i + 1 < it.statement.values.n; i++) {
        size_t n = strlen(text);

        snprintf(text + n, sizeof text - n, " <%s>",
                 it.statement.values.at[i].text);
    }
    return text;
}

static const char *order(void)
{
    return strstr(it.statement.text.at, " ORDER BY ");
}

static void without_parameters_the_rows_come_by_key(void **state)
{
    (void)state;
    assert_int_equal(ASK({"select", "id"}), PF_OK);
    assert_string_equal(it.statement.text.at,
                        SELECT_ID "::text, to_json(ARRAY[t.\"id\"::text]"
                                  "::text[])::text" FROM
                                  " ORDER BY t.\"id\" NULLS LAST LIMIT $1");
    assert_int_equal(it.statement.values.n, 1);
    assert_string_equal(it.statement.values.at[0].text, "51");
    assert_int_equal(ASK({0}), PF_OK);
    assert_contains(it.statement.text.at,
                    "(SELECT t.\"id\", t.\"name\", t.\"popularity\", "
                    "t.\"a\"\"; DROP TABLE x; --\", t.\"extra\", "
                    "t.\"source\") AS r)");
}

static void each_condition_is_an_operator_and_a_bound_value(void **state)
{
    static const struct {
        const char *value, *sql;
    } cases[] = {
        {"eq.a", " AND (t.\"name\" = $1) <a>"},
        {"eq.", " AND (t.\"name\" = $1) <>"},
        {"eq.eq.a", " AND (t.\"name\" = $1) <eq.a>"},
        {"neq.a", " AND (t.\"name\" <> $1) <a>"},
        {"gt.a", " AND (t.\"name\" > $1) <a>"},
        {"gte.a", " AND (t.\"name\" >= $1) <a>"},
        {"lt.a", " AND (t.\"name\" < $1) <a>"},
        {"lte.a", " AND (t.\"name\" <= $1) <a>"},
        {"like.a*b", " AND (t.\"name\" LIKE $1) <a%b>"},
        {"ilike.%a_", " AND (t.\"name\" ILIKE $1) <%a_>"},
        {"not.eq.a", " AND NOT (t.\"name\" = $1) <a>"},
        {"not.like.*", " AND NOT (t.\"name\" LIKE $1) <%>"},
        {"is.null", " AND (t.\"name\" IS null)"},
        {"not.is.null", " AND NOT (t.\"name\" IS null)"},
        {"is.true", " AND (t.\"name\" IS true)"},
        {"is.false", " AND (t.\"name\" IS false)"},
        {"is.unknown", " AND (t.\"name\" IS unknown)"},
        {"in.(a)", " AND (t.\"name\" IN ($1)) <a>"},
        {"in.()", " AND (false)"},
        {"not.in.()", " AND NOT (false)"},
        {"in.(a,b,)", " AND (t.\"name\" IN ($1, $2, $3)) <a> <b> <>"},
        {"in.(\"a,b\",c)", " AND (t.\"name\" IN ($1, $2)) <a,b> <c>"},
        {"in.(\"a\\\"\\\\\",\\b)",
         " AND (t.\"name\" IN ($1, $2)) <a\"\\> <\\b>"},
        {"in.(\"\")", " AND (t.\"name\" IN ($1)) <>"},
        {"in.(a))", " AND (t.\"name\" IN ($1)) <a)>"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_int_equal(ASK({"name", cases[i].value}), PF_OK);
        assert_string_equal(conditions(), cases[i].sql);
    }
    assert_int_equal(ASK({"popularity", "gte.7"}, {"id", "in.(1,2)"},
                         {"popularity", "lt.9"}),
                     PF_OK);
    assert_string_equal(conditions(),
                        " AND (t.\"popularity\" >= $1) AND (t.\"id\" IN ($2, "
                        "$3)) AND (t.\"popularity\" < $4) <7> <1> <2> <9>");
}

static void rows_are_ordered_as_asked_and_then_by_key(void **state)
{
    static const struct {
        const char *value, *sql;
    } cases[] = {
        {"name", "t.\"name\" NULLS LAST, t.\"id\" NULLS LAST"},
        {"name.asc", "t.\"name\" NULLS LAST, t.\"id\" NULLS LAST"},
        {"name.desc", "t.\"name\" DESC NULLS FIRST, t.\"id\" NULLS LAST"},
        {"name.nullsfirst", "t.\"name\" NULLS FIRST, t.\"id\" NULLS LAST"},
        {"name.desc.nullslast",
         "t.\"name\" DESC NULLS LAST, t.\"id\" NULLS LAST"},
        {"name,popularity.desc", "t.\"name\" NULLS LAST, t.\"popularity\" DESC "
                                 "NULLS FIRST, t.\"id\" NULLS LAST"},
        {"id.desc,name", "t.\"id\" DESC NULLS FIRST, t.\"name\" NULLS LAST"},
        {SQL_NASTY ".desc", "t.\"a\"\"; DROP TABLE x; --\" DESC NULLS FIRST, "
                            "t.\"id\" NULLS LAST"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_int_equal(ASK({"order", cases[i].value}), PF_OK);
        assert_contains(order(), cases[i].sql);
    }
}

/* A view has no key: all of its columns that have an order take its place. */
static void rows_of_a_view_are_told_apart_by_all_columns(void **state)
{
    struct web_store_table view = sql_series;

    (void)state;
    view.n_key = 0;
    assert_int_equal(
        ask(&view, (const struct parameter[]){{"order", "source.desc"}, {0}}),
        PF_OK);
    assert_contains(order(),
                    " ORDER BY t.\"source\" DESC NULLS FIRST, t.\"id\" "
                    "NULLS LAST, t.\"name\" NULLS LAST, "
                    "t.\"popularity\" NULLS LAST, t.\"a\"\"; DROP "
                    "TABLE x; --\" NULLS LAST LIMIT ");
}

static void what_is_malformed_is_said(void **state)
{
    static const struct {
        const char *name, *value, *sentence;
    } cases[] = {
        {"popularty", "eq.1",
         "series has no column 'popularty'; did you mean 'popularity'?"},
        {"name\"", "eq.1", "series has no column 'name\"'"},
        {"", "eq.1", "series has no column ''"},
        {"name", "a", "name: 'a' does not begin with a condition: eq., "},
        {"name", "", "does not begin with a condition"},
        {"name", "eq", "does not begin with a condition"},
        {"name", "not.not.eq.1", "does not begin with a condition"},
        {"name", "= 1 OR eq.1", "does not begin with a condition"},
        {"name", "is.nul", "name: 'is.nul' is not is.null, is.true"},
        {"name", "is.null OR true", "is not is.null"},
        {"name", "in.a", "name: 'a' is not a list such as in.(a,b)"},
        {"name", "in.(a", "is not a list"},
        {"name", "in.(", "is not a list"},
        {"name", "in.(\"a)", "name: a quote is not closed"},
        {"name", "in.(\"a\"b)", "name: a comma has to follow"},
        {"select", "id,nam", "select: series has no column 'nam'; did you"},
        {"select", "count(*)", "select: series has no column 'count(*)'"},
        {"order", "id.up", "order: series has no column 'id.up'"},
        {"order", "id,", ""}, /* as in a list that somebody has cut */
        {"order", "id;", "order: series has no column 'id;'"},
        {"order", "extra",
         "order: values of extra, which are of type jsonb, have no order"},
        {"limit", "0", "limit: 0 is not within 1 to 1000"},
        {"limit", "1001", "limit: 1001 is not within 1 to 1000"},
        {"limit", "1; DROP", "limit: '1; DROP' is not a whole number"},
        {"cursor", "abc", "cursor: it does not belong to this list"},
        {"offset", "10", "series has no column 'offset'"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        enum pf_rc rc = ASK({cases[i].name, cases[i].value});

        assert_int_equal(rc, *cases[i].sentence ? PF_FORMAT : PF_OK);
        assert_contains(it.err.text, cases[i].sentence);
    }
}

/* Whatever a request says, the statement has only names that the catalogue has;
 * what was said is a value that is bound. */
static void nothing_of_a_request_gets_into_the_statement(void **state)
{
    static const char *const nasty[] = {
        "' OR 1=1 --",
        "\"; DROP TABLE series; --",
        "$1",
        "$99",
        "1) OR (1=1",
        "\\'",
        "\"",
        "\"\"",
        "a\"b",
        "/**/",
        ";",
        "\n;",
        "pg_sleep(10)",
        "\xff\xfe",
        "%",
        "*",
        "(",
        ")",
        ",",
        "(a,b",
        "id::text",
        "t.id",
        SQL_NASTY,
        "\xe2\x80\xae",
        "{}",
        "E'\\x'",
        "$$x$$",
        "--",
        "null",
    };
    static const char *const before[] = {
        "",       "eq.", "neq.", "like.",   "ilike.",     "in.",  "in.(",
        "in.(\"", "is.", "not.", "not.eq.", "not.in.(a,", "gte.",
    };
    static const char *const names[] = {"id",    "name",  SQL_NASTY, "select",
                                        "order", "limit", "cursor",  NULL};
    static const char *const after[] = {"", ")", "\")", ".desc", ",id"};
    char value[200];

    (void)state;
    for (size_t i = 0; i < COUNT(nasty) * COUNT(before); i++)
        for (size_t j = 0; j < COUNT(names) * COUNT(after); j++) {
            const char *what = nasty[i / COUNT(before)];
            const char *name = names[j / COUNT(after)];

            snprintf(value, sizeof value, "%s%s%s", before[i % COUNT(before)],
                     what, after[j % COUNT(after)]);
            if (ASK({name ? name : what, value}) == PF_OK)
                assert_true(sql_is_ours(&it.statement, &sql_series));
        }
}

/* The cursor of a row with these values, in the order's columns. */
static const char *cursor(const char *place)
{
    static char text[600];
    struct pf_buffer token = {0};

    assert_true(web_store_cursor(&it.list, place, &token));
    snprintf(text, sizeof text, "%.*s", (int)token.n, token.at);
    pf_buffer_release(&token);
    return text;
}

static void a_cursor_goes_on_after_its_row_nulls_included(void **state)
{
    static const struct {
        const char *order, *place, *sql;
    } cases[] = {
        {"", "[\"7\"]", " AND (t.\"id\" > $2) <x> <7>"},
        {"id.desc", "[\"7\"]", " AND (t.\"id\" < $2) <x> <7>"},
        {"name", "[\"a\",\"7\"]",
         " AND (t.\"name\" > $2 OR t.\"name\" IS NULL OR (t.\"name\" = $3 AND "
         "(t.\"id\" > $4))) <x> <a> <a> <7>"},
        {"name.desc", "[\"a\",\"7\"]",
         " AND (t.\"name\" < $2 OR (t.\"name\" = $3 AND (t.\"id\" > $4))) <x> "
         "<a> <a> <7>"},
        {"name", "[null,\"7\"]",
         " AND (false OR (t.\"name\" IS NULL AND (t.\"id\" > $2))) <x> <7>"},
        {"name.desc", "[null,\"7\"]",
         " AND (t.\"name\" IS NOT NULL OR (t.\"name\" IS NULL AND (t.\"id\" > "
         "$2))) <x> <7>"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        const char *token;

        assert_int_equal(ASK({"source", "neq.x"}, {"order", cases[i].order}),
                         PF_OK);
        token = cursor(cases[i].place);
        assert_int_equal(strspn(token, "0123456789abcdef-"), strlen(token));
        assert_int_equal(ASK({"source", "neq.x"}, {"order", cases[i].order},
                             {"cursor", token}, {"limit", "3"}),
                         PF_OK);
        assert_string_equal(conditions() + strlen(" AND (t.\"source\" <> $1)"),
                            cases[i].sql);
    }
}

static void a_cursor_is_for_its_own_list_alone(void **state)
{
    char token[600];

    (void)state;
    assert_int_equal(ASK({"name", "eq.a"}, {"order", "name"}), PF_OK);
    snprintf(token, sizeof token, "%s", cursor("[\"a\",\"7\"]"));
    /* What is shown of the rows, and how many, may change. */
    assert_int_equal(ASK({"cursor", token}, {"name", "eq.a"}, {"order", "name"},
                         {"select", "id"}, {"limit", "9"}),
                     PF_OK);
    assert_int_equal(
        ASK({"cursor", token}, {"name", "eq.b"}, {"order", "name"}), PF_FORMAT);
    assert_int_equal(
        ASK({"cursor", token}, {"name", "neq.a"}, {"order", "name"}),
        PF_FORMAT);
    assert_int_equal(
        ASK({"cursor", token}, {"name", "eq.a"}, {"order", "name.desc"}),
        PF_FORMAT);
    assert_int_equal(ASK({"cursor", token}, {"order", "name"}), PF_FORMAT);
    /* Cut, longer, or of another form. */
    for (size_t n = strlen(token) - 1; n > 0; n--) {
        token[n] = '\0';
        assert_int_equal(
            ASK({"cursor", token}, {"name", "eq.a"}, {"order", "name"}),
            PF_FORMAT);
    }
    assert_int_equal(ASK({"name", "eq.a"}, {"order", "name"}), PF_OK);
    snprintf(token, sizeof token, "%s", cursor("[\"a\"]"));
    assert_int_equal(
        ASK({"cursor", token}, {"name", "eq.a"}, {"order", "name"}), PF_FORMAT);
}

static void a_key_of_one_column_is_taken_as_it_is(void **state)
{
    static const char *const keys[] = {"7", "a,b", "\"a\"", "", "' OR 1=1 --"};

    (void)state;
    it.list = web_store_list_init("store", &sql_series);
    for (size_t i = 0; i < COUNT(keys); i++) {
        struct web_store_key key;

        web_statement_release(&it.statement);
        assert_int_equal(
            web_store_key_parse(&sql_series, keys[i], &key, &it.err), PF_OK);
        assert_int_equal(
            web_store_select_one(&it.list, &key, &it.statement, &it.err),
            PF_OK);
        assert_contains(it.statement.text.at, FROM " AND t.\"id\" = $1");
        assert_int_equal(it.statement.values.n, 1);
        assert_string_equal(it.statement.values.at[0].text, keys[i]);
        assert_true(sql_is_ours(&it.statement, &sql_series));
        web_words_release(&key.words);
    }
}

static void a_key_of_several_columns_has_commas_in_between(void **state)
{
    static const struct {
        const char *text, *first, *second, *sentence;
    } cases[] = {
        {"a,7", "a", "7", NULL},
        {"\"a,b\",7", "a,b", "7", NULL},
        {",7", "", "7", NULL},
        {"a,", "a", "", NULL},
        {"a", NULL, NULL, "the key of series has 2 columns, and this has 1"},
        {"a,b,c", NULL, NULL, "and this has 3"},
        {"", NULL, NULL, "and this has 0"},
        {"\"a,7", NULL, NULL, "the key: a quote is not closed"},
    };
    struct web_store_column columns[COUNT(sql_columns)];
    struct web_store_table table = sql_series;

    (void)state;
    memcpy(columns, sql_columns, sizeof columns);
    columns[0].key = 2; /* id */
    columns[5].key = 1; /* source */
    table.columns.at = columns;
    table.n_key = 2;
    it.list = web_store_list_init("store", &table);
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct web_store_key key;
        enum pf_rc rc = web_store_key_parse(&table, cases[i].text, &key,
                                            &it.err);

        assert_int_equal(rc, cases[i].sentence ? PF_FORMAT : PF_OK);
        if (!rc) {
            assert_string_equal(key.words.list.at[0], cases[i].first);
            assert_string_equal(key.words.list.at[1], cases[i].second);
        } else {
            assert_contains(it.err.text, cases[i].sentence);
        }
        web_words_release(&key.words);
    }
    table.n_key = 0;
    {
        struct web_store_key key;

        assert_int_equal(web_store_key_parse(&table, "a", &key, &it.err),
                         PF_FORMAT);
        assert_contains(it.err.text, "series has no key");
        web_words_release(&key.words);
    }
}

static struct web_store_column history_columns[] = {
    {.name = TEXT("source"),
     .type = TEXT("text"),
     .not_null = true,
     .has_order = true,
     .key = 1},
    {.name = TEXT("table"),
     .type = TEXT("text"),
     .not_null = true,
     .has_order = true,
     .key = 2},
    {.name = TEXT("key"),
     .type = TEXT("jsonb"),
     .not_null = true,
     .has_order = true,
     .key = 3},
    {.name = TEXT("position"),
     .type = TEXT("bigint[]"),
     .not_null = true,
     .has_order = true,
     .key = 4},
};

static void
a_history_is_found_by_the_source_table_and_key_of_its_row(void **state)
{
    struct web_store_table history = {
        .name = TEXT("history"),
        .columns = {.at = history_columns, .n = 4},
        .n_key = 4};
    struct web_store_key key;

    (void)state;
    assert_int_equal(web_store_key_parse(&sql_series, "7", &key, &it.err),
                     PF_OK);
    assert_int_equal(
        web_store_history("store", &history, &key, &it.list, &it.err), PF_OK);
    assert_int_equal(
        web_store_list_take(&it.list, "position", "lt.{9}", &it.err), PF_OK);
    assert_int_equal(web_store_select(&it.list, &it.statement, &it.err), PF_OK);
    assert_contains(
        it.statement.text.at,
        " FROM \"store\".\"history\" AS t WHERE true AND t.\"source\" = "
        "(SELECT t.\"source\"" FROM " AND t.\"id\" = $1) AND t.\"table\" = $2 "
        "AND t.\"key\" = jsonb_build_object($3::text, $4::integer) AND "
        "(t.\"position\" < $5)");
    assert_string_equal(it.statement.values.at[1].text, "series");
    assert_string_equal(it.statement.values.at[2].text, "id");
    assert_true(sql_is_ours(&it.statement, &sql_series));
    web_store_list_release(&it.list);
    history.columns.n = 3;
    assert_int_equal(
        web_store_history("store", &history, &key, &it.list, &it.err),
        PF_FORMAT);
    assert_contains(it.err.text, "history has no column 'position'");
    web_words_release(&key.words);
}

#define TEST(name) cmocka_unit_test_teardown(name, release)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(without_parameters_the_rows_come_by_key),
        TEST(each_condition_is_an_operator_and_a_bound_value),
        TEST(rows_are_ordered_as_asked_and_then_by_key),
        TEST(rows_of_a_view_are_told_apart_by_all_columns),
        TEST(what_is_malformed_is_said),
        TEST(nothing_of_a_request_gets_into_the_statement),
        TEST(a_cursor_goes_on_after_its_row_nulls_included),
        TEST(a_cursor_is_for_its_own_list_alone),
        TEST(a_key_of_one_column_is_taken_as_it_is),
        TEST(a_key_of_several_columns_has_commas_in_between),
        TEST(a_history_is_found_by_the_source_table_and_key_of_its_row),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
