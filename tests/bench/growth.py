"""growth.py - what a record costs as there are more of them, and larger ones.

Producer, broker and consumer at once, from the first printed line to the last,
so that no start counts; and for larger records the consumer alone.
"""
import subprocess

import programs
import speed
from measure import Program, run, summary

COUNTS = [10**4, 10**5, 10**6, 10**7]  # each some times; then, once:
LARGEST = 10**8
PADS = [0, 70, 960, 9960]  # with a price: 29, 100, 1000, 10000 bytes
PADDED_BYTES = 300_000_000


def flow(broker, count, rounds):
    runs = [speed.at_once(broker, programs.producer, programs.consumer, count)
            for _ in range(rounds)]
    return {"count": count,
            "ns": summary([r["steady_ns"] for r in runs]),
            "producer_mb": max(r["producer_peak_mb"] for r in runs),
            "consumer_mb": max(r["consumer_peak_mb"] for r in runs),
            "broker_mb": broker.memory_mb()}


def padded(broker, pad, scale):
    """Larger records are not canonical prices: the slow decoder reads them."""
    size = 29 + (pad + 11 if pad else 0)
    count = int(min(2_000_000, PADDED_BYTES / size) * scale)
    topic = broker.topic()
    run(programs.naive_produce(topic, count, *([pad] if pad else [])), count)
    program = Program(programs.consumer(topic, count), subprocess.PIPE)
    reads = program.read()
    program.wait()
    return {"bytes": size, "count": count,
            "ns": 1e9 * (reads[-1][0] - reads[0][0]) / count,
            "consumer_mb": program.peak_kb / 1024}


def growth(broker, rounds, scale):
    counts = [n for n in COUNTS if n <= 10**7 * scale]
    found = {"counts": [flow(broker, n, rounds) for n in counts]}
    if scale >= 1:
        found["counts"].append(flow(broker, LARGEST, 1))
    found["sizes"] = [padded(broker, pad, min(1, scale)) for pad in PADS]
    return found
