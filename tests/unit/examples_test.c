/* The templates in examples/, and what the logins' own program makes of logins:
 * as their READMEs say. Run where examples/ is. */
#include "unit.h"

#include "jq_program.h"
#include "jq_value.h"
#include "template.h"

#define TIME_MS INT64_C(1793577600250) /* 2026-11-02T00:00:00.250Z */

static struct pf_template *template;
static struct pf_jq *jq;
static struct pf_buffer bytes;
static struct pf_error error;

static int close_all(void **state)
{
    (void)state;
    pf_template_close(template);
    template = NULL;
    pf_jq_close(jq);
    jq = NULL;
    pf_buffer_release(&bytes);
    return 0;
}

static void open_template(const char *file)
{
    const struct pf_template_conf conf = {
        .file = file, .key = "user_id", .seed = 1, .n_random = 10};

    if (pf_template_open(&conf, &template, &error))
        fail_msg("%s", error.text);
}

static void open_program(const char *program)
{
    if (pf_jq_open(program, "feed.map", false, NULL, &jq, &error))
        fail_msg("%s", error.text);
}

/* The value of the template's record with that number, with a NUL. */
static const char *make(uint64_t seq)
{
    struct pf_template_record record;

    bytes.n = 0;
    if (pf_template_make(template, seq, TIME_MS, &bytes, &record, &error))
        fail_msg("%s", error.text);
    assert_int_equal(record.value, 0);
    bytes.n = record.value_len;
    pf_buffer_put(&bytes, "", 1);
    return bytes.at;
}

/* What the program makes of a value that is JSON: a result, or a reason. */
static const char *run(const char *json)
{
    static struct pf_buffer out;
    jv value = jv_parse(json);

    out.n = 0;
    if (pf_jq_one(jq, value, jv_null(), &value, &error)) {
        pf_buffer_text(&out, error.text);
    } else {
        assert_int_equal(pf_jq_print(value, &out, &error), PF_OK);
        jv_free(value);
    }
    pf_buffer_put(&out, "", 1);
    return out.at;
}

#define LOGIN(version, device, timestamp)                                     \
    "{\"user_id\":\"u1\",\"app_version\":" version ",\"device_type\":" device \
    ",\"ip\":\"198.18.0.1\",\"locale\":\"de_DE\",\"device_id\":\"d1-1\","     \
    "\"timestamp\":" timestamp "}"

static void each_kind_of_bad_login_is_refused_with_its_reason(void **state)
{
    static const struct {
        const char *login, *reason;
    } cases[] = {
        {"{}", "no user_id, app_version, device_type, ip, locale, device_id, "
               "timestamp"},
        {LOGIN("null", "\"ios\"", "1793577600"), "no app_version"},
        {LOGIN("\"2.4.0\"", "\"tv\"", "1793577600"),
         "device_type \"tv\" is not supported"},
        {LOGIN("\"2.4.0\"", "\"iOS\"", "1793577600"),
         "device_type \"iOS\" is not supported"},
        {LOGIN("\"2.4.0\"", "[\"ios\"]", "1793577600"),
         "device_type [\"ios\"] is not supported"},
        {LOGIN("\"2.2.10\"", "\"ios\"", "1793577600"),
         "app_version \"2.2.10\" is below 2.3.0"},
        {LOGIN("\"1.10.0\"", "\"ios\"", "1793577600"),
         "app_version \"1.10.0\" is below 2.3.0"},
        {LOGIN("\"2\"", "\"ios\"", "1793577600"),
         "app_version \"2\" is below 2.3.0"},
        {LOGIN("\"2.x\"", "\"ios\"", "1793577600"),
         "app_version \"2.x\" is not a version"},
        {LOGIN("\"\"", "\"ios\"", "1793577600"),
         "app_version \"\" is not a version"},
        {LOGIN("2.4", "\"ios\"", "1793577600"),
         "app_version 2.4 is not a version"},
        {LOGIN("\"2.4.0\"", "\"ios\"",
               "\"2026-11-02T00:00:00.000000000Z or "
               "later\""),
         "timestamp \"2026-11-02T00:00:00.000000000Z or la... is not in "
         "seconds "
         "since 1970"},
        {LOGIN("\"2.4.0\"", "\"ios\"", "1793577600250"),
         "timestamp 1793577600250 is not in seconds since 1970"},
        {LOGIN("\"2.4.0\"", "\"ios\"", "-1"),
         "timestamp -1 is not in seconds since 1970"},
        {"[1]", "[1] is not a login"},
        {"null", "null is not a login"},
    };

    (void)state;
    open_program("file:examples/logins/validate.jq");
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_string_equal(run(cases[i].login), cases[i].reason);
}

/* With its own members as they were; when that is done, is in seconds. */
static void assert_enriched(const char *login, const char *utc)
{
    char wanted[500];
    const char *made = run(login);
    size_t len;

    snprintf(wanted, sizeof wanted,
             "%.*s,\"timestamp_utc\":\"%s\",\"processed_time\":\"",
             (int)strlen(login) - 1, login, utc);
    len = strlen(wanted);
    if (strncmp(made, wanted, len) != 0)
        fail_msg("'%s' does not begin with '%s'", made, wanted);
    assert_int_equal(strlen(made), len + strlen("2026-11-02T00:00:00Z\"}"));
    assert_string_equal(made + strlen(made) - 3, "Z\"}");
}

