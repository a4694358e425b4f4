#!/usr/bin/env python3
"""charts.py - a chart for each question that a reader has, by gnuplot.

    tests/bench/charts.py BENCH.json DIR [CHART...]    those of an earlier run

The best is on top, and ours has a colour of its own.
"""
import json
import pathlib
import re
import shutil
import statistics
import subprocess
import sys

from rows import LESS, MORE

OURS, THEIRS, LINE = "0xd95f02", "0x9fb6c9", "#222222"
WIDTH = 720
MOST_TICS = 6

# Group of pairs, what its chart is called, which is better.
PAIRS = [
    ("produce", "how fast it produces: records a second", MORE),
    ("consume", "how fast it reads, decodes and prints: records a second",
     MORE),
    ("together", "producer, broker and consumer at once: records a second",
     MORE),
    ("start", "from the container's start to the first price: seconds", LESS),
    ("memory", "anonymous memory after a million records: MB", LESS),
]

# Half of what gnuplot writes; its titles would be shown under a mouse.
NOTHING = r"<g [^>]*>\s*</g>\n|<title>.*?</title>"

HEAD = """
set terminal svg size {width},{height} noenhanced font "sans,12" \\
    background "white"
"""

BARS = """
set title "{title}" noenhanced
set yrange [{rows}-0.4:-0.6]
set xrange [0:{end}]
set xtics nomirror ({tics})
set ytics nomirror scale 0 noenhanced
set style fill solid 1
set grid xtics
set border 3
unset key
$bars << END
{data}
END
plot $bars using ($2/2):0:($2/2):(0.35):5:ytic(1) \\
         with boxxyerror lc rgb variable notitle, \\
     $bars using 2:0:3:4 with xerrorbars lc rgb "{line}" pt 0 lw 1.5 notitle, \\
     $bars using 4:0:6 with labels left offset 0.7,0 noenhanced notitle
"""

GROWTH = """
$growth << END
{data}
END
set multiplot layout 1,2 title "producer, broker and consumer at once, \\
as there are more records" noenhanced
set logscale x
set format x "%.0s %c"
set yrange [0:*]
set grid ytics
set border 3
set tics nomirror
set key center right
set title "ns a record" noenhanced
plot $growth using 1:2 with linespoints lw 2 pt 7 lc rgb {ours} notitle
set title "memory, MB" noenhanced
plot $growth using 1:5 with linespoints lw 2 pt 7 lc rgb {theirs} \\
         title "broker", \\
     $growth using 1:3 with linespoints lw 2 pt 7 lc rgb {ours} \\
         title "pf-producer", \\
     $growth using 1:4 with linespoints lw 2 pt 6 lc rgb "{line}" \\
         title "pf-consumer"
unset multiplot
"""


def short(value):
    """As one says it: 1 M, 33.3 k, 0.94."""
    for size, letter in ((1e6, " M"), (1e3, " k"), (1, "")):
        if value >= size:
            return f"{value / size:.3g}{letter}"
    return f"{value:.2g}"


def tics(end):
    """Places on an axis from 0 to end, each with what it says."""
    power = 1e-6
    while True:
        for step in (power, 2 * power, 5 * power):
            if end / step <= MOST_TICS:
                return ", ".join(f'"{short(n * step)}" {n * step:.10g}'
                                 for n in range(int(end / step) + 1))
        power *= 10


def bars(title, rows):
    """Of (name, value, from, to, what is written beside it)."""
    end = 1.2 * max(high for _, _, _, high, _ in rows)
    data = "\n".join(
        f'"{name}" {value} {low} {high} '
        f'{OURS if "pricefeed" in name else THEIRS} "{text}"'
        for name, value, low, high, text in rows)
    return BARS.format(title=title, rows=len(rows), end=end, tics=tics(end),
                       line=LINE, data=data), 80 + 34 * len(rows)


def pair_bars(title, better, pair):
    values = {"pricefeed": pair["ours"]} | {
        name: peer["value"] for name, peer in pair["peers"].items()}
    return bars(title, [
        (name, v["median"], v["min"], v["max"], short(v["median"]))
        for name, v in sorted(values.items(), reverse=better == MORE,
                              key=lambda item: item[1]["median"])])


def latency_bars(latency):
    """At each rate from the median to the 99th percentile."""
    rows = []

    def row(name, rate, runs):
        p50, p99 = (statistics.median(run[key] for run in runs)
                    for key in ("p50_ms", "p99_ms"))
        name += f", {int(rate):_}/s".replace("_", " ")
        rows.append((name, p50, p50, p99, f"{short(p50)}, {short(p99)}"))

    for rate in sorted(latency, key=int):
        row("pricefeed", rate, latency[rate]["runs"])
        for name, peer in latency[rate].get("peers", {}).items():
            row(name, rate, peer["runs"])
    return bars("how late a price is printed: median and 99th percentile, ms",
                rows)


def growth_lines(growth):
    return GROWTH.format(ours=OURS, theirs=THEIRS, line=LINE, data="\n".join(
        f"{run['count']} {run['ns']['median']} {run['producer_mb']} "
        f"{run['consumer_mb']} {run['broker_mb']}"
        for run in growth["counts"])), 340


def charts(found):
    """What gnuplot is to do and the height, by name, of all measured groups."""
    drawn = {group: pair_bars(title, better, found[group])
             for group, title, better in PAIRS if group in found}
    if "latency" in found:
        drawn["latency"] = latency_bars(found["latency"])
    if "growth" in found:
        drawn["growth"] = growth_lines(found["growth"])
    return drawn


def need_gnuplot():
    if not shutil.which("gnuplot"):
        sys.exit("bench: the charts need gnuplot: "
                 "compose-pipeline/have-packages bench installs it")


def draw(found, directory, names=None):
    directory = pathlib.Path(directory)
    directory.mkdir(parents=True, exist_ok=True)
    for name, (body, height) in charts(found).items():
        if not names or name in names:
            svg = subprocess.run(
                ["gnuplot"], input=HEAD.format(width=WIDTH, height=height) +
                body, text=True, check=True, stdout=subprocess.PIPE).stdout
            (directory / f"{name}.svg").write_text(re.sub(NOTHING, "", svg))


if __name__ == "__main__":
    need_gnuplot()
    with open(sys.argv[1]) as file:
        draw(json.load(file), sys.argv[2], sys.argv[3:])
