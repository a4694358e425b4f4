"""page.py - the live page: what it costs the feed, and how fast it is.

The feed runs in a container; the browser, or whatever else asks, beside it.
"""
import http.client
import json
import pathlib
import re
import socket
import statistics
import subprocess
import time

from feed import Container, docker
from measure import say

HERE = pathlib.Path(__file__).resolve().parent
STREAMS = 1000
RECORDS = 10_000_000
WARM_S = 5
PAIRS = 12  # of a round: 20 seconds at full speed may differ by an eighth from
PAIR_S = 3  # the next 20, so what is compared lies close together
SETTLE_S = 0.7  # until an opened page has loaded
LATENCY_S = 10  # what /api/v1/now looks back
YOUNG_S = 40  # so long the broker's JVM compiles: p99 falls from 8 ms to 2


class Web:
    """A feed whose page is published on a port of this machine."""

    def __init__(self, image, *options):
        self.container = Container(image, "--publish", "127.0.0.1::8080",
                                   "--log-driver", "none", *options)
        self.port = int(docker("port", self.container.id, "8080")
                        .rsplit(":", 1)[1])
        until = time.monotonic() + 60
        while self.status("/ready") != 200:
            if time.monotonic() > until:
                raise RuntimeError("the page does not answer")
            time.sleep(0.05)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.container.__exit__()

    def status(self, path):
        try:
            return self.ask(path)[0]
        except OSError:
            return 0

    def ask(self, path, connection=None):
        one = connection or http.client.HTTPConnection("127.0.0.1", self.port,
                                                       timeout=30)
        one.request("GET", path, headers={"Host": "localhost"})
        answer = one.getresponse()
        body = answer.read()
        if not connection:
            one.close()
        return answer.status, body

    def json(self, path):
        status, body = self.ask("/api/v1/" + path)
        if status != 200:
            raise RuntimeError(f"{path}: {status} {body[:200]}")
        return json.loads(body)

    def printed(self):
        """How many records the consumer has printed."""
        text = self.ask("/metrics")[1].decode()
        return float(re.search(r'^pricefeed_records_arrived_total'
                               r'\{program="consumer"\} (\S+)', text, re.M)[1])

    def program(self, path, pattern):
        """A number from /proc/PID of pf-web."""
        text = docker("exec", self.container.id, "sh", "-c",
                      'for p in /proc/[0-9]*; do [ "$(cat $p/comm 2>/dev/null)"'
                      f' = pf-web ] && cat $p/{path}; done; true')
        return re.search(pattern, text)

    def memory_kb(self, what="VmRSS"):
        return int(self.program("status", rf"{what}:\s+(\d+)")[1])

    def processor_s(self):
        fields = self.program("stat", r"\) (.*)")[1].split()
        return (int(fields[11]) + int(fields[12])) / 100


class Browser:
    """A page that is open; first_paint_ms is how long that took."""

    def __init__(self, url):
        self.process = subprocess.Popen(
            ["node", HERE / "open-page.mjs", url], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, text=True, bufsize=1)
        self.first_paint_ms = float(self.process.stdout.readline())

    def go(self, url):
        self.process.stdin.write(url + "\n")
        if not self.process.stdout.readline():
            raise RuntimeError(f"the browser has ended before {url}")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait(timeout=30)


def spread(values):
    return {"median": statistics.median(values), "min": min(values),
            "max": max(values), "n": len(values), "each": values}


def beside(web, rounds, measure_it, view):
    """What measure_it() has with a page open, through that without one: the
    mean of before and after it. Also how long the first paint took."""
    ratios, paints = [], []
    without = measure_it()
    for _ in range(rounds):
        with Browser(f"http://localhost:{web.port}/#/{view}") as page:
            paints.append(page.first_paint_ms)
            time.sleep(WARM_S)
            with_page = measure_it()
        time.sleep(WARM_S)
        after = measure_it()
        ratios.append(with_page / ((without + after) / 2))
        without = after
    return spread(ratios), paints


def throughput(image, rounds):
    """Records a second that are printed with the page open, through those
    without it: in a browser that runs all the time, by turns, the first of a
    pair the second of the next one."""
    with Web(image, "-e", "PRODUCER_FEED_RATE=0") as web:
        url, nothing = f"http://localhost:{web.port}/#/prices", "about:blank"
        ratios = []

        def measure_it(page, where):
            page.go(where)
            time.sleep(SETTLE_S)
            began, before = time.monotonic(), web.printed()
            time.sleep(PAIR_S)
            return (web.printed() - before) / (time.monotonic() - began)

        with Browser(url) as page:
            time.sleep(WARM_S)
            for _ in range(rounds):
                total = {url: 0, nothing: 0}
                for pair in range(PAIRS):
                    for where in sorted(total, reverse=pair % 2):
                        total[where] += measure_it(page, where)
                ratios.append(total[url] / total[nothing])
            return spread(ratios), [page.first_paint_ms]


