#!/usr/bin/env bats
# compose-pipeline/cluster-secure.yml: who gets in, and who does not. The tests are one
# story. tests/it/cluster_secure.bats has what needs no user with a password.
# shellcheck shell=bash disable=SC2016,SC2154,SC2164

bats_require_minimum_version 1.5.0
load image.bash

start_project() {
    build_image
    build_image client
    make_secure_cluster_project
    compose up --no-build --detach
}

setup() {
    need_engine
    cd "$project"
    ca=$BATS_FILE_TMPDIR/ca.pem
    brokers=localhost:$BROKER_1_PORT,localhost:$BROKER_2_PORT,localhost:$BROKER_3_PORT
}

teardown() {
    [ -n "${BATS_TEST_COMPLETED:-}" ] || compose logs --no-color --tail 10
}

# in_part PART COMMAND...: in the container of cluster-PART.
in_part() {
    docker exec "$(compose ps -q "cluster-$1")" "${@:2}"
}

# as USER PASSWORD KCAT-ARGUMENT...: from this computer.
as() {
    timeout 30 kcat -b "$brokers" -X security.protocol=sasl_ssl \
        -X "ssl.ca.location=$ca" -X sasl.mechanism=SCRAM-SHA-512 \
        -X "sasl.username=$1" -X "sasl.password=$2" "${@:3}"
}

reader() {
    as reader "$(cat "$BATS_FILE_TMPDIR/password")" "$@"
}

printed() {
    docker logs "$(compose ps -q cluster-consumer)" 2>/dev/null
}

has_printed() {
    (($(printed | wc -l) >= $1))
}

@test "prices are printed, every part is healthy, and the authority has ended with 0" {
    local part
    eventually 180 has_printed 1
    [[ $(printed | head -n 1) =~ $price ]]
    for part in zookeeper-1 zookeeper-2 zookeeper-3 broker-1 broker-2 broker-3 \
        producer consumer; do
        eventually 120 in_part "$part" pf-broker health
    done
    eventually 120 in_part broker-2 pf-broker status
    run -0 in_part broker-2 pf-broker status
    [[ $output == *"All is well: 3 brokers, "*", 3 ZooKeepers." ]]
    [ "$(docker inspect --format '{{.State.Status}} {{.State.ExitCode}}' \
        "$(compose ps -q cluster-authority)")" = 'exited 0' ]
    [ -z "$(compose ps -q cluster-web)" ] # the page is off
    in_part broker-1 cat /var/lib/pricefeed-tls/broker/1/ca.pem >"$ca"
    in_part broker-1 cat /var/lib/pricefeed-tls/broker/1/reader.password \
        >"$BATS_FILE_TMPDIR/password"
}

@test "kcat with the password reads what the console shows, byte for byte" {
    eventually 30 has_printed 200
    reader -t prices-topic -C -q -o beginning -e | sort >"$BATS_TEST_TMPDIR/topic"
    # What is printed later than that was read is not in it.
    printed | head -n 200 | sort >"$BATS_TEST_TMPDIR/console"
    [ -z "$(comm -13 "$BATS_TEST_TMPDIR/topic" "$BATS_TEST_TMPDIR/console")" ]
    (($(wc -l <"$BATS_TEST_TMPDIR/topic") >= 200))
}

@test "without it, or with a wrong one, it reads nothing" {
    reads_nothing timeout 10 kcat -b "$brokers"
    reads_nothing as reader wrong
    reads_nothing as nobody wrong
}

