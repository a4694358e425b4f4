#!/usr/bin/env bats
# Bad records that are put aside: in a topic or a file, and back from there, with
# a real Kafka. What each record is, kcat says.
# shellcheck shell=bash disable=SC2154,SC2034,SC2030,SC2031

bats_require_minimum_version 1.5.0
load kafka
load values

setup_file() {
    broker_settings=(
        authorizer.class.name=kafka.security.authorizer.AclAuthorizer
        allow.everyone.if.no.acl.found=true
    )
    start_kafka
    make_values
    produce_values bad
}

teardown_file() {
    stop_kafka
}

teardown() {
    end_jobs
}

# produce_values TOPIC: one record for each file, in the order of their names,
# each with a key and headers of its own; then those without a value.
produce_values() {
    local file name
    for file in "$DIR"/*; do
        name=${file##*/}
        kcat -b "$BROKER" -P -t "$1" -p 0 -k "key-$name" -H "trace=$name" \
            -H "feed-dead-kind=forged" "$file"
    done
    printf 'gone:\n' | kcat -b "$BROKER" -P -t "$1" -p 0 -K: -Z -H trace=last
    printf ':\n' | kcat -b "$BROKER" -P -t "$1" -p 0 -K:
}

# consume TOPIC SETTING...: to the topic's end, within 60 s.
consume() {
    local topic=$1 settings=()
    shift
    for setting; do
        settings+=(-X "$setting")
    done
    run --separate-stderr timeout 60 pf-consumer -X "bootstrap.servers=$BROKER" \
        -X "feed.topic=$topic" -X feed.exit.at.end=true "${settings[@]}"
    echo "$status: $stderr"
}

# put_aside TOPIC TO SETTING...: consume it with dead letters to TO.
put_aside() {
    consume "$1" feed.on.bad=dead-letter "feed.dead.letters=$2" "${@:3}"
    [[ $status == 0 ]]
}

# record TOPIC OFFSET FORMAT: what kcat prints of one record.
record() {
    kcat -b "$BROKER" -C -t "$1" -p 0 -o "$2" -c 1 -e -q -D '' -f "$3" 2>/dev/null
}

# The offsets of what the price filter refuses, with the kind.
refused() {
    awk 'NF == 1 {print NR - 1, $1} END {print NR, "empty"; print NR + 1, "empty"}' \
        "$BATS_FILE_TMPDIR/verdicts"
}

# same TOPIC OFFSET TOPIC OFFSET FORMAT: of both records kcat prints the same.
same() {
    cmp <(record "$1" "$2" "$5") <(record "$3" "$4" "$5")
}

@test "each bad value is in the topic as it was, with its mistake and its origin" {
    put_aside bad dead group.id=one
    [[ $stderr == *'created topic dead for dead letters'* ]]
    local n=0 offset kind own headers
    while read -r offset kind; do
        echo "dead letter $n of offset $offset, $kind"
        # Length and bytes: an empty value is not a tombstone, nor a key.
        same dead "$n" bad "$offset" '%S %s %K %k'
        own=$(record bad "$offset" %h)
        headers=$(record dead "$n" %h)
        echo "$headers"
        [[ $headers == "${own}${own:+,}feed-dead-kind=$kind,feed-dead-reason="*",\
feed-dead-topic=bad,feed-dead-partition=0,feed-dead-offset=$offset,\
feed-dead-timestamp=$(record bad "$offset" %T)" ]]
        n=$((n + 1))
    done < <(refused)
    [[ $(end_of dead) == "$n" ]]
    [[ $(wc -l <<<"$output") == $(grep -c ' ' "$BATS_FILE_TMPDIR/verdicts") ]]
}

@test "nothing is put aside twice, and a record that comes later is" {
    printf '%s\n' one two | kcat -b "$BROKER" -P -t later -p 0
    put_aside later dead-later
    [[ $(end_of dead-later) == 2 ]]
    put_aside later dead-later
    [[ $(end_of dead-later) == 2 ]]
    echo three | kcat -b "$BROKER" -P -t later -p 0
    put_aside later dead-later
    [[ $(end_of dead-later) == 3 && $(record dead-later 2 %s) == three ]]
}

