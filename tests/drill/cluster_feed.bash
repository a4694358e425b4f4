# cluster_feed.bash - what the drills of a cluster share: the brokers and
# ZooKeepers of tests/it/cluster.bash, three each, on this machine, a producer by
# key with acks=all to six partitions, and consumers of one group.
# shellcheck shell=bash disable=SC2034,SC2154 # for drill.bash, and from it
#
# Sourced after drill.bash, of which it replaces what needs a container. All
# consumers write to $dir/printed, and $dir/console has its lines with times. The
# nodes' logs are in $dir/cluster/NODE/log.
#
# DRILL_CLUSTER, which tests/drill/run sets, is the directory of a cluster that
# serves several drills: the first one starts it, and one that fails ends it.
# Without it a drill has one of its own.

# shellcheck source=tests/it/cluster.bash
source "$root/tests/it/cluster.bash"

topic=prices-$name-$$ # not those of drills before, in the same cluster
ledger=$dir/ledger
running=() # the numbers of the group's members
pids=()    # of all members there were, by their numbers
member_settings=() # of all members
static=            # yes: each has its number as group.instance.id
n=0
kills=0 # of members
declare -A had=() # bytes of each node's log from before the drill

# start_cluster_feed: a cluster, a producer and two consumers; wait until prices
# are printed and the group has settled. DRILL_TOPIC has a setting for the topic,
# for proofs that a drill can fail.
start_cluster_feed() {
    have_cluster >"$dir/talk" 2>&1 ||
        fail "no cluster to begin with: $(tail -n 1 "$dir/talk")"
    : >"$dir/printed"
    tail --follow --lines=+1 "$dir/printed" 2>/dev/null |
        "$here/stamp" >"$dir/console" &
    follower=$!
    start_producer
    join
    join
    await_prices 5000
    await_owners "${running[@]}"
    if [ -n "${DRILL_TOPIC:-}" ]; then
        have_tools
        BROKER=${BOOTSTRAP_SERVERS%%,*} admin set "$topic" "$DRILL_TOPIC"
    fi
}

# have_cluster: all is well with it, and it has no records.
have_cluster() {
    local log
    if [ ! -e "${DRILL_CLUSTER:-}/addresses" ]; then
        start_cluster "${DRILL_CLUSTER:-$dir/cluster}" 3
        return
    fi
    use_cluster "$DRILL_CLUSTER"
    for log in "$CLUSTER"/*/log; do
        had[$log]=$(stat --format=%s "$log")
    done
    await_cluster
    # A static member that has ended is one until its session has expired.
    eventually 60 pf-broker reset --all --yes
}

# run_client PROGRAM SETTING=VALUE...: become it.
run_client() {
    local setting settings=(-X "bootstrap.servers=$BOOTSTRAP_SERVERS"
        -X "feed.topic=$topic")
    for setting in "${@:2}"; do
        settings+=(-X "$setting")
    done
    exec "$1" "${settings[@]}"
}

# DRILL_PRODUCER has more of its settings, for proofs that a drill can fail.
start_producer() {
    # shellcheck disable=SC2086 # a list
    run_client pf-producer feed.partition=by-key feed.rate=2000 \
        "feed.seed=$seed" "feed.ledger=$ledger" ${DRILL_PRODUCER:-} \
        2>"$dir/producer.log" &
    producer=$!
}

# join [SETTING=VALUE...]: one more member of the group.
join() {
    n=$((n + 1))
    start_member "$n" "$@"
    running+=("$n")
}

# start_member NUMBER [SETTING=VALUE...]
start_member() {
    run_client pf-consumer "group.id=$topic" feed.partition=all \
        auto.offset.reset=earliest session.timeout.ms=7500 \
        heartbeat.interval.ms=500 "feed.console=$dir/printed" \
        ${static:+"group.instance.id=$1"} "${member_settings[@]}" "${@:2}" \
        2>>"$dir/consumer.$1.log" &
    pids[$1]=$!
}

# without MEMBER: it is not one any more.
without() {
    local i left=()
    for i in "${running[@]}"; do
        [ "$i" = "$1" ] || left+=("$i")
    done
    running=("${left[@]}")
}

# leave MEMBER: asked to end, which it has to do well.
leave() {
    kill "${pids[$1]}" || fail "consumer $1 has ended"
    wait "${pids[$1]}" || fail "consumer $1 ended with code $?"
    without "$1"
}

# own_all MEMBER...: each partition is read by one of these, as they say.
own_all() {
    local member owned=0 last
    for member; do
        last=$(sed -nE 's/.*, ([0-9]+) are read now.*/\1/p' \
            "$dir/consumer.$member.log" | tail -n 1)
        [ -n "$last" ] || return # it has just come
        owned=$((owned + last))
    done
    ((owned == 6))
}

