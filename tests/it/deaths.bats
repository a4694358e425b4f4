#!/usr/bin/env bats
# Nothing that a record can contain stops pf-processor for good: with a real
# Kafka.
# shellcheck shell=bash disable=SC2016,SC2034,SC2164 # dollars are for jq
# shellcheck disable=SC2030,SC2031,SC2154 # each test is a shell of its own

bats_require_minimum_version 1.5.0
load processor

# put TOPIC: lines of standard input, in one partition.
put() {
    kcat -b "$BROKER" -P -t "$1" -p 0
}

# kinds TOPIC: the word and the place of each dead letter.
kinds() {
    read_all "$1" '%h\n' |
        sed -E 's/.*feed-dead-kind=([a-z]*),.*feed-dead-offset=([-0-9]*),.*/\1 \2/'
}

# die TOPIC PROGRAM CODE [SETTING=VALUE...]: three processors end so, and the
# next one puts the record at offset 2 aside.
die() {
    local n code
    create "$1:1" cleanup.policy=delete
    printf '{"n":%s}\n' 1 2 2e9 3 | put "$1"
    mkdir -p state
    for n in 1 2 3 4; do
        code=0
        process "feed.topic=$1" "feed.output=$1-out" "feed.dead.letters=$1-dead" \
            feed.instance=one transaction.timeout.ms=3000 feed.state.dir=state \
            "feed.map=$2" feed.exit.at.end=true "${@:4}" 2>"$n.log" || code=$?
        tail -n 3 "$n.log"
        echo "$n ended with code $code"
        # shellcheck disable=SC2053 # it is a pattern
        ((n == 4)) || [[ $code == $3 ]]
    done
    [[ $code == 0 ]]
    grep -q 'offset 2 of .*: that was the third time' 4.log
    [[ $(kinds "$1-dead") == 'deaths 2' ]]
    [[ $(read_all "$1-out" '%s\n') == $'1\n2\n3' ]]
}

@test "a record at which libjq crashes is a dead letter after the third time" {
    die crashes '.n as $n | if $n > 9 then [] | .[$n] = 1 else $n end' '13[49]'
}

@test "so is one for which a function of jq does not return" {
    die endless 'if .n > 9 then ("a" * 300 + "c") * 1000 + "b" | test("a*a*a*b") else .n end' \
        1 feed.jq.timeout.ms=50
    grep -q 'does not return' 1.log
}

@test "so is one for which a function of jq wants all memory at once" {
    die greedy 'if .n > 9 then [] | .[1e8] = 1 else .n end' '13[49]' \
        feed.jq.memory.mb=64
}

@test "a directory for the state that is not there is named" {
    run --separate-stderr process feed.topic=a feed.output=b feed.state.dir=nowhere
    [[ $status == 1 && $stderr == *'feed.state.dir: nowhere/processor-b-'*'No such file'* ]]
}