@test "the consumer killed at 5 points: each bad record is put aside, and none is lost" {
    local out=$BATS_TEST_TMPDIR/out consumer settings=(-X "bootstrap.servers=$BROKER" -X feed.topic=killed
        -X group.id=killed -X feed.on.bad=dead-letter
        -X feed.dead.letters=dead-killed -X feed.commit.interval.ms=10)
    # Every second one is bad.
    seq 0 199999 | sed 's/.*[02468]$/{"match": 123, "price": 4.56}/' |
        kcat -b "$BROKER" -P -t killed -p 0
    : >"$out"
    for _ in 1 2 3 4 5; do
        pf-consumer "${settings[@]}" >>"$out" 2>/dev/null 3>&- &
        consumer=$!
        eventually 20 has_lines "$out" "$(($(wc -l <"$out") + 1))"
        kill -KILL "$consumer"
        wait "$consumer" || :
        echo "killed after $(wc -l <"$out") lines"
    done
    (($(wc -l <"$out") < 100000))
    consume killed group.id=killed feed.on.bad=dead-letter \
        feed.dead.letters=dead-killed
    [[ $status == 0 ]]
    diff <(kcat -b "$BROKER" -C -t dead-killed -p 0 -e -q -f '%s\n' | sort -nu) \
        <(seq 1 2 199999)
}

@test "a member of a group puts aside the bad records of all its partitions" {
    create shared:3 cleanup.policy=delete
    local partition
    for partition in 0 1 2; do
        printf '{"match": 123, "price": 4.5%s}\nbad %s\n' "$partition" "$partition" |
            kcat -b "$BROKER" -P -t shared -p "$partition"
    done
    put_aside shared dead-shared feed.partition=all group.id=shared
    [[ $(wc -l <<<"$output") == 3 ]]
    [[ $(kcat -b "$BROKER" -C -t dead-shared -e -q -f '%s %h\n' |
        sed 's/ feed-dead-kind.*feed-dead-partition=\([0-9]*\),feed-dead-offset=\([0-9]*\),.*/ \1 \2/' |
        sort) == $'bad 0 0 1\nbad 1 1 1\nbad 2 2 1' ]]
    # And back, each to its partition.
    send_back dead-shared feed.partition=all
    for partition in 0 1 2; do
        [[ $(kcat -b "$BROKER" -C -t shared -p "$partition" -o 2 -c 1 -e -q -f '%s') == \
            "bad $partition" ]]
    done
}

@test "a bad record of the largest size that its topic takes has room with its reason" {
    create large max.message.bytes=2000000
    head -c 1999800 /dev/urandom >"$BATS_TEST_TMPDIR/large"
    kcat -b "$BROKER" -P -t large -p 0 -X message.max.bytes=3000000 \
        "$BATS_TEST_TMPDIR/large"
    put_aside large dead-large
    same dead-large 0 large 0 '%S %s'
}

@test "a price of 1 MiB is put aside as it is too long, and goes back whole" {
    create mebi max.message.bytes=1100000
    {
        printf '{"match": 123, "price": 4.56, "a": "'
        head -c 1048538 /dev/zero | tr '\0' x
        printf '"}'
    } >"$BATS_TEST_TMPDIR/mebi"
    kcat -b "$BROKER" -P -t mebi -p 0 -X message.max.bytes=1100000 \
        "$BATS_TEST_TMPDIR/mebi"
    put_aside mebi dead-mebi
    [[ $(record mebi 0 %S) == 1048576 && -z $output ]]
    [[ $(record dead-mebi 0 %h) == feed-dead-kind=size,* ]]
    same dead-mebi 0 mebi 0 '%S %s'
    send_back dead-mebi
    same mebi 1 mebi 0 '%S %s'
}

