"""inside.py GROUP ROUNDS SCALE... - what runs inside the benchmark's container.

Prints one JSON object, {group: result}, on standard output. Several groups
share one broker.
"""
import json
import os
import platform
import subprocess
import sys

import cluster
import growth
import latency
import processor
import speed
from broker import Broker
from measure import all_that_work

GROUPS = {"produce": speed.produce, "consume": speed.consume,
          "by_key": speed.by_key, "group": speed.group,
          "together": speed.together, "latency": latency.latency,
          "growth": growth.growth, "processor": processor.processor,
          "cluster": cluster.cluster}


def versions():
    def first(*command):
        return subprocess.run(command, capture_output=True, text=True,
                              check=False).stdout.strip().splitlines()[0]
    import confluent_kafka
    import kafka

    return {
        "pf-producer": first("pf-producer", "--version"),
        "librdkafka": first("dpkg-query", "-W", "-f", "${Version}",
                            "librdkafka1"),
        "kcat": first("dpkg-query", "-W", "-f", "${Version}", "kcat"),
        "kafka-python": kafka.__version__,
        "confluent-kafka-python": confluent_kafka.__version__,
        "jars": sorted(name for name in os.listdir(os.environ["PF_JARS"])
                       if name.startswith(("kafka_", "zookeeper-3"))),
        "python": platform.python_version(),
        "settings": {
            name: first_settings(name) for name in ("producer", "consumer")},
    }


def first_settings(name):
    """What our programs run with, as they say themselves."""
    return subprocess.run(
        [f"pf-{name}", "-F", f"{os.environ['PF_CONFIG']}/{name}.properties",
         "--show-config"] + (["-X", "feed.rate=0"] if name == "producer"
                             else []),
        capture_output=True, text=True, check=True).stdout.splitlines()


def main():
    found = {"versions": versions()}
    with Broker() as broker:
        for word in sys.argv[1:]:
            name, rounds, scale = word.split(":")
            found |= all_that_work({name: lambda: GROUPS[name](
                broker, int(rounds), float(scale))})
    json.dump(found, sys.stdout)


main()
