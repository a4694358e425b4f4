#include "connector.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "advice.h"
#include "buffer.h"
#include "file.h"
#include "log.h"
#include "text.h"

#define FILE_MAX (1 << 20) /* bytes */

/* After this long without a failure, the next one is the first again. */
#define WELL_MS 60000

/* One that has failed is well again once it has run for that long. */
#define SETTLED_MS 10000

/* The worker names a connector soon after it was put. */
#define GONE_MS 5000

/* A task that has not been tried again for that long goes on. Debezium pauses
 * for 10 s, retriable.restart.connector.wait.ms, if nothing else is set. */
#define RETRIED_MS 30000

int again_later(struct again *again, int64_t now_ms)
{
    int pause_ms = 2 * again->pause_ms;

    if (pause_ms < AGAIN_FIRST_MS)
        pause_ms = AGAIN_FIRST_MS;
    if (pause_ms > AGAIN_MOST_MS)
        pause_ms = AGAIN_MOST_MS;
    *again = (struct again){now_ms + pause_ms, pause_ms};
    return pause_ms;
}

struct connector *connector_new(const char *name)
{
    struct connector *connector = calloc(1, sizeof *connector);

    if (!connector)
        return NULL;
    connector->name = strdup(name);
    if (!connector->name) {
        free(connector);
        return NULL;
    }
    return connector;
}

void connector_free(struct connector *connector)
{
    if (!connector)
        return;
    free(connector->name);
    free(connector->text);
    free(connector);
}

/* Read the file; *ret is then the caller's. */
static enum pf_rc read_text(const char *path, char **ret, struct pf_error *err)
{
    struct pf_buffer text = {0};
    enum pf_rc rc = pf_file_read(path, FILE_MAX, &text, err);

    pf_buffer_put(&text, "", 1);
    if (!rc && text.failed)
        rc = pf_fail(err, PF_NOMEM, "out of memory");
    if (rc)
        pf_buffer_release(&text);
    else
        *ret = text.at;
    return rc;
}

/* The line of text that has its byte at. */
static int line_of(const char *text, size_t at)
{
    int line = 1;

    for (size_t i = 0; i < at && text[i]; i++)
        line += text[i] == '\n';
    return line;
}

/* A password that is not in a file of its own is in each listing. */
static void warn_of_secrets(const struct connector *connector,
                            struct json_object *settings)
{
    json_object_object_foreach(settings, name, value)
    {
        const char *text = json_object_get_string(value);

        if (pf_is_secret(name) && text && *text && !strstr(text, "${"))
            pf_log(PF_LOG_WARNING,
                   "connectors/%s.json: %s is a secret that anybody sees who "
                   "lists connectors; ${dir:secrets:NAME} keeps it in a file",
                   connector->name, name);
    }
}

static enum pf_rc check_value(const char *name, struct json_object *value,
                              struct pf_error *err)
{
    if (json_object_is_type(value, json_type_object) ||
        json_object_is_type(value, json_type_array) ||
        json_object_is_type(value, json_type_null))
        return pf_fail(err, PF_FORMAT, "%s: its value is not a text%s", name,
                       strcmp(name, "config")
                           ? ""
                           : "; the file is what is within \"config\", alone");
    return PF_OK;
}

static enum pf_rc check_values(struct json_object *settings,
                               struct pf_error *err)
{
    enum pf_rc rc;

    json_object_object_foreach(settings, name, value)
    {
        rc = check_value(name, value, err);
        if (rc)
            return rc;
    }
    return PF_OK;
}

/* It has to be one object of texts, numbers, true and false. */
static enum pf_rc check(const struct connector *connector, struct pf_error *err)
{
    struct json_tokener *tokener = json_tokener_new();
    const char *text = connector->text;
    struct json_object *settings;
    enum json_tokener_error why;
    enum pf_rc rc = PF_OK;
    size_t end;

    if (!tokener)
        return pf_fail(err, PF_NOMEM, "out of memory");
    json_tokener_set_flags(tokener, JSON_TOKENER_STRICT |
                                        JSON_TOKENER_ALLOW_TRAILING_CHARS);
    settings = json_tokener_parse_ex(tokener, text, (int)strlen(text));
    why = json_tokener_get_error(tokener);
    end = json_tokener_get_parse_end(tokener);
    json_tokener_free(tokener);
    if (why == json_tokener_continue)
        rc = pf_fail(err, PF_FORMAT, "it ends in the middle");
    else if (why != json_tokener_success)
        rc = pf_fail(err, PF_FORMAT, "line %d: %s", line_of(text, end),
                     json_tokener_error_desc(why));
    else if (text[end + strspn(text + end, " \t\r\n")])
        rc = pf_fail(err, PF_FORMAT, "line %d: there is more after its end",
                     line_of(text, end));
    else if (!json_object_is_type(settings, json_type_object))
        rc = pf_fail(err, PF_FORMAT, "it is not an object of settings");
    else
        rc = check_values(settings, err);
    if (!rc)
        warn_of_secrets(connector, settings);
    json_object_put(settings);
    return rc;
}

static bool same(const char *a, const char *b)
{
    return a == b || (a && b && !strcmp(a, b));
}

bool connector_read(struct connector *connector, const char *path)
{
    struct pf_error err = {""};
    char *text = NULL, *old = connector->text;
    enum pf_rc rc = read_text(path, &text, &err);

    if (same(text, old) && (text || *connector->refused.text)) {
        free(text);
        return false;
    }
    free(old);
    connector->text = text;
    connector->is_put = false;
    connector->put = (struct again){0};
    *connector->refused.text = '\0';
    if (!rc)
        rc = check(connector, &err);
    if (rc)
        snprintf(connector->refused.text, sizeof connector->refused.text,
                 "connectors/%s.json: %s", connector->name, err.text);
    return true;
}

