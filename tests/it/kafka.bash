# kafka.bash - a real Kafka and ZooKeeper of a test file's own, without a feed.
#
# Load it, call start_kafka in setup_file and stop_kafka in teardown_file. They
# take free ports and live below BATS_FILE_TMPDIR, beside whatever else runs.
# BROKER is then the broker's address. tests/it/feed.bash starts a whole feed.

root=$(cd "${BASH_SOURCE%/*}/../.." && pwd)
PATH=$root/build:$PATH

# shellcheck source=tests/eventually.bash
source "$root/tests/eventually.bash"
# shellcheck source=tests/ports.bash
source "$root/tests/ports.bash"

# JVMs of a test run for seconds: classes come from archives, and the optimising
# compiler would cost more than it gains.
export PF_ARCHIVES=${PF_ARCHIVES-$root/build/tests/it/archives}
export KAFKA_OPTS=${KAFKA_OPTS--XX:TieredStopAtLevel=1}

# What tests need besides the programs, which `make it` has made before.
have_tools() {
    export PF_JARS=${PF_JARS:-$root/build/jars} PF_PAGE=${PF_PAGE:-$root/build/page}
    MAKEFLAGS='' make --silent --directory="$root" it-tools 3>&-
}

# The broker has the settings in the array broker_settings, too.
start_kafka() {
    local zookeeper_port broker_port
    read -r zookeeper_port broker_port < <(unused_port 2)
    export BROKER=127.0.0.1:$broker_port
    export PF_DATA=$BATS_FILE_TMPDIR/data PF_RUN=$BATS_FILE_TMPDIR/run
    have_tools
    mkdir -p "$PF_DATA" "$PF_RUN"

    {
        cat "$root/config/zookeeper.properties"
        echo "clientPort=$zookeeper_port"
    } >"$PF_RUN/zookeeper.properties"
    {
        cat "$root/config/server.properties"
        echo "zookeeper.connect=127.0.0.1:$zookeeper_port"
        echo "listeners=LOCAL://$BROKER"
        echo "advertised.listeners=LOCAL://$BROKER"
        echo "auto.create.topics.enable=true" # each test has topics of its own
        printf '%s\n' "${broker_settings[@]}"
    } >"$PF_RUN/server.properties"

    # Not a child of bats' own: descriptor 3 would keep it waiting.
    "$root/broker/zookeeper" >"$PF_RUN/zookeeper.log" 2>&1 3>&- &
    echo $! >"$PF_RUN/zookeeper.pid"
    eventually 30 answers "$zookeeper_port"
    "$root/broker/kafka" >"$PF_RUN/kafka.log" 2>&1 3>&- &
    echo $! >"$PF_RUN/kafka.pid"
    eventually 60 kcat -b "$BROKER" -L -m 2
}

# answers PORT [HOST]: does ZooKeeper there? A connection made while it starts may
# never get an answer.
answers() {
    exec 9<>"/dev/tcp/${2:-127.0.0.1}/$1" || return
    echo srvr >&9
    timeout 1 grep -q Mode <&9
}

stop_kafka() {
    local name pid
    for name in kafka zookeeper; do
        pid=$(cat "$PF_RUN/$name.pid")
        kill "$pid"
        eventually 20 gone "$pid" || kill -KILL "$pid"
    done
}

# End what the test has left running, each by its number; and what that has
# started, such as timeout(1).
end_jobs() {
    local pid
    for pid in $(jobs -p); do
        # shellcheck disable=SC2046 # some numbers, or none
        kill -KILL "$pid" $(pgrep -P "$pid") 2>/dev/null || :
        wait "$pid" 2>/dev/null || :
    done
}

# admin ORDER WORD...: see admin.c.
admin() {
    "$root/build/tests/it/admin" "$BROKER" "$@"
}

# create TOPIC[:PARTITIONS] SETTING=VALUE...: topics, each with a setting of its
# own.
create() {
    admin create "$@"
}

# has_taken N TOPIC: the broker has taken settings for it over more than N times.
has_taken() {
    (($(grep -c "override for entityPath: topics/$2 " "$PF_RUN/kafka.log") > $1))
}

# change TOPIC SETTING=VALUE: from then on it has that setting, and no other of its
# own. The broker answers as soon as ZooKeeper has it, and takes it over later.
change() {
    local before
    before=$(grep -c "override for entityPath: topics/$1 " "$PF_RUN/kafka.log") || :
    admin set "$@"
    eventually 20 has_taken "$before" "$1"
}

# delete TOPIC [OFFSET]: the topic, or what it has before that offset.
delete() {
    admin delete "$@"
}

# java_program NAME: put the words that start a Java program of tests/it, but for
# its arguments, into the array java.
java_program() {
    # Few run long enough for the optimising compiler.
    java=(java -XX:TieredStopAtLevel=1 -cp "$root/build/tests/it/java:$PF_JARS/*"
        "$1" "$BROKER")
}

# begin_transactions TOPIC: a producer of somebody else's, which transact
# steers; end_transactions ends it, whatever it does, as a crash would.
begin_transactions() {
    local java
    java_program Transactions
    mkfifo "$BATS_TEST_TMPDIR/orders"
    "${java[@]}" "$1" \
        <"$BATS_TEST_TMPDIR/orders" >"$BATS_TEST_TMPDIR/done" 2>&1 3>&- &
    transactions=$!
    exec {orders}>"$BATS_TEST_TMPDIR/orders"
    orders_given=0
}

# transact ORDER...: see Transactions.java; waits until all is done.
transact() {
    printf '%s\n' "$@" >&"$orders"
    orders_given=$((orders_given + $#))
    eventually 60 orders_done
}

orders_done() {
    (($(grep -cxE 'begin|send|commit|abort' "$BATS_TEST_TMPDIR/done") >=
        orders_given))
}

end_transactions() {
    kill -KILL "$transactions"
    wait "$transactions" || :
    exec {orders}>&-
}

# The lines of a seeded run, without Kafka.
expected() {
    pf-producer -X feed.sink=console -X feed.rate=0 -X "feed.seed=$1" \
        -X "feed.count=$2"
}

# The offset after a topic's last record.
end_of() {
    kcat -b "$BROKER" -Q -t "$1:0:-1" | sed 's/.* offset //'
}

# has_lines FILE N: N or more.
has_lines() {
    (($(wc -l <"$1") >= $2))
}

gone() {
    ! kill -0 "$1" 2>/dev/null
}
