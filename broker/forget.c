/* forget.c - `pf-broker forget`: nothing of a killed broker is left behind.
 *
 * ZooKeeper keeps the registration of a broker that was killed until its
 * session expires, up to 6 seconds as shipped. The next broker would fail,
 * because it must create /brokers/ids/N itself. As long as /controller belongs
 * to the dead session, too, no topic gets a leader.
 *
 * Where ZooKeeper is the feed's own, both are removed. It is, if
 * zookeeper.connect is a single address of this machine: no other broker can
 * have this id then, as the volume is locked. Any other ZooKeeper may be shared
 * with brokers that live, and is left alone: this call waits until the
 * registration has gone by itself. libzookeeper speaks no TLS here, so one that
 * does is asked by its command `dump`, which names all registrations.
 */
#define THREADED /* zookeeper.h: the synchronous calls */
#include <zookeeper/zookeeper.h>

#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "ctl.h"
#include "four_letters.h"
#include "log.h"
#include "registered.h"
#include "stop.h"
#include "volume.h"

/* A session that is not established within this time takes seconds more, as it
 * was requested just before ZooKeeper began to serve: then try a new one. */
#define CONNECT_MS 250

#define SESSION_MS 6000

/* For the answer to a command; on a busy machine a TLS handshake of a JVM takes
 * its time. */
#define SERVE_MS 1000

static const struct pf_zookeeper_tls in_plain_text = {NULL, NULL};

/* If this command is not allowed, ZooKeeper says so only once it serves. */
static bool serves(const char *answer)
{
    return strstr(answer, "Mode") || strstr(answer, "not in the whitelist");
}

bool ctl_zookeeper_serves(const char *address,
                          const struct pf_zookeeper_tls *tls)
{
    char answer[1024];

    pf_ask_zookeeper(address, tls, "srvr", SERVE_MS, answer, sizeof answer);
    return serves(answer);
}

/* ZooKeeper's port opens before it serves. */
static enum pf_rc wait_until_it_serves(const struct ctl *ctl,
                                       struct pf_error *err)
{
    char answer[1024];

    for (;;) {
        pf_ask_zookeeper(ctl->conf.zookeeper_address, &in_plain_text, "srvr",
                         CONNECT_MS, answer, sizeof answer);
        if (serves(answer))
            return PF_OK;
        if (!pf_left_ms(ctl->deadline_ms))
            return pf_fail(err, PF_IO, "ZooKeeper at %s does not serve: %.100s",
                           ctl->conf.zookeeper_address,
                           *answer ? answer : "no answer");
        pf_wait(-1, 0, CTL_PAUSE_MS);
    }
}

/* One host at a time: libzookeeper takes none of them when the name of one is
 * unknown, as that of a container is that does not run. */
static enum pf_rc open_session(const struct ctl *ctl, zhandle_t **ret,
                               struct pf_error *err)
{
    char host[512];

    zoo_set_debug_level(0); /* no log lines of its own */
    for (size_t which = 0;; which++) {
        int64_t deadline = pf_now_ms() + CONNECT_MS;
        zhandle_t *zk;

        registered_pick_host(ctl->conf.zookeeper_connect, which, host,
                             sizeof host);
        zk = zookeeper_init(host, NULL, SESSION_MS, NULL, NULL, 0);
        while (zk && zoo_state(zk) != ZOO_CONNECTED_STATE &&
               pf_now_ms() < deadline)
            pf_wait(-1, 0, 1);
        if (zk && zoo_state(zk) == ZOO_CONNECTED_STATE) {
            *ret = zk;
            return PF_OK;
        }
        if (zk)
            zookeeper_close(zk);
        else
            pf_wait(-1, 0, CTL_PAUSE_MS);
        if (!pf_left_ms(ctl->deadline_ms))
            return pf_fail(err, PF_IO, "ZooKeeper at %s: no session",
                           ctl->conf.zookeeper_connect);
    }
}

/* Delete a node that would disappear with its session anyway. */
static enum pf_rc delete_node(zhandle_t *zk, const char *path,
                              struct pf_error *err)
{
    int rc = zoo_delete(zk, path, -1);

    if (rc != ZOK && rc != ZNONODE)
        return pf_fail(err, PF_IO, "ZooKeeper: %s: %s", path, zerror(rc));
    if (rc == ZOK)
        pf_log(PF_LOG_INFO, "removed %s of the broker that was killed", path);
    return PF_OK;
}

