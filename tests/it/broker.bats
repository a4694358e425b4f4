#!/usr/bin/env bats
# pf-broker: each command against a real Kafka and ZooKeeper, that come and go.
# shellcheck disable=SC2154 # root is from kafka.bash

bats_require_minimum_version 1.5.0
load feed

setup() {
    feed_places
}

teardown() {
    end_broker
    stop_feed
}

# The effective files, as pf-init writes them: it checks, and ends at a
# supervisord that is none.
write_effective() {
    mkdir -p "$FEED/bin"
    printf '#!/bin/sh\nexit 0\n' >"$FEED/bin/supervisord"
    chmod +x "$FEED/bin/supervisord"
    # pf-init looks beside itself first, so it gets a place of its own.
    ln -sf "$root"/build/pf-* "$FEED/bin"
    cp --remove-destination "$root/build/pf-init" "$FEED/bin"
    PATH=$FEED/bin:$PATH "$FEED/bin/pf-init" 2>"$FEED/err"
}

begin_zookeeper() {
    "$root/broker/zookeeper" >"$FEED/zookeeper.log" 2>&1 3>&- &
    zookeeper=$!
}

begin_kafka() {
    "$root/broker/kafka" >"$FEED/kafka.log" 2>&1 3>&- &
    kafka=$!
}

end_broker() {
    for pid in "${kafka:-}" "${zookeeper:-}"; do
        if [ -n "$pid" ]; then
            kill -KILL "$pid" 2>/dev/null || :
            wait "$pid" || :
        fi
    done
    kafka=''
    zookeeper=''
}

@test "wait: until the broker answers; gives up in time" {
    write_effective
    run -1 pf-broker wait --timeout 0.2
    [[ $output == *"the broker did not come up: 127.0.0.1:$LOCAL_PORT: Connection refused"* ]]
    begin_zookeeper
    begin_kafka
    run -0 pf-broker wait --port --timeout 60
    run -0 pf-broker wait --timeout 60
    [ -z "$output" ]
    kcat -b "127.0.0.1:$LOCAL_PORT" -L -m 5 >/dev/null
}

@test "wait: a port that answers nothing is not a broker" {
    write_effective
    python3 -c 'import signal, socket, sys
s = socket.create_server(("127.0.0.1", int(sys.argv[1])))
print("open", flush=True)
signal.pause()' "$LOCAL_PORT" >"$FEED/open" 3>&- &
    port=$!
    eventually 5 test -s "$FEED/open"
    run -0 pf-broker wait --port --timeout 5
    run -1 pf-broker wait --timeout 0.5
    [[ $output == *"the broker does not answer"* ]]
    kill "$port"
}

@test "topic: made once, by several at once; found again, by name or by its program's settings" {
    own_config
    echo 'feed.topic=mine' >>"$PF_CONFIG/consumer.properties"
    write_effective
    begin_zookeeper
    begin_kafka
    for i in 1 2 3; do
        {
            code=0
            pf-broker topic --timeout 60 || code=$?
            echo "$code" >"$FEED/topic.$i"
        } 3>&- &
    done
    all_are_done() {
        cat "$FEED"/topic.[123] | wc -l | grep -qx 3
    }
    eventually 60 all_are_done
    [ "$(cat "$FEED"/topic.[123])" = $'0\n0\n0' ]
    run -0 pf-broker topic
    run -0 pf-broker topic --warm-up
    run -0 pf-broker topic --of consumer
    PRODUCER_FEED_TOPIC=theirs run -0 pf-broker topic
    run -0 pf-broker topic given
    run -0 pf-broker topic --follow alone # nobody makes it instead
    run -0 pf-broker topic -X feed.topic=set
    run -0 pf-broker topic six --partitions 6
    [[ $output == *"topic 'six' has 6 partitions" ]]
    run -0 pf-broker topic six --partitions 3
    [[ $output == *"topic 'six' has 6 partitions" ]]
    run -1 pf-broker topic six --partitions 7
    [[ $output == *"topic 'six' has 6 partitions and not 7, "*": name a new topic"* ]]
    run -1 pf-broker topic alone --partitions 2
    [[ $output == *"topic 'alone' has 1 partition and not 2"* ]]
    run -2 pf-broker topic six --partitions 0
    [[ $output == *"--partitions: "* ]]
    run -2 pf-broker topic 'no topic'
    run -2 pf-broker topic ..
    kcat -b "127.0.0.1:$LOCAL_PORT" -L >"$FEED/topics"
    for name in prices-topic mine theirs given alone set; do
        grep -q "topic \"$name\" with 1 partitions" "$FEED/topics"
    done
    grep -q 'topic "six" with 6 partitions' "$FEED/topics"
}

