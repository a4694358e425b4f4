#!/usr/bin/env bats
# Recordings and order events as sources: the real program, and a real Kafka
# with kcat as an independent reader.
# apart: it measures time

bats_require_minimum_version 1.5.0
load kafka

setup_file() {
    make -s -C "$BATS_TEST_DIRNAME/../.." build/pf-producer
    start_kafka
    # A week of orders, 60 000 events.
    gzip -dc "$root/examples/orders/orders.jsonl.gz" >"$BATS_FILE_TMPDIR/orders"
}

teardown_file() {
    stop_kafka
}

setup() {
    cd "$BATS_TEST_TMPDIR" || return
    orders=$BATS_FILE_TMPDIR/orders
}

# with SETTING...: run the producer, within a minute.
with() {
    timeout 60 pf-producer "${@/#/-X}"
}

# kill_at N TOPIC SETTING...: kill the producer when the topic has N records.
kill_at() {
    local n=$1 topic=$2 producer
    shift 2
    # No function: $! is then the program's own number.
    pf-producer -X "bootstrap.servers=$BROKER" -X "feed.topic=$topic" \
        "${@/#/-X}" 3>&- &
    producer=$!
    eventually 20 has_records "$topic" "$n"
    kill -KILL "$producer"
    wait "$producer" || :
}

# replay FILE SETTING...: to standard output.
replay() {
    with feed.source=replay feed.sink=console "feed.replay.path=$1" "${@:2}"
}

# to_topic TOPIC SETTING...: replay, or make orders, to Kafka.
to_topic() {
    with "bootstrap.servers=$BROKER" "feed.topic=$1" "${@:2}"
}

# read_topic TOPIC [FORMAT]: all of it.
read_topic() {
    kcat -b "$BROKER" -C -t "$1" -e -q -f "${2:-%s\n}"
}

# has_records TOPIC N: N or more.
has_records() {
    (($(kcat -b "$BROKER" -Q -t "$1:0:-1" | sed 's/.* offset //') >= $2))
}

has_ended() {
    ! kill -0 "$1" 2>/dev/null
}

@test "the recording of orders is what its script makes, byte for byte" {
    "$root/examples/orders/make" 2>/dev/null | cmp - "$orders"
    (($(wc -l <"$orders") >= 50000))
    (($(stat -c %s "$root/examples/orders/orders.jsonl.gz") < 3000000))
}

@test "the recording of orders keeps what its README promises" {
    python3 - "$orders" <<'PYTHON'
import datetime, json, sys
alive, seen, names, at = {}, 0, {}, ""
after = {"placed": {"paid", "cancelled"}, "paid": {"shipped", "cancelled"},
         "shipped": {"fulfilled", "cancelled"}}
for line in open(sys.argv[1]):
    e = json.loads(line)
    seen += 1
    order, customer = e["order"], e["customer"]
    assert list(e) == ["event", "kind", "at", "order", "customer"], line
    assert e["event"] == seen and e["at"] >= at and len(e["at"]) == 24, line
    datetime.datetime.strptime(e["at"], "%Y-%m-%dT%H:%M:%S.%fZ")
    at = e["at"]
    assert 5 <= order["amount"] <= 630 and 1 <= customer["id"] <= 2000, line
    assert names.setdefault(customer["id"], customer["name"]) == \
        customer["name"] and len(customer["name"].encode()) <= 40, line
    same = [order, customer]
    if e["kind"] == "placed":
        assert order["id"] == len(alive) + 1, line
    else:
        kind, was = alive[order["id"]]
        assert e["kind"] in after[kind] and was == same, line
    alive[order["id"]] = (e["kind"], same)
PYTHON
}

@test "the topic has a recording byte for byte: lines, gzip, an array, a pipe" {
    local name
    python3 -c 'import sys
print("[" + ",\n".join(open(sys.argv[1]).read().splitlines()) + "]")' \
        "$orders" >array.json
    to_topic lines feed.source=replay "feed.replay.path=$orders"
    to_topic packed feed.source=replay \
        "feed.replay.path=$root/examples/orders/orders.jsonl.gz"
    to_topic array feed.source=replay feed.replay.path=array.json
    to_topic pipe feed.source=replay feed.replay.path=- \
        feed.replay.key=order.id < <(cat "$orders")
    for name in lines packed array pipe; do
        read_topic "$name" | cmp - "$orders"
    done
    [[ $(read_topic lines '%k\n' | sort -u) == '' ]]
    read_topic pipe '%k %s\n' | awk '{ match($0, /"id": [0-9]+/)
        if ($1 != substr($0, RSTART + 6, RLENGTH - 6)) exit 1 }'
}

