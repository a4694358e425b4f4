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
