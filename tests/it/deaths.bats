#!/usr/bin/env bats
# Nothing that a record can contain stops pf-processor for good: with a real
# Kafka.
# early: transactions are taken back, and time out
# shellcheck shell=bash disable=SC2016,SC2034,SC2164 # dollars are for jq
# shellcheck disable=SC2030,SC2031,SC2154 # each test is a shell of its own

bats_require_minimum_version 1.5.0
load processor

# put TOPIC: lines of standard input, in one partition.
put() {
    kcat -b "$BROKER" -P -t "$1" -p 0
}

# value N: a record whose value becomes N bytes long and more.
value() {
    printf '{"n":%s,"text":"%s"}\n' "$1" "$(head -c "$1" /dev/zero | tr '\0' x)"
}

# kinds TOPIC: the word and the place of each dead letter.
kinds() {
    read_all "$1" '%h\n' |
        sed -E 's/.*feed-dead-kind=([a-z]*),.*feed-dead-offset=([-0-9]*),.*/\1 \2/'
}

@test "what its topic refuses is a dead letter, once, and the others go on" {
    local guarantee i
    for guarantee in exactly-once at-least-once; do
        create "long-$guarantee:1" cleanup.policy=delete \
            "short-$guarantee:1" max.message.bytes=2000
        for i in {1..100}; do
            value $((i % 50 == 7 ? 3000 : i))
        done | put "long-$guarantee"
        process "feed.topic=long-$guarantee" "feed.output=short-$guarantee" \
            "feed.dead.letters=dead-$guarantee" "feed.guarantee=$guarantee" \
            feed.map=. feed.exit.at.end=true 2>processor.log
        cat processor.log
        diff <(read_all "short-$guarantee" '%s\n' | jq .n | sort -n | uniq) \
            <(for i in {1..100}; do ((i % 50 == 7)) || echo "$i"; done)
        [[ $guarantee != exactly-once ]] ||
            [ "$(read_all short-exactly-once '\n' | wc -l)" = 98 ]
        [[ $(kinds "dead-$guarantee") == $'refused 6\nrefused 56' ]]
        read_all "dead-$guarantee" '%h\n' | grep -q "feed-dead-reason=a record of \
30[0-9]* bytes for short-$guarantee, which takes 2000 "
        diff <(read_all "dead-$guarantee" '%s\n' | head -1) <(value 3000)
    done
}

@test "a record without a key for a compacted topic is a dead letter" {
    create keyed:1 cleanup.policy=delete compact:1 cleanup.policy=compact
    printf '{"k":%s}\n' 1 2 null 4 null | put keyed
    process feed.topic=keyed feed.output=compact feed.dead.letters=keyless \
        feed.key=.k feed.exit.at.end=true 2>processor.log
    cat processor.log
    [[ $(read_all compact '%k\n') == $'1\n2\n4' ]]
    [[ $(kinds keyless) == $'refused 2\nrefused 4' ]]
    read_all keyless '%h\n' | grep -q 'each record needs a key'
}

@test "a topic may take less while it runs; without dead letters it is skipped" {
    PARTITIONS=1
    create calm:1 cleanup.policy=delete lowered:1 cleanup.policy=delete
    value 3000 | put calm
    start lowered feed.topic=calm feed.output=lowered
    eventually 30 has_written lowered 1
    change lowered max.message.bytes=2000
    { value 3001; value 1; } | put calm
    eventually 30 holds lowered 1
    grep -q 'skipped the record at offset 1 of calm .* refused: a record of ' lowered.log
    kill -TERM "$(child lowered)"
    ends lowered 0
    [[ $(read_all lowered '%s\n' | jq .n) == $'3000\n1' ]]
}

# holds TOPIC N: N is in it, for readers of committed transactions.
holds() {
    read_all "$1" '%s\n' | jq .n | grep -qx "$2"
}

@test "a result of windows that its topic refuses is a dead letter itself" {
    local long
    long=$(head -c 900 /dev/zero | tr '\0' k)
    create seconds:1 cleanup.policy=delete counts:1 max.message.bytes=800
    printf '%s|{"t":%s}\n' a 1 "$long" 1 b 1 c 1 a 5 b 9 |
        kcat -b "$BROKER" -P -t seconds -p 0 -K '|'
    process feed.topic=seconds feed.output=counts feed.dead.letters=uncounted \
        feed.window.size=1s feed.window.time=.t \
        feed.exit.at.end=true 2>processor.log
    cat processor.log
    [[ $(read_all counts '%k\n') == $'a\nb\nc\na' ]]
    [[ $(kinds uncounted) == 'refused -1' ]]
    [[ $(read_all uncounted '%k %s') == "$long {\"key\":\"$long\",\"start\":"*'"count":1}' ]]
}

