/* pf-audit: whether a feed was delivered. */
#include <json-c/json.h>

#include "audit.h"
#include "headers.h"
#include "kafka_program.h"
#include "text.h"

static const struct pf_option options[] = {
    PF_OPTION_STR(struct pf_audit, feed.topic, "feed.topic", "prices-topic",
                  "topic to audit"),
    PF_OPTION_STR(struct pf_audit, partition, "feed.partition", "0",
                  "partition of that topic; all: every one, with order judged "
                  "within each key"),
    PF_OPTION_STR(
        struct pf_audit, ledgers, "feed.ledger", "",
        "the producer's ledger, or several, separated by commas; empty: none"),
    PF_OPTION_STR(struct pf_audit, console, "audit.console", "",
                  "file or pipe with what the consumer printed; -: standard "
                  "input; empty: none"),
    PF_OPTION_CHOICE(struct pf_audit, feed.any_values, "audit.values", "price",
                     "price|any",
                     "valid values; price: prices in the feed's range, printed "
                     "in canonical form"),
    PF_OPTION_INT(struct pf_audit, feed.late_ms, "audit.late.ms", "0", 0,
                  86400000,
                  "a record sent this many milliseconds after it was made, or "
                  "more, is late; 0: never"),
    PF_OPTION_INT(struct pf_audit, feed.silence_ms, "audit.silence.ms", "0", 0,
                  86400000,
                  "a gap of this many milliseconds, or more, between two "
                  "records is a silence; 0: never"),
    PF_OPTION_INT(
        struct pf_audit, twice_max, "audit.printed.twice.max", "0", 0, 1e15,
        "how many lines may be printed twice, after a kill of the consumer"),
    PF_OPTION_BOOL(struct pf_audit, complete, "audit.complete", "false",
                   "true: every record must have been printed"),
    PF_OPTION_STR(
        struct pf_audit, feed.run_header, "audit.header.run", PF_HEADER_RUN,
        "header with the name of the run; empty: all records are one run"),
    PF_OPTION_STR(struct pf_audit, feed.seq_header, "audit.header.sequence",
                  PF_HEADER_NUMBER,
                  "header with the record's number in its run; a record "
                  "without it has the next number, with feed.partition = "
                  "all none"),
    PF_OPTION_STR(struct pf_audit, feed.time_header, "audit.header.time",
                  PF_HEADER_TIME,
                  "header with the time the record was made, in nanoseconds "
                  "since 1970; empty: none"),
    PF_OPTION_INT(struct pf_audit, reading.start, "audit.start", "0", 0, 1e18,
                  "offset to begin at, or the first one after it that exists"),
    PF_OPTION_INT(struct pf_audit, reading.end, "audit.end", "0", 0, 1e18,
                  "offset to end before; 0: the topic's end"),
    PF_OPTION_BOOL(struct pf_audit, reading.follow, "audit.follow", "false",
                   "true: keep reading until SIGINT or SIGTERM, then report"),
    PF_OPTION_INT(struct pf_audit, wait_ms, "audit.wait.ms", "10000", 100,
                  3600000,
                  "give up, undecided, when the broker sends nothing for this "
                  "many milliseconds; and the longest wait for a number that a "
                  "partition may still get"),
    PF_OPTION_STR(
        struct pf_audit, findings, "audit.findings", "",
        "file for the findings, one KIND SEQUENCE per line; empty: none"),
    PF_OPTION_CHOICE(struct pf_audit, format, "audit.format", "text",
                     "text|json", "form of the report"),
    PF_OPTION_END,
};

static struct pf_kafka_default kafka_defaults[] = {
    {"bootstrap.servers", "127.0.0.1:9092", PF_KAFKA_DEFAULT,
     "brokers to ask first, host:port,..."},
    {"client.id", "pf-audit", PF_KAFKA_DEFAULT,
     "name of this program in the broker's log"},
    {"group.id", "pf-audit", PF_KAFKA_DEFAULT,
     "librdkafka requires one; it is neither read nor committed to"},
    {"enable.auto.commit", "false", PF_KAFKA_FIXED, "an audit leaves no trace"},
    {"enable.auto.offset.store", "false", PF_KAFKA_FIXED, "the same"},
    {"enable.partition.eof", "true", PF_KAFKA_FIXED, "detects the topic's end"},
    {"isolation.level", "read_committed", PF_KAFKA_DEFAULT,
     "what a consumer sees: no records of aborted transactions"},
    {"auto.offset.reset", "error", PF_KAFKA_FIXED,
     "if records vanish while they are read, nothing can be decided"},
    {"check.crcs", "true", PF_KAFKA_DEFAULT,
     "detects damage by disk or network"},
    {"fetch.queue.backoff.ms", "1", PF_KAFKA_TUNING,
     "resume fetching as soon as there is room"},
    {"queued.min.messages", "100000", PF_KAFKA_DEFAULT,
     "records fetched ahead"},
    {"queued.max.messages.kbytes", "32768", PF_KAFKA_DEFAULT,
     "limits the memory for these, in KiB"},
    PF_KAFKA_CONNECTION_ROWS,
    {0},
};

