#!/usr/bin/env bats
# The monitoring: rules, configurations and dashboard by the tools of those who
# made them; and a real feed with Prometheus and Alertmanager, in which each alert
# is fired once by a fault. In the feed's tests the rules wait for seconds instead
# of minutes.
# shellcheck disable=SC2154 # root is from kafka.bash

bats_require_minimum_version 1.5.0
load feed

setup_file() {
    feed_places "$BATS_FILE_TMPDIR/feed"
    export DIR=$BATS_FILE_TMPDIR/monitoring
    mkdir "$DIR"
    start_watched_feed
    start_watchers
}

teardown_file() {
    local pid
    end_feed || kill -KILL "$(feed_pid)"
    for pid in "$DIR"/*.pid; do
        kill -KILL "$(cat "$pid")" || : # the reader has seen the console's end
    done
}

setup() {
    monitoring=$root/compose-pipeline/monitoring
    readarray -t alerts < <(sed -n 's/.*- alert: //p' "$monitoring/alerts.yml")
    [ "${#alerts[@]}" = 10 ]
}

teardown() {
    if [ -z "${BATS_TEST_COMPLETED:-}" ]; then
        grep level=error "$DIR"/*.log | tail -n 5 || :
        show_feed_of_failure
    fi
}

# A feed with Kafka's own metrics, at 1000 prices a second, whose console is a
# pipe with a reader and whose volume is small, where that is allowed.
start_watched_feed() {
    local agent jars=$root/build/monitoring-jars own=()
    export AGENT_PORT KAFKA_OPTS PRODUCER_FEED_RATE=1000
    "$root/broker/fetch-jars" --of "$root/compose-pipeline/monitoring" "$jars"
    agent=$(echo "$jars"/jmx_prometheus_javaagent-*.jar)
    AGENT_PORT=$(unused_port)
    KAFKA_OPTS+=" -javaagent:$agent=127.0.0.1:$AGENT_PORT:$root/compose-pipeline/monitoring/kafka-metrics.yml"
    mkfifo "$FEED/console"
    start reader cat "$FEED/console"
    # shellcheck disable=SC2016 # for the inner shell
    if unshare --mount true 2>/dev/null; then
        own=(unshare --mount sh -c
            'mount -t tmpfs -o size=256m none "$PF_DATA" && exec "$@"' sh)
    fi
    # shellcheck disable=SC2016 # for the inner shell
    start_feed "${own[@]}" sh -c 'exec "$@" >"$FEED/console"' sh
}

# start NAME COMMAND...: run it until the end of this file.
start() {
    "${@:2}" >"$DIR/$1.log" 2>&1 3>&- &
    echo $! >"$DIR/$1.pid"
}

# Prometheus and Alertmanager, with what ships but for addresses and times.
start_watchers() {
    export PROMETHEUS ALERTMANAGER
    PROMETHEUS=127.0.0.1:$(unused_port)
    ALERTMANAGER=127.0.0.1:$(unused_port)
    cp "$root"/compose-pipeline/monitoring/*.yml "$DIR"
    sed -i -E -e "s/feed:8080/127.0.0.1:$WEB_PORT/" \
        -e "s/feed:9404/127.0.0.1:$AGENT_PORT/" \
        -e "s/localhost:9090/$PROMETHEUS/" \
        -e "s/alertmanager:9093/$ALERTMANAGER/" \
        -e 's/(scrape_interval|scrape_timeout|evaluation_interval): .*/\1: 1s/' \
        "$DIR/prometheus.yml"
    sed -i -E -e 's/^( *for): .*/\1: 1s/' -e 's/\[1m\]/[5s]/' \
        -e 's/\[5m\]|\[10m\]/[10s]/' -e 's/offset 1m/offset 5s/' \
        -e 's/ ([<>]) 10$/ \1 2/' "$DIR/alerts.yml"
    sed -i -e 's/group_wait: .*/group_wait: 1s/' "$DIR/alertmanager.yml"
    start alertmanager prometheus-alertmanager \
        --config.file="$DIR/alertmanager.yml" --storage.path="$DIR/alerts" \
        --web.listen-address="$ALERTMANAGER" --cluster.listen-address=
    start prometheus prometheus --config.file="$DIR/prometheus.yml" \
        --storage.tsdb.path="$DIR/data" --web.listen-address="$PROMETHEUS"
}

# alert NAME [FILTER]: what Alertmanager has of it, told or inhibited, as JSON.
alert() {
    curl --silent --fail --get "http://$ALERTMANAGER/api/v2/alerts" \
        --data-urlencode "filter=alertname=$1" ${2:+--data-urlencode "filter=$2"}
}

# fires NAME [FILTER]: does Alertmanager have it? What it says is kept.
fires() {
    alert "$@" >"$DIR/found" || return
    grep -q fingerprint "$DIR/found" && cp "$DIR/found" "$DIR/$1.json"
}

# is_over NAME: is it no longer there?
is_over() {
    alert "$1" >"$DIR/found" && ! grep -q fingerprint "$DIR/found"
}

has_data() {
    "$root/tests/monitoring/check-queries" \
        "$root/compose-pipeline/monitoring/grafana/dashboards/pricefeed.json" \
        "http://$PROMETHEUS" >"$DIR/queries"
}

control() {
    supervisorctl -c "$root/compose-pipeline/supervisord.conf" "$@"
}

@test "promtool and amtool find the rules and configurations well-formed" {
    promtool check rules "$monitoring/alerts.yml"
    promtool check config "$monitoring/prometheus.yml"
    amtool check-config "$monitoring/alertmanager.yml"
}