@test "forget: nothing after a clean stop, both nodes after a kill" {
    write_effective
    run -0 pf-broker forget # nothing has ever run
    begin_zookeeper
    begin_kafka
    pf-broker wait --timeout 60
    kill "$kafka"
    wait "$kafka" || :
    run -0 pf-broker forget
    [ -z "$output" ]

    begin_kafka
    pf-broker wait --timeout 60
    end_broker
    begin_zookeeper
    run -0 pf-broker forget
    [[ $output == *"removed /controller"* ]]
    [[ $output == *"removed /brokers/ids/0"* ]]
    run -0 pf-broker forget
    [ -z "$output" ]

    begin_kafka
    pf-broker topic --timeout 15
    kill -0 "$kafka"
    run ! grep -E 'NodeExists|FATAL' "$FEED/kafka.log"
}

@test "forget: a ZooKeeper that may be shared is left alone, and waited for" {
    write_effective
    begin_zookeeper
    begin_kafka
    pf-broker wait --timeout 60
    # As a list it is not the feed's own.
    sed -i "s/^zookeeper.connect=.*/zookeeper.connect=nobody.invalid:1,127.0.0.1:$ZK_PORT/" \
        "$PF_RUN/server.properties"
    run -1 pf-broker forget --timeout 1
    [[ $output == *"waiting until /brokers/ids/0 of the broker that was killed expires"* ]]
    [[ $output == *"/brokers/ids/0 does not go: another broker with this id runs"* ]]
    pf-broker topic --timeout 15 # it is the controller still
    kill "$kafka"
    wait "$kafka" || :
    # Whatever became of its data.
    rm -r "$PF_DATA/kafka"
    run -0 pf-broker forget
    [ -z "$output" ]
}

@test "forget: no ZooKeeper is an error in time, wherever it should be" {
    write_effective
    mkdir -p "$PF_DATA/kafka"
    printf 'version=0\nbroker.id=0\n' >"$PF_DATA/kafka/meta.properties"
    run -1 pf-broker forget --timeout 0.3
    [[ $output == *"does not serve"* ]]
    sed -i 's/^zookeeper.connect=.*/zookeeper.connect=192.0.2.1:2181/' "$PF_RUN/server.properties"
    run -1 pf-broker forget --timeout 0.3
    [[ $output == *"ZooKeeper at 192.0.2.1:2181: no session"* ]]
}

@test "health: says what is wrong, and with whom" {
    run -1 pf-broker health
    [[ $output == *"the feed is not running"* ]]
    start_feed
    run -0 pf-broker health
    [[ $output =~ ^healthy:\ [0-9]+\ prices\ printed ]]

    supervisorctl -c "$root/compose-pipeline/supervisord.conf" stop consumer
    run -1 pf-broker health
    [[ $output == *"consumer: it is not running"* ]]
    supervisorctl -c "$root/compose-pipeline/supervisord.conf" start consumer
    eventually 20 pf-broker health

    kill -STOP "$(program_pid consumer)"
    frozen() {
        run pf-broker health
        [[ $output == *"consumer: it has not moved for"* ]]
    }
    eventually 20 frozen
    kill -CONT "$(program_pid consumer)"
    eventually 20 pf-broker health

    kill -STOP "$(program_pid producer)"
    late() {
        run pf-broker health
        [[ $output == *"producer: its next price is"*"late"* ]]
    }
    eventually 20 late
    kill -CONT "$(program_pid producer)"

    kill -STOP "$(program_pid kafka)"
    run -1 pf-broker health
    [[ $output == *"broker: it does not answer at 127.0.0.1:$LOCAL_PORT"* ]]
    kill -CONT "$(program_pid kafka)"
}

@test "health: a slow pace is healthy" {
    PRODUCER_FEED_RATE=0.01 begin_feed
    eventually 60 pf-broker health
}

@test "pf-init: data that will not outlive the container are pointed out" {
    local dir
    dir=$(mktemp -d /dev/shm/pf-broker-XXXXXX)
    KAFKA_LOG_DIRS=kafka,$dir/deep/er/ ZOOKEEPER_DATADIR=$dir write_effective || :
    rm -r "$dir"
    grep -qF "log.dirs: $dir/deep/er/ is not in the volume, and what is there will be gone" "$FEED/err"
    grep -qF "dataDir: $dir is not in the volume" "$FEED/err"
    run ! grep -F "$PF_DATA/kafka" "$FEED/err"
}

@test "reset: asks, and deletes both directories and nothing else" {
    mkdir -p "$PF_DATA/kafka/topic-0" "$PF_DATA/zookeeper/version-2" "$PF_DATA/mine"
    touch "$PF_DATA/kafka/topic-0/log" "$PF_DATA/in-use"
    run -2 pf-broker reset </dev/null
    [[ $output == *"use --yes"* ]]
    answer() {
        python3 - "$1" <<'END'
import os, pty, sys
pid, terminal = pty.fork()
if pid == 0:
    os.execvp("pf-broker", ["pf-broker", "reset"])
text = b""
while b"[y/N]" not in text:
    text += os.read(terminal, 1000)
os.write(terminal, sys.argv[1].encode() + b"\n")
try:
    while os.read(terminal, 1000):
        pass
except OSError:
    pass
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
END
    }
    run -1 answer n
    [ -e "$PF_DATA/kafka/topic-0/log" ]
    run -0 answer y
    run -0 find "$PF_DATA/kafka" "$PF_DATA/zookeeper" -mindepth 1
    [ -z "$output" ]
    [ -d "$PF_DATA/mine" ]
    [ ! -e "$PF_DATA/in-use" ]
}

