#!/usr/bin/env bats
# The pipelines with processors, as `make run-logins` and `make run-candles` run
# them, and the files that describe them for docker-compose.
# early: windows of a minute have to end
# shellcheck shell=bash disable=SC2016,SC2154,SC2164 # dollars are for bash

bats_require_minimum_version 1.5.0
load feed

setup() {
    feed_places
    cd "$FEED"
}

teardown() {
    stop_feed
}

# kill_all: nothing of it is left, though supervisord starts it again meanwhile.
kill_all() {
    local pids
    pids=$(feed_processes)
    # shellcheck disable=SC2086 # some numbers
    [ -z "$pids" ] || ! kill -KILL $pids
}

# written TOPIC N: it has N records or more. kcat may wait for ever if the topic
# comes while it starts.
written() {
    (($(timeout 10 kcat -b "$BROKER" -C -t "$1" -e -q -f . | wc -c) >= $2))
}

# counted N: the console has N counts or more, and nothing else.
counted() {
    local count='^\{"device_type":"(android|ios|web)","start":"[0-9T:-]*:00\.000Z","end":"[0-9T:-]*:00\.000Z","count":[0-9]+\}$'
    ! grep -vE "$count" "$FEED/out" && has_lines "$FEED/out" "$1"
}

# agrees: what the page says prints nothing.
agrees() {
    sed -e '1,/^## Held against/d' -e 's/localhost:9092/$BROKER/' \
        "$root/examples/logins/README.md" | sed -n 's/^    //p' >check
    grep -q 'kcat -b $BROKER' check || return
    run bash check
    [[ $status = 0 && -z $output ]]
}

@test "make run-logins: counts are those of the logins, though everything was killed" {
    export PF_LOGINS=$FEED LOGINS_RATE=200
    make -C "$root" -n run-logins | grep -q compose-pipeline/run-logins
    begin_feed "$root/compose-pipeline/run-logins"
    eventually 120 written processed-user-login 1000
    eventually 20 kill_all
    eventually 15 feed_has_ended
    begin_feed "$root/compose-pipeline/run-logins"
    eventually 120 counted 3
    supervisorctl -c "$root/compose-pipeline/supervisord.conf" stop producer
    eventually 30 agrees
    written user-login-dead 200
    # None was late: that would be a dead letter of the second processor.
    run -1 written device_type_count-dead 1
    end_feed
    [[ $(<"$FEED/code") == 0 ]]
    [ -z "$(feed_processes)" ]
}

@test "a login goes on with its time in UTC, and with the time of now" {
    pf-producer -X feed.sink=console -X feed.source=template \
        -X "feed.template=$root/examples/logins/logins.jq" -X feed.seed=1 \
        -X feed.rate=0 -X feed.count=1 >login
    run -0 jq -c -f "$root/examples/logins/validate.jq" login
    [[ $output =~ ,\"timestamp_utc\":\"20[0-9T:-]*Z\",\"processed_time\":\"20[0-9T:-]*Z\"}$ ]]
}

@test "make run-candles: candles come, and prices as without them" {
    make -C "$root" -n run-candles | grep -q compose-pipeline/run-candles
    begin_feed "$root/compose-pipeline/run-candles"
    eventually 120 written candles-1s 100
    has_lines "$FEED/out" 50
    run -1 grep -vE '^\{"match": [0-9]{3}, "price": [0-9]+\.[0-9]{2}\}$' "$FEED/out"
    # Of a topic that grows kcat -e may never see the end.
    kcat -b "$BROKER" -C -t candles-1s -o beginning -c 100 -q >candles
    has_lines candles 100
    run -1 grep -vE '^\{"match":[0-9]{3},"start":"[^"]*","end":"[^"]*","open":[0-9.]+,"high":[0-9.]+,"low":[0-9.]+,"close":[0-9.]+,"count":[0-9]+\}$' candles
    end_feed
    [[ $(<"$FEED/code") == 0 ]]
    [ -z "$(feed_processes)" ]
}

@test "a mistake in a processor's settings is named before anything starts" {
    sed 's/feed.window.size=1s/feed.window.size=soon/' \
        "$root/examples/candles/candles-1s.properties" >wrong.properties
    run -2 --separate-stderr "$root/compose-pipeline/run" "$PWD/wrong.properties"
    [[ $stderr == *"wrong.properties:"*"feed.window.size: 'soon' is not"* ]]
    [ -z "$(feed_processes)" ]
}

# names FILE: of its services and volumes.
names() {
    awk '/^(services|volumes):/ { inside = 1; next }
        /^[^ #]/ { inside = 0 }
        inside && /^  [^ #].*:/ { sub(":.*", ""); print $1 }' "$1"
}

# To docker-compose all files of a directory are one project: what has the same
# name in two of them would be shared, and stopped with the other.
@test "what is a composition by itself has its name in all of its names" {
    local file name files=0
    cd "$root"
    for file in compose-pipeline/*.yml; do
        name=$(basename "$file" .yml)
        grep -q "docker-compose -f $file up" "$file" || continue
        files=$((files + 1))
        (($(names "$file" | wc -l) > 3))
        run -1 grep -v "^$name-" <(names "$file")
    done
    [ "$files" = 4 ]
}

@test "the processors in a composition are given files that are there" {
    local file path files=0
    cd "$root"
    while read -r file; do
        files=$((files + 1))
        [ -e "${file#/}" ]
        pf-processor -F "${file#/}" --show-config | grep -q '^feed.topic = [^ ]'
    done < <(sed -n 's/.*command: pf-processor -F //p' compose-pipeline/*.yml)
    [ "$files" = 5 ]
    path=$(sed -n 's/.*_TEMPLATE: //p' compose-pipeline/logins.yml)
    [ -f "${path#/}" ]
}