static const struct pf_long_option longs[] = {
    {"topic", "feed.topic", NULL},      {"ledger", "feed.ledger", NULL},
    {"console", "audit.console", NULL}, {"findings", "audit.findings", NULL},
    {"values", "audit.values", NULL},   {"format", "audit.format", NULL},
    {"follow", "audit.follow", "true"}, {0},
};

/* Before 2.2, librdkafka has no fetch.queue.backoff.ms, and stops fetching for
 * a second whenever this many records wait: make that rare. A million records
 * then take 1.4 s instead of 5. */
static void choose_defaults(void)
{
    if (rd_kafka_version() >= 0x02020000)
        return;
    pf_kafka_default_set(kafka_defaults, "queued.min.messages", "1000000");
    pf_kafka_default_set(kafka_defaults, "queued.max.messages.kbytes",
                         "131072");
}

/* What feed.partition asks for. */
static enum pf_rc parse_partition(struct pf_audit *conf,
                                  const struct pf_settings *settings,
                                  struct pf_error *err)
{
    const char *limit = conf->reading.start ? "audit.start" : "audit.end";
    enum pf_rc rc = PF_OK;

    conf->feed.partition = PF_ALL_PARTITIONS;
    if (strcmp(conf->partition, "all"))
        rc = pf_parse_int(conf->partition, 0, INT32_MAX, &conf->feed.partition,
                          err);
    if (rc)
        return pf_settings_fail(settings, "feed.partition", PF_CONFIG, err);
    if (conf->feed.partition != PF_ALL_PARTITIONS ||
        (!conf->reading.start && !conf->reading.end))
        return PF_OK;
    pf_fail(err, PF_CONFIG,
            "with feed.partition = all it is 0: an offset is one of a single "
            "partition");
    return pf_settings_fail(settings, limit, PF_CONFIG, err);
}

static enum pf_rc prepare(void *context, const struct pf_settings *settings,
                          struct pf_error *err)
{
    struct pf_audit *conf = context;
    enum pf_rc rc = pf_topic_check(conf->feed.topic, err);

    if (rc)
        return pf_settings_fail(settings, "feed.topic", rc, err);
    if (!*conf->feed.seq_header)
        return pf_fail(err, PF_CONFIG,
                       "%s: audit.header.sequence: it is empty; without "
                       "numbers there is nothing to count by",
                       pf_settings_where(settings, "audit.header.sequence"));
    if (conf->reading.end && conf->reading.end <= conf->reading.start)
        return pf_fail(err, PF_CONFIG,
                       "%s: audit.end: it is not above audit.start",
                       pf_settings_where(settings, "audit.end"));
    conf->feed.from_zero = !strcmp(conf->feed.seq_header, PF_HEADER_NUMBER);
    conf->reading.partition_chosen = pf_settings_get(settings,
                                                     "feed.partition");
    choose_defaults();
    return parse_partition(conf, settings, err);
}

static enum pf_rc run(const void *conf, void *kafka, struct pf_error *err)
{
    return pf_audit_run(conf, kafka, err);
}

/* What --version names. */
static const struct pf_part parts[] = {
    {"librdkafka", rd_kafka_version_str}, {"json-c", json_c_version}, {0}};

static const struct pf_program program = {
    .name = "audit",
    .command = "pf-audit",
    .prefix = "AUDIT_",
    .summary =
        "Decide whether a feed was delivered: compare a Kafka topic with "
        "the producer's\nledger and with what the consumer printed.\n",
    .options = options,
    .parts = parts,
    .library = &pf_kafka_library,
    .library_defaults = kafka_defaults,
    .longs = longs,
    .exit_codes = "0 valid, 1 not valid, 2 cannot decide, or usage or "
                  "configuration.",
    .prepare = prepare,
    .run = run,
};

int main(int argc, char **argv)
{
    struct pf_audit conf = {0};

    return pf_program_main(&program, argc, argv, &conf);
}
