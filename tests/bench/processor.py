"""processor.py - what exactly once costs pf-processor.

Records a second from one topic to another, and the time from produce() to the
line of a reader of committed transactions.
"""
import itertools

import latency
import programs
from measure import Program, pairs, run, undisturbed

COUNT = 4_000_000
RATE = 1000

names = (f"bench-output-{n}" for n in itertools.count())


def processor(broker, rounds, scale):
    n, source = max(1, int(COUNT * scale)), broker.topic()
    run(programs.producer(source, n), n)

    def through(guarantee):
        output = next(names)
        found = run(programs.processor(
            source, output, {"feed.guarantee": guarantee,
                             "feed.exit.at.end": "true"}), n)
        broker.delete(output)
        return found

    def late():
        topics = broker.topic(), broker.topic()
        between = Program(programs.processor(*topics))
        found = latency.measure(broker, RATE, latency.WARM_UP_S * scale,
                                latency.MEASURE_S[RATE] * scale, {}, {},
                                topics)
        between.process.terminate()
        between.wait()
        return found

    found = pairs(lambda: through("exactly-once"),
                  {"at-least-once": lambda: through("at-least-once")}, rounds,
                  also=["cpu_ns"])
    return found | {"late": undisturbed(late, rounds)}
