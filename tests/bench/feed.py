"""feed.py - the whole container: its start, stop, memory and image."""
import re
import subprocess
import tempfile
import time
from datetime import datetime

from measure import pairs

# As docker-compose.yml runs it.
AS_SHIPPED = ["--read-only", "--tmpfs", "/run", "--tmpfs", "/tmp:exec",
              "--cap-drop", "ALL", "--security-opt", "no-new-privileges"]

# What Kafka's own scripts give a broker, a ZooKeeper and the log cleaner.
DEFAULT_HEAP = ["-e", "KAFKA_HEAP_OPTS=-Xmx1G -Xms1G",
                "-e", "ZOOKEEPER_HEAP_OPTS=-Xmx512M -Xms512M",
                "-e", "KAFKA_LOG_CLEANER_DEDUPE_BUFFER_SIZE=134217728"]

RECORDS = 1_000_000

# When the process began that became Kafka, and when it said that it had
# started; when the first price was printed is told from outside.
LOOK = r"""
import glob, os, re, time
now, up = time.time(), float(open("/proc/uptime").read().split()[0])
tick = os.sysconf("SC_CLK_TCK")
for path in glob.glob("/proc/[0-9]*/cmdline"):
    try:
        if "kafka.Kafka" in open(path).read().split("\0"):
            stat = open(path.replace("cmdline", "stat")).read()
            print(now - up + int(stat.rsplit(")", 1)[1].split()[19]) / tick)
    except OSError:
        pass
log = open("/run/pricefeed/log/kafka.log").read()
print(re.search(r"(\S+) INFO \[KafkaServer id=\d+\] started", log)[1])
"""


def docker(*arguments, timeout=300, **more):
    return subprocess.run(["docker", *arguments], check=True, text=True,
                          capture_output=True, timeout=timeout, **more).stdout


def when(text):
    """Docker's and Java's times, as seconds since 1970."""
    text = re.sub(r"(\.\d{6})\d*", r"\1", text.strip()).replace("Z", "+00:00")
    return datetime.fromisoformat(text).timestamp()


def inspect(container, field):
    return docker("inspect", "--format", "{{.State.%s}}" % field, container)


class Container:
    def __init__(self, image, *options):
        self.id = docker("run", "--detach", *AS_SHIPPED, *options,
                         image).strip()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        docker("rm", "--force", "--volumes", self.id)

    def first_price(self):
        """Seconds since the container's start."""
        logs = subprocess.Popen(
            ["docker", "logs", "--timestamps", "--follow", self.id],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        line = logs.stdout.readline()
        logs.terminate()
        logs.wait()
        self.started, self.priced = (when(inspect(self.id, "StartedAt")),
                                     when(line.split()[0]))
        return self.priced - self.started

    def broker_seconds(self):
        """Of that time, what was the broker's JVM: exec to "started"."""
        begin, end = docker("exec", self.id, "python3", "-c",
                            LOOK).splitlines()
        return when(end) - float(begin)

    def stop(self):
        """From TERM to the end of the container."""
        begin = time.time()
        docker("kill", "--signal", "TERM", self.id)
        docker("wait", self.id)
        return when(inspect(self.id, "FinishedAt")) - begin


def start(image, peers_image, rounds):
    def ours():
        with Container(image) as c:
            seconds = c.first_price()
            broker = c.broker_seconds()
            return {"seconds": seconds, "not_broker_ms":
                    1000 * (seconds - broker), "stop_s": c.stop()}

    def plain():
        with Container(peers_image, "--entrypoint", "/bench/plain-start",
                       "--tmpfs", "/run/pricefeed:mode=1777") as c:
            return {"seconds": c.first_price()}

    return pairs(ours, {"plain": plain}, rounds, "seconds", warm_up=rounds > 1)


def anonymous_mb(container):
    """Of the container's control group; page cache is not in it."""
    text = docker("exec", container, "sh", "-c",
                  "cat /sys/fs/cgroup/memory.stat 2>/dev/null ||"
                  " cat /sys/fs/cgroup/memory/memory.stat")
    found = re.search(r"^(?:anon|total_rss) (\d+)", text, re.M)
    return int(found[1]) / 1e6


def after_records(image, *options):
    """Memory once a million records were made, kept and printed."""
    with Container(image, "-e", "PRODUCER_FEED_RATE=0", "-e",
                   f"PRODUCER_FEED_COUNT={RECORDS}", *options) as c:
        logs = subprocess.Popen(["docker", "logs", "--follow", c.id],
                                stdout=subprocess.PIPE,
                                stderr=subprocess.DEVNULL)
        for _ in range(RECORDS):
            logs.stdout.readline()
        logs.terminate()
        logs.wait()
        return {"mb": anonymous_mb(c.id)}


def memory(image, rounds):
    return pairs(lambda: after_records(image),
                 {"Kafka's default heap": lambda: after_records(
                     image, *DEFAULT_HEAP)}, rounds, "mb", warm_up=False)


def image_size(image, base):
    def size(name):
        return int(docker("image", "inspect", "--format", "{{.Size}}", name))

    with tempfile.TemporaryFile() as packed:
        save = subprocess.Popen(["docker", "save", image],
                                stdout=subprocess.PIPE)
        subprocess.run(["gzip", "-c"], stdin=save.stdout, stdout=packed,
                       check=True)
        save.wait()
        zipped = packed.seek(0, 2)
    return {"over_base_mb": (size(image) - size(base)) / 1e6,
            "gzipped_mb": zipped / 1e6}
