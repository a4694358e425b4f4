/* postgres_server.h - a PostgreSQL that fails on demand, in the process that
 * tests its client, and a clock that only waiting moves.
 *
 * It speaks the server's side of the protocol on a socket of its own, so that
 * the client is consumer/ and the real libpq. It serves whenever the client
 * waits: poll(2) is replaced by one that serves first, and then, if nothing is
 * ready, lets a millisecond pass on the monotonic clock, which is replaced too.
 * So each test takes the same steps at the same times, and none sleeps.
 */
#ifndef PF_POSTGRES_SERVER_H
#define PF_POSTGRES_SERVER_H

#include "unit.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <time.h>

#include "stop.h"

#define OFFSETS 100

enum how {
    REFUSES, /* an error with this SQLSTATE */
    CUTS,    /* the connection ends, and nothing is done */
    CUTS_AFTERWARDS,
    REFUSES_AND_CUTS,
    IS_SILENT, /* until server.silent is set to false */
};

/** What goes wrong. */
struct fault {
    const char *with; /* what the client asks for: "write", see name_of() */
    int times;        /* this many times, then no more; -1: always */
    enum how how;
    const char *sqlstate, *context, *position;
    int64_t offset;   /* only if this is among the records, 0: any */
    size_t more_than; /* only if they are more than this */
    int64_t moved_to; /* by another consumer, before that; 0: it is not */
};

/** A statement and its values, or a wish to connect. */
struct wish {
    const char *what; /* NULL: none */
    int64_t expected, next, first;
    size_t n;
    bool complete; /* all of its messages have come */
};

static struct {
    char dir[40];
    int listener, client; /* client -1: none */
    char in[65536];       /* what has come from it, and is not processed yet */
    size_t used;
    bool greeted;
    struct wish wish;
    bool silent; /* the wish is kept waiting */

    int64_t next_offset;          /* -1: NULL */
    unsigned rows[OFFSETS];       /* how many of each offset */
    unsigned aside[OFFSETS];      /* dead letters or skipped, likewise */
    char reason[400];             /* of the last one, */
    char kind[400], headers[400]; /* and what else it has */
    bool lacks_columns;           /* feed_dead_letters has no place for these */
    const char *encoding;         /* of the database */
    struct fault faults[4];       /* the first that applies does */
    char seen[4000]; /* what was asked for, in order; "!": and failed */
    int64_t connected_ms[20]; /* when */
    size_t n_connected;
    int64_t stop_ms; /* SIGTERM comes then */
} server;

/* The monotonic clock, in milliseconds. */
static int64_t now_ms = 1000000;

static void hang_up_on_client(void)
{
    if (server.client >= 0)
        close(server.client);
    server.client = -1;
    server.used = 0;
    server.greeted = server.silent = false;
    server.wish = (struct wish){0};
}

static void start_server(void)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};

    memset(&server, 0, sizeof server);
    server.client = -1;
    server.next_offset = -1;
    server.encoding = "UTF8";
    snprintf(server.dir, sizeof server.dir, "/tmp/pf-postgres-test.XXXXXX");
    assert_non_null(mkdtemp(server.dir));
    snprintf(at.sun_path, sizeof at.sun_path, "%s/.s.PGSQL.5432", server.dir);
    server.listener = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
    assert_int_equal(bind(server.listener, (void *)&at, sizeof at), 0);
    assert_int_equal(listen(server.listener, 5), 0);
}

static void end_server(void)
{
    char path[sizeof server.dir + 20];

    hang_up_on_client();
    close(server.listener);
    snprintf(path, sizeof path, "%s/.s.PGSQL.5432", server.dir);
    unlink(path);
    rmdir(server.dir);
}

/* Let this fail from now on; more can be set in the result. */
static struct fault *plan(const char *with, int times, enum how how,
                          const char *sqlstate)
{
    struct fault *fault = server.faults;

    while (fault->with)
        fault++;
    fault->with = with;
    fault->times = times;
    fault->how = how;
    fault->sqlstate = sqlstate;
    return fault;
}

/* A message: its type, and its len bytes. */
static void tell(char type, const void *bytes, size_t len)
{
    char text[1024];
    uint32_t size = htonl((uint32_t)len + 4);

    text[0] = type;
    memcpy(text + 1, &size, 4);
    memcpy(text + 5, bytes, len);
    (void)!send(server.client, text, 5 + len, MSG_NOSIGNAL);
}

/* A result with a row of two columns; NULL: SQL's NULL. */
static void tell_columns(void)
{
#define COLUMN                              \
    "x\0"                    /* its name */ \
    "\0\0\0\0\0\0\0\0\0\x19" /* a text */   \
    "\xff\xff\xff\xff\xff\xff\0\0"
    static const char columns[] = "\0\2" COLUMN COLUMN;

    tell('T', columns, sizeof columns - 1);
}

