#!/usr/bin/env bats
# Lookups of pf-processor, with a real Kafka: files that change while records
# flow, and mistakes.
# shellcheck shell=bash disable=SC2016,SC2034,SC2164 # dollars are for jq
# shellcheck disable=SC2030,SC2031,SC2154 # each test is a shell of its own

bats_require_minimum_version 1.5.0
load processor

# has VERSION: a record near the end was made with that one. The end itself moves
# on before a reader gets there.
has() {
    kcat -b "$BROKER" -C -t ticks-out -p 0 -o -100 -c 1 -q \
        -X isolation.level=read_committed -f '%s\n' 2>>kcat.log |
        grep -q "\"v\":$1}"
}

# has_all N: a reader sees that many, or more.
has_all() {
    (($(read_all ticks-out '%o\n' 2>>kcat.log | wc -l) >= $1))
}

@test "a file is replaced while records flow: each is there once, with the old or the new" {
    local producer n before
    # As Kubernetes mounts a ConfigMap.
    mkdir one two
    echo '{"v":1}' >one/version.json
    echo '{"v":2}' >two/version.json
    ln -s one ..data
    ln -s ..data/version.json version.json
    create ticks:1 cleanup.policy=delete
    echo '{n: .seq}' >ticks.jq
    pf-producer -X "bootstrap.servers=$BROKER" -X feed.topic=ticks \
        -X feed.source=template -X feed.template=ticks.jq -X feed.rate=1000 \
        2>>producer.log 3>&- &
    producer=$!
    PARTITIONS=1
    start looking feed.topic=ticks feed.output=ticks-out \
        feed.lookup.version=version.json 'feed.where=$version.v > 0' \
        'feed.map={n, v: $version.v}'
    eventually 60 has 1

    ln -s two ..new
    mv -T ..new ..data
    eventually 60 has 2

    echo '{"v":' >broken
    mv broken version.json
    eventually 60 grep -q 'warning .* feed.lookup.version: version.json:2: .* stays in use' looking.log
    before=$(sum_of_ends ticks-out)
    eventually 60 has_written ticks-out $((before + 500))
    eventually 60 has 2

    echo '{"v":3}' >version.json # in place
    eventually 60 has 3

    rm version.json
    eventually 60 grep -q 'version.json: No such file .* stays in use' looking.log
    echo '{"v":4}' >new
    mv new version.json
    eventually 60 has 4

    kill "$producer"
    wait "$producer"
    n=$(end_of ticks)
    eventually 60 has_all "$n"
    kill "$(child looking)"
    ends looking 0
    read_all ticks-out '%s\n' >out
    sed 's/{"n":\([0-9]*\),.*/\1/' out | cmp - <(seq 0 $((n - 1)))
    [[ $(sed 's/.*"v":\(.*\)}/\1/' out | uniq | tr '\n' ' ') == '1 2 3 4 ' ]]
    [ "$(grep -c 'stays in use' looking.log)" = 2 ]
}

# refused SENTENCE SETTING=VALUE...: with code 2, before anything starts.
refused() {
    run --separate-stderr process feed.topic=a feed.output=b 'feed.map=$d' \
        "${@:2}"
    [[ $status == 2 && $stderr == *"$1"* ]] && return
    echo "code $status, and not '$1': $stderr"
    return 1
}

@test "a lookup that is missing, broken, not a file or misspelt is refused with a sentence" {
    printf 'id,x\n1\n' >bad.csv
    echo '{}' >good.json
    head -c 9000000 /dev/zero | tr '\0' ' ' >long.json
    mkfifo pipe.json
    mkdir folder.json
    refused 'command line -X: feed.lookup.d: none.json: No such file' feed.lookup.d=none.json
    refused 'feed.lookup.d: bad.csv:2: it has 1 field' feed.lookup.d=bad.csv
    refused 'feed.lookup.d: long.json: it is longer than 8388608 bytes' feed.lookup.d=long.json
    refused 'feed.lookup.d: pipe.json: it is not a regular file' feed.lookup.d=pipe.json
    refused 'feed.lookup.d: folder.json: it is not a regular file' feed.lookup.d=folder.json
    refused 'feed.lookup.d: it names no file' feed.lookup.d=
    refused "did you mean 'feed.lookup.d'?" feed.lookups.d=good.json
    refused 'feed.lookup.record: $record has a meaning of its own' feed.lookup.record=good.json
    refused 'feed.map: $d is not defined' feed.lookup.e=good.json
    refused 'feed.lookup.d: windows read records again' feed.lookup.d=good.json feed.window.size=1s
    PROCESSOR_FEED_LOOKUP_D=none.json \
        refused 'environment PROCESSOR_FEED_LOOKUP_D: feed.lookup.d: none.json: No such'
}

# example FILE: write it, as docs/jq.md has it.
example() {
    sed -n "/^\`$1\`:\$/,/^[^ ]/s/^    //p" "$root/docs/jq.md" >"$1"
}

@test "the example in the docs: a login gets the owner of its device, or is put aside" {
    example devices.csv
    example enrich.jq
    create logins:1 cleanup.policy=delete
    printf '%s\n' '{"device_id":"d5001-1","n":4.50}' '{"device_id":"tv"}' |
        kcat -b "$BROKER" -P -t logins -p 0
    process feed.topic=logins feed.output=enriched feed.dead.letters=logins-dead \
        feed.lookup.devices=devices.csv feed.map=file:enrich.jq \
        feed.exit.at.end=true 2>processor.log
    [[ $(read_all enriched '%s\n') == '{"device_id":"d5001-1","n":4.5'*',"owner":"bob","site":"Wien, Nord"}' ]]
    [[ $(read_all logins-dead '%h\n') == *'device tv is not known'* ]]
}
