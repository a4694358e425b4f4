"""charts.py - a chart for each group, by gnuplot."""
import pathlib
import subprocess

from table import all_pairs

BARS = """
set terminal svg size 720,{height} font "sans,12" background "white"
set output "{output}"
set title "{title}"
set yrange [-0.6:{rows}-0.4] reverse
set xrange [0:*]
set style fill solid 0.7
set grid xtics
set ytics nomirror
unset key
plot "-" using ($2/2):0:($2/2):(0.35):ytic(1) with boxxyerror lc rgb "#4477aa", \\
     "-" using 2:0:3:4 with xerrorbars lc rgb "#222222" pt 0 lw 1.5
{data}
e
{data}
e
"""

LINES = """
set terminal svg size 720,360 font "sans,12" background "white"
set output "{output}"
set title "producer, broker and consumer at once, as the work grows"
set logscale x
set xlabel "records"
set ylabel "ns a record"
set y2label "MB"
set yrange [0:*]
set y2range [0:*]
set ytics nomirror
set y2tics
set key bottom right
plot "-" using 1:2 with linespoints title "ns a record", \\
     "-" using 1:2 axes x1y2 with linespoints title "pf-producer, MB", \\
     "-" using 1:2 axes x1y2 with linespoints title "pf-consumer, MB"
{data}
"""


def gnuplot(text):
    subprocess.run(["gnuplot"], input=text, text=True, check=True)


def draw(found, directory):
    directory = pathlib.Path(directory)
    directory.mkdir(parents=True, exist_ok=True)
    for title, pair in all_pairs(found):
        rows = [("pricefeed", pair["ours"])] + [
            (name, peer["value"]) for name, peer in pair["peers"].items()]
        name = title.split(",")[0].replace(" ", "-").replace("/", "-")
        gnuplot(BARS.format(
            output=directory / f"{name}.svg", title=title, rows=len(rows),
            height=90 + 40 * len(rows),
            data="\n".join(f'"{label}" {v["median"]} {v["min"]} {v["max"]}'
                           for label, v in rows)))
    if "growth" in found:
        counts = found["growth"]["counts"]
        columns = [[(r["count"], r["ns"]["median"]) for r in counts],
                   [(r["count"], r["producer_mb"]) for r in counts],
                   [(r["count"], r["consumer_mb"]) for r in counts]]
        gnuplot(LINES.format(
            output=directory / "growth.svg",
            data="\n".join("\n".join(f"{x} {y}" for x, y in column) + "\ne"
                           for column in columns)))
