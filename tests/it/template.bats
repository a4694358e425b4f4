#!/usr/bin/env bats
# Templates as a source: the real program, and a real Kafka with kcat as an
# independent reader.

bats_require_minimum_version 1.5.0
load kafka

setup_file() {
    make -s -C "$BATS_TEST_DIRNAME/../.." build/pf-producer build/pf-audit
    start_kafka
}

teardown_file() {
    stop_kafka
}

setup() {
    cd "$BATS_TEST_TMPDIR" || return
    # A tenth of them are not JSON.
    cat >clicks.jq <<'JQ'
{n: .seq, user: (.random[0] * 50 | floor), at: .time}
| if .n % 10 == 9 then tojson[:-1] else . end
JQ
    fixed=(feed.template=clicks.jq feed.seed=5 feed.count=20000
        feed.template.start=2026-11-02T00:00:00Z)
    paced=("${fixed[@]}" feed.rate=4000) # in five seconds
}

# words SETTING...: those of a producer with a template.
words() {
    words=(pf-producer -X feed.source=template "${@/#/-X}")
}

# print SETTING...: to standard output, within a minute.
print() {
    local words
    words feed.sink=console "$@"
    timeout 60 "${words[@]}"
}

# to_topic TOPIC SETTING...: the same, to Kafka.
to_topic() {
    local words
    words "bootstrap.servers=$BROKER" "feed.topic=$1" "${@:2}"
    timeout 60 "${words[@]}"
}

# kill_at N TOPIC SETTING...: kill the producer when the topic has N records.
kill_at() {
    local words producer
    words "bootstrap.servers=$BROKER" "feed.topic=$2" "${@:3}"
    "${words[@]}" 2>>log 3>&- &
    producer=$!
    eventually 20 has_records "$2" "$1"
    kill -KILL "$producer"
    wait "$producer" || :
}

# read_topic TOPIC [FORMAT]: all of it.
read_topic() {
    kcat -b "$BROKER" -C -t "$1" -e -q -f "${2:-%s\n}"
}

# has_records TOPIC N: N or more, in all partitions. Not by reading them: a
# topic that grows may have no end.
has_records() {
    local i ends=()
    for ((i = 0; i < ${partitions:-1}; i++)); do
        ends+=(-t "$1:$i:-1")
    done
    (($(kcat -b "$BROKER" -Q "${ends[@]}" | awk '{ n += $NF } END { print n + 0 }') >= $2))
}

# audit TOPIC ARGUMENT...: it is valid.
audit() {
    timeout 60 pf-audit -X "bootstrap.servers=$BROKER" "--topic=$1" \
        --values=any "${@:2}"
}

@test "the topic has what the template makes, byte for byte, JSON or not" {
    print "${fixed[@]}" feed.rate=0 >wanted
    [[ $(wc -l <wanted) == 20000 && $(head -1 wanted) == \
        '{"n":0,"user":'*',"at":1793577600}' ]]
    [[ $(sed -n 10p wanted) == '{"n":9,"user":'*',"at":1793577600.009' ]]
    to_topic whole "${fixed[@]}" feed.rate=0
    read_topic whole | cmp - wanted
    [[ $(read_topic whole '%k\n' | sort -u) == '' ]]
    [[ $(read_topic whole '%h\n' | head -1) == feed-run=template-5-*,feed-seq=0,* ]]
}

@test "a run that is killed goes on to the same bytes, and audits as valid" {
    local n
    for n in 1000 5000 10000; do
        kill_at "$n" killed "${paced[@]}" feed.ledger=ledger
    done
    to_topic killed "${paced[@]}" feed.ledger=ledger 2>log
    print "${paced[@]}" | cmp - <(read_topic killed)
    grep -qE 'run template-5-[0-9a-f]{8} is in killed up to number' log
    audit killed --ledger=ledger
    # Once it is complete, it adds nothing.
    to_topic killed "${paced[@]}"
    run ! has_records killed 20001
}

