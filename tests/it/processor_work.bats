#!/usr/bin/env bats
# What pf-processor makes of records, with a real Kafka: programs in jq, and
# windows, whatever happens to it.
# shellcheck shell=bash disable=SC2016,SC2034,SC2164 # dollars are for jq and awk
# shellcheck disable=SC2030,SC2031,SC2154 # each test is a shell of its own

bats_require_minimum_version 1.5.0
load processor
load values

# prices TOPIC COUNT [SETTING=VALUE...] ($background: instead of this shell)
prices() {
    local settings=("${@:3}")
    ${background:+exec} pf-producer -X "bootstrap.servers=$BROKER" -X "feed.topic=$1" \
        -X "feed.count=$2" -X feed.seed=7 "${settings[@]/#/-X}"
}

@test "where, map, key and time: each record goes on, is dropped, or is put aside" {
    create logins:2 cleanup.policy=delete
    cat >map.jq <<'EOF'
if .user then . else error("no user") end
| {user, n: .n, from: $record.key}
EOF
    {
        echo 'k1|{"user": "ann", "n": 4.50, "ok": true, "at": "2026-11-26T10:00:00Z"}'
        echo 'k2|{"user": "bob", "n": 1, "ok": false, "at": 1}'
        echo 'k3|{"n": 2, "ok": true, "at": 1}'
        echo 'k4|{"user": '
        echo 'k5|{"user": "eve", "n": 3, "ok": true, "at": 1700000000}'
    } | kcat -b "$BROKER" -P -t logins -p 0 -K '|'
    process feed.topic=logins feed.output=clean feed.dead.letters=logins-dead \
        'feed.where=.ok' feed.map=file:map.jq 'feed.key=.user' \
        'feed.time=$record.value.at' feed.exit.at.end=true 2>processor.log
    [[ $(read_all clean '%k %T %s\n' | sort) == 'ann 1795687200000 {"user":"ann","n":'4.5*',"from":"k1"}
eve 1700000000000 {"user":"eve","n":3,"from":"k5"}' ]]
    [[ $(read_all logins-dead '%k %h\n' | sort) == k3*'no user'*$'\n'k4*truncated* ]]
    grep -q ' 5 records read, 4 written, 2 of these read could not be used' processor.log
}

# metric NAME: of the counters in the file stats.
metric() {
    "$root/build/tests/it/exposition" processor stats |
        sed -n "s/^pricefeed_$1{program=\"processor\"} //p"
}

@test "bad values: each is written, dropped or put aside, once, and counters add up" {
    local n written dead
    create odd:1 cleanup.policy=delete
    make_values
    for value in '{' '[' '"\\ud800"' '{"a":1,"a":2}' nul 1e999 \
        '{"a":"\\u0000"}' "$(repeat 1000 '[')$(repeat 1000 ']')" \
        '{"a":12345678901234567890}' '"x"' '{"a":{"b":[1,2]}}' 5; do
        value odd "$value"
    done
    kcat -b "$BROKER" -P -t odd -p 0 "$DIR"/*
    head -c 900000 /dev/zero | tr '\0' x | sed 's/.*/{"a":"&"}/' |
        kcat -b "$BROKER" -P -t odd -p 0
    printf 'k|\n' | kcat -b "$BROKER" -P -t odd -p 0 -K '|'    # empty
    printf 'k|\n' | kcat -b "$BROKER" -P -t odd -p 0 -K '|' -Z # a tombstone
    n=$((count + 3))
    process feed.topic=odd feed.output=odd-out feed.dead.letters=odd-dead \
        'feed.where=type == "object" or type == "array"' \
        'feed.map=[$record.offset, .]' \
        feed.exit.at.end=true feed.stats="$PWD/stats" 2>processor.log
    read_all odd-out '%s\n' | jq '.[0]' >written
    read_all odd-dead '%h\n' |
        sed -E 's/.*feed-dead-offset=([0-9]+),.*/\1/' >dead
    written=$(wc -l <written) dead=$(wc -l <dead)
    echo "$n read, $written written, $dead put aside"
    ((written > 10 && dead > 30 && written + dead < n))
    [[ -z $(sort written dead | uniq -d) ]]
    [[ $(metric records_read_total) == "$n" ]]
    [[ $(metric jq_records_kept_total) == "$written" ]]
    [[ $(metric records_refused_total) == "$dead" ]]
    [[ $(metric jq_records_dropped_total) == $((n - written - dead)) ]]
    [[ $(metric records_arrived_total) == $((written + dead)) ]]
    # What is dropped is a number, a string, null or a truth.
    seq 0 $((n - 1)) | grep -vxFf written -f dead | while read -r offset; do
        printf '%s: ' "$offset"
        cat "$DIR/$(printf %03d "$offset")"
        echo
    done | tee dropped
    run ! grep -v ': *\("\|[0-9]\|null\|true\|false\)' dropped
}

@test "a mistake in a program is named with its file and line" {
    printf '.a\n| .b |\n| .c\n' >wrong.jq
    run --separate-stderr process feed.topic=a feed.output=b feed.map=file:wrong.jq
    [[ $status == 2 && $stderr == *'feed.map: wrong.jq:3: '* ]]
    run --separate-stderr process feed.topic=a feed.output=b feed.where='.a =='
    [[ $status == 2 && $stderr == *'feed.where: '* ]]
    run --separate-stderr process feed.topic=a feed.output=b \
        feed.map=now feed.window.size=1s
    [[ $status == 2 && $stderr == *'feed.map: now is not for records'* ]]
    run --separate-stderr process feed.topic=a feed.output=b feed.window.size=1
    [[ $status == 2 && $stderr == *'feed.window.size: '* ]]
}

@test "a member as the key of windows needs one partition, or the advice is given" {
    create wide:2 cleanup.policy=delete
    echo '{"a":1}' | kcat -b "$BROKER" -P -t wide -p 0
    run --separate-stderr process feed.topic=wide feed.output=wide-out \
        feed.window.size=1s feed.window.key=.a feed.exit.at.end=true
    [[ $status == 2 && $stderr == *'feed.key'* ]]
}

# Candles of half a second, computed from the topic itself: only of windows that
# are over. Each is "match start open high low close count".
computed() {
    read_all "$1" '%T %s\n' | tr -d '{}":,' | awk '
        { t = $1 - $1 % 500; k = $3 " " sprintf("%.0f", t); p = $5
          if ($1 > last) last = $1
          if (!(k in n)) { open[k] = high[k] = low[k] = p }
          n[k]++; close_[k] = p
          if (p + 0 > high[k] + 0) high[k] = p
          if (p + 0 < low[k] + 0) low[k] = p }
        END { for (k in n) { split(k, part, " ")
            if (part[2] + 500 <= last)
                print k, open[k], high[k], low[k], close_[k], n[k] } }' | sort
}

# The same from the topic that the processor has written. As text: the digits
# are those of the prices.
candles() {
    read_all "$1" '%s\n' | sed -E 's/[{}"]//g; s/[a-z]+:([^,]*)/\1/g; s/,/ /g' |
        python3 -c '
import datetime, sys
for line in sys.stdin:
    match, start, _, rest = line.split(" ", 3)
    at = datetime.datetime.fromisoformat(start.replace("Z", "+00:00"))
    print(match, round(at.timestamp() * 1000), rest, end="")
' | sort
}

@test "candles are those that the topic itself gives, after kills at random" {
    local producer before settings=(feed.topic=ticks feed.output=candles
        feed.instance=one transaction.timeout.ms=2000
        feed.window.size=500ms feed.window.key=.match
        feed.window.key.name=match feed.window.aggregates='ohlc(.price), count')
    create ticks:1 cleanup.policy=delete
    # There are new prices until the last kill, however long the machine takes.
    background=yes prices ticks 120000 feed.rate=1000 2>>producer.log 3>&- &
    producer=$!
    for i in 1 2 3 4; do
        before=$(results)
        start killed "${settings[@]}"
        eventually 30 has_more
        kill -KILL "$(child killed)"
        ends killed 137
    done
    kill -TERM "$producer"
    wait "$producer"
    process "${settings[@]}" feed.exit.at.end=true 2>>processor.log
    computed ticks >expected
    [ "$(wc -l <expected)" -gt 1200 ]
    diff expected <(candles candles)
}

# How many results there are.
results() {
    read_all candles '%o\n' 2>>kcat.log | wc -l
}

has_more() {
    (($(results) > before + 300))
}
