#!/usr/bin/env bats
# A secure cluster: FEED_SECURITY=tls with make run-cluster. Users with passwords need
# the image's librdkafka: tests/image/cluster_secure.bats.
# early: it mostly waits for JVMs
# shellcheck disable=SC2154 # root is from kafka.bash

bats_require_minimum_version 1.5.0
load run_cluster

setup_file() {
    export TLS=$BATS_FILE_TMPDIR/cluster/tls FEED_SECURITY=tls
    export PRODUCER_FEED_RATE=100 PRODUCER_FEED_SEED=5
    begin_cluster 120
}

# on NODE COMMAND...: as in that node's container; NODE is such as broker-1.
on() {
    PF_RUN=$PF_CLUSTER/$1/run PF_DATA=$PF_CLUSTER/$1/data \
        FEED_TLS_DIR=$TLS/${1/-//} "${@:2}"
}

port_of() {
    case $1 in
    zookeeper-*) echo $((CLUSTER_PORT + ${1#*-})) ;;
    broker-*) echo $((CLUSTER_PORT + 30 + ${1#*-})) ;;
    client-*) echo $((CLUSTER_PORT + 40 + ${1#*-})) ;;
    esac
}

# as CERTIFICATE KCAT-ARGUMENT...: at the port of broker 1 for the cluster's own.
as() {
    timeout 20 kcat -b "127.0.0.1:$(port_of broker-1)" -X security.protocol=ssl \
        -X "ssl.ca.location=$TLS/producer/ca.pem" \
        -X "ssl.certificate.location=$TLS/$1" -X "ssl.key.location=$TLS/$1" "${@:2}"
}

# asks_zookeeper [CERTIFICATE]: does it answer who has that one, or none? The
# command is held back until the handshake is over, and the answer is waited for.
asks_zookeeper() {
    timeout 10 python3 - "$(port_of zookeeper-1)" "$TLS/broker/1/zookeeper-ca.pem" \
        ${1:+"$1"} <<'END'
import socket, ssl, sys
context = ssl.create_default_context(cafile=sys.argv[2])
if len(sys.argv) > 3:
    context.load_cert_chain(sys.argv[3])
try:
    with context.wrap_socket(socket.create_connection(("127.0.0.1", int(sys.argv[1]))),
                             server_hostname="127.0.0.1") as s:
        s.sendall(b"srvr")
        sys.exit(b"Zookeeper version" not in s.recv(1000))
except ssl.SSLError as error:
    print(error)
    sys.exit(3)
END
}

@test "prices are printed, every part is healthy, and pf-broker says all is well" {
    local node
    for node in zookeeper-1 broker-1 broker-2 broker-3 producer consumer-1 web; do
        eventually 60 on "$node" pf-broker health
    done
    run -0 on broker-2 pf-broker status --wait
    [[ $output == *"All is well: 3 brokers, "* ]]
    [[ $output == *"127.0.0.1:$(port_of zookeeper-1)  standalone"* ]]
}

@test "each node is given its own certificates, and a client's has no key of others" {
    [ "$(cd "$TLS" && find . -name '*.pem' | sort | xargs)" = "$(
        echo ./authority/{authority,zookeeper}.pem \
            ./broker/{1,2,3}/{broker,ca,pf-broker,server,zookeeper-ca,zookeeper}.pem \
            ./consumer/{ca,consumer}.pem ./producer/{ca,producer}.pem \
            ./web/{ca,web}.pem ./zookeeper/1/{zookeeper-ca,zookeeper}.pem
    )" ]
    run find "$TLS" -type f -perm /077
    [ -z "$output" ]
}

@test "ZooKeeper answers brokers, and nobody without a certificate of their authority" {
    local own=$BATS_TEST_TMPDIR/own
    asks_zookeeper "$TLS/broker/1/zookeeper.pem"
    run -3 asks_zookeeper
    run -3 asks_zookeeper "$TLS/producer/producer.pem"
    run -3 asks_zookeeper "$TLS/broker/1/broker.pem"
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
        -subj /CN=broker -keyout "$own.key" -out "$own.crt" 2>/dev/null
    cat "$own.key" "$own.crt" >"$own.pem"
    run -3 asks_zookeeper "$own.pem"
    run ! answers "$(port_of zookeeper-1)" # in plain text
}

@test "no port of the brokers takes plain text, or a client without a certificate" {
    local port
    for port in $(port_of broker-1) $(port_of client-1); do
        run timeout 5 kcat -b "127.0.0.1:$port" -C -t prices-topic -c 1 -m 1
        [[ $status != 0 && $output != *match* ]]
    done
    run timeout 5 kcat -b "127.0.0.1:$(port_of broker-1)" -L -m 1 \
        -X security.protocol=ssl -X "ssl.ca.location=$TLS/producer/ca.pem"
    [ "$status" != 0 ]
}

@test "producer and consumer may do their work, and nothing else" {
    run -0 as consumer/consumer.pem -C -t prices-topic -o beginning -c 1 -q
    [[ $output == *match* ]]
    run as consumer/consumer.pem -P -t prices-topic <<<'not mine'
    [[ $status != 0 && $output == *"authorization failed"* ]]
    on broker-1 pf-broker topic mine --partitions 1
    run as producer/producer.pem -P -t mine <<<'not mine'
    [[ $status != 0 && $output == *"authorization failed"* ]]
    run as web/web.pem -P -t prices-topic <<<'not mine'
    [[ $status != 0 && $output == *"authorization failed"* ]]
}

@test "pf-broker status asks brokers that are named as it is told, and says why they refuse" {
    local dir=$TLS/broker/2 brokers
    brokers=127.0.0.1:$(port_of broker-3)
    cat >"$BATS_TEST_TMPDIR/client.properties" <<END
security.protocol=ssl
ssl.ca.location=$dir/ca.pem
ssl.certificate.location=$dir/pf-broker.pem
ssl.key.location=$dir/pf-broker.pem
END
    run -0 pf-broker status --bootstrap "$brokers" -F "$BATS_TEST_TMPDIR/client.properties"
    [[ $output == *"All is well: 3 brokers, "* ]]
    run -1 pf-broker status --bootstrap "$brokers" --timeout 3
    [[ $output == "No broker answers; asked: $brokers ("*"incorrect security.protocol"* ]]
    run -1 pf-broker status --bootstrap "$brokers" --timeout 3 \
        -X security.protocol=ssl -X "ssl.ca.location=$dir/zookeeper-ca.pem"
    [[ $output == *"SSL handshake failed"* ]]
    run -2 pf-broker status --bootstrap "$brokers" -X security.protocoll=ssl
    [[ $output == *"unknown setting 'security.protocoll'"*"did you mean 'security.protocol'"* ]]
    run -1 pf-broker reset --all --yes --bootstrap "$brokers" --timeout 3
    [[ $output == *"no broker answers; asked: $brokers; "* ]]
    run -2 pf-broker status -F /nowhere --bootstrap "$brokers"
}

@test "a broker killed with all of its node waits for its registration to go, and serves" {
    local pid printed
    eventually 60 on broker-1 pf-broker health
    pid=$(cat "$PF_CLUSTER/broker-1/pid")
    kill -KILL "$pid"
    is_back() {
        [ "$(cat "$PF_CLUSTER/broker-1/pid")" != "$pid" ] && on broker-1 pf-broker health
    }
    eventually 120 is_back
    grep -q 'waiting until /brokers/ids/1 of the broker that was killed expires' \
        "$PF_CLUSTER/broker-1/run/log/kafka.log"
    printed=$(wc -l <"$OUT")
    eventually 60 has_lines "$OUT" $((printed + 20))
}

@test "the authority renews what each broker shows its clients, and nothing else" {
    local before
    before=$(others)
    FEED_TLS_DIR=$TLS FEED_TLS_BROKERS=127.0.0.1,127.0.0.1,127.0.0.1 \
        FEED_TLS_ZOOKEEPERS=127.0.0.1 run -0 pf-broker renew
    [[ $output == *"made in $TLS: broker/1/server.pem broker/2/server.pem broker/3/server.pem" ]]
    [ "$(others)" = "$before" ]
}

# What the other files are.
others() {
    find "$TLS" -name '*.pem' ! -name server.pem -exec sha256sum {} + | sort
}
