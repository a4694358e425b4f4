#!/usr/bin/env bats
# Values that are not prices, or odd ones, sent through a real topic.
# Each is read alone, at its offset, with feed.on.bad = stop: it is printed, or
# the program ends and names the kind of mistake.

bats_require_minimum_version 1.5.0
load kafka
load values

# consume TOPIC SETTING...: what pf-consumer makes of it, within 20 s.
consume() {
    local topic=$1 settings=()
    shift
    for setting; do
        settings+=(-X "$setting")
    done
    run --separate-stderr timeout 20 pf-consumer \
        -X "bootstrap.servers=$BROKER" -X "feed.topic=$topic" "${settings[@]}"
}

setup_file() {
    start_kafka
    make_values
    # One record for each file, in the order of their names.
    kcat -b "$BROKER" -P -t bad -p 0 "$DIR"/*
}

teardown_file() {
    stop_kafka
}

@test "each value is printed as its price, or refused for its mistake" {
    local offset=0 verdict expected
    while read -r verdict; do
        consume bad feed.start=$offset feed.count=1 feed.on.bad=stop
        echo "offset $offset: expected $verdict, got $output / $stderr"
        if [[ $verdict == *' '* ]]; then
            expected="{\"match\": ${verdict% *}, \"price\": ${verdict#* }}"
            [[ $status == 0 && $output == "$expected" ]]
        else
            [[ $status == 1 && $output == '' ]]
            [[ $stderr == *"offset $offset of bad [0] is bad, $verdict: "* ]]
            # Not one control byte of it has come through.
            [[ ${stderr//$'\n'/} != *[[:cntrl:]]* ]]
        fi
        offset=$((offset + 1))
    done <"$BATS_FILE_TMPDIR/verdicts"
    [[ $offset == $(find "$DIR" -type f | wc -l) ]]
}

@test "skipping them prints the good ones in order, and counts the rest" {
    local refused odd total
    total=$(wc -l <"$BATS_FILE_TMPDIR/verdicts")
    refused=$(grep -vc ' ' "$BATS_FILE_TMPDIR/verdicts")
    odd=$(awk 'NF == 2 && ($1 < 100 || $1 > 999 || $2 < 1 || $2 > 10)' \
        "$BATS_FILE_TMPDIR/verdicts" | wc -l)

    consume bad feed.start=earliest feed.exit.at.end=true
    [[ $status == 0 ]]
    [[ $output == "$(sed -n 's/^\(.*\) \(.*\)$/{"match": \1, "price": \2}/p' \
        "$BATS_FILE_TMPDIR/verdicts")" ]]
    [[ $stderr == *"$total records read, $((total - refused)) prices printed, \
$refused refused, $odd out of range"* ]]
}

@test "feed.strict.range refuses what the producer would not make" {
    local offset
    offset=$(grep -n '^1 4.56$' "$BATS_FILE_TMPDIR/verdicts" | cut -d: -f1)
    consume bad "feed.start=$((offset - 1))" feed.count=1 \
        feed.on.bad=stop feed.strict.range=true
    [[ $status == 1 && $output == '' && $stderr == *'is bad, range: '* ]]
}

@test "a tombstone and an empty value are refused as empty, not mistaken" {
    printf 'key:\n' | kcat -b "$BROKER" -P -t empty -p 0 -K:
    printf 'key:\n' | kcat -b "$BROKER" -P -t empty -p 0 -K: -Z
    for offset in 0 1; do
        consume empty "feed.start=$offset" feed.count=1 feed.on.bad=stop
        echo "$output / $stderr"
        [[ $status == 1 && $stderr == *"offset $offset of empty [0] is bad, empty: "* ]]
    done
    [[ $stderr == *tombstone* ]]
}

@test "a consumer that stopped at a bad record stops there again" {
    printf '%s\n' '{"match": 123, "price": 4.56}' bad \
        '{"match": 124, "price": 4.56}' |
        kcat -b "$BROKER" -P -t stops -p 0
    local settings=(group.id=stops feed.exit.at.end=true)

    consume stops "${settings[@]}" feed.on.bad=stop
    [[ $status == 1 && $output == '{"match": 123, "price": 4.56}' ]]
    consume stops "${settings[@]}" feed.on.bad=stop
    [[ $status == 1 && $output == '' && $stderr == *'offset 1 of stops [0] is bad'* ]]
    consume stops "${settings[@]}"
    [[ $status == 0 && $output == '{"match": 124, "price": 4.56}' ]]
}