@test "with feed.strict.range what is out of range is put aside, and only that" {
    local good='{"match": 999, "price": 10.00}'
    printf '%s\n' '{"match": 123, "price": 10.01}' "$good" \
        '{"match": 123, "price": 0.99}' '{"match": 99, "price": 4.56}' |
        kcat -b "$BROKER" -P -t strict -p 0
    put_aside strict dead-strict feed.strict.range=true
    [[ $output == "$good" && $(end_of dead-strict) == 3 ]]
    [[ $(kcat -b "$BROKER" -C -t dead-strict -p 0 -e -q -f '%h\n' |
        sed -E 's/(.*-kind=[a-z]+),.*-offset=([0-9]+),.*/\1 \2/') == \
        $'feed-dead-kind=range 0\nfeed-dead-kind=range 2\nfeed-dead-kind=range 3' ]]
    same dead-strict 0 strict 0 %s
}

@test "many bad records of a topic for small ones fit, too" {
    create small max.message.bytes=10000
    for _ in {1..100}; do
        head -c 6500 /dev/urandom | base64 -w 0
        echo
    done | kcat -b "$BROKER" -P -t small -p 0 -X batch.size=1000
    put_aside small dead-small
    [[ $(end_of dead-small) == 100 ]]
    same dead-small 99 small 99 '%s'
}

@test "a topic that takes too little is said, with the command that helps" {
    create tight max.message.bytes=100000
    put_aside bad tight group.id=tight
    [[ $stderr == *'tight takes records of 100000 bytes, and a dead letter can have 1114124: '*\
'kafka-configs --alter --entity-type topics --entity-name tight --add-config max.message.bytes=1114124'* ]]
    [[ $(end_of tight) -gt 30 ]]
}

@test "a compacted topic is refused: it would lose dead letters" {
    create compact cleanup.policy=compact
    consume bad feed.on.bad=dead-letter feed.dead.letters=compact group.id=two
    [[ $status == 2 && $stderr == *'compact is compacted'* ]]
}

# bytes MEMBER: of a dead letter in a file, as they were.
bytes() {
    jq -r "if has(\"$1\") then .$1 | @base64 else .${1}_base64 end" | base64 -d
}

@test "in a file each bad value is a line, with its bytes as they were" {
    local file=$BATS_TEST_TMPDIR/dead n=0 offset kind
    # Made by another program, which was cut off.
    printf '{"kind":' >"$file"
    put_aside bad "file:$file" group.id=file
    [[ $stderr == *"put aside in file:$file the record at offset 2 of bad [0], empty: "* ]]
    sed -i 1d "$file"
    while read -r offset kind; do
        echo "line $n: offset $offset, $kind"
        sed -n "$((n + 1))p" "$file" >"$BATS_TEST_TMPDIR/line"
        jq -e --arg kind "$kind" --argjson offset "$offset" \
            --argjson timestamp "$(record bad "$offset" %T)" \
            '.kind == $kind and .offset == $offset and .partition == 0 and
            .topic == "bad" and .timestamp == $timestamp' "$BATS_TEST_TMPDIR/line"
        [[ $(record bad "$offset" %S) == -1 ]] ||
            cmp <(bytes value <"$BATS_TEST_TMPDIR/line") <(record bad "$offset" %s)
        [[ $(jq -r '.headers | map(.name + "=" + .value) | join(",")' \
            "$BATS_TEST_TMPDIR/line") == "$(record bad "$offset" %h)" ]]
        n=$((n + 1))
    done < <(refused)
    [[ $(wc -l <"$file") == "$n" ]]
    # A tombstone, and a record that has nothing.
    jq -se '.[-2] | .value == null and .key == "gone"' "$file"
    jq -se '.[-1] | .value == "" and .key == ""' "$file"
}

