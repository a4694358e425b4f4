#!/usr/bin/env bats
# compose-pipeline/secure.yml: who gets in, and who does not. The tests are one
# story. tests/it/secure.bats has what needs no user with a password.
# shellcheck shell=bash disable=SC2016,SC2154,SC2164

load image.bash

start_project() {
    build_image
    make_client_project secure
    compose up --no-build --detach
}

setup() {
    need_engine
    cd "$project"
    ca=$BATS_FILE_TMPDIR/ca.pem
}

# in_feed COMMAND...: in the container.
in_feed() {
    docker exec "$(container)" "$@"
}

# as USER PASSWORD KCAT-ARGUMENT...: from this computer.
as() {
    timeout 30 kcat -b "localhost:$FEED_PORT" -X security.protocol=sasl_ssl \
        -X "ssl.ca.location=$ca" -X sasl.mechanism=SCRAM-SHA-512 \
        -X "sasl.username=$1" -X "sasl.password=$2" "${@:3}"
}

# hears TEXT BROKER SETTING...: does our consumer say so when it connects like
# that, as another service would? With the image's librdkafka.
hears() {
    local settings=(-X "bootstrap.servers=$2") one
    for one in security.protocol=sasl_ssl group.id=reader \
        ssl.ca.location=/var/lib/pricefeed/security/ca.pem "${@:3}"; do
        settings+=(-X "$one")
    done
    grep -qm 1 -F -- "$1" < <(exec timeout 30 docker exec "$(container)" \
        timeout 25 pf-consumer "${settings[@]}" 2>&1 3>&-)
}

# The settings of the user reader with that password.
reader_with() {
    echo "sasl.mechanism=SCRAM-SHA-512" "sasl.username=reader" "sasl.password=$1"
}

@test "prices are printed, and Docker finds it healthy" {
    [[ $(next_line "$(container)") =~ $price ]]
    wait_healthy "$(container)"
    in_feed cat security/ca.pem >"$ca"
    in_feed cat security/reader.password >"$BATS_FILE_TMPDIR/password"
}

@test "kcat with the password reads what the console shows, byte for byte" {
    as reader "$(cat "$BATS_FILE_TMPDIR/password")" -t prices-topic -C -q \
        -o beginning -c 20 >"$BATS_TEST_TMPDIR/topic"
    docker logs "$(container)" 2>/dev/null | head -n 20 |
        diff "$BATS_TEST_TMPDIR/topic" -
    [ "$(wc -l <"$BATS_TEST_TMPDIR/topic")" = 20 ]
}

@test "without it, or with a wrong one, it reads nothing" {
    reads_nothing timeout 10 kcat -b "localhost:$FEED_PORT"
    reads_nothing as reader wrong
    reads_nothing as nobody wrong
}

@test "our consumer says what is wrong: password, certificate, name, protocol" {
    local address foreign=/tmp/foreign.pem
    # shellcheck disable=SC2046 # several settings
    hears "invalid credentials" feed:29092 $(reader_with wrong)
    address=$(docker inspect --format \
        '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}' "$(container)")
    # shellcheck disable=SC2046
    hears "it is for other names than the one by which" "$address:29092" \
        $(reader_with wrong)
    in_feed sh -c "cp security/web.pem $foreign" # which signed nothing
    # shellcheck disable=SC2046
    hears "nobody whom ssl.ca.location names has signed it" feed:29092 \
        $(reader_with wrong) "ssl.ca.location=$foreign"
    hears "incorrect security.protocol" feed:29092 security.protocol=plaintext
}

@test "reader may neither write, nor read another topic, nor use the feed's group" {
    local password
    password=$(cat "$BATS_FILE_TMPDIR/password")
    in_feed pf-broker topic mine
    run as reader "$password" -t prices-topic -P <<<'not mine'
    [[ $status != 0 && $output == *"authorization failed"* ]]
    run as reader "$password" -t mine -C -e
    [[ $status != 0 && $output == *"authorization failed"* ]]
    run as reader "$password" -G pricefeed prices-topic
    [[ $status != 0 && $output == *"uthorization failed"* ]]
    # shellcheck disable=SC2046
    hears "Topic authorization failed" feed:29092 $(reader_with "$password") \
        feed.topic=mine
    # shellcheck disable=SC2046
    hears "Group authorization failed" feed:29092 $(reader_with "$password") \
        group.id=pricefeed
}

