#include "postgres_link.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "log.h"
#include "stop.h"

/* An attempt to connect that takes longer fails: the machine is gone. */
#define CONNECT_MS 10000

struct pf_postgres_link {
    char *conninfo;
    PGconn *conn;
    bool up;
    short events;        /* that PQconnectPoll() waits for */
    int64_t deadline_ms; /* of the attempt to connect */
    const char *sql;     /* being executed; borrowed */
    PGresult *result;    /* the first one, or the first error */
};

enum pf_rc pf_postgres_link_open(const char *conninfo,
                                 struct pf_postgres_link **ret,
                                 struct pf_error *err)
{
    struct pf_postgres_link *link = calloc(1, sizeof *link);
    char *why = NULL;
    PQconninfoOption *parts = PQconninfoParse(conninfo, &why);

    if (link)
        link->conninfo = strdup(conninfo);
    if (!parts && why) {
        why[strcspn(why, "\n")] = '\0';
        pf_fail(err, PF_CONFIG, "%s", why);
        PQfreemem(why);
        pf_postgres_link_close(link);
        return PF_CONFIG;
    }
    PQconninfoFree(parts);
    if (!parts || !link || !link->conninfo) {
        pf_postgres_link_close(link);
        return pf_fail(err, PF_NOMEM, "postgres: out of memory");
    }
    *ret = link;
    return PF_OK;
}

static void hang_up(struct pf_postgres_link *link)
{
    PQclear(link->result);
    link->result = NULL;
    PQfinish(link->conn);
    link->conn = NULL;
    link->up = false;
}

void pf_postgres_link_close(struct pf_postgres_link *link)
{
    if (!link)
        return;
    hang_up(link);
    free(link->conninfo);
    free(link);
}

bool pf_postgres_is_up(const struct pf_postgres_link *link)
{
    return link->up;
}

bool pf_postgres_is_utf8(const struct pf_postgres_link *link)
{
    const char *encoding = PQparameterStatus(link->conn, "server_encoding");

    return encoding && !strcmp(encoding, "UTF8");
}

/* Notices, such as "relation exists, skipping": libpq would print them raw. */
static void on_notice(void *context, const PGresult *result)
{
    const char *text = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);

    (void)context;
    pf_log(PF_LOG_DEBUG, "postgres: %s", text ? text : "");
}

void pf_postgres_connect(struct pf_postgres_link *link)
{
    /* conninfo overrides what comes before it here. With these values, a
     * connection that a firewall has dropped, or whose server has lost power,
     * is noticed after half a minute instead of two hours. */
    static const char *const names[] = {
        "fallback_application_name", "keepalives_idle",
        "keepalives_interval",       "keepalives_count",
        "tcp_user_timeout",          "dbname",
        "client_encoding",           NULL};
    const char *const values[] = {"pf-consumer", "10",           "5",    "4",
                                  "30000",       link->conninfo, "UTF8", NULL};

    hang_up(link);
    link->conn = PQconnectStartParams(names, values, 1);
    link->events = POLLOUT;
    link->deadline_ms = pf_now_ms() + CONNECT_MS;
    if (!link->conn)
        return;
    /* Only verbose messages have the SQLSTATE when a server refuses. */
    PQsetErrorVerbosity(link->conn, PQERRORS_VERBOSE);
    PQsetNoticeReceiver(link->conn, on_notice, NULL);
}

void pf_postgres_send(struct pf_postgres_link *link, const char *sql,
                      const struct pf_postgres_row *row)
{
    link->sql = sql;
    /* A failure here breaks the connection; pf_postgres_wait() reports it. */
    if (row)
        PQsendQueryParams(link->conn, sql, row->n, NULL,
                          (const char *const *)row->values, row->lengths,
                          row->formats, 0);
    else
        PQsendQuery(link->conn, sql);
}

static enum pf_rc wait_connected(struct pf_postgres_link *link,
                                 int64_t deadline_ms,
                                 struct pf_postgres_answer *ret)
{
    PostgresPollingStatusType status = PGRES_POLLING_FAILED;

    while (link->conn && PQstatus(link->conn) != CONNECTION_BAD) {
        if (pf_wait(PQsocket(link->conn), link->events,
                    pf_left_ms(deadline_ms))) {
            if (pf_now_ms() < link->deadline_ms)
                return PF_AGAIN;
            ret->verdict = PF_POSTGRES_LOST;
            pf_fail(&ret->error, PF_IO, "no answer within %d s",
                    CONNECT_MS / 1000);
            hang_up(link);
            return PF_OK;
        }
        status = PQconnectPoll(link->conn);
        if (status == PGRES_POLLING_OK || status == PGRES_POLLING_FAILED)
            break;
        link->events = status == PGRES_POLLING_READING ? POLLIN : POLLOUT;
    }
    if (status == PGRES_POLLING_OK && !PQsetnonblocking(link->conn, 1)) {
        link->up = true;
        ret->verdict = PF_POSTGRES_DONE;
        return PF_OK;
    }
    pf_postgres_judge_connection(link->conn, ret);
    hang_up(link);
    return PF_OK;
}

/* Keep the first result, or the first that is an error. */
static void keep(struct pf_postgres_link *link, PGresult *result)
{
    if (!link->result || (!PQresultErrorField(link->result, PG_DIAG_SEVERITY) &&
                          PQresultStatus(result) == PGRES_FATAL_ERROR)) {
        PQclear(link->result);
        link->result = result;
    } else {
        PQclear(result);
    }
}

/* Process what has arrived. PF_AGAIN: the answer is not complete yet. */
static enum pf_rc take(struct pf_postgres_link *link)
{
    bool alive = PQconsumeInput(link->conn);

    while (!PQisBusy(link->conn)) {
        PGresult *result = PQgetResult(link->conn);
        ExecStatusType status = PQresultStatus(result);

        if (!result)
            return PF_OK;
        keep(link, result);
        if (status == PGRES_COPY_IN || status == PGRES_COPY_OUT)
            return PF_OK; /* COPY is not supported: stop here */
    }
    return alive ? PF_AGAIN : PF_OK;
}

enum pf_rc pf_postgres_wait(struct pf_postgres_link *link, int timeout_ms,
                            struct pf_postgres_answer *ret)
{
    int64_t deadline_ms = pf_now_ms() + timeout_ms;

    *ret = (struct pf_postgres_answer){0};
    if (!link->up)
        return wait_connected(link, deadline_ms, ret);
    for (;;) {
        short events = PQflush(link->conn) > 0 ? POLLIN | POLLOUT : POLLIN;

        if (take(link) == PF_OK)
            break;
        if (pf_wait(PQsocket(link->conn), events, pf_left_ms(deadline_ms)))
            return PF_AGAIN;
    }
    pf_postgres_judge(link->conn, link->result, link->sql, ret);
    link->result = NULL;
    if (ret->verdict == PF_POSTGRES_LOST)
        hang_up(link);
    return PF_OK;
}