@test "a file that cannot take a dead letter ends it, and nothing is lost" {
    local file=$BATS_TEST_TMPDIR/dead
    (
        ulimit -f 8
        consume bad feed.on.bad=dead-letter "feed.dead.letters=file:$file" \
            group.id=full
        [[ $status == 1 ]]
        [[ $stderr == *"$file: a dead letter could not be written: "* ]]
    )
    put_aside bad "file:$file" group.id=full
    # Those that were cut off are not JSON; each offset is there.
    refused | cut -d' ' -f1 >"$BATS_TEST_TMPDIR/expected"
    jq -R 'fromjson? | .offset' "$file" | sort -nu |
        diff - "$BATS_TEST_TMPDIR/expected"
}

# send_back TOPIC SETTING...: dead letters, to where they came from.
send_back() {
    consume "$1" feed.sink=origin "${@:2}"
    [[ $status == 0 ]]
}

@test "dead letters go back to where they came from, as they were, and only once" {
    local first n=0 offset kind
    put_aside bad dead-back group.id=back
    first=$(end_of bad)
    create many:3 cleanup.policy=delete
    printf 'k:bad\n' | kcat -b "$BROKER" -P -t many -p 2 -K:
    consume many feed.partition=2 feed.on.bad=dead-letter \
        feed.dead.letters=dead-back group.id=back
    [[ $status == 0 ]]

    send_back dead-back
    [[ $stderr == *' sent back, 0 refused'* ]]
    while read -r offset kind; do
        echo "offset $offset, $kind, came back to $((first + n))"
        same bad "$((first + n))" bad "$offset" '%S %s %K %k %h %T'
        n=$((n + 1))
    done < <(refused)
    [[ $(end_of bad) == $((first + n)) ]]
    [[ $(kcat -b "$BROKER" -Q -t many:2:-1) == *' 2' ]]
    [[ $(kcat -b "$BROKER" -C -t many -p 2 -o 1 -c 1 -e -q -f '%k:%s') == k:bad ]]

    send_back dead-back
    [[ $stderr == *' 0 records read'* && $(end_of bad) == $((first + n)) ]]
}

@test "what is not a dead letter, or from nowhere, is refused and creates no topic" {
    local letter=(-H feed-dead-kind=k -H feed-dead-reason=r)
    local end=(-H feed-dead-offset=0 -H feed-dead-timestamp=1)
    echo none | kcat -b "$BROKER" -P -t odd -p 0
    echo none | kcat -b "$BROKER" -P -t odd -p 0 "${letter[@]}" \
        -H feed-dead-topic=nowhere -H feed-dead-partition=0 "${end[@]}"
    echo none | kcat -b "$BROKER" -P -t odd -p 0 "${letter[@]}" \
        -H feed-dead-topic=odd -H feed-dead-partition=7 "${end[@]}"
    echo none | kcat -b "$BROKER" -P -t odd -p 0 "${letter[@]}" \
        -H feed-dead-topic=../odd -H feed-dead-partition=0 "${end[@]}"
    echo none | kcat -b "$BROKER" -P -t odd -p 0 "${letter[@]}" \
        -H feed-dead-topic=odd -H feed-dead-partition=-1 "${end[@]}"
    echo none | kcat -b "$BROKER" -P -t odd -p 0 "${letter[@]}" \
        -H feed-dead-topic=__consumer_offsets -H feed-dead-partition=0 "${end[@]}"
    echo short | kcat -b "$BROKER" -P -t odd -p 0 "${letter[@]}" \
        -H feed-dead-topic=found -H feed-dead-partition=0 "${end[@]}" \
        -H feed-dead-left-out=12
    echo good | kcat -b "$BROKER" -P -t odd -p 0 "${letter[@]}" \
        -H feed-dead-topic=found -H feed-dead-partition=0 "${end[@]}"
    echo first | kcat -b "$BROKER" -P -t found -p 0
    send_back odd
    [[ $stderr == *'8 records read, 1 sent back, 7 refused'* ]]
    [[ $(record found 1 '%s %T %h') == 'good 1 ' ]]
    kcat -b "$BROKER" -L >"$BATS_TEST_TMPDIR/topics"
    run ! grep nowhere "$BATS_TEST_TMPDIR/topics"
    consume odd feed.sink=origin feed.start=1 feed.on.bad=stop
    [[ $status == 1 && $stderr == *'offset 1 of odd [0] is bad, origin: there is no partition 0 of nowhere'* ]]
}