# all_rules EXPRESSION: make copies of the rules and their tests in which it is the
# expression of each alert, and print what promtool says of them.
all_rules() {
    mkdir -p "$BATS_TEST_TMPDIR"/{tests,compose-pipeline}/monitoring
    cp "$root"/tests/monitoring/*.yml "$BATS_TEST_TMPDIR/tests/monitoring"
    awk -v expr="$1" '
        /- (alert|record): / { is_alert = $2 == "alert:" }
        is_alert && /^        expr:/ { print "        expr: " expr; body = 1; next }
        body && /^          / { next }
        { body = 0; print }' "$monitoring/alerts.yml" \
        >"$BATS_TEST_TMPDIR/compose-pipeline/monitoring/alerts.yml"
    promtool test rules "$BATS_TEST_TMPDIR/tests/monitoring/alerts_test.yml" 2>&1 || :
}

@test "each rule has a test that fires it and one that does not" {
    local name never always
    promtool test rules "$root/tests/monitoring/alerts_test.yml"
    # Rules that never fire, and rules that always do, are noticed.
    never=$(all_rules 'vector(0) > 1' | grep 'exp: {')
    always=$(all_rules 'vector(1)' | grep -A 1 'exp: nil')
    for name in "${alerts[@]}"; do
        echo "$name"
        [[ $never == *"\"$name\""* && $always == *"\"$name\""* ]]
    done
}

@test "tsc finds the dashboard well-formed, by Grafana's own types" {
    local dashboard=$monitoring/grafana/dashboards/pricefeed.json
    "$root/tests/monitoring/check-dashboard" "$dashboard" \
        "$root/build/tests/monitoring"
    sed 's/"drawStyle": "line"/"drawStyle": "lines"/' "$dashboard" \
        >"$BATS_TEST_TMPDIR/wrong.json"
    run ! "$root/tests/monitoring/check-dashboard" "$BATS_TEST_TMPDIR/wrong.json" \
        "$root/build/tests/monitoring"
}

@test "every query of the dashboard returns data of a real feed" {
    eventually 20 has_data || {
        cat "$DIR/queries"
        return 1
    }
}

# Prices may be late because something else is tested at the same time.
@test "a healthy feed raises no alert" {
    # One that a slow answer has raised is over when the next one comes.
    no_alert_fires() {
        run promtool query instant "http://$PROMETHEUS" \
            'ALERTS{alertstate="firing", alertname!="PricefeedLate"}'
        [[ $status = 0 && -z $output ]]
    }
    eventually 20 no_alert_fires || {
        echo "$output"
        return 1
    }
}

@test "the broker killed and kept away: PricefeedBrokerGone, until it is back" {
    kill -KILL "$(program_pid kafka)"
    control stop kafka
    eventually 20 fires PricefeedBrokerGone
    # What follows from it is there, and nobody is told.
    eventually 20 fires PricefeedNotDelivering
    eventually 20 fires PricefeedNotScraped job=kafka
    is_inhibited() {
        alert PricefeedNotDelivering | grep -q '"state":"suppressed"'
    }
    eventually 20 is_inhibited
    control start kafka
    eventually 20 is_over PricefeedBrokerGone
    eventually 20 is_over PricefeedNotDelivering
    eventually 20 is_over PricefeedNotScraped
}

@test "a killed consumer: PricefeedRestarting" {
    kill -KILL "$(program_pid consumer)"
    eventually 20 fires PricefeedRestarting program=consumer
}

@test "a record that is not a price: PricefeedRecordsSkipped" {
    echo garbage | kcat -b "$BROKER" -t prices-topic -p 0 -P
    eventually 20 fires PricefeedRecordsSkipped program=consumer
}

@test "a nearly full volume: PricefeedDiskNearlyFull, until there is room" {
    local volume
    volume=/proc/$(feed_pid)/root$PF_DATA
    [ "$(stat --file-system --format=%T "$volume")" = tmpfs ] ||
        skip "needs a small volume, which only root can make"
    # All but 20 MB.
    fallocate -l $(($(stat --file-system --format='%a * %S' "$volume") - 20000000)) \
        "$volume/filler"
    eventually 20 fires PricefeedDiskNearlyFull
    rm "$volume/filler"
    eventually 20 is_over PricefeedDiskNearlyFull
}

@test "a console that nobody reads: NotPrinting, LagGrowing; read again: Late" {
    local reader
    reader=$(cat "$DIR/reader.pid")
    kill -STOP "$reader"
    eventually 20 fires PricefeedNotPrinting
    eventually 20 fires PricefeedLagGrowing
    kill -CONT "$reader"
    eventually 20 fires PricefeedLate
    eventually 20 is_over PricefeedNotPrinting
    eventually 20 is_over PricefeedLagGrowing
}

@test "a producer that somebody has stopped: PricefeedNotProducing" {
    control stop producer
    eventually 20 fires PricefeedNotProducing
    control start producer
    eventually 20 is_over PricefeedNotProducing
}

@test "a feed that does not answer: PricefeedNotScraped" {
    control stop web
    eventually 20 fires PricefeedNotScraped job=feed
    control start web
    eventually 20 is_over PricefeedNotScraped
}

@test "each alert has fired, and says in plain words what it is" {
    local name
    for name in "${alerts[@]}"; do
        grep -q '"summary":"[^"]*"' "$DIR/$name.json"
    done
    run ! grep -hE '<no value>|<error|%!' "$DIR"/*.json
}
