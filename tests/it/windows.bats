#!/usr/bin/env bats
# pf-processor's windows with a real Kafka: each result once, with the right
# numbers, whatever happens to who makes them.
# shellcheck shell=bash disable=SC2034,SC2154,SC2164

bats_require_minimum_version 1.5.0
load processor

PARTITIONS=3

# 2026-11-26T09:00:00Z, in milliseconds: in the past, whenever this runs.
NINE=1795683600000

# make_events SEED N: lines of key, tab, value; times go on by 10 ms or so, out of
# order by up to a second.
make_events() {
    python3 - "$NINE" "$@" <<'PY'
import random, sys
nine, seed, n = map(int, sys.argv[1:])
random.seed(seed)
for i in range(n):
    at = nine + i * 10 + random.randrange(1000)
    print('k%d\t{"t":%d,"p":%d.%02d}' % (random.randrange(20), at,
          random.randrange(10), random.randrange(100)))
PY
}

# expected SIZE_MS: what the windows of these lines say, but for the last ones.
expected() {
    python3 -c '
import collections, json, sys
size = int(sys.argv[1])
windows = collections.defaultdict(list)
for line in sys.stdin:
    key, value = line.rstrip("\n").split("\t")
    value = json.loads(value, parse_float=str)
    start = value["t"] // size * size
    price = round(float(value["p"]) * 100)
    windows[start, key].append(price)
for (start, key), prices in windows.items():
    total = sum(prices)
    print(key, start + size - 1, len(prices), "%d.%02d" % (total // 100, total % 100))
' "$1" | sort
}

# results TOPIC: what a reader sees, in the same form.
results() {
    read_all "$1" '%k %T %s\n' |
        sed -E 's/\{.*"count":([0-9]+),"sum":([0-9.]+)(,"idle":true)?\}/\1 \2/' |
        sort
}

# The last record of each partition closes all windows.
close_all() {
    local p
    for ((p = 0; p < PARTITIONS; p++)); do
        printf 'z%d\t{"t":%d,"p":0.00}\n' $p $((NINE + 3000000)) |
            kcat -b "$BROKER" -P -t "$1" -p $p -K '\t'
    done
}

has_idle() {
    read_all "$1" '%s\n' | grep -q '"idle":true'
}

windows=(feed.window.size=5s feed.window.grace=2s feed.window.time=.t
    'feed.window.aggregates=count, sum(.p)')

@test "results are what another program computes" {
    create plain:$PARTITIONS cleanup.policy=delete
    make_events 1 20000 >made
    kcat -b "$BROKER" -P -t plain -K '\t' -X partitioner=murmur2_random <made
    close_all plain
    process feed.topic=plain feed.output=plain-windows "${windows[@]}" \
        feed.exit.at.end=true 2>log
    diff <(expected 5000 <made) <(results plain-windows)
}

# closed SIZE_MS: the results of the prices that kcat has printed as partition,
# key, timestamp and value, for the windows that ended before the last of them.
closed() {
    python3 -c '
import collections, json, sys
size, windows, last = int(sys.argv[1]), collections.defaultdict(list), {}
for line in sys.stdin:
    part, key, at, value = line.split(" ", 3)
    at = int(at)
    last[part] = max(last.get(part, 0), at)
    windows[part, at // size * size, key].append(
        round(json.loads(value)["price"] * 100))
for (part, start, key), prices in windows.items():
    if start + size <= last[part]:
        print(part, key, start + size - 1, len(prices),
              "%d.%02d" % divmod(sum(prices), 100))
' "$1" | sort
}

@test "killed at random with another beside it, each result is there once" {
    local seed=${WINDOWS_SEED:-$RANDOM} kills producer name before
    local candles=(feed.topic=kills feed.output=kills-windows
        feed.window.size=200ms 'feed.window.aggregates=count, sum(.price)')
    echo "WINDOWS_SEED=$seed"
    RANDOM=$seed
    create kills:$PARTITIONS cleanup.policy=delete
    pf-producer -X "bootstrap.servers=$BROKER" -X feed.topic=kills \
        -X feed.rate=4000 -X feed.partition=by-key 3>&- &
    producer=$!
    start one feed.instance=one "${candles[@]}"
    start two feed.instance=two "${candles[@]}"
    for kills in {1..6}; do
        before=$(sum_of_ends kills-windows)
        eventually 60 has_written kills-windows $((before + RANDOM % 3000 + 1))
        echo "kill $kills"
        name=$( ((RANDOM % 2)) && echo one || echo two)
        kill -KILL "$(child "$name")"
        ends "$name" 137
        start "$name" "feed.instance=$name" "${candles[@]}"
    done
    kill "$producer"
    wait "$producer"
    kill "$(child one)" "$(child two)"
    ends one 0
    ends two 0
    process "${candles[@]}" feed.exit.at.end=true
    diff <(read_all kills '%p %k %T %s\n' | closed 200) \
        <(read_all kills-windows '%p %k %T %s\n' |
            sed -E 's/\{.*"count":([0-9]+),"sum":([0-9.]+)\}/\1 \2/' | sort)
}

@test "other settings are refused with code 2, and so are other programs" {
    create other:1 cleanup.policy=delete
    make_events 2 1000 | kcat -b "$BROKER" -P -t other -K '\t'
    process feed.topic=other feed.output=other-windows "${windows[@]}" \
        feed.exit.at.end=true
    run -2 --separate-stderr process feed.topic=other feed.output=other-windows \
        "${windows[@]}" feed.window.grace=3s feed.exit.at.end=true
    [[ $stderr == *'other [0]: position '*'was committed with other feed.window settings'* ]]
    printf 'select(.p < 5)' >map.jq
    local mapped=(feed.topic=other feed.output=other-windows "${windows[@]}"
        group.id=programs feed.map=file:map.jq feed.exit.at.end=true)
    process "${mapped[@]}"
    process "${mapped[@]}" 'feed.map=select(.p < 5)'
    echo 'select(.p < 6)' >map.jq
    run -2 --separate-stderr process "${mapped[@]}"
    [[ $stderr == *'or other programs in front of the windows'* ]]
}

@test "idle windows close at the end, and stay closed" {
    create idle:1 cleanup.policy=delete
    make_events 3 100 | kcat -b "$BROKER" -P -t idle -K '\t'
    start idle feed.topic=idle feed.output=idle-windows "${windows[@]}" feed.window.idle=500ms
    eventually 20 has_idle idle-windows
    kill "$(child idle)"
    ends idle 0
    before=$(results idle-windows)
    make_events 3 100 | kcat -b "$BROKER" -P -t idle -K '\t'
    process feed.topic=idle feed.output=idle-windows "${windows[@]}" \
        feed.dead.letters=idle-dead feed.exit.at.end=true
    [[ $(results idle-windows) == "$before" ]]
    [[ $(read_all idle-dead '%o\n' | wc -l) == 100 ]]
}

@test "feed.on.bad=stop with windows: after a restart with skip results are as without it" {
    local guarantee work
    create halted:$PARTITIONS cleanup.policy=delete
    make_events 5 20000 >made
    {
        head -n 12000 made
        printf 'k7\t{"t":%d,"p":"?"}\n' $((NINE + 120000))
        tail -n +12001 made
    } | kcat -b "$BROKER" -P -t halted -K '\t' -X partitioner=murmur2_random
    close_all halted
    for guarantee in exactly-once at-least-once; do
        work=(feed.topic=halted "feed.output=halted-$guarantee" "${windows[@]}"
            "feed.guarantee=$guarantee" feed.exit.at.end=true)
        # So that there is a position, with windows that are open.
        process "${work[@]}" feed.on.bad=stop feed.count=20
        for _ in 1 2; do
            run -1 --separate-stderr process "${work[@]}" feed.on.bad=stop
            echo "$stderr"
            [[ $stderr == *' of halted ['*'] is bad, number: '*' (feed.on.bad = stop)'* ]]
        done
        process "${work[@]}" feed.on.bad=skip
        results "halted-$guarantee" >"$guarantee"
    done
    diff <(expected 5000 <made) exactly-once
    diff <(expected 5000 <made) <(uniq at-least-once)
}

@test "what where and map make goes into windows, through kills" {
    local i chain=(feed.topic=chain feed.output=chain-windows feed.instance=one
        'feed.where=.p < 5' 'feed.map={t, p: (.p + 1)}, {t, p: 2}' feed.time=.t
        feed.window.size=5s feed.window.grace=2s
        'feed.window.aggregates=count, sum(.p)')
    create chain:$PARTITIONS cleanup.policy=delete
    make_events 4 20000 >made
    kcat -b "$BROKER" -P -t chain -K '\t' -X partitioner=murmur2_random <made
    close_all chain
    for i in 1 2 3; do
        start chain "${chain[@]}"
        eventually 20 has_written chain-windows $((i * 40))
        kill -KILL "$(child chain)"
        ends chain 137
    done
    process "${chain[@]}" feed.exit.at.end=true
    python3 -c '
import sys, json
for line in sys.stdin:
    key, value = line.rstrip("\n").split("\t")
    v = json.loads(value)
    if v["p"] < 5:
        for p in ("%.2f" % (v["p"] + 1), "2.00"):
            print("%s\t{\"t\":%d,\"p\":%s}" % (key, v["t"], p))' <made >mapped
    # libjq 1.6 writes 3.10 as 3.1 (and so the sum): compare counts and values
    diff <(expected 5000 <mapped | awk '{ print $1, $2, $3, $4 + 0 }') \
        <(results chain-windows | awk '{ print $1, $2, $3, sprintf("%.2f", $4) + 0 }')
}
