#!/usr/bin/env bats
# pf-audit with a real Kafka: what it finds in feeds that went well, in damage
# done by hand, and in topics that others fill.
# shellcheck shell=bash disable=SC2030,SC2031,SC2154,SC2164

bats_require_minimum_version 1.5.0
load mock

setup_file() {
    start_kafka
}

teardown_file() {
    stop_kafka
}

setup() {
    cd "$BATS_TEST_TMPDIR"
}

teardown() {
    end_jobs
}

# with PROGRAM TOPIC ARGUMENT...: within a minute.
with() {
    timeout 60 "$1" -X "bootstrap.servers=$BROKER" -X "feed.topic=$2" "${@:3}"
}

# produce TOPIC N ARGUMENT...: N seeded prices, and a ledger of them.
produce() {
    with pf-producer "$1" -X feed.rate=0 -X feed.seed=1 -X "feed.count=$2" \
        -X feed.ledger=ledger "${@:3}" 2>>produce.log
}

# consume TOPIC ARGUMENT...: all that the topic has.
consume() {
    with pf-consumer "$1" -X feed.exit.at.end=true -X "group.id=$1" "${@:2}" \
        2>>consume.log
}

# audit CODE TOPIC ARGUMENT...: require that exit code.
audit() {
    run --separate-stderr with pf-audit "${@:2}"
    echo "$output"
    echo "$stderr"
    [[ $status == "$1" ]]
}

# put TOPIC LINE [HEADER...]: one record by somebody else; -: a last line.
put() {
    local headers=() header
    for header in "${@:3}"; do
        headers+=(-H "$header")
    done
    printf '%s\n' "$2" | kcat -b "$BROKER" -P -t "$1" -p 0 "${headers[@]}"
}

# by_key TOPIC RUN FIRST <PRICES: by the match as key, to all partitions; prints
# the ledger.
by_key() {
    local java
    java_program ByKey
    sed -E 's/^.*"match": ([0-9]+).*$/\1 &/' | "${java[@]}" "$@" 2>>by_key.log
}

# put_key TOPIC PARTITION LINE [HEADER...]: one more record, by its match.
put_key() {
    local headers=() header
    for header in "${@:4}"; do
        headers+=(-H "$header")
    done
    sed -E 's/^.*"match": ([0-9]+).*$/\1@&/' <<<"$3" |
        kcat -b "$BROKER" -P -t "$1" -p "$2" -K @ "${headers[@]}"
}

# partition_of TOPIC NUMBER: where that record of the run is.
partition_of() {
    kcat -b "$BROKER" -C -t "$1" -o beginning -e -q -f '%p %h\n' |
        sed -n "s/ .*feed-seq=$2\(,.*\)\?$//p" | head -1
}

# found LINE...: the findings are these, a line each.
found() {
    diff <(printf '%s\n' "$@") findings
}

@test "a feed that went well is valid: text, and JSON that says the same" {
    produce clean 10000
    consume clean >printed
    audit 0 clean --ledger=ledger --console=printed --findings=findings \
        -X audit.complete=true
    [[ ${lines[0]} == 'valid: true' ]]
    [[ $output == *'sent: 10000, acknowledged: 10000, failed: 0'* ]]
    [[ $output == *'in the topic: 10000 (clean [0], offsets 0 to 9999)'* ]]
    [[ $output == *'printed: 10000 lines, 10000 records, 0 not yet'* ]]
    [[ $output =~ 'send to acknowledgement: p50 '[0-9.]+' ms, p99 ' ]]
    [[ -e findings && ! -s findings ]]

    audit 0 clean --ledger=ledger --console=printed --format=json
    python3 - "$output" <<'PYTHON'
import json, sys
report = json.loads(sys.argv[1])
assert report["valid"] is True
assert report["findings"] == {}
assert report["ledger"]["acknowledged"] == 10000
assert report["topic"]["records"] == 10000
assert report["console"] == {"lines": 10000, "printed": 10000, "not_yet": 0}
assert report["latency_ms"]["send_to_acknowledgement"]["n"] == 10000
assert sum(bar["records"] for bar in report["throughput"]) == 10000
PYTHON
}

