"""table.py - the goals, and whether a run has reached them."""
import statistics

MORE, LESS = 1, -1  # which is better


def ratio(group, peer, *under):
    """Ours through theirs, the median of the pairs."""
    def get(found):
        at = found[group]
        for key in under:
            at = at[key]
        return at["peers"][peer]["ratio"]["median"]
    return get


def median(group, key, *under):
    """Of our own runs."""
    def get(found):
        at = found[group]
        for name in under:
            at = at[name]
        return statistics.median(run[key] for run in at["runs"])
    return get


def worst(*getters):
    return lambda found: max(get(found) for get in getters)


def p99_ratio(rate):
    def get(found):
        at = found["latency"][rate]
        theirs = at["peers"]["librdkafka's defaults"]["runs"]
        return (statistics.median(r["p99_ms"] for r in at["runs"]) /
                statistics.median(r["p99_ms"] for r in theirs))
    return get


def peak(program):
    """The highest of all runs at full speed."""
    def get(found):
        runs = found["produce" if program == "producer" else
                     "consume"]["runs"]
        together = found["together"]["runs"]
        return max([r["peak_mb"] for r in runs] +
                   [r[f"{program}_peak_mb"] for r in together])
    return get


def growth(cost):
    """How far the cost beyond a million records goes above that at a million,
    in percent; it may always fall."""
    def get(found):
        costs = [cost(r) for r in found["growth"]["counts"]
                 if r["count"] >= 10**6]
        return 100 * (max(costs) / costs[0] - 1)
    return get


def feed_mb(run):
    return run["producer_mb"] + run["consumer_mb"] + run["broker_mb"]


DEFAULTS = "librdkafka's defaults"
P50 = [ratio("latency", DEFAULTS, rate) for rate in ("100", "1000")]

# What, unit, must reach, aim, which is better, how to get it.
ROWS = [
    ("produce / rdkafka_performance -P", "", 1.0, 1.2, MORE,
     ratio("produce", "rdkafka_performance -P")),
    ("produce / Java ProducerPerformance", "", 1.5, 2, MORE,
     ratio("produce", "Java ProducerPerformance")),
    ("produce / kafka-python loop", "", 100, 200, MORE,
     ratio("produce", "kafka-python")),
    ("consume, decode, print / rdkafka_performance -C", "", 1.0, 1.2, MORE,
     ratio("consume", "rdkafka_performance -C")),
    ("consume, decode, print / kcat -C -q", "", 1.3, 2, MORE,
     ratio("consume", "kcat -C -q")),
    ("consume, decode, print / kafka-python loop", "", 50, 100, MORE,
     ratio("consume", "kafka-python")),
    ("all at once, printed / naive C pair", "", 8, 12, MORE,
     ratio("together", "naive C pair")),
    ("p50 at 100/s and 1000/s / defaults, the worse", "", 0.3, 0.2, LESS,
     worst(*P50)),
    ("p99 at 100/s and 1000/s / defaults, the worse", "", 1.0, 0.5, LESS,
     worst(p99_ratio("100"), p99_ratio("1000"))),
    ("p99 at 100 000/s", "ms", 15, 8, LESS,
     median("latency", "p99_ms", "100000")),
    ("encode", "instructions", 60, 45, LESS, lambda f: f["codec"]["encode"]),
    ("decode of canonical text", "instructions", 100, 80, LESS,
     lambda f: f["codec"]["decode"]),
    ("container start to first price / plain start", "", 0.6, 0.5, LESS,
     ratio("start", "plain")),
    ("container start to first price", "s", 2.0, 1.5, LESS,
     median("start", "seconds")),
    ("of that, what is not the broker's JVM", "ms", 350, 150, LESS,
     median("start", "not_broker_ms")),
    ("stop: TERM to exit of the container", "s", 3, 1.5, LESS,
     median("start", "stop_s")),
    ("anonymous memory after 1 M records / default heap", "", 0.5, None, LESS,
     ratio("memory", "Kafka's default heap")),
    ("the same", "MB", 280, 230, LESS, median("memory", "mb")),
    ("pf-consumer, peak memory at full speed", "MB", 20, 16, LESS,
     peak("consumer")),
    ("pf-producer, peak memory at full speed", "MB", 40, 24, LESS,
     peak("producer")),
    ("image over its base image", "MB", 250, 200, LESS,
     lambda f: f["image"]["over_base_mb"]),
    ("image gzipped, in all", "MB", 150, 130, LESS,
     lambda f: f["image"]["gzipped_mb"]),
    ("ns a record beyond 1 M records, above that at 1 M", "%", 15, None, LESS,
     growth(lambda r: r["ns"]["median"])),
    ("memory of both programs and the broker, the same", "%", 15, None, LESS,
     growth(feed_mb)),
]


def judge(found):
    """A list of dictionaries, one for each row that was measured."""
    rows = []
    for what, unit, must, aim, better, get in ROWS:
        try:
            value = get(found)
        except (KeyError, statistics.StatisticsError):
            continue  # a group or a peer that was left out

        def reached(goal):
            return goal is not None and better * (value - goal) >= 0

        rows.append({"what": what, "unit": unit, "value": value, "must": must,
                     "aim": aim, "better": "more" if better > 0 else "less",
                     "verdict": "not reached" if not reached(must) else
                     "reached, and the aim" if reached(aim) else "reached"})
    return rows


def number(value):
    if value is None:
        return ""
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"


def markdown(rows):
    lines = ["| figure | measured | must reach | aim | |",
             "| --- | --- | --- | --- | --- |"]
    for row in rows:
        unit = f" {row['unit']}" if row["unit"] else ""
        sign = "≥ " if row["better"] == "more" else "≤ "
        lines.append(f"| {row['what']} | {number(row['value'])}{unit} | "
                     f"{sign}{number(row['must'])} | {number(row['aim'])} | "
                     f"{row['verdict']} |")
    return "\n".join(lines)


def details(found):
    """Medians with minimum and maximum, for each group of pairs."""
    lines = ["| group | program | median | min | max | ours / it | min | max "
             "|", "| --- | --- | --- | --- | --- | --- | --- | --- |"]

    def row(group, name, value, through=None):
        cells = [number(value[key]) for key in ("median", "min", "max")]
        cells += ([number(through[key]) for key in ("median", "min", "max")]
                  if through else ["", "", ""])
        lines.append(f"| {group} | {name} | {' | '.join(cells)} |")

    for group, pair in all_pairs(found):
        row(group, "ours", pair["ours"])
        for name, peer in pair["peers"].items():
            row(group, name, peer["value"], peer["ratio"])
    return "\n".join(lines)


UNITS = {"produce": "produce, records/s", "consume": "consume, records/s",
         "together": "all at once, records/s", "start": "start, s",
         "memory": "memory, MB"}


def all_pairs(found):
    for group, title in UNITS.items():
        if group in found:
            yield title, found[group]
    for rate in ("100", "1000"):
        if "latency" in found:
            yield f"p50 at {rate}/s, ms", found["latency"][rate]
