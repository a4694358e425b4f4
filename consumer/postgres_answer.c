#include "postgres_answer.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The SQLSTATE in libpq's message, "FATAL:  28P01: ...", whatever the language
 * of its first word; *ret_line is where its line begins. NULL: there is none,
 * it is libpq's own message. */
static const char *find_sqlstate(const char *message, const char **ret_line)
{
    for (const char *at = message; (at = strstr(at, ":  ")); at++) {
        size_t n = 0;

        while (n < 5 && (isupper((unsigned char)at[3 + n]) ||
                         isdigit((unsigned char)at[3 + n])))
            n++;
        if (n < 5 || at[8] != ':')
            continue;
        for (*ret_line = at; *ret_line > message && (*ret_line)[-1] != '\n';)
            --*ret_line;
        return at + 3;
    }
    *ret_line = message;
    return NULL;
}

static bool is_in_class(const char *sqlstate, const char *classes)
{
    for (; *classes; classes += 3)
        if (!strncmp(sqlstate, classes, 2))
            return true;
    return false;
}

/* A password, a role, a database or a right that is not there stays so; what
 * is not up yet, restarts or has no room for one more, does not. */
void pf_postgres_judge_connection(const PGconn *conn,
                                  struct pf_postgres_answer *ret)
{
    const char *message = conn ? PQerrorMessage(conn) : "out of memory";
    const char *line, *sqlstate = find_sqlstate(message, &line);
    bool mistake = conn && PQconnectionNeedsPassword(conn);

    if (sqlstate) {
        memcpy(ret->sqlstate, sqlstate, 5);
        mistake = is_in_class(sqlstate, "28 3D 42 ");
    }
    ret->verdict = mistake ? PF_POSTGRES_MISTAKE : PF_POSTGRES_LOST;
    pf_fail(&ret->error, PF_IO, "%.*s", (int)strcspn(line, "\n"), line);
}

/* Where in the text of its statement an error was found. */
static unsigned line_of(const PGresult *result, const char *sql)
{
    const char *position = PQresultErrorField(result,
                                              PG_DIAG_STATEMENT_POSITION);
    long letters = position ? strtol(position, NULL, 10) : 0;
    unsigned line = 1;

    /* It counts letters: of UTF-8, all bytes but those that go on one. */
    for (; letters > 1 && *sql; sql++) {
        line += *sql == '\n';
        letters -= ((unsigned char)sql[1] & 0xc0) != 0x80;
    }
    return position ? line : 0;
}

static enum pf_postgres_verdict verdict_of(const char *sqlstate)
{
    if (is_in_class(sqlstate, "22 23 "))
        return PF_POSTGRES_REFUSED;
    /* Connections, read-only (a standby), conflicts, resources such as a full
     * disk, locks, an operator, the system around it. */
    if (is_in_class(sqlstate, "08 25 40 53 55 57 58 "))
        return PF_POSTGRES_LATER;
    return PF_POSTGRES_MISTAKE;
}

static void judge_failure(const PGresult *result, const char *sql,
                          struct pf_postgres_answer *ret)
{
    const char *sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const char *text = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    const char *detail = PQresultErrorField(result, PG_DIAG_MESSAGE_DETAIL);

    if (!sqlstate) { /* libpq's own: it gave up on the connection */
        text = PQresultErrorMessage(result);
        pf_fail(&ret->error, PF_IO, "%.*s", (int)strcspn(text, "\n"), text);
        ret->verdict = PF_POSTGRES_LOST;
        return;
    }
    snprintf(ret->sqlstate, sizeof ret->sqlstate, "%s", sqlstate);
    pf_fail(&ret->error, PF_IO, "%s%s%s (SQLSTATE %s)", text ? text : "",
            detail ? ": " : "", detail ? detail : "", sqlstate);
    ret->line = line_of(result, sql);
    ret->verdict = verdict_of(sqlstate);
}

void pf_postgres_judge(const PGconn *conn, PGresult *result, const char *sql,
                       struct pf_postgres_answer *ret)
{
    *ret = (struct pf_postgres_answer){.verdict = PF_POSTGRES_MISTAKE};
    switch (PQresultStatus(result)) {
    case PGRES_COMMAND_OK:
    case PGRES_TUPLES_OK:
    case PGRES_EMPTY_QUERY:
        if (PQtransactionStatus(conn) == PQTRANS_IDLE) {
            ret->verdict = PF_POSTGRES_DONE;
            ret->result = result;
            return;
        }
        pf_fail(&ret->error, PF_IO, "it begins a transaction and leaves it");
        break;
    case PGRES_COPY_IN:
    case PGRES_COPY_OUT:
        pf_fail(&ret->error, PF_IO, "COPY has nothing to read or write here");
        break;
    default:
        judge_failure(result, sql, ret);
    }
    if (PQstatus(conn) == CONNECTION_BAD)
        ret->verdict = PF_POSTGRES_LOST;
    PQclear(result);
}
