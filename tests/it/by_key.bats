#!/usr/bin/env bats
# feed.partition=by-key: the key of a record decides its partition, with a real
# Kafka and six partitions, and kcat and Java's own producer beside it.
# shellcheck disable=SC2154 # root is from kafka.bash

bats_require_minimum_version 1.5.0
load feed

N=6

setup_file() {
    start_kafka
}

teardown_file() {
    stop_kafka
}

teardown() {
    end_jobs
    if [ -n "${FEED:-}" ]; then
        stop_feed
    fi
}

# six TOPIC: make it.
six() {
    pf-broker topic "$1" --partitions "$N" --timeout 20
}

# in_words TOPIC SETTING...: a producer's words, at full speed if not set.
in_words() {
    words=(pf-producer -X "bootstrap.servers=$BROKER" -X feed.rate=0
        -X feed.partition=by-key -X "feed.topic=$1")
    local setting
    for setting in "${@:2}"; do
        words+=(-X "$setting")
    done
}

# produce TOPIC SETTING...: within a minute.
produce() {
    local words
    in_words "$@"
    timeout 60 "${words[@]}"
}

# begin TOPIC SETTING...: and do not wait. It is $producer.
begin() {
    local words
    in_words "$@"
    "${words[@]}" 2>>"$BATS_TEST_TMPDIR/log" 3>&- &
    producer=$!
}

# dump TOPIC FORMAT: all partitions, by kcat.
dump() {
    kcat -b "$BROKER" -C -t "$1" -e -q -f "$2"
}

# java_produce TOPIC by-key: see Produce.java.
java_produce() {
    local java
    java_program Produce
    "${java[@]}" "$@"
}

# How many records a topic has in all.
total() {
    local i parts=()
    for ((i = 0; i < N; i++)); do
        parts+=(-t "$1:$i:-1")
    done
    kcat -b "$BROKER" -Q "${parts[@]}" | awk '{ n += $NF } END { print n + 0 }'
}

has_total() {
    (($(total "$1") >= $2))
}

# is_larger FILE SIZE: in bytes.
is_larger() {
    (($(stat -c %s "$1") > $2))
}

# is_whole TOPIC SEED COUNT: each number of the run is there once; each match in
# one partition, and in order; each key is its match.
is_whole() {
    dump "$1" '%p %o %k %h %s\n' >"$BATS_TEST_TMPDIR/dump"
    awk '{
            split($4, h, /[=,]/)
            number = h[4] + 0
            match_ = substr($6, 1, length($6) - 1)
        }
        h[1] != "feed-run" || h[3] != "feed-seq" { print "headers: " $0; exit 1 }
        $2 != next_offset[$1]++ { print "offset: " $0; exit 1 }
        $3 != match_ { print "key: " $0; exit 1 }
        ($3 in where) && where[$3] != $1 { print "partition: " $0; exit 1 }
        ($1 in last) && number <= last[$1] { print "order: " $0; exit 1 }
        { where[$3] = $1; last[$1] = number }
    ' "$BATS_TEST_TMPDIR/dump"
    sed 's/^[^=]*=[^=]*=\([0-9]*\),[^{]*{/\1 {/' "$BATS_TEST_TMPDIR/dump" |
        sort -n >"$BATS_TEST_TMPDIR/numbered"
    expected "$2" "$3" | awk '{ print NR - 1, $0 }' |
        cmp - "$BATS_TEST_TMPDIR/numbered"
}

@test "each match is in one partition and in order, and each number there once" {
    six plain
    produce plain feed.seed=1 feed.count=100000
    is_whole plain 1 100000
    [[ $(dump plain '%p\n' | sort -u | wc -l) == "$N" ]]
}

@test "Java's own producer gives each key the same partition" {
    six ours
    six javas
    run --separate-stderr produce ours feed.count=50000 # without a seed, too
    [[ $status == 0 ]]
    # Retention would remove what is older than a week.
    seq 100 999 | sed "s/.*/$(date +%s)000 & x/" |
        java_produce javas by-key
    diff <(dump javas '%k %p\n' | sort) <(dump ours '%k %p\n' | sort -u)
}

