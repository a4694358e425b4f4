#include "store.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "text.h"

/* One for each request that may be at work at a time, see http.h. The second
 * does not connect before it is needed. */
#define CLIENTS 2

/* How long a request may take in all: below PF_HTTP_SLOW_MS. */
#define ASK_MS 4000

/* What is known of the tables is read again after that time: new columns are
 * then seen. A table that is not known is looked for sooner. */
#define KNOWN_MS 10000
#define UNKNOWN_MS 1000

struct web_store_client {
    struct web_store_link *link;
    struct web_catalogue catalogue;
    bool is_taken;
};

struct web_store {
    bool is_there;
    const char *schema;
    pthread_mutex_t lock;
    struct web_store_client clients[CLIENTS];
};

enum pf_rc web_store_open(const char *conninfo, const char *schema,
                          struct web_store **ret, struct pf_error *err)
{
    struct web_store *store = calloc(1, sizeof *store);
    bool ok = store;

    if (store)
        pthread_mutex_init(&store->lock, NULL);
    for (size_t i = 0; ok && i < CLIENTS; i++) {
        store->clients[i].link = web_store_link_open(conninfo);
        ok = store->clients[i].link;
    }
    if (!ok) {
        web_store_close(store);
        return pf_fail(err, PF_NOMEM, "store: out of memory");
    }
    store->is_there = *conninfo;
    store->schema = schema;
    *ret = store;
    return PF_OK;
}

void web_store_close(struct web_store *store)
{
    if (!store)
        return;
    for (size_t i = 0; i < CLIENTS; i++) {
        web_store_link_close(store->clients[i].link);
        web_catalogue_release(&store->clients[i].catalogue);
    }
    pthread_mutex_destroy(&store->lock);
    free(store);
}

/* The first client that is free, now taken: a connection is used again before
 * another one is made. */
static struct web_store_client *take_client(struct web_store *store)
{
    struct web_store_client *client = NULL;

    pthread_mutex_lock(&store->lock);
    for (size_t i = 0; !client && i < CLIENTS; i++)
        if (!store->clients[i].is_taken)
            client = &store->clients[i];
    if (client)
        client->is_taken = true;
    pthread_mutex_unlock(&store->lock);
    return client;
}

bool web_store_begin(struct web_store *store,
                     const struct pf_http_request *request,
                     struct pf_http_reply *reply, struct web_store_ask *ask)
{
    struct web_store_client *client;

    if (!store->is_there) {
        pf_http_refuse(reply, 404,
                       "there is no store: feed.store.conninfo is not set");
        return false;
    }
    client = take_client(store);
    if (!client) {
        pf_http_refuse(reply, 503, "too much is asked of the store at once");
        return false;
    }
    *ask = (struct web_store_ask){
        .store = store,
        .request = request,
        .reply = reply,
        .schema = store->schema,
        .client = client,
        .deadline_ms = pf_now_ms() + ASK_MS,
    };
    return true;
}

void web_store_end(struct web_store_ask *ask)
{
    pthread_mutex_lock(&ask->store->lock);
    ask->client->is_taken = false;
    pthread_mutex_unlock(&ask->store->lock);
}

bool web_store_refuse(struct web_store_ask *ask, enum pf_rc rc,
                      const struct pf_error *err)
{
    pf_http_refuse(ask->reply, rc == PF_FORMAT ? 400 : 503, "%s", err->text);
    return false;
}

/* What a server's refusal means to whoever asks. */
static const struct {
    const char *state; /* how its SQLSTATE begins */
    unsigned status;
    const char *sentence; /* before what the server says */
} refusals[] = {
    {"22", 400, ""},    /* a value is not one of the column's type */
    {"42883", 400, ""}, /* its type has no such operator */
    {"42804", 400, ""}, /* it is not a boolean */
    {"42P18", 400, ""},
    {"42501", 403, "the database does not allow it: "},
    {"57014", 503,
     "this takes the database too long; a condition on the key, or an index, "
     "helps: "},
    {"42P01", 503, "the table has changed just now; ask again: "},
    {"42703", 503, "the table has changed just now; ask again: "},
    {"", 503, "the store: "},
};

