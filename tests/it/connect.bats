#!/usr/bin/env bats
# early: it waits for two JVMs.
# The role connect: a worker of Kafka Connect with pf-connect beside it, and one
# database, PostgreSQL, whose changes it captures.
# shellcheck disable=SC2154 # root is from kafka.bash

bats_require_minimum_version 1.5.0
load kafka
load postgres
load roles

setup_file() {
    start_kafka
    start_postgres
    sql 'alter system set wal_level = logical'
    kill_postgres
    run_postgres
    sql "create schema maf; create role capture login replication;
        create publication capture for tables in schema maf;
        grant usage on schema maf to capture;
        alter default privileges in schema maf grant select on tables to capture;
        create table maf.series (id int primary key, popularity numeric(8,3));
        insert into maf.series values (1, 0.125)"
    export PF_HOME=$root NODES=$BATS_FILE_TMPDIR PF_CONFIG=$BATS_FILE_TMPDIR/config
    export PF_CONNECT=$root/build/worker CONNECT_OPTS=-XX:TieredStopAtLevel=1
    export BOOTSTRAP_SERVERS=$BROKER REST CAPTURE_POSTGRES_HOST=127.0.0.1
    export CAPTURE_POSTGRES_PORT=$PGPORT CONNECT_SECRET_POSTGRES='not-to-be-seen '
    declare -gx "CONNECT_SECRET_$(printf 'X%.0s' {1..120})=not-to-be-seen"
    REST=http://127.0.0.1:$(unused_port)
    export CONNECT_LISTENERS=$REST CONNECT_SESSION_TIMEOUT_MS=6000
    mkdir -p "$PF_CONFIG/connectors"
    cp "$root/config/connect.properties" "$PF_CONFIG"
    begin connect connect
    connector postgres database.dbname=postgres
    eventually 90 is_healthy connect
}

teardown_file() {
    end connect || kill -KILL "$(program_of connect)" || :
    stop_postgres
    stop_kafka
}

teardown() {
    [ -n "${BATS_TEST_COMPLETED:-}" ] || tail -n 5 "$NODES"/connect/err \
        "$NODES"/connect/run/log/connect.log
}

# connector NAME SETTING=VALUE...: its file, the shipped one for PostgreSQL with
# these settings instead.
connector() {
    local name=$1
    shift
    jq -n 'reduce $ARGS.positional[] as $one (input;
            .[$one | split("=")[0]] = ($one | split("=")[1]))' \
        "$root/config/connectors/postgres.json" --args "$@" \
        >"$NODES/$name.json"
    mv "$NODES/$name.json" "$PF_CONFIG/connectors/"
}

# has_record TOPIC KEY: it has a record with that key.
has_record() {
    timeout 20 kcat -b "$BROKER" -t "$1" -C -q -e -f '%k\n' \
        -X isolation.level=read_committed 2>/dev/null | grep -qxF "$2"
}

# is_ill TEXT: the health check of the worker fails, with that reason.
is_ill() {
    health connect
    [[ $status = 1 && $output == *"$1"* ]]
}

setting() {
    curl -sf "$REST/connectors/$1/config" | jq -r --arg name "$2" '.[$name]'
}

has_setting() {
    [ "$(setting "$1" "$2")" = "$3" ]
}

@test "rows that were there, and changes, are in the topic of their table" {
    eventually 30 has_record postgres.maf.series '{"id":1}'
    sql 'insert into maf.series values (2, 7)'
    eventually 30 has_record postgres.maf.series '{"id":2}'
    health connect
    [ "$output" = 'healthy: 1 connectors run' ]
}

@test "a connector whose file is edited gets its new settings" {
    connector postgres database.dbname=postgres heartbeat.interval.ms=4000
    eventually 30 has_setting postgres heartbeat.interval.ms 4000
    eventually 30 is_healthy connect
}

@test "a file that cannot be used is named with its line, until it is gone" {
    printf '{\n  "tasks.max": "1",\n}\n' >"$PF_CONFIG/connectors/broken.json"
    eventually 20 said connect 'connectors/broken.json: line 3: '
    eventually 20 is_ill 'connectors/broken.json: line 3: '
    echo '{"name": "a", "config": {}}' >"$PF_CONFIG/connectors/broken.json"
    eventually 20 said connect 'the file is what is within "config", alone'
    rm "$PF_CONFIG/connectors/broken.json"
    eventually 20 is_healthy connect
}

