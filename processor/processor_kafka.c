#include "processor_kafka.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "kafka_program.h"
#include "text.h"

/* Of the name of a group and of an instance: as in Kafka's topics. */
#define ID_MAX 249

struct pf_kafka_default pf_processor_kafka_defaults[] = {
    {"bootstrap.servers", "127.0.0.1:9092", PF_KAFKA_DEFAULT,
     "brokers to ask first, host:port,..."},
    {"client.id", "pf-processor", PF_KAFKA_DEFAULT,
     "name of this program in the broker's log"},
    {"group.id", "processor-OUTPUT", PF_KAFKA_DEFAULT,
     "the group that shares the input's partitions; OUTPUT is feed.output"},
    {"auto.offset.reset", "earliest", PF_KAFKA_DEFAULT,
     "where the group begins in a partition that is new to it"},
    {"partition.assignment.strategy", "cooperative-sticky", PF_KAFKA_DEFAULT,
     "an instance that comes or goes does not stop the others"},
    {"enable.auto.commit", "false", PF_KAFKA_FIXED,
     "a position is committed with what was written, by this program"},
    {"enable.auto.offset.store", "false", PF_KAFKA_FIXED, "the same"},
    {"enable.partition.eof", "true", PF_KAFKA_FIXED,
     "detects the topic's end: the marker of a transaction's end takes an "
     "offset"},
    {"isolation.level", "read_committed", PF_KAFKA_FIXED,
     "no records of open or aborted transactions, and no positions"},
    {"topic.metadata.refresh.interval.ms", "10000", PF_KAFKA_DEFAULT,
     "a topic or partition that is new is read this soon, ms"},
    {"check.crcs", "true", PF_KAFKA_DEFAULT,
     "detects damage by disk or network"},
    {"fetch.queue.backoff.ms", "1", PF_KAFKA_TUNING,
     "resume fetching as soon as there is room; otherwise small records stall "
     "for a second"},
    {"queued.min.messages", "9000", PF_KAFKA_DEFAULT,
     "as fast as ten times as many, in a fraction of the memory"},
    {"fetch.message.max.bytes", "196608", PF_KAFKA_DEFAULT,
     "all records of an answer are in memory at once, and more than one batch "
     "may be fetched twice"},
    {"queued.max.messages.kbytes", "16384", PF_KAFKA_DEFAULT,
     "limits the memory for records that wait to be read, in KiB"},
    {"enable.idempotence", "true", PF_KAFKA_FIXED,
     "a request that is sent again writes nothing twice"},
    {"acks", "all", PF_KAFKA_FIXED,
     "a record has arrived when all replicas in sync have it"},
    {"partitioner", "murmur2_random", PF_KAFKA_DEFAULT,
     "where a key decides the partition, it does as in Java's clients"},
    {"message.max.bytes", "1000000000", PF_KAFKA_DEFAULT,
     "the topic decides how long a record may be"},
    {"queue.buffering.max.messages", "20000", PF_KAFKA_DEFAULT,
     "limits the memory for records that wait to be written; while it is full "
     "none is read"},
    {"queue.buffering.max.kbytes", "65536", PF_KAFKA_DEFAULT,
     "the same, in KiB"},
    {"transaction.timeout.ms", "10000", PF_KAFKA_DEFAULT,
     "how long an instance that was killed can hold back readers of the "
     "output"},
    {"message.timeout.ms", "10000", PF_KAFKA_DEFAULT,
     "a record that takes longer fails its transaction; with at-least-once it "
     "is 0: never"},
    PF_KAFKA_CONNECTION_ROWS,
    {0},
};

/* What librdkafka's time-outs have to be, as they depend on each other. */
static enum pf_rc prepare_timeouts(const struct pf_processor_kafka *conf,
                                   const struct pf_settings *settings,
                                   struct pf_error *err)
{
    const struct pf_setting *set = pf_settings_get(settings,
                                                   "transaction.timeout.ms");
    static char transaction_ms[24] = "10000";
    int64_t ms = 10000;
    enum pf_rc rc = PF_OK;

