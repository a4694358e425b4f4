#!/usr/bin/env bats
# pf-processor --try with a real Kafka: it shows what would become of records,
# and nothing becomes of them.
# shellcheck shell=bash disable=SC2016,SC2034,SC2154,SC2164 # dollars are for jq

bats_require_minimum_version 1.5.0
load processor

PARTITIONS=3

# try_out N SETTING=VALUE...
try_out() {
    process "feed.try=$1" "${@:2}"
}

# The names of all topics, but for the one of positions: the broker makes that
# when somebody asks for one.
topics() {
    kcat -b "$BROKER" -L | sed -n 's/^  topic "\([^"]*\)".*/\1/p' |
        grep -vx __consumer_offsets | sort
}

# put TOPIC: lines of key|value, into partition 0.
put() {
    kcat -b "$BROKER" -P -t "$1" -p 0 -K '|' "${@:2}"
}

# wide TOPIC N: N records, in turn to each of its partitions.
wide() {
    local p
    for ((p = 0; p < PARTITIONS; p++)); do
        seq "$p" $PARTITIONS $(($2 - 1)) | kcat -b "$BROKER" -P -t "$1" -p "$p"
    done
}

@test "each record is shown with what would become of it, and nothing does" {
    create logins:1 cleanup.policy=delete
    cat >map.jq <<'EOF'
if .user then {user, n, from: $record.key}, (if .n > 2 then {n} else empty end)
else error("no user") end
EOF
    {
        echo 'k1|{"user": "ann", "n": 1, "ok": true, "at": "2026-11-26T10:00:00Z"}'
        echo 'k2|{"user": "bob", "n": 1, "ok": false, "at": 1}'
        echo 'k3|{"n": 2, "ok": true, "at": 1}'
        echo 'k4|{"user": '
        echo 'k5|{"user": "eve", "n": 3, "ok": true, "at": 1700000000}'
    } | put logins
    work=(feed.topic=logins feed.output=clean feed.dead.letters=logins-dead
        'feed.where=.ok' feed.map=file:map.jq 'feed.key=.user // "other"'
        'feed.time=$record.value.at')
    topics >before
    try_out 20 "${work[@]}" feed.stats="$PWD/stats" >shown 2>try.log
    diff shown - <<'EOF'
logins [0] 0, key "k1"
    clean, key "ann", 2026-11-26T10:00:00.000Z: {"user":"ann","n":1,"from":"k1"}
logins [0] 1, key "k2"
    dropped
logins [0] 2, key "k3"
    dead letter in logins-dead, map: no user
logins [0] 3, key "k4"
    dead letter in logins-dead, truncated: it ends too early, after 9 bytes
logins [0] 4, key "k5"
    clean, key "eve", 2023-11-14T22:13:20.000Z: {"user":"eve","n":3,"from":"k5"}
    clean, key "other", 2023-11-14T22:13:20.000Z: {"n":3}
EOF
    grep -q ' 5 records shown, and the input has no more: 2 refused, 1 dropped; nothing is written or committed' try.log
    [[ $(try_out 20 "${work[@]/feed.dead.letters=*/feed.on.bad=stop}" |
        grep -c '^    ends before it, ') == 2 ]]
    diff before <(topics)
    [ ! -e stats ]
    # And that is what becomes of them: nothing was committed.
    process "${work[@]}" feed.exit.at.end=true
    diff <(sed -nE 's/^    clean, key "([a-z]*)", [^ ]* /\1 /p' shown | sort) \
        <(read_all clean '%k %s\n' | sort)
}

@test "it ends after as many records as are wanted" {
    create many:$PARTITIONS cleanup.policy=delete
    wide many 30000
    pf-processor --try 20 -X "bootstrap.servers=$BROKER" -X feed.topic=many \
        -X feed.output=o >shown 2>try.log
    [[ $(grep -c '^many \[[012]\] [0-9]*, no key$' shown) == 20 ]]
    [[ $(grep -c '^    o, no key, 20[^ ]*Z: [0-9]*$' shown) == 20 ]]
    grep -q ' 20 records shown: 0 refused, 0 dropped' try.log
}

# has_partitions N NAME: that processor has N.
has_partitions() {
    grep -q ", $1 are read now" "$2.log"
}

@test "a processor that runs loses no partition, and goes on" {
    create busy:$PARTITIONS cleanup.policy=delete
    start runs feed.topic=busy feed.output=busy-copy feed.instance=one
    eventually 20 has_partitions 3 runs
    pf-producer -X "bootstrap.servers=$BROKER" -X feed.topic=busy \
        -X feed.count=20000 -X feed.rate=5000 -X feed.partition=by-key 3>&- &
    local producer=$! n
    for n in 1 2 3; do
        try_out 50 feed.topic=busy feed.output=busy-copy feed.instance=one >shown
    done
    wait "$producer"
    eventually 20 has_written busy-copy 20000
    kill "$(child runs)"
    ends runs 0
    [[ $(grep -c 'are read now' runs.log) == 1 ]]
    [[ $(read_all busy-copy '%o\n' | wc -l) == 20000 ]]
}

