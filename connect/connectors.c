#include "connectors.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buffer.h"
#include "clock.h"
#include "connector.h"
#include "file.h"
#include "log.h"
#include "retries.h"
#include "stop.h"
#include "text.h"

#define NAME_MAX_LEN 60
#define ENDING ".json"

struct connectors {
    struct connectors_conf conf;
    struct rest *rest;
    struct retries *retries; /* NULL: the log is not looked at */
    struct connector **list;
    size_t n;
    bool answers;   /* the worker has, the last time */
    bool dir_said;  /* that the directory cannot be read */
    size_t running; /* connectors of which all runs */
};

enum pf_rc connectors_new(const struct connectors_conf *conf, struct rest *rest,
                          struct connectors **ret, struct pf_error *err)
{
    struct connectors *all = calloc(1, sizeof *all);
    enum pf_rc rc = PF_OK;

    if (!all)
        return pf_fail(err, PF_NOMEM, "out of memory");
    all->conf = *conf;
    all->rest = rest;
    if (*conf->log)
        rc = retries_new(conf->log, &all->retries, err);
    if (rc)
        free(all);
    else
        *ret = all;
    return rc;
}

void connectors_free(struct connectors *all)
{
    for (size_t i = 0; all && i < all->n; i++)
        connector_free(all->list[i]);
    if (all) {
        retries_free(all->retries);
        free(all->list);
    }
    free(all);
}

/* The connector of that name, which is added if there is none; NULL: out of
 * memory. */
static struct connector *find(struct connectors *all, const char *name)
{
    struct connector **list;

    for (size_t i = 0; i < all->n; i++)
        if (!strcmp(all->list[i]->name, name))
            return all->list[i];
    list = realloc(all->list, (all->n + 1) * sizeof *list);
    if (!list)
        return NULL;
    all->list = list;
    list[all->n] = connector_new(name);
    return list[all->n] ? list[all->n++] : NULL;
}

/* Is name one of names, "a,b"? */
static bool is_wanted(const char *names, const char *name)
{
    size_t len = strlen(name);

    if (!*names)
        return true;
    while (*names) {
        size_t n = strcspn(names, ",");

        if (n == len && !memcmp(names, name, len))
            return true;
        names += n + (names[n] == ',');
    }
    return false;
}

static enum pf_rc read_file(struct connectors *all, const char *file,
                            struct pf_error *err)
{
    size_t len = strlen(file);
    char name[NAME_MAX_LEN + 1], path[4096];
    struct connector *one;

    if (len <= sizeof ENDING - 1 ||
        strcmp(file + len - (sizeof ENDING - 1), ENDING))
        return PF_OK;
    len -= sizeof ENDING - 1;
    if (!pf_name_ok(file, len, NAME_MAX_LEN))
        return PF_OK;
    snprintf(name, sizeof name, "%.*s", (int)len, file);
    if (!is_wanted(all->conf.names, name))
        return PF_OK;
    one = find(all, name);
    if (!one)
        return pf_fail(err, PF_NOMEM, "out of memory");
    one->seen = true;
    snprintf(path, sizeof path, "%s/%s", all->conf.dir, file);
    if (connector_read(one, path) && *one->refused.text)
        pf_log(PF_LOG_ERROR, "%s", one->refused.text);
    return PF_OK;
}

/* A file that is gone says nothing of its connector any more. */
static void forget_file(struct connector *one)
{
    pf_log(PF_LOG_WARNING,
           "connectors/%s.json is gone; its connector goes on: DELETE "
           "/connectors/%s ends it",
           one->name, one->name);
    free(one->text);
    one->text = NULL;
    *one->refused.text = '\0';
}

static enum pf_rc read_files(struct connectors *all, struct pf_error *err)
{
    DIR *dir = opendir(all->conf.dir);
    struct dirent *entry;
    enum pf_rc rc = PF_OK;

    if (!dir && !all->dir_said)
        pf_log(PF_LOG_WARNING, "%s: %s", all->conf.dir, strerror(errno));
    all->dir_said = !dir;
    if (!dir)
        return PF_OK;
    for (size_t i = 0; i < all->n; i++)
        all->list[i]->seen = false;
    while (!rc && (entry = readdir(dir)))
        rc = read_file(all, entry->d_name, err);
    closedir(dir);
    for (size_t i = 0; !rc && i < all->n; i++)
        if (!all->list[i]->seen &&
            (all->list[i]->text || *all->list[i]->refused.text))
            forget_file(all->list[i]);
    return rc;
}

/* The worker is starting, or gone: said once each time. */
static void note_answer(struct connectors *all, bool answers, const char *why)
{
    if (all->answers && !answers)
        pf_log(PF_LOG_WARNING, "%s", why);
    all->answers = answers;
}

/* The worker refuses it. Its database may only be away, so try again later; and
 * say so again if it is for another reason. */
static void note_refusal(struct connector *one, const char *message)
{
    struct problem now;
    char why[750];
    int pause_ms = again_later(&one->put, pf_now_ms());

    connector_refusal(message, why, sizeof why);
    snprintf(now.text, sizeof now.text, "connectors/%s.json is refused: %s",
             one->name, why);
    if (strcmp(now.text, one->refused.text))
        pf_log(PF_LOG_ERROR, "%s; trying again in %d s and later", now.text,
               pause_ms / 1000);
    one->refused = now;
}

