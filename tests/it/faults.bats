#!/usr/bin/env bats
# Damage that the producer does on purpose, and the answer sheet it writes.
# shellcheck shell=bash disable=SC2154,SC2164

bats_require_minimum_version 1.5.0
load mock

every_kind_but_waits=drop:0.003,duplicate:0.003,reorder:0.003,truncate:0.003
every_kind_but_waits+=,wrong-type:0.003,missing-field:0.003,absurd-price:0.003
every_kind_but_waits+=,sequence-reset:0.003

setup_file() {
    make -s -C "$BATS_TEST_DIRNAME/../.." build/pf-consumer \
        build/pf-producer build/pf-audit build/tests/it/mockd
}

setup() {
    cd "$BATS_TEST_TMPDIR"
}

teardown() {
    end_jobs
}

# prices N SETTING...: the first N of seed 1, to the console.
prices() {
    local settings=() setting
    for setting in "${@:2}"; do
        settings+=(-X "$setting")
    done
    timeout 60 pf-producer -X feed.sink=console -X feed.rate=0 \
        -X feed.seed=1 -X "feed.count=$1" "${settings[@]}" 2>>log
}

# lines_of KIND: where the sheet has that kind, as lines, counted from 1.
lines_of() {
    awk -v kind="$1" '$3 == kind { print $2 + 1 }' sheet
}

# refused SENTENCE SETTING...: code 2, nothing printed, and that is said.
refused() {
    local sentence=$1
    shift
    run --separate-stderr pf-producer -X feed.sink=console -X feed.count=1 "$@"
    echo "expected $sentence; got $status, $stderr"
    [[ $status == 2 && $output == '' && $stderr == *"command line -X: $sentence" ]]
}

@test "what is left out, duplicated, late or altered is on the sheet" {
    local n
    prices 20000 >whole
    prices 20000 feed.faults=drop:0.01 feed.faults.sheet=sheet >damaged
    n=$(lines_of drop | wc -l)
    ((n > 100))
    sed "$(lines_of drop | sed 's/$/d/')" whole | cmp - damaged

    prices 20000 feed.faults=duplicate:0.01 feed.faults.sheet=sheet >damaged
    sed "$(lines_of duplicate | sed 's/$/p/')" whole | cmp - damaged

    prices 20000 feed.faults=reorder:0.01 feed.faults.sheet=sheet >damaged
    lines_of reorder | awk 'NR == FNR { late[$1] = 1; next }
        late[FNR] { held = $0; next }
        { print }
        held { print held; held = "" }' - whole | cmp - damaged

    prices 20000 feed.faults=truncate:0.01,wrong-type:0.01,missing-field:0.01 \
        feed.faults.sheet=sheet >damaged
    awk 'NR == FNR { was[FNR] = $0; next }
        was[FNR] != $0 { print FNR }' whole damaged >changed
    awk '{ print $2 + 1 }' sheet | cmp - changed
    [[ $(grep -c '^altered ' sheet) == $(wc -l <sheet) ]]
}

@test "the same seed damages the same prices the same way, at every pace" {
    prices 3000 "feed.faults=$every_kind_but_waits" feed.faults.sheet=sheet >fast
    timeout 60 pf-producer -X feed.sink=console -X feed.rate=3000 \
        -X feed.seed=1 -X feed.count=3000 -X feed.faults.sheet=slow.sheet \
        -X "feed.faults=$every_kind_but_waits" >slow 2>>log
    cmp fast slow
    cmp sheet slow.sheet

    prices 3000 "feed.faults=$every_kind_but_waits" feed.faults.sheet=sheet.2 \
        feed.faults.seed=2 >other
    run cmp sheet sheet.2
    [[ $status == 1 ]]
    grep -q 'damages records on purpose: .* feed.faults.seed is 2, .* sheet.2$' log
}

@test "without faults nothing is damaged, and the sheet is empty" {
    echo old >sheet
    prices 10000 feed.faults.sheet=sheet >printed
    [[ -e sheet && ! -s sheet ]]
    prices 10000 | cmp - printed
    run ! grep damages log
}

