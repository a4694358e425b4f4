#!/usr/bin/env bats
# Dead letters of pf-processor, in transactions and several partitions, and back
# from there with the command of docs/dead-letters.md.
# shellcheck shell=bash disable=SC2034,SC2154,SC2164

bats_require_minimum_version 1.5.0
load processor

PARTITIONS=3

# send_back TOPIC SETTING...: as the documentation says; what it says is in
# back.log.
send_back() {
    timeout 180 pf-consumer -X "bootstrap.servers=$BROKER" -X "feed.topic=$1" \
        -X feed.sink=origin -X feed.partition=all -X feed.exit.at.end=true \
        "${@:2}" 2>>back.log
}

# all_of TOPIC: its records, one a line: partition, key, value, headers and time,
# with key and value in hexadecimal digits and their lengths.
all_of() {
    local p n
    for ((p = 0; p < PARTITIONS; p++)); do
        n=0
        while read -r offset; do
            printf '%s %s ' $p $n
            kcat -b "$BROKER" -C -t "$1" -p $p -o "$offset" -c 1 -e -q -D '' \
                -f '%K %k %S %s %h %T' | od -An -v -tx1 | tr -d ' \n'
            echo
            n=$((n + 1))
        done < <(kcat -b "$BROKER" -C -t "$1" -p $p -e -q -f '%o\n')
    done
}

# A record in each partition that is not JSON, with any bytes, and one that is.
make_records() {
    local p
    for ((p = 0; p < PARTITIONS; p++)); do
        { printf '\xff\x00\n%s' "$p" && head -c 1000 /dev/urandom; } >bad
        kcat -b "$BROKER" -P -t "$1" -p $p -k $'key\xfe' -H $'trace=\x01\xfd' \
            -H none -H feed-dead-kind=forged bad
        echo '{"good": true}' | kcat -b "$BROKER" -P -t "$1" -p $p
    done
}

@test "dead letters of several partitions go back as they were, and only once" {
    create in:$PARTITIONS cleanup.policy=delete
    make_records in
    all_of in >before
    process feed.topic=in feed.output=out feed.dead.letters=dead \
        feed.where=.good group.id=first feed.exit.at.end=true 2>first.log
    [ "$(read_all dead '%p\n' | wc -l)" = $PARTITIONS ]
    send_back dead
    grep -q "$PARTITIONS records read, $PARTITIONS sent back, 0 refused" back.log
    all_of in >after
    # Each bad one is there again, in its partition, after the two that were.
    diff <({
        cat before
        sed -n 's/^\([0-9]\) 0 /\1 2 /p' before
    } | sort) <(sort after)
    send_back dead
    grep -q ' 0 records read' back.log
    all_of in | cmp - after
}

has_dead() {
    [ "$(read_all dead-again '%p\n' | wc -l)" -ge "$1" ]
}

@test "one that is refused again is a dead letter again, and the command ends" {
    create again:$PARTITIONS cleanup.policy=delete
    seq 30000 | kcat -b "$BROKER" -P -t again -p -1
    start processor feed.topic=again feed.output=out-again \
        feed.dead.letters=dead-again 'feed.where=error("no")' group.id=again
    eventually 60 has_dead 30000
    send_back dead-again
    grep -q '30000 records read, 30000 sent back, 0 refused' back.log
    eventually 60 has_dead 60000
    [ "$(read_all dead-again '%s\n' | sort -n | uniq -c | awk '$1 != 2')" = '' ]
    # The next time it goes on with those that came back.
    send_back dead-again
    [ "$(grep -c '30000 records read, 30000 sent back, 0 refused' back.log)" = 2 ]
    eventually 60 has_dead 90000
}

@test "all go to one topic that is given, by their keys" {
    create many:$PARTITIONS cleanup.policy=delete
    create given:2 cleanup.policy=delete
    local p
    for ((p = 0; p < PARTITIONS; p++)); do
        printf 'a:bad %s\nb:bad %s\n' $p $p |
            kcat -b "$BROKER" -P -t many -p $p -K:
    done
    process feed.topic=many feed.output=out-many feed.dead.letters=dead-many \
        feed.where=.good group.id=many feed.exit.at.end=true 2>many.log
    send_back dead-many -X feed.origin.topic=given
    grep -q '6 records read, 6 sent back, 0 refused' back.log
    [ "$(end_of many)" = 2 ]
    diff <(printf '%s\n' 'a bad 0' 'a bad 1' 'a bad 2' 'b bad 0' 'b bad 1' 'b bad 2') \
        <(kcat -b "$BROKER" -C -t given -e -q -f '%k %s%h\n' | sort)
    [ "$(kcat -b "$BROKER" -C -t given -e -q -f '%k %p\n' | sort -u | wc -l)" = 2 ]

    send_back dead-many -X feed.origin.topic=nowhere -X group.id=other
    grep -q '6 records read, 0 sent back, 6 refused' back.log
    grep -q 'there is no topic nowhere' back.log
    for p in dead-many __consumer_offsets 'a b'; do
        run send_back dead-many -X "feed.origin.topic=$p"
        [ "$status" = 2 ]
    done
    run timeout 20 pf-consumer -X feed.origin.topic=given
    [ "$status" = 2 ]
    [[ $output == *'feed.origin.topic: it needs feed.sink = origin'* ]]
}