@test "with feed.on.bad=stop it ends before a record that its topic refuses" {
    local guarantee i work
    for guarantee in exactly-once at-least-once; do
        create "big-$guarantee:1" cleanup.policy=delete \
            "small-$guarantee:1" max.message.bytes=2000
        for i in {1..100}; do
            value $((i == 57 ? 3000 : i))
        done | put "big-$guarantee"
        work=("feed.topic=big-$guarantee" "feed.output=small-$guarantee"
            "feed.guarantee=$guarantee" feed.map=. feed.exit.at.end=true)
        run -1 --separate-stderr process "${work[@]}" feed.on.bad=stop
        echo "$stderr"
        [[ $stderr == *"with one that is too long this program ends before"* ]]
        [[ $stderr == *"the record at offset 56 of big-$guarantee [0] is bad, refused: \
a record of 30"*" for small-$guarantee, which takes 2000 "*' (feed.on.bad = stop)'* ]]
        # At-least-once had written some of those after it, before it was found.
        diff <(seq 56) <(read_all "small-$guarantee" '%s\n' | jq .n | sort -n |
            uniq | head -56)
        [[ $guarantee != exactly-once ]] ||
            [ "$(read_all small-exactly-once '\n' | wc -l)" = 56 ]
        process "${work[@]}" feed.on.bad=skip
        diff <(seq 100 | sed 57d) \
            <(read_all "small-$guarantee" '%s\n' | jq .n | sort -n | uniq)
    done
    [ "$(read_all small-exactly-once '\n' | wc -l)" = 99 ]
}

@test "so it does before a result of windows that its topic refuses" {
    local long work
    long=$(head -c 900 /dev/zero | tr '\0' k)
    create minutes:1 cleanup.policy=delete tallies:1 max.message.bytes=800
    printf '%s|{"t":%s}\n' a 1 "$long" 1 b 1 c 1 a 5 b 9 |
        kcat -b "$BROKER" -P -t minutes -p 0 -K '|'
    work=(feed.topic=minutes feed.output=tallies feed.window.size=1s
        feed.window.time=.t feed.exit.at.end=true)
    for _ in 1 2; do
        run -1 --separate-stderr process "${work[@]}" feed.on.bad=stop
        echo "$stderr"
        [[ $stderr == *'a result is refused: a record of '*' for tallies, which takes 800 '*\
' (feed.on.bad = stop)'* ]]
        [[ $(read_all tallies '%k\n') == '' ]]
    done
    process "${work[@]}" feed.on.bad=skip
    [[ $(read_all tallies '%k\n') == $'a\nb\nc\na' ]]
}

@test "a dead letter that its topic refuses is without the value, and says how long it was" {
    local long
    create wide:1 cleanup.policy=delete narrow:1 max.message.bytes=1000 \
        grave:1 max.message.bytes=1000
    { value 1; value 3000; echo '{"n":'; value 2; } | put wide
    process feed.topic=wide feed.output=narrow feed.dead.letters=grave \
        feed.map=. feed.exit.at.end=true 2>processor.log
    cat processor.log
    grep -q 'shortened the dead letter of wide \[0\], offset 1: a record of 30.* for grave' \
        processor.log
    [[ $(kinds grave) == $'refused 1\ntruncated 2' ]]
    long=$(value 3000 | wc -c)
    [[ $(read_all grave '%S %h\n' | head -1) == \
        "-1 "*,feed-dead-left-out=$((long - 1)) ]]
    [[ $(read_all narrow '%s\n' | jq .n) == $'1\n2' ]]
}

@test "a topic that takes no dead letter at all ends it with code 3 and a sentence" {
    create tall:1 cleanup.policy=delete low:1 max.message.bytes=1000 \
        hole:1 max.message.bytes=100
    { value 1; value 3000; } | put tall
    run --separate-stderr process feed.topic=tall feed.output=low \
        feed.dead.letters=hole feed.exit.at.end=true
    echo "$stderr"
    [[ $status == 3 ]]
    [[ $stderr == *'the dead letter of the record at offset 1, without what the record has: '*' for hole, which takes 100 '* ]]
    change hole max.message.bytes=10000
    process feed.topic=tall feed.output=low feed.dead.letters=hole \
        feed.exit.at.end=true
    [[ $(kinds hole) == 'refused 1' && $(read_all low '%s' | jq .n) == 1 ]]
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
