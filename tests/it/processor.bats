#!/usr/bin/env bats
# pf-processor with a real Kafka: what it reads is written to another topic,
# each record once, whatever happens to it.
# early: sessions and transactions have to end
# shellcheck shell=bash disable=SC2016,SC2034,SC2164 # dollars are for awk

bats_require_minimum_version 1.5.0
load processor

PARTITIONS=3

# shows TOPIC N: such a reader sees N records or more.
shows() {
    (($(read_all "$1" '%o\n' | wc -l) >= $2))
}

# produce TOPIC COUNT [SETTING=VALUE...]: numbered records, by key.
produce() {
    local settings=("${@:3}")
    pf-producer -X "bootstrap.servers=$BROKER" -X "feed.topic=$1" \
        -X "feed.count=$2" -X feed.rate=0 -X feed.partition=by-key \
        -X feed.seed=7 "${settings[@]/#/-X}"
}

# The number of each record that a reader sees, of those that produce made.
numbers() {
    read_all "$1" '%h\n' | sed 's/.*feed-seq=\([0-9]*\).*/\1/'
}

# in_order TOPIC: in each partition their numbers grow.
in_order() {
    read_all "$1" '%p %h\n' |
        sed -E 's/^([0-9]+) .*feed-seq=([0-9]+).*/\1 \2/' |
        awk '$1 in last && $2 <= last[$1] { exit 1 } { last[$1] = $2 }'
}

topic() {
    create "$1:$PARTITIONS" cleanup.policy=delete
}

@test "records come as they are: partition, key, value, time and headers" {
    topic whole
    printf 'k1\tone\nk2\t\n' | kcat -b "$BROKER" -P -t whole -p 2 -K '\t' \
        -H 'a=1' -H 'b=' -H 'a=2'
    printf 'k3\t' | kcat -b "$BROKER" -P -t whole -p 0 -K '\t' -Z
    echo plain | kcat -b "$BROKER" -P -t whole -p 1
    process feed.topic=whole feed.output=whole-copy feed.exit.at.end=true \
        2>log
    diff <(read_all whole '%p %o %T %k %K %s %S %h\n' | sort) \
        <(read_all whole-copy '%p %o %T %k %K %s %S %h\n' | sort)
    grep -q ' 4 records read, 4 written, ' log
}

# partitions_of TOPIC: how many it has.
partitions_of() {
    kcat -b "$BROKER" -L -t "$1" | grep -c 'partition [0-9]'
}

@test "several topics, or a pattern; outputs get as many partitions as the largest" {
    create several-a:1 cleanup.policy=delete several-b:4 cleanup.policy=delete
    echo a | kcat -b "$BROKER" -P -t several-a -p 0
    echo b | kcat -b "$BROKER" -P -t several-b -p 3
    process feed.topic=several-a,several-b feed.output=from-list \
        feed.dead.letters=list-dead feed.exit.at.end=true
    process feed.topic=^several- feed.output=from-pattern \
        feed.exit.at.end=true
    [[ $(read_all from-list '%p %s\n' | sort) == $'0 a\n3 b' ]]
    [[ $(read_all from-pattern '%p %s\n' | sort) == $'0 a\n3 b' ]]
    [[ $(partitions_of from-list) == 4 && $(partitions_of list-dead) == 4 ]]
}

@test "it waits for its input, and goes on when it comes" {
    start waits feed.topic=later feed.output=later-copy feed.count=1
    eventually 10 grep -q 'waiting for later' waits.log
    topic later
    echo now | kcat -b "$BROKER" -P -t later -p 1
    ends waits 0
    [[ $(read_all later-copy '%p %s\n') == '1 now' ]]
}

# refused SENTENCE SETTING=VALUE...: with code 2.
refused() {
    run -2 --separate-stderr process "${@:2}"
    [[ $stderr == *"$1"* ]] || {
        echo "$stderr"
        return 1
    }
}

@test "topics that cannot be are refused, each with a sentence" {
    create wide:3 cleanup.policy=delete narrow:1 cleanup.policy=delete
    refused 'feed.topic: it is empty' feed.output=o
    refused 'feed.topic: wide is there twice' feed.topic=wide,narrow,wide feed.output=o
    refused 'feed.output: it is empty' feed.topic=wide
    refused "feed.output: 'no name' is not a topic name" feed.topic=wide \
        'feed.output=no name'
    refused 'feed.output: records are read from wide' feed.topic=narrow,wide \
        feed.output=wide
    refused 'feed.output: records are read from wider' feed.topic=^wid \
        feed.output=wider
    refused "feed.dead.letters: 'no name' is not" feed.topic=wide \
        feed.output=o 'feed.dead.letters=no name'
    refused 'feed.dead.letters: records are read from wide' feed.topic=wide \
        feed.output=o feed.dead.letters=wide
    refused 'feed.dead.letters: feed.output is o' feed.topic=wide \
        feed.output=o feed.dead.letters=o
    refused 'narrow has 1 partition, and the input 3' feed.topic=wide \
        feed.output=narrow
    create packed cleanup.policy=compact
    refused 'packed is compacted, and would lose dead letters' \
        feed.topic=wide feed.output=o feed.dead.letters=packed
}