@test "a letter that Kafka refuses is named, and the next offset goes past it; those before it are sent once" {
    local file=$BATS_TEST_TMPDIR/dead sent=$BATS_TEST_TMPDIR/sent number
    create narrow:2 max.message.bytes=100000
    {
        seq 500
        head -c 5000 /dev/urandom | base64 -w 0
        echo
        seq 501 700
    } | kcat -b "$BROKER" -P -t narrow -p 1
    put_aside narrow dead-narrow feed.partition=1 group.id=narrow
    put_aside narrow "file:$file" feed.partition=1 group.id=narrow-file
    change narrow max.message.bytes=1000

    for number in 1 2 3; do
        consume dead-narrow feed.sink=origin
        [[ $status == 3 && $stderr == *'the dead letter at offset 500 of dead-narrow [0]: kafka: narrow: '*'too large'* ]]
        kcat -b "$BROKER" -C -t narrow -p 1 -o 701 -e -q >"$sent.$number"
    done
    # The second start begins with that letter, and sends no other.
    diff <(seq 500) <(head -n 500 "$sent.1")
    (($(wc -l <"$sent.1") < 560))
    diff "$sent.1" "$sent.3"
    send_back dead-narrow feed.start=501
    kcat -b "$BROKER" -C -t narrow -p 1 -o 701 -e -q >"$sent"
    diff <(cat "$sent.3"; seq 501 700) "$sent"
    send_back dead-narrow
    [[ $stderr == *' 0 records read'* ]]

    consume "file:$file" feed.sink=origin
    [[ $status == 3 && $stderr == *"the dead letter at $file:501: kafka: narrow: "* ]]
}

@test "feed.sink=origin wants the topic's name" {
    run pf-consumer -X feed.sink=origin
    [[ $status == 2 && $output == *'feed.topic: feed.sink = origin needs to know where'* ]]
}

@test "dead letters in a file go back to where they came from, as they were" {
    local file=$BATS_TEST_TMPDIR/dead first n=0 offset kind
    produce_values filed
    put_aside filed "file:$file"
    first=$(end_of filed)
    echo '{"kind":' >>"$file"
    send_back "file:$file"
    [[ $stderr == *' sent back, 1 refused'* ]]
    while read -r offset kind; do
        echo "offset $offset, $kind, came back to $((first + n))"
        same filed "$((first + n))" filed "$offset" '%S %s %K %k %h %T'
        n=$((n + 1))
    done < <(refused)
    [[ $(end_of filed) == $((first + n)) ]]
}

@test "a line of a file that is not a dead letter has room in a topic, whatever its length" {
    local file=$BATS_TEST_TMPDIR/long
    head -c 900000 /dev/urandom | base64 -w 0 >"$file"
    consume "file:$file" feed.sink=origin feed.on.bad=dead-letter \
        feed.dead.letters=dead-long
    [[ $status == 0 && $(record dead-long 0 %S) == 1200000 ]]
    create dead-short max.message.bytes=100000
    consume "file:/dev/null" feed.sink=origin feed.on.bad=dead-letter \
        feed.dead.letters=dead-short
    [[ $status == 0 && $stderr == *'dead-short takes records of 100000 bytes, and a dead letter can have '* ]]
}

