#!/usr/bin/env bats
# Runs of the producer: what their records say of themselves, and how one goes
# on after a kill; with a real Kafka, and with kcat as an independent reader.
# shellcheck disable=SC2034 # broker_settings is for kafka.bash

bats_require_minimum_version 1.5.0
load kafka

setup_file() {
    broker_settings=(
        authorizer.class.name=kafka.security.authorizer.AclAuthorizer
        allow.everyone.if.no.acl.found=true
    )
    start_kafka
}

teardown_file() {
    stop_kafka
}

teardown() {
    end_jobs
}

# produce TOPIC SETTING...: at full speed, within a minute.
produce() {
    local topic=$1 settings=()
    shift
    for setting; do
        settings+=(-X "$setting")
    done
    timeout 60 pf-producer -X "bootstrap.servers=$BROKER" -X feed.rate=0 \
        -X "feed.topic=$topic" "${settings[@]}"
}

# read_topic TOPIC [FORMAT]: all of it, by kcat.
read_topic() {
    kcat -b "$BROKER" -C -t "$1" -e -q -f "${2:-%s\n}"
}

# put TOPIC LINE: by somebody else.
put() {
    printf '%s\n' "$2" | kcat -b "$BROKER" -P -t "$1" -p 0
}

# has_records TOPIC N: N or more.
has_records() {
    (($(end_of "$1") >= $2))
}

@test "the first of each that are sent together says run, number and time" {
    produce first feed.seed=1 feed.count=10000
    read_topic first '%o %h\n' >"$BATS_TEST_TMPDIR/headers"
    [[ $(head -1 "$BATS_TEST_TMPDIR/headers") =~ \
        ^"0 feed-run=seed-1,feed-seq=0,feed-ts="[0-9]{19}$ ]]
    # A record's number is its offset here; each that has headers says so, and
    # at least one in a thousand has some.
    awk '$2 { split($2, h, /[=,]/); if (h[4] != $1) exit 1; said++; last = $1 }
        $1 - last >= 1000 { exit 1 }
        END { if (said < 10 || said > 1000) exit 1 }' "$BATS_TEST_TMPDIR/headers"
}

@test "feed.headers=all: every record says it" {
    produce all feed.seed=2 feed.count=3000 feed.headers=all feed.run=my.run-1
    [[ $(read_topic all '%h\n' | grep -c '^feed-run=my.run-1,feed-seq=') == 3000 ]]
    diff <(seq 0 2999) <(read_topic all '%h\n' | sed 's/.*seq=//; s/,.*//')
}

@test "without a seed each start is a run of its own" {
    produce own feed.count=1
    produce own feed.count=1
    [[ $(read_topic own '%h\n' | sed 's/,.*//' | sort -u | wc -l) == 2 ]]
}

@test "a seeded run that is killed at random goes on to the same bytes" {
    local kills=0
    while ((kills < 8)); do
        # At a pace that leaves it work for many kills.
        pf-producer -X "bootstrap.servers=$BROKER" -X feed.topic=killed \
            -X feed.seed=3 -X feed.count=1000000 -X feed.rate=200000 3>&- &
        local producer=$! before
        before=$(end_of killed || echo 0)
        if ((before > 900000)); then
            wait "$producer"
            break
        fi
        # Well into its work, and not always at the same point of it.
        eventually 30 has_records killed $((before + RANDOM % 50000 + 1))
        kill -KILL "$producer"
        wait "$producer" || :
        kills=$((kills + 1))
        if has_records killed 1000000; then
            break
        fi
    done
    produce killed feed.seed=3 feed.count=1000000
    echo "$kills kills"
    ((kills >= 3))
    [[ $(read_topic killed | sha256sum) == $(expected 3 1000000 | sha256sum) ]]
}

@test "a run that is complete is not begun again, unless by another name" {
    produce complete feed.seed=4 feed.count=10
    run --separate-stderr produce complete feed.seed=4 feed.count=10
    [[ $status == 0 && $stderr == *'run seed-4 is in complete up to number 9: it is complete'* ]]
    [[ $(end_of complete) == 10 ]]
    produce complete feed.seed=4 feed.count=10 feed.run=again
    diff <(expected 4 10; expected 4 10) <(read_topic complete)
}