@test "settings that cannot be are refused" {
    refused 'transactional.id: it is made of group.id and feed.instance' \
        feed.topic=i feed.output=o transactional.id=mine
    refused 'feed.instance: it is not a name' feed.topic=i feed.output=o \
        'feed.instance=my own'
    refused 'more than half of transaction.timeout.ms' feed.topic=i \
        feed.output=o transaction.timeout.ms=2000 feed.commit.interval.ms=1500
    refused 'isolation.level is always read_committed here' feed.topic=i \
        feed.output=o isolation.level=read_uncommitted
}

@test "a policy for bad records that contradicts itself is refused" {
    local policy
    refused "feed.on.bad: 'cry' is not one of skip|stop|dead-letter" \
        feed.topic=i feed.output=o feed.on.bad=cry
    for policy in skip stop; do
        refused 'feed.dead.letters: it needs feed.on.bad = dead-letter' \
            feed.topic=i feed.output=o "feed.on.bad=$policy" feed.dead.letters=d
    done
    refused 'feed.dead.letters: dead-letter needs to know where records go' \
        feed.topic=i feed.output=o feed.on.bad=dead-letter
    refused 'feed.dead.letters: a processor puts them in a topic' \
        feed.topic=i feed.output=o feed.dead.letters=file:d
}

@test "feed.on.bad=stop ends before the first bad record, and skip goes on from there" {
    local guarantee work
    for guarantee in exactly-once at-least-once; do
        create "odd-$guarantee:1" cleanup.policy=delete
        {
            seq 1500
            echo '{"n":'
            seq 1501 1600
            echo odd
            seq 1601 3000
        } | kcat -b "$BROKER" -P -t "odd-$guarantee" -p 0
        work=("feed.topic=odd-$guarantee" "feed.output=even-$guarantee"
            "feed.guarantee=$guarantee" feed.map=. feed.exit.at.end=true)
        for _ in 1 2; do
            run -1 --separate-stderr process "${work[@]}" feed.on.bad=stop
            echo "$stderr"
            [[ $stderr == *"the record at offset 1500 of odd-$guarantee [0] is \
bad, truncated: "*' (feed.on.bad = stop)'* ]]
            diff <(seq 1500) <(read_all "even-$guarantee" '%s\n')
        done
        process "${work[@]}" feed.on.bad=skip 2>skip.log
        grep -q 'skipped the record at offset 1500 of ' skip.log
        diff <(seq 3000) <(read_all "even-$guarantee" '%s\n')
    done
}

@test "a stop is clean and quick, and the next start goes on behind it" {
    topic stops
    produce stops 100000
    start first feed.topic=stops feed.output=stops-copy feed.count=20000
    ends first 0
    start second feed.topic=stops feed.output=stops-copy
    eventually 20 shows stops-copy 40000
    SECONDS=0
    kill -TERM "$(child second)"
    ends second 0
    in_time 2
    process feed.topic=stops feed.output=stops-copy feed.exit.at.end=true
    diff <(seq 0 99999) <(numbers stops-copy | sort -n)
}

@test "it stops soon while Kafka hangs" {
    topic hangs
    produce hangs 1000
    start hangs feed.topic=hangs feed.output=hangs-copy
    eventually 20 shows hangs-copy 1000
    kill -STOP "$(cat "$PF_RUN/kafka.pid")"
    SECONDS=0
    kill -TERM "$(child hangs)"
    wait "$pid_hangs" || :
    kill -CONT "$(cat "$PF_RUN/kafka.pid")"
    in_time 3
}

