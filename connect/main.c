/* pf-connect: gives the worker of Kafka Connect its connectors, and looks after
 * them; `pf-init connect` runs it beside the worker.
 */
#include <curl/curl.h>
#include <json-c/json.h>
#include <string.h>

#include "connectors.h"
#include "program.h"
#include "rest.h"
#include "stop.h"

#define LOOK_MS 500 /* from one look to the next */

struct settings {
    char *url, *dir, *names, *state, *log;
};

static const struct pf_option options[] = {
    PF_OPTION_STR(struct settings, url, "feed.url", "http://127.0.0.1:8083",
                  "the REST API of the worker of Kafka Connect"),
    PF_OPTION_STR(struct settings, dir, "feed.dir",
                  PF_SYSCONFDIR "/pricefeed/connectors",
                  "a directory with a file NAME.json for each connector: its "
                  "settings, one object of JSON"),
    PF_OPTION_STR(struct settings, names, "feed.only", "",
                  "only those of these names, separated by commas; empty: all "
                  "that there are"),
    PF_OPTION_STR(struct settings, state, "feed.state", "",
                  "write how they are to this file, for `pf-broker health`; "
                  "empty: nowhere"),
    PF_OPTION_STR(
        struct settings, log, "feed.log", "",
        "the worker's log, which alone says that a task is tried again "
        "and again; empty: not looked at"),
    PF_OPTION_END,
};

static enum pf_rc prepare(void *context, const struct pf_settings *given,
                          struct pf_error *err)
{
    const struct settings *s = context;

    if (strncmp(s->url, "http://", 7))
        return pf_fail(err, PF_CONFIG,
                       "%s: feed.url: '%s' does not begin with http://",
                       pf_settings_where(given, "feed.url"), s->url);
    return PF_OK;
}

static enum pf_rc run(const void *context, void *no_library,
                      struct pf_error *err)
{
    const struct settings *s = context;
    const struct connectors_conf conf = {
        .dir = s->dir, .names = s->names, .state = s->state, .log = s->log};
    struct connectors *connectors = NULL;
    struct rest *rest = NULL;
    enum pf_rc rc;

    (void)no_library;
    rc = rest_open(s->url, &rest, err);
    if (!rc)
        rc = connectors_new(&conf, rest, &connectors, err);
    while (!rc) {
        rc = connectors_turn(connectors, err);
        if (!rc && pf_wait(-1, 0, LOOK_MS) == PF_END)
            break;
    }
    connectors_free(connectors);
    rest_close(rest);
    return rc;
}

static const char *curl_is(void)
{
    return curl_version_info(CURLVERSION_NOW)->version;
}

static const struct pf_part parts[] = {
    {"libcurl", curl_is}, {"json-c", json_c_version}, {0}};

static const struct pf_program program = {
    .name = "connect",
    .command = "pf-connect",
    .prefix = "CONNECTORS_",
    .summary =
        "Put the settings of connectors, from the files of a directory, "
        "into a worker of Kafka\nConnect: at its start and when a file "
        "is edited. Name what it refuses and what fails,\nand start that "
        "again, after a longer pause each time.\n",
    .options = options,
    .parts = parts,
    .prepare = prepare,
    .run = run,
};

int main(int argc, char **argv)
{
    struct settings settings = {0};

    return pf_program_main(&program, argc, argv, &settings);
}