static bool refuse_failure(struct web_store_ask *ask,
                           const struct web_store_failure *fail)
{
    size_t i = 0;

    while (strncmp(fail->sqlstate, refusals[i].state,
                   strlen(refusals[i].state)) != 0)
        i++;
    if (!strncmp(fail->sqlstate, "42", 2))
        ask->client->catalogue.read_ms = 0;
    pf_http_refuse(ask->reply, refusals[i].status, "%s%s%s%s",
                   refusals[i].sentence, fail->of ? fail->of->name : "",
                   fail->of ? ": " : "", fail->error.text);
    return false;
}

static bool refuse(struct web_store_ask *ask, enum pf_rc rc,
                   const struct web_store_failure *fail)
{
    if (rc == PF_FORMAT)
        return refuse_failure(ask, fail);
    return web_store_refuse(ask, rc, &fail->error);
}

bool web_store_run(struct web_store_ask *ask,
                   const struct web_statement *statement, web_store_take *take,
                   void *context)
{
    struct web_store_failure fail;
    enum pf_rc rc = web_store_link_run(ask->client->link, statement,
                                       ask->deadline_ms, take, context, &fail);

    return rc ? refuse(ask, rc, &fail) : true;
}

/* What is known is not older than max_ms. A prepared statement has for ever the
 * types of the columns for which it was prepared: the next connection has
 * none. */
static bool know(struct web_store_ask *ask, int64_t max_ms)
{
    struct web_store_client *client = ask->client;
    struct web_catalogue before = client->catalogue;
    struct web_store_failure fail;
    enum pf_rc rc;

    if (before.read_ms && pf_now_ms() - before.read_ms <= max_ms)
        return true;
    client->catalogue = (struct web_catalogue){0};
    rc = web_catalogue_read(client->link, ask->schema, ask->deadline_ms,
                            &client->catalogue, &fail);
    if (!rc && before.tables.n &&
        !web_catalogue_is_same(&before, &client->catalogue))
        web_store_hang_up(client->link);
    web_catalogue_release(&before);
    return rc ? refuse(ask, rc, &fail) : true;
}

const struct web_catalogue *web_store_tables(struct web_store_ask *ask)
{
    const struct web_catalogue *catalogue = &ask->client->catalogue;

    if (!know(ask, catalogue->tables.n ? KNOWN_MS : UNKNOWN_MS))
        return NULL;
    if (!catalogue->has_schema) {
        pf_http_refuse(ask->reply, 503, "the database has no schema %s",
                       ask->schema);
        return NULL;
    }
    if (catalogue->is_allowed)
        return catalogue;
    pf_http_refuse(ask->reply, 403,
                   "%s may not use the schema %s; GRANT USAGE ON SCHEMA %s TO "
                   "%s, and GRANT SELECT on its tables",
                   catalogue->user, ask->schema, ask->schema, catalogue->user);
    return NULL;
}

const struct web_store_table *web_store_table(struct web_store_ask *ask,
                                              const char *name)
{
    const struct web_catalogue *catalogue = web_store_tables(ask);
    const struct web_store_table *table = NULL;
    struct pf_nearest nearest = pf_nearest_init(name);
    char hint[120];

    if (!catalogue)
        return NULL;
    table = web_catalogue_find(catalogue, name);
    if (!table && !know(ask, UNKNOWN_MS))
        return NULL;
    if (!table)
        table = web_catalogue_find(catalogue, name);
    if (table)
        return table;
    for (size_t i = 0; i < catalogue->tables.n; i++)
        pf_nearest_offer(&nearest, catalogue->tables.at[i].name);
    pf_http_refuse(
        ask->reply, 404, "the store has no table '%.60s' that %s may read%s",
        name, catalogue->user, pf_nearest_hint(&nearest, hint, sizeof hint));
    return NULL;
}

const struct web_store_table *web_store_beside(const struct web_store_ask *ask,
                                               const char *name)
{
    return web_catalogue_find(&ask->client->catalogue, name);
}