@test "a run that is killed at random, a dozen times, has each number once" {
    local seed=${BY_KEY_SEED:-$RANDOM} kills=0 before producer kafka size
    local ledger=$BATS_TEST_TMPDIR/ledger
    kafka=$(<"$PF_RUN/kafka.pid")
    echo "BY_KEY_SEED=$seed"
    RANDOM=$seed
    six killed
    while ((kills < 12)); do
        before=$(total killed)
        if ((before > 460000)); then
            break
        fi
        # At a pace that leaves it work for many kills.
        begin killed feed.seed=3 feed.count=500000 feed.rate=60000 \
            "feed.ledger=$ledger"
        # Well into its work, or while it looks for its place.
        eventually 30 has_total killed $((before + RANDOM % 30000))
        if ((RANDOM % 2)); then
            # What it has sent and what it has not differ by partition.
            kill -STOP "$kafka"
            size=$(stat -c %s "$ledger")
            eventually 2 is_larger "$ledger" $((size + RANDOM % 100000)) || :
        fi
        kill -KILL "$producer"
        wait "$producer" || :
        kill -CONT "$kafka"
        kills=$((kills + 1))
    done
    echo "$kills kills"
    ((kills >= 10))
    # Some starts found some that one partition had and another did not.
    sed -n 's/.* up to number \([0-9]*\),.* from number \([0-9]*\) on.*/\1 \2/p' \
        "$BATS_TEST_TMPDIR/log" | awk '{ print } $1 - $2 > 100 { many++ }
            END { if (NR < 5 || many < 2) exit 1 }'
    produce killed feed.seed=3 feed.count=500000 "feed.ledger=$ledger"
    is_whole killed 3 500000

    # What the ledger says has arrived is where it says.
    awk '$1 == "arrived" && $3 >= 0 {
            n = split($6, numbers, ",")
            if (n != $5)
                print "a line that is cut: " $0
            for (i = 1; i <= n; i++)
                print $2, $3 + i - 1, numbers[i]
        }' "$ledger" | sort >"$BATS_TEST_TMPDIR/arrived"
    sed 's/^\([0-9]* [0-9]*\) [^=]*=[^=]*=\([0-9]*\),.*/\1 \2/' \
        "$BATS_TEST_TMPDIR/dump" | sort >"$BATS_TEST_TMPDIR/there"
    [ "$(wc -l <"$BATS_TEST_TMPDIR/arrived")" -gt 250000 ]
    [ -z "$(comm -23 "$BATS_TEST_TMPDIR/arrived" "$BATS_TEST_TMPDIR/there")" ]
    [ -z "$(uniq -d "$BATS_TEST_TMPDIR/arrived")" ]
}

# copy FROM TO: by kcat, and of partition 0 only the first two records.
copy() {
    local partition nth number key value
    dump "$1" '%p %o %h %k %s\n' |
        sed -n 's/^\([0-9]* [0-9]*\) .*seq=\([0-9]*\),[^ ]* /\1 \2 /p' |
        while read -r partition nth number key value; do
            if ((partition > 0 || nth < 2)); then
                kcat -b "$BROKER" -P -t "$2" -p "$partition" -k "$key" \
                    -H feed-run=seed-2 -H "feed-seq=$number" -H feed-ts=1 <<<"$value"
            fi
        done
}

@test "a ledger that begins later has all that is sent from its first number on" {
    local ledger=$BATS_TEST_TMPDIR/ledger
    six model
    six later
    produce model feed.seed=2 feed.count=60
    copy model later
    produce later feed.seed=2 feed.count=1000 "feed.ledger=$ledger"
    is_whole later 2 1000
    grep -q '^run seed-2 topic later partition by-key first 60 ' "$ledger"
    # And what partition 0 lacked below it.
    diff <(dump model '%p %o %h\n' |
        sed -n 's/^0 \([2-9]\|..\) .*seq=\([0-9]*\),.*/\2/p' |
        cat - <(seq 60 999)) \
        <(awk '$1 == "sent" { for (i = 0; i < $3; i++) print $2 + i }' "$ledger")
}

