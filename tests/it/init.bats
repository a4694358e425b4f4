#!/usr/bin/env bats
# pf-init: a feed from its start to its end, with a real Kafka and ZooKeeper.
# early: twenty feeds start and stop, one after the other
# shellcheck disable=SC2154 # root is from kafka.bash

bats_require_minimum_version 1.5.0
load feed

setup() {
    feed_places
}

teardown() {
    stop_feed
}

code() {
    cat "$FEED/code"
}

@test "prices, and nothing else, on standard output; stops in time with 0" {
    start_feed
    eventually 20 more_prices_than 20
    SECONDS=0
    end_feed
    in_time 7
    [ "$(code)" = 0 ]
    run ! grep -vE '^\{"match": [1-9][0-9]{2}, "price": (10\.00|[1-9]\.[0-9]{2})\}$' "$FEED/out"
    grep -qE '^pricefeed: broker ready after [0-9]+\.[0-9] s$' "$FEED/err"
    grep -qE '^pricefeed: first price after [0-9]+\.[0-9] s$' "$FEED/err"
    grep -qx 'pricefeed: stopped cleanly' "$FEED/err"
    [ -e "$PF_DATA/kafka/.kafka_cleanshutdown" ]
    [ -z "$(feed_processes)" ]
}

@test "after kill -9 of everything the next start serves, and skips nothing" {
    start_feed
    eventually 20 more_prices_than 30
    # shellcheck disable=SC2046 # a list
    kill -KILL $(feed_processes)
    eventually 5 feed_has_ended
    cp "$FEED/out" "$FEED/first"
    start_feed
    has_said 'the last stop was not clean'
    # Kafka's own wait for the broker that is gone would be 18 s.
    run ! grep NodeExists "$PF_RUN/log/kafka.log"
    eventually 20 more_prices_than 30
    kcat -b "$BROKER" -C -t prices-topic -p 0 -o beginning -q \
        -c $(($(wc -l <"$FEED/first") + 20)) >"$FEED/topic"
    end_feed
    [ "$(code)" = 0 ]
    # What was printed first is the topic's beginning, and what was printed
    # then goes on there, or at most a commit interval earlier.
    python3 - "$FEED" <<'END'
import sys
first, second, topic = (open(f"{sys.argv[1]}/{name}").read().splitlines()
                        for name in ("first", "out", "topic"))
assert topic[:len(first)] == first
assert second[:20] in [topic[len(first) - again:][:20] for again in range(15)]
END
}

@test "a clean end that is only marked is not believed: nothing is deleted" {
    export PRODUCER_FEED_SEED=7
    export KAFKA_LOG_INITIAL_TASK_DELAY_MS=100
    export KAFKA_LOG_RETENTION_CHECK_INTERVAL_MS=100
    start_feed
    end_feed
    [ -e "$PF_DATA/kafka/.kafka_cleanshutdown" ]
    # As a broker leaves it that could not close its files on a full disk.
    truncate -s 10485756 "$PF_DATA"/kafka/prices-topic-0/*.timeindex
    start_feed
    has_said 'the last stop was not clean'
    first() {
        timeout 10 kcat -b "$BROKER" -C -t prices-topic -c 1 -q -o beginning
    }
    grep -q 'since no clean shutdown file was found' "$PF_RUN/log/kafka.log"
    [ "$(first)" = "$(pf-producer -X feed.sink=console -X feed.seed=7 -X feed.count=1 2>/dev/null)" ]
}

@test "a producer that has finished stays so, and the feed goes on" {
    export PRODUCER_FEED_COUNT=7
    start_feed
    eventually 10 has_said 'producer has finished'
    eventually 10 more_prices_than 6
    run supervisorctl -c "$root/compose-pipeline/supervisord.conf" status producer
    [[ $output == *EXITED* ]]
    run -0 pf-broker health
    [ "$(prices)" = 7 ]
    end_feed
    [ "$(code)" = 0 ]
}

@test "TERM during the start stops it in time" {
    for moment in init.sock supervisor.sock log/kafka.log; do
        rm -rf "$PF_RUN/log"
        begin_feed
        eventually 10 test -e "$PF_RUN/$moment"
        SECONDS=0
        end_feed
        in_time 7
        [ "$(code)" = 0 ]
        [ -z "$(feed_processes)" ]
    done
}

@test "TERM ends it while it checks what cannot be read, and leaves nothing" {
    mkfifo "$FEED/secret" # of which nobody writes the other end
    export PRODUCER_SASL_PASSWORD_FILE=$FEED/secret
    begin_feed
    checks() {
        pgrep -P "$(feed_pid)" pf-producer
    }
    eventually 10 checks
    kill "$(feed_pid)"
    eventually 5 feed_has_ended
    [ "$(code)" = 0 ]
    nothing_is_left() {
        [ -z "$(feed_processes)" ]
    }
    eventually 5 nothing_is_left
}

@test "what has not stopped in time is killed, which is said: code 1" {
    start_feed
    kill -STOP "$(cat "$PF_RUN/supervisord.pid")"
    end_feed
    [ "$(code)" = 1 ]
    has_said 'not everything has stopped within 9 s; killing the rest'
    [ -z "$(feed_processes)" ]
}

@test "a second signal ends it at once, and leaves nothing" {
    start_feed
    # A broker that cannot stop.
    kill -STOP "$(program_pid kafka)"
    kill -INT "$(feed_pid)"
    eventually 5 has_said stopping
    asked_again() {
        kill -INT "$(feed_pid)" 2>/dev/null
        feed_has_ended
    }
    eventually 5 asked_again
    [ "$(code)" = 130 ]
    [ -z "$(feed_processes)" ]
}

@test "a broker that hangs does not keep the feed from stopping" {
    start_feed
    kill -STOP "$(program_pid kafka)" "$(program_pid zookeeper)"
    SECONDS=0
    end_feed
    in_time 9
    [ -z "$(feed_processes)" ]
}

@test "a value that Kafka refuses ends the feed, with Kafka's own words" {
    own_config
    echo 'log.cleanup.policy=never' >>"$PF_CONFIG/server.properties"
    begin_feed
    eventually 40 feed_has_ended
    [ "$(code)" = 1 ]
    grep -q 'kafka: .*Invalid value never for configuration log.cleanup.policy' "$FEED/err"
    tail -n 1 "$FEED/err" | grep -q 'kafka failed .* its log is .*/log/kafka.log'
    [ -z "$(feed_processes)" ]
}