/* Append the line that begins at text. */
static void put_line(struct pf_buffer *out, const char *text)
{
    pf_buffer_escape(out, text, strcspn(text, "\r\n"), 350);
}

/* Copy what out has, and what helps against the error in text. */
static const char *finish(struct pf_buffer *out, const char *text, char *buf,
                          size_t n)
{
    const char *help = advice(text);

    if (*help)
        pf_buffer_printf(out, "; %s", help);
    pf_buffer_put(out, "", 1);
    snprintf(buf, n, "%s", out->failed ? "out of memory" : out->at);
    pf_buffer_release(out);
    return buf;
}

const char *connector_trace(const char *trace, char *buf, size_t n)
{
    static const char mark[] = "\nCaused by: ";
    const char *cause = NULL;
    struct pf_buffer out = {0};

    for (const char *at = trace; (at = strstr(at, mark));)
        cause = at += sizeof mark - 1;
    put_line(&out, trace);
    if (cause) {
        pf_buffer_text(&out, "; its cause: ");
        put_line(&out, cause);
    }
    return finish(&out, trace, buf, n);
}

/* The first line may say only that there are errors, and the last one where to
 * find them, if the message is whole. */
const char *connector_refusal(const char *message, char *buf, size_t n)
{
    const char *at = strchr(message, '\n');
    const char *end = at ? strstr(at, "\nYou can also find") : NULL;
    struct pf_buffer out = {0};

    if (!end && strstr(message, "error(s):\n"))
        end = message + strlen(message);
    if (!end) {
        put_line(&out, message);
        return finish(&out, message, buf, n);
    }
    while (at && at < end) {
        pf_buffer_text(&out, out.n ? "; " : "");
        put_line(&out, at + 1);
        at = strchr(at + 1, '\n');
    }
    return finish(&out, message, buf, n);
}

/* Has that, a connector or a task, failed? Then name it. */
static bool has_failed(const struct connector *connector, const char *what,
                       struct json_object *state_of, struct problem *ret)
{
    struct json_object *state = NULL, *trace = NULL;
    char text[750] = "no reason is given";

    if (!json_object_object_get_ex(state_of, "state", &state) ||
        strcmp(json_object_get_string(state), "FAILED"))
        return false;
    if (json_object_object_get_ex(state_of, "trace", &trace))
        connector_trace(json_object_get_string(trace), text, sizeof text);
    snprintf(ret->text, sizeof ret->text, "connector %.60s: %s failed: %s",
             connector->name, what, text);
    return true;
}

/* Does all of it run? If not, but nothing has failed, it only begins. */
static bool runs(struct json_object *state_of)
{
    struct json_object *state = NULL;

    return json_object_object_get_ex(state_of, "state", &state) &&
           !strcmp(json_object_get_string(state), "RUNNING");
}

bool connector_miss(struct connector *connector, int64_t now_ms)
{
    connector->well_ms = 0;
    *connector->failed.text = '\0';
    connector->retried_ms = 0;
    connector->restart = (struct again){0};
    if (!connector->text || !connector->is_put ||
        now_ms - connector->listed_ms < GONE_MS)
        return false;
    connector->is_put = false;
    return true;
}

void connector_retries(struct connector *connector, const char *trace,
                       int64_t now_ms)
{
    struct problem now;
    char text[750];

    connector_trace(trace, text, sizeof text);
    snprintf(now.text, sizeof now.text,
             "connector %.60s: a task is tried again and again: %s",
             connector->name, text);
    if (!connector->retried_ms || strcmp(now.text, connector->retry.text))
        pf_log(PF_LOG_WARNING, "%s", now.text);
    connector->retry = now;
    connector->retried_ms = now_ms;
}

/* Is it still tried again? */
static bool is_retried(struct connector *connector, int64_t now_ms)
{
    if (connector->retried_ms && now_ms - connector->retried_ms > RETRIED_MS)
        connector->retried_ms = 0;
    return connector->retried_ms;
}

bool connector_judge(struct connector *connector, struct json_object *status,
                     int64_t now_ms)
{
    struct json_object *itself = NULL, *tasks = NULL, *task;
    struct problem found = {""};
    char name[40];
    bool all_run, failed;
    size_t n = 0;

    json_object_object_get_ex(status, "connector", &itself);
    if (json_object_object_get_ex(status, "tasks", &tasks))
        n = json_object_array_length(tasks);
    all_run = runs(itself) && n;
    has_failed(connector, "it", itself, &found);
    for (size_t i = 0; i < n; i++) {
        task = json_object_array_get_idx(tasks, i);
        all_run = runs(task) && all_run;
        snprintf(name, sizeof name, "task %zu", i);
        if (!*found.text)
            has_failed(connector, name, task, &found);
    }
    failed = *found.text;
    if (is_retried(connector, now_ms) && !failed)
        found = connector->retry;
    if (!all_run)
        connector->well_ms = 0;
    else if (!connector->well_ms)
        connector->well_ms = now_ms;
    if (all_run && now_ms - connector->well_ms > WELL_MS)
        connector->restart = (struct again){0};
    if (*found.text || (all_run && (!connector->restart.pause_ms ||
                                    now_ms - connector->well_ms > SETTLED_MS)))
        connector->failed = found;
    return failed && now_ms >= connector->restart.at_ms;
}
