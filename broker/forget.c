/* forget.c - `pf-broker forget`: remove what a killed broker left behind.
 *
 * ZooKeeper keeps the registration of a broker that was killed until its
 * session expires, up to 18 seconds. The next broker would fail, because it
 * must create /brokers/ids/N itself. As long as /controller belongs to the dead
 * session, too, no topic gets a leader. It is safe to remove both: no other
 * broker can have this id, as the volume is locked and ZooKeeper is on this
 * machine.
 */
#define THREADED /* zookeeper.h: the synchronous calls */
#include <zookeeper/zookeeper.h>

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clock.h"
#include "ctl.h"
#include "log.h"
#include "stop.h"
#include "volume.h"

/* A session that is not established within this time takes seconds more, as it
 * was requested just before ZooKeeper began to serve: then try a new one. */
#define CONNECT_MS 250

#define SESSION_MS 6000

/* Send "srvr" and read the answer until it is complete, or a timeout. */
static void ask_srvr(const char *address, char *answer, size_t size)
{
    int64_t deadline_ms = pf_now_ms() + CONNECT_MS;
    size_t used = 0;
    ssize_t n = 1;
    int fd;

    *answer = '\0';
    if (ctl_connect(address, &fd, NULL))
        return;
    if (send(fd, "srvr", 4, MSG_NOSIGNAL) != 4)
        n = 0;
    while (n > 0 && used + 1 < size &&
           !pf_wait(fd, POLLIN, pf_left_ms(deadline_ms))) {
        n = read(fd, answer + used, size - 1 - used);
        used += n > 0 ? (size_t)n : 0;
    }
    answer[used] = '\0';
    close(fd);
}

/*
 * ZooKeeper's port opens before it serves. If this command is not allowed,
 * ZooKeeper says so only once it serves.
 */
static enum pf_rc wait_until_it_serves(const struct ctl *ctl,
                                       struct pf_error *err)
{
    char answer[1024];

    for (;;) {
        ask_srvr(ctl->conf.zookeeper_address, answer, sizeof answer);
        if (strstr(answer, "Mode") || strstr(answer, "not in the whitelist"))
            return PF_OK;
        if (!pf_left_ms(ctl->deadline_ms))
            return pf_fail(err, PF_IO, "ZooKeeper at %s does not serve: %.100s",
                           ctl->conf.zookeeper_address,
                           *answer ? answer : "no answer");
        pf_wait(-1, 0, CTL_PAUSE_MS);
    }
}

static enum pf_rc open_session(const struct ctl *ctl, zhandle_t **ret,
                               struct pf_error *err)
{
    zoo_set_debug_level(0); /* no log lines of its own */
    for (;;) {
        int64_t deadline = pf_now_ms() + CONNECT_MS;
        zhandle_t *zk = zookeeper_init(ctl->conf.zookeeper_connect, NULL,
                                       SESSION_MS, NULL, NULL, 0);

        while (zk && zoo_state(zk) != ZOO_CONNECTED_STATE &&
               pf_now_ms() < deadline)
            pf_wait(-1, 0, 1);
        if (zk && zoo_state(zk) == ZOO_CONNECTED_STATE) {
            *ret = zk;
            return PF_OK;
        }
        if (zk)
            zookeeper_close(zk);
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

enum pf_rc ctl_forget(struct ctl *ctl, struct pf_error *err)
{
    struct pf_volume_state state = pf_volume_look(&ctl->conf);
    zhandle_t *zk = NULL;
    enum pf_rc rc;

    if (!state.has_kafka || state.is_clean || state.broker_id < 0)
        return PF_OK; /* nothing was left behind */
    pf_volume_distrust(&ctl->conf);
    if (!ctl->conf.zookeeper_is_ours) {
        pf_log(PF_LOG_WARNING,
               "broker %lld was killed; ZooKeeper at %s is not the feed's, so "
               "its registration stays until it expires",
               (long long)state.broker_id, ctl->conf.zookeeper_connect);
        return PF_OK;
    }
    rc = wait_until_it_serves(ctl, err);
    if (!rc)
        rc = open_session(ctl, &zk, err);
    if (!rc)
        rc = forget(zk, state.broker_id, err);
    if (zk)
        zookeeper_close(zk);
    return rc;
}