@test "by key: each user in one partition, each number once, killed or not" {
    local n partitions=6
    keyed=("${paced[@]}" feed.template.key=user feed.partition=by-key
        feed.ledger=ledger)
    pf-broker topic keyed --partitions "$partitions" --timeout 20
    for n in 1000 10000; do
        kill_at "$n" keyed "${keyed[@]}"
    done
    to_topic keyed "${keyed[@]}"
    audit keyed -X feed.partition=all --ledger=ledger
    print "${paced[@]}" | sort >wanted
    read_topic keyed | sort | cmp - wanted
    # What is not JSON has no key.
    read_topic keyed '%p %k %s\n' | awk '
        /}$/ { if (match($0, /"user":[0-9]+/) == 0) exit 1
               user = substr($0, RSTART + 7, RLENGTH - 7)
               if ($2 != user || (user in where && where[user] != $1)) exit 1
               where[user] = $1; users[$1]++ }
        !/}$/ { if ($2 ~ /^[0-9]/) exit 1; rest[$1]++ }
        END { if (length(users) < 5 || length(rest) != 1) exit 1 }'
}

@test "with the time of now a run goes on with the same numbers, and later times" {
    local begun
    begun=$(date +%s)
    live=(feed.template=clicks.jq feed.seed=6 feed.rate=200)
    kill_at 100 live "${live[@]}"
    to_topic live "${live[@]}" feed.count=300
    # The rest are not JSON.
    read_topic live | grep '}$' >json
    diff <(print feed.template=clicks.jq feed.seed=6 feed.count=300 \
        feed.template.start=2026-11-02T00:00:00Z feed.rate=0 |
        grep '}$' | jq -c '[.n, .user]') <(jq -c '[.n, .user]' json)
    jq -se --argjson begun "$begun" --argjson ended "$(date +%s)" \
        'map(.at) | . == sort and .[0] >= $begun and .[-1] <= $ended + 1' json
}

@test "an edited template is another run, and so is another seed" {
    to_topic edited "${fixed[@]}" feed.rate=0 feed.count=10
    sed -i 's/% 10 == 9/% 5 == 4/' clicks.jq
    to_topic edited "${fixed[@]}" feed.rate=0 feed.count=10
    to_topic edited "${fixed[@]}" feed.rate=0 feed.count=10 feed.seed=7
    [[ $(read_topic edited | jq -R 'fromjson? // empty | .n' | tr '\n' ' ') == \
        '0 1 2 3 4 5 6 7 8 0 1 2 3 5 6 7 8 0 1 2 3 5 6 7 8 ' ]]
}

@test "a record that cannot be made ends it with its number, behind those before" {
    echo 'if .seq == 3 then error("no more") else .seq end' >ends.jq
    run --separate-stderr to_topic ends feed.template=ends.jq feed.seed=1
    [[ $status == 1 && $stderr == *'ends.jq: seq 3: no more'* ]]
    [[ $stderr == *'3 records taken, 3 delivered, 0 failed'* ]]
    [[ $(read_topic ends | tr '\n' ' ') == '0 1 2 ' ]]
    # And it is the same at the next start.
    run --separate-stderr to_topic ends feed.template=ends.jq feed.seed=1
    [[ $status == 1 && $stderr == *'ends.jq: seq 3: no more'* ]]

    echo '"x" * 1000000' >long.jq
    run --separate-stderr to_topic long feed.template=long.jq
    [[ $status == 1 && $stderr == *'long.jq: seq 0: 1000000 bytes with its key '* ]]
}

@test "a stop ends a template that takes its time" {
    local words producer
    # shellcheck disable=SC2016 # jq's own
    echo 'reduce range(100000) as $i (0; . + $i)' >slow.jq
    words feed.sink=console feed.template=slow.jq feed.rate=0
    "${words[@]}" >out 2>log 3>&- &
    producer=$!
    eventually 10 test -s out
    kill "$producer"
    eventually 4 gone "$producer"
    wait "$producer"
    grep -q 'records taken' log
}

@test "mistakes are named with setting, file and line before anything is connected" {
    local settings wanted
    printf '# the first\n{\n  a: nope\n}\n' >mistake.jq
    mkfifo pipe
    while IFS='|' read -r settings wanted; do
        # shellcheck disable=SC2086 # several of them
        run --separate-stderr print $settings
        echo "$settings: $stderr"
        [[ $status == 2 && $output == '' && $stderr == *"$wanted"* ]]
    done <<'CASES'
feed.seed=1|feed.template: feed.source = template needs a file
feed.template=/none|-X: feed.template: /none: No such file or directory
feed.template=pipe|-X: feed.template: pipe: it is not a regular file
feed.template=mistake.jq|-X: feed.template: mistake.jq:3: nope/0 is not defined
feed.template=clicks.jq feed.template.key=a..b|feed.template.key: 'a..b' has an empty name
feed.template=clicks.jq feed.template.random=1001|feed.template.random: 
feed.template=clicks.jq feed.template.start=soon|feed.template.start: 'soon' is not a time
CASES
}
