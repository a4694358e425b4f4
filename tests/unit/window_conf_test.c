/* The settings of windows. */
#include "window_world.h"

static struct world w;

static int end(void **state)
{
    (void)state;
    world_close(&w);
    return 0;
}

/* Check windows of 60 s, and one more setting. */
static enum pf_rc check(const char *name, const char *value)
{
    end(NULL);
    return world_check(
        &w, (settings_list){"feed.window.size", "60s", name, value, NULL});
}

static void by_default_there_are_none(void **state)
{
    (void)state;
    assert_int_equal(world_check(&w, (settings_list){NULL}), PF_OK);
    assert_false(pf_window_wanted(&w.conf.windows));
}

static void
without_a_size_other_settings_have_no_effect_and_are_refused(void **state)
{
    (void)state;
    for (const struct pf_option *o = world_options; o->name; o++) {
        const char *value = o->kind == PF_KIND_BOOL  ? "true"
                            : o->kind == PF_KIND_INT ? "5"
                                                     : "1s";

        if (!strcmp(o->name, "feed.window.size"))
            continue;
        end(NULL);
        assert_int_equal(world_check(&w, (settings_list){o->name, value, NULL}),
                         PF_CONFIG);
        assert_contains(w.err.text, o->name);
        assert_contains(w.err.text, "it needs feed.window.size");
    }
}

static void lengths_have_units(void **state)
{
    static const struct {
        const char *text;
        int64_t ms;
    } good[] = {
        {"1ms", 1},       {"60s", 60000},
        {"5m", 300000},   {"2h", 7200000},
        {"1d", 86400000}, {"1000d", 86400000000},
        {"007s", 7000},   {"86400000000ms", 86400000000},
    };
    static const char *const bad[] = {"60",    "s",
                                      "60 s",  "1.5s",
                                      "-1s",   "60S",
                                      "60sec", "1001d",
                                      "0s",    "60s ",
                                      "1h5m",  "99999999999999999999s",
                                      "+1s",   "86400000001ms"};

    (void)state;
    for (size_t i = 0; i < COUNT(good); i++) {
        end(NULL);
        assert_int_equal(world_check(&w, (settings_list){"feed.window.size",
                                                         good[i].text, NULL}),
                         PF_OK);
        assert_true(pf_window_wanted(&w.conf.windows));
        assert_int_equal(w.conf.windows.span.size, good[i].ms);
        assert_int_equal(w.conf.windows.span.advance, good[i].ms);
        assert_int_equal(w.conf.windows.span.grace, 0);
        assert_int_equal(w.conf.windows.ahead_ms, 3600000);
        assert_int_equal(w.conf.windows.idle_ms, 0);
    }
    for (size_t i = 0; i < COUNT(bad); i++) {
        end(NULL);
        assert_int_equal(
            world_check(&w, (settings_list){"feed.window.size", bad[i], NULL}),
            PF_CONFIG);
        assert_contains(w.err.text, "test: feed.window.size: '");
    }
}

static void what_is_wrong_is_said_with_its_name(void **state)
{
    static const struct {
        const char *name, *value, *sentence;
    } bad[] = {
        {"feed.window.advance", "61s", "longer than feed.window.size"},
        {"feed.window.advance", "5ms", "in more than 10000 windows"},
        {"feed.window.advance", "0s", "is not 1ms to 1000d"},
        {"feed.window.grace", "soon", "is not a whole number with ms"},
        {"feed.window.grace", "", "is not a whole number with ms"},
        {"feed.window.idle", "0ms", "is not 1ms to 1000d"},
        {"feed.window.ahead", "1y", "is not a whole number with ms"},
        {"feed.window.key", "a..b", "has an empty name"},
        {"feed.window.key", ".", "'.' has no name"},
        {"feed.window.time", "/a~2", "has a ~ that is not"},
        {"feed.window.key.name", "start", "not start, end or idle"},
        {"feed.window.key.name", "", "1 to 64 letters"},
        {"feed.window.key.name", "a\"b", "1 to 64 letters"},
        {"feed.window.key.json", "yes", "neither true nor false"},
        {"feed.window.aggregates", "median(.a)", "'median(.a)' is not count"},
        {"feed.window.aggregates", "sum(.a) as key", "two members 'key'"},
        {"feed.window.max.keys", "0", "1"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(bad); i++) {
        char where[60];

        snprintf(where, sizeof where, "test: %s: ", bad[i].name);
        assert_int_equal(check(bad[i].name, bad[i].value), PF_CONFIG);
        assert_contains(w.err.text, where);
        assert_contains(w.err.text, bad[i].sentence);
    }
    assert_int_equal(check("feed.window.advance", "6ms"), PF_OK);
    end(NULL);
    assert_int_equal(
        world_check(&w,
                    (settings_list){"feed.window.size", "1s", "feed.window.key",
                                    "k", "feed.window.key.json", "true", NULL}),
        PF_CONFIG);
    assert_contains(w.err.text, "it is for the record's key");
}

#define TEST(name) cmocka_unit_test_teardown(name, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(by_default_there_are_none),
        TEST(without_a_size_other_settings_have_no_effect_and_are_refused),
        TEST(lengths_have_units),
        TEST(what_is_wrong_is_said_with_its_name),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
