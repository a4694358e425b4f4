"""latency.py - from produce() to the line on the pipe.

Our programs run unchanged. The producer puts the time of produce() into a
header of the first record of each batch, and the reader of the consumer's
pipe notes when which line came; afterwards the headers are read, and the n-th
line belongs to the n-th record.
"""
import bisect
import os
import re
import subprocess
import time

import programs
from measure import Program, pairs, percentile, undisturbed

WARM_UP_S = 10
MEASURE_S = {100: 8, 1000: 5, 100_000: 5}


def read_lines(program):
    """(when by the clock of the day, lines so far) for each read."""
    fd, lines, times, counts = program.process.stdout.fileno(), 0, [], []
    while chunk := os.read(fd, 1 << 16):
        lines += chunk.count(b"\n")
        times.append(time.time_ns())
        counts.append(lines)
    return times, counts


def sent_times(topic):
    """When each record was produced, ns; one without the header was in the
    batch of the one before it."""
    out = subprocess.run(
        ["kcat", "-C", "-e", "-q", "-b", programs.BROKER, "-t", topic, "-p",
         "0", "-o", "beginning", "-f", "%h\n"],
        capture_output=True, check=True, text=True).stdout
    times, last = [], None
    for line in out.splitlines():
        found = re.search(r"feed-ts=(\d+)", line)
        last = int(found[1]) if found else last
        times.append(last)
    return times


def measure(broker, rate, warm_s, seconds, producer_sets, consumer_sets,
            topics=None):
    """topics: where it is produced to and read from, if not to one topic."""
    count = int(rate * (warm_s + seconds))
    source, output = topics or 2 * [broker.topic()]
    reader = Program(programs.consumer(output, count, consumer_sets),
                     subprocess.PIPE)
    writer = Program(programs.producer(source, count, rate, producer_sets))
    times, counts = read_lines(reader)
    writer.wait()
    reader.wait()
    sent = sent_times(output)
    if len(sent) != count or not counts or counts[-1] != count:
        raise RuntimeError(f"{rate}/s: {len(sent)} sent, {counts[-1:]} printed,"
                           f" not {count}")
    late = sorted((times[bisect.bisect_right(counts, n)] - sent[n]) / 1e6
                  for n in range(int(rate * warm_s), count))
    return {"p50_ms": percentile(late, 0.50), "p99_ms": percentile(late, 0.99),
            "p999_ms": percentile(late, 0.999), "max_ms": late[-1],
            "samples": len(late),
            "cpu_us": 1e6 * (reader.cpu + writer.cpu) / count}


def latency(broker, rounds, scale):
    warm, found = WARM_UP_S * scale, {}

    def at(rate, producer_sets, consumer_sets):
        return lambda: measure(broker, rate, warm, MEASURE_S[rate] * scale,
                               producer_sets, consumer_sets)

    for rate in (100, 1000):
        found[str(rate)] = pairs(
            at(rate, {}, {}),
            {"librdkafka's defaults": at(rate, programs.PRODUCER_DEFAULTS,
                                         programs.CONSUMER_DEFAULTS)},
            rounds, "p50_ms", warm_up=False, also=["p99_ms"])
    found["100000"] = undisturbed(at(100_000, {}, {}), rounds)
    return found