@test "a replay that is killed goes on where the topic says, each record once" {
    local n
    # A week in some 4 seconds.
    settings=(feed.source=replay "feed.replay.path=$orders"
        feed.replay.time=at feed.replay.speed=150000)
    for n in 2000 12000 30000 45000; do
        kill_at "$n" killed "${settings[@]}"
    done
    to_topic killed "${settings[@]}" 2>log
    read_topic killed | cmp - "$orders"
    grep -qE 'run replay-orders-[0-9a-f]{8} is in killed up to number' log
    # And once it is complete, it adds nothing.
    to_topic killed "${settings[@]}"
    run ! has_records killed 60001
}

@test "recordings of one name are told apart by what they begin with" {
    mkdir -p monday tuesday
    printf '{"at": "2026-11-02T09:00:0%dZ"}\n' 0 1 2 >monday/prices.jsonl
    printf '{"at": "2026-11-03T09:00:0%dZ"}\n' 0 1 >tuesday/prices.jsonl
    to_topic days feed.source=replay feed.replay.path=monday/prices.jsonl
    to_topic days feed.source=replay feed.replay.path=tuesday/prices.jsonl
    read_topic days | cmp - <(cat monday/* tuesday/*)

    # Moved, packed and longer, it is the same one, and goes on.
    echo '{"at": "2026-11-03T09:00:02Z"}' >>tuesday/prices.jsonl
    gzip -c tuesday/prices.jsonl >prices.jsonl.gz
    to_topic days feed.source=replay feed.replay.path=prices.jsonl.gz
    read_topic days | cmp - <(cat monday/* tuesday/*)

    # What has been sent already is said, and how to send it again.
    to_topic days feed.source=replay feed.replay.path=prices.jsonl.gz 2>log
    grep -q 'warning .*prices.jsonl.gz: nothing was sent: .* feed.run = NAME' log
    to_topic days feed.source=replay feed.replay.path=prices.jsonl.gz \
        feed.run=again
    read_topic days | cmp - <(cat monday/* tuesday/* tuesday/*)
}

@test "a pipe of some name is a run of its own each time" {
    mkfifo pipe
    for n in 1 2; do
        echo "{\"n\": $n}" >pipe &
        to_topic pipes feed.source=replay feed.replay.path=pipe
        wait $!
    done
    [[ $(read_topic pipes) == $'{"n": 1}\n{"n": 2}' ]]
}

@test "orders that are killed go on to the same bytes" {
    local n
    settings=(feed.source=orders feed.seed=7 feed.count=40000
        feed.orders.start=2026-11-02T00:00:00Z feed.orders.speed=1000)
    for n in 1000 20000; do
        kill_at "$n" orders "${settings[@]}"
    done
    to_topic orders "${settings[@]}" 2>log
    with "${settings[@]}" feed.orders.speed=0 feed.sink=console 2>/dev/null |
        cmp - <(read_topic orders)
    grep -q 'run orders-7 is in orders up to number' log
}

@test "what Kafka would refuse is a bad line, and those around it arrive" {
    {
        echo '{"n": 1}'
        printf '"%01048000d"\n' 0 # above message.max.bytes
        echo '{"n": 2}'
        printf '"%02000000d"\n' 0 # above any limit of ours
        printf '"%0999486d"\n' 3  # the longest that goes: 1000000 - 512
    } >long
    to_topic long feed.source=replay feed.replay.path=long 2>log
    [[ $(read_topic long '%S ') == '8 8 999488 ' ]]
    grep -q 'skipped long:2: too long: ' log
    grep -q '3 records of long in .*; 2 bad lines left out' log
    grep -q '3 records taken, 3 delivered, 0 failed' log
}

@test "bad lines: skip, stop and dead-letter, with file, line and reason" {
    printf '{"at": 1}\n{"at": \n{}\n{"at": 2}\n' >lines
    run --separate-stderr replay lines feed.replay.time=at
    [[ $status == 0 && $output == $'{"at": 1}\n{"at": 2}' ]]
    [[ $stderr == *'skipped lines:2: it ends too early'* ]]
    [[ $stderr == *'2 bad lines left out'* ]]

    run --separate-stderr replay lines feed.replay.time=at feed.on.bad=stop
    [[ $status == 1 && $output == '{"at": 1}' ]]
    [[ $stderr == *'lines:2: it ends too early'*'feed.on.bad = stop'* ]]
    [[ $stderr == *'replay: 1 records of lines in '*'; 1 bad lines left out'* ]]

    run --separate-stderr replay lines feed.replay.time=at \
        feed.on.bad=dead-letter feed.dead.letters=file:bad
    [[ $status == 0 && $output == $'{"at": 1}\n{"at": 2}' ]]
    [[ $stderr == *'put aside in file:bad: lines:2: it ends too early'* ]]
    [[ $(jq -r '.kind, .topic, .partition, .offset, .value' bad | tr '\n' ' ') == \
        'line lines -1 2 {"at": line lines -1 3 {} ' ]]
    [[ $(jq -r .reason bad) == *'it has no at' ]]

    run --separate-stderr replay lines feed.replay.time=no
    [[ $status == 1 && $output == '' ]]
    [[ $stderr == *'lines: nothing was sent: it has 4 bad lines, 0 records '* ]]
}

@test "the older names of that policy work, and the log has the newer ones" {
    printf '1\nx\n2\n' >lines
    run --separate-stderr replay lines feed.replay.on.bad=stop
    [[ $status == 1 && $output == 1 && $stderr == *'lines:2: '* ]]
    [[ $stderr == *'feed.replay.on.bad is called feed.on.bad now'* ]]

    run --separate-stderr replay lines feed.replay.on.bad=dead-letter \
        feed.replay.dead.letters=older
    [[ $status == 0 && $(jq -r .value older) == x ]]
    [[ $stderr == *'feed.replay.dead.letters is called feed.dead.letters now'* ]]

    # One place wins over another by any name.
    echo feed.on.bad=skip >file
    PRODUCER_FEED_REPLAY_ON_BAD=stop run --separate-stderr timeout 60 \
        pf-producer -F file -X feed.source=replay -X feed.sink=console \
        -X feed.replay.path=lines
    [[ $status == 1 && $output == 1 ]]

    # The newer name wins; a file without that policy never mattered.
    run --separate-stderr replay lines feed.replay.on.bad=stop feed.on.bad=skip \
        feed.replay.dead.letters=none
    [[ $status == 0 && $output == $'1\n2' && ! -e none ]]
}

@test "a time that cannot be restamped is a bad line, and ends nothing" {
    printf '{"at": "%s"}\n' 2026-11-02T09:00:00Z 9999-12-31T00:00:00Z \
        2026-11-02T09:00:01Z >lines
    run --separate-stderr replay lines feed.replay.time=at \
        feed.replay.restamp=2026-11-02T10:00:00Z feed.replay.speed=0
    [[ $status == 0 && $output == \
        $'{"at": "2026-11-02T10:00:00Z"}\n{"at": "2026-11-02T10:00:01Z"}' ]]
    [[ $stderr == *'skipped lines:2: its time, 9999-12-31T00:00:00Z, cannot'* ]]
}

@test "packed recordings are read, with what follows them, and to where they are cut off" {
    local half
    python3 -c 'import bz2, lzma, sys
orders = open(sys.argv[1], "rb").read()
half = len(orders) // 2
open("two", "wb").write(bz2.compress(orders[:half]) + bz2.compress(orders[half:]))
open("xz", "wb").write(lzma.compress(orders))' "$orders"
    replay two 2>log | cmp - "$orders"
    grep -q '60000 records of two in .*; 0 bad lines left out$' log

    { cat "$root/examples/orders/orders.jsonl.gz"; head -c 999 /dev/zero; } >zeros
    replay zeros 2>log | cmp - "$orders"
    run ! grep -q ignored log
    { cat zeros; echo more; } >trailing
    replay trailing 2>log | cmp - "$orders"
    grep -q 'warning .*trailing: bytes after the end of its gzip data are ignored' log

    head -c 1000000 zeros >half
    replay half 2>log >out
    half=$(wc -l <out)
    ((half > 1000))
    head -n "$half" "$orders" | cmp - out
    grep -q "half:$((half + 1)): its gzip data are cut off" log
    grep -q "out; from line $((half + 1)) on it could not be unpacked" log

    run --separate-stderr replay xz
    [[ $status == 2 && $output == '' ]]
    [[ $stderr == *'xz: it is xz, which is not read; '*'xz -dc FILE | pf-'* ]]
}

@test "memory stays the same from 10^4 to 10^6 lines, and for an endless line" {
    local few many endless
    few=$(memory 10000 '{"at": 1793606400, "order": {"id": 1}}\n')
    many=$(memory 1000000 '{"at": 1793606400, "order": {"id": 1}}\n')
    array=$(memory 1000000 '[1, [2, 3], \n')
    endless=$(memory 20000000 '[[["' 1)
    echo "KiB: $few for 10^4 lines, $many for 10^6, $array in an array," \
        "$endless for 80 MB without an end"
    ((many < few + 2048 && array < few + 4096 && endless < few + 6144))
}

# memory N TEXT [CODE]: replay TEXT, repeated N times; the most it took, in KiB.
memory() {
    python3 -c 'import resource, subprocess, sys
p = subprocess.Popen(["pf-producer", "-X", "feed.source=replay", "-X",
    "feed.sink=console", "-X", "feed.replay.path=-"],
    stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
    stderr=subprocess.DEVNULL)
n, text = int(sys.argv[1]), sys.argv[2].encode().decode("unicode_escape").encode()
for i in range(0, n, 10000):
    p.stdin.write(text * 10000)
p.stdin.close()
assert p.wait(60) == int(sys.argv[3])
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)' "$1" "$2" "${3:-0}"
}

# How late 99 of 100 wake-ups of a program that does nothing else are here and
# now, in ms, rounded down.
own_p99() {
    python3 -c 'import time
late = []
begin = time.monotonic()
for i in range(3000):
    due = begin + i / 1000
    time.sleep(max(0, due - time.monotonic()))
    late.append(time.monotonic() - due)
print(int(sorted(late)[2970] * 1000))'
}

# Its log says that the recording took as long as was scheduled.
in_its_time() {
    grep -qE 'in (2\.9[89]|3\.[01][0-9])[0-9]* s \(scheduled: 2\.999 s\)' log
}

@test "at 1000 records a second, at 1x and at 10x, 99 of 100 are on time" {
    local speed p99 own try
    for speed in 1 10; do
        python3 -c 'import sys
for i in range(3000):
    print("{\"at\": %.6f}" % (1793606400 + i * int(sys.argv[1]) / 1000))' \
            $speed >lines
        # Within 2 ms; on a machine that is busy with others, as near to it
        # as it lets any program come.
        for try in 1 2 3; do
            own_p99 >own 3>&- &
            replay lines feed.replay.time=at feed.replay.speed=$speed \
                2>log >/dev/null
            wait $!
            own=$(<own)
            p99=$(sed -n 's/.*p99 \([0-9]*\)[0-9.]* ms.*/\1/p' log)
            echo "at ${speed}x, try $try: $(grep -o 'in [0-9].*most.*ms' log);" \
                "the machine itself $own ms"
            ((p99 < 2 || p99 <= 2 * own)) && in_its_time && break
        done
        ((p99 < 2 || p99 <= 2 * own))
        in_its_time
    done
}

@test "a pipe that says nothing stops no stop" {
    local producer
    mkfifo pipe
    pf-producer -X feed.source=replay -X feed.sink=console \
        -X feed.replay.path=pipe >out 2>log 3>&- &
    producer=$!
    exec {writer}>pipe
    echo '{"a": 1}' >&"$writer"
    eventually 5 grep -q a out
    kill "$producer"
    eventually 4 has_ended "$producer"
    wait "$producer"
    exec {writer}>&-
    grep -q '1 records taken, 1 delivered' log
}

@test "mistakes are named before anything is connected" {
    local settings wanted
    while IFS='|' read -r settings wanted; do
        # shellcheck disable=SC2086 # several of them
        run --separate-stderr with feed.sink=console feed.source=replay $settings
        echo "$settings: $stderr"
        [[ $status == 2 && $stderr == *"$wanted"* ]]
    done <<'CASES'
feed.replay.path=|feed.replay.path: feed.source = replay needs a file
feed.replay.path=/none|/none: No such file or directory
feed.replay.path=x feed.replay.restamp=now|feed.replay.restamp: it needs feed.replay.time
feed.replay.path=x feed.replay.time=at feed.replay.restamp=soon|feed.replay.restamp: 'soon' is not a time
feed.replay.path=x feed.replay.time=a..b|feed.replay.time: 'a..b' has an empty name
feed.replay.path=- feed.replay.loop=true|feed.replay.loop: standard input and pipes can be read only once
feed.replay.path=x feed.on.bad=dead-letter|feed.dead.letters: dead-letter needs to know where records go
feed.replay.path=x feed.replay.on.bad=dead-letter|feed.dead.letters: dead-letter needs to know where records go
feed.replay.path=x feed.dead.letters=file:x|feed.dead.letters: it needs feed.on.bad = dead-letter
feed.replay.path=x feed.on.bad=dead-letter feed.dead.letters=prices-topic|feed.dead.letters: events go to prices-topic: dead letters need a topic of their own
feed.source=orders feed.orders.start=now-1w|feed.orders.start: 'now-1w' is neither now nor
CASES
}
