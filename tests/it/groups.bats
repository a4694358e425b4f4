#!/usr/bin/env bats
# Members of a consumer group, feed.partition=all, with a real Kafka: who comes
# and goes, and how. Each partition of a topic has prices of one match, 100 for
# partition 0, that count up from 1.00: so a line says where it belongs.

bats_require_minimum_version 1.5.0
load kafka

PARTITIONS=6

setup_file() {
    # shellcheck disable=SC2034 # start_kafka takes it
    broker_settings=(group.min.session.timeout.ms=2000)
    start_kafka
}

teardown_file() {
    stop_kafka
}

setup() {
    members=$BATS_TEST_TMPDIR/members
    mkdir "$members"
    declare -gA pids=()
}

teardown() {
    if [ -z "${BATS_TEST_COMPLETED:-}" ]; then
        tail -n 20 "$members"/*.log
        missing | head -n 20
    fi
    end_jobs
}

# numbers MATCH FIRST N: prices of that match, the first one of FIRST ticks.
numbers() {
    awk -v match_="$1" -v first="$2" -v n="$3" 'BEGIN {
        for (i = first; i < first + n; i++)
            printf "{\"match\": %d, \"price\": %d.%02d}\n", match_, i / 100, i % 100
    }'
}

# fill TOPIC N: N more prices in each partition; $made is how many it has then.
fill() {
    local p
    for ((p = 0; p < PARTITIONS; p++)); do
        numbers $((100 + p)) $((100 + made)) "$2" |
            kcat -b "$BROKER" -P -t "$1" -p "$p"
    done
    made=$((made + $2))
}

# topic TOPIC: with its partitions, and nothing in them.
topic() {
    create "$1:$PARTITIONS" cleanup.policy=delete
    made=0
}

# begin NAME TOPIC SETTING...: a member of the group of that name, TOPIC; what it
# prints is in $members/NAME, what it says in $members/NAME.log.
begin() {
    local name=$1 topic=$2 settings=()
    shift 2
    for setting; do
        settings+=(-X "$setting")
    done
    # A member that starts again goes on in the same files.
    timeout 120 pf-consumer -X "bootstrap.servers=$BROKER" \
        -X "feed.topic=$topic" -X "group.id=${GROUP:-$topic}" \
        -X feed.partition=all -X session.timeout.ms=6000 \
        -X heartbeat.interval.ms=500 "${settings[@]}" \
        >>"$members/$name" 2>>"$members/$name.log" 3>&- &
    pids[$name]=$!
}

# join NAME TOPIC SETTING...: the same, until it has said something.
join() {
    begin "$@"
    eventually 20 test -s "$members/$1.log"
}

# child NAME: the consumer's own process, of which timeout is the parent.
child() {
    pgrep -P "${pids[$1]}"
}

# leave NAME: asked to stop; it has to end well.
leave() {
    kill "${pids[$1]}"
    wait "${pids[$1]}" || [ $? = 124 ] # timeout's, after a TERM
    grep -q ' records read, ' "$members/$1.log"
}

# all_printed: each price of each partition is on somebody's console.
all_printed() {
    (($(sort -u "$members"/[a-z] | wc -l) == made * PARTITIONS))
}

# missing: the offsets that nobody has printed, by partition.
missing() {
    sort -u "$members"/[a-z] | awk -v n="${made:-0}" -v partitions="$PARTITIONS" '
        { seen[$2 + 0, int($4 * 100 + 0.5) - 100] = 1 }
        END {
            for (p = 0; p < partitions; p++)
                for (i = 0; i < n; i++)
                    if (!((p + 100, i) in seen) && (!i || (p + 100, i - 1) in seen)) {
                        for (k = i; k < n && !((p + 100, k) in seen); k++)
                            ;
                        print "not printed: partition " p ", offsets " i " to " k - 1
                    }
        }'
}

# twice: how many lines are there again.
twice() {
    echo $(($(cat "$members"/[a-z] | wc -l) - $(sort -u "$members"/[a-z] | wc -l)))
}

# in_order: what each member has printed of a partition counts up; only what is
# printed more than once may go back.
in_order() {
    awk 'FILENAME == "-" { times[$0]++; next }
        FNR == 1 { delete top }
        {
            price = int($4 * 100 + 0.5)
            if (price <= top[$2] && times[$0] < 2) {
                print FILENAME ": after " top[$2] ": " $0
                exit 1
            }
            if (price > top[$2])
                top[$2] = price
        }' - "$members"/[a-z] < <(cat "$members"/[a-z])
}

# has_partitions N NAME...: these members have N in all.
has_partitions() {
    local n=0 name last
    for name in "${@:2}"; do
        last=$(sed -nE 's/.*, ([0-9]+) are read now.*/\1/p' \
            "$members/$name.log" | tail -n 1)
        [ -n "$last" ] || return # it has just come
        n=$((n + last))
    done
    ((n == $1))
}

