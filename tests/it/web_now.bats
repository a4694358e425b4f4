#!/usr/bin/env bats
# The live page's API on the feed itself: health, rates, programs, logs. Each
# answer is compared with web/openapi.json.

# shellcheck disable=SC2154 # root is from kafka.bash

bats_require_minimum_version 1.5.0
load feed

setup_file() {
    feed_places "$BATS_FILE_TMPDIR/feed"
    PRODUCER_FEED_RATE=200 start_feed
    eventually 20 healthy
}

teardown_file() {
    stop_feed
}

teardown() {
    end_jobs
    if [ -z "${BATS_TEST_COMPLETED:-}" ]; then
        tail -n 20 "$FEED/run/log/web.log"
    fi
}

# get PATH [FILTER]: what it answers, through jq.
get() {
    curl -s "http://127.0.0.1:$WEB_PORT$1" | jq -r "${2:-.}"
}

healthy() {
    [ "$(get /health .state)" = healthy ]
}

# is PATH FILTER VALUE
is() {
    [ "$(get "$1" "$2")" = "$3" ]
}

# holds PATH FILTER: it is true.
holds() {
    is "$1" "$2" true
}

control() {
    supervisorctl -c "$root/compose-pipeline/supervisord.conf" "$@"
}

@test "the API answers as its file says" {
    eventually 20 holds /api/v1/now '.printed_per_second > 0'
    echo '2026-11-26T12:00:00.000Z info made: up' >"$PF_RUN/log/made-up.log"
    # A program that writes now and then.
    (while sleep 0.2; do echo more; done) >>"$PF_RUN/log/made-up.log" 3>&- &
    pf-broker topic candles-1s --timeout 20
    echo '{"match":423,"start":"2026-11-26T09:00:00Z","end":"2026-11-26T09:00:01Z","open":4.50,"high":9,"low":1.1,"close":4.56,"count":3}' |
        kcat -b "$BROKER" -P -t candles-1s
    topic=/api/v1/topics/prices-topic
    "$root/tests/it/openapi.py" --all "http://127.0.0.1:$WEB_PORT" \
        /api/v1/topics "$topic" "$topic/records?limit=3" 404:/api/v1/topics/none \
        "$topic/records?text=match&from=oldest" 404:/api/v1/topics/none/records \
        "400:$topic/records?limit=0" "$topic/partitions/0/records/0" \
        "404:$topic/partitions/7/records/0" "$topic/partitions/0/records/0/value" \
        /api/v1/groups /api/v1/groups/pricefeed 404:/api/v1/groups/none \
        /api/v1/now /api/v1/now/events /api/v1/history /health /ready \
        /api/v1/logs /api/v1/logs/kafka '/api/v1/logs/kafka?lines=3&level=error' \
        /api/v1/logs/supervisord /api/v1/logs/made-up/events \
        404:/api/v1/logs/none '400:/api/v1/logs/kafka?lines=1001' \
        '400:/api/v1/logs/kafka?level=loud' 404:/api/v1/logs/none/events \
        "$topic/records?jq=.price%20%3E%205" "400:$topic/records?jq=%28" \
        /api/v1/candles /api/v1/candles/candles-1s/423/events \
        404:/api/v1/candles/none/423/events \
        404:/api/v1/store 404:/api/v1/store/openapi.json 404:/api/v1/store/a \
        404:/api/v1/store/a/1 404:/api/v1/store/a/1/history \
        400:/api/v1/candles/candles-1s/x/events \
        /api/v1/prices /api/v1/prices/events /metrics /api/v1/openapi.json
}

@test "now: rates, lag and what was printed are the feed's" {
    eventually 20 holds /api/v1/now \
        '.printed_per_second > 150 and .printed_per_second < 250'
    eventually 20 holds /api/v1/now \
        '.produced_per_second > 150 and .produced_per_second < 250'
    holds /api/v1/now '.lag < 200'
    holds /api/v1/now '.latency_seconds | 0 < .p50 and .p50 <= .p99 and .p99 <= .max'
    local before after
    before=$(prices)
    eventually 5 holds /api/v1/now ".printed >= $before"
    after=$(get /api/v1/now .printed)
    ((after <= $(prices)))
    eventually 20 holds /api/v1/history \
        '(.series.printed_per_second | length) == (.series.lag | length)
         and (.series.printed_per_second[-1] > 0)'
}