# await_owners MEMBER...
await_owners() {
    eventually 60 own_all "$@" ||
        fail "$* do not own all partitions"
}

# kill_members MEMBER...
kill_members() {
    local member
    now_ns
    for member; do
        kill -KILL "${pids[member]}"
    done
}

# paused MEMBER: until the others have its partitions.
paused() {
    local all=("${running[@]}")
    fault kill -STOP "${pids[$1]}"
    without "$1"
    await_owners "${running[@]}"
    kill -CONT "${pids[$1]}"
    running=("${all[@]}")
}

# choose: any member, $chosen. A subshell would not follow the drill's seed.
choose() {
    chosen=${running[RANDOM % ${#running[@]}]}
}

# killed MEMBER...: others get their partitions when their sessions expire, and
# print again what these had not committed: two seconds' prices, or fewer.
killed() {
    local member
    fault kill_members "$@"
    for member; do
        without "$member"
    done
    kills=$((kills + $#))
    may_print_twice=$((kills * 4000))
}

# kill_behind BROKER: while the others lack some of what it has.
kill_behind() {
    local i pids=()
    for i in $(others "$1"); do
        pids+=("$(pid_of broker "$i")")
    done
    kill -STOP "${pids[@]}"
    pause 1
    now_ns
    kill_broker "$1"
    kill -CONT "${pids[@]}"
}

# lose_disk BROKER: kill it, and what it has is gone.
lose_disk() {
    now_ns
    kill_broker "$1"
    rm -r "$CLUSTER/broker.$1/data"
    mkdir "$CLUSTER/broker.$1/data"
}

# zookeeper_that MODE: the number of the first one that is follower or leader.
zookeeper_that() {
    # It fails while a replica is late, too.
    { pf-broker status || :; } | awk -v mode="$1" '$1 == "ZooKeeper", /^$/ {
        if ($2 == mode) { print NR - first; exit }
        if ($1 == "ZooKeeper") first = NR
    }'
}

# kill_zookeepers NUMBER...
kill_zookeepers() {
    local i
    now_ns
    for i; do
        kill_node zookeeper "$i"
    done
}

# await_in_sync: all is well with the cluster, and prices are printed.
await_in_sync() {
    await_cluster $((90 * ${DRILL_PATIENCE:-1})) >>"$dir/talk" 2>&1 ||
        fail "not in sync: $(tail -n 1 "$dir/talk")"
    await_prices 5000
}

# await_registered BROKER: one that was started is there.
await_registered() {
    eventually 60 is_registered "$1" ||
        fail "broker $1 does not come back"
}

is_registered() {
    kcat -b "$BOOTSTRAP_SERVERS" -L -m 5 | grep -q "^ *broker $1 at "
}

# await_in_sync_without BROKER: it is in sync in no partition.
await_in_sync_without() {
    eventually 60 is_out_of_sync "$1" || fail "broker $1 is still in sync"
}

is_out_of_sync() {
    local known
    known=$(kcat -b "$BOOTSTRAP_SERVERS" -L -m 5 -t "$topic") || return
    ! grep -q ", isrs: .*$1" <<<"$known"
}

# same_replicas: once all is audited, all brokers have the same bytes.
same_replicas() {
    local p i
    for ((p = 0; p < 6; p++)); do
        for i in 2 3; do
            cmp <(cat "$CLUSTER/broker.1/data/kafka/$topic-$p"/*.log) \
                <(cat "$CLUSTER/broker.$i/data/kafka/$topic-$p"/*.log) ||
                fail "partition $p differs on brokers 1 and $i"
        done
    done
}

# make_follower BROKER: start it again, after which it leads nothing.
make_follower() {
    kill "$(pid_of broker "$1")"
    eventually 60 gone "$(pid_of broker "$1")" || fail "broker $1 does not end"
    start_broker "$1"
    await_in_sync
    [ "$(lead_of "$1")" = 0 ] || fail "broker $1 leads, although it was away"
}

# latency FROM TO: how many ms it took until half of the records that were made
# between these moments, in ns, were acknowledged, and 99 in a hundred.
latency() {
    "$here/measure" latency "$1" "$2" "$ledger"
}

# latency_returns FROM TO SINCE: it is the same now as between these moments, but
# for three times as much and a tenth of a second.
latency_returns() {
    local before after
    read -r before _ < <(latency "$1" "$2")
    read -r after _ < <(latency "$3" "$(now_ns)")
    note "acknowledged in $before ms before, $after ms after"
    ((after <= 3 * before + 100)) || failures+=("latency does not return")
}

# others BROKER...: the brokers but for these.
others() {
    local i
    for i in 1 2 3; do
        [[ " $* " == *" $i "* ]] || echo "$i"
    done
}

# a_leader: a broker that leads a partition and is not the controller.
a_leader() {
    local p leader controller
    controller=$(controller)
    for ((p = 0; p < 6; p++)); do
        leader=$(leader_of "$topic" "$p")
        if [ -n "$leader" ] && [ "$leader" != "$controller" ]; then
            echo "$leader"
            return
        fi
    done
    fail "the controller leads all partitions"
}

# lead_of BROKER: how many partitions it leads.
lead_of() {
    kcat -b "$BOOTSTRAP_SERVERS" -L -m 5 -t "$topic" |
        grep -c ", leader $1," || :
}

# How often partitions were lost; each time, lines may be printed twice.
losses() {
    cat "$dir"/consumer.*.log | grep -c 'partitions were lost' || :
}

# audit: end the producer, let one consumer print what is left, and have pf-audit
# compare topic, ledger and console. $dir/topic has the records, each after its
# partition. may_print_twice lines may be printed twice, and those of two seconds
# for each loss of partitions.
audit() {
    local code=0 lost twice
    kill "$producer" || fail "the producer has ended: $(tail -n 1 "$dir/producer.log")"
    wait "$producer" || code=$?
    ((code == 0)) || fail "the producer ended with code $code: $(
        tail -n 1 "$dir/producer.log")"
    while ((${#running[@]} > 0)); do
        leave "${running[0]}"
    done
    join feed.exit.at.end=true
    wait "${pids[n]}" || fail "the last consumer ended with code $?"
    lost=$(losses)
    pf-audit -X "bootstrap.servers=$BOOTSTRAP_SERVERS" -X "feed.topic=$topic" \
        -X feed.partition=all --ledger="$ledger" --console="$dir/printed" \
        -X audit.complete=true \
        -X "audit.printed.twice.max=$((may_print_twice + lost * 4000))" \
        >"$dir/audit" ||
        fail "not valid: $(sed -nE 's/^([a-z-]+: [0-9]+)  \(.*/\1/p' \
            "$dir/audit" | paste -sd ' ')"
    twice=$(sed -nE 's/^printed-twice: ([0-9]+).*/\1/p' "$dir/audit")
    kcat -b "$BOOTSTRAP_SERVERS" -C -t "$topic" -e -q -f '%p %s\n' >"$dir/topic"
    note "valid: $(wc -l <"$dir/printed") lines, ${twice:-0} printed twice," \
        "$lost losses"
}

# gap: the longest time without a line of one of the partitions, since the first
# fault, in s.
gap() {
    awk '!seen[$3]++ { print $1, $3 }' "$dir/topic" >"$dir/partitions"
    "$here/measure" gap "${faults[0]}" "$dir/partitions" "$dir/console"
}

# counts: were records in flight at each fault?
counts() {
    local few
    few=$("$here/measure" made-not-printed "$dir/topic" "$ledger" \
        "$(printf '%s\n' "${faults[@]}")" "$dir/console" 2>&1) ||
        fail "the drill does not count: $few"
    note "at least $few"
}

show_feed() {
    [ -n "${CLUSTER:-}" ] || return 0 # of a proof, which has none of its own
    keep_logs
    tail -n 5 "$dir"/*.log "$dir"/cluster/*/log
}

# keep_logs: what the nodes of a cluster of several drills have said in this one.
keep_logs() {
    local log kept
    [ "$CLUSTER" != "$dir/cluster" ] || return 0
    for log in "$CLUSTER"/*/log; do
        kept=$dir/cluster/${log#"$CLUSTER"/}
        mkdir -p "${kept%/*}"
        tail --bytes="+$((${had[$log]:-0} + 1))" "$log" >"$kept"
    done
}

remove_feed() {
    [ -n "${CLUSTER:-}" ] || return 0
    keep_logs
    if [ "$CLUSTER" = "${DRILL_CLUSTER:-}" ] && [ "$verdict" = pass ]; then
        return # it serves others
    fi
    stop_cluster
    rm -rf "$CLUSTER"/*/data
    [ "$CLUSTER" = "$dir/cluster" ] || rm -rf "$CLUSTER"
}
