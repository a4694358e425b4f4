#include "store_dial.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "log.h"
#include "stop.h"
#include "worker.h"

/* Of the attempt to connect: seconds for each of its addresses, and how long a
 * request waits for it. After a failure the next one is made a second later. */
#define CONNECT_S "2"
#define CONNECT_MS 2500
#define PAUSE_MS 1000

enum pf_rc web_store_link_check(const char *conninfo, struct pf_error *err)
{
    char *why = NULL;
    PQconninfoOption *parts = PQconninfoParse(conninfo, &why);
    enum pf_rc rc = PF_OK;

    if (!parts) {
        if (why)
            why[strcspn(why, "\n")] = '\0';
        rc = pf_fail(err, why ? PF_CONFIG : PF_NOMEM, "%s",
                     why ? why : "out of memory");
    }
    PQfreemem(why);
    PQconninfoFree(parts);
    return rc;
}

struct web_store_link *web_store_link_open(const char *conninfo)
{
    struct web_store_link *link = calloc(1, sizeof *link);

    if (link)
        link->conninfo = conninfo;
    return link;
}

void web_store_hang_up(struct web_store_link *link)
{
    PQfinish(link->conn);
    link->conn = NULL;
    link->is_up = false;
    for (size_t i = 0; i < WEB_STORE_PREPARED; i++) {
        free(link->prepared[i]);
        link->prepared[i] = NULL;
    }
    link->n_prepared = 0;
}

void web_store_link_close(struct web_store_link *link)
{
    if (!link || !pf_worker_close(link->worker, 0))
        return; /* a name server does not answer: the process ends without */
    web_store_hang_up(link);
    free(link);
}

/* Notices, such as one that a function in a view raises. */
static void on_notice(void *context, const PGresult *result)
{
    const char *text = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);

    (void)context;
    pf_log(PF_LOG_DEBUG, "store: %s", text ? text : "");
}

/* By the worker. conninfo overrides what comes before it here. */
static void connect_now(void *context)
{
    static const char *const names[] = {
        "fallback_application_name", "connect_timeout",
        "tcp_user_timeout",          "dbname",
        "client_encoding",           NULL};
    struct web_store_link *link = context;
    const char *const values[] = {"pf-web",       CONNECT_S, "4000",
                                  link->conninfo, "UTF8",    NULL};

    link->conn = PQconnectdbParams(names, values, 1);
}

/* Keep why there is no connection, for those who ask before the next attempt.
 */
static enum pf_rc give_up(struct web_store_link *link,
                          struct web_store_failure *fail)
{
    const char *why = link->conn ? PQerrorMessage(link->conn) : "out of memory";

    pf_fail(&link->failure, PF_IO, "the store does not answer: %.*s",
            (int)strcspn(why, "\n"), why);
    link->retry_ms = pf_now_ms() + PAUSE_MS;
    web_store_hang_up(link);
    fail->error = link->failure;
    return PF_IO;
}

static enum pf_rc not_in_time(struct web_store_failure *fail, enum pf_rc rc)
{
    if (rc == PF_END)
        return pf_fail(&fail->error, PF_END, "the server is about to end");
    return pf_fail(&fail->error, PF_IO, "the store does not answer in time");
}

enum pf_rc web_store_dial(struct web_store_link *link, int64_t deadline_ms,
                          struct web_store_failure *fail)
{
    int left_ms = pf_left_ms(deadline_ms);
    enum pf_rc rc = PF_OK;

    if (!link->worker)
        rc = pf_worker_open(&link->worker, &fail->error);
    if (rc)
        return PF_IO;
    if (!pf_worker_busy(link->worker) && !link->conn) {
        if (pf_now_ms() < link->retry_ms) {
            fail->error = link->failure;
            return PF_IO;
        }
        pf_worker_begin(link->worker, connect_now, link);
    }
    rc = pf_worker_wait(link->worker,
                        left_ms < CONNECT_MS ? left_ms : CONNECT_MS);
    if (rc)
        return not_in_time(fail, rc);
    if (PQstatus(link->conn) != CONNECTION_OK)
        return give_up(link, fail);
    PQsetNoticeReceiver(link->conn, on_notice, NULL);
    return PF_OK;
}

enum pf_rc web_store_lose(struct web_store_link *link,
                          struct web_store_failure *fail)
{
    const char *why = PQerrorMessage(link->conn);

    pf_fail(&fail->error, PF_IO, "the store's connection is lost: %.*s",
            (int)strcspn(why, "\n"), why);
    web_store_hang_up(link);
    return PF_ABORTED;
}

enum pf_rc web_store_await(struct web_store_link *link, int64_t deadline_ms,
                           PGresult **ret, struct web_store_failure *fail)
{
    enum pf_rc rc;

    while (PQisBusy(link->conn)) {
        rc = pf_wait(PQsocket(link->conn), POLLIN, pf_left_ms(deadline_ms));
        if (rc) {
            web_store_hang_up(link);
            return not_in_time(fail, rc);
        }
        if (!PQconsumeInput(link->conn))
            return web_store_lose(link, fail);
    }
    *ret = PQgetResult(link->conn);
    return PF_OK;
}