@test "a file is not read and written at once" {
    local file=$BATS_TEST_TMPDIR/dead
    seq 10 >"$file"
    consume "file:$file" feed.sink=origin feed.on.bad=dead-letter \
        "feed.dead.letters=file:$BATS_TEST_TMPDIR/./dead"
    [[ $status == 2 && $stderr == *'feed.dead.letters: records are read from '*'a file of their own'* ]]
    for path in "$file" -; do
        run timeout 60 pf-producer -X "bootstrap.servers=$BROKER" -X feed.topic=nothing \
            -X feed.source=replay -X "feed.replay.path=$path" -X feed.on.bad=dead-letter \
            -X "feed.dead.letters=file:$file" <"$file"
        [[ $status == 2 && $output == *'records are read from '* ]]
    done
    seq 10 | cmp - "$file"
}

@test "bad lines of a replay are in the topic, with file and line" {
    cd "$BATS_TEST_TMPDIR"
    {
        echo '{"n": 1}'
        printf 'not \xff JSON\n'
        echo '{"n": 2}'
        printf '"%02000000d"\n' 0 # above any limit: its first bytes are kept
        echo '{"n": 3}'
        echo last
    } >lines
    local replay=(pf-producer -X "bootstrap.servers=$BROKER" -X feed.source=replay
        -X feed.replay.path=lines -X feed.topic=replayed
        -X feed.on.bad=dead-letter -X feed.dead.letters=dead-lines)
    "${replay[@]}" 2>log
    cat log
    [[ $(kcat -b "$BROKER" -C -t replayed -e -q -f '%s ') == '{"n": 1} {"n": 2} {"n": 3} ' ]]
    grep -q 'put aside in dead-lines: lines:2: ' log
    grep -q '3 records of lines in .*; 3 bad lines left out' log
    [[ $(end_of dead-lines) == 3 ]]
    cmp <(record dead-lines 0 %s) <(printf 'not \xff JSON')
    [[ $(record dead-lines 0 %h) == feed-dead-kind=line,feed-dead-reason=*,\
feed-dead-topic=lines,feed-dead-partition=-1,feed-dead-offset=2,feed-dead-timestamp=-1 ]]
    [[ $(record dead-lines 1 %S) == 256 ]]
    [[ $(record dead-lines 2 '%s %h') == 'last '*feed-dead-offset=6,* ]]

    # It goes on after the last event: of the rest, only the last line is bad.
    "${replay[@]}" 2>log
    cat log
    [[ $(end_of replayed) == 3 && $(end_of dead-lines) == 4 ]]
    # They did not come from a topic.
    send_back dead-lines
    [[ $stderr == *' 0 sent back, 4 refused'* ]]
}

@test "a topic that may not be created ends it with a sentence, and nothing is lost" {
    local topic
    for topic in '' forbidden; do # the cluster, and a topic
        admin allow 'User:*' all ${topic:+"$topic"}
        admin deny User:ANONYMOUS create ${topic:+"$topic"}
    done
    consume bad feed.on.bad=dead-letter feed.dead.letters=forbidden group.id=three
    [[ $status == 1 && $output == '' ]]
    [[ $stderr == *'feed.dead.letters: topic forbidden is missing and cannot be created: '*\
'; create it with max.message.bytes=1114124, or give this user the right to CREATE it'* ]]
    put_aside bad dead-three group.id=three
    [[ $(end_of dead-three) -gt 30 ]]
}

@test "a letter for a topic that may not be written to is named" {
    put_aside bad dead-four group.id=four
    admin allow 'User:*' all bad
    admin deny User:ANONYMOUS write bad
    consume dead-four feed.sink=origin
    [[ $status == 3 && $stderr == *'the dead letter at offset 0 of dead-four [0]: kafka: bad: '*\
'right to WRITE to the topic'* ]]
}

@test "a stop ends the wait for a broker that is not there" {
    pf-consumer -X bootstrap.servers=127.0.0.1:1 -X feed.on.bad=dead-letter \
        -X feed.dead.letters=dead 2>"$BATS_TEST_TMPDIR/log" 3>&- &
    local consumer=$!
    eventually 10 grep -q 'waiting for dead, the topic for dead letters' \
        "$BATS_TEST_TMPDIR/log"
    kill "$consumer"
    wait "$consumer"
}