# partitions_lost NAME...: how many partitions librdkafka took for lost.
partitions_lost() {
    cat "${@/#/$members/}" |
        sed -n 's/.*consumer: \([0-9]*\) partitions were lost.*/\1/p' |
        awk '{ n += $1 } END { print n + 0 }'
}

# lost NAME...: how often librdkafka took partitions for lost.
lost() {
    cat "${@/#/$members/}" | grep -c 'partitions were lost' || :
}

@test "one member reads all partitions, and goes on where it stopped" {
    topic one
    fill one 1000
    join a one feed.exit.at.end=true
    wait "${pids[a]}"
    all_printed
    in_order
    fill one 500
    join a one feed.exit.at.end=true
    wait "${pids[a]}"
    all_printed
    [[ $(twice) == 0 ]]
    grep -q '6 partitions have come, 6 are read now' "$members/a.log"
}

# list N: a topic list-N, with prices of its own.
list() {
    kcat -b "$BROKER" -L -t "list-$1" >/dev/null # makes it
    expected "$1" 100 | kcat -b "$BROKER" -P -t "list-$1" -p 0
}

@test "several topics: a list, a pattern that finds a new one, one that comes later" {
    list 1
    list 2
    GROUP=list join a list-1,list-2 feed.count=200
    wait "${pids[a]}"
    diff <({ expected 1 100; expected 2 100; } | sort) <(sort "$members/a")

    GROUP=pattern join b '^list-[0-3]$'
    GROUP=later join c list-4
    eventually 20 has_lines "$members/b" 200
    list 3
    list 4
    # Within ten seconds.
    eventually 30 has_lines "$members/b" 300
    eventually 30 has_lines "$members/c" 100
    leave b
    leave c
    diff <({ expected 1 100; expected 2 100; expected 3 100; } | sort) \
        <(sort "$members/b")
}

# come_and_go TOPIC [SETTING]: two to five members do, while the topic grows; each
# has its name as that setting, too.
come_and_go() {
    local name
    topic "$1"
    fill "$1" 2000
    for name in a b c d e; do
        join "$name" "$1" ${2:+"$2=$name"}
        fill "$1" 2000
    done
    eventually 30 all_printed
    eventually 30 has_partitions 6 a b c d e
    for name in c a e; do
        leave "$name"
        fill "$1" 2000
    done
    eventually 30 all_printed
    eventually 30 has_partitions 6 b d
    leave b
    leave d
    in_order
    if [ "$(lost a.log b.log c.log d.log e.log)" = 0 ]; then
        [[ $(twice) == 0 ]]
    fi
}

@test "two to five members come and go: each price once, in order" {
    come_and_go many
}

# Of these the group hears only when their sessions end.
@test "two to five static members come and go: each price once, in order" {
    come_and_go many-static group.instance.id
    (($(grep -c ' in group many-static has failed' "$PF_RUN/kafka.log") >= 3))
}

# printed N: all members together have printed that many lines.
printed() {
    (($(cat "$members"/[a-z] | wc -l) == $1))
}

