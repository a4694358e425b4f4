#!/usr/bin/env python3
"""table.py - the goals, and whether a run has reached them.

    tests/bench/table.py BEFORE.json AFTER.json    two runs side by side

A figure is its value, the median as a rule, and what each pair or run had:

    reached             by the value, and by four of five pairs or runs
    reached at times    by the value or by one of them, but not so
    not reached         by none of them
"""
import json
import statistics
import sys

from rows import MORE, ROWS

def judge(found):
    """A list of dictionaries, one for each row that was measured."""
    rows = []
    for what, unit, must, aim, better, get in ROWS:
        try:
            value, each = get(found)
        except (KeyError, statistics.StatisticsError):
            continue  # a group or a peer that was left out
        rows.append({"what": what, "unit": unit, "value": value,
                     "min": min(each), "max": max(each), "n": len(each),
                     "must": must, "aim": aim,
                     "better": "more" if better == MORE else "less",
                     "verdict": verdict(value, each, must, aim, better)})
    return rows


def verdict(value, each, must, aim, better):
    def those_of(values, goal):
        return sum(better * (value - goal) >= 0 for value in values)

    def reached(goal):
        return (goal is not None and those_of([value], goal) and
                5 * those_of(each, goal) >= 4 * len(each))

    if reached(must):
        return "reached, and the aim" if reached(aim) else "reached"
    if those_of([value, *each], must):
        return f"reached at times, {those_of(each, must)} of {len(each)}"
    return "not reached"


def number(value):
    if value is None:
        return ""
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"


def measured(row):
    return number(row["value"]) + (f" {row['unit']}" if row["unit"] else "")


def spread(row):
    return (f"{number(row['min'])} to {number(row['max'])}"
            if row["n"] > 1 else "")


def goals(row):
    sign = "≥ " if row["better"] == "more" else "≤ "
    return f"{sign}{number(row['must'])} | {number(row['aim'])}"


def markdown(rows):
    lines = ["| figure | measured | lowest to highest | must reach | aim | |",
             "| --- | --- | --- | --- | --- | --- |"]
    for row in rows:
        lines.append(f"| {row['what']} | {measured(row)} | {spread(row)} | "
                     f"{goals(row)} | {row['verdict']} |")
    return "\n".join(lines)


def side_by_side(before, after):
    """Rows of two runs, those that both have, and the later one's verdict."""
    def cell(row):
        each = spread(row)
        return measured(row) + (f" ({each})" if each else "")

    lines = ["| figure | before | after | must reach | aim | |",
             "| --- | --- | --- | --- | --- | --- |"]
    old = {row["what"]: row for row in before}
    for row in after:
        if row["what"] in old:
            lines.append(f"| {row['what']} | {cell(old[row['what']])} | "
                         f"{cell(row)} | {goals(row)} | {row['verdict']} |")
    return "\n".join(lines)


def details(found):
    """Medians with minimum and maximum, for each group of pairs; and where
    it was kept ns of processor time a record."""
    lines = ["| group | program | median | min | max | ours / it | min | max "
             "| processor ns | ours / it |", "|" + " --- |" * 10]

    def row(group, name, value, through, runs, processor):
        cells = [number((through if n > 2 else value).get(key)) for n, key in
                 enumerate(2 * ["median", "min", "max"])]
        used = [run["cpu_ns"] for run in runs if "cpu_ns" in run]
        cells += [number(statistics.median(used) if used else None),
                  number(processor.get("median"))]
        lines.append(f"| {group} | {name} | {' | '.join(cells)} |")

    for group, pair in all_pairs(found):
        row(group, "ours", pair["ours"], {}, pair["runs"], {})
        for name, peer in pair["peers"].items():
            row(group, name, peer["value"], peer["ratio"], peer["runs"],
                peer["also"].get("cpu_ns", {}))
    return "\n".join(lines + by_size(found))


def by_size(found):
    """What pf-processor takes for a record, and memory with open windows."""
    sizes = found.get("processor", {})
    lines = ["", "| pf-processor | ns a record | peak MB |",
             "| --- | --- | --- |"]
    for run in sizes.get("records", []):
        lines.append(f"| {run['count']} records | {number(run['ns']['median'])}"
                     " | |")
    for run in sizes.get("keys", []):
        lines.append(f"| {run['keys']} keys | {number(run['ns']['median'])} | "
                     f"{number(run['mb']['median'])} |")
    return lines if sizes else []


UNITS = {"produce": "produce, records/s", "consume": "consume, records/s",
         "by_key": "by key, records/s", "group": "a group, records/s",
         "together": "all at once, records/s", "start": "start, s",
         "memory": "memory, MB"}
PROCESSOR_UNITS = {"where": "where, records/s", "logins": "logins, records/s",
                   "windows": "windows, records/s",
                   "copy": "exactly once, records/s"}


def all_pairs(found):
    for group, title in UNITS.items():
        if group in found:
            yield title, found[group]
    for work, title in PROCESSOR_UNITS.items():
        if work in found.get("processor", {}):
            yield title, found["processor"][work]
    for rate in ("100", "1000"):
        if "latency" in found:
            yield f"p50 at {rate}/s, ms", found["latency"][rate]


def main():
    runs = []
    for path in sys.argv[1:3]:
        with open(path) as file:
            runs.append(json.load(file)["rows"])
    print(side_by_side(*runs))


if __name__ == "__main__":
    main()