@test "a run that is complete sends nothing more; another name begins another" {
    six complete
    produce complete feed.seed=4 feed.count=1000
    run --separate-stderr produce complete feed.seed=4 feed.count=1000
    [[ $status == 0 ]]
    [[ $stderr == *'run seed-4 is in complete up to number 999, and its 6 partitions may lack some'* ]]
    [[ $stderr == *' 0 prices taken, 0 delivered'* ]]
    [[ $stderr == *'nothing was sent: complete has all of run seed-4 (feed.run = NAME '* ]]
    is_whole complete 4 1000
    run -0 produce complete feed.seed=4 feed.count=500
    is_whole complete 4 1000
    produce complete feed.seed=4 feed.count=1000 feed.run=again
    [[ $(total complete) == 2000 ]]
    # And the first one still goes on where it was.
    produce complete feed.seed=4 feed.count=1500
    [[ $(total complete) == 2500 ]]
    diff <(seq 0 1499) <(dump complete '%h\n' |
        sed -n 's/^feed-run=seed-4,feed-seq=\([0-9]*\),.*/\1/p' | sort -n)
}

@test "somebody else's record in one partition ends it with code 4, and its place" {
    six mixed
    produce mixed feed.seed=5 feed.count=1000
    local end
    end=$(kcat -b "$BROKER" -Q -t mixed:3:-1 | sed 's/.* offset //')
    kcat -b "$BROKER" -P -t mixed -p 3 <<<'{"match": 100, "price": 1.00}'
    run --separate-stderr produce mixed feed.seed=5 feed.count=2000
    [[ $status == 4 ]]
    [[ $stderr == *"run seed-5 in mixed [3]: the record at offset $end has no headers of a run: somebody else has written"*'feed.run = NAME'* ]]
    [[ $(total mixed) == 1001 ]]
    # One that takes a number of the run.
    six stolen
    produce stolen feed.seed=5 feed.count=1000
    kcat -b "$BROKER" -P -t stolen -p 2 -k 123 -H feed-run=seed-5 \
        -H feed-seq=1000 <<<'{"match": 123, "price": 1.00}'
    run --separate-stderr produce stolen feed.seed=5 feed.count=2000
    [[ $status == 4 && $stderr == *'stolen [2]'*'should be number 1000'* ]]
}

# keyed TOPIC KEY SETTING...: records of a template; a has 50 values, b has 7, and
# time is another one at each start.
keyed() {
    echo '{a: (.seq % 50), b: (.seq % 7), time: .time}' >"$BATS_TEST_TMPDIR/keyed.jq"
    produce "$1" feed.source=template "feed.template=$BATS_TEST_TMPDIR/keyed.jq" \
        feed.seed=11 "feed.template.key=$2" "${@:3}"
}

@test "a run whose keys are others than before ends with code 4, and adds nothing" {
    local key
    six rekeyed
    keyed rekeyed a feed.count=1000
    for key in b time; do
        run --separate-stderr keyed rekeyed "$key" feed.count=2000
        [[ $status == 4 ]]
        [[ $stderr == *' of the run, the last one in partition '*', has another key now: '*'key follows the time'*'feed.run = NAME'* ]]
        [[ $(total rekeyed) == 1000 ]]
    done
    keyed rekeyed a feed.count=2000
    diff <(seq 0 1999) <(dump rekeyed '%h\n' | sed 's/.*seq=//; s/,.*//' | sort -n)
    # With less to do it is complete, and says so.
    run --separate-stderr keyed rekeyed a feed.count=500
    [[ $status == 0 && $stderr == *'nothing was sent: rekeyed has all of run'* ]]
    [[ $(total rekeyed) == 2000 ]]
}