static void a_good_login_gets_its_time_and_that_of_its_processing(void **state)
{
    (void)state;
    open_program("file:examples/logins/validate.jq");
    assert_enriched(LOGIN("\"2.3.0\"", "\"android\"", "1793577600"),
                    "2026-11-02T00:00:00Z");
    assert_enriched(LOGIN("\"2.3\"", "\"web\"", "1793577661"),
                    "2026-11-02T00:01:01Z");
    assert_enriched(LOGIN("\"2.10.0\"", "\"ios\"", "0"),
                    "1970-01-01T00:00:00Z");
    assert_enriched(LOGIN("\"10.0.0.1\"", "\"ios\"", "1793577600.75"),
                    "2026-11-02T00:00:00Z");
}

static void assert_share(const char *what, int n, int of, double share)
{
    double expected = of * share, off = n - expected;

    /* Five standard deviations; the seed is fixed. */
    if (off * off > 25 * expected)
        fail_msg("%d of %d are %s, not %g", n, of, what, expected);
}

enum { CUT, TWICE, COMMA, QUOTES, TEXT, WAYS };

/* In which way a login is not JSON; WAYS: it is JSON. */
static int find_way(const char *login)
{
    size_t len = strlen(login);
    const char *word = pf_jq_check(login, len, NULL, 0, &error);

    if (!word)
        return WAYS;
    if (!strcmp(word, "truncated"))
        return CUT;
    if (!strcmp(word, "trailing"))
        return TWICE;
    assert_string_equal(word, "syntax");
    if (!strcmp(login + len - 2, ",}"))
        return COMMA;
    if (!strncmp(login, "{'user_id':'u", 13))
        return QUOTES;
    assert_true(!strncmp(login, "login of u", 10));
    return TEXT;
}

static void logins_are_bad_in_the_shares_that_they_should_have(void **state)
{
    enum { ALL = 20000 };
    int ways[WAYS + 1] = {0}, incomplete = 0, unsupported = 0, old = 0,
                    later = 0;

    (void)state;
    open_template("examples/logins/logins.jq");
    open_program("file:examples/logins/validate.jq");
    for (uint64_t seq = 0; seq < ALL; seq++) {
        const char *login = make(seq), *made;
        int way = find_way(login);

        ways[way]++;
        if (way < WAYS)
            continue;
        made = run(login);
        if (!strncmp(made, "no ", 3)) {
            incomplete++;
        } else if (!strncmp(made, "device_type ", 12)) {
            unsupported++;
        } else if (strstr(made, " is below 2.3.0")) {
            old++;
        } else {
            assert_enriched(login, "2026-11-02T00:00:00Z");
            later += !!strstr(made, "\"app_version\":\"2.10.");
        }
    }
    for (int way = 0; way < WAYS; way++)
        assert_share("not JSON in one way", ways[way], ALL, 0.02 / WAYS);
    assert_share("not JSON", ALL - ways[WAYS], ALL, 0.02);
    assert_share("incomplete", incomplete, ALL, 0.04);
    assert_share("unsupported", unsupported, ALL, 0.03);
    assert_share("old", old, ALL, 0.05);
    assert_share("of 2.10", later, ALL, 0.86 * 0.4);
}

static void the_key_of_a_login_is_its_user_if_it_has_one(void **state)
{
    struct pf_template_record record;
    size_t with = 0, without = 0;

    (void)state;
    open_template("examples/logins/logins.jq");
    for (uint64_t seq = 0; seq < 5000; seq++) {
        const char *key;

        bytes.n = 0;
        assert_int_equal(
            pf_template_make(template, seq, TIME_MS, &bytes, &record, &error),
            PF_OK);
        key = bytes.at + record.key;
        with += record.has_key;
        without += !record.has_key;
        assert_true(!record.has_key || (record.key_len > 1 && *key == 'u'));
    }
    /* 2 % are malformed, and a seventh of 4 % have no user. */
    assert_share("without a key", (int)without, (int)(with + without),
                 0.02 + 0.04 / 7);
}

static void profiles_are_as_their_file_says(void **state)
{
    (void)state;
    open_template("examples/profiles/profiles.jq");
    open_program(
        "keys_unsorted == [\"name\", \"email\", \"user_id\", \"created\"] and "
        "(.email | test(\"^[a-z]+[.][a-z]+[.][0-9]+@example[.]com$\")) and "
        "(.email | split(\"@\")[0] | split(\".\")[2]) == .user_id[1:] and "
        "(.name | test(\"^[^ ]+ [^ ]+$\")) and "
        "(.created | fromdate) <= 1793577600 and "
        "(.created | fromdate) > 1793577600 - 3 * 365 * 86400");
    for (uint64_t seq = 0; seq < 5000; seq++) {
        const char *profile = make(seq);

        assert_null(pf_jq_check(profile, strlen(profile), NULL, 0, &error));
        if (strcmp(run(profile), "true") != 0)
            fail_msg("%s: %s", profile, run(profile));
    }
    assert_string_equal(make(17), "{\"name\":\"Pavel Meyer\","
                                  "\"email\":\"pavel.meyer.17@example.com\","
                                  "\"user_id\":\"u17\","
                                  "\"created\":\"2023-11-24T14:03:04Z\"}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_teardown(name, close_all)
        TEST(each_kind_of_bad_login_is_refused_with_its_reason),
        TEST(a_good_login_gets_its_time_and_that_of_its_processing),
        TEST(logins_are_bad_in_the_shares_that_they_should_have),
        TEST(the_key_of_a_login_is_its_user_if_it_has_one),
        TEST(profiles_are_as_their_file_says),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