@test "nothing altered is printed by the consumer, and all of it is counted" {
    start_mock
    "${produce[@]}" -X feed.seed=1 -X feed.count=20000 2>>log \
        -X feed.faults=truncate:0.01,wrong-type:0.01,missing-field:0.01 \
        -X feed.faults.sheet=sheet
    "${consume[@]}" -X feed.exit.at.end=true >printed 2>consumer.log
    prices 20000 | sed "$(awk '{ print $2 + 1 "d" }' sheet)" | cmp - printed
    grep -q "$((20000 - $(wc -l <sheet))) prices printed, $(wc -l <sheet) refused" \
        consumer.log
}

@test "numbers in the topic tell what the sheet tells" {
    start_mock
    "${produce[@]}" -X feed.seed=1 -X feed.count=5000 -X feed.headers=all \
        -X feed.faults=drop:0.007,duplicate:0.007,reorder:0.007,sequence-reset:0.007 \
        -X feed.faults.sheet=sheet 2>>log
    kcat -b "$BROKER" -C -t prices-topic -e -q -f '%h\n' |
        sed 's/.*feed-seq=//; s/,.*//' >numbers
    # Prices counted on over resets, as the sheet does.
    awk 'BEGIN { next_one = 0; start = 0 }
        $1 == 0 && NR > 1 { print "reset", next_one; start = next_one }
        { place = start + $1 }
        place == next_one + 1 { lost = next_one }
        place == next_one - 1 { print "duplicate", place; next }
        place == next_one - 2 { print "reordered", place; lost = ""; next }
        place == next_one + 2 { exit 1 }
        lost != "" && place == lost + 2 { print "lost", lost; lost = "" }
        { next_one = place + 1 }' numbers >found
    cut -d ' ' -f 1,2 sheet | diff - found
    (($(wc -l <sheet) > 80))
}

