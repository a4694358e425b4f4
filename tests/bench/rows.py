"""rows.py - the goals: where each figure is found in what was measured."""
import statistics

MORE, LESS = 1, -1  # which is better


def ratio(group, peer, *under, of=None):
    """Ours through theirs; of: another key than what the group compares."""
    def get(found):
        at = found[group]
        for key in under:
            at = at[key]
        at = at["peers"][peer]
        at = at["also"][of] if of else at["ratio"]
        return at["median"], at["each"]
    return get


def runs(group, key, *under):
    """Of our own runs."""
    def get(found):
        at = found[group]
        for name in under:
            at = at[name]
        each = [run[key] for run in at["runs"]]
        return statistics.median(each), each
    return get


def highest(group, key, *under):
    """The same, by the highest."""
    def get(found):
        each = runs(group, key, *under)(found)[1]
        return max(each), each
    return get


def worst(*getters):
    """Of each round the worse of them, and the worse median."""
    def get(found):
        values, each = zip(*(get(found) for get in getters))
        return max(values), [max(round) for round in zip(*each)]
    return get


def page(*keys):
    """What was measured several times of the page."""
    def get(found):
        at = found["page"]
        for key in keys:
            at = at[key]
        return at["median"], at["each"]
    return get


def change(what):
    """The longest silence at each such change of a group."""
    def get(found):
        at = found["cluster"]["changes"][what]
        return at["median"], at["each"]
    return get


def once(get):
    """What is measured once."""
    return lambda found: (get(found), [get(found)])


def peak(program):
    """The highest of all runs at full speed."""
    def get(found):
        runs = found["produce" if program == "producer" else
                     "consume"]["runs"]
        together = found["together"]["runs"]
        each = ([r["peak_mb"] for r in runs] +
                [r[f"{program}_peak_mb"] for r in together])
        return max(each), each
    return get


def flat(group, what):
    """How far the highest processor cost a record is above the lowest, in
    percent, by the number of records, or of keys."""
    def get(found):
        costs = [run["ns"] for run in found[group][what]]
        return (spread_of(cost["median"] for cost in costs),
                [spread_of(round) for round in
                 zip(*(cost["each"] for cost in costs))])
    return get


def spread_of(costs):
    costs = list(costs)
    return 100 * (max(costs) / min(costs) - 1)


def with_keys(keys):
    """The processor's peak memory with that many open windows."""
    def get(found):
        mb, = (run["mb"] for run in found["processor"]["keys"]
               if run["keys"] == keys)
        return max(mb["each"]), mb["each"]
    return get


def growth(cost):
    """How far the cost beyond a million records goes above that at a million,
    in percent; it may always fall."""
    def get(found):
        costs = [cost(r) for r in found["growth"]["counts"]
                 if r["count"] >= 10**6]
        return 100 * (max(costs) / costs[0] - 1)
    return once(get)


def feed_mb(run):
    return run["producer_mb"] + run["consumer_mb"] + run["broker_mb"]


DEFAULTS = "librdkafka's defaults"
RATES = ["100", "1000"]
P50 = [ratio("latency", DEFAULTS, rate) for rate in RATES]
P99 = [ratio("latency", DEFAULTS, rate, of="p99_ms") for rate in RATES]