/* Settings that the worker has already are put all the same: it compares them,
 * and restarts nothing. */
static void put(struct connectors *all, struct connector *one)
{
    struct json_object *answer = NULL;
    struct pf_error err = {""};
    char path[NAME_MAX_LEN + 40];
    enum pf_rc rc;

    snprintf(path, sizeof path, "/connectors/%s/config", one->name);
    rc = rest_call(all->rest, "PUT", path, one->text, &answer, &err);
    json_object_put(answer);
    if (rc == PF_OK) {
        pf_log(PF_LOG_INFO, "connectors/%s.json is put", one->name);
        one->is_put = true;
        one->listed_ms = pf_now_ms();
        *one->refused.text = '\0';
    } else if (rc == PF_FORMAT) {
        note_refusal(one, err.text);
    }
}

/* A file that cannot be used has been named, and is not put. */
static void put_all(struct connectors *all)
{
    for (size_t i = 0; i < all->n && !pf_stop_asked(); i++) {
        struct connector *one = all->list[i];
        bool usable = one->text && (!*one->refused.text || one->put.pause_ms);

        if (usable && !one->is_put && pf_now_ms() >= one->put.at_ms)
            put(all, one);
    }
}

static void restart(struct connectors *all, struct connector *one)
{
    struct json_object *answer = NULL;
    char path[NAME_MAX_LEN + 80];

    pf_log(PF_LOG_WARNING, "%s; restarting it", one->failed.text);
    again_later(&one->restart, pf_now_ms());
    snprintf(path, sizeof path,
             "/connectors/%s/restart?includeTasks=true&onlyFailed=true",
             one->name);
    rest_call(all->rest, "POST", path, NULL, &answer, NULL);
    json_object_put(answer);
}

/* Those that the worker has not named in its answer at now_ms. */
static void miss(struct connectors *all, int64_t now_ms)
{
    for (size_t i = 0; i < all->n; i++) {
        struct connector *one = all->list[i];

        if (one->listed_ms != now_ms && connector_miss(one, now_ms))
            pf_log(PF_LOG_WARNING,
                   "connector %s is gone from Kafka Connect; putting it again",
                   one->name);
    }
}

static enum pf_rc judge_all(struct connectors *all, struct pf_error *err)
{
    struct json_object *answer = NULL, *status;
    struct pf_error why = {""};
    enum pf_rc rc = rest_call(all->rest, "GET", "/connectors?expand=status",
                              NULL, &answer, &why);
    int64_t now_ms = pf_now_ms();
    struct connector *one;

    note_answer(all, rc == PF_OK, why.text);
    all->running = 0;
    if (rc || !json_object_is_type(answer, json_type_object))
        goto done;
    json_object_object_foreach(answer, name, value)
    {
        one = find(all, name);
        if (!one) {
            json_object_put(answer);
            return pf_fail(err, PF_NOMEM, "out of memory");
        }
        one->listed_ms = now_ms;
        if (!json_object_object_get_ex(value, "status", &status))
            continue;
        if (connector_judge(one, status, now_ms))
            restart(all, one);
        all->running += one->well_ms && !*one->failed.text;
    }
    miss(all, now_ms);
done:
    json_object_put(answer);
    return PF_OK;
}

/* The first that is wrong, in the order in which they were found. */
static void describe(const struct connectors *all, struct pf_buffer *out)
{
    size_t waiting = 0;

    if (!all->answers) {
        pf_buffer_text(out, "ill Kafka Connect does not answer");
        return;
    }
    for (size_t i = 0; i < all->n; i++) {
        const struct connector *one = all->list[i];
        const char *text = *one->refused.text ? one->refused.text
                                              : one->failed.text;

        if (*text) {
            pf_buffer_printf(out, "ill %s", text);
            return;
        }
        waiting += one->text && (!one->is_put || !one->well_ms);
    }
    if (waiting)
        pf_buffer_printf(out, "ill %zu connectors do not run yet", waiting);
    else
        pf_buffer_printf(out, "well %zu connectors run", all->running);
}

static enum pf_rc write_state(const struct connectors *all,
                              struct pf_error *err)
{
    const char *path = all->conf.state;
    struct pf_buffer text = {0};
    enum pf_rc rc;

    if (!*path)
        return PF_OK;
    describe(all, &text);
    pf_buffer_text(&text, "\n");
    rc = text.failed ? pf_fail(err, PF_NOMEM, "out of memory")
                     : pf_file_replace(path, text.at, text.n, 0666, false, err);
    pf_buffer_release(&text);
    return rc;
}

/* Of connectors that have ended there may still be something in the log. */
static void note_retry(void *context, const char *name, const char *trace)
{
    struct connectors *all = context;

    for (size_t i = 0; i < all->n; i++)
        if (!strcmp(all->list[i]->name, name))
            connector_retries(all->list[i], trace, pf_now_ms());
}

enum pf_rc connectors_turn(struct connectors *all, struct pf_error *err)
{
    enum pf_rc rc = read_files(all, err);

    if (all->retries)
        retries_look(all->retries, note_retry, all);
    if (!rc)
        rc = judge_all(all, err);
    if (!rc && all->answers)
        put_all(all);
    return rc ? rc : write_state(all, err);
}