# forge TOPIC NUMBER: the run's last record of partition 3 again, by somebody
# else, as if it had that number.
forge() {
    local name key
    read -r name key < <(dump "$1" '%p %h %k\n' |
        sed -n 's/^3 feed-run=\([^,]*\),.* /\1 /p' | tail -n 1)
    kcat -b "$BROKER" -P -t "$1" -p 3 -k "$key" -H "feed-run=$name" \
        -H "feed-seq=$2" <<<'{}'
}

@test "a number that a partition cannot have ends it with code 4" {
    # Number 5000 has the key 0, which is not of partition 3.
    six forged
    keyed forged a feed.count=1000
    forge forged 5000
    run --separate-stderr keyed forged a feed.count=2000
    [[ $status == 4 ]]
    [[ $stderr == *'number 5000 of the run, the last one in partition 3, has another key now'* ]]
    # More than there can be.
    six beyond
    keyed beyond a feed.count=1000
    forge beyond 4611686018427387904
    run --separate-stderr keyed beyond a
    [[ $status == 4 && $stderr == *'in beyond [3]: a record has number 4611686018427387904, and this topic has only had 1001 records'* ]]
    [[ $(total beyond) == 1001 ]]
    # After the end of a recording.
    six shorter
    seq 0 99 | sed 's/.*/{"id": "&"}/' >"$BATS_TEST_TMPDIR/recording"
    local settings=(feed.source=replay feed.replay.key=id
        "feed.replay.path=$BATS_TEST_TMPDIR/recording")
    produce shorter "${settings[@]}"
    forge shorter 150
    run --separate-stderr produce shorter "${settings[@]}"
    [[ $status == 4 && $stderr == *'number 150 of the run, the last one in partition 3, does not come any more'* ]]
}

@test "a topic that has grown is refused, and another run goes on in all of it" {
    six grown
    produce grown feed.seed=6 feed.count=1000
    admin grow grown 8
    run --separate-stderr produce grown feed.seed=6 feed.count=2000
    [[ $status == 4 ]]
    [[ $stderr == *'run seed-6 in grown: the key of the record at offset'*'belongs to partition'*'of 8: the topic had another number of partitions'*'feed.run = NAME'* ]]
    produce grown feed.seed=6 feed.count=2000 feed.run=new
    [[ $(dump grown '%p %h\n' | grep feed-run=new | cut -d' ' -f1 | sort -u | wc -l) == 8 ]]
}

@test "a run that had another feed.partition is refused, in both directions" {
    six changed
    produce changed feed.seed=7 feed.count=1000
    run --separate-stderr produce changed feed.seed=7 feed.count=2000 \
        feed.partition=0
    [[ $status == 4 && $stderr == *'feed.partition has changed'* ]]
    produce changed feed.seed=8 feed.count=1000 feed.partition=4
    run --separate-stderr produce changed feed.seed=8 feed.count=2000
    [[ $status == 4 && $stderr == *'feed.partition has changed'* ]]
}

@test "orders have their id as key, and records of a replay the member that is one" {
    six orders
    produce orders feed.source=orders feed.seed=9 feed.count=5000 \
        feed.orders.speed=0 feed.orders.start=2026-11-02T00:00:00Z
    produce orders feed.source=orders feed.seed=9 feed.count=9000 \
        feed.orders.speed=0 feed.orders.start=2026-11-02T00:00:00Z
    diff <(seq 0 8999) <(dump orders '%h\n' | sed 's/.*seq=//; s/,.*//' | sort -n)
    [[ -z $(dump orders '%k %p\n' | sort -u | cut -d' ' -f1 | uniq -d) ]]

    # One key: five partitions never have any, and the run begins at 0.
    six replayed
    seq 1 2000 | sed 's/.*/{"id": "a", "n": &}/' >"$BATS_TEST_TMPDIR/recording"
    local settings=(feed.source=replay feed.replay.key=id
        "feed.replay.path=$BATS_TEST_TMPDIR/recording")
    produce replayed "${settings[@]}" feed.count=1500
    run --separate-stderr produce replayed "${settings[@]}"
    [[ $status == 0 && $stderr == *'may lack some from number 0 on'* ]]
    diff "$BATS_TEST_TMPDIR/recording" <(dump replayed '%s\n')
    [[ $(dump replayed '%p\n' | sort -u | wc -l) == 1 ]]
    [[ $stderr != *'nothing was sent'* ]]
    run --separate-stderr produce replayed "${settings[@]}"
    [[ $status == 0 && $stderr == *'nothing was sent: replayed has all of run replay-recording-'* ]]

    # Without a key all go where an empty one would.
    six keyless
    produce keyless feed.source=replay \
        "feed.replay.path=$BATS_TEST_TMPDIR/recording"
    diff "$BATS_TEST_TMPDIR/recording" <(dump keyless '%s\n')
    echo "$(date +%s)000  x" | java_produce keyless by-key
    [[ $(dump keyless '%p\n' | sort -u | wc -l) == 1 ]]
}

