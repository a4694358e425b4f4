"""programs.py - the command lines of all that is measured.

Ours run as they are shipped: with the image's own config/ and nothing set but
what says which records (OURS_MAY_SET; tests/it/bench.bats holds them to it).
The peers have what made them fastest here, each setting named. Tried beside
it, and not faster: rdkafka_performance -P with linger.ms 5 and 1000, with
batches of 100000 and a queue of 30000; -C with queued.min.messages from 30000
to 1000000 and answers of 256 KiB and 4 MiB; kcat with fewer records queued.
Of the Java programs' settings no others were tried.
"""
import os

BROKER = "127.0.0.1:19092"
CONFIG = os.environ.get("PF_CONFIG", "config")
BENCH = "/bench"
EXAMPLES = os.environ.get("PF_EXAMPLES", f"{BENCH}/examples")

# Which records, from where to where, and which promise; not how.
OURS_MAY_SET = ["bootstrap.servers", "feed.topic", "feed.rate", "feed.count",
                "feed.start", "feed.partition", "feed.exit.at.end", "group.id",
                "feed.output", "feed.dead.letters", "feed.guarantee"]

# What pf-processor is to do with them.
WORK = {
    "copy": {},
    "where": {"feed.where": ".price > 5.5"},
    "logins": {"feed.map": f"file:{EXAMPLES}/logins/validate.jq",
               "feed.key": ".device_type", "feed.time": ".timestamp"},
    "count": {"feed.window.size": "100ms", "feed.window.grace": "100ms"},
    "keys": {"feed.window.size": "1000d"},  # they stay open
}
OURS_MAY_SET += sorted({name for work in WORK.values() for name in work})

# librdkafka 2.8's own defaults for all that our programs set otherwise.
PRODUCER_DEFAULTS = {
    "linger.ms": "5",
    "enable.idempotence": "false",
    "socket.nagle.disable": "false",
    "queue.buffering.max.messages": "100000",
    "queue.buffering.max.kbytes": "1048576",
    "batch.num.messages": "10000",
    "message.timeout.ms": "300000",
}
CONSUMER_DEFAULTS = {
    "fetch.queue.backoff.ms": "1000",
    "queued.min.messages": "100000",
    "queued.max.messages.kbytes": "65536",
    "socket.nagle.disable": "false",
    "fetch.message.max.bytes": "1048576",
    "check.crcs": "false",
}


def options(settings):
    return [word for name, value in settings.items()
            for word in ("-X", f"{name}={value}")]


def producer(topic, count, rate=0, more=None):
    return ["pf-producer", "-F", f"{CONFIG}/producer.properties"] + options(
        {"bootstrap.servers": BROKER, "feed.topic": topic, "feed.rate": rate,
         "feed.count": count} | (more or {}))


def producer_by_key(topic, count):
    return producer(topic, count, more={"feed.partition": "by-key"})


def member(topic, group):
    return ["pf-consumer", "-F", f"{CONFIG}/consumer.properties"] + options(
        {"bootstrap.servers": BROKER, "feed.topic": topic,
         "feed.partition": "all", "feed.exit.at.end": "true",
         "group.id": group})


def consumer(topic, count, more=None):
    return ["pf-consumer", "-F", f"{CONFIG}/consumer.properties"] + options(
        {"bootstrap.servers": BROKER, "feed.topic": topic,
         "feed.start": "earliest", "feed.count": count} | (more or {}))


def processor(topic, output, work="copy", more=None):
    """work: one of WORK; copy: each record goes on as it is."""
    return ["pf-processor", "-F", f"{CONFIG}/processor.properties"] + options(
        {"bootstrap.servers": BROKER, "feed.topic": topic,
         "feed.output": output} | WORK[work] | (more or {}))


# Peers that produce, by name: command line, and records for a run of seconds.

def rdkafka_performance(*arguments):
    return [f"{BENCH}/rdkafka_performance", "-b", BROKER, "-q", *arguments]


def rdkafka_produce(topic, count, *more):
    """Constant payload, no copy, not idempotent."""
    return rdkafka_performance("-P", "-t", topic, "-s", "29", "-c", str(count),
                               *options({"linger.ms": 50}),
                               *(more or ("-p", "0")))


