"""measure.py - runs of programs, and pairs of runs."""
import os
import re
import statistics
import subprocess
import sys
import threading
import time

PIPE_SIZE = 1 << 16
TOO_DIFFERENT = 1.25  # two runs of ours around a peer's: the pair is thrown out
TRIES = 3             # for one pair or run, and what is still unsteady is said
STOLEN = 0.01         # of processor time: as much as a 99th percentile leaves
PATIENCE_S = 300      # a program that hangs is killed, and its group has failed


def say(text):
    print(f"bench: {text}", file=sys.stderr, flush=True)


class Program:
    """A program under way: its time, processor time, peak memory, output."""

    def __init__(self, command, output=subprocess.DEVNULL):
        self.began = time.monotonic()
        self.process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output,
            stderr=subprocess.PIPE)
        self.peak_kb = 0
        self.said = b""
        self.patience = threading.Timer(PATIENCE_S, self.process.kill)
        self.patience.start()
        self.threads = [threading.Thread(target=self._watch),
                        threading.Thread(target=self._listen)]
        for thread in self.threads:
            thread.start()

    def _watch(self):
        """VmHWM is the peak since exec; getrusage's includes this harness."""
        path = f"/proc/{self.process.pid}/status"
        while self.process.returncode is None:
            try:
                with open(path) as status:
                    found = re.search(r"VmHWM:\s+(\d+)", status.read())
            except OSError:
                return
            if not found:  # it has ended
                return
            self.peak_kb = int(found[1])
            time.sleep(0.02)

    def _listen(self):
        self.said = self.process.stderr.read()

    def read(self):
        """(seconds since the start, lines so far) for each read of a pipe."""
        fd, lines, reads = self.process.stdout.fileno(), 0, []
        while chunk := os.read(fd, PIPE_SIZE):
            lines += chunk.count(b"\n")
            reads.append((time.monotonic() - self.began, lines))
        return reads

    def wait(self):
        _, status, usage = os.wait4(self.process.pid, 0)
        self.seconds = time.monotonic() - self.began
        self.process.returncode = os.waitstatus_to_exitcode(status)
        self.cpu = usage.ru_utime + usage.ru_stime
        self.patience.cancel()
        for thread in self.threads:
            thread.join()
        if self.process.returncode:
            raise RuntimeError(f"{self.process.args} ended with "
                               f"{self.process.returncode}: "
                               f"{self.said[-2000:].decode()}")
        return self


def run(command, count, seconds=None):
    """Run to the end. seconds: how to find them in what it printed, of a
    program that does other things than records for long."""
    program = Program(command, subprocess.PIPE)
    text = program.process.stdout.read()
    program.wait()
    if not seconds:
        return result(program, count, program.seconds)
    return result(program, count, seconds(text.decode())) | {"reported": True}


def run_to_pipe(command, count):
    """Run a program that prints a line for each of count records.

    streamed_per_s is from its first output to its last, without the start of
    the process: what programs count that report their own time.
    """
    program = Program(command, subprocess.PIPE)
    reads = program.read()
    program.wait()
    lines = reads[-1][1] if reads else 0
    if lines != count:
        raise RuntimeError(f"{command[0]}: {lines} lines, not {count}")
    found = result(program, count, program.seconds)
    (began, first), (ended, last) = reads[0], reads[-1]
    if last > first:
        found["streamed_per_s"] = (last - first) / (ended - began)
    return found


def result(program, count, seconds):
    return {"per_s": count / seconds, "seconds": seconds,
            "cpu_ns": 1e9 * program.cpu / count,
            "peak_mb": program.peak_kb / 1024}


def pairs(ours, peers, rounds, key="per_s", warm_up=True, also=()):
    """Interleave: A B1 A B2 A B1 A ..., each a function giving a dictionary.

    A run of ours is before and after each of a peer's; their mean is what
    that one is compared with. When the two differ too much, somebody else was
    at work: the pair is thrown out and repeated. One round goes before, for
    warming up. Returns our results, and for each peer its own and the ratios,
    those of what else is to be compared, by its key, as well. With a peer that
    reports its own time, ours is compared as streamed_per_s where it has one.
    """
    found = {name: [] for name in peers}
    ours_counted, thrown, noisy = [], 0, 0
    if warm_up:
        for warm in [ours, *peers.values()]:
            warm()
    before = ours()
    for _ in range(rounds):
        for name, peer in peers.items():
            for _ in range(TRIES):
                first, theirs, before = before, peer(), ours()
                a, b = first[key], before[key]
                steady = max(a, b) <= TOO_DIFFERENT * min(a, b)
                if steady:
                    break
                thrown += 1
            noisy += not steady
            ours_counted.append(before)
            found[name].append((first, theirs, before))
    return {"ours": summary([r[key] for r in ours_counted]),
            "runs": ours_counted,
            "thrown_out": thrown - noisy, "noisy": noisy,
            "peers": {name: compare(rows, key, also)
                      for name, rows in found.items()}}


def processor_ticks():
    """(busy and stolen, stolen): the latter went to another virtual machine
    while this one had work to do, proc(5)."""
    with open("/proc/stat") as stat:
        user, nice, system, _, _, irq, softirq, steal = map(
            int, stat.readline().split()[1:9])
    return user + nice + system + irq + softirq + steal, steal


def stolen_since(before):
    """The share of the processor time that was wanted since these ticks."""
    wanted, stolen = (now - then for now, then
                      in zip(processor_ticks(), before))
    return stolen / max(1, wanted)


def undisturbed(measure, rounds):
    """Runs without a peer beside them, which would show that somebody else was
    at work: one that lost more than STOLEN is thrown out and repeated. When
    all tries did, the one that lost the least counts."""
    runs, thrown, noisy = [], 0, 0
    for _ in range(rounds):
        tries = []
        for _ in range(TRIES):
            before = processor_ticks()
            tries.append(measure() | {"stolen": stolen_since(before)})
            if tries[-1]["stolen"] <= STOLEN:
                break
        best = min(tries, key=lambda run: run["stolen"])
        thrown += len(tries) - 1
        noisy += best["stolen"] > STOLEN
        runs.append(best)
    return {"runs": runs, "thrown_out": thrown, "noisy": noisy}


def compare(rows, key, also):
    """Of (ours before, theirs, ours after)."""
    theirs = [their for _, their, _ in rows]
    return {"value": summary([their[key] for their in theirs]),
            "ratio": ratios(rows, key),
            "also": {more: ratios(rows, more) for more in also},
            "runs": theirs}


def ratios(rows, key):
    def ratio(before, their, after):
        ours = key
        if key == "per_s" and their.get("reported"):
            ours = "streamed_per_s" if "streamed_per_s" in before else key
        return (before[ours] + after[ours]) / 2 / their[key]
    return summary([ratio(*row) for row in rows])


def all_that_work(parts):
    """What each of these functions gives, by its name. One that fails is left
    out, and that is said."""
    found = {}
    for name, function in parts.items():
        try:
            found[name] = function()
        except (RuntimeError, OSError, IndexError,
                subprocess.SubprocessError) as failure:
            say(f"{name} failed: {failure}")
            continue
        say(f"{name} is measured")
    return found


def summary(values):
    return {"median": statistics.median(values), "min": min(values),
            "max": max(values), "n": len(values), "each": list(values)}


def percentile(ordered, share):
    """Of values in order; the smallest that is not below that share."""
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
