#!/usr/bin/env bats
# A feed as people run it: by compose, from its first start to `down -v`. The
# tests are one story: each finds the feed running as the one before left it.
# shellcheck shell=bash disable=SC2016,SC2154,SC2164

load image.bash

start_project() {
    build_image
    make_project
    cc -std=gnu17 -o "$BATS_FILE_TMPDIR/setting" \
        "$checkout/tests/image/setting.c" -lrdkafka
    compose up --no-build --detach
}

setup() {
    need_engine
    cd "$project"
    host=localhost:$FEED_PORT
}

# The time, as Docker writes it.
now() {
    date --utc +%Y-%m-%dT%H:%M:%S.%NZ
}

# What the admin API says of the setting $1.
setting() {
    "$BATS_FILE_TMPDIR/setting" "$host" 0 "$1"
}

# Do what the arguments say, which starts the container, and wait for the first
# price since: one that was printed before the stop is none.
then_prices() {
    local since
    "$@"
    since=$(docker inspect --format '{{.State.StartedAt}}' "$(container)")
    [[ $(next_line "$(container)" "$since") =~ $price ]]
}

@test "the first price is there within 6 s of the container's start" {
    local started first
    [[ $(next_line "$(container)") =~ $price ]]
    started=$(docker inspect --format '{{.State.StartedAt}}' "$(container)")
    first=$(first_line_of docker logs --timestamps "$(container)")
    took_less "$started" "${first%% *}" 6
}

@test "Docker finds it healthy" {
    wait_healthy "$(container)"
}

@test "stdout is the topic's prices in the topic's order, and nothing else" {
    kcat -b "$host" -t prices-topic -C -q -o beginning -c 20 \
        >"$BATS_TEST_TMPDIR/topic"
    docker logs "$(container)" 2>/dev/null >"$BATS_TEST_TMPDIR/console"
    run grep -v -E "$price" "$BATS_TEST_TMPDIR/console"
    [ -z "$output" ]
    head -n 20 "$BATS_TEST_TMPDIR/topic" >"$BATS_TEST_TMPDIR/want"
    [ "$(wc -l <"$BATS_TEST_TMPDIR/want")" = 20 ]
    head -n 20 "$BATS_TEST_TMPDIR/console" | diff "$BATS_TEST_TMPDIR/want" -
}

@test "progress is on stderr" {
    run docker logs "$(container)"
    [[ $(docker logs "$(container)" 2>&1 >/dev/null) == \
        *"pricefeed: broker ready after "*" s"* ]]
}

@test "Kafka and the page are published, on 127.0.0.1 and nowhere else" {
    run docker inspect --format '{{json .HostConfig.PortBindings}}' \
        "$(container)"
    [ "$output" = "{\"8080/tcp\":[{\"HostIp\":\"127.0.0.1\",\"HostPort\":\"8080-8089\"}],\"9092/tcp\":[{\"HostIp\":\"127.0.0.1\",\"HostPort\":\"$FEED_PORT\"}]}" ]
}

@test "the page answers on a port of this computer, as compose port tells" {
    local address
    address=$(docker port "$(container)" 8080)
    [[ $address == 127.0.0.1:80[89]? ]]
    curl -sf -o /dev/null --retry 20 --retry-delay 1 --retry-all-errors \
        "http://$address/"
}

@test "another service reads from feed:29092" {
    run docker run --rm --network "${COMPOSE_PROJECT_NAME}_default" \
        --entrypoint pf-consumer "$image" -X bootstrap.servers=feed:29092 \
        -X group.id=other -X feed.start=earliest -X feed.count=5
    [ "$status" = 0 ]
    [ "$(grep -c -E "$price" <<<"$output")" = 5 ]
}

@test "all processes have one uid and no privileges" {
    run docker exec "$(container)" sh -c '
        cat /proc/[0-9]*/status 2>/dev/null |
        awk "/^(Uid|CapEff|NoNewPrivs):/ { print \$1, \$2 }" | sort -u'
    [ "$output" = "CapEff: 0000000000000000
NoNewPrivs: 1
Uid: 10001" ]
    run docker exec "$(container)" touch /usr/local/here
    [[ $output == *"Read-only file system"* ]]
}

@test "supervisorctl tells how the programs are" {
    local program
    run docker exec "$(container)" supervisorctl status
    echo "$output"
    for program in zookeeper kafka producer consumer web; do
        grep -E "^$program +RUNNING" <<<"$output"
    done
}

@test "clients may compress as they like" {
    local codec
    docker exec "$(container)" pf-broker topic codecs
    for codec in gzip snappy lz4 zstd; do
        echo "as $codec" | kcat -b "$host" -t codecs -P -z "$codec"
    done
    run kcat -b "$host" -t codecs -C -e -q
    [ "$output" = "as gzip
as snappy
as lz4
as zstd" ]
}

@test "after an edit of server.properties a restart has the broker run with it" {
    [ "$(setting log.retention.ms)" != 123456789 ]
    echo log.retention.ms=123456789 >>config/server.properties
    then_prices compose restart
    [ "$(setting log.retention.ms)" = 123456789 ]
}

@test "after kill -9 it is back within 10 s" {
    local began
    docker kill --signal KILL "$(container)"
    began=$(now)
    then_prices compose start
    took_less "$began" "$(now)" 10
}

@test "it stops within 10 s with code 0" {
    local began
    began=$(now)
    docker stop "$(container)"
    took_less "$began" "$(now)" 10
    [ "$(docker inspect --format '{{.State.ExitCode}}' "$(container)")" = 0 ]
    # Restarts and a kill included, stdout had prices and nothing else.
    run grep -c -v -E "$price" <(docker logs "$(container)" 2>/dev/null)
    [ "$output" = 0 ]
}

@test "down and up keep the topics" {
    then_prices compose start
    docker exec "$(container)" pf-broker topic kept
    echo kept | kcat -b "$host" -t kept -P
    compose down
    then_prices compose up --no-build --detach
    run kcat -b "$host" -t kept -C -e -q
    [ "$output" = kept ]
}

@test "down -v and up start afresh" {
    compose down --volumes
    then_prices compose up --no-build --detach
    run kcat -b "$host" -L
    [ "$status" = 0 ]
    [[ $output == *prices-topic* ]]
    [[ $output != *kept* ]]
}

@test "a mistake in server.properties ends it, with the mistake's name" {
    cp config/server.properties config/was
    echo log.retention.ms=soon >>config/server.properties
    compose restart
    [ "$(timeout 60 docker wait "$(container)")" != 0 ]
    run docker logs --tail 30 "$(container)"
    [[ $output == *log.retention.ms*soon* ]]
    mv config/was config/server.properties
    then_prices compose start
}
