#!/usr/bin/env bats
# The two programs, from end to end, over librdkafka's mock of a broker.
# apart: it measures time
# shellcheck shell=bash disable=SC2016,SC2030,SC2031,SC2154,SC2164

bats_require_minimum_version 1.5.0
load mock

setup_file() {
    make -s -C "$BATS_TEST_DIRNAME/../.." build/pf-producer build/pf-consumer \
        build/tests/it/mockd
}

setup() {
    cd "$BATS_TEST_TMPDIR"
    start_mock
}

teardown() {
    end_jobs
}

# Print the first $1 prices of seed 42, without any Kafka.
prices() {
    pf-producer -X feed.sink=console -X feed.rate=0 -X feed.seed=42 \
        -X "feed.count=$1" 2>/dev/null
}

# Append the first $1 prices of seed 42 to the topic.
put() {
    "${produce[@]}" -X feed.seed=42 -X "feed.run=put-$((++puts))" \
        -X "feed.count=$1" 2>/dev/null
}

@test "100 000 prices: topic and console have the same bytes" {
    run --separate-stderr "${produce[@]}" -X feed.seed=42 -X feed.count=100000
    [[ $status == 0 && $output == '' ]]
    [[ $stderr == *'feed.seed is 42'* ]]
    [[ $stderr == *'100000 prices taken, 100000 delivered, 0 failed, 0 of'* ]]

    "${consume[@]}" -X feed.exit.at.end=true >printed 2>log
    grep -q ': 100000 records read, 100000 prices printed, 0 refused' log
    has_lines printed 100000
    prices 100000 | cmp - printed
}

@test "the last records leave at once, whatever linger.ms is" {
    local began=${EPOCHREALTIME/[.,]/} took producer
    "${produce[@]}" -X feed.count=10 -X linger.ms=60000
    "${produce[@]}" -X feed.rate=1000 -X linger.ms=60000 2>log 3>&- &
    producer=$!
    eventually 10 kcat -b "$BROKER" -C -t prices-topic -p 0 -c 10
    eventually 10 grep -q 'feed.run is' log
    kill -TERM "$producer"
    ends_within 2000 "$producer"
    [[ $status == 0 ]]
    grep -E ': [0-9]+ prices taken, [0-9]+ delivered, 0 failed, 0 of' log
    took=$(((${EPOCHREALTIME/[.,]/} - began) / 1000))
    echo "two producers took $took ms"
    ((took < 10000))
}

@test "a seed that was not set is said, and repeats the run" {
    "${produce[@]}" -X feed.sink=console -X feed.count=1000 >first 2>log
    seed=$(sed -n 's/.*feed\.seed is //p' log)
    [[ $seed =~ ^[0-9]+$ ]]
    "${produce[@]}" -X feed.sink=console -X feed.count=1000 \
        -X "feed.seed=$seed" 2>/dev/null | cmp - first
    run cmp first <(prices 1000)
    [[ $status == 1 ]]
}

@test "feed.count ends the consumer, and the next one continues after it" {
    put 5000
    "${consume[@]}" -X feed.count=1234 >first 2>/dev/null
    "${consume[@]}" -X feed.count=1 >second 2>/dev/null
    "${consume[@]}" -X feed.exit.at.end=true >third 2>/dev/null
    [[ $(wc -l <first) == 1234 && $(wc -l <second) == 1 ]]
    prices 5000 | cmp - <(cat first second third)
}

@test "feed.start: stored, earliest, an offset; another group has its own" {
    put 100
    "${consume[@]}" -X feed.exit.at.end=true >all 2>/dev/null
    consume+=(-X feed.exit.at.end=true)

    run --separate-stderr "${consume[@]}"
    [[ $status == 0 && $output == '' ]]
    run --separate-stderr "${consume[@]}" -X feed.start=stored \
        -X group.id=other
    [[ $output == "$(<all)" ]]
    run --separate-stderr "${consume[@]}" -X feed.start=earliest
    [[ $output == "$(<all)" ]]
    run --separate-stderr "${consume[@]}" -X feed.start=90
    [[ $output == "$(tail -n 10 all)" ]]
    run --separate-stderr "${consume[@]}" -X feed.start=latest
    [[ $status == 0 && $output == '' ]]
}

@test "feed.start=latest prints what comes from then on" {
    put 100
    "${consume[@]}" -X feed.start=latest -X feed.count=50 \
        >printed 2>log 3>&- &
    consumer=$!
    eventually 10 grep -q 'reading prices-topic \[0\] from offset 100' log
    put 50
    ends_within 5000 "$consumer"
    [[ $status == 0 ]]
    prices 50 | cmp - printed
}

