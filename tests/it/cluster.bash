# cluster.bash - a real cluster of a test's own: three brokers, and one ZooKeeper
# or three.
# shellcheck shell=bash
#
# Load it, call start_cluster in setup_file and stop_cluster in teardown_file.
# Drills source it. Nodes are numbered from 1; a broker's number is its id. Each
# has a directory of its own, $CLUSTER/broker.N or $CLUSTER/zookeeper.N, with
# data, run and the file log. BOOTSTRAP_SERVERS and ZOOKEEPER_CONNECT are then
# set, for pf-broker status, too; they are in the file $CLUSTER/addresses, for
# use_cluster.
#
# A topic gets six partitions, three replicas, and min.insync.replicas=2; it is
# made when it is first used.

# shellcheck source=tests/it/kafka.bash
source "${BASH_SOURCE%/*}/kafka.bash"

# host_of broker|zookeeper N: where others find it.
host_of() {
    echo 127.0.0.1
}

# listening_host BROKER: where it listens.
listening_host() {
    host_of broker "$1"
}

# zookeepers_of BROKER: where it finds them.
zookeepers_of() {
    echo "$ZOOKEEPER_CONNECT"
}

# in_node broker|zookeeper N COMMAND...: become it, in the node's network.
in_node() {
    exec "${@:3}"
}

# start_cluster DIR [ZOOKEEPERS]: below DIR, with one ZooKeeper or three; wait
# until all is well.
start_cluster() {
    local n
    export CLUSTER=$1 PF_JARS=${PF_JARS:-$root/build/jars}
    export BOOTSTRAP_SERVERS ZOOKEEPER_CONNECT
    "$root/broker/fetch-jars" "$PF_JARS"
    make_zookeepers "${2:-1}"
    make_brokers
    printf '%s\n' "$BOOTSTRAP_SERVERS" "$ZOOKEEPER_CONNECT" >"$CLUSTER/addresses"
    for n in $(numbers_of zookeeper); do
        start_zookeeper "$n"
    done
    for n in $(numbers_of zookeeper); do
        eventually 60 zookeeper_serves "$n"
    done
    for n in $(numbers_of broker); do
        launch broker "$n"
    done
    eventually 180 knows_brokers 3
    await_cluster 180
}

# use_cluster DIR: one that start_cluster has started elsewhere.
use_cluster() {
    export CLUSTER=$1 PF_JARS=${PF_JARS:-$root/build/jars}
    export BOOTSTRAP_SERVERS ZOOKEEPER_CONNECT
    {
        read -r BOOTSTRAP_SERVERS
        read -r ZOOKEEPER_CONNECT
    } <"$CLUSTER/addresses"
}

# knows_brokers N: a client is told of that many.
knows_brokers() {
    kcat -b "$BOOTSTRAP_SERVERS" -L -m 5 | grep -q "^ $1 brokers:"
}

# await_cluster [SECONDS]: until all is well with it.
await_cluster() {
    pf-broker status --wait --timeout "${1:-90}"
}

# Those that there are of zookeeper or broker, one a line.
numbers_of() {
    find "$CLUSTER" -maxdepth 1 -name "$1.*" | sed 's/.*\.//' | sort -n
}

# make_zookeepers COUNT: their directories and settings.
make_zookeepers() {
    local count=$1 n host addresses=() servers=()
    for ((n = 1; n <= count; n++)); do
        host=$(host_of zookeeper "$n")
        addresses+=("$host:$(unused_port)")
        servers+=("server.$n=$host:$(unused_port):$(unused_port)")
    done
    for ((n = 1; n <= count; n++)); do
        mkdir -p "$CLUSTER/zookeeper.$n"/{run,data/zookeeper}
        {
            cat "$root/config/zookeeper.properties"
            echo "clientPort=${addresses[n - 1]#*:}"
            echo "clientPortAddress=${addresses[n - 1]%:*}"
            if ((count > 1)); then
                printf '%s\n' initLimit=10 syncLimit=5 "${servers[@]}"
                echo "$n" >"$CLUSTER/zookeeper.$n/data/zookeeper/myid"
            fi
        } >"$CLUSTER/zookeeper.$n/run/zookeeper.properties"
    done
    ZOOKEEPER_CONNECT=$(list_of "${addresses[@]}")
}

