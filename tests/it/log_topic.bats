#!/usr/bin/env bats
# compose-pipeline/logs.yml without Docker: lines as Docker's syslog driver sends
# them, through a real rsyslog into a real Kafka, and into a real PostgreSQL.
# shellcheck disable=SC2154 # root is from kafka.bash

bats_require_minimum_version 1.5.0
load feed
load postgres

setup_file() {
    start_postgres
}

teardown_file() {
    stop_postgres
}

setup() {
    feed_places
    export CONSUMER_FEED_TOPIC=prices-topic
    start_feed
    syslog_port=$(unused_port)
    sed -e "s/port=\"15140\"/port=\"$syslog_port\" address=\"127.0.0.1\"/" \
        -e "s/feed:29092/$BROKER/" -e "s|\"/run\"|\"$FEED\"|" \
        "$root/compose-pipeline/rsyslog.conf" >"$FEED/rsyslog.conf"
    rsyslogd -n -i "$FEED/rsyslog.pid" -f "$FEED/rsyslog.conf" \
        >"$FEED/rsyslog.log" 2>&1 3>&- &
    rsyslog=$!
    eventually 10 listens
}

teardown() {
    kill "$rsyslog"
    stop_feed
    cat "$FEED/rsyslog.log"
}

listens() {
    (: </dev/tcp/127.0.0.1/"$syslog_port")
}

# docker_line SEVERITY TAG TEXT: as the driver's rfc5424micro has it, where
# standard error is 27 and standard output 30.
docker_line() {
    printf '<%s>1 2026-11-26T09:00:00.123456Z host %s 4711 %s - %s\n' "$1" "$2" \
        "$2" "$3"
}

# The command of compose-pipeline/log-topic.conf.
make_topic() {
    local command
    command=$(sed -n 's/^command = //p' "$root/compose-pipeline/log-topic.conf")
    $command
}

object='{"time":"2026-11-26T09:00:00.000Z","level":"error","program":"kafka","message":"it \"failed\"\njava.lang.Error: é\n\tat a.b"}'

records() {
    timeout 20 kcat -b "$BROKER" -C -t feed-logs -o beginning -e -q
}

has_records() {
    [ "$(records | wc -l)" -ge "$1" ]
}

@test "what Docker sends becomes records, and rows; prices do not" {
    make_topic
    run -0 kcat -b "$BROKER" -L -t feed-logs
    {
        docker_line 27 feed "$object"
        docker_line 30 feed '{"match": 123, "price": 4.56}'
        docker_line 27 other 'a "plain" line \x'
        docker_line 30 other '{"time":"on standard output"}'
        docker_line 27 feed "${object/java/$(head -c 12000 /dev/zero | tr '\0' x)}"
    } >/dev/tcp/127.0.0.1/"$syslog_port"
    eventually 20 has_records 3
    records >"$FEED/records"
    python3 - "$FEED/records" "$object" <<'END'
import json, sys
first, plain, long = map(json.loads, open(sys.argv[1]))
assert first == {"container": "feed", **json.loads(sys.argv[2])}, first
assert plain["container"] == plain["program"] == "other", plain
assert plain["message"] == 'a "plain" line \\x', plain
assert plain["level"] == "info", plain
assert len(long["message"]) > 12000, long
END
    pf-consumer -X "bootstrap.servers=$BROKER" -X group.id=log-store \
        -X feed.topic=feed-logs -X feed.start=earliest -X feed.sink=postgres \
        -X "feed.postgres.schema=$root/examples/logs/schema.sql" \
        -X "feed.postgres.mapping=$root/examples/logs/mapping.sql" \
        -X feed.exit.at.end=true
    [ "$(psql -qAtc 'select count(*) from logs')" = 3 ]
    [ "$(psql -qAtc 'select count(*) from feed_dead_letters')" = 0 ]
    [ "$(psql -qAtc "select count(*) from log_problems where container = 'feed'")" = 2 ]
    psql -qAt -v ON_ERROR_STOP=1 -f "$root/examples/logs/queries.sql" >"$FEED/answers"
    grep -q 'java.lang.Error' "$FEED/answers"
}

@test "the topic of the logs is bounded, and lines wait for it" {
    docker_line 27 feed "$object" >/dev/tcp/127.0.0.1/"$syslog_port"
    make_topic
    eventually 30 has_records 1
    # Its settings are where Kafka has them.
    grep -arq '"retention.bytes":"268435456"' "$PF_DATA/zookeeper"
    grep -arq '"retention.ms":"604800000"' "$PF_DATA/zookeeper"
}

@test "pf-broker topic refuses a setting that Kafka does not know" {
    run -1 pf-broker topic other --set no.such=1 --timeout 10
    [[ $output == *no.such* ]]
    run -2 pf-broker topic other --set nonsense
}

# As in logs.yml, where the store may be there first.
@test "the store waits for the topic" {
    psql -qAtc 'create schema waiting'
    export PGOPTIONS=-csearch_path=waiting
    pf-consumer -X "bootstrap.servers=$BROKER" -X group.id=log-store \
        -X feed.topic=feed-logs -X feed.start=earliest -X feed.sink=postgres \
        -X "feed.postgres.schema=$root/examples/logs/schema.sql" \
        -X "feed.postgres.mapping=$root/examples/logs/mapping.sql" \
        >"$FEED/store.log" 2>&1 3>&- &
    store=$!
    eventually 20 test -s "$FEED/store.log"
    kill -0 "$store"
    make_topic
    docker_line 27 feed "$object" >/dev/tcp/127.0.0.1/"$syslog_port"
    eventually 30 has_rows
    kill "$store"
}

has_rows() {
    [ "$(psql -qAtc 'select count(*) from logs')" = 1 ]
}