    if (!conf->transactions) {
        pf_kafka_default_set(pf_processor_kafka_defaults, "message.timeout.ms",
                             "0");
        return PF_OK;
    }
    if (set)
        rc = pf_parse_int(set->value, 1000, INT32_MAX, &ms, err);
    if (rc)
        return pf_settings_fail(settings, "transaction.timeout.ms", rc, err);
    if (conf->commit_interval_ms > ms / 2) {
        pf_fail(err, PF_CONFIG,
                "%" PRId64 " ms is more than half of transaction.timeout.ms, "
                "which is %" PRId64,
                conf->commit_interval_ms, ms);
        return pf_settings_fail(settings, "feed.commit.interval.ms", PF_CONFIG,
                                err);
    }
    snprintf(transaction_ms, sizeof transaction_ms, "%" PRId64, ms);
    pf_kafka_default_set(pf_processor_kafka_defaults, "message.timeout.ms",
                         transaction_ms);
    if (ms < 10000)
        pf_kafka_default_set(pf_processor_kafka_defaults, "socket.timeout.ms",
                             transaction_ms);
    return PF_OK;
}

static enum pf_rc check_names(const struct pf_processor_kafka *conf,
                              const struct pf_settings *settings,
                              struct pf_error *err)
{
    const struct pf_setting *id = pf_settings_get(settings, "transactional.id");

    if (id)
        return pf_fail(err, PF_CONFIG,
                       "%s: transactional.id: it is made of group.id and "
                       "feed.instance",
                       id->where);
    if (!*conf->instance ||
        pf_name_ok(conf->instance, strlen(conf->instance), ID_MAX))
        return PF_OK;
    pf_fail(err, PF_CONFIG,
            "it is not a name of 1 to %d letters, digits, '.', '_' and '-'",
            ID_MAX);
    return pf_settings_fail(settings, "feed.instance", PF_CONFIG, err);
}

enum pf_rc pf_processor_kafka_prepare(const struct pf_processor_kafka *conf,
                                      const struct pf_settings *settings,
                                      struct pf_error *err)
{
    static char group[sizeof "processor-" + ID_MAX];
    enum pf_rc rc;

    snprintf(group, sizeof group, "processor-%s", conf->output);
    rc = pf_kafka_prepare_group(pf_processor_kafka_defaults, group, settings,
                                err);
    if (!rc)
        rc = check_names(conf, settings, err);
    if (!rc)
        rc = prepare_timeouts(conf, settings, err);
    /* Before 2.3 it may abort when a member ends that has led its group and got
     * nothing yet (its issue 4312). */
    if (rd_kafka_version() < 0x02030000)
        pf_kafka_default_set(pf_processor_kafka_defaults,
                             "partition.assignment.strategy",
                             "range,roundrobin");
    return rc;
}

void pf_processor_kafka_id(const struct pf_processor_kafka *conf,
                           const rd_kafka_conf_t *kafka,
                           char buf[static PF_PROCESSOR_ID_SIZE])
{
    char group[1024] = "", host[ID_MAX + 1] = "";
    size_t size = sizeof group;

    rd_kafka_conf_get(kafka, "group.id", group, &size);
    gethostname(host, sizeof host - 1);
    snprintf(buf, PF_PROCESSOR_ID_SIZE, "%s-%s", group,
             *conf->instance ? conf->instance : host);
}

rd_kafka_conf_t *pf_processor_kafka_part(const struct pf_processor_kafka *conf,
                                         rd_kafka_conf_t *kafka)
{
    char id[PF_PROCESSOR_ID_SIZE];
    rd_kafka_conf_t *producer;

    pf_kafka_conf_share(kafka);
    producer = rd_kafka_conf_dup(kafka);
    /* A consumer would make it the least that it fetches at a time. */
    rd_kafka_conf_set(kafka, "message.max.bytes", "1000000", NULL, 0);
    if (!conf->transactions)
        return producer;
    pf_processor_kafka_id(conf, kafka, id);
    rd_kafka_conf_set(producer, "transactional.id", id, NULL, 0);
    return producer;
}

void pf_processor_kafka_fit(rd_kafka_conf_t *producer, int64_t most)
{
    char text[24];

    if (most < 1 ||
        pf_kafka_conf_uint(producer, "batch.size") <= (uint64_t)most)
        return;
    snprintf(text, sizeof text, "%" PRId64, most);
    rd_kafka_conf_set(producer, "batch.size", text, NULL, 0);
}