# produce_and_audit SETTING... [-- SETTING...]: a run into a topic of its own,
# and what pf-audit, with the settings after --, finds in it: found. What it
# should find: wanted.
produce_and_audit() {
    local settings=() topic=run-$((++runs))
    while [[ $# != 0 && $1 != -- ]]; do
        settings+=(-X "$1")
        shift
    done
    timeout 60 "${produce[@]}" -X "feed.topic=$topic" "${settings[@]}" \
        -X feed.faults.sheet=sheet 2>>log
    settings=()
    while [[ $# -gt 1 ]]; do
        settings+=(-X "$2")
        shift
    done
    cut -d ' ' -f 1,2 sheet >wanted
    status=0
    timeout 60 pf-audit -X "bootstrap.servers=$BROKER" --findings=found \
        -X "feed.topic=$topic" "${settings[@]}" >report 2>>log || status=$?
}

@test "of 20 seeds pf-audit finds what is on the answer sheet, and no more" {
    local seed headers=first
    start_mock
    for seed in {1..20}; do
        produce_and_audit "feed.seed=$seed" feed.count=20000 \
            "feed.headers=$headers" "feed.faults=$every_kind_but_waits"
        echo "seed $seed, headers $headers: $status"
        diff wanted found
        [[ $status == 1 && $(wc -l <wanted) -gt 400 ]]
        [[ $headers == all ]] && headers=first || headers=all
    done
}

@test "the same with a ledger beside it" {
    local seed
    start_mock
    for seed in 21 22 23; do
        produce_and_audit "feed.seed=$seed" feed.count=20000 \
            feed.ledger=ledger "feed.faults=$every_kind_but_waits" \
            -- feed.ledger=ledger
        diff wanted found
        rm ledger
    done
}

@test "the same with delays and silences, by the times in the headers" {
    start_mock
    produce_and_audit feed.seed=1 feed.count=400 \
        "feed.faults=delay:0.006,silence:0.004,${every_kind_but_waits//0.003/0.0025}" \
        -- audit.late.ms=1000 audit.silence.ms=2000
    diff wanted found
    grep -q late wanted
    grep -q silence wanted
}

@test "without faults sheet and findings are both empty" {
    start_mock
    produce_and_audit feed.seed=1 feed.count=20000
    [[ $status == 0 && ! -s wanted && -e found && ! -s found ]]
}

@test "each start with faults is a run of its own, though the seed is set" {
    local seed
    start_mock
    for seed in 1 1; do
        "${produce[@]}" -X "feed.seed=$seed" -X feed.count=100 -X feed.faults=drop:0.02 \
            2>>log
    done
    grep -o 'feed.run is [^,]*' log >runs
    [[ $(sort -u runs | wc -l) == 2 ]]
    run ! grep -q seed-1 runs
}

@test "a delay shows in the time of its record, a silence in the next one's" {
    start_mock
    "${produce[@]}" -X feed.seed=1 -X feed.count=250 -X feed.headers=all \
        -X feed.faults=delay:0.01,silence:0.005 -X feed.faults.sheet=sheet 2>>log
    kcat -b "$BROKER" -C -t prices-topic -e -q -f '%T %h\n' |
        sed 's/ .*feed-seq=\(.*\),feed-ts=\(.*\)....../ \1 \2/' |
        awk '$1 - $3 >= 1000 { print "late", $2 }
            NR > 1 && $3 - before >= 2000 { print "silence", $2 }
            { before = $1 }' >found
    cut -d ' ' -f 1,2 sheet | diff - found
    grep -q late found && grep -q silence found
}

@test "a mistake in feed.faults is named, with what was meant" {
    refused "feed.faults: unknown fault 'dropp'; did you mean 'drop'?" \
        -X feed.faults=dropp:0.001
    refused 'feed.faults: drop has no rate: expected drop:0.001' \
        -X feed.faults=drop
    refused 'feed.faults: drop: 0.1 is not within 0 to 0.03' \
        -X feed.faults=drop:0.1
    refused 'feed.faults: the rates add up to 0.04, beyond 0.03' \
        -X feed.faults=drop:0.02,delay:0.02
    refused "feed.faults.seed: 'one' is not a whole number from 0 up" \
        -X feed.faults=drop:0.02 -X feed.faults.seed=one
}

@test "a sheet that cannot be written ends the producer" {
    run --separate-stderr pf-producer -X feed.sink=console -X feed.count=1 \
        -X feed.faults.sheet=no/such/sheet
    [[ $status == 1 && $output == '' ]]
    [[ $stderr == *'feed.faults.sheet: no/such/sheet: No such file'* ]]
    run --separate-stderr prices 1000 feed.faults=drop:0.03 \
        feed.faults.sheet=/dev/full
    [[ $status == 1 ]]
    grep -q 'feed.faults.sheet: No space left on device' log
}

@test "the example without Kafka in docs/faults.md does what it says" {
    sed -n '/^    pf-producer -X feed.sink/,/^    grep -c alt/{s/^    //p}' \
        "$root/docs/faults.md" >example
    run --separate-stderr bash -e example
    [[ $status == 0 && ${#lines[@]} == 2 ]]
    [[ ${lines[0]} == "${lines[1]}" && ${lines[0]} -gt 0 ]]
    grep -A 1 '^    lost' "$root/docs/faults.md" | sed 's/^    //' >lines
    grep -xF -f lines sheet | cmp - lines
}

@test "the example with Kafka in docs/faults.md does what it says" {
    start_mock
    export PRODUCER_BOOTSTRAP_SERVERS=$BROKER AUDIT_BOOTSTRAP_SERVERS=$BROKER
    sed -n '/^    pf-producer -X feed.topic/,/^    cut/{s/^    //p}' \
        "$root/docs/faults.md" >example
    grep -q 'diff - found$' example
    run --separate-stderr bash example
    [[ $status == 0 && $output == '' && -s found ]]
}
