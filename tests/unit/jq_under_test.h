/* jq_under_test.h - the filter whose work is written in jq, opened with the
 * settings that a test gives. */
#ifndef PF_JQ_UNDER_TEST_H
#define PF_JQ_UNDER_TEST_H

#include "jq_test.h"

#include "jq_check.h"
#include "jq_filter.h"
#include "options.h"
#include "settings.h"

struct all {
    struct pf_jq_conf jq;
};

static const struct pf_option options[] = {PF_JQ_OPTIONS(struct all, jq),
                                           PF_OPTION_END};

static struct pf_stats *stats;
static struct all all;
static struct pf_settings settings;
static struct pf_filter *filter;

/* Set names and values, up to a NULL. */
static void set(const char *const *values)
{
    struct pf_error err = {""};

    for (; *values; values += 2)
        assert_int_equal(pf_settings_put(&settings, values[0], values[1],
                                         "a.properties:7", PF_FROM_FILE, NULL),
                         PF_OK);
    pf_options_release(&all, options);
    if (pf_options_apply(&all, options, &settings, &err))
        fail_msg("%s", err.text);
}
#define SET(...) set((const char *const[]){__VA_ARGS__, NULL})

static void check_settings(void)
{
    struct pf_error err = {""};

    if (pf_jq_conf_check(&all.jq, &settings, &err))
        fail_msg("%s", err.text);
}

static void open_checked(void)
{
    static const struct pf_metric metrics[] = {PF_JQ_METRIC_ROWS};
    struct pf_error err = {""};

    assert_int_equal(pf_stats_open("", metrics, COUNT(metrics), &stats, NULL),
                     PF_OK);
    if (pf_jq_filter_open(&all.jq, stats, &filter, &err))
        fail_msg("%s", err.text);
}

static void open_filter(void)
{
    check_settings();
    open_checked();
}

static int close_filter(void **state)
{
    (void)state;
    pf_filter_close(filter);
    filter = NULL;
    pf_stats_close(stats);
    stats = NULL;
    pf_jq_conf_release(&all.jq);
    pf_options_release(&all, options);
    pf_settings_release(&settings);
    settings = pf_settings_init();
    return 0;
}

#endif