@test "users are the same at all brokers; each may do what was said, and is listed" {
    local password
    in_part broker-1 pf-broker topic mine --partitions 3
    password=$(in_part broker-2 pf-broker add-user alice --write mine --read 'mi*')
    eventually 20 as alice "$password" -L -t mine
    as alice "$password" -P -t mine <<<'mine'
    [ "$(as alice "$password" -C -t mine -o beginning -e -q)" = mine ]
    run as alice "$password" -C -t prices-topic -e
    [[ $status != 0 && $output == *"authorization failed"* ]]
    run reader -P -t prices-topic <<<'not mine'
    [[ $status != 0 && $output == *"authorization failed"* ]]
    run -0 in_part broker-3 pf-broker users
    [ "$output" = "user    reads         writes
alice   mi*           mine
reader  prices-topic  -" ]
    in_part broker-3 pf-broker remove-user alice
    run -0 in_part broker-1 pf-broker users
    [[ $output != *alice* ]]
}

@test "pf-broker status from elsewhere needs a password, and says what is wrong with it" {
    local settings=(-X security.protocol=sasl_ssl -X sasl.mechanism=SCRAM-SHA-512
        -X "ssl.ca.location=/var/lib/pricefeed-tls/producer/ca.pem"
        -X sasl.username=reader) bootstrap=cluster-broker-3:29093
    run -0 in_part producer pf-broker status --bootstrap "$bootstrap" \
        "${settings[@]}" -X "sasl.password=$(cat "$BATS_FILE_TMPDIR/password")"
    [[ $output == *"All is well: 3 brokers, "* ]]
    run -1 in_part producer pf-broker status --bootstrap "$bootstrap" --timeout 3 \
        "${settings[@]}" -X sasl.password=wrong
    [[ $output == *"No broker answers; asked: $bootstrap ("*"invalid credentials"* ]]
}

@test "ZooKeepers are on a network of the brokers' own, and take no foreign certificate" {
    run ! in_part producer getent hosts cluster-zookeeper-1
    run ! in_part zookeeper-1 getent hosts cluster-producer
    in_part broker-1 getent hosts cluster-zookeeper-1
    # Within that network a foreign certificate does not help, nor does none.
    docker run --rm --detach --name "$COMPOSE_PROJECT_NAME-guest" \
        --network "${COMPOSE_PROJECT_NAME}_cluster-ensemble" \
        --entrypoint sleep "$image" 600
    guest_asks() {
        docker exec --interactive "$COMPOSE_PROJECT_NAME-guest" timeout 20 python3 - \
            "$@" <<'END'
import socket, ssl, sys
host, port, *certificate = sys.argv[1:]
context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
if certificate:
    context.load_cert_chain(certificate[0])
try:
    with context.wrap_socket(socket.create_connection((host, int(port)))) as s:
        s.sendall(b"srvr")
        print(s.recv(1000))
except ssl.SSLError as error:
    print("refused:", error)
END
    }
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 9 \
        -subj /CN=broker -keyout "$BATS_TEST_TMPDIR/key" \
        -out "$BATS_TEST_TMPDIR/crt" 2>/dev/null
    cat "$BATS_TEST_TMPDIR/key" "$BATS_TEST_TMPDIR/crt" |
        docker exec --interactive "$COMPOSE_PROJECT_NAME-guest" \
            sh -c 'cat >/tmp/foreign.pem'
    # The producer's own, of the brokers' authority.
    in_part producer cat /var/lib/pricefeed-tls/producer/producer.pem |
        docker exec --interactive "$COMPOSE_PROJECT_NAME-guest" \
            sh -c 'cat >/tmp/producer.pem'
    in_part broker-1 cat /var/lib/pricefeed-tls/broker/1/zookeeper.pem |
        docker exec --interactive "$COMPOSE_PROJECT_NAME-guest" \
            sh -c 'cat >/tmp/broker.pem'
    [[ $(guest_asks cluster-zookeeper-2 2181) == refused:* ]]
    [[ $(guest_asks cluster-zookeeper-2 2181 /tmp/foreign.pem) == refused:* ]]
    [[ $(guest_asks cluster-zookeeper-2 2181 /tmp/producer.pem) == refused:* ]]
    [[ $(guest_asks cluster-zookeeper-2 3888 /tmp/foreign.pem) == refused:* ]]
    # The proof that the question is right.
    [[ $(guest_asks cluster-zookeeper-2 2181 /tmp/broker.pem) == *"Zookeeper version"* ]]
    docker rm --force "$COMPOSE_PROJECT_NAME-guest"
}

# listening PART: ports that are listened on, each with ! if at loopback alone;
# without that of Docker's own name server, at 127.0.0.11, and without the one that
# ZooKeeper takes for itself on it.
listening() {
    in_part "$1" cat /proc/net/tcp /proc/net/tcp6 | python3 -c '
import sys
for line in sys.stdin:
    words = line.split()
    if words[3] == "0A" and not words[1].startswith("0B00007F"):
        host, port = words[1].split(":")
        inner = host.endswith("0100007F") or host == "0" * 24 + "01000000"
        print(int(port, 16), "!" * inner, sep="")' | sort -n | uniq | xargs
}

@test "only the documented ports are open, and only the brokers' are published" {
    local n part
    for n in 1 2 3; do
        [ "$(listening "broker-$n")" = "9092 29092 29093" ]
        run listening "zookeeper-$n" # the leader's has 2888, too
        [[ $output = "2181 3888" || $output = "2181 2888 3888" ]]
        [ -z "$(docker port "$(compose ps -q "cluster-zookeeper-$n")")" ]
        [[ $(docker port "$(compose ps -q "cluster-broker-$n")") =~ \
            ^9092/tcp\ -\>\ 127\.0\.0\.1:[0-9]+$ ]]
    done
    for part in producer consumer; do
        [ -z "$(listening "$part")" ]
        [ -z "$(docker port "$(compose ps -q "cluster-$part")")" ]
    done
}

@test "no key or password is in the image, a container's description, environment or log" {
    local password part
    password=$(cat "$BATS_FILE_TMPDIR/password")
    [ "${#password}" = 32 ]
    [ -z "$(docker run --rm --entrypoint find "$image" /var/lib/pricefeed-tls -type f)" ]
    for part in authority broker-1 producer consumer zookeeper-1; do
        run docker inspect "$(compose ps -q "cluster-$part")"
        [[ $output != *"$password"* && $output != *"PRIVATE KEY"* ]]
        run docker logs "$(compose ps -q "cluster-$part")"
        [[ $output != *"$password"* && $output != *"PRIVATE KEY"* ]]
    done
    run in_part broker-1 grep -rlF -- "$password" /run /proc/1/environ
    [ -z "$output" ]
    # What each part is given is its own, and read-only.
    run ! in_part consumer ls /var/lib/pricefeed-tls/authority/authority.pem
    run ! in_part broker-1 ls /var/lib/pricefeed-tls/authority/authority.pem
    run ! in_part consumer ls /var/lib/pricefeed-tls/broker/1
    run ! in_part broker-1 touch /var/lib/pricefeed-tls/broker/1/new
}

# serial N: the number of the certificate that broker N shows.
serial() {
    local port=BROKER_$1_PORT
    openssl s_client -connect "localhost:${!port}" </dev/null 2>/dev/null |
        openssl x509 -noout -serial
}

@test "certificates are renewed while prices flow, broker by broker; none is lost or twice" {
    local n before=() after printed
    for n in 1 2 3; do
        before[n]=$(serial "$n")
    done
    printed=$(printed | wc -l)
    compose run --rm cluster-authority pf-broker renew
    for n in 1 2 3; do
        in_part "broker-$n" pf-broker renew
        after=$(serial "$n")
        [ "$after" != "${before[n]}" ]
        eventually 120 in_part "broker-$n" pf-broker status
    done
    eventually 60 has_printed $((printed + 20))
    compose stop --timeout 20 cluster-producer
    reader -t prices-topic -C -q -o beginning -e -f '%s %h\n' >"$BATS_TEST_TMPDIR/topic"
    eventually 30 has_printed "$(wc -l <"$BATS_TEST_TMPDIR/topic")"
    # Each number of the run is there once, and each price is printed once.
    diff <(sed 's/.*feed-seq=\([0-9]*\).*/\1/' "$BATS_TEST_TMPDIR/topic" | sort -n) \
        <(seq 0 $(($(wc -l <"$BATS_TEST_TMPDIR/topic") - 1)))
    diff <(sed 's/} .*/}/' "$BATS_TEST_TMPDIR/topic" | sort) <(printed | sort)
}

@test "all of it is stopped and started again: the same authority, password and records" {
    local first
    first=$(reader -t prices-topic -p 0 -C -q -o beginning -c 1)
    compose stop --timeout 30
    compose up --no-build --detach
    again() {
        [ "$(reader -t prices-topic -p 0 -C -q -o beginning -c 1 -m 3)" = "$first" ]
    }
    eventually 120 again
    in_part broker-3 cat /var/lib/pricefeed-tls/broker/3/ca.pem | diff "$ca" -
}
