#include "window_conf.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "fnv.h"
#include "json_find.h"
#include "text.h"

/* Most windows that have one record: each of them is looked for. */
#define WINDOWS_MAX 10000

static const struct {
    const char *name;
    int64_t ms;
} units[] = {
    {"ms", 1}, {"s", 1000}, {"m", 60000}, {"h", 3600000}, {"d", 86400000},
};

/* Parse a length of time such as 60s, from min milliseconds to
 * PF_WINDOW_LENGTH_MAX. */
static enum pf_rc parse_length(const char *text, int64_t min, int64_t *ret,
                               struct pf_error *err)
{
    size_t digits = strspn(text, "0123456789");
    int64_t ms = 0, n = 0;

    for (size_t i = 0; i < digits && n <= PF_WINDOW_LENGTH_MAX; i++)
        n = n * 10 + (text[i] - '0');
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (!strcmp(text + digits, units[i].name))
            ms = units[i].ms;
    if (!digits || !ms)
        return pf_fail(err, PF_CONFIG,
                       "'%.40s' is not a whole number with ms, s, m, h or d, "
                       "such as 60s",
                       text);
    if (n > PF_WINDOW_LENGTH_MAX / ms || n * ms < min)
        return pf_fail(err, PF_CONFIG, "'%.40s' is not %" PRId64 "ms to 1000d",
                       text, min);
    *ret = n * ms;
    return PF_OK;
}

/* One check of several; text is the value of the setting name. */
struct check {
    const char *name;
    enum pf_rc (*check)(struct pf_window_conf *conf, struct pf_error *err);
};

static enum pf_rc check_size(struct pf_window_conf *conf, struct pf_error *err)
{
    return parse_length(conf->size, 1, &conf->span.size, err);
}

static enum pf_rc check_advance(struct pf_window_conf *conf,
                                struct pf_error *err)
{
    struct pf_window_span *span = &conf->span;
    enum pf_rc rc = PF_OK;

    span->advance = span->size;
    if (*conf->advance)
        rc = parse_length(conf->advance, 1, &span->advance, err);
    if (rc)
        return rc;
    if (span->advance > span->size)
        return pf_fail(err, PF_CONFIG,
                       "it is longer than feed.window.size: there would be "
                       "records in no window");
    if ((span->size - 1) / span->advance >= WINDOWS_MAX)
        return pf_fail(err, PF_CONFIG,
                       "each record would be in more than %d windows",
                       WINDOWS_MAX);
    return PF_OK;
}

static enum pf_rc check_grace(struct pf_window_conf *conf, struct pf_error *err)
{
    return parse_length(conf->grace, 0, &conf->span.grace, err);
}

static enum pf_rc check_idle(struct pf_window_conf *conf, struct pf_error *err)
{
    conf->idle_ms = 0;
    return *conf->idle ? parse_length(conf->idle, 1, &conf->idle_ms, err)
                       : PF_OK;
}

static enum pf_rc check_ahead(struct pf_window_conf *conf, struct pf_error *err)
{
    return parse_length(conf->ahead, 0, &conf->ahead_ms, err);
}

static enum pf_rc check_path(const char *path, struct pf_error *err)
{
    struct pf_json_find find = {0};

    if (!strcmp(path, "."))
        return pf_fail(err, PF_CONFIG, "'.' has no name");
    return pf_json_find_init(&find, pf_window_path(path), err) ? PF_CONFIG
                                                               : PF_OK;
}

enum pf_rc pf_window_check_alone(const struct pf_window_conf *conf, bool alone,
                                 struct pf_error *err)
{
    if (alone || (!*conf->key && !conf->rekeyed))
        return PF_OK;
    return pf_fail(err, PF_CONFIG,
                   "the input has several partitions, and the windows of a key "
                   "need all of its records in one: let another processor with "
                   "feed.key write a topic first, and make windows of that");
}

static enum pf_rc check_key(struct pf_window_conf *conf, struct pf_error *err)
{
    enum pf_rc rc = check_path(conf->key, err);

    return rc || !*conf->key
               ? rc
               : pf_window_check_alone(conf, conf->partitions <= 1, err);
}

static enum pf_rc check_key_name(struct pf_window_conf *conf,
                                 struct pf_error *err)
{
    size_t len = strlen(conf->key_name);

