/* health_role.c - `pf-broker health` where one part of a feed runs: by role. */
#include "health_role.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "address.h"
#include "clock.h"
#include "ctl.h"
#include "dial.h"
#include "feed_health.h"
#include "java_settings.h"
#include "stop.h"
#include "volume.h"

#define ASK_MS 2000 /* for the broker's answer */

/* Longer than pf-connect waits for an answer of Kafka Connect. */
#define CONNECTORS_OLD_S 120

static bool has(const int32_t *list, int n, int32_t id)
{
    for (int i = 0; i < n; i++)
        if (list[i] == id)
            return true;
    return false;
}

int health_behind(const struct rd_kafka_metadata *known, int32_t id)
{
    int behind = 0;

    for (int t = 0; t < known->topic_cnt; t++)
        for (int p = 0; p < known->topics[t].partition_cnt; p++) {
            const struct rd_kafka_metadata_partition *at =
                &known->topics[t].partitions[p];

            behind += has(at->replicas, at->replica_cnt, id) &&
                      !has(at->isrs, at->isr_cnt, id);
        }
    return behind;
}

static bool is_registered(const struct rd_kafka_metadata *known, int32_t id)
{
    for (int i = 0; i < known->broker_cnt; i++)
        if (known->brokers[i].id == id)
            return true;
    return false;
}

/* What the broker knows of itself; it has answered. */
static enum pf_rc judge_broker(rd_kafka_t *rk,
                               const struct rd_kafka_metadata *known,
                               int32_t id, struct pf_error *err)
{
    int behind = health_behind(known, id);

    if (!is_registered(known, id))
        return pf_fail(err, PF_IO,
                       "broker %d: the others do not know it; its log says why",
                       id);
    if (rd_kafka_controllerid(rk, ASK_MS) < 0)
        return pf_fail(err, PF_IO, "broker %d: there is no controller", id);
    if (behind)
        return pf_fail(err, PF_IO,
                       "broker %d: %d of its partitions are not in sync", id,
                       behind);
    printf("healthy: broker %d is in sync\n", id);
    return PF_OK;
}

static enum pf_rc check_broker(const struct ctl *ctl, struct pf_error *err)
{
    const struct rd_kafka_metadata *known = NULL;
    rd_kafka_resp_err_t failed;
    rd_kafka_t *rk = NULL;
    enum pf_rc rc = pf_knock(ctl->conf.local, CTL_KNOCK_MS, err);

    if (!rc)
        rc = ctl_open(ctl, RD_KAFKA_CONSUMER, &rk, err);
    if (rc)
        return pf_fail_in(err, rc, "broker: ");
    failed = rd_kafka_metadata(rk, 1, NULL, &known, ASK_MS);
    if (failed)
        return pf_fail(err, PF_IO, "broker: it does not answer at %s: %s",
                       ctl->conf.local, rd_kafka_err2str(failed));
    rc = judge_broker(rk, known, (int32_t)pf_volume_id(&ctl->conf), err);
    rd_kafka_metadata_destroy(known);
    return rc;
}

/* Where ZooKeeper's own settings have it listen. */
static enum pf_rc check_zookeeper(const struct ctl *ctl, struct pf_error *err)
{
    const struct pf_settings *zookeeper = &ctl->conf.zookeeper;
    struct pf_zookeeper_tls tls = pf_zookeeper_tls_of_itself(zookeeper);
    bool is_tls = tls.certificate;
    const char *host = pf_java_value(
        zookeeper, is_tls ? "secureClientPortAddress" : "clientPortAddress");
    const char *port = pf_java_value(zookeeper, is_tls ? "secureClientPort"
                                                       : "clientPort");
    char address[PF_HOST_SIZE + 16];

    if (!host || pf_host_is_any(host))
        host = "127.0.0.1";
    snprintf(address, sizeof address,
             strchr(host, ':') && *host != '[' ? "[%s]:%s" : "%s:%s", host,
             port ? port : "2181");
    if (!ctl_zookeeper_serves(address, &tls))
        return pf_fail(err, PF_IO, "ZooKeeper at %s does not serve", address);
    printf("healthy: ZooKeeper serves\n");
    return PF_OK;
}

static enum pf_rc check_producer(const struct ctl *ctl, struct pf_error *err)
{
    struct pf_health_look look;
    enum pf_rc rc = pf_health_look_at_producer(ctl->places.run, &look, err);

    if (!rc)
        printf("healthy: %llu records sent since the producer started\n",
               (unsigned long long)look.producer.arrived);
    return rc;
}

/* Look for as long as a feed may stand still, but not longer than needed. */
static enum pf_rc check_consumer(const struct ctl *ctl, struct pf_error *err)
{
    int64_t deadline_ms = pf_now_ms() + PF_HEALTH_WATCH_MS;
    struct pf_health_look first, now;
    enum pf_rc rc = pf_health_look_at_consumer(ctl->places.run, &first, err);

    now = first;
    if (!rc)
        rc = pf_health_judge(&first, &now, err);
    while (rc == PF_AGAIN && pf_left_ms(deadline_ms)) {
        pf_wait(-1, 0, CTL_PAUSE_MS);
        rc = pf_health_look_at_consumer(ctl->places.run, &now, err);
        if (!rc)
            rc = pf_health_judge(&first, &now, err);
    }
    if (!rc)
        printf("healthy: %llu records arrived since the consumer started\n",
               (unsigned long long)now.consumer.arrived);
    return rc;
}

static enum pf_rc check_alive(const struct pf_role_note *note,
                              struct pf_error *err)
{
    if (note->pid <= 0 || (kill(note->pid, 0) && errno == ESRCH))
        return pf_fail(err, PF_IO, "%s: it is not running", note->role);
    printf("healthy: %s runs\n", note->role);
    return PF_OK;
}

/* What pf-connect wrote with its last look, which may be at a slow database. */
static enum pf_rc check_connect(const struct ctl *ctl, struct pf_error *err)
{
    struct pf_path path = pf_path_in(ctl->places.run, PF_CONNECTORS_STATE);
    FILE *in = fopen(path.text, "re");
    struct stat status;
    char text[1000] = "";
    bool is_old;

    if (!in)
        return pf_fail(err, PF_IO, "connect: it has not started");
    is_old = fstat(fileno(in), &status) ||
             time(NULL) - status.st_mtime > CONNECTORS_OLD_S;
    if (!fgets(text, sizeof text, in))
        *text = '\0';
    fclose(in);
    text[strcspn(text, "\n")] = '\0';
    if (is_old)
        return pf_fail(err, PF_IO, "connect: nobody looks after connectors");
    if (strncmp(text, "well ", 5))
        return pf_fail(err, PF_IO, "connect: %s",
                       strncmp(text, "ill ", 4) ? text : text + 4);
    printf("healthy: %s\n", text + 5);
    return PF_OK;
}

enum pf_rc health_of_role(const struct ctl *ctl,
                          const struct pf_role_note *note, struct pf_error *err)
{
    static const struct {
        const char *role;
        enum pf_rc (*check)(const struct ctl *ctl, struct pf_error *err);
    } checks[] = {
        {"broker", check_broker},     {"zookeeper", check_zookeeper},
        {"producer", check_producer}, {"consumer", check_consumer},
        {"connect", check_connect},
    };

    for (size_t i = 0; i < sizeof checks / sizeof *checks; i++)
        if (!strcmp(checks[i].role, note->role))
            return checks[i].check(ctl, err);
    return check_alive(note, err);
}
