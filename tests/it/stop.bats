#!/usr/bin/env bats
# How the two programs end: in time, whatever has become of the broker or of
# the console, and with a code and numbers that tell what became of records.
# apart: it measures time
# shellcheck shell=bash disable=SC2030,SC2031,SC2154,SC2164

bats_require_minimum_version 1.5.0
load mock

setup_file() {
    make -s -C "$BATS_TEST_DIRNAME/../.." build/pf-producer build/pf-consumer \
        build/pf-broker build/tests/it/mockd build/tests/it/silent_names.so
}

setup() {
    cd "$BATS_TEST_TMPDIR"
    start_mock
}

teardown() {
    end_jobs
}

# Start the producer and wait until it has delivered some. Without pace the
# mock would have forgotten the first record before anybody could ask for it.
start_producer() {
    : >log # of the one before
    "${produce[@]}" -X feed.rate=2000 2>log 3>&- &
    producer=$!
    eventually 10 grep -q 'feed.run is' log
    eventually 10 timeout 5 kcat -b "$BROKER" -C -t prices-topic -p 0 -c 1
}

# Start the consumer and wait until it has printed 10 prices.
start_consumer() {
    "${produce[@]}" -X feed.count=10 2>/dev/null
    : >printed # by the one before
    "${consume[@]}" >printed 2>log 3>&- &
    consumer=$!
    eventually 10 has_lines printed 10
}

# Wait until librdkafka has noticed that the broker is gone.
notices_the_loss() {
    eventually 10 grep -q -E 'librdkafka: FAIL|transport failure' log
}

# Start the producer without a broker, and wait until it knows that, and has taken
# a price: it may notice the one before the other.
start_lonely_producer() {
    kill_mock
    : >log # of the one before
    rm -f ledger
    "${produce[@]}" -X feed.ledger=ledger 2>log 3>&- &
    producer=$!
    notices_the_loss
    eventually 10 grep -q '^sent ' ledger
}

@test "the producer, with TERM or INT: all is delivered, code 0" {
    local signal
    for signal in TERM INT; do
        start_producer
        kill -$signal "$producer"
        ends_within 1500 "$producer"
        cat log
        [[ $status == 0 ]]
        grep -q -E ' ([0-9]+) prices taken, \1 delivered, 0 failed, 0 of' log
    done
}

@test "the consumer, with TERM or INT: code 0, and the position is stored" {
    start_consumer
    kill -INT "$consumer"
    ends_within 1500 "$consumer"
    [[ $status == 0 ]]
    run ! grep warning log

    start_consumer # it has printed none of the first ten again
    kill -TERM "$consumer"
    ends_within 1500 "$consumer"
    [[ $status == 0 ]]
    grep -q 'reading prices-topic \[0\] from offset 10$' log
}

@test "the producer without its broker: code 3 within 3.5 s, all accounted" {
    start_producer
    kill_mock
    notices_the_loss
    kill -TERM "$producer"
    ends_within 3500 "$producer"
    cat log
    [[ $status == 3 ]]
    [[ $(<log) =~ ([0-9]+)\ prices\ taken,\ ([0-9]+)\ delivered,\ ([0-9]+)\ \
failed,\ ([0-9]+)\ of\ unknown\ fate ]]
    ((BASH_REMATCH[1] ==
      BASH_REMATCH[2] + BASH_REMATCH[3] + BASH_REMATCH[4]))
    ((BASH_REMATCH[2] > 0 && BASH_REMATCH[3] + BASH_REMATCH[4] > 0))
    grep -q -E 'records were not delivered: [0-9]+ of [0-9]+ records' log
}

@test "the producer that never had a broker: code 3, none delivered" {
    start_lonely_producer
    kill -TERM "$producer"
    ends_within 3500 "$producer"
    [[ $status == 3 ]]
    grep -q -E ' ([0-9]+) prices taken, 0 delivered, \1 failed, 0 of' log
}

@test "with feed.count the producer waits until all has arrived, or for TERM" {
    kill_mock
    "${produce[@]}" -X feed.count=10 2>log 3>&- &
    producer=$!
    eventually 10 grep -q '10 records wait for prices-topic' log
    kill -TERM "$producer"
    ends_within 3500 "$producer"
    [[ $status == 3 ]]
    grep -q ' 10 prices taken, 0 delivered, 10 failed, 0 of' log
}

