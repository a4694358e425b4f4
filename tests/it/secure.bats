#!/usr/bin/env bats
# A secure feed: FEED_SECURITY=tls. One feed serves all tests but those of its
# certificates' files. Users with passwords need the image's librdkafka:
# tests/image/secure.bats.
# shellcheck disable=SC2154 # root is from kafka.bash

bats_require_minimum_version 1.5.0
load feed

setup_file() {
    feed_places "$BATS_FILE_TMPDIR/feed"
    export FEED_SECURITY=tls WEB_ENABLED=false
    start_feed
    export TLS=$PF_DATA/security
}

teardown_file() {
    end_feed
}

teardown() {
    show_feed_of_failure
}

# at_local CERTIFICATE KCAT-ARGUMENT...: as that client, which has no librdkafka
# of ours, from where the feed's own programs come.
at_local() {
    timeout 20 kcat -b "127.0.0.1:$LOCAL_PORT" -X security.protocol=ssl \
        -X "ssl.ca.location=$TLS/ca.pem" -X "ssl.certificate.location=$1" \
        -X "ssl.key.location=$1" "${@:2}"
}

# What openssl says of a connection to that port, and its exit code.
connect() {
    run timeout 10 openssl s_client -brief -connect "127.0.0.1:$1" \
        -CAfile "$TLS/ca.pem" -verify_return_error "${@:2}" </dev/null
}