@test "a run continues after another run's records, however many" {
    produce between feed.seed=5 feed.count=10
    produce between feed.seed=6 feed.count=20000
    produce between feed.seed=5 feed.count=20
    diff <(expected 5 10; expected 6 20000; expected 5 20 | tail -10) \
        <(read_topic between)
}

@test "a run that somebody else has written into ends with code 4" {
    produce mixed feed.seed=7 feed.count=10
    put mixed '{"match": 100, "price": 1.00}'
    run --separate-stderr produce mixed feed.seed=7 feed.count=20
    [[ $status == 4 ]]
    [[ $stderr == *'offset 10 should be number 10 and is not'*'feed.run = NAME'* ]]
    [[ $(end_of mixed) == 11 ]]
}

@test "a run whose numbers are out of order in the topic ends with code 4" {
    produce order feed.seed=8 feed.count=10
    local last
    last=$(read_topic order | tail -1)
    printf '%s\n' "$last" | kcat -b "$BROKER" -P -t order -p 0 \
        -H feed-run=seed-8 -H feed-seq=9
    run --separate-stderr produce order feed.seed=8 feed.count=20
    [[ $status == 4 && $stderr == *'offset 10 should be number 10'* ]]
}

@test "a run in a topic that somebody else keeps writing to ends with code 4" {
    produce busy feed.seed=13 feed.count=10
    pf-producer -X "bootstrap.servers=$BROKER" -X feed.topic=busy \
        -X feed.rate=1000 3>&- &
    local other=$!
    eventually 30 has_records busy 11
    run --separate-stderr produce busy feed.seed=13 feed.count=20
    kill "$other"
    wait "$other"
    [[ $status == 4 ]]
    [[ $stderr == *'busy [0] is still written to: waiting'* ]]
    [[ $stderr == *'run seed-13 cannot go on in busy [0], which had more records at each of 90 looks: somebody else writes'*'feed.topic'* ]]
    # None of it was sent, and once the other has ended it goes on.
    run ! grep '^feed-run=seed-13,feed-seq=10,' <(read_topic busy '%h\n')
    produce busy feed.seed=13 feed.count=20
    diff <(expected 13 20 | tail -10) <(read_topic busy | tail -10)
}

@test "a producer that may not read its topic says which right it lacks, and ends" {
    produce rights feed.seed=14 feed.count=10
    admin allow 'User:*' all rights
    admin deny User:ANONYMOUS read rights
    run --separate-stderr produce rights feed.seed=14 feed.count=20
    [[ $status == 1 ]]
    [[ $stderr == *'kafka: rights [0]: Broker: Topic authorization failed'*'needs the right to READ it'* ]]
    [[ $(end_of rights) == 10 ]]
    produce rights feed.count=5 # a run that begins need not know
    [[ $(end_of rights) == 15 ]]
}

@test "a number that the run cannot have ends it with code 4" {
    local orders=(feed.source=orders feed.seed=15 feed.orders.speed=0)
    # Far from the records that it should follow.
    produce leap "${orders[@]}" feed.count=10
    produce leap feed.seed=16 feed.count=2500
    echo '{}' | kcat -b "$BROKER" -P -t leap -p 0 -H feed-run=orders-15 \
        -H feed-seq=15
    run --separate-stderr produce leap "${orders[@]}" feed.count=30
    [[ $status == 4 ]]
    [[ $stderr == *'the record at offset 2510 should be number 10 and is not'* ]]
    [[ $(end_of leap) == 2511 ]]
    # All alone; the source does not begin to count up to it.
    echo '{}' | kcat -b "$BROKER" -P -t alone -p 0 -H feed-run=orders-15 \
        -H feed-seq=4611686018427387904
    run --separate-stderr produce alone "${orders[@]}"
    [[ $status == 4 ]]
    [[ $stderr == *'run orders-15 in alone [0]: a record has number 4611686018427387904, and this topic has only had 1 records: somebody else'*'feed.run = NAME'* ]]
}

