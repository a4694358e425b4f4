# cluster_feed.bash - what the drills of a cluster share: the brokers and
# ZooKeepers of tests/it/cluster.bash on this machine, a producer by key with
# acks=all to six partitions, and consumers of one group.
# shellcheck shell=bash disable=SC2034,SC2154 # for drill.bash, and from it
#
# Sourced after drill.bash, of which it replaces what needs a container. All
# consumers write to $dir/printed, and $dir/console has its lines with times. The
# nodes' logs are in $dir/cluster/NODE/log.

# shellcheck source=tests/it/cluster.bash
source "$root/tests/it/cluster.bash"

topic=prices-topic
ledger=$dir/ledger
running=() # the numbers of the group's members
pids=()    # of all members there were, by their numbers
n=0

# start_cluster_feed ZOOKEEPERS [SETTING=VALUE...]: a cluster, a producer with
# these settings, and two consumers; wait until prices are printed.
# DRILL_PRODUCER has more settings, for proofs that a drill can fail.
start_cluster_feed() {
    start_cluster "$dir/cluster" "$1" >"$dir/talk" 2>&1 ||
        fail "the cluster does not start: $(tail -n 1 "$dir/talk")"
    : >"$dir/printed"
    tail --follow --lines=+1 "$dir/printed" 2>/dev/null |
        "$here/stamp" >"$dir/console" &
    follower=$!
    start_producer "${@:2}"
    join
    join
    await_prices 5000
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

start_producer() {
    # shellcheck disable=SC2086 # a list
    run_client pf-producer feed.partition=by-key feed.rate=2000 \
        "feed.seed=$seed" "feed.ledger=$ledger" "$@" ${DRILL_PRODUCER:-} \
        2>"$dir/producer.log" &
    producer=$!
}

# join [SETTING=VALUE...]: one more member of the group.
join() {
    n=$((n + 1))
    run_client pf-consumer group.id=drill feed.partition=all \
        auto.offset.reset=earliest session.timeout.ms=6000 \
        heartbeat.interval.ms=1000 "feed.console=$dir/printed" "$@" \
        2>"$dir/consumer.$n.log" &
    pids[n]=$!
    running+=("$n")
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

# await_in_sync: all is well with the cluster, and prices are printed.
await_in_sync() {
    await_cluster >>"$dir/talk" 2>&1 ||
        fail "not in sync: $(tail -n 1 "$dir/talk")"
    await_prices 5000
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
# compare topic, ledger and console. may_print_twice lines may be printed twice,
# and those of two seconds for each loss of partitions.
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
    note "valid: $(wc -l <"$dir/printed") lines, ${twice:-0} printed twice," \
        "$lost losses"
}

# gap: the longest time without a line of one of the partitions, since the first
# fault, in s.
gap() {
    kcat -b "$BOOTSTRAP_SERVERS" -C -t "$topic" -e -q -f '%p %s\n' |
        awk '!seen[$3]++ { print $1, $3 }' >"$dir/partitions"
    "$here/measure" gap "${faults[0]}" "$dir/partitions" "$dir/console"
}

# counts: were records in flight at each fault?
counts() {
    local few
    few=$("$here/measure" made-not-printed "$ledger" \
        "$(printf '%s\n' "${faults[@]}")" "$dir/console") ||
        fail "the drill does not count: $few"
    note "at least $few"
}

show_feed() {
    tail -n 5 "$dir"/*.log "$dir"/cluster/*/log
}

remove_feed() {
    [ -n "${CLUSTER:-}" ] || return 0 # of a proof, which has none of its own
    stop_cluster
    rm -rf "$dir"/cluster/*/data
}