# What, unit, must reach, aim, which is better, how to get it. Of processor time
# the goals come from what was measured: what was highest and a tenth more, so
# that a row that misses it has got worse, and about what was lowest.
ROWS = [
    ("produce / rdkafka_performance -P", "", 1.0, 1.2, MORE,
     ratio("produce", "rdkafka_performance -P")),
    ("produce, processor time a record / rdkafka_performance -P", "",
     0.8, 0.6, LESS,
     ratio("produce", "rdkafka_performance -P", of="cpu_ns")),
    ("produce / Java ProducerPerformance", "", 1.5, 2, MORE,
     ratio("produce", "Java ProducerPerformance")),
    ("produce / kafka-python loop", "", 100, 200, MORE,
     ratio("produce", "kafka-python")),
    ("consume, decode, print / rdkafka_performance -C", "", 1.0, 1.2, MORE,
     ratio("consume", "rdkafka_performance -C")),
    ("consume, processor time a record / rdkafka_performance -C", "",
     1.25, 1.1, LESS,
     ratio("consume", "rdkafka_performance -C", of="cpu_ns")),
    ("produce by key, with headers / rdkafka_performance -P with headers", "",
     1.0, 1.2, MORE, ratio("by_key", "rdkafka_performance -P")),
    ("produce by key, processor time a record / rdkafka_performance -P", "",
     1.25, 1.1, LESS, ratio("by_key", "rdkafka_performance -P", of="cpu_ns")),
    ("three consumers of a group / three rdkafka_performance -G", "", 1.0, 1.2,
     MORE, ratio("group", "rdkafka_performance -G")),
    ("a group, processor time a record / rdkafka_performance -G", "", 1.25,
     1.1, LESS, ratio("group", "rdkafka_performance -G", of="cpu_ns")),
    ("consume, decode, print / kcat -C -q", "", 1.3, 2, MORE,
     ratio("consume", "kcat -C -q")),
    ("consume, decode, print / kafka-python loop", "", 50, 100, MORE,
     ratio("consume", "kafka-python")),
    ("all at once, printed / naive C pair", "", 8, 12, MORE,
     ratio("together", "naive C pair")),
    ("p50 at 100/s and 1000/s / defaults, the worse", "", 0.3, 0.2, LESS,
     worst(*P50)),
    ("p99 at 100/s and 1000/s / defaults, the worse", "", 1.0, 0.5, LESS,
     worst(*P99)),
    ("p99 at 100 000/s", "ms", 15, 8, LESS,
     runs("latency", "p99_ms", "100000")),
    ("`where` on prices / kcat -C, jq -c, kcat -P in a pipe", "", 1.5, 3, MORE,
     ratio("processor", "kcat, jq and kcat", "where")),
    ("`where` on prices / Kafka Streams", "", 1.0, 2, MORE,
     ratio("processor", "Kafka Streams", "where")),
    ("logins validated and enriched / a loop in Python", "", 5, 10, MORE,
     ratio("processor", "a loop in Python", "logins")),
    ("windows, counts by key / Kafka Streams", "", 1.0, 2, MORE,
     ratio("processor", "Kafka Streams", "windows")),
    ("pf-processor, exactly once / at least once", "", 0.85, 0.95, MORE,
     ratio("processor", "at least once", "copy")),
    ("pf-processor, exactly once, p50 at 1000/s", "ms", 60, 53, LESS,
     runs("processor", "p50_ms", "late")),
    ("pf-processor, ns a record from 10^4 to 10^7: highest above lowest", "%",
     15, None, LESS, flat("processor", "records")),
    ("windows, ns a record from 1 to 10^6 keys: highest above lowest", "%", 30,
     None, LESS, flat("processor", "keys")),
    ("pf-processor, peak memory at full speed", "MB", 30, 22, LESS,
     highest("processor", "peak_mb", "copy")),
    ("pf-processor, the same with 10^5 open windows", "MB", 60, 45, LESS,
     with_keys(10**5)),
    ("three brokers: produce by key / rdkafka_performance -P", "", 1.0, 1.2,
     MORE, ratio("cluster", "rdkafka_performance -P")),
    ("three brokers: ns a record to 1 to 8 partitions, highest above lowest",
     "%", 15, None, LESS, flat("cluster", "partitions")),
    ("three brokers: ns a record for 1 to 4 consumers, the same", "%", 15,
     None, LESS, flat("cluster", "members")),
    ("a partition that stays is silent while a consumer comes", "ms", 100, 50,
     LESS, change("comes")),
    ("the same while it goes", "ms", 100, 50, LESS, change("goes")),
    ("encode", "instructions", 60, 45, LESS,
     once(lambda f: f["codec"]["encode"])),
    ("decode of canonical text", "instructions", 100, 80, LESS,
     once(lambda f: f["codec"]["decode"])),
    ("container start to first price / plain start", "", 0.6, 0.5, LESS,
     ratio("start", "plain")),
    ("container start to first price", "s", 2.0, 1.5, LESS,
     runs("start", "seconds")),
    ("of that, what is not the broker's JVM", "ms", 350, 150, LESS,
     runs("start", "not_broker_ms")),
    ("stop: TERM to exit of the container", "s", 3, 1.5, LESS,
     runs("start", "stop_s")),
    ("anonymous memory after 1 M records / default heap", "", 0.5, None, LESS,
     ratio("memory", "Kafka's default heap")),
    ("the same", "MB", 280, 230, LESS, runs("memory", "mb")),
    ("pf-consumer, peak memory at full speed", "MB", 20, 16, LESS,
     peak("consumer")),
    ("pf-producer, peak memory at full speed", "MB", 40, 24, LESS,
     peak("producer")),
    ("image over its base image", "MB", 250, 200, LESS,
     once(lambda f: f["image"]["over_base_mb"])),
    ("image gzipped, in all", "MB", 150, 130, LESS,
     once(lambda f: f["image"]["gzipped_mb"])),
    ("page open, printed at full speed / without it", "", 0.97, 1, MORE,
     page("throughput")),
    ("page open, p99 at 1000/s / without it", "", 1.1, 1, LESS,
     page("latency")),
    ("first paint of the page", "ms", 300, 150, LESS, page("first_paint_ms")),
    ("/metrics", "ms", 2, 1, LESS, page("metrics_ms")),
    ("newest 50 of 10 M records", "ms", 50, 20, LESS,
     page("records", "newest_ms")),
    ("search for a text in 10 M records", "records/s", 500000, 1000000, MORE,
     once(lambda f: f["page"]["records"]["search_per_s"])),
    ("pf-web, memory when nobody asks", "MB", 16, 12, LESS,
     once(lambda f: f["page"]["streams"]["idle_mb"])),
    ("pf-web, memory of an event stream", "KB", 40, 25, LESS,
     once(lambda f: f["page"]["streams"]["stream_kb"])),
    ("1000 event streams at 10 frames/s", "cores", 1, 0.5, LESS,
     once(lambda f: f["page"]["streams"]["processors"])),
    ("ns a record beyond 1 M records, above that at 1 M", "%", 15, None, LESS,
     growth(lambda r: r["ns"]["median"])),
    ("memory of both programs and the broker, the same", "%", 15, None, LESS,
     growth(feed_mb)),
]
