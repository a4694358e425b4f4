/* What pf-init tells others of its programs. */
#include "unit.h"

#include "clock.h"
#include "feed_state.h"

static char dir[] = "/tmp/feed_state_test.XXXXXX";

static uint64_t value_of(const struct pf_stats *stats, const char *metric,
                         const char *program)
{
    char name[PF_METRIC_NAME];
    uint64_t value;
    struct pf_error err;

    snprintf(name, sizeof name, "%s{program=\"%s\"}", metric, program);
    if (pf_stats_read(stats, name, &value, &err))
        fail_msg("%s", err.text);
    return value;
}

static void the_file_has_each_program_under_its_own_name(void **state)
{
    char path[80];
    struct pf_stats *ours, *theirs;
    int64_t before = pf_now_ns();

    (void)state;
    snprintf(path, sizeof path, "%s/init.stats", dir);
    assert_int_equal(state_open(path, &ours, NULL), PF_OK);
    assert_int_equal(pf_stats_attach(path, &theirs, NULL), PF_OK);
    for (size_t i = 0; i < PROGRAMS; i++) {
        state_program(ours, &programs[i], PROGRAM_RUNNING, 100 + (pid_t)i);
        for (size_t n = 0; n < i; n++)
            state_restart(ours, &programs[i]);
    }
    for (size_t i = 0; i < PROGRAMS; i++) {
        const char *name = programs[i].name;

        assert_int_equal(value_of(theirs, "program_restarts", name), i);
        assert_int_equal(value_of(theirs, "program_pid", name), i ? 0 : 100);
        assert_int_equal(value_of(theirs, "program_state", name),
                         i ? PROGRAM_WAITING : PROGRAM_RUNNING);
        assert_true((int64_t)value_of(theirs, "program_since_ns", name) >=
                    before);
    }
    pf_stats_close(theirs);
    pf_stats_close(ours);
    unlink(path);
}

static void moments_are_0_until_they_come(void **state)
{
    static const char *const names[] = {
        [FEED_STARTED] = "feed_started_ns",
        [FEED_BROKER_READY] = "broker_ready_ns",
        [FEED_FIRST_PRICE] = "first_price_ns",
    };
    struct pf_stats *ours;
    uint64_t value;

    (void)state;
    assert_int_equal(state_open("", &ours, NULL), PF_OK);
    for (size_t i = 0; i < COUNT(names); i++) {
        assert_int_equal(pf_stats_read(ours, names[i], &value, NULL), PF_OK);
        assert_int_equal(value, 0);
        state_moment(ours, (enum feed_moment)i, 1000 + (int64_t)i);
        assert_int_equal(pf_stats_read(ours, names[i], &value, NULL), PF_OK);
        assert_int_equal(value, 1000 + i);
    }
    assert_int_equal(pf_stats_read(ours, "feed_stopping", &value, NULL), PF_OK);
    assert_int_equal(value, 0);
    state_stopping(ours);
    assert_int_equal(pf_stats_read(ours, "feed_stopping", &value, NULL), PF_OK);
    assert_int_equal(value, 1);
    pf_stats_close(ours);
}

static int make_dir(void **state)
{
    (void)state;
    return mkdtemp(dir) ? 0 : -1;
}

static int remove_dir(void **state)
{
    (void)state;
    return rmdir(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_file_has_each_program_under_its_own_name),
        cmocka_unit_test(moments_are_0_until_they_come),
    };

    return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