@test "while others join, a member goes on and commits nothing that they read again" {
    local slow=heartbeat.interval.ms=2000 prices=20000 producer
    topic flows
    # They hear of a change up to two seconds late, and as long each waits for it.
    timeout 120 pf-producer -X "bootstrap.servers=$BROKER" -X feed.topic=flows \
        -X feed.partition=by-key -X feed.rate=2000 -X "feed.count=$prices" 3>&- &
    producer=$!
    join a flows "$slow"
    eventually 20 test -s "$members/a"
    join b flows "$slow"
    eventually 30 test -s "$members/b"
    wait "$producer"
    eventually 30 printed "$prices"
    leave a
    leave b
    printed "$prices"
    run ! grep -E 'partitions were lost|could not be committed' "$members"/*.log
}

# rebalances TOPIC: how many changes of its group have begun.
rebalances() {
    grep -c "Preparing to rebalance group $1 " "$PF_RUN/kafka.log" || :
}

# rebalances_beyond N TOPIC
rebalances_beyond() {
    (($(rebalances "$2") > $1))
}

@test "a member that ends by itself while others join has committed all" {
    local before
    topic ends
    join a ends heartbeat.interval.ms=100 feed.count=6000
    join b ends session.timeout.ms=4000
    eventually 30 has_partitions 3 a
    eventually 30 has_partitions 3 b
    # Who joins now waits until the session of the dead one has ended. That is
    # later than a has printed all, and sooner than it gives up.
    kill -KILL "$(child b)"
    wait "${pids[b]}" || :
    before=$(rebalances ends)
    begin c ends
    eventually 20 rebalances_beyond "$before" ends
    fill ends 2000
    wait "${pids[a]}"
    (($(wc -l <"$members/a") == 6000))
    eventually 30 all_printed
    leave c
    in_order
    [[ $(twice) == 0 ]]
    run ! grep 'not committed' "$members/a.log"
}

@test "what a killed member had not committed is printed again, nothing else" {
    topic killed
    fill killed 5000
    join a killed
    join b killed
    join c killed
    eventually 30 all_printed
    eventually 30 has_partitions 6 a b c
    fill killed 5000
    kill -KILL "$(child b)"
    wait "${pids[b]}" || :
    fill killed 5000
    eventually 30 all_printed # once its session has ended
    leave a
    leave c
    in_order
    echo "$(twice) printed twice"
    # Of its two partitions, and of those that another member has lost because a
    # commit was under way, at most what came after their last commits.
    (($(twice) <= (2 + $(partitions_lost a.log c.log)) * 10000))
}

@test "a member that is paused for longer than its session: lost is said" {
    topic paused
    fill paused 3000
    join a paused
    join b paused
    eventually 30 all_printed
    eventually 30 has_partitions 6 a b
    kill -STOP "$(child b)"
    fill paused 3000
    eventually 30 all_printed
    kill -CONT "$(child b)"
    eventually 30 grep -q 'partitions were lost.*read again by another member' \
        "$members/b.log"
    fill paused 3000
    eventually 30 all_printed
    leave a
    leave b
    in_order
}

@test "a static member that starts again within its session disturbs nobody" {
    topic static
    fill static 1000
    join a static group.instance.id=a
    join b static group.instance.id=b
    eventually 30 all_printed
    eventually 30 has_partitions 6 a b
    local changes
    changes=$(grep -c ' are read now' "$members/a.log")
    leave b
    fill static 1000
    join b static group.instance.id=b
    eventually 30 all_printed
    leave a
    leave b
    [[ $(grep -c ' are read now' "$members/a.log") == "$changes" ]]
    in_order
    [[ $(twice) == 0 ]]
}

@test "members with range, which give all away at each change, print each once" {
    local strategy=partition.assignment.strategy=range
    topic eager
    fill eager 2000
    join a eager "$strategy"
    join b eager "$strategy"
    fill eager 2000
    eventually 30 all_printed
    leave b
    fill eager 2000
    eventually 30 all_printed
    leave a
    in_order
    if [ "$(lost a.log b.log)" = 0 ]; then
        [[ $(twice) == 0 ]]
    fi
}

@test "a console that nobody reads gives its partitions up after max.poll.interval.ms" {
    local file=$BATS_TEST_TMPDIR/pipe
    topic stalled
    mkfifo "$file"
    exec {pipe}<>"$file"
    fill stalled 3000
    join s stalled "feed.console=$file" max.poll.interval.ms=6500
    eventually 30 grep -q ' are read now' "$members/s.log"
    join a stalled
    fill stalled 3000
    eventually 30 has_partitions 6 a
    kill -KILL "$(child s)"
    wait "${pids[s]}" || :
    # What the pipe took is printed.
    cat "$file" >"$members/p" {pipe}>&- 3>&- &
    local reader=$!
    eventually 30 all_printed
    leave a
    exec {pipe}>&-
    wait "$reader"
    in_order
}

@test "what a member cannot do is refused in a sentence" {
    run -2 pf-consumer -X feed.partition=all -X feed.start=latest
    [[ $output == *'feed.start: with feed.partition = all it is stored'* ]]
    run -2 pf-consumer -X feed.partition=all -X 'feed.topic=a,b c'
    [[ $output == *'feed.topic: '* ]]
    run -2 pf-consumer -X feed.partition=some
    [[ $output == *'feed.partition: '* ]]
}
