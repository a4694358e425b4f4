#!/usr/bin/env bats
# The roles of pf-init: each part of a feed by itself. ZooKeeper and the broker
# that the others use are roles, too.
# shellcheck disable=SC2154 # root is from kafka.bash

bats_require_minimum_version 1.5.0
load kafka
load roles

setup_file() {
    export PF_HOME=$root PF_CONFIG=$root/config NODES=$BATS_FILE_TMPDIR
    export PF_JARS=${PF_JARS:-$root/build/jars}
    "$root/broker/fetch-jars" "$PF_JARS"
    export ZK_PORT BROKER_PORT
    ZK_PORT=$(unused_port)
    BROKER_PORT=$(unused_port)
    export BOOTSTRAP_SERVERS=127.0.0.1:$BROKER_PORT BROKER=127.0.0.1:$BROKER_PORT
    # A list is an ensemble that may be shared, though this one is alone.
    export ZOOKEEPER_CONNECT=127.0.0.1:$ZK_PORT,localhost:$ZK_PORT
    export ZOOKEEPER_CLIENTPORT=$ZK_PORT
    export KAFKA_LISTENERS=LOCAL://$BROKER KAFKA_ADVERTISED_LISTENERS=LOCAL://$BROKER
    export KAFKA_NUM_PARTITIONS=3 KAFKA_ZOOKEEPER_SESSION_TIMEOUT_MS=10000
    begin_broker
    eventually 20 said broker 'waiting for ZooKeeper at 127.0.0.1'
    begin zookeeper zookeeper
    eventually 60 said broker 'broker ready after'
}

teardown_file() {
    local node
    for node in broker zookeeper; do
        # Its program, if it has been left behind.
        end "$node" || kill -KILL "$(program_of "$node")" || :
    done
}

