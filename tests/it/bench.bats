#!/usr/bin/env bats
# What the benchmark measures is what ships.
# shellcheck shell=bash disable=SC2154

bats_require_minimum_version 1.5.0

setup() {
    root=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
    bench=$root/tests/bench
    PATH=$root/build:$PATH
}

# command_line PROGRAM [WORK]: how the benchmark starts it, one word a line.
command_line() {
    PF_CONFIG=$root/config PF_EXAMPLES=$root/examples python3 -B - "$@" <<PYTHON
import sys
sys.path.insert(0, "$bench")
import programs
print("\n".join(getattr(programs, sys.argv[1])("topic", 1, *sys.argv[2:])))
PYTHON
}

# effective PROGRAM ARGUMENT...: its settings, without where they are from and
# without those that say which records.
effective() {
    local ours
    ours=$(PYTHONPATH=$bench python3 -B -c '
import programs
print("|".join(map(__import__("re").escape, programs.OURS_MAY_SET)))')
    "$@" --show-config | sed 's/ *#.*//' | grep -vE "^($ours|linger.ms) ="
}

# partition_of WORD...: which one a command line sets; 0: none.
partition_of() {
    { printf '%s\n' "$@"; echo feed.partition=0; } |
        sed -n 's/^feed\.partition=//p' | head -n 1
}

@test "the benchmark runs our programs with the settings that ship" {
    local program words
    for program in producer consumer producer_by_key member; do
        mapfile -t words < <(command_line "$program")
        [[ ${words[0]} =~ ^pf-(producer|consumer)$ ]]
        effective "${words[@]}" >"$BATS_TEST_TMPDIR/measured"
        # Where keys decide, the defaults are others.
        effective "${words[0]}" -F "$root/config/${words[0]#pf-}.properties" \
            -X "feed.partition=$(partition_of "${words[@]}")" \
            >"$BATS_TEST_TMPDIR/shipped"
        [ -s "$BATS_TEST_TMPDIR/shipped" ]
        diff "$BATS_TEST_TMPDIR/shipped" "$BATS_TEST_TMPDIR/measured"
    done
}

@test "so it runs pf-processor, whatever that does" {
    local words work
    effective pf-processor -F "$root/config/processor.properties" \
        -X feed.topic=topic -X feed.output=1 >"$BATS_TEST_TMPDIR/shipped"
    [ -s "$BATS_TEST_TMPDIR/shipped" ]
    for work in copy where logins count keys; do
        mapfile -t words < <(command_line processor "$work")
        effective "${words[@]}" >"$BATS_TEST_TMPDIR/measured"
        diff "$BATS_TEST_TMPDIR/shipped" "$BATS_TEST_TMPDIR/measured"
    done
}

@test "the loop in Python makes of logins what validate.jq makes of them" {
    local logins=$BATS_TEST_TMPDIR/logins
    pf-producer -X feed.sink=console -X feed.source=template -X feed.seed=1 \
        -X "feed.template=$root/examples/logins/logins.jq" -X feed.rate=0 \
        -X feed.count=1000 >"$logins"
    jq -R -c "fromjson?
        | try ($(cat "$root/examples/logins/validate.jq")
               | del(.processed_time)) catch empty" \
        "$logins" >"$BATS_TEST_TMPDIR/ours"
    PYTHONPATH=$bench/peers python3 -B - "$logins" <<'PYTHON' \
        >"$BATS_TEST_TMPDIR/theirs"
import json
import sys

from logins_loop import Refused, enriched

with open(sys.argv[1]) as logins:
    for line in logins:
        try:
            login = enriched(line)
        except Refused:
            continue
        del login["processed_time"]
        print(json.dumps(login, separators=(",", ":")))
PYTHON
    [ "$(wc -l <"$BATS_TEST_TMPDIR/ours")" -gt 800 ]
    diff "$BATS_TEST_TMPDIR/ours" "$BATS_TEST_TMPDIR/theirs"
}

@test "what a processor's runs have written has to be the same" {
    PYTHONPATH=$bench python3 -B - <<'PYTHON'
import processor

runs = processor.Runs(None, "prices", 1)
for made in [5, 0], [5, 0]:
    runs.check("one topic", made)
runs.check("another topic", [6, 0])
try:
    runs.check("one topic", [4, 1])
except RuntimeError as why:
    assert "[4, 1]" in str(why) and "[5, 0]" in str(why), why
else:
    raise SystemExit("it has let that pass")
PYTHON
}

@test "a part that fails is left out, and the others are measured" {
    PYTHONPATH=$bench python3 -B - <<'PYTHON' 2>"$BATS_TEST_TMPDIR/said"
import measure


def fails():
    raise RuntimeError("no broker")


assert measure.all_that_work({"a": fails, "b": lambda: 1}) == {"b": 1}
PYTHON
    grep -qx "bench: a failed: no broker" "$BATS_TEST_TMPDIR/said"
}

@test "what would fail after an hour is refused before anything is measured" {
    local python
    python=$(python3 -c 'import sys; print(sys.executable)')
    run -2 "$bench/bench" --groups produce,prodcue
    [[ $output == *"no group is called 'prodcue': they are produce, "* ]]
    PATH=$BATS_TEST_TMPDIR run -1 "$python" -B "$bench/bench" \
        --groups codec --out "$BATS_TEST_TMPDIR/out"
    [[ $output == *"the charts need gnuplot: "* ]]
}

@test "flat is the highest cost above the lowest, and the same of each round" {
    PYTHONPATH=$bench python3 -B - <<'PYTHON'
import measure
import table


def cost(*ns):
    return {"ns": measure.summary(ns)}


def with_keys(keys, *mb):
    return cost(100, 100) | {"keys": keys, "mb": measure.summary(mb)}


rows = {row["what"]: row for row in table.judge({"processor": {
    "records": [cost(100, 120, 100), cost(110, 120, 110)],
    "keys": [with_keys(1, 20), with_keys(10**5, 50, 61)]}})}
flat = rows["pf-processor, ns a record from 10^4 to 10^7: highest above lowest"]
assert round(flat["value"], 6) == 10, flat
assert (round(flat["min"], 6), round(flat["max"], 6)) == (0, 10), flat
open_ = rows["pf-processor, the same with 10^5 open windows"]
assert (open_["value"], open_["verdict"]) == (
    61, "reached at times, 1 of 2"), open_
assert "| 1 keys | 100 | 20 |" in table.details({"processor": {
    "records": [], "keys": [with_keys(1, 20)]}})
PYTHON
}

@test "the files in config/ set what the programs have as defaults" {
    local program
    for program in producer consumer; do
        effective "pf-$program" >"$BATS_TEST_TMPDIR/default"
        effective "pf-$program" -F "$root/config/$program.properties" \
            >"$BATS_TEST_TMPDIR/shipped"
        diff "$BATS_TEST_TMPDIR/default" "$BATS_TEST_TMPDIR/shipped"
    done
}

@test "linger.ms follows feed.rate by the documented rule" {
    local row
    for row in "0 200" "10 0" "1000 0" "1001 1" "100000 1"; do
        run pf-producer -F "$root/config/producer.properties" \
            -X "feed.rate=${row% *}" --show-config
        grep -E "^linger.ms = ${row#* }( |$)" <<<"$output"
    done
}

@test "encode and decode stay within their budgets of instructions" {
    run python3 -B "$bench/codec.py" "$root/build/tests/bench/codec" --budget
    echo "$output" >&3
    [ "$status" = 0 ]
}

@test "a peer that reports its own time is compared with ours without its start" {
    PYTHONPATH=$bench python3 -B - <<'PYTHON'
import measure

printed = measure.run_to_pipe(["seq", "3000000"], 3_000_000)
assert printed["streamed_per_s"] > printed["per_s"], printed
ours = {"per_s": 100, "streamed_per_s": 120}
found = measure.pairs(lambda: ours, {"reports": lambda: {
    "per_s": 60, "reported": True}, "is timed": lambda: {"per_s": 50}}, 5)
assert found["peers"]["reports"]["ratio"]["median"] == 2, found
assert found["peers"]["is timed"]["ratio"]["median"] == 2, found
PYTHON
}

@test "a run that lost too much of the processor is repeated, and said to" {
    PYTHONPATH=$bench python3 -B - <<'PYTHON'
import measure

stolen = iter([0.02, 0, 0.03, 0.02, 0.04])
measure.stolen_since = lambda before: next(stolen)
found = measure.undisturbed(dict, 2)
assert [run["stolen"] for run in found["runs"]] == [0, 0.02], found
assert (found["thrown_out"], found["noisy"]) == (3, 1), found
PYTHON
}

@test "reached is what the median and four of five pairs reach" {
    PYTHONPATH=$bench python3 -B - <<'PYTHON'
import measure
import table


def verdict(*each):
    """Of the row that must reach 1, and has 1.2 as its aim."""
    row, = table.judge({"produce": {"peers": {"rdkafka_performance -P": {
        "ratio": measure.summary(each)}}}})
    return row["verdict"]


for each, expected in {
        (0.9, 1.0, 1.1, 1.1, 1.1): "reached",
        (0.9, 0.9, 1.1, 1.1, 1.1): "reached at times, 3 of 5",
        (0.9, 0.9, 0.9, 0.9, 1.0): "reached at times, 1 of 5",
        (0.9, 0.9, 0.9, 0.9, 0.9): "not reached",
        (0.9, 1.2, 1.2, 1.2, 1.2): "reached, and the aim",
        (1.1, 1.1, 1.2, 1.2, 1.2): "reached",
        (0.99,): "not reached",
        (1.2,): "reached, and the aim"}.items():
    assert verdict(*each) == expected, (each, verdict(*each))
PYTHON
}

@test "of a figure that must be low, the worse of two and the highest run count" {
    PYTHONPATH=$bench python3 -B - <<'PYTHON'
import measure
import table


def at(p50):
    return {"peers": {"librdkafka's defaults": {
        "ratio": measure.summary(p50), "also": {}}}}


def peaks(*mb):
    return {"runs": [{"peak_mb": n} for n in mb]}


rows = {row["what"]: row for row in table.judge({
    "latency": {"100": at([0.4, 0.2, 0.2, 0.2, 0.2]),
                "1000": at([0.1, 0.4, 0.1, 0.1, 0.1])},
    "produce": peaks(20, 21), "consume": peaks(*[19] * 8, 20.4),
    "together": {"runs": [{"producer_peak_mb": 20, "consumer_peak_mb": 18}]},
})}
late = rows["p50 at 100/s and 1000/s / defaults, the worse"]
assert late["verdict"] == "reached at times, 3 of 5", late
assert (late["value"], late["min"], late["max"]) == (0.2, 0.2, 0.4), late
peak = rows["pf-consumer, peak memory at full speed"]
assert peak["verdict"] == "reached at times, 9 of 10", peak
assert "| 20.4 MB | 18 to 20.4 | ≤ 20 | 16 |" in table.markdown([peak])
PYTHON
}

@test "processor time is compared in the same pairs" {
    PYTHONPATH=$bench python3 -B - <<'PYTHON'
import measure
import table

ours = iter([{"per_s": 1, "cpu_ns": n} for n in [1, 100, 300]])
found = {"produce": measure.pairs(
    lambda: next(ours), {"rdkafka_performance -P": lambda: {
        "per_s": 1, "cpu_ns": 400, "reported": True}}, 1, also=["cpu_ns"])}
row = table.judge(found)[1]
assert "processor time" in row["what"], row
assert (row["value"], row["verdict"]) == (0.5, "reached, and the aim"), row
PYTHON
}

@test "a chart has the best on top, ours in its own colour, and plain numbers" {
    PYTHONPATH=$bench python3 -B - <<'PYTHON'
import charts
import measure


def of(*values):
    return measure.summary(values)


found = {
    "produce": {"ours": of(3.5e6, 4e6, 4.7e6), "peers": {
        "kafka-python": {"value": of(33339)},
        "rdkafka_performance -P": {"value": of(5e6)}}},
    "start": {"ours": of(0.934), "peers": {"plain": {"value": of(4.26)}}}}
produce, height = charts.charts(found)["produce"]
bars = produce.split("<< END\n")[1].split("\nEND")[0].splitlines()
assert [bar.split('"')[1] for bar in bars] == [
    "rdkafka_performance -P", "pricefeed", "kafka-python"], bars
assert [bar.split('"')[3] for bar in bars] == ["5 M", "4 M", "33.3 k"], bars
assert [charts.OURS in bar for bar in bars] == [False, True, False], bars
assert '"0" 0, "1 M" 1000000, "2 M" 2000000' in produce, produce
start, _ = charts.charts(found)["start"]
assert start.index('"pricefeed" 0.934') < start.index('"plain" 4.26'), start
assert '"0" 0, "1" 1, "2" 2' in start, start
assert "noenhanced" in charts.HEAD
PYTHON
}