@test "three lines in server.properties suffice, and so does Apache's own file" {
    own_config
    printf '%s\n' 'broker.id=0 ' 'log.dirs=three lines' 'num.io.threads=3' \
        >"$PF_CONFIG/server.properties"
    echo 'tickTime=2000' >"$PF_CONFIG/zookeeper.properties"
    start_feed
    has_said 'first price'
    end_feed
    [ "$(code)" = 0 ]
    # What Kafka 3.9 comes with, without its comments.
    cat >"$PF_CONFIG/server.properties" <<'END'
broker.id=0
num.network.threads=3
num.io.threads=8
socket.send.buffer.bytes=102400
socket.receive.buffer.bytes=102400
socket.request.max.bytes=104857600
log.dirs=/tmp/kafka-logs
num.partitions=1
num.recovery.threads.per.data.dir=1
offsets.topic.replication.factor=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
log.retention.hours=168
log.retention.check.interval.ms=300000
zookeeper.connect=localhost:2181
zookeeper.connection.timeout.ms=18000
group.initial.rebalance.delay.ms=0
END
    printf '%s\n' dataDir=/tmp/zookeeper clientPort=2181 maxClientCnxns=0 \
        admin.enableServer=false >"$PF_CONFIG/zookeeper.properties"
    KAFKA_LOG_DIRS='stock' ZOOKEEPER_DATADIR='stock-too' start_feed
    [ -e "$PF_DATA/stock/meta.properties" ]
    has_said 'first price'
    end_feed
    [ "$(code)" = 0 ]
}

@test "an edited id, directory and ZooKeeper path are followed" {
    own_config
    sed -i -e 's/^broker.id=.*/broker.id=77/' -e 's/^log.dirs=.*/log.dirs=elsewhere/' \
        "$PF_CONFIG/server.properties"
    export KAFKA_ZOOKEEPER_CONNECT=localhost:$ZK_PORT/below
    start_feed
    grep -qx 'broker.id=77' "$PF_DATA/elsewhere/meta.properties"
    # shellcheck disable=SC2046 # a list
    kill -KILL $(feed_processes)
    eventually 5 feed_has_ended
    start_feed
    grep -q 'removed /brokers/ids/77' "$PF_RUN/log/kafka.log"
}

