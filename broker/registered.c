#include "registered.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "clock.h"
#include "four_letters.h"
#include "java_settings.h"
#include "stop.h"

#define ASK_MS 2000 /* for an answer, with a handshake of a busy JVM */

/* Before the next one is asked: a handshake costs a JVM that has just started
 * 10 ms of processor time, and all brokers may ask at once. */
#define PAUSE_MS 500

/* Room for what a ZooKeeper dumps: a line for each session, and for each node
 * that goes with one. */
#define DUMP_BYTES (1 << 20)

bool registered_by_tls(const struct ctl *ctl)
{
    const char *on = pf_java_value(&ctl->conf.server,
                                   "zookeeper.ssl.client.enable");

    return on && !strcasecmp(on, "true");
}

void registered_pick_host(const char *connect, size_t which, char *ret,
                          size_t size)
{
    const char *path = connect + strcspn(connect, "/"), *host = connect;
    size_t n = 1;

    for (const char *c = connect; c < path; c++)
        n += *c == ',';
    for (which %= n; which; which--)
        host += strcspn(host, ",") + 1;
    snprintf(ret, size, "%.*s%s", (int)strcspn(host, ",/"), host, path);
}

/* What one of them dumps, into answer. */
static enum pf_rc ask(const struct ctl *ctl, const struct pf_zookeeper_tls *tls,
                      char *answer, struct pf_error *err)
{
    const char *connect = ctl->conf.zookeeper_connect;
    char host[512];

    for (size_t which = 0;; which++) {
        registered_pick_host(connect, which, host, sizeof host);
        host[strcspn(host, "/")] = '\0';
        pf_ask_zookeeper(host, tls, "dump", ASK_MS, answer, DUMP_BYTES);
        if (strstr(answer, "Sessions with Ephemerals"))
            return PF_OK;
        if (strstr(answer, "not in the whitelist"))
            return PF_UNDECIDED;
        if (!pf_left_ms(ctl->deadline_ms))
            return pf_fail(err, PF_IO, "ZooKeeper at %s: no answer", connect);
        pf_wait(-1, 0, PAUSE_MS);
    }
}

enum pf_rc registered_ask(const struct ctl *ctl, const char *path, bool *ret,
                          struct pf_error *err)
{
    const char *connect = ctl->conf.zookeeper_connect;
    struct pf_zookeeper_tls tls = pf_zookeeper_tls_of_broker(&ctl->conf.server);
    char line[512], *answer;
    enum pf_rc rc;

    if (!tls.certificate || !tls.authority)
        return PF_UNDECIDED;
    answer = malloc(DUMP_BYTES);
    if (!answer)
        return pf_fail(err, PF_NOMEM, "ZooKeeper: out of memory");
    snprintf(line, sizeof line, "\t%s%s\n", connect + strcspn(connect, "/"),
             path);
    rc = ask(ctl, &tls, answer, err);
    if (!rc)
        *ret = strstr(answer, line) != NULL;
    free(answer);
    return rc;
}
