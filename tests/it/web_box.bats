#!/usr/bin/env bats
# The page in the feed's box: when it starts, and what happens to the feed when
# it does not.
# shellcheck disable=SC2154 # root is from kafka.bash

bats_require_minimum_version 1.5.0
load feed

setup() {
    feed_places
}

teardown() {
    stop_feed
    end_jobs
}

# Healthy or not.
page_answers() {
    curl -s -o /dev/null "http://127.0.0.1:$WEB_PORT/health"
}

control() {
    supervisorctl -c "$root/compose-pipeline/supervisord.conf" "$@"
}

niceness() {
    ps -o ni= -p "$(program_pid "$1")"
}

page_runs() {
    program_pid web >/dev/null
}

@test "the page answers after the first price, and is the first to stop" {
    start_feed
    eventually 10 page_answers
    [ "$(ps -o comm= -p "$(program_pid web)")" = pf-web ]
    (($(niceness web) > $(niceness consumer) || $(niceness consumer) == 19))
    grep -qx 'feed.topic=prices-topic' "$PF_RUN/web.properties"
    SECONDS=0
    end_feed
    in_time 7
    [ "$(cat "$FEED/code")" = 0 ]
    has_said 'stopped cleanly'
    [ -z "$(feed_processes)" ]
    grep -oE 'stopped: [a-z]+' "$PF_RUN/log/supervisord.log" | head -n 2 |
        diff - <(printf 'stopped: %s\n' web consumer)
}

@test "without a price the page is there after 5 s, with the consumer's topic" {
    export CONSUMER_FEED_TOPIC=of-others
    SECONDS=0
    begin_feed
    eventually 20 page_answers
    ((SECONDS >= 4))
    run ! has_said 'first price'
    grep -qx 'feed.topic=of-others' "$PF_RUN/web.properties"
}

@test "a page that is killed comes back" {
    start_feed
    eventually 10 page_answers
    local pid
    pid=$(program_pid web)
    kill -KILL "$pid"
    eventually 5 has_said 'web ended (terminated by SIGKILL); restarting it'
    eventually 5 page_runs
    [ "$(program_pid web)" != "$pid" ]
    eventually 5 page_answers
}

@test "WEB_ENABLED=false leaves the page out; another word is refused" {
    WEB_ENABLED=maybe refuses "environment WEB_ENABLED: 'maybe'"
    export WEB_ENABLED=false
    start_feed
    eventually 20 more_prices_than 20 # well after the first
    run control status web
    [[ $output == *'STOPPED'*'Not started'* ]]
    [ ! -e "$PF_RUN/log/web.log" ] || [ ! -s "$PF_RUN/log/web.log" ]
    run ! page_answers
    end_feed
    [ "$(cat "$FEED/code")" = 0 ]
}

@test "a port that somebody else has costs the page, which is said once" {
    python3 -m http.server --bind 127.0.0.1 "$WEB_PORT" >/dev/null 2>&1 3>&- &
    local other=$!
    eventually 10 page_answers
    start_feed
    eventually 20 has_said "web failed (exit status 1); the feed goes on without its page; its log is $PF_RUN/log/web.log"
    grep -q "^pricefeed: web: .*$WEB_PORT" "$FEED/err"
    local seen
    seen=$(prices)
    eventually 10 more_prices_than $((seen + 20))
    [ "$(grep -c 'web failed' "$FEED/err")" = 1 ]
    [ "$(grep -c 'web ended' "$FEED/err")" = 3 ]
    run ! page_runs
    run -0 pf-broker health
    # Once the port is free, whoever wants the page can have it.
    kill "$other"
    eventually 5 gone "$other"
    run ! page_answers
    control start web
    eventually 10 page_answers
    end_feed
    [ "$(cat "$FEED/code")" = 0 ]
}

@test "a mistake in web.properties costs the page, and is named" {
    own_config
    echo 'feed.web.listne=127.0.0.1:1' >>"$PF_CONFIG/web.properties"
    start_feed
    eventually 10 has_said 'web failed (exit status 2); the feed goes on'
    grep -q "^pricefeed: web: .*web.properties:.*'feed.web.listne'" "$FEED/err"
    run ! has_said 'restarting it'
    eventually 10 more_prices_than 20
}

@test "a page that hangs does not keep the feed from stopping" {
    start_feed
    eventually 10 page_answers
    kill -STOP "$(program_pid web)"
    SECONDS=0
    end_feed
    in_time 7
    [ "$(cat "$FEED/code")" = 0 ]
    [ -e "$PF_DATA/kafka/.kafka_cleanshutdown" ]
    [ -z "$(feed_processes)" ]
}