static size_t put_value(char *at, const char *value)
{
    size_t len = value ? strlen(value) : 0;
    uint32_t size = value ? htonl((uint32_t)len) : UINT32_MAX;

    memcpy(at, &size, 4);
    memcpy(at + 4, value ? value : "", len);
    return 4 + len;
}

static void tell_row(const char *first, const char *second)
{
    char row[60] = "\0\2";
    size_t len = 2;

    len += put_value(row + len, first);
    len += put_value(row + len, second);
    tell('D', row, len);
}

static void tell_encoding(void)
{
    char text[60] = "server_encoding";
    size_t len = strlen(text) + 1;

    strcpy(text + len, server.encoding);
    tell('S', text, len + strlen(server.encoding) + 1);
}

static size_t put_field(char *at, char type, const char *text)
{
    return text ? (size_t)sprintf(at, "%c%s", type, text) + 1 : 0;
}

static void tell_error(const struct fault *fault, bool fatal)
{
    char text[400];
    size_t len = put_field(text, 'S', fatal ? "FATAL" : "ERROR");

    len += put_field(text + len, 'C', fault->sqlstate);
    len += put_field(text + len, 'M', "made to fail");
    len += put_field(text + len, 'W', fault->context);
    len += put_field(text + len, 'P', fault->position);
    text[len++] = '\0';
    tell('E', text, len);
}

static bool covers(const struct fault *fault, const struct wish *wish)
{
    return fault->times && !strcmp(fault->with, wish->what) &&
           wish->n >= fault->more_than + (fault->more_than > 0) &&
           (!fault->offset || (wish->first <= fault->offset &&
                               fault->offset < wish->first + (int64_t)wish->n));
}

static struct fault *find_fault(const struct wish *wish)
{
    for (size_t i = 0; i < COUNT(server.faults); i++)
        if (covers(&server.faults[i], wish))
            return &server.faults[i];
    return NULL;
}

static void note(const struct wish *wish, bool failed)
{
    size_t len = strlen(server.seen);
    char records[40] = "";

    if (len > sizeof server.seen - 100)
        fail_msg("it goes on and on: %s", server.seen);
    if (wish->n)
        snprintf(records, sizeof records, ":%ld+%zu", (long)wish->first,
                 wish->n);
    snprintf(server.seen + len, sizeof server.seen - len, "%s%s%s%s",
             len ? " " : "", wish->what, records, failed ? "!" : "");
}

/* Do what is asked for, and tell the result. */
static void grant(const struct wish *wish, bool tells)
{
    bool moves = wish->n && server.next_offset == wish->expected;
    unsigned *table = strcmp(wish->what, "write") ? server.aside : server.rows;
    char offset[24];

    if (moves) {
        server.next_offset = wish->next;
        for (size_t i = 0; i < wish->n; i++)
            table[(size_t)wish->first + i]++;
    }
    if (!strcmp(wish->what, "columns"))
        server.lacks_columns = false;
    if (!tells)
        return;
    if (!strcmp(wish->what, "connect")) {
        tell('R', "\0\0\0", 4);
        tell_encoding();
    } else {
        snprintf(offset, sizeof offset, "%ld", (long)server.next_offset);
        if (wish->n || !strcmp(wish->what, "place"))
            tell_columns();
        if (!strcmp(wish->what, "place"))
            tell_row(server.next_offset < 0 ? NULL : offset,
                     server.lacks_columns ? "f" : "t");
        else if (moves)
            tell_row("1", NULL);
        tell('C', "OK", 3);
    }
    tell('Z', "I", 1);
}

/* Answer the wish, or let it fail. */
static void answer(void)
{
    struct wish wish = server.wish;
    struct fault *fault = find_fault(&wish);
    bool connects = !strcmp(wish.what, "connect");
    bool goes;

    if (server.silent)
        return;
    if (fault) {
        fault->times--;
        if (fault->moved_to)
            server.next_offset = fault->moved_to;
        server.silent = fault->how == IS_SILENT;
        if (server.silent)
            return;
    }
    note(&wish, fault);
    server.wish = (struct wish){0};
    if (!fault || fault->how == CUTS_AFTERWARDS)
        grant(&wish, !fault);
    if (!fault)
        return;
    goes = fault->how != REFUSES || connects;
    if (fault->how == REFUSES || fault->how == REFUSES_AND_CUTS)
        tell_error(fault, goes);
    if (goes)
        hang_up_on_client();
    else
        tell('Z', "I", 1);
}

/* The name of what sql is for. */
static const char *name_of(const char *sql)
{
    static const char *const names[][2] = {
        {"fresh AS", "place"},
        {"to_regclass", "tables"},
        {"ALTER TABLE feed_dead_letters", "columns"},
        {"FUNCTION pg_temp.feed_map", "mapping"},
        {"headers = EXCLUDED.headers", "letter"},
        {"DO UPDATE SET sqlstate", "short"},
        {"INSERT INTO feed_dead_letters", "bare"},
        {"RETURNING 1) SELECT 1 FROM here", "skip"},
        {"INSERT INTO prices", "write"},
        {"SELECT pg_temp.feed_map", "write"},
    };

    for (size_t i = 0; i < COUNT(names); i++)
        if (strstr(sql, names[i][0]))
            return names[i][1];
    return "schema";
}

