"""broker.py - the image's brokers, started as the image starts them."""
import itertools
import os
import pathlib
import re
import shutil
import socket
import subprocess
import time

from measure import say
from programs import BROKER

PATIENCE_S = 60
names = (f"bench-{n}" for n in itertools.count())


class Kafka:
    """Brokers at an address, their JVMs, and topics. create() is theirs."""

    def __init__(self, address):
        self.address = address
        self.processes, self.topics, self.client = [], [], None

    def topic(self, partitions=1):
        """A fresh topic's name; those before the last few are deleted."""
        name = self.create(next(names), partitions)
        self.topics.append(name)
        if len(self.topics) > 4:
            self.delete(self.topics.pop(0))
        return name

    def delete(self, name):
        for done in self.admin().delete_topics([name]).values():
            done.result()

    def admin(self):
        from confluent_kafka.admin import AdminClient

        if not self.client:
            self.client = AdminClient({"bootstrap.servers": self.address,
                                       "log_level": 2})
        return self.client

    def memory_mb(self):
        """Anonymous memory of the JVMs."""
        total = 0
        for process in self.processes:
            with open(f"/proc/{process.pid}/status") as status:
                total += sum(int(line.split()[1]) for line in status
                             if line.startswith("RssAnon"))
        return total / 1024

    def start(self, name, run, **environment):
        """The JVM of that script of the image, with its settings in run."""
        with open(f"{run}/{name}.log", "w") as log:
            self.processes.append(subprocess.Popen(
                [f"{os.environ['PF_HOME']}/broker/{name}"], stdout=log,
                stderr=log, env=os.environ | environment))

    def __exit__(self, *_):
        for process in reversed(self.processes):
            process.terminate()
            process.wait(PATIENCE_S)


class Broker(Kafka):
    """ZooKeeper and Kafka with the shipped settings and nothing beside."""

    def __init__(self):
        super().__init__(BROKER)

    def __enter__(self):
        run = os.environ["PF_RUN"]
        for name in ("server", "zookeeper"):
            shutil.copy(f"{os.environ['PF_CONFIG']}/{name}.properties", run)
        for name in ("zookeeper", "kafka"):
            self.start(name, run)
        subprocess.run(["pf-broker", "wait"], check=True)
        say("the broker runs")
        return self

    def create(self, name, partitions=1):
        """A topic that stays until delete(). What pf-broker says is of interest
        only if it fails."""
        made = subprocess.run(["pf-broker", "topic", name, "--partitions",
                               str(partitions)], stderr=subprocess.PIPE,
                              text=True, check=False)
        if made.returncode:
            raise RuntimeError(made.stderr.strip())
        return name


def unused_ports(n):
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(n)]
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


def broker_settings(composition):
    """Of the brokers of cluster.yml: what KAFKA_X_Y says is x.y; and the heap."""
    text = composition.read_text()
    text = text[text.index("&broker-environment"):]
    text = text[:text.index("volumes:")]
    rows = dict(re.findall(r"^ +KAFKA_(\w+): \"?([^\"\n]+)", text, re.M))
    heap = re.fullmatch(r"\$\{KAFKA_HEAP_OPTS:-(.*)\}", rows.pop("HEAP_OPTS"))[1]
    return {name.lower().replace("_", "."): value
            for name, value in rows.items()}, heap


class Cluster(Kafka):
    """Three brokers with the settings of cluster.yml, and one ZooKeeper."""

    def __init__(self, composition):
        self.zookeeper, *ports = unused_ports(4)
        self.brokers = [f"127.0.0.1:{port}" for port in ports]
        super().__init__(",".join(self.brokers))
        self.settings, self.heap = broker_settings(composition)

    def node(self, name, script, file, settings, **environment):
        """Its settings come after those of the shipped file: the last counts."""
        node = pathlib.Path(os.environ["PF_RUN"], "cluster", name)
        run, data = node / "run", node / "data"
        run.mkdir(parents=True)
        data.mkdir()
        shipped = pathlib.Path(os.environ["PF_CONFIG"], f"{file}.properties")
        rows = [f"{name}={value}" for name, value in settings.items()]
        (run / shipped.name).write_text("\n".join([shipped.read_text(), *rows]))
        self.start(script, run, PF_RUN=str(run), PF_DATA=str(data),
                   **environment)

    def __enter__(self):
        self.node("zookeeper", "zookeeper", "zookeeper",
                  {"clientPort": self.zookeeper})
        for n, broker in enumerate(self.brokers, start=1):
            self.node(f"broker-{n}", "kafka", "server", self.settings | {
                "broker.id": n, "listeners": f"LOCAL://{broker}",
                "advertised.listeners": f"LOCAL://{broker}",
                "zookeeper.connect": f"127.0.0.1:{self.zookeeper}",
            }, KAFKA_HEAP_OPTS=self.heap)
        self.wait()
        say("the cluster runs")
        return self

    def create(self, name, partitions=1):
        """The same, with as many replicas as the brokers' setting says; the
        other brokers may hear of it a little later."""
        from confluent_kafka.admin import NewTopic

        for done in self.admin().create_topics(
                [NewTopic(name, partitions, -1)]).values():
            done.result()
        return name

    def wait(self):
        """Until clients are told of all of them."""
        from confluent_kafka import KafkaException

        deadline = time.monotonic() + PATIENCE_S
        found, all_ = 0, len(self.brokers)
        while found < all_:
            if time.monotonic() > deadline:
                raise RuntimeError(f"{found} of {all_} brokers came up")
            try:
                found = len(self.admin().list_topics(timeout=1).brokers)
            except KafkaException:
                pass  # it asks again