/* The id of the controller, from {"version":2,"brokerid":0,...}; -1 if there is
 * none. */
static int64_t read_controller(zhandle_t *zk)
{
    static const char name[] = "\"brokerid\":";
    char data[512];
    int len = sizeof data - 1;
    const char *found;

    if (zoo_get(zk, "/controller", 0, data, &len, NULL) != ZOK || len < 0)
        return -1;
    data[len] = '\0';
    found = strstr(data, name);
    return found ? strtoll(found + sizeof name - 1, NULL, 10) : -1;
}

static enum pf_rc forget(zhandle_t *zk, int64_t id, struct pf_error *err)
{
    char path[64];
    enum pf_rc rc = PF_OK;

    snprintf(path, sizeof path, "/brokers/ids/%lld", (long long)id);
    if (read_controller(zk) == id)
        rc = delete_node(zk, "/controller", err);
    return rc ? rc : delete_node(zk, path, err);
}

/* How often to look whether a registration has gone. */
#define GONE_PAUSE_MS 50
#define GONE_TLS_PAUSE_MS 500 /* each time with a handshake */

/* Is there a registration at path? Asked in the session zk; NULL: by TLS. */
static enum pf_rc is_there(const struct ctl *ctl, zhandle_t *zk,
                           const char *path, bool *ret, struct pf_error *err)
{
    int rc;

    if (!zk)
        return registered_ask(ctl, path, ret, err);
    rc = zoo_exists(zk, path, 0, NULL);
    if (rc != ZOK && rc != ZNONODE)
        return pf_fail(err, PF_IO, "ZooKeeper: %s: %s", path, zerror(rc));
    *ret = rc == ZOK;
    return PF_OK;
}

/* Wait until the registration of broker id has gone. */
static enum pf_rc wait_until_gone(const struct ctl *ctl, zhandle_t *zk,
                                  int64_t id, struct pf_error *err)
{
    bool there = false, said = false;
    char path[64];
    enum pf_rc rc;

    snprintf(path, sizeof path, "/brokers/ids/%lld", (long long)id);
    while (!(rc = is_there(ctl, zk, path, &there, err)) && there) {
        if (!said)
            pf_log(PF_LOG_INFO,
                   "waiting until %s of the broker that was killed expires",
                   path);
        said = true;
        if (!pf_left_ms(ctl->deadline_ms))
            return pf_fail(err, PF_IO,
                           "ZooKeeper: %s does not go: another broker with "
                           "this id runs; give one of them another broker.id, "
                           "and a volume of its own",
                           path);
        pf_wait(-1, 0, zk ? GONE_PAUSE_MS : GONE_TLS_PAUSE_MS);
    }
    if (rc != PF_UNDECIDED)
        return rc;
    pf_log(PF_LOG_INFO, "ZooKeeper, which is reached by TLS, does not say who "
                        "is registered: after a kill the broker may end, and "
                        "be started again, until its registration has expired");
    return PF_OK;
}

enum pf_rc ctl_forget(struct ctl *ctl, struct pf_error *err)
{
    struct pf_volume_state state = pf_volume_look(&ctl->conf);
    /* libzookeeper cannot remove anything by TLS, so that is as any other. */
    bool is_ours = ctl->conf.zookeeper_is_ours && !registered_by_tls(ctl);
    bool was_killed = state.has_kafka && !state.is_clean;
    int64_t id = is_ours ? state.broker_id : pf_volume_id(&ctl->conf);
    zhandle_t *zk = NULL;
    enum pf_rc rc = PF_OK;

    if (was_killed && state.broker_id >= 0)
        pf_volume_distrust(&ctl->conf);
    /* In a cluster the data may have been lost together with the broker. */
    if (id < 0 || (is_ours && !was_killed))
        return PF_OK; /* nothing was left behind */
    if (is_ours)
        rc = wait_until_it_serves(ctl, err);
    if (!rc && (is_ours || !registered_by_tls(ctl)))
        rc = open_session(ctl, &zk, err);
    if (!rc)
        rc = is_ours ? forget(zk, id, err) : wait_until_gone(ctl, zk, id, err);
    if (zk)
        zookeeper_close(zk);
    return rc;
}
