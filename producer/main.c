/* pf-producer: sends the records of a source to Kafka or the console. */
#include <json-c/json.h>
#include <string.h>

#include "kafka_program.h"
#include "produce.h"
#include "run.h"
#include "text.h"

/* Where keys decide, records do not leave in the order in which their memory
 * was allocated: what is in flight should fit into the processor's cache. To
 * six partitions, with a queue and batches as for one, a record took twice as
 * much processor time: 1.6 us instead of 0.8. */
#define BY_KEY_QUEUE "10000"
#define BY_KEY_BATCH "1000"

/* When a request is refused because too few replicas are in sync, those behind
 * it are out of order. librdkafka (2.8.0) goes on under a new epoch then, and a
 * record that a killed leader had not acknowledged yet is in the topic twice.
 * To six partitions, 1 was faster than 5 in each of five pairs, by 3 to 73 %.
 */
#define BY_KEY_IN_FLIGHT "1"

static struct pf_option options[] = {
    PF_SOURCES_OPTIONS(struct pf_producer, sources),
    PF_BAD_RECORDS_OPTIONS(struct pf_producer, bad),
    PF_OPTION_STR(struct pf_producer, topic, "feed.topic", "prices-topic",
                  "topic to produce to"),
    PF_OPTION_STR(struct pf_producer, partition, "feed.partition", "0",
                  "partition of that topic; by-key: a record's key decides, as "
                  "in Java's clients; the key of a price is its match"),
    PF_OPTION_CHOICE(
        struct pf_producer, sink, "feed.sink", "kafka", "kafka|console",
        "where records go; console: standard output, without Kafka"),
    PF_OPTION_STR(
        struct pf_producer, console, "feed.console", "",
        "file, pipe or terminal for feed.sink=console; empty: standard output"),
    PF_OPTION_STR(struct pf_producer, run, "feed.run", "",
                  "name of the run, in record headers; empty: from seed or "
                  "recording, to continue; else a new name"),
    PF_OPTION_CHOICE(struct pf_producer, headers, "feed.headers", "first",
                     "first|all",
                     "which records carry run, number and time in headers; "
                     "first: the first of those sent together; all, always "
                     "with by-key: four times the processor time"),
    PF_OPTION_STR(struct pf_producer, ledger, "feed.ledger", "",
                  "file that logs each record before it is sent, and its "
                  "outcome, for pf-audit; empty: none"),
    PF_OPTION_STR(
        struct pf_producer, stats, "feed.stats", "",
        "file with counters, for health checks and metrics; empty: none"),
    PF_SERVE_OPTIONS(struct pf_producer, serve),
    PF_FAULTS_OPTIONS(struct pf_producer, faults),
    PF_OPTION_END,
};

static struct pf_kafka_default kafka_defaults[] = {
    {"bootstrap.servers", "127.0.0.1:9092", PF_KAFKA_DEFAULT,
     "brokers to ask first, host:port,..."},
    {"client.id", "pf-producer", PF_KAFKA_DEFAULT,
     "name of this program in the broker's log"},
    {"enable.idempotence", "true", PF_KAFKA_DEFAULT,
     "keeps order, and each record once, across retries"},
    {"acks", "all", PF_KAFKA_DEFAULT,
     "a record is delivered when all in-sync replicas have it"},
    {"message.timeout.ms", "0", PF_KAFKA_DEFAULT,
     "never: a record that times out would be a silent gap"},
    {"queue.buffering.max.messages", "30000", PF_KAFKA_DEFAULT,
     "bounds memory; a full queue makes the source wait (by-key: 10000)"},
    {"queue.buffering.max.kbytes", "65536", PF_KAFKA_DEFAULT,
     "the same, in KiB"},
    {"batch.num.messages", "5000", PF_KAFKA_DEFAULT,
     "idempotent librdkafka sends more only when all is answered; the next "
     "batches wait in the queue (by-key: 1000)"},
    {"max.in.flight.requests.per.connection", "5", PF_KAFKA_DEFAULT,
     "1: no record is there twice, even if several brokers of a cluster fail "
     "(by-key: 1)"},
    PF_KAFKA_CONNECTION_ROWS,
    {"partitioner", "murmur2_random", PF_KAFKA_FIXED,
     "with feed.partition = by-key: the partition of a key is the one that "
     "Java's clients choose"},
    {"linger.ms", "0", PF_KAFKA_DEFAULT,
     "follows the rate: 0 up to 1000 records/s, 1 above and for a paced "
     "replay, 200 unpaced (by-key: 20)"},
    {0},
};