# killed TOPIC SETTING=VALUE...: a processor of records that come at a pace, killed
# at random points, and started again each time. There are $made records then.
killed() {
    local seed=${PROCESSOR_SEED:-$RANDOM} kills before producer
    echo "PROCESSOR_SEED=$seed"
    RANDOM=$seed
    topic "$1"
    topic "$1-copy"
    pf-producer -X "bootstrap.servers=$BROKER" -X "feed.topic=$1" \
        -X feed.rate=4000 -X feed.partition=by-key -X feed.seed=7 3>&- &
    producer=$!
    for kills in {1..6}; do
        before=$(sum_of_ends "$1-copy")
        start killed feed.topic="$1" feed.output="$1-copy" feed.instance=one \
            "${@:2}"
        eventually 60 has_written "$1-copy" $((before + RANDOM % 3000 + 1))
        echo "kill $kills"
        kill -KILL "$(child killed)"
        wait "$pid_killed" || :
    done
    kill "$producer"
    wait "$producer"
    made=$(sum_of_ends "$1")
    process feed.topic="$1" feed.output="$1-copy" feed.instance=one \
        feed.exit.at.end=true "${@:2}"
}

@test "killed at random, a reader of committed transactions sees each record once" {
    killed once feed.guarantee=exactly-once
    diff <(seq 0 $((made - 1))) <(numbers once-copy | sort -n)
    in_order once-copy
}

@test "the same with at-least-once has repetitions, and misses none" {
    killed often feed.guarantee=at-least-once
    diff <(seq 0 $((made - 1))) <(numbers often-copy | sort -nu)
    (($(numbers often-copy | wc -l) > made))
}

# partitions NAME: how many that processor has.
partitions() {
    sed -nE 's/.*, ([0-9]+) are read now.*/\1/p' "$1.log" | tail -n 1
}

# has_partitions N NAME: that processor has N.
has_partitions() {
    [[ $(partitions "$2") == "$1" ]]
}

# share_three A B: between them these processors have 3, and each has some.
share_three() {
    local a b
    a=$(partitions "$1") b=$(partitions "$2")
    ((a > 0 && b > 0 && a + b == 3))
}

@test "two instances share the partitions; when one is killed the other has all" {
    topic shared
    start one feed.topic=shared feed.output=shared-copy feed.instance=one
    eventually 20 has_partitions 3 one
    start two feed.topic=shared feed.output=shared-copy feed.instance=two
    eventually 20 share_three one two
    produce shared 30000 feed.rate=10000
    kill -KILL "$(child one)"
    produce shared 60000 feed.rate=10000
    eventually 20 has_partitions 3 two
    eventually 30 shows shared-copy 60000
    kill "$(child two)"
    ends two 0
    diff <(seq 0 59999) <(numbers shared-copy | sort -n)
}

@test "a second one of the same name fences the first, which ends with code 4" {
    topic fenced
    start first feed.topic=fenced feed.output=fenced-copy feed.instance=same
    eventually 20 has_partitions 3 first
    produce fenced 1000
    eventually 20 shows fenced-copy 1000
    start second feed.topic=fenced feed.output=fenced-copy feed.instance=same
    eventually 20 grep -q 'are read now' second.log
    produce fenced 5000
    ends first 4
    grep -q 'feed.instance makes different for each' first.log
    eventually 20 shows fenced-copy 5000
    kill "$(child second)"
    ends second 0
    diff <(seq 0 4999) <(numbers fenced-copy | sort -n)
}

# timed_out ID: Kafka has ended a transaction of that transactional.id.
timed_out() {
    grep -q "rollback of ongoing transaction for transactionalId $1 due to timeout" \
        "$PF_RUN/kafka.log"
}

# pause_in_transaction NAME ID: that processor, until Kafka has ended its
# transaction.
pause_in_transaction() {
    kill -STOP "$(child "$1")"
    eventually 20 timed_out "$2"
}

@test "an outage longer than a transaction may last: it is done again, each record is there once" {
    local settings=(feed.topic=outage feed.output=outage-copy
        feed.instance=one group.id=outage transaction.timeout.ms=1000
        feed.commit.interval.ms=500)
    topic outage
    start outage "${settings[@]}"
    eventually 20 has_partitions 3 outage
    produce outage 12000 feed.rate=2000 2>producer.log 3>&- &
    local producer=$! kafka
    kafka=$(<"$PF_RUN/kafka.pid")
    eventually 20 has_written outage-copy 1000
    pause_in_transaction outage 'outage-one\(/2\)\?'
    kill -CONT "$(child outage)"
    eventually 20 grep -q 'longer than transaction.timeout.ms' outage.log
    eventually 20 has_partitions 3 outage
    # The broker itself, until the producer says that its records wait.
    kill -STOP "$kafka"
    eventually 20 grep -q 'is the broker up' producer.log
    kill -CONT "$kafka"
    wait "$producer"
    eventually 30 shows outage-copy 12000
    kill "$(child outage)"
    ends outage 0
    diff <(seq 0 11999) <(numbers outage-copy | sort -n)
    in_order outage-copy
}

