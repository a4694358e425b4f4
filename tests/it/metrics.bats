#!/usr/bin/env bats
# The metrics of the programs, as Prometheus' own tools read them. Those of a
# feed are in running.bats.
# shellcheck shell=bash disable=SC2016,SC2034,SC2154,SC2164

bats_require_minimum_version 1.5.0
load mock

# Counters of both programs, which have moved 1000 prices, in producer.stats and
# consumer.stats.
setup_file() {
    make -s -C "$BATS_TEST_DIRNAME/../.." build/pf-producer build/pf-consumer \
        build/tests/it/mockd build/tests/it/exposition
    BATS_TEST_TMPDIR=$BATS_FILE_TMPDIR
    cd "$BATS_FILE_TMPDIR"
    start_mock
    "${produce[@]}" -X feed.count=1000 -X feed.stats=producer.stats
    "${consume[@]}" -X feed.exit.at.end=true -X feed.stats=consumer.stats \
        >/dev/null
    end_jobs
}

setup() {
    cd "$BATS_FILE_TMPDIR"
}

exposition() {
    "$root/build/tests/it/exposition" "$@" producer producer.stats \
        consumer consumer.stats
}

@test "promtool accepts the metrics, and has nothing to say about their names" {
    exposition >text
    grep -qx 'pricefeed_records_read_total{program="consumer"} 1000' text
    grep -qx 'pricefeed_record_latency_seconds_count{program="consumer"} 1000' text
    run promtool check metrics <text
    echo "$output"
    [[ $status == 0 && $output == '' ]]
}

@test "OpenMetrics: a strict parser accepts it, and finds the same samples" {
    exposition | grep -v '^#' | sort >plain
    exposition --openmetrics >text
    # Debian's, which has Debian's modules.
    /usr/bin/python3 - <<'END' | sort >parsed
from prometheus_client.openmetrics.parser import text_string_to_metric_families

with open("text") as text:
    for family in text_string_to_metric_families(text.read()):
        assert family.documentation
        for sample in family.samples:
            labels = ",".join(f'{k}="{v}"' for k, v in sample.labels.items())
            print(f"{sample.name}{{{labels}}} {sample.value}")
END
    python3 - <<'END'
def numbers(name):
    with open(name) as lines:
        pairs = [line.rsplit(" ", 1) for line in lines]
    return {series: float(value) for series, value in pairs}

plain, parsed = numbers("plain"), numbers("parsed")
assert len(plain) > 20 and plain.keys() == parsed.keys(), (plain, parsed)
for series, value in plain.items(): # clocks may be set between the two
    assert abs(value - parsed[series]) < 60, series
END
}

@test "moments are Unix times of this minute; what never was is not there" {
    exposition >text
    local now
    now=$(date +%s)
    awk -v now="$now" '/^pricefeed_.*_timestamp_seconds{/ {
            n++
            if ($2 < now - 60 || $2 > now + 1) { print; bad = 1 }
        }
        END { exit bad || n < 4 }' text
    # The producer had no pace.
    run ! grep -q '^pricefeed_next_due' text
}

# ask PORT PATH [OPTION...]: what a program answers.
ask() {
    curl -sS --max-time 5 "http://127.0.0.1:$1$2" "${@:3}"
}

# state PORT PATH: the code, and the state that the answer tells.
state() {
    ask "$1" "$2" -w '\n%{http_code}\n' |
        sed -n 's/.*"state":"\([a-z]*\)".*/\1/p; $p' | tr '\n' ' '
}

is_state() {
    [[ $(state "$1" "$2") == "$3" ]]
}

@test "programs that run alone show metrics, health and readiness" {
    local sends reads
    BATS_TEST_TMPDIR=$BATS_TEST_TMPDIR/mock
    mkdir "$BATS_TEST_TMPDIR"
    start_mock
    sends=$(unused_port)
    reads=$(unused_port)
    "${produce[@]}" -X feed.rate=100 -X "feed.metrics.listen=127.0.0.1:$sends" \
        2>sends.log 3>&- &
    "${consume[@]}" -X "feed.metrics.listen=localhost:$reads" \
        >printed 2>reads.log 3>&- &
    eventually 10 is_state "$sends" /ready 'healthy 200 '
    eventually 10 is_state "$reads" /ready 'healthy 200 '
    is_state "$sends" /health 'healthy 200 '
    is_state "$reads" /health 'healthy 200 '
    eventually 10 test -s printed
    ask "$sends" /metrics >text
    grep -q '^pricefeed_records_arrived_total{program="producer"} [1-9]' text
    grep -q '^pricefeed_next_due_timestamp_seconds' text
    promtool check metrics <text
    ask "$reads" /metrics >text
    grep -q '^pricefeed_records_arrived_total{program="consumer"} [1-9]' text
    promtool check metrics <text
    [[ $(ask "$reads" /nothing -o /dev/null -w '%{http_code}') == 404 ]]
    end_jobs
}

@test "a producer that waits for Kafka says so" {
    local port
    port=$(unused_port)
    pf-producer -X bootstrap.servers=127.0.0.1:9 -X feed.seed=1 \
        -X "feed.metrics.listen=127.0.0.1:$port" 2>log 3>&- &
    eventually 10 is_state "$port" /health 'starting 503 '
    is_state "$port" /ready 'starting 503 '
    ask "$port" /metrics | grep -qx 'pricefeed_records_read_total{program="producer"} 0'
    end_jobs
}

@test "others need a token, which Prometheus sends" {
    local port token=0123456789abcdef
    port=$(unused_port)
    run -2 pf-producer -X "feed.metrics.listen=0.0.0.0:$port"
    [[ $output == *'feed.metrics.listen: '*'set a token'* ]]
    run -2 pf-producer -X "feed.metrics.listen=$port"
    [[ $output == *'feed.metrics.listen: '* ]]
    echo "$token" >token
    PRODUCER_FEED_METRICS_TOKEN_FILE=token pf-producer \
        -X bootstrap.servers=127.0.0.1:9 -X feed.seed=1 \
        -X "feed.metrics.listen=0.0.0.0:$port" 2>log 3>&- &
    eventually 10 ask "$port" /health
    [[ $(ask "$port" /metrics -o /dev/null -w '%{http_code}') == 401 ]]
    ask "$port" /metrics -f -o text -H "Authorization: Bearer $token"
    grep -q '^pricefeed_' text
    # Nothing of it is shown.
    PRODUCER_FEED_METRICS_TOKEN_FILE=token pf-producer --show-config >shown
    grep '^feed.metrics.token' shown
    run ! grep -q "$token" shown log
    end_jobs
}

@test "an address that is taken is an error, and the program ends" {
    local port
    port=$(unused_port)
    pf-producer -X bootstrap.servers=127.0.0.1:9 -X feed.seed=1 \
        -X "feed.metrics.listen=127.0.0.1:$port" 2>log 3>&- &
    eventually 10 ask "$port" /health
    run -1 pf-producer -X bootstrap.servers=127.0.0.1:9 -X feed.seed=1 \
        -X "feed.metrics.listen=127.0.0.1:$port"
    [[ $output == *"feed.metrics.listen: 127.0.0.1:$port: Address already in use"* ]]
    end_jobs
}
