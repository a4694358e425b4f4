"""cluster.py - three brokers: what replicas cost, whether the cost of a record
depends on partitions and consumers, and how long a change of a group is felt.

Every record is acknowledged by all replicas in sync, and is there once. Beside
the three brokers runs the single one that other groups use.
"""
import contextlib
import itertools
import os
import pathlib
import subprocess
import threading
import time

import programs
from broker import Cluster
from measure import PIPE_SIZE, TRIES, Program, pairs, run, summary
from speed import (OURS, PARTITIONS, has_rdkafka_performance, our_members,
                   rdkafka_seconds)

COMPOSITION = pathlib.Path(programs.BENCH, "cluster.yml")
SHARE = 2  # of the records that a single broker gets
# Runs of each kind until the brokers' JVMs have compiled what a record takes: with
# fewer, the later ones of a benchmark were twice to three times as fast.
WARM_UP = 6
READ = 4   # times as many for a group, whose members' start counts, too
PARTITION_COUNTS = [1, 2, 4, 8]
MEMBER_COUNTS = [1, 2, 4]

RATE = 6000      # prices a second while a group changes
KEYS = 50_000    # prices that have all keys, as good as surely
FOREVER = 10**9
BEGIN_S = 10     # until the first member reads what comes, and the JVMs are warm
FELT_S = 8       # within that a change is over; heartbeats are 3 s apart


@contextlib.contextmanager
def at(kafka):
    """What programs.py gives is for these brokers."""
    before, programs.BROKER = programs.BROKER, kafka.address
    try:
        yield
    finally:
        programs.BROKER = before


def ours(kafka, n, partitions=PARTITIONS):
    with at(kafka):
        return run(programs.producer_by_key(kafka.topic(partitions), n), n)


def theirs(kafka, n):
    """The same promises, and as many headers."""
    with at(kafka):
        return run(programs.rdkafka_produce_headers(kafka.topic(PARTITIONS), n)
                   + programs.RDKAFKA_PROMISES, n, rdkafka_seconds(n))


def by_number(numbers, rounds, cost):
    """ns a record for each of these numbers, by turns."""
    each = {n: [] for n in numbers}
    for _ in range(rounds):
        for n in numbers:
            each[n].append(cost(n))
    return [{"number": n, "ns": summary(ns)} for n, ns in each.items()]


def keys_of(topic):
    """Which partition each key is in. (A broker may not know the topic yet.)"""
    for _ in range(TRIES):
        found = subprocess.run(
            ["kcat", "-C", "-q", "-b", programs.BROKER, "-t", topic, "-o",
             "beginning", "-c", str(KEYS), "-f", "%k %p\n"],
            stdout=subprocess.PIPE, timeout=60).stdout
        if found:
            break
        time.sleep(1)
    return {key: int(partition) for key, partition in
            (line.split() for line in found.splitlines())}


class Silences:
    """When a member that stays printed something of each partition."""

    def __init__(self, program, keys):
        self.program, self.keys = program, keys
        self.times = {partition: [] for partition in set(keys.values())}
        self.thread = threading.Thread(target=self._read)
        self.thread.start()

    def _read(self):
        fd, rest = self.program.process.stdout.fileno(), b""
        while chunk := os.read(fd, PIPE_SIZE):
            now = time.monotonic()
            *lines, rest = (rest + chunk).split(b"\n")
            for partition in {self.keys[line[len(b'{"match": '):
                                             line.index(b",")]]
                              for line in lines}:
                self.times[partition].append(now)

    def longest_ms(self, since, until):
        """Of the partitions that were printed shortly before and after."""
        longest = []
        for times in self.times.values():
            within = [t for t in times if since - 1 <= t <= until + 1]
            if within and within[0] < since and within[-1] > until:
                longest.append(max(b - a for a, b in
                                   itertools.pairwise(within)))
        return 1000 * max(longest)


def changes(kafka, rounds):
    """The longest silence of a partition that stays, in ms: while another
    member comes, while it goes, and without a change."""
    with at(kafka):
        topic, group = kafka.topic(PARTITIONS), "bench-changes"
        endless = programs.options({"feed.exit.at.end": "false"})
        writer = Program(programs.producer(topic, FOREVER, RATE,
                                           {"feed.partition": "by-key"}))
        keys = keys_of(topic)
        stays = Program(programs.member(topic, group) + endless,
                        subprocess.PIPE)
        silences = Silences(stays, keys)
        time.sleep(BEGIN_S)
        found = {"comes": [], "goes": [], "nothing": []}
        for _ in range(rounds):
            for what in found:
                began = time.monotonic()
                if what == "comes":
                    other = Program(programs.member(topic, group) + endless)
                elif what == "goes":
                    other.process.terminate()
                    other.wait()
                time.sleep(FELT_S)
                ended = time.monotonic()
                time.sleep(1)
                found[what].append(silences.longest_ms(began, ended))
        for program in (stays, writer):
            program.process.terminate()
        silences.thread.join()
        stays.wait()
        writer.wait()
    return {what: summary(ms) for what, ms in found.items()}


def cluster(broker, rounds, scale):
    n = max(1, int(OURS / SHARE * scale))
    with Cluster(COMPOSITION) as three:
        peers = {"a single broker": lambda: ours(broker, n)}
        if has_rdkafka_performance():
            peers = {"rdkafka_performance -P": lambda: theirs(three, n)} | peers
        for warm in [lambda: ours(three, n), *peers.values()] * WARM_UP:
            warm()
        found = pairs(lambda: ours(three, n), peers, rounds, also=["cpu_ns"])
        found["partitions"] = by_number(
            PARTITION_COUNTS, rounds,
            lambda partitions: ours(three, n, partitions)["cpu_ns"])
        topic = three.topic(max(PARTITION_COUNTS))
        with at(three):
            many = READ * n
            run(programs.producer_by_key(topic, many), many)
            found["members"] = by_number(
                MEMBER_COUNTS, rounds,
                lambda how_many: our_members(topic, many, how_many)["cpu_ns"])
        found["changes"] = changes(three, rounds)
    return found