@test "damage to the console is found, each kind as what it is" {
    produce damage 10000
    consume damage >printed
    cp printed whole
    # 100 is skipped, 200 is altered, 300 to 349 come again.
    sed -e '101d' -e '201s/.*/hello/' whole |
        awk '{ print; line[NR] = $0 } NR == 349 { for (i = 300; i <= 349; i++) print line[i] }' \
            >printed
    audit 1 damage --ledger=ledger --console=printed --findings=findings
    {
        echo 'skipped 100'
        echo 'altered 200'
        seq -f 'printed-twice %.0f' 300 349
    } | diff - findings
    [[ ${lines[0]} == 'valid: false' ]]
    [[ $output == *'skipped: number 100 of run seed-1, offset 100, 20'* ]]
    [[ $output == *', line 200 of the console'* ]]
    # At most 16 examples of each kind.
    [[ $(grep -c '^  printed-twice: ' <<<"$output") == 16 ]]
    [[ $stderr == *'not valid: altered 1, skipped 1, printed-twice 50'* ]]

    # That many may be printed twice; the rest stays wrong.
    { cat whole; tail -50 whole; } >printed
    audit 0 damage --ledger=ledger --console=printed \
        -X audit.printed.twice.max=50
    audit 1 damage --ledger=ledger --console=printed \
        -X audit.printed.twice.max=49

    # It may begin anywhere, and may not have come to the end.
    sed -n '5000,6000p' whole >printed
    audit 0 damage --console=printed
    [[ $output == *'printed: 1001 lines, 1001 records, 4000 not yet'* ]]
    audit 1 damage --console=printed -X audit.complete=true
    [[ $output == *'unprinted: 4000'* ]]
}

@test "damage to the ledger is found" {
    produce book 1000
    cp ledger whole
    cat >>ledger <<'LEDGER'
run seed-1 topic book partition 0 first 1000 time 1
sent 1000 1 1 00000000
acked 1000 1 1000 1
LEDGER
    audit 1 book --ledger=ledger --findings=findings
    found 'lost 1000'
    sed 's/^sent 0 1 \([0-9]*\) ......../sent 0 1 \1 01234567/' whole >ledger
    audit 1 book --ledger=ledger --findings=findings
    found 'altered 0'
    # What the ledger does not know: somebody else's.
    put book '{"match": 123, "price": 4.56}'
    audit 1 book --ledger=whole --findings=findings
    found 'phantom 1000'
}

@test "a producer that is killed and goes on: valid, what was under way counted" {
    local producer
    pf-producer -X "bootstrap.servers=$BROKER" -X feed.topic=killed \
        -X feed.rate=20000 -X feed.seed=1 -X feed.count=60000 \
        -X feed.ledger=ledger 2>>produce.log 3>&- &
    producer=$!
    eventually 20 grep -q '^acked' ledger
    kill -KILL "$producer"
    wait "$producer" || :
    produce killed 60000
    audit 0 killed --ledger=ledger
    [[ $output == *'in the topic: 60000 ('* && $output == *'runs: 1,'* ]]
    [[ $(grep -c '^run seed-1 ' ledger) == 2 ]]
}

# faults.bats does so for many seeds, with a mock.
@test "what it finds of labelled faults is the answer sheet" {
    local kinds
    kinds=drop:0.003,duplicate:0.003,reorder:0.003,truncate:0.003
    kinds+=,wrong-type:0.003,missing-field:0.003,absurd-price:0.003
    kinds+=,sequence-reset:0.003
    produce faults 5000 -X feed.faults=$kinds -X feed.faults.sheet=sheet
    audit 1 faults --ledger=ledger --findings=findings
    diff <(cut -d' ' -f1,2 sheet) findings
    audit 1 faults --findings=findings
    diff <(cut -d' ' -f1,2 sheet) findings
    rm ledger
    produce no-faults 5000
    audit 0 no-faults --ledger=ledger
}

@test "held back and silent: found with each record's own time" {
    produce waits 1500 -X feed.headers=all -X feed.faults.sheet=sheet \
        -X feed.faults=delay:0.001,silence:0.001
    audit 1 waits --findings=findings -X audit.late.ms=1000 \
        -X audit.silence.ms=2000
    [[ -s findings ]]
    diff <(cut -d' ' -f1,2 sheet) findings
    audit 0 waits
}