@test "a class that there is not is named" {
    connector nothing connector.class=io.debezium.Nothing
    eventually 30 said connect 'connectors/nothing.json is refused: '
    said connect 'io.debezium.Nothing'
    said connect '; trying again in 1 s and later'
    rm "$PF_CONFIG/connectors/nothing.json"
    eventually 20 is_healthy connect
}

@test "a connector that somebody deletes is put again" {
    curl -sf -X DELETE "$REST/connectors/postgres"
    eventually 30 said connect 'connector postgres is gone from Kafka Connect; putting it again'
    sql 'insert into maf.series values (5, 7)'
    eventually 30 has_record postgres.maf.series '{"id":5}'
    eventually 20 is_healthy connect
}

@test "settings that are refused are named, and tried again until they work" {
    connector other database.dbname=other slot.name=other topic.prefix=other
    eventually 30 said connect 'connectors/other.json is refused: '
    said connect 'database "other" does not exist'
    sql 'create database other'
    PGDATABASE=other sql 'create schema maf; create table maf.rows (id int primary key);
        create publication capture for tables in schema maf;
        insert into maf.rows values (1)'
    eventually 60 said connect 'connectors/other.json is put'
}

# After the last test: nobody may read its rows yet.
@test "a failed task is named with its cause and what helps, and runs again" {
    eventually 60 said connect 'connector other: task 0 failed: '
    said connect 'GRANT USAGE ON SCHEMA that-schema TO its-user; restarting it'
    eventually 20 is_ill 'connect: connector other: task 0 failed: '
    PGDATABASE=other sql 'grant usage on schema maf to capture;
        grant select on maf.rows to capture'
    eventually 60 has_record other.maf.rows '{"id":1}'
    eventually 60 is_healthy connect
}

# Kafka Connect says that it runs.
@test "a task that cannot connect again is named, and counts as ill until it can" {
    sql 'alter role capture nologin'
    sql "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'capture'"
    eventually 60 said connect 'connector postgres: a task is tried again and again: '
    eventually 60 said connect 'ALTER ROLE its-user LOGIN'
    eventually 20 is_ill 'a task is tried again and again: '
    sql 'alter role capture login; insert into maf.series values (4, 1)'
    eventually 60 has_record postgres.maf.series '{"id":4}'
    eventually 60 is_healthy connect
}

@test "a worker that is killed is started again, and goes on" {
    kill -KILL "$(program_of connect)"
    eventually 20 said connect 'pricefeed: connect ended (terminated by SIGKILL); restarting it'
    sql 'insert into maf.series values (3, 8)'
    eventually 90 has_record postgres.maf.series '{"id":3}'
    eventually 60 is_healthy connect
}

@test "a secret is in a file that only its user reads, and nowhere else" {
    [ "$(tr '\n' . <"$NODES/connect/run/secrets/postgres")" = 'not-to-be-seen ' ]
    [ "$(stat -c %a "$NODES/connect/run/secrets/postgres")" = 600 ]
    [ "$(setting postgres database.password)" = "\${dir:secrets:postgres}" ]
    run grep -rlF not-to-be-seen "$NODES/connect/run/log" "$NODES/connect/err" \
        "$NODES/connect/run/connect.properties" "/proc/$(program_of connect)/environ"
    [ "$status" = 1 ]
}

@test "a REST API that others could reach is refused" {
    CONNECT_LISTENERS=http://0.0.0.0:8083 begin other connect
    eventually 10 has_ended other
    [ "$(code_of other)" = 2 ]
    said other '0.0.0.0 is not this machine alone'
}

@test "the names that Kafka Connect knows are those of its own definitions" {
    diff <("$root/connect/names") "$root/connect/names.txt"
}

@test "it stops when it is asked to" {
    end connect
    [ "$(code_of connect)" = 0 ]
    said connect 'pricefeed: stopped cleanly'
}
