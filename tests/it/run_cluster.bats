#!/usr/bin/env bats
# make run-cluster: three brokers, a producer by key and a consumer of a group, as
# roles of pf-init.
# shellcheck disable=SC2154 # root is from kafka.bash

bats_require_minimum_version 1.5.0
load run_cluster

N=6000

setup_file() {
    export PRODUCER_FEED_RATE=400 PRODUCER_FEED_COUNT=$N PRODUCER_FEED_SEED=5
    export PRODUCER_FEED_LEDGER=$BATS_FILE_TMPDIR/ledger
    begin_cluster 90
    export BROKERS=127.0.0.1:$((CLUSTER_PORT + 31)),127.0.0.1:$((CLUSTER_PORT + 32))
}

health() {
    PF_RUN=$PF_CLUSTER/$1/run PF_DATA=$PF_CLUSTER/$1/data pf-broker health
}

# The broker that leads partition 0.
leader() {
    kcat -b "$BROKERS" -L -t prices-topic -m 10 |
        sed -n 's/.*partition 0, leader \([0-9]*\),.*/\1/p'
}

@test "prices come from six partitions, three replicas each, and all is healthy" {
    local node
    run -0 kcat -b "$BROKERS" -L -t prices-topic -m 10
    [[ $output == *'"prices-topic" with 6 partitions'* ]]
    [ "$(grep -cE 'replicas: [0-9],[0-9],[0-9],' <<<"$output")" = 6 ]
    for node in zookeeper-1 broker-1 broker-2 broker-3 producer consumer-1 web; do
        eventually 60 health "$node"
    done
    run ! grep -vE '^\{"match": [1-9][0-9]{2}, "price": (10\.00|[1-9]\.[0-9]{2})\}$' "$OUT"
}

@test "a broker killed with all of its node costs no record, and comes back" {
    local node pid lost
    node=broker-$(leader)
    pid=$(cat "$PF_CLUSTER/$node/pid")
    kill -KILL "$pid"
    is_back() {
        [ "$(cat "$PF_CLUSTER/$node/pid")" != "$pid" ] && health "$node"
    }
    eventually 90 is_back
    eventually 90 has_lines "$OUT" "$N"
    # Each match in its order, and nothing is missing. Printed again is only what a
    # consumer says that it has lost: where the node was its group's coordinator, the
    # new one may come after its session (6 s, 400 prices a second) has passed.
    lost=$(cat "$PF_CLUSTER"/consumer-1/run/log/* | grep -c 'partitions were lost' || :)
    pf-audit -X "bootstrap.servers=$BROKERS" -X feed.partition=all \
        --ledger="$PRODUCER_FEED_LEDGER" --console="$OUT" -X audit.complete=true \
        -X audit.printed.twice.max=$((lost * 20 * 400))
}

@test "TERM ends all of it with 0: clients, then brokers, then ZooKeeper" {
    kill "$(cat "$OUT.pid")"
    eventually 60 test -s "$CODE"
    [ "$(cat "$CODE")" = 0 ]
    [ "$(sed -n 's/^pricefeed: \(.*\)-.: stopped cleanly$/\1/p' "$ERR" | uniq | xargs)" = \
        'consumer broker zookeeper' ]
    for n in 1 2 3; do
        [ -e "$PF_CLUSTER/broker-$n/data/kafka/.kafka_cleanshutdown" ]
    done
    run -1 pgrep -f "$PF_CLUSTER"
}