@test "now: what pf-init knows of each program" {
    local pid of_kafka='.programs[] | select(.name == "kafka")'
    is /api/v1/now "$of_kafka | .state" running
    is /api/v1/now "$of_kafka | .pid" "$(program_pid kafka)"
    holds /api/v1/now '.uptime_seconds > 1'
    pid=$(program_pid producer)
    kill -KILL "$pid"
    eventually 20 holds /api/v1/now ".programs[] | select(.name == \"producer\") |
        .restarts == 1 and .state == \"running\" and .pid != $pid"
    eventually 20 healthy
}

@test "now/events: one a second" {
    local begin=$EPOCHREALTIME
    # Only until the fourth is there: curl ends when it writes to nobody, events
    # later, and is not waited for.
    head -n 4 < <(curl -sN -m 20 "http://127.0.0.1:$WEB_PORT/api/v1/now/events" 3>&- |
        grep --line-buffered '^data: ' | sed -u 's/^data: //') |
        jq -r .time >"$BATS_TEST_TMPDIR/times"
    [ "$(sort -u "$BATS_TEST_TMPDIR/times" | wc -l)" = 4 ]
    python3 -c 'import sys; took = float(sys.argv[2]) - float(sys.argv[1])
assert 1.9 < took < 6 * int(sys.argv[3]), took' "$begin" "$EPOCHREALTIME" \
        "${DRILL_PATIENCE:-1}"
}

