#!/usr/bin/env bats
# The image without compose.
# shellcheck shell=bash disable=SC2016,SC2154,SC2164

load image.bash

setup_file() {
    need_engine
    build_image
}

teardown() {
    if [ -n "${id:-}" ]; then
        docker logs "$id" 2>&1 | tail -n 20
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
    docker stop --time 10 "$id"
    [ "$(docker wait "$id")" = 0 ]
}