@test "a user who is added may do what was said, until it is removed" {
    local password
    password=$(in_feed pf-broker add-user alice --write mine --read 'mi*')
    as alice "$password" -P -t mine <<<'mine'
    [ "$(as alice "$password" -C -t mine -o beginning -e -q)" = mine ]
    [ "$(in_feed pf-broker users)" = "user    reads         writes
alice   mi*           mine
reader  prices-topic  -" ]
    run as alice "$password" -C -t prices-topic -e
    [[ $status != 0 && $output == *"authorization failed"* ]]
    in_feed pf-broker remove-user alice
    run as alice "$password" -C -t mine -e -m 3
    [ "$status" != 0 ]
    run in_feed pf-broker remove-user alice
    [[ $status = 1 && $output == *"there is no user alice"* ]]
}

@test "a processor is a user with the name of its group" {
    local password user=processor-copies
    in_feed pf-broker topic copies
    in_feed pf-broker topic copies-dead
    password=$(in_feed pf-broker add-user "$user" --read prices-topic \
        --write copies --write copies-dead)
    docker exec --env "PROCESSOR_SASL_PASSWORD=$password" "$(container)" \
        timeout 60 pf-processor -X bootstrap.servers=feed:29092 \
        -X security.protocol=sasl_ssl -X "sasl.username=$user" \
        -X sasl.mechanism=SCRAM-SHA-512 \
        -X ssl.ca.location=/var/lib/pricefeed/security/ca.pem \
        -X feed.topic=prices-topic -X feed.output=copies \
        -X feed.dead.letters=copies-dead -X feed.where=true \
        -X feed.exit.at.end=true
    in_feed pf-broker remove-user "$user"
    password=$(in_feed pf-broker add-user alice --read copies)
    as alice "$password" -C -t copies -o beginning -c 20 -q >"$BATS_TEST_TMPDIR/copies"
    docker logs "$(container)" 2>/dev/null | head -n 20 |
        diff "$BATS_TEST_TMPDIR/copies" -
    in_feed pf-broker remove-user alice
}

@test "the password is not in the container's description, environment or logs" {
    local password
    password=$(cat "$BATS_FILE_TMPDIR/password")
    [ "${#password}" = 32 ]
    run docker inspect "$(container)"
    [[ $output != *"$password"* ]]
    run docker logs "$(container)"
    [[ $output != *"$password"* ]]
    run in_feed grep -rlF -- "$password" /run /proc/1/environ
    [ -z "$output" ]
}

# Ports that are listened on, each with ! if at loopback alone; without that of
# Docker's own name server, at 127.0.0.11.
listening() {
    in_feed cat /proc/net/tcp /proc/net/tcp6 | python3 -c '
import sys
for line in sys.stdin:
    words = line.split()
    if words[3] == "0A" and not words[1].startswith("0B00007F"):
        host, port = words[1].split(":")
        inner = host.endswith("0100007F") or host == "0" * 24 + "01000000"
        print(int(port, 16), "!" * inner, sep="")' | sort -n | uniq
}

@test "only the documented ports are open, and only two of them to others" {
    [ "$(listening | tr '\n' ' ')" = "2181! 9092 19092! 29092 " ]
}

@test "a certificate is renewed while prices flow, and clients see the new one" {
    local before after printed
    before=$(serial)
    printed=$(docker logs "$(container)" 2>/dev/null | wc -l)
    in_feed pf-broker renew
    after=$(serial)
    [ "$after" != "$before" ]
    eventually 20 has_printed $((printed + 20))
    as reader "$(cat "$BATS_FILE_TMPDIR/password")" -t prices-topic -C -q \
        -o beginning -c 1 >/dev/null
}

# The number of the certificate that the broker shows.
serial() {
    openssl s_client -connect "localhost:$FEED_PORT" </dev/null 2>/dev/null |
        openssl x509 -noout -serial
}

has_printed() {
    (($(docker logs "$(container)" 2>/dev/null | wc -l) >= $1))
}

@test "after a restart it is the same authority and the same password" {
    compose restart --timeout 20
    eventually 60 reads_again
    in_feed cat security/ca.pem | diff "$ca" -
}

reads_again() {
    as reader "$(cat "$BATS_FILE_TMPDIR/password")" -t prices-topic -C -q \
        -o beginning -c 1 -m 3
}
