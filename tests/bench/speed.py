"""speed.py - records a second: produce, consume, and both at once."""
import itertools
import os
import re
import subprocess
import threading
import time

import programs
from measure import Program, pairs, run, run_to_pipe

# Records of a run at 1.0: a few seconds each.
OURS = 4_000_000
JAVA = 4_000_000
CONFLUENT = 200_000
KAFKA_PYTHON_OUT = 40_000
KAFKA_PYTHON_IN = 100_000
NAIVE = 300_000

PARTITIONS = 6
MEMBERS = 3


def has_rdkafka_performance():
    return os.access(f"{programs.BENCH}/rdkafka_performance", os.X_OK)


# What a program itself reports, of those that do other things than records for
# long: a JVM's start; rdkafka_performance's half second until it begins to
# read, and another whole one that it sometimes sleeps before it ends. Readers
# count from their first record on, so ours is compared from its first output.

def rdkafka_seconds(count):
    def read(text):
        delivered = re.findall(r", (\d+) delivered", text)  # of a producer
        if delivered and int(delivered[-1]) < count:
            raise RuntimeError(f"rdkafka_performance: {text[-300:]}")
        return int(re.findall(r" in (\d+)ms: ", text)[-1]) / 1000
    return read


def java_producer_seconds(count):
    def read(text):
        last = re.findall(r"([\d.]+) records/sec", text)[-1]
        return count / float(last)
    return read


def java_consumer_seconds(count):
    def read(text):
        return count / float(text.strip().splitlines()[-1].split(",")[5])
    return read


def produce(broker, rounds, scale):
    def peer(command, count, seconds=None):
        n = max(1, int(count * scale))
        return lambda: run(command(broker.topic(), n), n,
                           seconds(n) if seconds else None)

    peers = {
        "Java ProducerPerformance": peer(programs.java_produce, JAVA,
                                         java_producer_seconds),
        "kafka-python": peer(programs.kafka_python_produce, KAFKA_PYTHON_OUT),
        "confluent-kafka-python": peer(programs.confluent_produce, CONFLUENT),
    }
    if has_rdkafka_performance():
        peers = {"rdkafka_performance -P": peer(programs.rdkafka_produce, OURS,
                                                rdkafka_seconds)} | peers
    return pairs(peer(programs.producer, OURS), peers, rounds,
                 also=["cpu_ns"])


def consume(broker, rounds, scale):
    def n(count):
        return max(1, int(count * scale))

    topic = broker.topic()
    run(programs.producer(topic, n(OURS)), n(OURS))

    def peer(command, count):
        return lambda: run_to_pipe(command(topic, n(count)), n(count))

    peers = {
        "kcat -C -q": peer(programs.kcat_consume, OURS),
        "Java ConsumerPerformance": lambda: run(
            programs.java_consume(topic, n(JAVA)), n(JAVA),
            java_consumer_seconds(n(JAVA))),
        "kafka-python": peer(programs.kafka_python_consume, KAFKA_PYTHON_IN),
        "confluent-kafka-python": peer(programs.confluent_consume, CONFLUENT),
    }
    if has_rdkafka_performance():
        peers = {"rdkafka_performance -C": lambda: run(
            programs.rdkafka_consume(topic, n(OURS)), n(OURS),
            rdkafka_seconds(n(OURS)))} | peers
    return pairs(peer(programs.consumer, OURS), peers, rounds,
                 also=["cpu_ns"])


def by_key(broker, rounds, scale):
    """To six partitions, with headers on every record."""
    n = max(1, int(OURS / 2 * scale))

    def ours():
        return run(programs.producer_by_key(broker.topic(PARTITIONS), n), n)

    def first_of_a_batch():
        return run(programs.producer(broker.topic(), n), n)

    def theirs():
        return run(programs.rdkafka_produce_headers(broker.topic(PARTITIONS),
                                                    n),
                   n, rdkafka_seconds(n))

    peers = {"one partition": first_of_a_batch}
    if has_rdkafka_performance():
        peers = {"rdkafka_performance -P": theirs} | peers
    return pairs(ours, peers, rounds, also=["cpu_ns"])


groups = (f"bench-group-{n}" for n in itertools.count())


def members(command, topic, count, how_many=MEMBERS):
    """Of a group, from the start of the first to the end of the last."""
    group = next(groups)
    began = time.monotonic()
    all_ = [Program(command(topic, group), subprocess.PIPE)
            for _ in range(how_many)]
    lines = [0] * how_many

    def read(i):
        reads = all_[i].read()
        lines[i] = reads[-1][1] if reads else 0

    readers = [threading.Thread(target=read, args=(i,))
               for i in range(how_many)]
    for reader in readers:
        reader.start()
    for reader, program in zip(readers, all_):
        reader.join()
        program.wait()
    seconds = time.monotonic() - began
    return {"per_s": count / seconds, "lines": sum(lines),
            "cpu_ns": 1e9 * sum(program.cpu for program in all_) / count,
            "peak_mb": max(program.peak_kb for program in all_) / 1024}


def our_members(topic, n, how_many=MEMBERS):
    found = members(programs.member, topic, n, how_many)
    # Members that leave while others join may have librdkafka 2.8 lose
    # partitions (its issue 4059): what is printed twice counts once.
    if found["lines"] < n:
        raise RuntimeError(f"the group printed {found['lines']} lines, not {n}")
    return found


def group(broker, rounds, scale):
    """Three consumers of a group on six partitions."""
    n = max(1, int(OURS * scale))
    topic = broker.topic(PARTITIONS)
    run(programs.producer_by_key(topic, n), n)

    def ours():
        return our_members(topic, n)

    peers = {"one consumer, one partition": one_consumer(broker, n)}
    if has_rdkafka_performance():
        peers = {"rdkafka_performance -G": lambda: members(
            programs.rdkafka_member, topic, n)} | peers
    return pairs(ours, peers, rounds, also=["cpu_ns"])


def one_consumer(broker, n):
    topic = broker.topic()
    run(programs.producer(topic, n), n)
    return lambda: run_to_pipe(programs.consumer(topic, n), n)


def at_once(broker, producer, consumer, count):
    """Both programs and the broker on the same two cores, to the last line."""
    topic = broker.topic()
    reader = Program(consumer(topic, count), subprocess.PIPE)
    writer = Program(producer(topic, count))
    reads = reader.read()
    writer.wait()
    reader.wait()
    if not reads or reads[-1][1] != count:
        raise RuntimeError(f"{reads[-1:]} of {count} lines")
    return {"per_s": count / reads[-1][0], "first_line_s": reads[0][0],
            "steady_ns": 1e9 * (reads[-1][0] - reads[0][0]) / count,
            "producer_peak_mb": writer.peak_kb / 1024,
            "consumer_peak_mb": reader.peak_kb / 1024}


def together(broker, rounds, scale):
    ours, naive = int(OURS * scale), int(NAIVE * scale)
    return pairs(
        lambda: at_once(broker, programs.producer, programs.consumer, ours),
        {"naive C pair": lambda: at_once(broker, programs.naive_produce,
                                         programs.naive_consume, naive)},
        rounds)
