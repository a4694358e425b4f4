"""processor_cost.py - processor time a record, with more records and more keys.

One pf-processor gets more and more records while it runs, so that no start
counts. With windows it reads the same number of records with more and more
keys, and the windows stay open.
"""
import glob
import itertools
import time

import programs
from measure import PATIENCE_S, Program, run, summary

COUNTS = [10**4, 10**5, 10**6, 10**7]
KEYS = [1, 10**3, 10**5, 10**6]
TO_BEGIN_WITH = 100_000  # memory that is used for the first time costs more
RECORDS = 4_000_000  # with keys: so that most find their window
ROUNDS = 3

ASK_S = 0.02

outputs = (f"bench-cost-{n}" for n in itertools.count())


def used_ns(pid):
    """Processor time of all threads, to the nanosecond, proc(5)."""
    total = 0
    for path in glob.glob(f"/proc/{pid}/task/*/schedstat"):
        with open(path) as schedstat:
            total += int(schedstat.read().split()[0])
    return total


class Position:
    """How far a pf-processor with that output has got in a topic."""

    def __init__(self, topic, output):
        from confluent_kafka import Consumer, TopicPartition

        self.at = [TopicPartition(topic, 0)]
        self.consumer = Consumer({"bootstrap.servers": programs.BROKER,
                                  "group.id": f"processor-{output}",
                                  "isolation.level": "read_uncommitted"})

    def wait(self, offset):
        deadline = time.monotonic() + PATIENCE_S
        while self.consumer.committed(self.at)[0].offset < offset:
            if time.monotonic() > deadline:
                raise RuntimeError(f"{self.at}: not committed: {offset}")
            time.sleep(ASK_S)


def one_round(broker, counts):
    """What each record costs of so many, one after the other."""
    topic, output = broker.topic(), next(outputs)
    program = Program(programs.processor(topic, output))
    position, done, costs = Position(topic, output), 0, []
    try:
        for n in counts:
            before = used_ns(program.process.pid)
            run(programs.producer(topic, n), n)
            done += n
            position.wait(done)
            costs.append((used_ns(program.process.pid) - before) / n)
    finally:
        position.consumer.close()
        program.process.terminate()
        program.wait()
        broker.delete(output)
    return costs


def records(broker, scale):
    counts = [n for n in COUNTS if n <= max(COUNTS) * scale]
    rounds = [one_round(broker, [TO_BEGIN_WITH, *counts])[1:]
              for _ in range(ROUNDS)]
    return [{"count": n, "ns": summary(costs)}
            for n, costs in zip(counts, zip(*rounds))]


def keys(topics, scale):
    n = max(1, int(RECORDS * scale))
    runs = {count: [] for count in KEYS}
    for _ in range(ROUNDS):
        for count in KEYS:
            output = next(outputs)
            runs[count].append(run(programs.processor(
                topics.get("keyed", n, count), output, "keys",
                {"feed.exit.at.end": "true"}), n))
            topics.broker.delete(output)
    return [{"keys": count, "ns": summary([r["cpu_ns"] for r in of]),
             "mb": summary([r["peak_mb"] for r in of])}
            for count, of in runs.items()]