def latency(image, rounds):
    with Web(image, "-e", "PRODUCER_FEED_RATE=1000") as web:
        def measure_it():
            time.sleep(LATENCY_S + 1)
            return web.json("now")["latency_seconds"]["p99"]

        time.sleep(YOUNG_S)
        return beside(web, rounds, measure_it, "prices")


def hold_streams(web, n):
    """That many streams of prices, each of which has begun."""
    streams = []
    for _ in range(n):
        one = socket.create_connection(("127.0.0.1", web.port), timeout=30)
        one.sendall(b"GET /api/v1/prices/events HTTP/1.1\r\n"
                    b"Host: localhost\r\n\r\n")
        streams.append(one)
    for one in streams:
        one.recv(65536)
    return streams


def read_all(streams, seconds):
    """Read what comes, as fast as it does; how many frames that were."""
    import selectors
    ready = selectors.DefaultSelector()
    for one in streams:
        one.setblocking(False)
        ready.register(one, selectors.EVENT_READ)
    until, frames = time.monotonic() + seconds, 0
    while time.monotonic() < until:
        for key, _ in ready.select(0.1):
            frames += key.fileobj.recv(1 << 20).count(b"event: prices")
    ready.close()
    return frames


def streams(image, seconds):
    """Idle memory, memory of a stream, processors that a thousand of them take
    at a thousand prices a second."""
    with Web(image, "-e", "PRODUCER_FEED_RATE=1000") as web:
        time.sleep(WARM_S)
        idle_kb = web.memory_kb()
        held = hold_streams(web, STREAMS)
        read_all(held, WARM_S)
        stream_kb = (web.memory_kb() - idle_kb) / STREAMS
        before = web.processor_s()
        frames = read_all(held, seconds)
        processors = (web.processor_s() - before) / seconds
        for one in held:
            one.close()
        return {"idle_mb": idle_kb / 1024, "stream_kb": stream_kb,
                "processors": processors,
                "frames_per_stream_s": frames / STREAMS / seconds}


def answers(image, n):
    """Milliseconds that /metrics takes, on a connection that is open."""
    with Web(image, "-e", "PRODUCER_FEED_RATE=1000") as web:
        connection = http.client.HTTPConnection("127.0.0.1", web.port)
        times = []
        for _ in range(n):
            began = time.monotonic()
            web.ask("/metrics", connection)
            times.append(1000 * (time.monotonic() - began))
        return spread(times)


def records(image, n):
    """Of a topic of ten million: its newest, and a text that is nowhere."""
    with Web(image, "-e", "PRODUCER_FEED_RATE=0", "-e",
             f"PRODUCER_FEED_COUNT={RECORDS}", "-e",
             "KAFKA_LOG_RETENTION_BYTES=-1") as web:
        while web.printed() < RECORDS:
            time.sleep(0.2)
        path = "topics/prices-topic/records"
        web.json(path)
        newest = []
        for _ in range(n):
            began = time.monotonic()
            found = web.json(path + "?limit=50")
            newest.append(1000 * (time.monotonic() - began))
            if len(found["records"]) != 50:
                raise RuntimeError("not the newest 50")
        before_kb = web.memory_kb()
        began, looked, token = time.monotonic(), 0, ""
        while token is not None:
            found = web.json(f"{path}?text=nowhere&next={token}" if token
                             else f"{path}?text=nowhere")
            looked += found["looked_at"]
            token = found["next"]
        seconds = time.monotonic() - began
        if looked < RECORDS:
            raise RuntimeError(f"it looked at {looked} records")
        return {"newest_ms": spread(newest), "search_per_s": looked / seconds,
                "search_kb": web.memory_kb("VmHWM") - before_kb}


def page(image, rounds):
    """All of it; rounds of those that compare."""
    found, paints = {}, []
    for name, measure_it in {
            "throughput": lambda: throughput(image, rounds),
            "latency": lambda: latency(image, rounds)}.items():
        found[name], more = measure_it()
        paints += more
        say(f"page: {name} is measured")
    found["first_paint_ms"] = spread(paints)
    found["streams"] = streams(image, 6)
    found["metrics_ms"] = answers(image, 50)
    found["records"] = records(image, 10)
    return found