@test "reset: a directory that is not the feed's stays as it is" {
    mkdir -p "$FEED/home/documents"
    export KAFKA_LOG_DIRS=$FEED/home
    run -0 pf-broker reset --yes
    [[ $output == *"$FEED/home stays: it is not in the volume, and has no"* ]]
    [ -d "$FEED/home/documents" ]
}

@test "reset: real paths are compared, whatever the way to them" {
    local dirs
    mkdir -p "$PF_DATA/zookeeper" "$PF_DATA/kafka" "$FEED/x/documents"
    ln -s "$FEED/x" "$PF_DATA/link"
    touch "$PF_DATA/mine"
    # Out of the volume, by dots and by a link; the volume itself.
    for dirs in ../x kafka/../../x link . kafka/.. ./ "$PF_DATA/"; do
        KAFKA_LOG_DIRS=$dirs run -0 pf-broker reset --yes
        [ -d "$FEED/x/documents" ]
        [ -e "$PF_DATA/mine" ]
        [[ $output == *' stays: '* ]]
    done
    # A broker's data are, wherever they are, but not the volume around them.
    touch "$FEED/x/meta.properties"
    KAFKA_LOG_DIRS='link' run -0 pf-broker reset --yes
    [[ $output == *"  $FEED/x"* ]]
    run -0 find "$FEED/x" -mindepth 1
    [ -z "$output" ]
    touch "$PF_DATA/meta.properties" "$FEED/meta.properties" "$PF_DATA/in-use"
    for dirs in . ..; do
        KAFKA_LOG_DIRS=$dirs run -2 pf-broker reset --yes
        [[ $output == *'is not emptied: the volume '*'nothing was deleted' ]]
        [ -e "$PF_DATA/mine" ]
        [ -e "$PF_DATA/in-use" ]
    done
}

@test "reset: transactions of ZooKeeper that have a place of their own, too" {
    export ZOOKEEPER_DATALOGDIR=transactions
    mkdir -p "$PF_DATA/zookeeper/version-2" "$PF_DATA/transactions/version-2"
    run -0 pf-broker reset --yes
    run -0 find "$PF_DATA/zookeeper" "$PF_DATA/transactions" -mindepth 1
    [ -z "$output" ]
}

@test "make clean: the records of make run stay" {
    mkdir -p "$FEED/build/run/data/kafka" "$FEED/build/orders/data" \
        "$FEED/build/logins/data" "$FEED/build/lib"
    make -C "$root" clean BUILD="$FEED/build"
    [ -d "$FEED/build/run/data/kafka" ]
    [ -d "$FEED/build/orders/data" ]
    [ -d "$FEED/build/logins/data" ]
    [ ! -e "$FEED/build/lib" ]
}

@test "config: each setting with its source, secrets masked" {
    export KAFKA_SSL_KEYSTORE_PASSWORD=hunter2 KAFKA_PORT=tcp://10.0.0.1:9092
    run -0 --separate-stderr pf-broker config
    [[ $output == *"zookeeper.connect = $KAFKA_ZOOKEEPER_CONNECT  # environment KAFKA_ZOOKEEPER_CONNECT"* ]]
    [[ $output == *"broker.id = 0  # $PF_CONFIG/server.properties:"* ]]
    [[ $output == *"ssl.keystore.password = ********"* ]]
    [[ $output != *hunter2* ]]
    [[ $stderr == *"KAFKA_PORT: ignored: tcp://10.0.0.1:9092 is what Kube"* ]]
}

@test "usage: --help, --version, mistakes with the nearest name" {
    run -0 pf-broker --help
    [[ $output == usage:* ]]
    run -0 pf-broker --version
    run -2 pf-broker
    run -2 pf-broker helth
    [[ $output == *"did you mean 'health'?"* ]]
    run -2 pf-broker wait --timeout soon
    run -2 pf-broker wait --timeout
    run -2 pf-broker wait extra
    run -2 pf-broker topic --of broker
    # It would be made elsewhere than where it was asked for.
    run -2 pf-broker topic six --bootstrap 127.0.0.1:1
    [[ $output == *'topic: asks the broker of the feed here, and takes no --bootstrap'* ]]
    run -2 pf-broker reset --yes --bootstrap 127.0.0.1:1
    [[ $output == *'reset: asks the broker of the feed here'* ]]
}
