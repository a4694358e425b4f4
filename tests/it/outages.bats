#!/usr/bin/env bats
# Brokers that come late, refuse and break off: the producer waits, and drops,
# repeats and reorders nothing.
# apart: it measures time
# shellcheck shell=bash disable=SC2154,SC2164

bats_require_minimum_version 1.5.0
load mock

setup_file() {
    make -s -C "$BATS_TEST_DIRNAME/../.." build/pf-producer build/pf-consumer \
        build/pf-audit build/pf-proxy build/tests/it/mockd \
        build/tests/it/wall_clock.so
}

setup() {
    cd "$BATS_TEST_TMPDIR"
    start_mock
}

teardown() {
    end_jobs
}

# Let that many seconds pass: what is tested is what happens meanwhile.
pass() {
    read -rt "$1" <> <(:) || :
}

# The topic has the first $1 prices of seed 42, once each.
topic_has() {
    "${consume[@]}" -X feed.exit.at.end=true >printed 2>consumer.log
    printed_are "$1"
}

# The file printed has them.
printed_are() {
    pf-producer -X feed.sink=console -X feed.rate=0 -X feed.seed=42 \
        -X "feed.count=$1" 2>/dev/null | cmp - printed
}

@test "a broker that comes 8 s later: no line twice in 5 s, delivered within 1.5 s" {
    local port began took
    # Who asks there is sent on to the mock itself.
    port=$(unused_port)
    pf-producer -X "bootstrap.servers=127.0.0.1:$port" -X feed.rate=100 \
        -X feed.seed=42 -X feed.count=300 2>log 3>&- &
    producer=$!
    pass 8
    cat log
    (($(grep -c 'producer: librdkafka: ' log) <= 2))
    (($(grep -c 'producer: waiting for ' log) <= 2))
    (($(grep -c -v 'info producer: feed' log) <= 4))
    began=${EPOCHREALTIME/[.,]/}
    pf-proxy -X "feed.routes=127.0.0.1:$port=$BROKER" 2>proxy.log 3>&- &
    eventually 10 timeout 5 kcat -b "$BROKER" -C -t prices-topic -p 0 -c 1
    took=$(((${EPOCHREALTIME/[.,]/} - began) / 1000))
    echo "delivered after $took ms"
    ((took <= 1500 * ${DRILL_PATIENCE:-1}))
    ends_within 10000 "$producer"
    [[ $status == 0 ]]
    topic_has 300
}

@test "not the leader, timed out, too few replicas: all is delivered, once, in order" {
    echo 'produce 6 7 19 6 7 19' >&"$life"
    run timeout 60 "${produce[@]}" -X feed.seed=42 -X feed.rate=2000 \
        -X feed.count=4000
    echo "$output"
    [[ $status == 0 ]]
    [[ $output == *' 4000 prices taken, 4000 delivered, 0 failed, 0 of'* ]]
    topic_has 4000
}

@test "no leader for a while: the producer waits, and goes on" {
    "${produce[@]}" -X feed.seed=42 -X feed.rate=500 -X feed.count=5000 \
        2>log 3>&- &
    producer=$!
    eventually 10 timeout 5 kcat -b "$BROKER" -C -t prices-topic -p 0 -c 1
    echo 'leader prices-topic -1' >&"$life"
    pass 5
    gone "$producer" && return 1
    echo 'leader prices-topic 1' >&"$life"
    ends_within 20000 "$producer"
    cat log
    [[ $status == 0 ]]
    grep -q ' 5000 prices taken, 5000 delivered, 0 failed, 0 of' log
    topic_has 5000
}

# The time on the wall, in seconds from the right one, for what is started by
# with_wall_clock.
set_wall_clock() {
    echo "$1" >new
    mv new wall
}

with_wall_clock() {
    WALL_CLOCK=wall LD_PRELOAD=$root/build/tests/it/wall_clock.so "$@"
}

@test "a clock that jumps by hours: same pace, all delivered, no negative latency" {
    local began producer consumer took
    set_wall_clock 0
    with_wall_clock "${consume[@]}" -X feed.count=4000 -X feed.stats=stats \
        >printed 2>log 3>&- &
    consumer=$!
    began=${EPOCHREALTIME/[.,]/}
    with_wall_clock "${produce[@]}" -X feed.rate=1000 -X feed.count=4000 \
        -X feed.seed=42 -X feed.headers=all -X feed.ledger=ledger 2>>log 3>&- &
    producer=$!
    eventually 10 has_lines printed 1000
    set_wall_clock 3600
    eventually 10 has_lines printed 2000
    set_wall_clock -3600
    eventually 10 has_lines printed 3000
    set_wall_clock 0
    ends_within 10000 "$producer"
    [[ $status == 0 ]]
    took=$(((${EPOCHREALTIME/[.,]/} - began) / 1000))
    echo "4000 records at 1000/s took $took ms"
    ((took >= 3900 && took <= 10000))
    ends_within 5000 "$consumer"
    [[ $status == 0 ]]
    printed_are 4000

    awk '/^sent/ { print int($4 / 1e9) }' ledger | sort -n >sent
    (($(tail -1 sent) - $(head -1 sent) >= 7200)) # the programs have seen it
    run -0 --separate-stderr pf-audit -X "bootstrap.servers=$BROKER" \
        --ledger=ledger --format=json
    python3 -c 'import json, sys
for name, latency in json.loads(sys.argv[1])["latency_ms"].items():
    print(name, latency)
    if latency:
        assert 0 <= latency["p50"] < 1000 and latency["max"] <= 7300e3, name' \
        "$output"
    read -r records least most <<<"$(python3 "$root/tests/it/shown.py" latency stats)"
    echo "$records records were $least to $most ns late"
    ((records == 4000 && most <= 7300 * 1000000000))
}