def rdkafka_produce_headers(topic, count):
    """As many headers as ours, as long, and to any partition: it has no keys
    but a constant one."""
    return rdkafka_produce(topic, count, "-H", "feed-run=seed-1234567890123456",
                           "-H", "feed-seq=1234567",
                           "-H", "feed-ts=1795671023206848000")


# Of our producer by key: no record twice, even if several brokers fail.
RDKAFKA_PROMISES = ["-a", "-1", *options({
    "enable.idempotence": "true", "max.in.flight.requests.per.connection": 1})]
RDKAFKA_READS = options({"fetch.queue.backoff.ms": 1,
                         "queued.min.messages": 10000})


def rdkafka_consume(topic, count):
    """It counts the records and does nothing else with them."""
    return rdkafka_performance("-C", "-t", topic, "-p", "0", "-o", "beginning",
                               "-c", str(count), "-B", "1000", *RDKAFKA_READS)


def rdkafka_member(topic, group):
    """Of a group, to the end of its partitions; it only counts as well."""
    return rdkafka_performance("-G", group, "-e", "-B", "1000", *RDKAFKA_READS,
                               *options({"auto.offset.reset": "earliest"}),
                               "-t", topic)


def java(program, *arguments):
    return [os.environ.get("PF_JAVA", "java"), "-Xms256m", "-Xmx512m", "-cp",
            f"{BENCH}/tools/*", program, *arguments]


def java_produce(topic, count):
    return java("org.apache.kafka.tools.ProducerPerformance", "--topic", topic,
                "--num-records", str(count), "--record-size", "29",
                "--throughput", "-1", "--producer-props",
                f"bootstrap.servers={BROKER}", "acks=all",
                "batch.size=262144", "linger.ms=5", "buffer.memory=67108864")


def java_consume(topic, count):
    return java("org.apache.kafka.tools.ConsumerPerformance",
                "--bootstrap-server", BROKER, "--topic", topic, "--messages",
                str(count))


def kcat_consume(topic, count):
    return ["kcat", "-C", "-q", "-b", BROKER, "-t", topic, "-p", "0", "-o",
            "beginning", "-c", str(count), *options(
                {"fetch.queue.backoff.ms": 1})]


# Peers of pf-processor: from topic, count records of it, to output.

def kcat_pipe(topic, count, output):
    """Three processes and no promise; the values go on alone."""
    read = " ".join([*kcat_consume(topic, count), "-e"])
    wanted = WORK["where"]["feed.where"]
    return ["sh", "-c", f"{read} | jq -c 'select({wanted})' | "
            f"kcat -P -b {BROKER} -t {output} -p 0 -X linger.ms=50"]


def streams(work):
    """A program of Kafka Streams (peers/Streams.java); work: where or count."""
    return lambda topic, count, output: java(
        "Streams", work, BROKER, topic, str(count), output)


def logins_loop(topic, count, output):
    return ["python3", f"{BENCH}/logins_loop.py", BROKER, topic, str(count),
            output]


def dead(output):
    """The topic for dead letters beside an output."""
    return f"{output}-dead"


# The topics they are measured with.

def logins(topic, count):
    """Bad ones among them; the same each time."""
    return producer(topic, count, more={
        "feed.source": "template", "feed.seed": "1",
        "feed.template": f"{EXAMPLES}/logins/logins.jq",
        "feed.template.key": "user_id"})


def keyed(topic):
    """It reads KEY:VALUE, one a line."""
    return ["kcat", "-P", "-b", BROKER, "-t", topic, "-p", "0", "-K", ":",
            *options({"linger.ms": 50})]


def records_of(topic):
    """A byte for each record that a reader of transactions is given."""
    return ["kcat", "-C", "-e", "-q", "-b", BROKER, "-t", topic, "-p", "0",
            "-o", "beginning", "-f", ".",
            *options({"isolation.level": "read_committed",
                      "fetch.queue.backoff.ms": 1})]


def script(name):
    """A Python program or a naive C program of ours: BROKER TOPIC COUNT."""
    start = ["python3"] if name.endswith(".py") else []
    return lambda topic, count, *more: [
        *start, f"{BENCH}/{name}", BROKER, topic, str(count), *map(str, more)]


kafka_python_produce = script("kafka_python_producer.py")
kafka_python_consume = script("kafka_python_consumer.py")
confluent_produce = script("confluent_producer.py")
confluent_consume = script("confluent_consumer.py")
naive_produce = script("naive_producer")
naive_consume = script("naive_consumer")