@test "mistakes in the four files are named, with line, before anything starts" {
    own_config
    echo 'feed.rtae=5' >>"$PF_CONFIG/producer.properties"
    refuses 'producer.properties:' "'feed.rtae'" 'feed.rate'

    own_config
    echo 'feed.start=now' >>"$PF_CONFIG/consumer.properties"
    refuses 'feed.start' "'now'"

    cp "$root"/config/*.properties "$PF_CONFIG"
    : >"$PF_CONFIG/server.properties"
    refuses 'server.properties: there is no setting in it'

    cp "$root"/config/*.properties "$PF_CONFIG"
    echo 'log.retention.ms=soon' >>"$PF_CONFIG/server.properties"
    refuses 'server.properties:' 'log.retention.ms' "'soon'"

    cp "$root"/config/*.properties "$PF_CONFIG"
    echo 'clientPort=zwei' >>"$PF_CONFIG/zookeeper.properties"
    unset ZOOKEEPER_CLIENTPORT
    refuses 'zookeeper.properties:' 'clientPort' "'zwei'"
}

@test "a volume that cannot be written to is refused, with uid and path" {
    [ "$(id -u)" = 0 ] || skip "needs root, to become another user"
    chmod 755 "$FEED" "$BATS_TEST_TMPDIR" "$BATS_RUN_TMPDIR"
    run setpriv --reuid 12345 --regid 12345 --clear-groups pf-init
    [ "$status" = 2 ]
    [[ $output == *"$PF_DATA belongs to uid 0"*"uid 12345 cannot write to it"* ]]
}

@test "one of two directories lost is refused, and what is left is kept" {
    # A blank in a path is part of it; one at its end is not.
    export KAFKA_LOG_DIRS='my data ' ZOOKEEPER_DATADIR='zoo keeper'
    start_feed
    end_feed
    mv "$PF_DATA/zoo keeper" "$FEED/lost"
    refuses "$PF_DATA/zoo keeper has no ZooKeeper data" \
        "move $PF_DATA/my data elsewhere"
    [[ $stderr != *reset* && $stderr != *delete* ]]
    mv "$FEED/lost" "$PF_DATA/zoo keeper"
    mv "$PF_DATA/my data" "$FEED/lost"
    refuses "$PF_DATA/my data has no Kafka data" \
        "move $PF_DATA/zoo keeper elsewhere"
    [[ $stderr != *reset* && $stderr != *delete* ]]
    mv "$PF_DATA/zoo keeper" "$FEED/aside"
    start_feed
}

@test "a console whose reader goes away ends the feed" {
    pf-init 2>"$FEED/err" 3>&- | head -n 3 >"$FEED/out"
    [ "$(prices)" = 3 ]
    grep -qx 'pricefeed: stopped cleanly' "$FEED/err"
    [ -z "$(feed_processes)" ]
}

@test "a console that nobody reads keeps nobody from stopping" {
    export PRODUCER_FEED_RATE=0
    mkfifo "$FEED/fifo"
    exec 8<>"$FEED/fifo"
    {
        code=0
        # shellcheck disable=SC2016 # for the inner shell
        sh -c 'echo $$ >"$FEED/pid" && exec pf-init' || code=$?
        echo "$code" >"$FEED/code"
    } >"$FEED/fifo" 2>"$FEED/err" 3>&- 8>&- &
    eventually 60 has_said 'first price'
    is_stuck() {
        run pf-broker health
        [[ $output == *'wait to be printed; does somebody read the console?'* ]]
    }
    eventually 20 is_stuck
    SECONDS=0
    end_feed
    in_time 8
    [ "$(code)" = 0 ]
    [ -e "$PF_DATA/kafka/.kafka_cleanshutdown" ]
}

@test "standard output may be a socket" {
    python3 - "$FEED" <<'END'
import socket, subprocess, sys
ours, theirs = socket.socketpair()
err = open(sys.argv[1] + "/err", "w")
feed = subprocess.Popen(["pf-init"], stdout=theirs, stderr=err)
theirs.close()
ours.settimeout(60)
lines = ours.makefile()
for _ in range(5):
    assert lines.readline().startswith('{"match": '), "a price"
feed.terminate()
assert feed.wait(15) == 0
END
    [ -z "$(feed_processes)" ]
}

@test "Ctrl-C in a terminal ends all of make run" {
    python3 - "$root" <<'END'
import os, pty, signal, subprocess, sys, time
pid, terminal = pty.fork()
if pid == 0:
    os.execvp("make", ["make", "-C", sys.argv[1], "run"])
signal.alarm(180)
text = b""
while text.count(b'{"match": ') < 5:
    text += os.read(terminal, 4096)
os.write(terminal, b"\x03")
begin = time.monotonic()
try:
    while True:
        part = os.read(terminal, 4096)
        if not part:
            break
        text += part
except OSError:
    pass  # how a terminal says that nobody has it open any more
os.waitpid(pid, 0)
print(text.decode()[-600:])
assert b"pricefeed: stopped cleanly" in text
assert time.monotonic() - begin < 9
END
    [ -z "$(feed_processes)" ]
}

@test "a terminal that is closed ends all of it" {
    python3 - <<'END'
import os, pty, signal
pid, terminal = pty.fork()
if pid == 0:
    os.execvp("pf-init", ["pf-init"])
signal.alarm(120)
text = b""
while text.count(b'{"match": ') < 3:
    text += os.read(terminal, 4096)
os.close(terminal)
os.waitpid(pid, 0)
END
    [ -z "$(feed_processes)" ]
}

@test "usage: --help, --version, mistakes" {
    run -0 pf-init --help
    [[ $output == usage:* ]]
    run -0 pf-init --version
    [[ $output == 'pf-init '* ]]
    run -2 pf-init --nonsense
    run -127 pf-init no-such-program
    run -0 pf-init pf-broker --version
    [[ $output == 'pf-broker '* ]]
}
