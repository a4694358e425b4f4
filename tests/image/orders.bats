#!/usr/bin/env bats
# The orders pipeline, compose-pipeline/orders.yml, as people run it. The tests
# are one story: each finds it as the one before left it.
# shellcheck shell=bash disable=SC2154,SC2164,SC2317

bats_require_minimum_version 1.5.0
load image.bash

start_project() {
    build_image
    build_image postgres
    make_orders_project
    compose up --no-build --detach
    date +%s >up
}

teardown_file() {
    if [ -n "${project:-}" ]; then
        compose logs --no-color >"$BATS_FILE_TMPDIR/logs" 2>&1 || :
        remove_project
    fi
}

setup() {
    need_engine
    cd "$project"
}

# query SQL: what PostgreSQL says, by psql in its container.
query() {
    docker exec "$(compose ps -q orders-postgres)" psql -qAtXc "$1"
}

has_rows() {
    [[ $(query "select (select count(*) from customers) > 100
        and (select count(*) from orders) > 100
        and (select count(*) from events) > $1") == t ]]
}

have_reports() {
    local name
    for name in age status estimate; do
        (($(wc -l <"outputs/$name.csv") > 1)) || return
    done
}

left_s() {
    echo $(($(<up) + 60 - $(date +%s)))
}

@test "within a minute three tables are filling" {
    eventually "$(left_s)" has_rows 1000
    eventually 30 has_rows "$(($(query 'select count(*) from events') + 1000))"
}

@test "within a minute the three reports are there, and not empty" {
    eventually "$(left_s)" have_reports
    head -n 1 outputs/age.csv | grep -q '^order,.*age_minutes'
}

@test "all are healthy" {
    wait_healthy "$(compose ps -q orders-feed)"
    wait_healthy "$(compose ps -q orders-postgres)"
}

# Nobody starts anything again.
@test "kill -9 of PostgreSQL, then of the feed: all goes on by itself" {
    local supervised
    supervised=$(docker exec "$(compose ps -q orders-postgres)" supervisorctl \
        -c /etc/supervisord.conf pid postgres)
    ((supervised > 0)) # kill takes 0 for its own group
    docker exec "$(compose ps -q orders-postgres)" kill -KILL "$supervised"
    docker exec "$(compose ps -q orders-feed)" sh -c \
        'pid=$(supervisorctl pid consumer); [ "$pid" != 0 ] && kill -KILL "$pid"'
    eventually 60 has_rows "$(events_now)"
}

# How many there are, and some more.
events_now() {
    local n
    eventually 30 query 'select 1'
    n=$(query 'select count(*) from events')
    echo $((n + 1000 < 59000 ? n + 1000 : 59000))
}

@test "in the end each record of the topic is a row, once" {
    eventually 200 has_rows 59999
    local n
    n=$(kcat -b "localhost:$FEED_PORT" -t orders-topic -C -e -q -o beginning |
        wc -l)
    [[ $(query "select count(*), count(distinct (topic, partition, feed_offset)),
        (select count(*) from feed_dead_letters), (select next_offset from
        feed_offsets) from events") == "$n|$n|0|$n" ]]
    [[ $(query 'select count(distinct order_id) = (select count(*) from orders)
        from events') == t ]]
}

@test "no process is root, and logs are bounded" {
    local service
    for service in orders-feed orders-postgres; do
        run docker exec "$(compose ps -q $service)" sh -c \
            'cat /proc/[0-9]*/status | grep ^Uid | grep -v "10001.*10001" || :'
        [[ $status == 0 && $output == '' ]]
        [[ $(docker inspect --format \
            '{{index .HostConfig.LogConfig.Config "max-size"}}' \
            "$(compose ps -q $service)") == 10m ]]
    done
}

@test "stop and start in the other order: nothing is lost, nothing is there twice" {
    compose stop
    [[ $(docker inspect --format '{{.State.ExitCode}}' "$(compose ps -q orders-feed)") == 0 ]]
    [[ $(docker inspect --format '{{.State.ExitCode}}' "$(compose ps -q orders-postgres)") == 0 ]]
    compose start orders-feed
    eventually 30 says_trying_again
    compose start orders-postgres
    eventually 60 has_rows 59999
    [[ $(query "select count(*) - count(distinct (topic, partition, feed_offset))
        from events") == 0 ]]
    wait_healthy "$(compose ps -q orders-feed)"
}

says_trying_again() {
    docker exec "$(compose ps -q orders-feed)" \
        grep -q 'PostgreSQL: trying again' /run/pricefeed/log/consumer.log
}