# ended N NAME...: N of these processors have.
ended() {
    local name pid n=0
    for name in "${@:2}"; do
        pid=pid_$name
        kill -0 "${!pid}" 2>/dev/null || n=$((n + 1))
    done
    ((n == $1))
}

@test "one that sleeps too long wakes when its name is taken: one of both goes on" {
    local settings=(feed.topic=sleeps feed.output=sleeps-copy
        feed.instance=one group.id=sleeps transaction.timeout.ms=1000
        feed.commit.interval.ms=500) producer kept=sleeper lost=heir
    topic sleeps
    start sleeper "${settings[@]}"
    eventually 20 has_partitions 3 sleeper
    produce sleeps 12000 feed.rate=2000 3>&- &
    producer=$!
    eventually 20 has_written sleeps-copy 1000
    pause_in_transaction sleeper 'sleeps-one\(/2\)\?'
    start heir "${settings[@]}"
    eventually 20 has_written sleeps-copy 4000
    kill -CONT "$(child sleeper)"
    eventually 20 ended 1 sleeper heir
    ended 0 sleeper || kept=heir lost=sleeper
    ends "$lost" 4
    grep -q 'feed.instance makes different for each' "$lost.log"
    wait "$producer"
    eventually 30 shows sleeps-copy 12000
    kill "$(child "$kept")"
    ends "$kept" 0
    diff <(seq 0 11999) <(numbers sleeps-copy | sort -n)
}

@test "one that was paused beyond its session writes nothing twice when it wakes" {
    topic paused
    start paused feed.topic=paused feed.output=paused-copy feed.instance=one
    eventually 20 has_partitions 3 paused
    produce paused 40000 feed.rate=8000 3>&- &
    local producer=$!
    eventually 20 has_written paused-copy 8000
    kill -STOP "$(child paused)"
    start other feed.topic=paused feed.output=paused-copy feed.instance=two
    eventually 20 has_partitions 3 other
    kill -CONT "$(child paused)"
    wait "$producer"
    eventually 30 shows paused-copy 40000
    kill "$(child other)" "$(child paused)"
    ends other 0
    ends paused 0
    diff <(seq 0 39999) <(numbers paused-copy | sort -n)
}

# is_open TOPIC: a transaction is, behind whose first record readers of committed
# ones cannot see.
is_open() {
    (($(sum_of_ends "$1" read_committed) < $(sum_of_ends "$1")))
}

@test "what a killed one left open, in either transaction, is taken back at its next start" {
    local open=0 end=0 settings=(feed.topic=left feed.output=left-copy
        feed.instance=one transaction.timeout.ms=60000)
    topic left
    topic left-copy
    produce left 1000000 feed.rate=1000 3>&- &
    local producer=$!
    # The two transactions are by turns, so in three kills both are left open.
    for _ in {1..10}; do
        start left "${settings[@]}" feed.commit.interval.ms=1000
        eventually 20 has_written left-copy $((end + 200))
        kill -KILL "$(child left)"
        ends left 137
        is_open left-copy && open=$((open + 1))
        end=$(sum_of_ends left-copy)
        ((open < 3)) || break
    done
    ((open == 3))
    pkill -TERM -P "$producer"
    wait "$producer"
    process "${settings[@]}" feed.exit.at.end=true
    run -1 is_open left-copy
    diff <(numbers left | sort -n) <(numbers left-copy | sort -n)
}

@test "it serves its metrics and its health" {
    local port
    port=$(unused_port)
    topic served
    start served feed.topic=served feed.output=served-copy \
        feed.metrics.listen="127.0.0.1:$port"
    eventually 20 curl -fs "http://127.0.0.1:$port/ready"
    curl -fs "http://127.0.0.1:$port/health"
    produce served 1000
    eventually 20 shows served-copy 1000
    metric_is() {
        curl -fs "http://127.0.0.1:$port/metrics" | grep -qx "$1"
    }
    eventually 5 metric_is \
        'pricefeed_records_arrived_total{program="processor"} 1000'
    kill "$(child served)"
    ends served 0
}

@test "its counters say what it has read and written" {
    topic counted
    produce counted 5000
    process feed.topic=counted feed.output=counted-copy feed.stats=stats \
        feed.exit.at.end=true
    "$root/build/tests/it/exposition" processor stats >text
    grep -qx 'pricefeed_records_read_total{program="processor"} 5000' text
    grep -qx 'pricefeed_records_arrived_total{program="processor"} 5000' text
    grep -qx 'pricefeed_position{program="processor"} 5000' text
}
