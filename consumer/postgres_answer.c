#include "postgres_answer.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The SQLSTATE in libpq's message, "FATAL:  28P01: ...", whatever the language
 * of the first word; *ret_line is where its line begins. NULL: the message has
 * none, it is libpq's own. */
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

/* Is it one of these states, or in one of these classes? */
static bool is_among(const char *sqlstate, const char *states)
{
    for (size_t len; *states; states += len + (states[len] == ' ')) {
        len = strcspn(states, " ");
        if (!strncmp(sqlstate, states, len))
            return true;
    }
    return false;
}

void pf_postgres_judge_connection(const PGconn *conn,
                                  struct pf_postgres_answer *ret)
{
    const char *message = conn ? PQerrorMessage(conn) : "out of memory";
    const char *line, *sqlstate = find_sqlstate(message, &line);
    bool mistake = conn && PQconnectionNeedsPassword(conn);

    if (sqlstate) {
        memcpy(ret->sqlstate, sqlstate, 5);
        mistake = is_among(sqlstate, "28 3D 42");
    }
    ret->verdict = mistake ? PF_POSTGRES_MISTAKE : PF_POSTGRES_LOST;
    pf_fail(&ret->error, PF_IO, "%.*s", (int)strcspn(line, "\n"), line);
}

/* The line of the statement's text in which the error is. */
static unsigned line_of(const PGresult *result, const char *sql)
{
    const char *position = PQresultErrorField(result,
                                              PG_DIAG_STATEMENT_POSITION);
    long letters = position ? strtol(position, NULL, 10) : 0;
    unsigned line = 1;

    /* It counts characters: in UTF-8, all bytes but continuation bytes. */
    for (; letters > 1 && *sql; sql++) {
        line += *sql == '\n';
        letters -= ((unsigned char)sql[1] & 0xc0) != 0x80;
    }
    return position ? line : 0;
}

/* Does a row's content cause this? A row-level security policy that rejects a
 * row reports a missing permission, and RAISE reports whatever it is told to:
 * only the function in PostgreSQL that reports it tells. */
static bool is_chosen_by_user(const char *routine)
{
    return routine && (!strcmp(routine, "ExecWithCheckOptions") ||
                       !strcmp(routine, "exec_stmt_raise"));
}

enum pf_postgres_verdict pf_postgres_verdict_of(const char *sqlstate,
                                                const char *routine)
{
    /* transaction_timeout, memory, temp_file_limit, statement_timeout or
     * canceled by an operator. */
    if (is_among(sqlstate, "25P04 53200 53400 57014"))
        return PF_POSTGRES_TOO_MUCH;
    /* Connections (also to a foreign table), read-only (a standby), conflicts,
     * resources such as a full disk, objects in use and locks, operator
     * intervention, system errors, old snapshots. */
    if (is_among(sqlstate, "08 25006 25P03 40001 40003 40P01 53 55006 55P03 "
                           "57 58000 58030 72 HV00N"))
        return PF_POSTGRES_LATER;
    if (is_chosen_by_user(routine))
        return PF_POSTGRES_REFUSED;
    /* Authentication, databases, permissions; damaged tables and indexes. */
    if (is_among(sqlstate, "28 3D 42501 XX001 XX002"))
        return PF_POSTGRES_DENIED;
    /* Names, types and syntax. */
    if (is_among(sqlstate, "3F 42"))
        return PF_POSTGRES_MISTAKE;
    return PF_POSTGRES_REFUSED;
}

static void judge_failure(const PGresult *result, const char *sql,
                          struct pf_postgres_answer *ret)
{
    const char *sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const char *text = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    const char *detail = PQresultErrorField(result, PG_DIAG_MESSAGE_DETAIL);

    if (!sqlstate) { /* libpq's own error: the connection is lost */
        text = PQresultErrorMessage(result);
        pf_fail(&ret->error, PF_IO, "%.*s", (int)strcspn(text, "\n"), text);
        ret->verdict = PF_POSTGRES_LOST;
        return;
    }
    snprintf(ret->sqlstate, sizeof ret->sqlstate, "%s", sqlstate);
    pf_fail(&ret->error, PF_IO, "%s%s%s (SQLSTATE %s)", text ? text : "",
            detail ? ": " : "", detail ? detail : "", sqlstate);
    ret->line = line_of(result, sql);
    ret->within = PQresultErrorField(result, PG_DIAG_CONTEXT);
    ret->verdict = pf_postgres_verdict_of(
        sqlstate, PQresultErrorField(result, PG_DIAG_SOURCE_FUNCTION));
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
        pf_fail(&ret->error, PF_IO,
                "it begins a transaction and does not end it");
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