@test "a full queue makes the producer wait: none is dropped, none added" {
    kill_mock
    "${produce[@]}" -X queue.buffering.max.messages=500 2>log 3>&- &
    producer=$!
    notices_the_loss
    kill -TERM "$producer"
    ends_within 3500 "$producer"
    grep -q ' 500 prices taken, 0 delivered, 500 failed, 0 of' log
}

@test "the consumer without its broker ends within 1.5 s" {
    start_consumer
    kill_mock
    notices_the_loss
    kill -TERM "$consumer"
    ends_within 1500 "$consumer"
    cat log
    [[ $status == 0 ]]
}

@test "the consumer that never had a broker ends within 1.5 s" {
    kill_mock
    "${consume[@]}" >printed 2>log 3>&- &
    consumer=$!
    notices_the_loss
    kill -TERM "$consumer"
    ends_within 1500 "$consumer"
    [[ $status == 0 ]]
}

@test "a console that nobody reads stops no stop; whole lines are in it" {
    "${produce[@]}" -X feed.seed=42 -X feed.count=50000 2>/dev/null
    mkfifo console
    exec {reader}<>console
    "${consume[@]}" -X feed.console=console 2>log 3>&- &
    consumer=$!
    eventually 10 is_full console
    kill -TERM "$consumer"
    ends_within 1500 "$consumer"
    cat log
    [[ $status == 3 ]]
    grep -q 'records were not delivered within 400 ms' log

    # The next one goes on where the last commit was: a batch may come twice.
    "${consume[@]}" -X feed.exit.at.end=true >rest 2>log
    from=$(sed -n 's/.*from offset \([0-9]*\)$/\1/p' log)
    size=$(bytes_waiting console)
    head -c "$size" <&"$reader" >printed
    printed=$(wc -l <printed)
    echo "printed $printed, then went on from $from"
    ((from <= printed && from >= printed - 1000))
    pf-producer -X feed.sink=console -X feed.rate=0 -X feed.seed=42 \
        -X feed.count=50000 2>/dev/null |
        cmp - <(head -n "$from" printed && cat rest)
}

@test "the producer on a console that nobody reads ends within 3.5 s" {
    mkfifo console
    exec {reader}<>console
    "${produce[@]}" -X feed.sink=console -X feed.console=console \
        2>log 3>&- &
    producer=$!
    eventually 10 is_full console
    kill -TERM "$producer"
    ends_within 3500 "$producer"
    [[ $status == 3 ]]
}

@test "a second signal ends a program at once, with 128 and its number" {
    local signal
    for signal in INT TERM; do
        start_lonely_producer
        kill -TERM "$producer"
        dies_of "$signal" "$producer"
        rm life
        start_mock
    done
}

@test "a second signal ends a program that waits for a name server" {
    LD_PRELOAD=$root/build/tests/it/silent_names.so pf-consumer \
        -X feed.sink=postgres -X feed.postgres.conninfo=host=db 2>log 3>&- &
    consumer=$!
    eventually 10 grep -q 'asked for db' log
    kill -TERM "$consumer"
    dies_of TERM "$consumer"
}

asked_again() {
    kill "-$1" "$2" 2>/dev/null
    gone "$2"
}

child_asked_again() {
    pkill -TERM -P "$1" 2>/dev/null
    gone "$1"
}

# dies_of_its_child PID: a TERM, again and again, ends its child, and so it.
dies_of_its_child() {
    eventually 5 child_asked_again "$1"
    status=0
    wait "$1" || status=$?
    [[ $status == 143 ]]
}

# As in the client image. Linux does not end the first process of a container by
# a signal, not even by its own.
@test "a second signal ends a program that is the first process of a container" {
    unshare --user --map-root-user --pid --fork --kill-child \
        env LD_PRELOAD="$root/build/tests/it/silent_names.so" pf-consumer \
        -X feed.sink=postgres -X feed.postgres.conninfo=host=db 2>log 3>&- &
    local container=$!
    eventually 10 grep -q 'asked for db' log
    dies_of_its_child "$container"
}

@test "a signal ends pf-broker that is the first process of a container" {
    unshare --user --map-root-user --pid --fork --kill-child \
        "$root/build/pf-broker" wait --bootstrap 127.0.0.1:1 --timeout 60 2>log 3>&- &
    dies_of_its_child "$!"
}

# dies_of SIGNAL PID: sent again and again, it ends a program that has been
# asked to stop already. Within 300 ms it would be the same wish.
dies_of() {
    eventually 5 asked_again "$1" "$2"
    status=0
    wait "$2" || status=$?
    [[ $status == $((128 + $(kill -l "$1"))) ]]
}