    if (!pf_name_ok(conf->key_name, len, PF_WINDOW_NAME_MAX) ||
        !strcmp(conf->key_name, "start") || !strcmp(conf->key_name, "end") ||
        !strcmp(conf->key_name, "idle"))
        return pf_fail(err, PF_CONFIG,
                       "it has to be 1 to %d letters, digits, '.', '_' and "
                       "'-', and not start, end or idle",
                       PF_WINDOW_NAME_MAX);
    return PF_OK;
}

static enum pf_rc check_key_json(struct pf_window_conf *conf,
                                 struct pf_error *err)
{
    return conf->key_json && *conf->key
               ? pf_fail(err, PF_CONFIG,
                         "it is for the record's key: with feed.window.key a "
                         "number is written as one anyway")
               : PF_OK;
}

static enum pf_rc check_time(struct pf_window_conf *conf, struct pf_error *err)
{
    return check_path(conf->time, err);
}

static enum pf_rc check_aggregates(struct pf_window_conf *conf,
                                   struct pf_error *err)
{
    struct pf_window_plan plan;
    enum pf_rc rc = pf_window_conf_plan(conf, &plan, err);

    pf_window_plan_release(&plan);
    return rc;
}

static const struct check checks[] = {
    {"feed.window.advance", check_advance},
    {"feed.window.grace", check_grace},
    {"feed.window.idle", check_idle},
    {"feed.window.ahead", check_ahead},
    {"feed.window.key", check_key},
    {"feed.window.key.name", check_key_name},
    {"feed.window.key.json", check_key_json},
    {"feed.window.time", check_time},
    {"feed.window.aggregates", check_aggregates},
    {"feed.window.max.keys", NULL},
};

#define N_CHECKS (sizeof checks / sizeof *checks)

enum pf_rc pf_window_check(struct pf_window_conf *conf,
                           const struct pf_settings *settings,
                           struct pf_error *err)
{
    const char *name = "feed.window.size";
    bool wanted = pf_window_wanted(conf);
    enum pf_rc rc = wanted ? check_size(conf, err) : PF_OK;

    for (size_t i = 0; i < N_CHECKS && !rc; i++) {
        name = checks[i].name;
        if (wanted && checks[i].check)
            rc = checks[i].check(conf, err);
        else if (!wanted && pf_settings_get(settings, name))
            rc = pf_fail(err, PF_CONFIG, "it needs feed.window.size");
    }
    if (!rc && wanted && conf->rekeyed) {
        name = "feed.key";
        rc = pf_window_check_alone(conf, conf->partitions <= 1, err);
    }
    return rc ? pf_settings_fail(settings, name, rc, err) : PF_OK;
}

enum pf_rc pf_window_conf_plan(const struct pf_window_conf *conf,
                               struct pf_window_plan *plan,
                               struct pf_error *err)
{
    const char *taken[] = {conf->key_name, "start", "end", "idle", NULL};

    return pf_window_plan_init(plan, conf->aggregates, taken, err);
}

uint64_t pf_window_conf_hash(const struct pf_window_conf *conf,
                             const struct pf_window_plan *plan)
{
    uint64_t hash = PF_FNV_BEGIN;

    hash = pf_fnv_number(hash, conf->span.size);
    hash = pf_fnv_number(hash, conf->span.advance);
    hash = pf_fnv_number(hash, conf->span.grace);
    hash = pf_fnv_number(hash, conf->ahead_ms);
    hash = pf_fnv_text(hash, pf_window_path(conf->key));
    hash = pf_fnv_text(hash, pf_window_path(conf->time));
    for (size_t i = 0; i < plan->n_columns; i++) {
        const struct pf_window_column *column = &plan->columns[i];
        const struct pf_window_cell *cell = &plan->cells[column->cell];

        hash = pf_fnv_number(hash, column->kind);
        if (column->kind == PF_WINDOW_COUNT)
            continue;
        hash = pf_fnv_number(hash, cell->kind);
        hash = pf_fnv_text(hash, plan->members[cell->member]);
    }
    return conf->before ? pf_fnv_bytes(hash, &conf->before, sizeof conf->before)
                        : hash;
}
