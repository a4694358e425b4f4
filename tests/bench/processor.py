"""processor.py - what pf-processor does in a second, beside others that do it.

Where, windows and logins beside their peers; exactly once beside at least once;
the time from produce() to the line of a reader of committed transactions; and
what a record costs (processor_cost.py). What each run has written is counted by
such a reader, and all that did the same with the same records have to agree.
"""
import itertools

import latency
import processor_cost
import programs
from measure import Program, all_that_work, pairs, run, undisturbed
from processor_topics import Topics, count_records

# Records of a run at 1.0. Those of a peer are fewer where it is slower.
OURS = 2_000_000
OF_A_PIPE = 500_000
OF_STREAMS = 1_000_000
LOGINS = 200_000

RATE = 1000
WARM_UP_S = 3  # the broker has had millions of records before

outputs = (f"bench-output-{n}" for n in itertools.count())


def ours(work, **more):
    """The command line of pf-processor, to the end of what is there."""
    return lambda source, _, output: programs.processor(
        source, output, work, {"feed.dead.letters": programs.dead(output),
                               "feed.exit.at.end": "true"} | more)


class Runs:
    """Runs of programs that do the same with records of that kind."""

    def __init__(self, topics, kind, scale):
        self.topics, self.kind, self.scale = topics, kind, scale
        self.made = {}

    def of(self, command, n, seconds=None):
        """One of them, as a function. seconds: as of measure.run()."""
        n = max(1, int(n * self.scale))

        def once():
            source, output = self.topics.get(self.kind, n), next(outputs)
            both = [output, programs.dead(output)]
            for topic in both:
                self.topics.broker.create(topic)
            found = run(command(source, n, output), n, seconds)
            self.check(source, [count_records(topic) for topic in both])
            for topic in both:
                self.topics.broker.delete(topic)
            return found
        return once

    def check(self, source, made):
        if self.made.setdefault(source, made) != made:
            raise RuntimeError(f"{made} records and dead letters came of "
                               f"{source}, and of another run "
                               f"{self.made[source]}")

    def beside(self, work, n, peers, rounds):
        """peers: what of() is given, by name. Ours does as many as each of
        them once, so that they can be held against each other."""
        for _, fewer, *_ in peers.values():
            self.of(ours(work), fewer)()
        return pairs(self.of(ours(work), n),
                     {name: self.of(*peer) for name, peer in peers.items()},
                     rounds, also=["cpu_ns"])


def late(broker, scale):
    """From produce() to the line of a reader of what is committed."""
    topics = broker.topic(), broker.topic()
    between = Program(programs.processor(*topics))
    found = latency.measure(broker, RATE, WARM_UP_S * scale,
                            latency.MEASURE_S[RATE] * scale, {}, {}, topics)
    between.process.terminate()
    between.wait()
    return found


def processor(broker, rounds, scale):
    topics = Topics(broker)

    def of(kind):
        return Runs(topics, kind, scale)

    def where():
        return of("prices").beside("where", OURS, {
            "kcat, jq and kcat": (programs.kcat_pipe, OF_A_PIPE),
            "Kafka Streams": (programs.streams("where"), OF_STREAMS, float),
        }, rounds)

    def logins():
        return of("logins").beside("logins", LOGINS, {
            "a loop in Python": (programs.logins_loop, LOGINS),
        }, rounds)

    def windows():
        return of("keyed").beside("count", OURS, {
            "Kafka Streams": (programs.streams("count"), OF_STREAMS, float),
        }, rounds)

    def copy():
        runs = of("prices")
        other = {"feed.guarantee": "at-least-once"}
        return pairs(runs.of(ours("copy"), OURS), {
            "at least once": runs.of(ours("copy", **other), OURS),
        }, rounds, also=["cpu_ns"])

    return all_that_work({
        "where": where, "logins": logins, "windows": windows, "copy": copy,
        "late": lambda: undisturbed(lambda: late(broker, scale), rounds),
        "records": lambda: processor_cost.records(broker, scale),
        "keys": lambda: processor_cost.keys(topics, scale),
    })