@test "2, cannot decide: no topic, no numbers, no broker, no such run" {
    audit 2 not-there -X audit.wait.ms=500
    [[ ${lines[0]} == 'valid: unknown' ]]
    [[ ${lines[1]} == 'cannot decide: nothing from not-there [0] for 500 ms: '* ]]

    put plain '{"match": 123, "price": 4.56}'
    audit 2 plain
    [[ $output == *'no record has a number in its headers'* ]]
    audit 2 plain --format=json
    [[ $(python3 -c 'import json, sys
print(json.loads(sys.argv[1])["valid"])' "$output") == None ]]

    run --separate-stderr timeout 20 pf-audit -X audit.wait.ms=300 \
        -X bootstrap.servers=127.0.0.1:1
    [[ $status == 2 && $output == *'is the broker up?'* ]]

    produce runs 100
    sed 's/run seed-1/run other/' ledger >other
    audit 2 runs --ledger=other
    [[ $output == *'the ledger is of run other, but the topic has only'* ]]
    audit 2 runs --ledger=missing
    [[ $output == *'missing: No such file or directory'* ]]
    audit 2 runs --console=missing
    audit 2 plain --ledger=ledger
    [[ $output == *'the ledger of runs [0], not of plain [0]'* ]]
}

@test "2, cannot decide: a ledger that is damaged, and where" {
    produce book-2 1000
    mv ledger whole
    grep -v '^end' whole | head -c -3 >cut.ledger
    audit 0 book-2 --ledger=cut.ledger # a kill may leave that
    { sed 3q whole; printf 'sent 4 2'; } >cut.ledger # and this, but the topic has more
    audit 2 book-2 --ledger=cut.ledger
    [[ $output == *'the ledger ends in the middle of a line'* ]]
    { sed -n 1p whole; sed -n '3,$p' whole; } >cut.ledger
    audit 2 book-2 --ledger=cut.ledger
    [[ $output == *'cut.ledger:2: record 0 is acked, but was not sent'* ]]
    sed '4s/ [^ ]*$//' whole >cut.ledger
    audit 2 book-2 --ledger=cut.ledger
    [[ $output == *'cut.ledger:4: '* ]]
    head -c 100000 /dev/urandom >cut.ledger
    audit 2 book-2 --ledger=cut.ledger
}

@test "2, usage: an unknown option, setting or value" {
    local arguments
    for arguments in --folow '-X audit.valus=any' --values=some \
        '-X audit.late.ms=soon' 'more' '--topic=a/b' \
        '-X audit.header.sequence=' '-X audit.end=5 -X audit.start=6'; do
        # shellcheck disable=SC2086 # words
        run --separate-stderr pf-audit $arguments
        echo "$arguments: $stderr"
        [[ $status == 2 && $output == '' && $stderr == *error* ]]
    done
    run --separate-stderr pf-audit --values=some
    [[ $stderr == *"command line --values: audit.values: 'some' is not one of price|any"* ]]
}

@test "a topic that somebody else fills, with numbers of their own" {
    local i
    for i in 7 8 9; do
        put theirs "order $i" "n=$i"
    done
    put theirs 'order 10' # no header: the next one
    put theirs 'order 12' n=12
    audit 1 theirs --values=any -X audit.header.sequence=n \
        -X audit.header.run= --findings=findings
    found 'lost 11'
    put theirs 'order 11' n=11
    audit 1 theirs --values=any -X audit.header.sequence=n --findings=findings
    found 'reordered 11'

    # And what their own program made of it.
    kcat -b "$BROKER" -C -t theirs -e -q >printed
    head -4 printed >four
    audit 0 theirs --values=any -X audit.header.sequence=n -X audit.end=4 \
        --console=four
    sed 's/10/ten/' four >altered
    audit 1 theirs --values=any -X audit.header.sequence=n -X audit.end=4 \
        --console=altered --findings=findings
    found 'altered 10'
    run --separate-stderr with pf-audit theirs --values=any \
        -X audit.header.sequence=n -X audit.end=4 --console=- <four
    [[ $status == 0 ]]
}

@test "hostile headers and values are counted, and never printed" {
    local escape=$'\033[2J\a\x9b'
    put hostile '{"match": 123, "price": 4.56}' feed-run=run-1 feed-seq=0
    put hostile "$escape" "feed-run=$escape" feed-seq=1
    put hostile "$escape" feed-run=run-1 "feed-seq=$escape"
    put hostile "$escape" feed-run=run-1 feed-seq=99999999999999999999999
    put hostile "$escape" feed-run=run-1 feed-seq=-1
    put hostile "$escape" feed-run= feed-seq=
    put hostile "$escape" feed-run=run-1 feed-seq=9 "feed-ts=$escape"
    put hostile "$escape" feed-run=run-1 feed-seq=9223372036854775807
    printf '%s\n' "$escape" "$escape" >printed
    audit 1 hostile --console=printed --findings=findings
    [[ $output$stderr != *$'\033'* && $output$stderr != *$'\a'* ]]
    [[ $output == *'bad-header: 6'* && $output == *'altered: 8'* ]]
    (($(wc -l <findings) == 1000000))
    audit 1 hostile --format=json
    [[ $output != *$'\033'* ]]
    python3 -m json.tool <<<"$output" >/dev/null
}

@test "--follow: a status line, and the report at TERM" {
    local audit consumer
    mkfifo pipe
    pf-audit -X "bootstrap.servers=$BROKER" --topic=live --follow \
        --console=pipe --ledger=ledger >report 2>status 3>&- &
    audit=$!
    with pf-consumer live -X group.id=live -X feed.count=3000 >pipe \
        2>>consume.log 3>&- &
    consumer=$!
    produce live 3000 -X feed.rate=2000 -X feed.headers=all
    wait "$consumer"
    eventually 30 grep -qE '3000 records to offset 3000, 3000 lines; valid so far' status
    kill "$audit"
    ends_within 8000 "$audit"
    cat status report
    [[ $status == 0 ]]
    grep -qx 'valid: true' report
    grep -q '^printed: 3000 lines, 3000 records, 0 not yet' report
    grep -qE '^send to print: p50 [0-9.]+ ms' report
}

@test "--follow on a terminal: one line, written again and again" {
    produce terminal 100
    timeout 30 script --quiet --return --command \
        "timeout --signal=TERM 8 pf-audit -X bootstrap.servers=$BROKER \
        --topic=terminal --follow" screen 3>&- >/dev/null </dev/null || :
    tr '\r' '\n' <screen >lines
    (($(grep -c '100 records to offset 100; valid so far' lines) >= 2))
    grep -q 'valid: true' lines
}

@test "where the broker says when it took a record, that counts" {
    put appended '{"match": 123, "price": 4.56}' feed-run=other feed-seq=0
    change appended message.timestamp.type=LogAppendTime
    produce appended 1000 -X feed.headers=all
    audit 0 appended
    [[ $output =~ 'send to append: p50 '[0-9.]+' ms' ]]
    audit 0 appended --format=json
    [[ $output == *'"n":1000,'* ]]
}

@test "it leaves no trace in any group" {
    produce traces 100
    audit 0 traces
    [[ $(consume traces -X group.id=pf-audit | wc -l) == 100 ]]
}

@test "what retention has removed is not judged" {
    produce removed 1000
    cp ledger removed.ledger
    produce numbered 1000 -X feed.headers=all
    delete numbered 300
    delete removed 300
    audit 0 removed --ledger=removed.ledger
    [[ $output == *'acknowledged, but outside of what was read: 300'* ]]
    [[ $output == *'offsets 300 to 999'* ]]
    audit 0 numbered
}

@test "six partitions: numbers span them, order is judged within a key" {
    local at
    create six:6 cleanup.policy=delete
    expected 1 5000 >prices
    by_key six r1 0 <prices >ledger
    audit 0 six -X feed.partition=all --ledger=ledger --console=prices \
        -X audit.complete=true
    [[ $output == *'sent: 5000, acknowledged: 5000, failed: 0'* ]]
    [[ $output == *'in the topic: 5000 (six, 6 partitions), runs: 1,'* ]]
    [[ $output == *'printed: 5000 lines, 5000 records, 0 not yet'* ]]
    audit 0 six -X feed.partition=all
    audit 0 six -X feed.partition=all --format=json
    [[ $(python3 -c 'import json, sys
print(json.loads(sys.argv[1])["topic"]["partitions"])' "$output") == 6 ]]

    # Lines of different matches may change places, those of one may not.
    sort -s -k 2,2 prices >printed
    audit 0 six -X feed.partition=all --console=printed
    awk '/"match": 123,/ && ++n == 2 { kept = $0; next } { print }
        /"match": 123,/ && n == 3 { print kept }' prices >printed
    audit 1 six -X feed.partition=all --console=printed --findings=findings
    [[ $(cut -d' ' -f1 findings) == reordered ]]
    sed -e 1000d -e '2000{p}' prices >printed
    audit 1 six -X feed.partition=all --console=printed --findings=findings
    found 'skipped 999' 'printed-twice 1999'

    # Again in the topic: in its partition, in another, and with a new value.
    at=$(partition_of six 17)
    put_key six "$at" "$(sed -n 18p prices)" feed-run=r1 feed-seq=17
    put_key six $(((at + 1) % 6)) "$(sed -n 18p prices)" feed-run=r1 feed-seq=17
    put_key six "$at" "$(sed -n 18p prices | sed 's/: [0-9.]*}/: 1.23}/')" \
        feed-run=r1 feed-seq=5000
    audit 1 six -X feed.partition=all --ledger=ledger --findings=findings
    found 'duplicate 17' 'duplicate 17' 'phantom 5000'
    [[ $output == *"  phantom: number 5000 of run r1, partition $at, offset "* ]]
    audit 1 six -X feed.partition=all --findings=findings --format=json
    found 'duplicate 17' 'duplicate 17'
    [[ $output == *'"partition":'* ]]
}

@test "six partitions: what is missing, late or elsewhere" {
    local at
    create holes:6 cleanup.policy=delete
    expected 1 1000 | awk '{ $2 = 100 + $2 % 12 "," } 1' >prices
    head -500 prices | by_key holes r1 0 >/dev/null
    tail -n +502 prices | by_key holes r1 501 >/dev/null
    audit 1 holes -X feed.partition=all --findings=findings
    found 'lost 500'
    # In the partition of its match, after others of that.
    at=$(kcat -b "$BROKER" -C -t holes -o beginning -e -q -f '%p %s\n' |
        grep -F "$(sed -n 501p prices | cut -d, -f1)," | cut -d' ' -f1 | sort -u)
    put_key holes "$at" "$(sed -n 501p prices)" feed-run=r1 feed-seq=500
    audit 1 holes -X feed.partition=all --findings=findings
    found 'reordered 500'
    put_key holes $(((at + 1) % 6)) "$(sed -n 501p prices)" feed-run=r1 feed-seq=1000
    audit 1 holes -X feed.partition=all --findings=findings
    found 'reordered 500' 'moved 1000'
    audit 1 holes -X feed.partition=all --console=prices
    [[ $output == *'not compared: lines of 1 matches'* ]]
}

@test "six partitions: a group whose members come, go and are killed" {
    local i a='' b=''
    create group:6 cleanup.policy=delete
    expected 1 6000 >prices
    member() {
        pf-consumer -X "bootstrap.servers=$BROKER" -X feed.topic=group \
            -X feed.partition=all -X group.id=group \
            -X session.timeout.ms=6000 >>printed 2>>consume.log 3>&- &
    }
    printed_of() {
        (($(sort -u printed | wc -l) >= $(head -"$1" prices | sort -u | wc -l)))
    }
    member
    a=$!
    for i in 0 1 2 3 4 5; do
        head -$((1000 * i + 1000)) prices | tail -1000 |
            by_key group r1 $((1000 * i)) >>ledger
        case $i in
        0) member && b=$! ;;                  # one comes
        1) kill -KILL "$a" && member && a=$! ;; # one is killed
        2) kill "$b" && member && b=$! ;;       # one goes
        3) kill -KILL "$a" "$b" && member && a=$! ;;
        esac
        eventually 60 printed_of $((1000 * i + 1000))
    done
    kill "$a"
    wait "$a" || :
    audit 0 group -X feed.partition=all --ledger=ledger --console=printed \
        -X audit.complete=true -X audit.printed.twice.max=6000
    [[ $output == *'records, 0 not yet'* ]]
}

@test "six partitions: what cannot be decided, or is refused" {
    local arguments
    create other:6 cleanup.policy=delete
    expected 1 100 | by_key other r1 0 >ledger
    expected 1 100 >prices
    audit 2 other --ledger=ledger
    [[ $output == *'the ledger of other [by-key], not of other [0]: feed.partition = all'* ]]
    audit 2 other -X feed.partition=all --values=any --console=prices
    [[ $output == *'only with audit.values = price'* ]]
    run --separate-stderr with pf-audit other
    [[ $stderr == *'partition 0 of other is read, and 5 others are not: feed.partition says which, or all'* ]]
    # Without a word about partitions, numbers of others are not lost.
    audit 2 other
    [[ $output == *'numbers are missing from other [0], and other partitions of it have records: choose feed.partition = all'* ]]
    audit 1 other -X feed.partition=0
    [[ $output == *'lost: '* ]]
    for arguments in '-X audit.start=1' '-X audit.end=5'; do
        # shellcheck disable=SC2086 # words
        run --separate-stderr pf-audit -X feed.partition=all $arguments
        [[ $status == 2 && $stderr == *'with feed.partition = all it is 0'* ]]
    done
    audit 2 nowhere -X feed.partition=all -X audit.wait.ms=500
    [[ $output == *'nothing from nowhere for 500 ms'* ]]
    run --separate-stderr pf-audit -X feed.partition=some
    [[ $status == 2 && $stderr == *"feed.partition: 'some' is not"* ]]
    put other '{"match": 123, "price": 4.56}' # no header: not a record of the run
    audit 0 other -X feed.partition=all
    [[ $output == *'without a number: 1'* ]]
}

@test "six partitions: retention, an open transaction, and what comes while it reads" {
    local audit
    create busy:6 cleanup.policy=delete
    expected 1 3000 >prices
    head -2000 prices | by_key busy r1 0 >ledger
    delete busy 20 # of partition 0
    audit 0 busy -X feed.partition=all --ledger=ledger
    [[ $output == *'acknowledged, but outside of what was read: 20'* ]]
    audit 2 busy -X feed.partition=all
    [[ $output == *'20 numbers are missing, and busy [0] has lost its records before offset 20: only a ledger'* ]]

    pf-audit -X "bootstrap.servers=$BROKER" --topic=busy -X feed.partition=all \
        --ledger=ledger --follow --console=<(tail -n +1 -f prices) >report 2>status 3>&- &
    audit=$!
    tail -n +2001 prices | by_key busy r1 2000 >>ledger
    # One of the lines that it has written every ten seconds.
    eventually 30 grep -q ' 2980 records of 6 partitions, 3000 lines; ' status
    kill "$audit"
    ends_within 8000 "$audit"
    grep -q '^in the topic: 2980 (busy, 6 partitions)' report
    grep -qE '^send to print: p50 [0-9.]+ ms' report

    begin_transactions busy
    transact begin 'send 5'
    audit 2 busy -X feed.partition=all
    [[ $output == *'an open transaction holds back 5 records of busy [all]'* ]]
    transact abort
    end_transactions
    audit 0 busy -X feed.partition=all --ledger=ledger
}

@test "six partitions: one that is emptied excuses no loss in the others" {
    local end
    create emptied:6 cleanup.policy=delete
    expected 1 1000 >prices
    head -500 prices | by_key emptied r1 0 >ledger
    tail -n +501 prices | by_key emptied r1 500 >>ledger
    end=$(end_of emptied)
    delete emptied "$end"
    audit 2 emptied -X feed.partition=all
    [[ $output == *" numbers are missing, and emptied [0] has lost its records before offset $end:"* ]]
    audit 0 emptied -X feed.partition=all --ledger=ledger
    # What else is wrong is said, and how much is not known.
    put_key emptied 1 '{"match": 1, "price": 4.56}' feed-run=r1 feed-seq=1000
    audit 1 emptied -X feed.partition=all
    [[ $output == *"missing, perhaps removed with a partition's beginning: "* ]]
    audit 1 emptied -X feed.partition=all --format=json
    [[ $output == *'"not_judged":'* ]]
}

@test "six partitions: what one of them gets late is waited for, and then lost" {
    local audit others n
    create behind:6 cleanup.policy=delete
    expected 1 100 | by_key behind r1 0 >/dev/null
    # Number 100 is on its way to partition 1, while another one gets the next
    # hundred, and partition 0 one after the other.
    for ((n = 0; n < 100; n++)); do
        echo '{"match": 999, "price": 4.56}'
    done | by_key behind r1 101 >/dev/null
    for ((n = 201; n < 1000; n++)); do
        put_key behind 0 '{"match": 123, "price": 4.56}' feed-run=r1 "feed-seq=$n"
    done 3>&- &
    others=$!

    audit 1 behind -X feed.partition=all -X audit.wait.ms=5000
    [[ $output == *'lost: 1 '* ]]
    [[ $stderr == *' 1 numbers are missing, and not every partition has records'* ]]

    with pf-audit behind -X feed.partition=all -X audit.wait.ms=50000 \
        >report 2>status 3>&- &
    audit=$!
    eventually 30 grep -q ' 1 numbers are missing' status
    kill "$others"
    wait "$others" || :
    put_key behind 1 '{"match": 124, "price": 4.56}' feed-run=r1 feed-seq=100
    for n in 0 1 2 3 4 5; do
        put_key behind "$n" "{\"match\": 20$n, \"price\": 4.56}" feed-run=r1 \
            "feed-seq=100$n"
    done
    ends_within 8000 "$audit"
    grep -q '^valid: true' report
}

@test "six partitions: a wrong clock neither excuses a loss nor invents one" {
    local producer i
    clocked() { # its clock is that many seconds ahead
        echo "$1" >wall
        WALL_CLOCK=wall LD_PRELOAD=$root/build/tests/it/wall_clock.so \
            audit "${@:2}" -X feed.partition=all
    }
    create clocks:6 cleanup.policy=delete
    expected 1 1000 >prices
    head -500 prices | by_key clocks r1 0 >/dev/null
    tail -n +502 prices | by_key clocks r1 501 >/dev/null
    # By it all records are from after it began to read.
    clocked -3600 1 clocks -X audit.wait.ms=2000 --findings=findings
    found 'lost 500'

    # By it they are from long before, though more come all the time.
    create ticks:6 cleanup.policy=delete
    pf-producer -X "bootstrap.servers=$BROKER" -X feed.topic=ticks \
        -X feed.partition=by-key -X feed.rate=20000 2>>produce.log 3>&- &
    producer=$!
    timeout 30 kcat -b "$BROKER" -C -t ticks -o beginning -c 1000 -q >/dev/null
    for i in 1 2 3; do
        clocked 3600 0 ticks
    done
    kill "$producer"
    wait "$producer" || :
}

# put_bare TOPIC PARTITION NUMBER: a record of run r1 without a key.
put_bare() {
    echo '{"match": 123, "price": 4.56}' |
        kcat -b "$BROKER" -P -t "$1" -p "$2" -H feed-run=r1 -H "feed-seq=$3"
}

# has_partitions TOPIC N: the broker says so.
has_partitions() {
    kcat -b "$BROKER" -L -t "$1" | grep -q " with $2 partitions"
}

@test "six partitions: the numbers of those that are added meanwhile are not lost" {
    local audit
    create added:6 cleanup.policy=delete
    expected 1 100 | by_key added r1 0 >/dev/null
    pf-audit -X "bootstrap.servers=$BROKER" --topic=added -X feed.partition=all \
        --follow >report 2>status 3>&- &
    audit=$!
    eventually 30 grep -q ' 100 records of 6 partitions' status
    admin grow added 8
    eventually 20 has_partitions added 8
    put_bare added 7 100
    put_bare added 0 101
    eventually 30 grep -q ' 101 records of 6 partitions' status
    kill "$audit"
    ends_within 8000 "$audit"
    cat report
    [[ $status == 2 ]]
    grep -q '1 numbers are missing, and added has 8 partitions now, of which 6 were read: ask again' report
    audit 0 added -X feed.partition=all
}

@test "six partitions: while the producer runs" {
    local producer i
    create running:6 cleanup.policy=delete
    pf-producer -X "bootstrap.servers=$BROKER" -X feed.topic=running \
        -X feed.partition=by-key -X feed.rate=20000 2>>produce.log 3>&- &
    producer=$!
    # Of a topic that grows kcat -e may never see the end.
    timeout 30 kcat -b "$BROKER" -C -t running -o beginning -c 1000 -q >/dev/null
    for i in 1 2 3 4 5; do
        audit 0 running -X feed.partition=all
    done
    kill "$producer"
    wait "$producer" || :
    audit 0 running -X feed.partition=all
}