@test "headers that are not ours are ignored" {
    kcat -b "$BROKER" -P -t hostile -p 0 -H feed-run=seed-9 \
        -H "feed-seq=$(printf '1\e[2J')" <<<bad
    run --separate-stderr produce hostile feed.seed=9 feed.count=5
    [[ $status == 4 && $stderr != *$'\e'* ]]
    produce hostile feed.seed=9 feed.count=5 feed.run=another
    [[ $(end_of hostile) == 6 ]]
}

@test "the ledger has each record before it is sent, and what became of it" {
    local ledger=$BATS_TEST_TMPDIR/ledger
    produce ledger feed.seed=10 feed.count=5000 "feed.ledger=$ledger"
    [[ $(head -1 "$ledger") =~ ^"run seed-10 topic ledger partition 0 first 0 time "[0-9]+$ ]]
    [[ $(tail -1 "$ledger") =~ ^"end "[0-9]+$ ]]
    # Sent and acknowledged, each number once and in order; each where it is.
    awk '$1 == "sent" { if ($2 != sent) exit 1; sent += $3 }
        $1 == "acked" { if ($2 != acked || $4 != $2) exit 1; acked += $3
                        if (acked > sent) exit 1 }
        END { if (sent != 5000 || acked != 5000) exit 1 }' "$ledger"
    # The sums are those of the topic's bytes.
    diff <(awk '$1 == "sent" { gsub(",", "\n", $5); print $5 }' "$ledger") \
        <(read_topic ledger | python3 -c 'import sys, zlib
for line in sys.stdin.buffer: print("%08x" % zlib.crc32(line[:-1]))')
}

@test "a second start is entered in the same ledger, after a cut line too" {
    local ledger=$BATS_TEST_TMPDIR/ledger
    printf 'sent 0 1' >"$ledger"
    produce twice feed.seed=11 feed.count=5 "feed.ledger=$ledger"
    produce twice feed.seed=11 feed.count=8 "feed.ledger=$ledger"
    [[ $(sed -n '1p' "$ledger") == 'sent 0 1' ]]
    [[ $(grep -c '^run seed-11 ' "$ledger") == 2 ]]
    grep -q '^run seed-11 topic twice partition 0 first 5 ' "$ledger"
}

@test "a ledger that cannot be written ends the producer before it sends" {
    run --separate-stderr produce none feed.seed=12 feed.count=5 \
        feed.ledger=/dev/full
    [[ $status == 1 && $stderr == *'the ledger /dev/full: No space left'* ]]
    run --separate-stderr produce none feed.seed=12 feed.count=5 \
        "feed.ledger=$BATS_TEST_TMPDIR/no/such"
    [[ $status == 1 && $stderr == *'no/such: No such file or directory'* ]]
    ! kcat -b "$BROKER" -L -t none | grep -q 'partition 0' || [[ $(end_of none) == 0 ]]
}

@test "what is in the ledger without a fate is never more than the queue holds" {
    local ledger=$BATS_TEST_TMPDIR/ledger
    kill -STOP "$(<"$PF_RUN/kafka.pid")"
    timeout 2 pf-producer -X "bootstrap.servers=$BROKER" -X feed.rate=0 \
        -X feed.topic=bounded -X "feed.ledger=$ledger" -X feed.count=100000 \
        -X queue.buffering.max.messages=1234 3>&- || code=$?
    kill -CONT "$(<"$PF_RUN/kafka.pid")"
    echo "code $code"
    [[ $(awk '$1 == "sent" { n += $3 } END { print n }' "$ledger") == 1234 ]]
}

@test "a name that is none is refused" {
    run --separate-stderr produce x feed.run='a b'
    [[ $status == 2 && $stderr == *"feed.run: a name has up to 64 letters"* ]]
    run --separate-stderr produce x feed.run="$(printf '%065d' 0)"
    [[ $status == 2 && $stderr == *"feed.run: "* ]]
}
