#!/usr/bin/env bats
# pf-broker of a cluster: three real brokers and three ZooKeepers, which are
# killed and come back.

bats_require_minimum_version 1.5.0
load cluster

# Broker 3 knows only the third ZooKeeper, behind a proxy.
zookeepers_of() {
    local port
    if [ "$1" != 3 ]; then
        echo "$ZOOKEEPER_CONNECT"
        return
    fi
    port=$(unused_port)
    pf-proxy -X "feed.routes=127.0.0.1:$port=${ZOOKEEPER_CONNECT##*,}" \
        >"$CLUSTER/proxy.log" 2>&1 3>&- &
    echo $! >"$CLUSTER/proxy.pid"
    disown
    echo "127.0.0.1:$port"
}

setup_file() {
    start_cluster "$BATS_FILE_TMPDIR/cluster" 3
    produce prices-topic 100
}

teardown_file() {
    stop_cluster
    kill -KILL "$(cat "$CLUSTER/proxy.pid")"
}

teardown() {
    if [ -z "${BATS_TEST_COMPLETED:-}" ]; then
        pf-broker status || :
        tail -n 5 "$CLUSTER"/*/log
    fi
    kill -CONT "$(cat "$CLUSTER/proxy.pid")"
    end_jobs
}

# produce TOPIC N: N records, which every replica in sync has.
produce() {
    expected 1 "$2" | kcat -P -b "$BOOTSTRAP_SERVERS" -t "$1" -X acks=all
}

# status_has TEXT...: it fails, and says each of these.
status_has() {
    local text
    run pf-broker status
    [ "$status" = 1 ] || return
    for text; do
        [[ $output == *"$text"* ]] || return 1
    done
}

# another_controller N: another broker than N is the controller.
another_controller() {
    local now
    now=$(controller)
    [ -n "$now" ] && [ "$now" != "$1" ]
}

@test "status: all is well with brokers, partitions and ZooKeepers" {
    await_cluster
    run -0 pf-broker status
    [[ ${lines[0]} =~ ^broker\ +address\ +state$ ]]
    [[ ${lines[2]} =~ ^2\ +127.0.0.1:$(port_of broker 2)\ +alive ]]
    [ "$(grep -c ' alive, controller$' <<<"$output")" = 1 ]
    [ "$(grep -cE ' (leader|follower)$' <<<"$output")" = 3 ]
    [[ ${lines[-1]} == "All is well: 3 brokers, controller $(controller), "*" partitions in sync, 3 ZooKeepers." ]]
    run -0 pf-broker status --wait
    # One broker that is named suffices, and without ZooKeepers nothing is said
    # of them.
    ZOOKEEPER_CONNECT='' BOOTSTRAP_SERVERS=127.0.0.1:1 run -0 pf-broker status \
        --bootstrap "127.0.0.1:1,127.0.0.1:$(port_of broker 3)"
    [[ $output != *ZooKeeper* ]]
}

@test "status: nobody answers, or what is named cannot be asked" {
    run -1 pf-broker status --bootstrap 127.0.0.1:1,127.0.0.1:2 --timeout 0.1
    [[ $output == 'No broker answers; asked: 127.0.0.1:1,127.0.0.1:2'* ]]
    run -2 pf-broker status --bootstrap 127.0.0.1:no
    [[ $output == *"'127.0.0.1:no' is not host:port"* ]]
    ZOOKEEPER_CONNECT=127.0.0.1:no run -2 pf-broker status
    [[ $output == *'zookeeper.connect: '* ]]
    BOOTSTRAP_SERVERS='' run -1 pf-broker status
    [[ $output == *'the feed is not running'* ]]
}

@test "status: a broker that was killed is named, and --wait waits until it is in sync" {
    local broker=$(($(controller) % 3 + 1))
    kill_broker "$broker"
    status_has "Not well: broker $broker does not answer."
    eventually 30 status_has "Not well: broker $broker is not alive; " \
        '6 of 6 partitions are under-replicated.'
    [[ $output =~ prices-topic\ +0\ +[1-3]\ +.*\ under-replicated ]]
    run -1 pf-broker status --wait --timeout 3
    [[ $output == *"waiting: Not well: broker $broker is not alive; "* ]]
    pf-broker status --wait --timeout 60 >"$BATS_TEST_TMPDIR/waited" 2>&1 3>&- &
    local waiting=$!
    eventually 10 grep -q "waiting: .*broker $broker is not alive" \
        "$BATS_TEST_TMPDIR/waited"
    start_broker "$broker"
    wait "$waiting"
    grep -q '^All is well: 3 brokers' "$BATS_TEST_TMPDIR/waited"
}

@test "status: another broker becomes controller when it is killed" {
    local broker
    broker=$(controller)
    kill_broker "$broker"
    eventually 30 another_controller "$broker"
    eventually 30 status_has "broker $broker is not alive" "alive, controller"
    start_broker "$broker"
    await_cluster
}

@test "status: a broker without ZooKeeper tells what it heard last, and is not believed" {
    local alone proxy
    alone=127.0.0.1:$(port_of broker 3)
    proxy=$(cat "$CLUSTER/proxy.pid")
    pf-broker status --bootstrap "$alone"
    kill -STOP "$proxy" # teardown lets it go on
    eventually 30 is_forgotten 3
    # Whoever asks no other is told that it is there.
    kcat -b "$alone" -L -m 5 | grep -q '^ 3 brokers:'
    run -1 pf-broker status --bootstrap "$alone"
    grep -qE '^3 +127.0.0.1:[0-9]+ +alive(, controller)?$' <<<"$output"
    [[ $output == *'brokers 1, 2 tell something else of brokers, '* ]]
    kill -CONT "$proxy"
    await_cluster
}

@test "status: with most ZooKeepers gone no failover is possible; reset --all says what is not deleted" {
    kill_node zookeeper 1
    eventually 30 status_has 'Not well: 2 of 3 ZooKeepers serve.'
    kill_node zookeeper 2
    eventually 30 status_has 'of 3 ZooKeepers serve' ', so no failover is possible'
    run -1 pf-broker reset --all --yes --timeout 3
    [[ $output == *"topic 'prices-topic' is not deleted: "* ]]
    [[ $output == *"1 of 1 topics and groups are not deleted"* ]]
    start_zookeeper 1
    start_zookeeper 2
    await_cluster
}

@test "reset --all: refuses groups with members, asks, and deletes topics and groups" {
    produce mine 10
    produce theirs 10
    pf-consumer -X "bootstrap.servers=$BOOTSTRAP_SERVERS" -X group.id=readers \
        -X feed.topic=mine -X feed.partition=all -X auto.offset.reset=earliest \
        >"$BATS_TEST_TMPDIR/read" 2>/dev/null 3>&- &
    local reader=$!
    eventually 30 has_lines "$BATS_TEST_TMPDIR/read" 10
    run -1 pf-broker reset --all --yes
    [[ $output == *"group 'readers' has members; "*"nothing was deleted"* ]]
    kill "$reader"
    wait "$reader"
    run -2 pf-broker reset --all </dev/null
    [[ $output == *'use --yes'* ]]
    run -0 pf-broker reset --all --yes
    [[ $output == *'  topic mine'*'  topic theirs'*'  group readers'* ]]
    [[ $output != *__consumer_offsets* ]]
    [[ $output == *'while it is stopped, '* ]]
    local n
    for n in 1 2 3; do
        kcat -b "127.0.0.1:$(port_of broker "$n")" -L -X log_level=0 \
            >"$BATS_TEST_TMPDIR/left"
        grep -q __consumer_offsets "$BATS_TEST_TMPDIR/left"
        run ! grep -E 'mine|theirs' "$BATS_TEST_TMPDIR/left"
    done
    run -0 pf-broker reset --all --yes
    [[ $output != *'  group '* ]]
}

@test "reset --all: waits for a broker that has not heard of it" {
    produce late 10
    local broker=$(($(controller) % 3 + 1)) pid
    pid=$(pid_of broker "$broker")
    mkfifo "$BATS_TEST_TMPDIR/answers"
    # script gives it a terminal: what it asks has to be answered while that
    # broker is stopped, since it begins only when all answer.
    timeout 60 script --quiet --return \
        --command 'pf-broker reset --all --timeout 12' /dev/null \
        <"$BATS_TEST_TMPDIR/answers" >"$BATS_TEST_TMPDIR/said" 2>&1 3>&- &
    local reset=$! code=0
    exec 8>"$BATS_TEST_TMPDIR/answers"
    eventually 30 grep -q 'Go on?' "$BATS_TEST_TMPDIR/said"
    kill -STOP "$pid"
    echo yes >&8
    wait "$reset" || code=$?
    exec 8>&-
    kill -CONT "$pid"
    cat "$BATS_TEST_TMPDIR/said"
    [ "$code" = 1 ]
    grep -q "the topics are deleted, but broker $broker does not answer" \
        "$BATS_TEST_TMPDIR/said"
    await_cluster
    run -0 pf-broker reset --all --yes
    [[ $output != *'  topic '* && $output == *'All topics and groups are deleted.'* ]]
}
