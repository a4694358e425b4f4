#!/usr/bin/env bats
# pf-init: a feed that runs, and what it withstands; one feed for all tests, and
# each finds it running as the one before left it.
# shellcheck disable=SC2154 # root is from kafka.bash

bats_require_minimum_version 1.5.0
load feed

setup_file() {
    feed_places "$BATS_FILE_TMPDIR/feed"
    start_feed
}

teardown_file() {
    stop_feed
}

teardown() {
    show_feed_of_failure
}

@test "supervisorctl, health and each program's log" {
    run -0 supervisorctl -c "$root/compose-pipeline/supervisord.conf" status producer
    [[ $output == *RUNNING* ]]
    run -0 pf-broker health
    [[ $output == healthy:* ]]
    for name in kafka zookeeper producer consumer; do
        [ -s "$PF_RUN/log/$name.log" ]
    done
    python3 "$root/tests/it/shown.py" prices "$PF_RUN/consumer.prices" | grep .
    kcat -b "$BROKER" -C -t prices-topic -p 0 -o beginning -c 5 >"$FEED/read"
    head -n 5 "$FEED/out" | cmp - "$FEED/read"
}

has_all_metrics() {
    curl -sf -o "$FEED/metrics" "http://127.0.0.1:$WEB_PORT/metrics" &&
        grep -q '^pricefeed_group_lag_records{' "$FEED/metrics"
}

@test "metrics: promtool accepts them, and docs/metrics.md has each" {
    eventually 20 has_all_metrics # lags from the second scrape on
    run promtool check metrics <"$FEED/metrics"
    echo "$output"
    [[ $status == 0 && $output == '' ]]
    # As the table's rows. pf-init's metrics of each program have that program's
    # name.
    awk '
        $2 == "HELP" { name = $3; sub(/^# HELP [^ ]* /, ""); help[name] = $0 }
        $2 == "TYPE" { type[$3] = $4 }
        !/^#/ {
            name = $1; sub(/{.*/, "", name)
            if (!(name in type)) # of a histogram
                sub(/_(bucket|sum|count)$/, "", name)
            program = $1; sub(/.*program="/, "", program)
            sub(/".*/, "", program)
            if (name ~ /^pricefeed_group_/)
                program = "web"
            if (name ~ /^pricefeed_program_/)
                program = "each program, by init"
            if (!seen[name, program]++)
                of[name] = of[name] (of[name] ? ", " : "") program
        }
        END {
            for (name in type)
                printf "| `%s` | %s | %s | %s |\n", name, type[name], of[name],
                    help[name]
        }' "$FEED/metrics" | LC_ALL=C sort >"$FEED/rows"
    grep '^| `pricefeed_' "$root/docs/metrics.md" | diff - "$FEED/rows"
}

@test "a second feed on the same volume is refused, and the first goes on" {
    PF_RUN=$FEED/run2 refuses "another feed is using $PF_DATA"
    run -1 pf-broker reset --yes
    [[ $output == *"the feed is running"* ]]
    run -0 pf-broker health
}

@test "a killed broker comes back, and prices with it" {
    kill -KILL "$(program_pid kafka)"
    eventually 10 has_said 'kafka ended (terminated by SIGKILL); restarting it'
    seen=$(prices)
    eventually 30 more_prices_than $((seen + 20))
    eventually 10 pf-broker health
}

@test "a killed consumer and a killed producer come back" {
    kill -KILL "$(program_pid consumer)"
    eventually 10 has_said 'consumer ended'
    kill -KILL "$(program_pid producer)"
    eventually 10 has_said 'producer ended'
    seen=$(prices)
    eventually 20 more_prices_than $((seen + 20))
}

# The last one: it ends the feed.
@test "a changed broker.id, or replicas on brokers that are not there, is refused" {
    end_feed
    KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR=3 refuses \
        'environment KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR' \
        'this is the only one; set it to 1, or leave it out'
    KAFKA_BROKER_ID=9 refuses 'environment KAFKA_BROKER_ID' 'those of broker 0, not 9'
}
