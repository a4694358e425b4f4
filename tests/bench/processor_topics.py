"""processor_topics.py - what pf-processor and its peers read, and write."""
import random
import subprocess

import programs
from measure import run

SEED = 1
AT_ONCE = 100_000


def keyed(topic, count, keys=1000):
    """Each record has one of that many keys, at random."""
    some, dice = range(keys), random.Random(SEED)
    with subprocess.Popen(programs.keyed(topic), stdin=subprocess.PIPE,
                          text=True) as kcat:
        for at in range(0, count, AT_ONCE):
            kcat.stdin.write("".join(
                f'{key}:{{"match": 123, "price": 4.56}}\n' for key in
                dice.choices(some, k=min(AT_ONCE, count - at))))
    if kcat.returncode:
        raise RuntimeError(f"kcat ended with {kcat.returncode}")


MAKERS = {
    "prices": lambda topic, n: run(programs.producer(topic, n), n),
    "logins": lambda topic, n: run(programs.logins(topic, n), n),
    "keyed": keyed,
}


class Topics:
    """Topics with that many records of a kind, each made once."""

    def __init__(self, broker):
        self.broker, self.made = broker, {}

    def get(self, kind, n, *more):
        name = "-".join(map(str, ["bench", kind, n, *more]))
        if name not in self.made:
            MAKERS[kind](self.broker.create(name), n, *more)
            self.made[name] = n
        return name


def count_records(topic):
    """By a reader of what is committed."""
    return len(subprocess.run(programs.records_of(topic), check=True,
                              stdout=subprocess.PIPE).stdout)
