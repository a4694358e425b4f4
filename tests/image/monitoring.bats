#!/usr/bin/env bats
# The feed with Prometheus and Alertmanager, compose-pipeline/monitoring.yml, with
# the rules and times that ship. The tests are one story.
# shellcheck shell=bash disable=SC2154,SC2164

bats_require_minimum_version 1.5.0
load image.bash

start_project() {
    build_image monitored
    build_image monitoring
    make_monitoring_project
    compose up --no-build --detach
}

setup() {
    need_engine
    cd "$project"
}

# has QUERY: does Prometheus have an answer?
has() {
    [ -n "$(compose exec -T prometheus promtool query instant \
        http://127.0.0.1:9090 "$1")" ]
}

# told NAME: does Alertmanager have that alert, for somebody to be told?
told() {
    compose exec -T alertmanager amtool alert query "alertname=$1" |
        grep -q "$1"
}

is_not_told() {
    compose exec -T alertmanager amtool alert query "alertname=$1" >told ||
        return
    ! grep -q "$1" told
}

@test "all three are healthy, and Prometheus has the feed's metrics and Kafka's" {
    local service
    for service in feed prometheus alertmanager; do
        wait_healthy "$(compose ps -q $service)"
    done
    eventually 30 has 'pricefeed_broker_up == 1'
    eventually 30 has 'kafka_records_in_total{topic="prices-topic"} > 0'
    eventually 60 has 'rate(pricefeed_record_latency_seconds_count[1m]) > 0'
}

@test "the JVM with the exporter uses its archives of class data" {
    docker exec "$(container)" \
        /usr/local/share/pricefeed/broker/make-archives --check
}

@test "the broker killed and kept away: told within the rule's time, until it is back" {
    local feed
    feed=$(container)
    # shellcheck disable=SC2016 # for the inner shell
    docker exec "$feed" sh -c 'kill -KILL "$(supervisorctl pid kafka)"'
    docker exec "$feed" supervisorctl stop kafka
    # Looked at every 5 s, judged every 5 s, for 30 s; told 10 s later.
    eventually 55 told PricefeedBrokerGone
    docker exec "$feed" supervisorctl start kafka
    eventually 40 is_not_told PricefeedBrokerGone
}

@test "nobody is root, nothing is published but on 127.0.0.1, logs are bounded" {
    local service
    [[ $(compose port prometheus 9090) == 127.0.0.1:* ]]
    [[ $(compose port alertmanager 9093) == 127.0.0.1:* ]]
    run docker port "$(container)"
    [[ $output != *9404* && $output != *0.0.0.0* ]]
    for service in prometheus alertmanager; do
        [ "$(docker exec "$(compose ps -q $service)" id -u)" = 10001 ]
        [[ $(docker inspect --format \
            '{{.HostConfig.ReadonlyRootfs}} {{.HostConfig.CapDrop}} {{index .HostConfig.LogConfig.Config "max-size"}}' \
            "$(compose ps -q $service)") == 'true [ALL] 10m' ]]
    done
}

@test "all stop, with code 0" {
    local service
    compose stop
    for service in feed prometheus alertmanager; do
        [ "$(docker inspect --format '{{.State.ExitCode}}' \
            "$(compose ps -aq $service)")" = 0 ]
    done
}
