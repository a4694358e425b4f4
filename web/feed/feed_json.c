#include "feed_json.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "text_json.h"

/* json-c takes over what is added. A NULL value is JSON's null, which is also
 * what is seen if memory runs out. */
static void add(struct json_object *to, const char *name,
                struct json_object *value)
{
    json_object_object_add(to, name, value);
}

static void add_text(struct json_object *to, const char *name, const char *text)
{
    add(to, name, web_text_json(text, strlen(text)));
}

/* As many decimals as it is worth; null if it is unknown. */
static struct json_object *number(double value, int decimals)
{
    char text[64];

    if (!isfinite(value) || fabs(value) > 1e18)
        return NULL;
    snprintf(text, sizeof text, "%.*f", decimals, value);
    return json_object_new_double_s(value, text);
}

#define RATE_DECIMALS 1
#define SECONDS_DECIMALS 6 /* microseconds */

struct json_object *web_health_json(const struct web_feed_now *now)
{
    static const char *const states[] = {
        [WEB_FEED_STARTING] = "starting",
        [WEB_FEED_HEALTHY] = "healthy",
        [WEB_FEED_UNHEALTHY] = "unhealthy",
        [WEB_FEED_FINISHED] = "finished",
    };
    struct json_object *json = json_object_new_object();

    add_text(json, "state", states[now->health]);
    add_text(json, "why", now->why.text);
    return json;
}

static struct json_object *latency(const struct web_feed_now *now)
{
    struct json_object *json;

    if (isnan(now->latency_p50_seconds))
        return NULL;
    json = json_object_new_object();
    add(json, "p50", number(now->latency_p50_seconds, SECONDS_DECIMALS));
    add(json, "p99", number(now->latency_p99_seconds, SECONDS_DECIMALS));
    add(json, "max", number(now->latency_max_seconds, SECONDS_DECIMALS));
    return json;
}

static struct json_object *refused(const struct web_counts *counts)
{
    struct json_object *list = json_object_new_array();

    for (size_t i = 0; i < counts->n_refused; i++) {
        const struct web_refused *one = &counts->refused[i];
        struct json_object *json = json_object_new_object();

        add_text(json, "program", one->program);
        add_text(json, "name", one->name);
        add_text(json, "help", one->help);
        add(json, "count", json_object_new_uint64(one->count));
        json_object_array_add(list, json);
    }
    return list;
}

static struct json_object *program(const struct web_program *program,
                                   const struct web_feed_now *now)
{
    static const char *const states[WEB_PROGRAM_STATES] = {
        [WEB_PROGRAM_WAITING] = "waiting",   [WEB_PROGRAM_RUNNING] = "running",
        [WEB_PROGRAM_FINISHED] = "finished", [WEB_PROGRAM_FAILED] = "failed",
        [WEB_PROGRAM_STOPPED] = "stopped",
    };
    bool is_known = program->since_ns > 0 && program->since_ns <= now->at_ns;
    int64_t ago_ms = is_known ? (now->at_ns - program->since_ns) / 1000000 : 0;
    struct json_object *json = json_object_new_object();

    add_text(json, "name", program->name);
    add_text(json, "state", states[program->state]);
    add(json, "pid",
        program->pid ? json_object_new_uint64(program->pid) : NULL);
    add(json, "since", is_known ? web_time_json(now->at_ms - ago_ms) : NULL);
    add(json, "restarts", json_object_new_uint64(program->restarts));
    return json;
}

static struct json_object *programs(const struct web_feed_now *now)
{
    struct json_object *list = json_object_new_array();

    for (size_t i = 0; i < now->counts.n_programs; i++)
        json_object_array_add(list, program(&now->counts.programs[i], now));
    return list;
}

struct json_object *web_now_json(const struct web_feed_now *now)
{
    const struct web_counts *counts = &now->counts;
    struct json_object *json = json_object_new_object();

    add(json, "health", web_health_json(now));
    add_text(json, "version", PF_VERSION);
    add(json, "time", web_time_json(now->at_ms));
    add(json, "uptime_seconds", number(now->uptime_seconds, RATE_DECIMALS));
    add(json, "produced_per_second",
        number(now->produced_per_second, RATE_DECIMALS));
    add(json, "printed_per_second",
        number(now->printed_per_second, RATE_DECIMALS));
    add(json, "lag",
        counts->has_lag ? json_object_new_uint64(counts->lag) : NULL);
    add(json, "printed",
        counts->consumer.pid ? json_object_new_uint64(counts->consumer.arrived)
                             : NULL);
    add(json, "latency_seconds", latency(now));
    add(json, "refused", refused(counts));
    add(json, "programs", programs(now));
    return json;
}

static struct json_object *series(const double *values, size_t n, int decimals)
{
    struct json_object *list = json_object_new_array_ext((int)n);

    for (size_t i = 0; i < n; i++)
        json_object_array_add(list, number(values[i], decimals));
    return list;
}

struct json_object *web_history_json(const struct web_history *history)
{
    static const struct {
        const char *name;
        int decimals;
    } names[WEB_SERIES] = {
        [WEB_PRODUCED] = {"produced_per_second", RATE_DECIMALS},
        [WEB_PRINTED] = {"printed_per_second", RATE_DECIMALS},
        [WEB_LAG] = {"lag", 0},
        [WEB_LATENCY_P50] = {"latency_p50_seconds", SECONDS_DECIMALS},
        [WEB_LATENCY_P99] = {"latency_p99_seconds", SECONDS_DECIMALS},
    };
    struct json_object *json = json_object_new_object();
    struct json_object *all = json_object_new_object();

    add(json, "step_seconds", json_object_new_int(1));
    add(json, "until", history->n ? web_time_json(history->until_ms) : NULL);
    add(json, "series", all);
    for (size_t i = 0; i < WEB_SERIES; i++)
        add(all, names[i].name,
            series(history->values[i], history->n, names[i].decimals));
    return json;
}
