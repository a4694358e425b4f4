#!/usr/bin/env bats
# The image without compose.
# shellcheck shell=bash disable=SC2016,SC2154,SC2164

load image.bash

teardown() {
    if [ -n "${id:-}" ]; then
        docker logs --tail 20 "$id" || :
        docker rm --force --volumes "$id"
    fi
}

@test "docker run needs no option: prices appear, and it stops with code 0" {
    id=$(docker run --detach "$image")
    [[ $(next_line "$id") =~ $price ]]
    docker stop "$id"
    [ "$(docker wait "$id")" = 0 ]
}

@test "it runs as some other uid of group 0, on a read-only root" {
    id=$(docker run --detach --user 12345:0 --read-only --tmpfs /run \
        --tmpfs /tmp:exec --cap-drop ALL --security-opt no-new-privileges \
        "$image")
    [[ $(next_line "$id") =~ $price ]]
    docker stop "$id"
    [ "$(docker wait "$id")" = 0 ]
}

@test "it runs under Docker's own init and stops with code 0" {
    id=$(docker run --detach --init "$image")
    [[ $(next_line "$id") =~ $price ]]
    docker stop "$id"
    [ "$(docker wait "$id")" = 0 ]
}

@test "SIGINT, which Ctrl-C sends, ends it with code 0" {
    id=$(docker run --detach "$image")
    [[ $(next_line "$id") =~ $price ]]
    docker kill --signal INT "$id"
    [ "$(docker wait "$id")" = 0 ]
}

@test "a stop while it starts is heeded within 10 s" {
    id=$(docker run --detach "$image")
    # Before its first instruction PID 1 would never hear of a signal.
    timeout 10 sh -c "until docker top $id | grep -q supervisord; do :; done"
    docker stop --time 10 "$id"
    [ "$(docker wait "$id")" = 0 ]
}

@test "topic, console and feed.sink=console agree on a million seeded prices" {
    local want
    want=$(docker run --rm --entrypoint pf-producer "$image" \
        -X feed.sink=console -X feed.rate=0 -X feed.count=1000000 \
        -X feed.seed=7 | sha256sum)
    id=pricefeed-test-$$
    mkfifo "$BATS_TEST_TMPDIR/talk"
    docker run --name "$id" --log-driver none --env PRODUCER_FEED_RATE=0 \
        --env PRODUCER_FEED_COUNT=1000000 --env PRODUCER_FEED_SEED=7 \
        --env CONSUMER_FEED_COUNT=1000000 "$image" \
        >"$BATS_TEST_TMPDIR/console" 2>"$BATS_TEST_TMPDIR/talk" 3>&- &
    timeout 120 grep -q -m 1 'consumer has finished' "$BATS_TEST_TMPDIR/talk"
    [ "$(docker exec "$id" pf-consumer -X feed.start=earliest \
        -X bootstrap.servers=127.0.0.1:19092 -X group.id=again \
        -X feed.count=1000000 | sha256sum)" = "$want" ]
    docker stop "$id"
    [ "$(sha256sum <"$BATS_TEST_TMPDIR/console")" = "$want" ]
}