teardown() {
    local node
    for node in client other; do
        [ ! -s "$NODES/$node/pid" ] || has_ended "$node" || end "$node" ||
            kill -KILL "$(cat "$NODES/$node/pid")"
        [ -n "${BATS_TEST_COMPLETED:-}" ] || tail -n 5 "$NODES/$node"/*
    done
    rm -rf "$NODES/client" "$NODES/other"
}

begin_broker() {
    KAFKA_BROKER_ID=1 begin broker broker
}

printed() {
    has_lines "$NODES/$1/out" "$2"
}

@test "the topic of the prices has the partitions that the broker's settings say" {
    kcat -b "$BROKER" -L -t prices-topic | grep -q 'with 3 partitions'
    health broker
    [ "$status" = 0 ]
    [ "$output" = 'healthy: broker 1 is in sync' ]
    health zookeeper
    [ "$status" = 0 ]
    [ "$output" = 'healthy: ZooKeeper serves' ]
}

@test "a role that cannot reach Kafka waits, says for whom, and goes on" {
    local port
    port=$(unused_port)
    CONSUMER_BOOTSTRAP_SERVERS=127.0.0.1:$port CONSUMER_FEED_TOPIC=late \
        begin client consumer
    eventually 20 said client "pricefeed: waiting for Kafka at 127.0.0.1:$port (127.0.0.1:$port: Connection refused)"
    health client
    [ "$status" = 1 ]
    [[ $output == *'consumer: it has not started'* ]]
    pf-broker_topic late
    begin other pf-proxy -X "feed.routes=127.0.0.1:$port=$BROKER"
    eventually 20 said client 'pricefeed: Kafka answers after '
    PRODUCER_FEED_TOPIC=late pf-producer -X "bootstrap.servers=$BROKER" -X feed.count=3
    eventually 20 printed client 3
    eventually 20 is_healthy client
    [[ $output == 'healthy: 3 records arrived since the consumer started' ]]
    end client
    [ "$(code_of client)" = 0 ]
    said client 'pricefeed: stopped cleanly'
}

# pf-broker_topic NAME: make it.
pf-broker_topic() {
    PF_RUN=$NODES/broker/run pf-broker topic "$1" --partitions 1
}

@test "a mistake in a setting ends a role with 2, and a sentence" {
    begin client consumer -X feed.strat=latest
    eventually 10 has_ended client
    [ "$(code_of client)" = 2 ]
    said client "unknown setting 'feed.strat'; did you mean 'feed.start'?"
    begin client broker --override
    eventually 10 has_ended client
    [ "$(code_of client)" = 2 ]
    said client "the role broker takes no arguments"
    ZOOKEEPER_SERVER_1=localhost:1:2 begin client zookeeper
    eventually 10 has_ended client
    [ "$(code_of client)" = 2 ]
    said client 'environment ZOOKEEPER_ID: it is not set'
    begin client brokr
    eventually 10 has_ended client
    [ "$(code_of client)" = 127 ]
    said client "did you mean the role 'broker'?"
}

@test "a program that is killed is started again; TERM ends its role with 0" {
    local first
    PRODUCER_FEED_TOPIC=prices-topic PRODUCER_FEED_PARTITION=by-key begin client producer
    eventually 20 is_healthy client
    first=$(program_of client)
    kill -KILL "$first"
    is_another() {
        [ "$(program_of client)" != "$first" ] && is_healthy client
    }
    eventually 20 is_another
    said client 'pricefeed: producer ended (terminated by SIGKILL); restarting it'
    end client
    [ "$(code_of client)" = 0 ]
    [ ! -e "$NODES/client/run/role" ]
}

@test "a program that fails again and again ends its role with its own code" {
    pf-broker_topic mixed
    PRODUCER_FEED_TOPIC=mixed pf-producer -X "bootstrap.servers=$BROKER" \
        -X feed.seed=1 -X feed.count=10 -X feed.rate=0
    kcat -b "$BROKER" -P -t mixed <<<'{"match": 100, "price": 1.00}'
    PRODUCER_FEED_TOPIC=mixed begin client producer -X feed.seed=1
    eventually 30 has_ended client
    [ "$(code_of client)" = 4 ]
    [ "$(grep -c 'producer ended (exit status 4); restarting it' "$NODES/client/err")" = 3 ]
    said client 'somebody else has written'
    said client 'producer failed (exit status 4); its log is '
}

@test "a producer that has finished ends its role; an audit ends with its verdict" {
    pf-broker_topic audited
    PRODUCER_FEED_TOPIC=audited begin client producer -X feed.seed=2 -X feed.count=5 \
        -X feed.rate=0
    eventually 20 has_ended client
    [ "$(code_of client)" = 0 ]
    said client 'pricefeed: producer has finished'
    begin client audit -X feed.topic=audited
    eventually 20 has_ended client
    [ "$(code_of client)" = 0 ]
    grep -qi 'valid' "$NODES/client/out"
    kcat -b "$BROKER" -P -t audited <<<'no price'
    begin client audit -X feed.topic=audited
    eventually 20 has_ended client
    [ "$(code_of client)" = 1 ]
}

@test "a processor and the page are roles, too; the page shows itself what it waits for" {
    local port
    begin client processor -X feed.topic=prices-topic -X feed.output=dear \
        -X 'feed.where=.price > 5' -X feed.partition.none=1
    eventually 10 has_ended client
    [ "$(code_of client)" = 2 ]
    begin client processor -X feed.topic=prices-topic -X feed.output=dear \
        -X 'feed.where=.price > 5'
    eventually 20 is_healthy client
    [ "$output" = 'healthy: processor runs' ]
    eventually 20 kcat -b "$BROKER" -C -t dear -e -q -o beginning
    port=$(unused_port)
    PF_PAGE=$root/build/page "$root/web/fetch-uplot" "$root/build/page"
    WEB_BOOTSTRAP_SERVERS=127.0.0.1:$(unused_port) WEB_PORT=1 PF_PAGE=$root/build/page \
        begin other web -X "feed.web.listen=127.0.0.1:$port"
    eventually 20 curl -sf "http://127.0.0.1:$port/"
    is_healthy other
    end other
    [ "$(code_of other)" = 0 ]
    run ! grep WEB_PORT "$NODES/other/err" "$NODES/other/run/log/web.log"
}

@test "a console that nobody reads any more ends the consumer's role" {
    pf-broker_topic piped
    PRODUCER_FEED_TOPIC=piped pf-producer -X "bootstrap.servers=$BROKER" -X feed.count=10 \
        -X feed.rate=0
    mkdir -p "$NODES/client"
    PF_RUN=$NODES/client/run PF_DATA=$NODES/client/data CONSUMER_FEED_TOPIC=piped \
        timeout 30 pf-init consumer 2>"$NODES/client/err" 3>&- | head -n 3 >"$NODES/client/out"
    [ "${PIPESTATUS[0]}" = 0 ]
    said client 'nobody reads the console any more'
    printed client 3
}

@test "a broker that was killed waits for its registration to go, and serves" {
    local first
    first=$(program_of broker)
    kill -KILL "$(cat "$NODES/broker/pid")"
    eventually 5 gone "$first" # as all of a container is
    eventually 5 has_ended broker
    begin_broker
    eventually 60 said broker 'broker ready after'
    said broker 'the last stop was not clean'
    grep -q 'waiting until /brokers/ids/1 of the broker that was killed expires' \
        "$NODES/broker/run/log/kafka.log"
    run ! grep -q 'removed /' "$NODES/broker/run/log/kafka.log"
    health broker
    [ "$status" = 0 ]
}