static uint32_t number_at(const char *bytes)
{
    uint32_t number;

    memcpy(&number, bytes, 4);
    return ntohl(number);
}

/*
 * The values of a statement that writes. $1, $2: of which partition; $3: where
 * that is; $4: where it moves to; $5: the array of offsets, or of a dead letter
 * the SQLSTATE; $6: the reason; $10, $11: kind and headers.
 */
static void take_values(const char *at)
{
    struct wish *wish = &server.wish;
    bool letter = strcmp(wish->what, "write") != 0;
    int n;

    at += 2;                                     /* two empty names */
    at += 2 + 2 * (size_t)(number_at(at) >> 16); /* how many formats, these */
    n = (int)(number_at(at) >> 16);              /* how many values */
    at += 2;
    if (letter)
        server.kind[0] = server.headers[0] = '\0';
    for (int i = 1; i <= n; i++) {
        int32_t len = (int32_t)number_at(at);
        char text[400];

        at += 4;
        snprintf(text, sizeof text, "%.*s", len < 0 ? 0 : len, at);
        if (i == 3)
            wish->expected = len < 0 ? -1 : strtol(text, NULL, 10);
        if (i == 4)
            wish->next = strtol(text, NULL, 10);
        if (i == 4 && letter) {
            wish->n = 1;
            wish->first = wish->next - 1;
        }
        if (i == 5 && !letter) {
            wish->n = number_at(at + 12);
            wish->first = number_at(at + 28);
        }
        if (i == 6 && letter)
            strcpy(server.reason, text);
        if (i == 10)
            strcpy(server.kind, text);
        if (i == 11)
            strcpy(server.headers, text);
        at += len < 0 ? 0 : len;
    }
}

static void take_message(char type, const char *body)
{
    if (type == 'Q' || type == 'P')
        server.wish = (struct wish){
            .what = name_of(type == 'P' ? body + 1 : body),
            .complete = type == 'Q'};
    if (type == 'B' && strcmp(server.wish.what, "place") != 0)
        take_values(body);
    if (type == 'S') {
        tell('1', "", 0); /* parsed */
        tell('2', "", 0); /* bound */
        server.wish.complete = true;
    }
}

static void greet(void)
{
    server.greeted = true;
    server.connected_ms[server.n_connected++ % COUNT(server.connected_ms)] =
        now_ms;
    server.wish = (struct wish){.what = "connect", .complete = true};
}

/* Take the messages that have come completely; the first has no type. */
static void take_messages(void)
{
    for (;;) {
        size_t type = server.greeted ? 1 : 0;
        size_t size;

        if (server.used < type + 4)
            return;
        size = type + number_at(server.in + type);
        if (server.used < size)
            return;
        if (server.greeted)
            take_message(server.in[0], server.in + 5);
        else
            greet();
        server.used -= size;
        memmove(server.in, server.in + size, server.used);
    }
}

/* Serve the client, if it has anything to say. */
static void serve(void)
{
    ssize_t len;

    if (server.client < 0)
        server.client = accept4(server.listener, NULL, NULL, SOCK_NONBLOCK);
    if (server.client < 0)
        return;
    len = recv(server.client, server.in + server.used,
               sizeof server.in - server.used, 0);
    if (len == 0 || (len < 0 && errno != EAGAIN)) {
        hang_up_on_client();
        return;
    }
    server.used += len > 0 ? (size_t)len : 0;
    take_messages();
    if (server.wish.complete)
        answer();
}

int clock_gettime(clockid_t clock, struct timespec *ret)
{
    if (clock != CLOCK_MONOTONIC)
        return (int)syscall(SYS_clock_gettime, clock, ret);
    ret->tv_sec = now_ms / 1000;
    ret->tv_nsec = now_ms % 1000 * 1000000;
    return 0;
}

static void ask_to_stop(void)
{
    kill(getpid(), SIGTERM);
    while (!pf_stop_asked())
        usleep(100);
}

/* By another name in C, as <poll.h> may define an inline function of this one.
 */
int serving_poll(struct pollfd *fds, nfds_t n, int timeout_ms) __asm__("poll");

int serving_poll(struct pollfd *fds, nfds_t n, int timeout_ms)
{
    static const struct timespec at_once;

    for (int waited_ms = 0;; waited_ms++) {
        int ready;

        serve();
        ready = (int)syscall(SYS_ppoll, fds, n, &at_once, NULL, 0);
        if (ready || waited_ms == timeout_ms)
            return ready;
        if (++now_ms == server.stop_ms) {
            ask_to_stop();
            /* It is known before the descriptor is readable: wait for that. */
            return (int)syscall(SYS_ppoll, fds, n, NULL, NULL, 0);
        }
    }
}

#endif
