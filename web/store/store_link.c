#include "store_link.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What each session begins with: whatever a statement calls, it only reads; it
 * ends before a request does, which waits for 4 s; and its text is the same
 * everywhere. */
static const char setup[] =
    "SELECT set_config('default_transaction_read_only', 'on', false), "
    "set_config('statement_timeout', '2500', false), "
    "set_config('lock_timeout', '1000', false), "
    "set_config('timezone', 'UTC', false), "
    "set_config('datestyle', 'ISO, YMD', false), "
    "set_config('intervalstyle', 'postgres', false), "
    "set_config('bytea_output', 'hex', false), "
    "set_config('extra_float_digits', '1', false)";

/* The column that a bound value is for, by PostgreSQL's "parameter $2". */
static const struct web_store_column *
column_of(const PGresult *result, const struct web_statement *statement)
{
    const char *at = PQresultErrorField(result, PG_DIAG_CONTEXT);
    unsigned long n;

    at = at ? strchr(at, '$') : NULL;
    n = at && isdigit((unsigned char)at[1]) ? strtoul(at + 1, NULL, 10) : 0;
    return n > 0 && n <= statement->values.n ? statement->values.at[n - 1].of
                                             : NULL;
}

static enum pf_rc note(const PGresult *result,
                       const struct web_statement *statement,
                       struct web_store_failure *fail)
{
    const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const char *text = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);

    snprintf(fail->sqlstate, sizeof fail->sqlstate, "%s", state ? state : "");
    fail->of = column_of(result, statement);
    return pf_fail(&fail->error, PF_FORMAT, "%s", text ? text : "no reason");
}

/* Give the rows to take(), to the end of the statement. */
static enum pf_rc drain(struct web_store_link *link,
                        const struct web_statement *statement,
                        int64_t deadline_ms, web_store_take *take,
                        void *context, struct web_store_failure *fail)
{
    enum pf_rc rc = PF_OK;

    for (;;) {
        PGresult *result = NULL;
        enum pf_rc got = web_store_await(link, deadline_ms, &result, fail);
        ExecStatusType status = PQresultStatus(result);
        bool wants_more = true;

        if (got)
            return got;
        if (!result)
            return PQstatus(link->conn) == CONNECTION_OK
                       ? rc
                       : web_store_lose(link, fail);
        link->has_given |= status == PGRES_SINGLE_TUPLE;
        if (status == PGRES_SINGLE_TUPLE)
            wants_more = !take || take(context, result);
        else if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK && !rc)
            rc = note(result, statement, fail);
        PQclear(result);
        if (!wants_more) {
            web_store_hang_up(link); /* rather than read what nobody wants */
            return PF_OK;
        }
    }
}

/* The name of prepared statement number i. */
struct name {
    char text[8];
};

static struct name name_of(size_t i)
{
    struct name name;

    snprintf(name.text, sizeof name.text, "s%u",
             (unsigned)i % WEB_STORE_PREPARED);
    return name;
}

/* Forget prepared statement number i, if there is one. */
static enum pf_rc forget(struct web_store_link *link, size_t i,
                         int64_t deadline_ms, struct web_store_failure *fail)
{
    static const struct web_statement none;
    char sql[24];
    enum pf_rc rc;

    if (!link->prepared[i])
        return PF_OK;
    snprintf(sql, sizeof sql, "DEALLOCATE %s", name_of(i).text);
    if (!PQsendQueryParams(link->conn, sql, 0, NULL, NULL, NULL, NULL, 0))
        return web_store_lose(link, fail);
    rc = drain(link, &none, deadline_ms, NULL, NULL, fail);
    if (!rc) {
        free(link->prepared[i]);
        link->prepared[i] = NULL;
    }
    return rc;
}

/* Prepare a statement, unless that is done; *ret is its number. */
static enum pf_rc prepare(struct web_store_link *link,
                          const struct web_statement *statement,
                          int64_t deadline_ms, size_t *ret,
                          struct web_store_failure *fail)
{
    const char *sql = statement->text.at;
    size_t i = link->n_prepared % WEB_STORE_PREPARED;
    enum pf_rc rc;

    for (size_t j = 0; j < WEB_STORE_PREPARED; j++)
        if (link->prepared[j] && !strcmp(link->prepared[j], sql)) {
            *ret = j;
            return PF_OK;
        }
    rc = forget(link, i, deadline_ms, fail);
    if (!rc && !PQsendPrepare(link->conn, name_of(i).text, sql, 0, NULL))
        rc = web_store_lose(link, fail);
    if (!rc)
        rc = drain(link, statement, deadline_ms, NULL, NULL, fail);
    if (rc)
        return rc;
    link->prepared[i] = strdup(sql);
    if (!link->prepared[i]) {
        web_store_hang_up(link);
        return pf_fail(&fail->error, PF_IO, "out of memory");
    }
    link->n_prepared++;
    *ret = i;
    return PF_OK;
}

static enum pf_rc execute(struct web_store_link *link,
                          const struct web_statement *statement,
                          int64_t deadline_ms, web_store_take *take,
                          void *context, struct web_store_failure *fail)
{
    size_t n = statement->values.n;
    const char **values = calloc(n + 1, sizeof *values);
    size_t i = 0;
    enum pf_rc rc;

    if (!values)
        return pf_fail(&fail->error, PF_IO, "out of memory");
    for (size_t j = 0; j < n; j++)
        values[j] = statement->values.at[j].text;
    rc = prepare(link, statement, deadline_ms, &i, fail);
    if (!rc && (!PQsendQueryPrepared(link->conn, name_of(i).text, (int)n,
                                     values, NULL, NULL, 0) ||
                !PQsetSingleRowMode(link->conn)))
        rc = web_store_lose(link, fail);
    if (!rc)
        rc = drain(link, statement, deadline_ms, take, context, fail);
    free(values);
    return rc;
}

static enum pf_rc set_up(struct web_store_link *link, int64_t deadline_ms,
                         struct web_store_failure *fail)
{
    static const struct web_statement none;
    enum pf_rc rc;

    if (!PQsendQueryParams(link->conn, setup, 0, NULL, NULL, NULL, NULL, 0))
        return web_store_lose(link, fail);
    rc = drain(link, &none, deadline_ms, NULL, NULL, fail);
    if (rc == PF_FORMAT)
        web_store_hang_up(link);
    else if (!rc)
        link->is_up = true;
    return rc;
}

enum pf_rc web_store_link_run(struct web_store_link *link,
                              const struct web_statement *statement,
                              int64_t deadline_ms, web_store_take *take,
                              void *context, struct web_store_failure *fail)
{
    enum pf_rc rc = PF_ABORTED;

    *fail = (struct web_store_failure){0};
    link->has_given = false;
    /* A server that was started again has closed the connections that it had:
     * once more with a new one. */
    for (int i = 0; i < 2 && rc == PF_ABORTED && !link->has_given; i++) {
        rc = link->is_up ? PF_OK : web_store_dial(link, deadline_ms, fail);
        if (!rc && !link->is_up)
            rc = set_up(link, deadline_ms, fail);
        if (!rc)
            rc = execute(link, statement, deadline_ms, take, context, fail);
    }
    return rc == PF_ABORTED ? PF_IO : rc;
}