@test "prices are printed, and Docker's question for its health is answered" {
    [[ $(head -n 1 "$FEED/out") =~ ^\{\"match\":\ [0-9]+,\ \"price\":\ [0-9.]+\}$ ]]
    run -0 pf-broker health
}

@test "every listener is encrypted, and a client without that reads nothing" {
    local port
    for port in "$LOCAL_PORT" "$DOCKER_PORT" "$FEED_PORT"; do
        run timeout 5 kcat -b "127.0.0.1:$port" -C -t prices-topic -c 1 -m 1
        [ "$status" != 0 ]
        [[ $output != *match* ]]
    done
}

@test "our consumer says in a sentence what a plain connection lacks" {
    grep -qm 1 "might be caused by incorrect security.protocol" < <(
        exec timeout 20 pf-consumer -X "bootstrap.servers=127.0.0.1:$FEED_PORT" \
            2>&1 3>&-)
}

@test "our consumer says why it refuses the broker's certificate" {
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
        -subj /CN=other -keyout "$BATS_TEST_TMPDIR/key" \
        -out "$BATS_TEST_TMPDIR/ca.pem" 2>/dev/null
    refuses_broker 127.0.0.1 "$BATS_TEST_TMPDIR/ca.pem" \
        "nobody whom ssl.ca.location names has signed it"
    # Another way to write the same address.
    refuses_broker 127.1 "$TLS/ca.pem" "it is for other names than the one"
}

# refuses_broker HOST CA REASON
refuses_broker() {
    grep -qm 1 "$3" < <(
        exec timeout 20 pf-consumer -X "bootstrap.servers=$1:$LOCAL_PORT" \
            -X security.protocol=ssl -X "ssl.ca.location=$2" 2>&1 3>&-)
}

@test "the certificate is for localhost and 127.0.0.1, and for nobody else" {
    local name
    for name in localhost feed "$(hostname)"; do
        connect "$FEED_PORT" -verify_hostname "$name"
        [[ $output == *"Verification: OK"* ]]
    done
    connect "$FEED_PORT" -verify_ip 127.0.0.1
    [[ $output == *"Verification: OK"* ]]
    connect "$FEED_PORT" -verify_hostname prices.example.com
    [[ $status != 0 && $output == *"ostname mismatch"* ]]
}

@test "old versions of TLS are refused" {
    connect "$FEED_PORT" -tls1_1 -cipher DEFAULT@SECLEVEL=0
    [ "$status" != 0 ]
    connect "$FEED_PORT" -tls1_2
    [ "$status" = 0 ]
}

@test "LOCAL refuses who has no certificate, an expired or a foreign one" {
    local own=$BATS_TEST_TMPDIR/own
    run timeout 5 kcat -b "127.0.0.1:$LOCAL_PORT" -L -m 1 \
        -X security.protocol=ssl -X "ssl.ca.location=$TLS/ca.pem"
    [ "$status" != 0 ]
    # Foreign: of an authority of its own, with the name of ours.
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
        -subj /CN=consumer -keyout "$own.key" -out "$own.crt" 2>/dev/null
    cat "$own.key" "$own.crt" >"$own.pem"
    run at_local "$own.pem" -L -m 1
    [ "$status" != 0 ]
    # Expired: of our own authority.
    openssl req -new -key "$own.key" -subj /CN=consumer -out "$own.csr"
    sign_for_the_past "$own"
    cat "$own.key" "$own.crt" >"$own.pem"
    run at_local "$own.pem" -L -m 1
    [ "$status" != 0 ]
    # The proof that the command is right.
    run -0 at_local "$TLS/consumer.pem" -L -m 5
}

# sign_for_the_past PREFIX: PREFIX.crt for PREFIX.csr, by the feed's authority,
# over long ago.
sign_for_the_past() {
    : >"$1.index"
    cat >"$1.conf" <<END
[ca]
default_ca = own
[own]
database = $1.index
new_certs_dir = $BATS_TEST_TMPDIR
rand_serial = yes
default_md = sha256
certificate = $TLS/ca.pem
private_key = $TLS/authority.pem
policy = any
[any]
commonName = supplied
END
    openssl ca -batch -notext -config "$1.conf" -in "$1.csr" -out "$1.crt" \
        -startdate 20200101000000Z -enddate 20200102000000Z 2>&1
}

@test "the producer's certificate writes its topic, and no other one" {
    pf-broker topic mine
    echo '{"match": 123, "price": 4.56}' |
        at_local "$TLS/producer.pem" -P -t prices-topic
    run at_local "$TLS/producer.pem" -P -t mine <<<'not mine'
    [ "$status" != 0 ]
    [[ $output == *"authorization failed"* ]]
    [[ $output != *"not mine"* ]]
}

@test "the consumer's certificate reads its topic, and neither writes it nor reads another" {
    run -0 at_local "$TLS/consumer.pem" -C -t prices-topic -o beginning -c 1 -q
    [[ $output == *match* ]]
    run at_local "$TLS/consumer.pem" -P -t prices-topic <<<'not mine'
    [[ $status != 0 && $output == *"authorization failed"* ]]
    pf-broker topic mine
    run at_local "$TLS/consumer.pem" -C -t mine -o beginning -e
    [[ $status != 0 && $output == *"authorization failed"* ]]
}

@test "the page's certificate reads any topic, and writes none" {
    run -0 at_local "$TLS/web.pem" -C -t prices-topic -o beginning -c 1 -q
    run at_local "$TLS/web.pem" -P -t prices-topic <<<'not mine'
    [[ $status != 0 && $output == *"authorization failed"* ]]
}

@test "our consumer says which right it lacks, and ends" {
    local local=(-X "bootstrap.servers=127.0.0.1:$LOCAL_PORT"
        -X security.protocol=ssl -X "ssl.ca.location=$TLS/ca.pem"
        -X "ssl.certificate.location=$TLS/consumer.pem"
        -X "ssl.key.location=$TLS/consumer.pem")
    pf-broker topic mine
    run -1 timeout 30 pf-consumer "${local[@]}" -X feed.topic=mine
    [[ $output == *"kafka: mine [0]: Broker: Topic authorization failed"* ]]
    run -1 timeout 30 pf-consumer "${local[@]}" -X group.id=other
    [[ $output == *"kafka: prices-topic [0]: Broker: Group authorization failed"* ]]
}

@test "no password is in a listing of processes or variables, or in a log" {
    local password pid
    password=$(cat "$TLS/reader.password")
    [ "${#password}" = 32 ]
    for pid in $(feed_processes); do
        run ! grep -qF -- "$password" "/proc/$pid/environ" "/proc/$pid/cmdline"
    done
    run ! grep -rqF -- "$password" "$PF_RUN" "$FEED/out" "$FEED/err"
}

@test "what is secret can be read by one user only" {
    run find "$TLS" "$PF_RUN"/*.properties -perm /077
    [ -z "$output" ]
}

@test "users have a name and topics that Kafka can have, and reader is the feed's" {
    run -2 pf-broker add-user
    [[ $output == *"a name is missing"* ]]
    run -2 pf-broker add-user 'a b'
    [[ $output == *"'a b' is not a name"* ]]
    run -2 pf-broker add-user alice --read 'a/b'
    [[ $output == *"'a/b' is neither a topic nor the beginning of topics"* ]]
    run -2 pf-broker add-user alice --password-file /nowhere
    [[ $output == *"/nowhere: No such file"* ]]
    run -2 pf-broker remove-user reader
    [[ $output == *"security/reader.password"* ]]
}

@test "with another word, or half of an own certificate, the feed does not start" {
    feed_places
    run -2 env FEED_SECURITY=none pf-broker certificates
    [[ $output == *"this feed is not secured"* ]]
    FEED_SECURITY=yes refuses "FEED_SECURITY: 'yes' is neither none nor tls"
    FEED_TLS_CERTIFICATE=a.pem refuses \
        "FEED_TLS_CERTIFICATE is set and FEED_TLS_KEY is not"
    FEED_TLS_CERTIFICATE=a.pem FEED_TLS_KEY=a.key refuses "a.pem: No such file"
    FEED_SECURITY='' FEED_TLS_NAMES=a refuses "nothing is encrypted"
}

@test "a certificate that is damaged, or whose authority is lost, is named and left alone" {
    feed_places
    pf-broker certificates
    echo damaged >"$PF_DATA/security/web.pem"
    refuses "security/web.pem: there is no certificate in it; remove it"
    [ "$(cat "$PF_DATA/security/web.pem")" = damaged ]
    rm "$PF_DATA/security/authority.pem"
    refuses "security/authority.pem is missing" "bring it back"
}

@test "a certificate of one's own is checked, and a name that clients are told is missed" {
    local own=$BATS_TEST_TMPDIR/own
    feed_places
    openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=own -keyout "$own.key" \
        -addext subjectAltName=DNS:prices.example -out "$own.pem" 2>/dev/null
    export FEED_TLS_CERTIFICATE=$own.pem FEED_TLS_KEY=$own.key
    run -0 pf-broker certificates
    [[ $output == *"the certificate is not for localhost"* ]]
    run -0 env KAFKA_ADVERTISED_LISTENERS="HOST://prices.example:$FEED_PORT" \
        KAFKA_LISTENERS="HOST://127.0.0.1:$FEED_PORT" pf-broker certificates
    [[ $output != *"the certificate is not for"* ]]
    openssl verify -CAfile "$own.pem" "$PF_RUN/given.pem"
    openssl pkey -in "$PF_RUN/given.pem" -noout
    FEED_TLS_KEY=$PF_DATA/security/server.pem refuses "the key is not that of"
}
