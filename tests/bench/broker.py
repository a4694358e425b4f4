"""broker.py - the image's broker, started as the image starts it."""
import itertools
import os
import shutil
import subprocess

from measure import say
from programs import BROKER

names = (f"bench-{n}" for n in itertools.count())


class Broker:
    """ZooKeeper and Kafka with the shipped settings and nothing beside."""

    def __enter__(self):
        home, run = os.environ["PF_HOME"], os.environ["PF_RUN"]
        for name in ("server", "zookeeper"):
            shutil.copy(f"{os.environ['PF_CONFIG']}/{name}.properties", run)
        self.processes = []
        for name in ("zookeeper", "kafka"):
            with open(f"{run}/{name}.log", "w") as log:
                self.processes.append(subprocess.Popen(
                    [f"{home}/broker/{name}"], stdout=log, stderr=log))
        subprocess.run(["pf-broker", "wait"], check=True)
        say("the broker runs")
        return self

    def __exit__(self, *_):
        for process in reversed(self.processes):
            process.terminate()
            process.wait(30)

    def create(self, name, partitions=1):
        """A topic that stays until delete()."""
        subprocess.run(["pf-broker", "topic", name, "--partitions",
                        str(partitions)], check=True)
        return name

    def topic(self, partitions=1):
        """A fresh topic's name; those before the last few are deleted."""
        name = next(names)
        self.create(name, partitions)
        old = int(name.split("-")[1]) - 4
        if old >= 0:
            self.delete(f"bench-{old}")
        return name

    def delete(self, name):
        from confluent_kafka.admin import AdminClient

        if not hasattr(self, "admin"):
            self.admin = AdminClient({"bootstrap.servers": BROKER,
                                      "log_level": 2})
        for done in self.admin.delete_topics([name]).values():
            done.result()

    def memory_mb(self):
        """Anonymous memory of the broker's two JVMs."""
        total = 0
        for process in self.processes:
            with open(f"/proc/{process.pid}/status") as status:
                total += sum(int(line.split()[1]) for line in status
                             if line.startswith("RssAnon"))
        return total / 1024