@test "health: says what pf-broker health says, and recovers" {
    control stop consumer
    eventually 20 is /health .why 'consumer: it is not running'
    [ "$(get /health .state)" = unhealthy ]
    [ "$(curl -s -o /dev/null -w '%{http_code}' "http://127.0.0.1:$WEB_PORT/health")" = 503 ]
    run -1 pf-broker health
    [[ $output == *"consumer: it is not running"* ]]
    control start consumer
    eventually 20 healthy
    [ "$(curl -s -o /dev/null -w '%{http_code}' "http://127.0.0.1:$WEB_PORT/health")" = 200 ]

    # The new consumer counts from 0: no rate is below that, and lag is.
    eventually 20 holds /api/v1/now '.printed_per_second > 0'
    holds /api/v1/history \
        '[.series.printed_per_second[] | select(. != null and . < 0)] == []'

    kill -STOP "$(program_pid consumer)"
    frozen() {
        [[ $(get /health .why) == 'consumer: it has not moved for'* ]]
    }
    eventually 20 frozen
    kill -CONT "$(program_pid consumer)"
    eventually 20 healthy
}

@test "logs: each program's, the last lines first in time" {
    local name
    for name in kafka zookeeper consumer producer supervisord; do
        get /api/v1/logs '.logs[].name' | grep -x "$name"
        holds "/api/v1/logs/$name" '.lines | length > 0'
        holds "/api/v1/logs/$name" '[.lines[].time | select(. != null)] != []'
    done
    is '/api/v1/logs/kafka?lines=1' '.lines | length' 1
    get '/api/v1/logs/supervisord?lines=1000' '.lines[].text' |
        grep "^spawned: 'kafka' with pid"
}

@test "logs: only plain files of the directory are served" {
    local path
    ln -s /etc/passwd "$PF_RUN/log/link.log"
    mkfifo "$PF_RUN/log/pipe.log"
    echo secret >"$PF_RUN/secret.log"
    for path in link pipe ../secret %2e%2e%2fsecret ..%2fsecret . .. %00 kafka.log \
        KAFKA %6bafka/ /etc/passwd; do
        run -0 curl -s --path-as-is -o "$BATS_TEST_TMPDIR/answer" \
            -w '%{http_code}' "http://127.0.0.1:$WEB_PORT/api/v1/logs/$path"
        [[ $output == 4?? ]] || { echo "$path: $output"; return 1; }
        run ! grep -E 'secret$|root:' "$BATS_TEST_TMPDIR/answer"
    done
    rm "$PF_RUN"/log/{link,pipe}.log "$PF_RUN/secret.log"
}

# follow NAME LINES: follow the log NAME, whose lines are numbers from 0 on, until
# all of them were seen, in order and none twice, or were said to be left out.
follow() {
    python3 - "http://127.0.0.1:$WEB_PORT/api/v1/logs/$1/events" "$2" <<'END'
import json, sys, urllib.request
url, wanted = sys.argv[1], int(sys.argv[2])
seen, left_out, last = 0, 0, -1
with urllib.request.urlopen(url, timeout=20) as answer:
    print("it follows", flush=True)
    for line in answer:
        if line.startswith(b"data: "):
            text = json.loads(line[6:])["text"]
            if text.startswith("("):
                left_out += int(text[1:].split()[0])
            else:
                assert int(text) > last, (text, last)
                last = int(text)
                seen += 1
            if last == wanted - 1:
                break
assert seen + left_out == wanted, (seen, left_out)
print(seen)
END
}

@test "logs: live, with each line once, while supervisord rotates" {
    local log=$PF_RUN/log/rotated.log said=$BATS_TEST_TMPDIR/said follower
    : >"$log"
    follow rotated 3000 >"$said" 2>&1 3>&- &
    follower=$!
    eventually 10 grep -q 'it follows' "$said"
    # supervisord's own way to write: half a line may be all that fits.
    /usr/bin/python3 - "$log" <<'END'
import sys, time
from supervisor.loggers import RotatingFileHandler, LogRecord, LevelsByName
handler = RotatingFileHandler(sys.argv[1], "ab", maxBytes=1000, backupCount=1)
handler.setFormat("%(message)s")
text = "".join(f"{i}\n" for i in range(3000))
for at in range(0, len(text), 7):
    handler.emit(LogRecord(LevelsByName.INFO, text[at:at + 7]))
    time.sleep(0.001)
END
    wait "$follower" || { cat "$said"; return 1; }
    # That was slow enough to see most of them.
    (($(tail -n 1 "$said") > 1500))
}

@test "logs: what comes faster than it can be read is counted" {
    local log=$PF_RUN/log/fast.log said=$BATS_TEST_TMPDIR/said follower
    : >"$log"
    follow fast 50000 >"$said" 2>&1 3>&- &
    follower=$!
    eventually 10 grep -q 'it follows' "$said"
    seq 0 49999 >>"$log"
    wait "$follower" || { cat "$said"; return 1; }
    (($(tail -n 1 "$said") <= 1000))
}

@test "a feed that has printed all its prices is finished" {
    feed_places
    PRODUCER_FEED_RATE=0 PRODUCER_FEED_COUNT=1000 start_feed
    eventually 20 is /health .why 'all prices are printed, 1000 since the consumer started'
    eventually 20 is /health .state finished
    eventually 20 is /ready .state ready
    kill -STOP "$(program_pid kafka)"
    eventually 20 is /health .why 'broker: it does not answer'
    eventually 20 is /ready .state waiting
    kill -CONT "$(program_pid kafka)"
    eventually 20 is /health .state finished
    stop_feed
}

@test "without feed.run only the broker is known" {
    WEB_PORT=$(unused_port)
    pf-web -X "feed.web.listen=127.0.0.1:$WEB_PORT" -X "bootstrap.servers=$BROKER" \
        -X "feed.web.assets=$PF_PAGE" 3>&- &
    local web=$!
    eventually 20 healthy
    "$root/tests/it/openapi.py" "http://127.0.0.1:$WEB_PORT" /api/v1/now /health \
        404:/api/v1/history 404:/api/v1/logs 404:/api/v1/logs/kafka \
        404:/api/v1/logs/kafka/events
    is /api/v1/now .printed_per_second null
    kill "$web"
    wait "$web"
}