@test "it begins where the group has come to, each time" {
    create later:$PARTITIONS cleanup.policy=delete
    wide later 300
    process feed.topic=later feed.output=later-copy feed.exit.at.end=true
    try_out 20 feed.topic=later feed.output=later-copy >shown 2>try.log
    [[ $(<shown) == '' ]]
    grep -q ' 0 records shown, and the input has no more' try.log
    wide later 6
    for n in 1 2; do
        try_out 20 feed.topic=later feed.output=later-copy >shown
        [[ $(grep '^later' shown | sort) == 'later [0] 100, no key
later [0] 101, no key
later [1] 100, no key
later [1] 101, no key
later [2] 100, no key
later [2] 101, no key' ]]
    done
}

@test "a new group begins where auto.offset.reset says" {
    create fresh:$PARTITIONS cleanup.policy=delete
    wide fresh 6
    [[ $(try_out 20 feed.topic=fresh feed.output=o | grep -c ^fresh) == 6 ]]
    [[ $(try_out 20 feed.topic=fresh feed.output=o \
        auto.offset.reset=latest) == '' ]]
    run -1 try_out 20 feed.topic=fresh feed.output=o auto.offset.reset=error
}

# 2026-11-26T09:00:00Z, in milliseconds: in the past, whenever this runs.
NINE=1795683600000

# event KEY SECONDS: after nine.
event() {
    echo "$1|{\"t\":$((NINE + $2 * 1000))}"
}

@test "windows: the results that these records would close, and late ones" {
    create clicks:1 cleanup.policy=delete
    windows=(feed.topic=clicks feed.output=counts feed.dead.letters=late
        feed.window.size=5s feed.window.time=.t)
    {
        event a 0
        event b 1
    } | put clicks
    process "${windows[@]}" feed.exit.at.end=true
    # The window is open, and these two are read again.
    {
        event a 3
        event a 6
        event a 2
        event a 12
    } | put clicks
    try_out 3 "${windows[@]}" >shown
    diff shown - <<'EOF'
clicks [0] 2, key "a"
    in its windows
clicks [0] 3, key "a"
    counts, key "a", 2026-11-26T09:00:04.999Z: {"key":"a","start":"2026-11-26T09:00:00.000Z","end":"2026-11-26T09:00:05.000Z","count":2}
    counts, key "b", 2026-11-26T09:00:04.999Z: {"key":"b","start":"2026-11-26T09:00:00.000Z","end":"2026-11-26T09:00:05.000Z","count":1}
    in its windows
clicks [0] 4, key "a"
    dead letter in late, late: its window from 2026-11-26T09:00:00.000Z to 2026-11-26T09:00:05.000Z is closed: stream time is 2026-11-26T09:00:06.000Z
EOF
    try_out 20 "${windows[@]}" >shown
    process "${windows[@]}" feed.exit.at.end=true
    diff <(sed -n 's/^    counts.*Z: //p' shown) <(read_all counts '%s\n')
    [[ $(wc -l < <(read_all counts '%s\n')) == 3 ]]
    # Other windows than those that are open cannot be tried on this position.
    run -2 --separate-stderr try_out 20 "${windows[@]}" feed.window.size=6s
    [[ $stderr == *'was committed with other feed.window settings'* ]]
}

@test "several topics or a pattern; one that is missing is waited for" {
    create some-a:1 cleanup.policy=delete some-b:2 cleanup.policy=delete
    echo a | kcat -b "$BROKER" -P -t some-a -p 0
    echo b | kcat -b "$BROKER" -P -t some-b -p 1
    wanted='some-a [0] 0, no key
some-b [1] 0, no key'
    [[ $(try_out 9 feed.topic=^some- feed.output=o | grep ^some | sort) == "$wanted" ]]
    [[ $(try_out 9 feed.topic=some-a,some-b,none feed.output=o | grep ^some |
        sort) == "$wanted" ]]
    start waits feed.topic=comes feed.output=o feed.try=9
    eventually 20 grep -q 'waiting for comes' waits.log
    create comes:1 cleanup.policy=delete
    ends waits 0
    grep -q ' 0 records shown, and the input has no more' waits.log
}

@test "what the input has at its end is of no matter: it ends" {
    create plain:1 cleanup.policy=delete
    seq 10 | kcat -b "$BROKER" -P -t plain -p 0
    process feed.topic=plain feed.output=marked feed.exit.at.end=true
    [[ $(try_out 99 feed.topic=marked feed.output=o | grep -c ^marked) == 10 ]]
}

@test "no byte of a record gets to a terminal as it is" {
    create hostile:1 cleanup.policy=delete
    printf 'k\e[2J|"\e[2J"\nq\xff|{"a":"\\u001b[2J"}\nr|{"a":7}\n' | put hostile
    try_out 9 feed.topic=hostile feed.output=o feed.dead.letters=d \
        'feed.map=if .a == 7 then error("\u001b[2J") else . end' >shown
    cat -v shown
    [[ $(grep -c ^hostile shown) == 3 ]]
    LC_ALL=C run -1 grep '[^ -~]' shown
}

@test "a reader that has seen enough is not a failure" {
    create piped:1 cleanup.policy=delete
    seq 100000 | kcat -b "$BROKER" -P -t piped -p 0
    try_out 100000 feed.topic=piped feed.output=o 2>try.log | head -n 1 >shown
    [[ ${PIPESTATUS[0]} == 0 && $(<shown) == 'piped [0] 0, no key' ]]
}

@test "a number of records that is none is refused: nothing is processed" {
    create spared:1 cleanup.policy=delete
    echo x | kcat -b "$BROKER" -P -t spared -p 0
    for n in 0 -1 x ''; do
        run -2 --separate-stderr pf-processor --try "$n" \
            -X "bootstrap.servers=$BROKER" -X feed.topic=spared \
            -X feed.output=spared-copy -X feed.exit.at.end=true
        echo "$stderr"
        [[ $output == '' && $stderr == *'--try: feed.try: '* ]]
    done
    run -2 --separate-stderr try_out 5 feed.topic=spared feed.output=o feed.map=.[
    [[ $stderr == *'feed.map'* ]]
    run -1 grep spared-copy <(topics)
}