@test "a bad line of a replay is put aside once, whatever its partitions lack" {
    six aside
    cd "$BATS_TEST_TMPDIR"
    printf '{"id": "a"}\nbad\n{"id": "a"}\n' >recording
    local settings=(feed.source=replay feed.replay.key=id
        feed.replay.path=recording feed.on.bad=dead-letter
        feed.dead.letters=file:bad)
    produce aside "${settings[@]}"
    echo '{"id": "b"}' >>recording
    echo worse >>recording
    run --separate-stderr produce aside "${settings[@]}"
    [[ $status == 0 && $stderr == *'may lack some from number 0 on'* ]]
    [[ $stderr != *recording:2:* && $stderr == *recording:5:* ]]
    [[ $(jq -r .value bad | tr '\n' ' ') == 'bad worse ' ]]
    [[ $(total aside) == 3 ]]
}

@test "going on takes no time for what a partition may lack, whatever the pace" {
    six paced
    produce paced feed.seed=10 feed.count=1
    begin paced feed.seed=10 feed.rate=0.01
    eventually 20 has_total paced 2 # number 1: due now, and number 2 is not
    kill "$producer"
    wait "$producer" || :
    produce paced feed.seed=10 feed.count=5000
    begin paced feed.seed=10 feed.rate=0.01
    eventually 20 has_total paced 5001
    kill "$producer"
    wait "$producer" || :
    is_whole paced 10 5001
}

@test "--show-config has the headers that are in effect" {
    [[ $(pf-producer -X feed.partition=by-key --show-config) == *$'\nfeed.headers = all  # default\n'* ]]
    [[ $(pf-producer --show-config) == *$'\nfeed.headers = first  # default\n'* ]]
}

@test "a mistake is named" {
    run --separate-stderr produce x feed.partition=bykey
    [[ $status == 2 && $stderr == *"feed.partition: 'bykey' is neither by-key nor a number"* ]]
    run --separate-stderr produce x feed.headers=first
    [[ $status == 2 && $stderr == *'feed.headers: with feed.partition = by-key every record has headers'* ]]
    run --separate-stderr produce x partitioner=consistent
    [[ $status == 2 && $stderr == *'partitioner'* ]]
    pf-broker topic one
    run --separate-stderr produce one feed.count=10
    [[ $status == 0 && $stderr == *'one has one partition for all keys (pf-broker topic NAME --partitions N'* ]]
    [[ $(end_of one) == 10 ]]
}

@test "a feed: num.partitions of the broker, by-key of the producer, and healthy" {
    feed_places
    export KAFKA_NUM_PARTITIONS=$N PRODUCER_FEED_PARTITION=by-key
    start_feed
    kcat -b "$BROKER" -L -t prices-topic | grep -q 'with 6 partitions'
    eventually 20 pf-broker health
    all_have_some() {
        local i
        for ((i = 0; i < N; i++)); do
            (($(kcat -b "$BROKER" -Q -t "prices-topic:$i:-1" |
                sed 's/.* offset //') > 0)) || return
        done
    }
    eventually 20 all_have_some
}
