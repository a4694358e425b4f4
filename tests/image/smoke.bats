#!/usr/bin/env bats
# Each composition as people start it, once: up, one look at what it is for, and
# down. The other files here look at the rest.
# shellcheck shell=bash disable=SC2030,SC2031,SC2154,SC2317

load image.bash

setup_file() {
    find_engine
    if [ -n "$engine" ]; then
        build_image
        build_image client
        build_image postgres
        build_image monitored
        build_image monitoring
        build_image logs
        build_image connect
        build_image mariadb
        build_image documents
    fi
}

setup() {
    need_engine
}

teardown() {
    if [ -n "${project:-}" ]; then
        if [ -z "${BATS_TEST_COMPLETED:-}" ]; then
            compose logs --no-color --tail 20
        fi
        remove_project
    fi
}

# Nothing of the project is left.
comes_down() {
    remove_project
    [ -z "$(docker ps --all --quiet \
        --filter "label=com.docker.compose.project=$COMPOSE_PROJECT_NAME")" ]
}

@test "docker-compose up prints a price" {
    make_project
    compose up --no-build --detach
    [[ $(next_line "$(container)") =~ $price ]]
    comes_down
}

@test "orders.yml: an order's event becomes a row" {
    make_orders_project
    compose up --no-build --detach
    eventually 60 has_a_row
    comes_down
}

has_a_row() {
    [[ $(docker exec "$(compose ps -q orders-postgres)" psql -qAtXc \
        'select count(*) > 0 from events') == t ]]
}

@test "poor-network.yml: a price comes through the poor network" {
    make_poor_network_project
    compose up --no-build --detach
    [[ $(next_line "$(container)") =~ $price ]]
    eventually 90 price_comes_through
    comes_down
}

# kcat gives up when its connection is broken, as this network does by chance.
price_comes_through() {
    [[ $(timeout 60 kcat -b "localhost:$POOR_PORT" -t prices-topic -C -q \
        -o beginning -c 1) =~ $price ]]
}

@test "candles.yml: a second of prices becomes candles" {
    make_client_project candles
    compose up --no-build --detach
    eventually 60 has_candle
    comes_down
}

# kcat fails as long as the topic is not there.
has_candle() {
    [[ $(timeout 20 kcat -b "localhost:$FEED_PORT" -t candles-1s -C -q -e \
        -o beginning -X isolation.level=read_committed 2>/dev/null | head -n 1) =~ \
        ^'{"match":'[0-9]{3},'"start":"'[^\"]*'","end":"'[^\"]*'","open":'[0-9.]+,'"high":'[0-9.]+,'"low":'[0-9.]+,'"close":'[0-9.]+,'"count":'[0-9]+'}'$ ]]
}

@test "secure.yml: without the password nothing is read, with it the same bytes" {
    make_client_project secure
    compose up --no-build --detach
    [[ $(next_line "$(container)") =~ $price ]]
    run timeout 10 kcat -b "localhost:$FEED_PORT" -t prices-topic -C -c 1 -m 1
    [[ $status != 0 && $output != *match* ]]
    docker exec "$(container)" cat security/ca.pem >ca.pem
    [ "$(timeout 20 kcat -b "localhost:$FEED_PORT" -t prices-topic -C -q \
        -o beginning -c 1 -X security.protocol=sasl_ssl \
        -X ssl.ca.location=ca.pem -X sasl.mechanism=SCRAM-SHA-512 \
        -X sasl.username=reader -X "sasl.password=$(
            docker exec "$(container)" cat security/reader.password
        )")" = "$(docker logs "$(container)" 2>/dev/null | head -n 1)" ]
    comes_down
}

@test "logins.yml: a minute of logins becomes counts on the console" {
    make_own_project logins
    compose up --no-build --detach
    eventually 150 shows_counts
    comes_down
}

shows_counts() {
    docker logs "$(compose ps -q logins-feed)" 2>/dev/null | grep -qE \
        '^\{"device_type":"(android|ios|web)","start":"[^"]*","end":"[^"]*","count":[0-9]+\}$'
}

@test "cluster.yml: a consumer prints, and every part is healthy" {
    local part
    make_own_project cluster
    compose up --no-build --detach
    [[ $(next_line "$(compose ps -q cluster-consumer)") =~ $price ]]
    for part in zookeeper-1 broker-1 broker-2 broker-3 producer consumer web; do
        eventually 60 compose exec -T "cluster-$part" pf-broker health
    done
    comes_down
}

@test "monitoring.yml: Prometheus has the feed's metrics, and Kafka's" {
    make_monitoring_project
    compose up --no-build --detach
    [[ $(next_line "$(container)") =~ $price ]]
    eventually 60 is_scraped feed
    eventually 60 is_scraped kafka
    comes_down
}

# is_scraped JOB
is_scraped() {
    compose exec -T prometheus promtool query instant http://127.0.0.1:9090 \
        "up{job='$1'}" | grep -q '=> 1 '
}

@test "logs.yml: a line of a log becomes a row, and a price does not" {
    make_logs_project
    compose up --no-build --detach
    [[ $(next_line "$(container)") =~ $price ]]
    eventually 90 has_logs kafka
    eventually 10 has_logs pf-init
    [ "$(log_rows "program = 'feed'")" = 0 ]
    comes_down
}

# log_rows CONDITION: how many log records it is true of.
log_rows() {
    docker exec "$(compose ps -q log-database)" psql -qAtXc \
        "select count(*) from logs where $1"
}

has_logs() {
    (($(log_rows "program = '$1'") > 0))
}

@test "changes.yml: a change in each of the three databases is in the store" {
    make_changes_project
    compose up --no-build --detach
    eventually 120 has_stored postgres
    eventually 60 has_stored mysql
    eventually 60 has_stored mongodb
    eventually 30 compose exec -T changes-connect pf-broker health
    # What began before the first change had a GTID to begin at: the first events
    # are the log's own three, and then this.
    mariadb_says 'SHOW BINLOG EVENTS LIMIT 5' | grep 'FLUSH TABLES'
    comes_down
}

# mariadb_says SQL
mariadb_says() {
    # shellcheck disable=SC2016 # for the shell in the container
    compose exec -T changes-mariadb sh -c \
        'exec mariadb --no-defaults -N --socket="$PF_RUN/mariadb.sock" -u root -e "$0"' "$1"
}

# has_stored SOURCE: the store has an update of one of its rows.
has_stored() {
    [[ $(docker exec "$(compose ps -q changes-store)" psql -qAtXc "select count(*) > 0
        from store.history where source = '$1' and operation = 'update'") == t ]]
}