make_brokers() {
    local n addresses=()
    for n in 1 2 3; do
        addresses+=("$(host_of broker "$n"):$(unused_port)")
        mkdir -p "$CLUSTER/broker.$n"/{run,data}
        {
            cat "$root/config/server.properties"
            echo "broker.id=$n"
            echo "zookeeper.connect=$(zookeepers_of "$n")"
            echo "listeners=LOCAL://$(listening_host "$n"):${addresses[n - 1]#*:}"
            echo "advertised.listeners=LOCAL://${addresses[n - 1]}"
            cat <<'END'
auto.create.topics.enable=true
num.partitions=6
default.replication.factor=3
min.insync.replicas=2
unclean.leader.election.enable=false
zookeeper.session.timeout.ms=4500
offsets.commit.timeout.ms=2000
offsets.topic.replication.factor=3
transaction.state.log.replication.factor=3
transaction.state.log.min.isr=2
controlled.shutdown.enable=true
END
        } >"$CLUSTER/broker.$n/run/server.properties"
    done
    BOOTSTRAP_SERVERS=$(list_of "${addresses[@]}")
}

# list_of WORD...: with commas between them.
list_of() {
    local IFS=,
    echo "$*"
}

# launch broker|zookeeper N: start its JVM, and do not wait.
launch() {
    local node=$CLUSTER/$1.$2 script=$1
    [ "$1" = zookeeper ] || script=kafka
    # Not a job of the test's, which ends those; and descriptor 3 would keep bats
    # waiting.
    PF_DATA=$node/data PF_RUN=$node/run KAFKA_HEAP_OPTS='-Xms48m -Xmx128m' \
        in_node "$1" "$2" "$root/broker/$script" >>"$node/log" 2>&1 3>&- &
    echo $! >"$node/pid"
    disown
}

# pid_of broker|zookeeper N
pid_of() {
    cat "$CLUSTER/$1.$2/pid"
}

# port_of broker|zookeeper N: of its address in the list.
port_of() {
    local list=$BOOTSTRAP_SERVERS
    [ "$1" = broker ] || list=$ZOOKEEPER_CONNECT
    cut -d , -f "$2" <<<"$list" | cut -d : -f 2
}

# kill_node broker|zookeeper N: with -9.
kill_node() {
    local pid
    pid=$(pid_of "$1" "$2")
    kill -KILL "$pid"
    eventually 10 gone "$pid"
}

kill_broker() {
    kill_node broker "$1"
}

# start_broker N: once the others have forgotten it. The registration of a
# broker that was killed expires after 5.5 s; if it comes back before, it ends.
start_broker() {
    eventually 30 is_forgotten "$1"
    launch broker "$1"
}

is_forgotten() {
    local known
    known=$(kcat -b "$BOOTSTRAP_SERVERS" -L -m 5) || return
    ! grep -q "^ *broker $1 at " <<<"$known"
}

start_zookeeper() {
    launch zookeeper "$1"
}

zookeeper_serves() {
    answers "$(port_of zookeeper "$1")" "$(host_of zookeeper "$1")"
}

# controller: the number of the broker that is it, by what a client is told.
controller() {
    kcat -b "$BOOTSTRAP_SERVERS" -L -m 5 |
        sed -nE 's/^ +broker ([0-9]+) at .* \(controller\)$/\1/p'
}

# leader_of TOPIC PARTITION: the number of the broker that leads it.
leader_of() {
    kcat -b "$BOOTSTRAP_SERVERS" -L -m 5 -t "$1" |
        sed -nE "s/^ +partition $2, leader ([0-9]+),.*/\1/p"
}

# Nothing of it is left, at once: a clean stop of all brokers would take long,
# because the last ones find nobody to hand their partitions to.
stop_cluster() {
    local file pid
    for file in "$CLUSTER"/*/pid; do
        pid=$(cat "$file")
        kill -KILL "$pid" 2>/dev/null || :
        eventually 10 gone "$pid"
    done
}