@test "an empty topic: feed.exit.at.end ends at once, with code 0" {
    run --separate-stderr timeout 10 "${consume[@]}" -X feed.exit.at.end=true
    [[ $status == 0 && $output == '' ]]
    [[ $stderr == *'0 records read, 0 prices printed'* ]]
}

@test "after kill -9 a commit interval at most is printed again, none skipped" {
    local consumer from printed
    "${produce[@]}" -X feed.rate=2000 -X feed.seed=42 2>/dev/null 3>&- &
    "${consume[@]}" >first 2>/dev/null 3>&- &
    consumer=$!
    eventually 20 has_lines first 7000
    kill -KILL "$consumer"
    wait "$consumer" || :
    printed=$(wc -l <first)
    prices "$printed" | cmp - first

    "${consume[@]}" -X feed.count=1000 >second 2>log
    from=$(sed -n 's/.*from offset \([0-9]*\)$/\1/p' log)
    echo "printed $printed, then went on from $from"
    # A second is 2000 prices; a busy machine may be late by as much again. A
    # fetch that finds nothing takes half a second of the mock, so prices come
    # up to 1000 at a time, and the kill between them and their commit.
    ((from <= printed && from >= printed - 4000))
    prices $((from + 1000)) | tail -n 1000 | cmp - second
}

@test "with TERM nothing is printed twice, and nothing is skipped" {
    local consumer i
    put 50000
    for i in 1 2 3; do
        "${consume[@]}" >>printed 2>>log 3>&- &
        consumer=$!
        # Somewhere in the middle, or at the end if it was quicker.
        eventually 10 has_lines log $((2 * i - 1))
        eventually 10 has_lines printed $((i * 5000))
        kill -TERM "$consumer"
        ends_within 1500 "$consumer"
        [[ $status == 0 ]]
    done
    "${consume[@]}" -X feed.exit.at.end=true >>printed 2>>log
    prices 50000 | cmp - printed
}

@test "a reader that has seen enough ends the programs quietly" {
    put 100000
    run --separate-stderr bash -c '"$@" | head -n 1; exit ${PIPESTATUS[0]}' \
        - "${consume[@]}"
    [[ $status == 0 && $output == "$(prices 1)" ]]
    [[ $stderr == *'info consumer: console: its reader has closed it'* ]]
    run --separate-stderr bash -c '"$@" | head -n 1; exit ${PIPESTATUS[0]}' \
        - "${produce[@]}" -X feed.sink=console -X feed.seed=42
    [[ $status == 0 && $output == "$(prices 1)" ]]
    [[ $stderr == *'info producer: console: its reader has closed it'* ]]
}

# The mock gives a topic four partitions, unless it is prices-topic.
@test "partitions that are not read are said, with the setting that says which" {
    local unread='others are not: feed.partition says which'
    produce+=(-X feed.topic=four)
    put 10
    "${consume[@]}" -X feed.topic=four -X feed.exit.at.end=true >printed 2>log
    prices 10 | cmp - printed
    [[ $(grep -c "warning consumer: partition 0 of four is read, and 3 $unread" \
        log) == 1 ]]
    run --separate-stderr pf-audit -X "bootstrap.servers=$BROKER" \
        -X feed.topic=four
    [[ $stderr == *"warning audit: partition 0 of four is read, and 3 $unread"* ]]

    # Who has set it knows that there are others.
    "${consume[@]}" -X feed.topic=four -X feed.exit.at.end=true \
        -X feed.partition=1 >printed 2>log
    [[ ! -s printed ]]
    grep -q "info consumer: partition 1 of four is read, and 3 $unread" log
    "${consume[@]}" -X feed.exit.at.end=true 2>log
    run ! grep 'not: feed.partition' log
}

@test "bytes that are not a price never reach the console as they are" {
    printf 'a\033[2Jb\n' | kcat -b "$BROKER" -P -t prices-topic -p 0
    put 1
    run --separate-stderr "${consume[@]}" -X feed.exit.at.end=true
    [[ $status == 0 && $output == "$(prices 1)" ]]
    [[ $stderr == *'skipped the record at offset 0 of prices-topic [0], syntax: '*'a\x1b[2Jb'* ]]
    [[ $stderr == *'1 prices printed, 1 refused'* ]]
}
