#!/usr/bin/env bats
# compose-pipeline/poor-network.yml: a second way to the feed, which is a poor one.
# shellcheck shell=bash disable=SC2154,SC2164

load image.bash

start_project() {
    build_image
    build_image client
    make_poor_network_project
    export PROXY_FEED_SEED=1 PROXY_FEED_RESET_PROBABILITY=0.03
    compose up --no-build --detach
}

# Print the first $2 prices from the broker at $1, as another service.
read_as_service() {
    docker run --rm --network "${COMPOSE_PROJECT_NAME}_default" \
        "$image-client" timeout 60 pf-consumer -X "bootstrap.servers=$1" \
        -X feed.start=earliest -X "feed.count=$2" -X "group.id=of-$1"
}

@test "the feed prints as ever, and stays where it was" {
    [[ $(next_line "$(container)") =~ $price ]]
    run kcat -b "localhost:$FEED_PORT" -L -m 5
    [[ $output == *"broker 0 at localhost:$FEED_PORT"* ]]
}

@test "a program on this computer gets the same prices, and later" {
    local began took
    kcat -b "localhost:$FEED_PORT" -t prices-topic -C -q -o beginning -c 50 \
        >"$BATS_TEST_TMPDIR/direct"
    began=${EPOCHREALTIME/[.,]/}
    timeout 60 kcat -E -b "localhost:$POOR_PORT" -t prices-topic -C -q \
        -o beginning -c 50 >"$BATS_TEST_TMPDIR/poor"
    took=$(((${EPOCHREALTIME/[.,]/} - began) / 1000))
    echo "took $took ms"
    diff "$BATS_TEST_TMPDIR/direct" "$BATS_TEST_TMPDIR/poor"
    # Several questions, of at least 200 ms each, both ways together.
    ((took > 800))
}

@test "another service gets them, too" {
    diff <(read_as_service feed:29092 300) \
        <(read_as_service poor-network:29093 300)
}

@test "both stop, with code 0" {
    local proxy
    proxy=$(compose ps -q poor-network)
    compose stop
    [ "$(docker inspect --format '{{.State.ExitCode}}' "$proxy")" = 0 ]
    [ "$(docker inspect --format '{{.State.ExitCode}}' "$(container)")" = 0 ]
    run docker logs --tail 1 "$proxy"
    echo "$output"
    [[ $output == *" connections, of which "*" were cut by chance; "* ]]
}