/* With by-key, all is what feed.headers is if it is not set: --show-config has
 * to say so. */
static void default_to_all_headers(struct pf_producer *conf)
{
    struct pf_option *option = options;

    while (strcmp(option->name, "feed.headers") != 0)
        option++;
    option->initial = "all";
    conf->headers = PF_HEADERS_ALL;
}

/* What feed.partition asks for: where keys decide, each record has headers. */
static enum pf_rc check_partition(struct pf_producer *conf,
                                  const struct pf_settings *settings,
                                  struct pf_error *err)
{
    bool by_key = !strcmp(conf->partition, "by-key");
    int64_t number = PF_BY_KEY;

    enum pf_rc rc = PF_OK;

    if (!by_key)
        rc = pf_parse_int(conf->partition, 0, INT32_MAX, &number, err);
    if (rc == PF_FORMAT)
        pf_fail(err, rc, "'%.40s' is neither by-key nor a number%s",
                conf->partition, pf_quotes_hint(conf->partition));
    if (rc)
        return pf_settings_fail(settings, "feed.partition", PF_CONFIG, err);
    conf->partition_number = (int32_t)number;
    if (by_key && conf->headers == PF_HEADERS_FIRST &&
        pf_settings_get(settings, "feed.headers")) {
        pf_fail(err, PF_CONFIG,
                "with feed.partition = by-key every record has headers, or a "
                "run could not go on: remove this, or set it to all");
        return pf_settings_fail(settings, "feed.headers", PF_CONFIG, err);
    }
    if (by_key)
        default_to_all_headers(conf);
    return PF_OK;
}

static enum pf_rc prepare(void *context, const struct pf_settings *settings,
                          struct pf_error *err)
{
    struct pf_producer *conf = context;
    enum pf_rc rc = pf_topic_check(conf->topic, err);

    if (rc)
        return pf_settings_fail(settings, "feed.topic", rc, err);
    if (*conf->ledger && conf->sink != PF_TO_KAFKA) {
        pf_fail(err, PF_CONFIG,
                "nothing is acknowledged with feed.sink = console, so there "
                "is nothing to enter: remove this");
        return pf_settings_fail(settings, "feed.ledger", PF_CONFIG, err);
    }
    rc = check_partition(conf, settings, err);
    if (!rc)
        rc = pf_sources_check(&conf->sources, settings, err);
    if (!rc)
        rc = pf_faults_check(&conf->faults, conf->sources.seed_number, settings,
                             err);
    if (!rc)
        rc = pf_bad_records_check(&conf->bad, settings, conf->topic, err);
    if (!rc)
        rc = pf_serve_check(&conf->serve, settings, err);
    if (rc)
        return rc;
    conf->goes_on = pf_sources_repeat(&conf->sources) && conf->faults.sum == 0;
    rc = pf_run_name(conf->run, conf->goes_on ? &conf->sources : NULL,
                     conf->run_name, err);
    if (rc)
        return pf_settings_fail(settings, "feed.run", rc, err);
    if (conf->partition_number == PF_BY_KEY) {
        pf_kafka_default_set(kafka_defaults, "queue.buffering.max.messages",
                             BY_KEY_QUEUE);
        pf_kafka_default_set(kafka_defaults, "batch.num.messages",
                             BY_KEY_BATCH);
        pf_kafka_default_set(kafka_defaults,
                             "max.in.flight.requests.per.connection",
                             BY_KEY_IN_FLIGHT);
    }
    pf_kafka_default_set(
        kafka_defaults, "linger.ms",
        pf_sources_linger(&conf->sources, conf->partition_number == PF_BY_KEY));
    return PF_OK;
}

/* What --version names. */
static const struct pf_part parts[] = {
    {"librdkafka", rd_kafka_version_str}, {"json-c", json_c_version}, {0}};

static const struct pf_program program = {
    .name = "producer",
    .command = "pf-producer",
    .prefix = "PRODUCER_",
    .summary =
        "Send prices, {\"match\": 123, \"price\": 4.56}, or other events, "
        "in order, to a\nKafka topic.\n",
    .options = options,
    .parts = parts,
    .library = &pf_kafka_library,
    .library_defaults = kafka_defaults,
    .prepare = prepare,
    .run = pf_produce,
};

int main(int argc, char **argv)
{
    struct pf_producer conf = {0};

    return pf_program_main(&program, argc, argv, &conf);
}
