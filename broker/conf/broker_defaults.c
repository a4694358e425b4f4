#include "broker_defaults.h"

#include <stdio.h>

#include "java_settings.h"

/* The default of a setting, used unless it or another one is set. */
struct box_default {
    const char *name;
    const char *value;
    const char *unless; /* the other one; NULL: none */
    const char *why;
};

/* Only what a feed cannot do without. Retention and speed are set in
 * config/server.properties. */
static const struct box_default server_defaults[] = {
    {"log.dirs", "kafka", "log.dir", "in the volume"},
    {"log.cleaner.dedupe.buffer.size", "4194304", NULL,
     "Kafka's 128 MiB do not fit into the heap here"},
    {"socket.request.max.bytes", "16777216", NULL,
     "a request must fit into the heap"},
    {"offsets.topic.replication.factor", "1", NULL, "there is one broker"},
    {"offsets.topic.num.partitions", "1", NULL, "enough for one broker"},
    {"transaction.state.log.replication.factor", "1", NULL,
     "there is one broker"},
    {"transaction.state.log.min.isr", "1", NULL, "there is one broker"},
    {"transaction.state.log.num.partitions", "1", NULL,
     "enough for one broker"},
    {"auto.create.topics.enable", "false", NULL,
     "an early producer waits for its topic instead of being refused"},
    {"controlled.shutdown.enable", "false", NULL,
     "there is no other broker to take the partitions"},
};

static const struct box_default zookeeper_defaults[] = {
    {"dataDir", "zookeeper", NULL, "in the volume"},
    {"clientPort", "2181", "secureClientPort", "where the broker looks for it"},
    {"clientPortAddress", "127.0.0.1", NULL, "it has no authentication"},
    {"admin.enableServer", "false", NULL, "it has no authentication"},
    {"autopurge.purgeInterval", "24", NULL,
     "old snapshots would fill the volume"},
};

static enum pf_rc put_one(struct pf_settings *settings,
                          const struct box_default *d, struct pf_error *err)
{
    char where[120];

    if (pf_java_value(settings, d->name) ||
        (d->unless && pf_java_value(settings, d->unless)))
        return PF_OK;
    snprintf(where, sizeof where, "pricefeed: %s", d->why);
    return pf_settings_put(settings, d->name, d->value, where, PF_FROM_COMMAND,
                           err);
}

/* Find ZooKeeper at the port that its own settings name. */
static enum pf_rc put_connect(struct pf_settings *server,
                              const struct pf_settings *zookeeper,
                              struct pf_error *err)
{
    const char *port = pf_java_value(zookeeper, "clientPort");
    char connect[64];
    const struct box_default d = {"zookeeper.connect", connect, NULL,
                                  "clientPort of zookeeper.properties"};

    if (!port)
        return PF_OK; /* TLS only: set deliberately, so not checked */
    snprintf(connect, sizeof connect, "127.0.0.1:%.10s", port);
    return put_one(server, &d, err);
}

/* Memory for queued requests: 32 MiB, or more if one request may be larger,
 * as Kafka requires room for at least one. */
static enum pf_rc put_queue(struct pf_settings *server, struct pf_error *err)
{
    static const char one[] = "socket.request.max.bytes";
    struct box_default d = {"queued.max.request.bytes", "33554432", NULL,
                            "waiting requests must fit into the heap"};

    if (pf_java_int(server, one, 1, INT32_MAX, 0) > 33554432)
        d.value = pf_java_value(server, one);
    return put_one(server, &d, err);
}

enum pf_rc pf_broker_defaults_put(struct pf_settings *server,
                                  struct pf_settings *zookeeper,
                                  struct pf_error *err)
{
    enum pf_rc rc = PF_OK;

#define COUNT(table) (sizeof(table) / sizeof *(table))
    for (size_t i = 0; !rc && i < COUNT(zookeeper_defaults); i++)
        rc = put_one(zookeeper, &zookeeper_defaults[i], err);
    for (size_t i = 0; !rc && i < COUNT(server_defaults); i++)
        rc = put_one(server, &server_defaults[i], err);
    if (!rc)
        rc = put_queue(server, err);
    return rc ? rc : put_connect(server, zookeeper, err);
}

enum pf_rc pf_broker_defaults_check_replicas(const struct pf_settings *server,
                                             struct pf_error *err)
{
    static const char *const names[] = {
        "offsets.topic.replication.factor",
        "transaction.state.log.replication.factor",
    };

    for (size_t i = 0; i < COUNT(names); i++) {
        /* Kafka itself refuses what is not a number. */
        int64_t n = pf_java_int(server, names[i], 1, INT32_MAX, 1);

        if (n > 1)
            return pf_fail(err, PF_CONFIG,
                           "%s: %s: %lld replicas need that many brokers, and "
                           "this is the only one; set it to 1, or leave it out",
                           pf_settings_where(server, names[i]), names[i],
                           (long long)n);
    }
    return PF_OK;
}
