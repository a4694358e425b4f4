#!/usr/bin/env bats
# FEED_LOGS=stderr: all logs of a real feed as lines of JSON on standard error.
# shellcheck disable=SC2154 # root is from kafka.bash

bats_require_minimum_version 1.5.0
load feed

setup() {
    feed_places
    export FEED_LOGS=stderr
}

teardown() {
    stop_feed
}

code() {
    cat "$FEED/code"
}

# objects PYTHON...: are all lines of standard error objects of a log? And is
# each of these expressions true of their list?
objects() {
    python3 - "$FEED/err" "$@" <<'END'
import json, re, sys
objects = []
for line in open(sys.argv[1], "rb"):
    assert line.endswith(b"\n") and len(line) <= 16384, line
    one = json.loads(line.decode())
    assert list(one) == ["time", "level", "program", "message"], line
    assert re.fullmatch(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", one["time"]), line
    assert one["level"] in ("error", "warning", "info", "debug"), line
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", one["message"]), line
    objects.append(one)

def of(program, text=""):
    return [o for o in objects if o["program"] == program and text in o["message"]]

for expression in sys.argv[2:]:
    assert eval(expression), expression
END
}

# log_lines PROGRAM: how many its log has.
log_lines() {
    wc -l <"$PF_RUN/log/$1.log"
}

relay_pid() {
    pgrep -P "$(feed_pid)" pf-init | head -n 1
}

# Begin a feed whose standard error is a pipe that somebody has open, and nobody
# reads until "$unread" is.
begin_unread_feed() {
    mkfifo "$FEED/fifo"
    exec {unread}<>"$FEED/fifo"
    {
        code=0
        # shellcheck disable=SC2016 # for the inner shell
        sh -c 'echo $$ >"$FEED/pid" && exec pf-init' || code=$?
        echo "$code" >"$FEED/code"
    } >"$FEED/out" 2>"$FEED/fifo" 3>&- &
    eventually 60 more_prices_than 10
}

@test "every line of standard error is an object, and every program has some" {
    start_feed
    eventually 20 more_prices_than 20
    end_feed
    [ "$(code)" = 0 ]
    run ! grep -v '^{"match": ' "$FEED/out"
    objects 'all(of(p) for p in ("zookeeper", "kafka", "producer", "consumer", "supervisord", "pf-init"))' \
        'len(of("pf-init", "broker ready after")) == 1' \
        'len(of("pf-init", "first price after")) == 1' \
        'of("pf-init")[-1]["message"] == "stopped cleanly"' \
        'of("supervisord", "spawned: '"'kafka'"'")' \
        'not of("consumer", "consumer: ")'
    # The files are there all the same, and what they have is what came.
    objects "len(of('supervisord')) == $(log_lines supervisord)" \
        "len(of('producer')) == $(log_lines producer)"
}

@test "an unknown value of FEED_LOGS is an error that names the known ones" {
    FEED_LOGS=sdterr refuses FEED_LOGS sdterr files stderr
}

@test "a mistake in the settings is told as objects" {
    export PRODUCER_FEED_RATE=soon KAFKA_NO_SUCH_SETTING=1
    run -2 --separate-stderr timeout 20 pf-init
    printf '%s\n' "$stderr" >"$FEED/err"
    objects 'any(o["program"] == "producer" and o["level"] == "error" and "soon" in o["message"] for o in objects)'
}

@test "a JVM's stack trace is one object, in time" {
    export KAFKA_LOG_SEGMENT_BYTES=7 # the broker refuses it
    begin_feed
    eventually 60 feed_has_ended
    [ "$(code)" != 0 ]
    objects 'any("Exception" in o["message"] and "\n\tat " in o["message"] for o in of("kafka"))' \
        'not any(o["message"].startswith(("\tat ", "java.")) for o in of("kafka"))' \
        'any(o["level"] == "error" for o in of("kafka"))' \
        'any(o["level"] == "error" and "failed" in o["message"] for o in of("pf-init"))'
}

@test "a line is on standard error within a second" {
    start_feed
    kill -KILL "$(program_pid producer)"
    SECONDS=0
    eventually 5 grep -q 'producer ended.*restarting' "$FEED/err"
    echo "2026-11-26T09:00:00.000Z warning producer: a test's line" \
        >>"$PF_RUN/log/producer.log"
    SECONDS=0
    eventually 5 grep -q "a test's line" "$FEED/err"
    in_time 1
}

@test "a standard error that nobody reads stalls nothing" {
    begin_unread_feed
    # Far more than the pipe holds, and the log rotates; what was relayed last
    # is in the middle of it.
    flood() {
        for _ in $(seq 20); do
            head -c 300000 /dev/zero | tr '\0' x | fold -w 100
        done
    }
    flood >>"$PF_RUN/log/kafka.log"
    for program in kafka producer consumer; do
        kill -KILL "$(program_pid "$program")"
    done
    now=$(prices)
    eventually 60 more_prices_than "$((now + 20))"
    SECONDS=0
    kill "$(feed_pid)"
    eventually 15 feed_has_ended
    in_time 10
    [ "$(code)" = 0 ]
    [ -e "$PF_DATA/kafka/.kafka_cleanshutdown" ]
    [ -z "$(feed_processes)" ]
    exec {unread}>&-
}

@test "what was not read in time is counted, and said when there is room" {
    begin_unread_feed
    log=$PF_RUN/log/kafka.log
    rotate() {
        mv "$log" "$log.1"
        : >"$log"
    }
    for _ in 1 2 3; do
        yes 'a line that nobody reads' | head -n 10000 >>"$log"
        rotate
        no_deleted_log_is_held() {
            local held
            held=$(find "/proc/$(relay_pid)/fd" -printf '%l\n') || return
            ! grep -q deleted <<<"$held"
        }
        eventually 5 no_deleted_log_is_held
    done
    cat <&"$unread" >"$FEED/err" &
    reader=$!
    eventually 10 grep -q 'lines and 0 whole files of the logs were dropped' "$FEED/err"
    end_feed
    kill "$reader"
    [ "$(code)" = 0 ]
    exec {unread}>&-
}

@test "a relay that is killed is started again" {
    start_feed
    has_relay() {
        [ -n "$(relay_pid)" ]
    }
    eventually 3 has_relay
    kill -KILL "$(relay_pid)"
    eventually 5 grep -q 'the relay of the logs had ended' "$FEED/err"
    kill -KILL "$(program_pid producer)"
    eventually 5 grep -q '"program":"supervisord".*exited: producer' "$FEED/err"
    end_feed
    [ "$(code)" = 0 ]
    objects 'of("pf-init")[-1]["message"] == "stopped cleanly"'
}

@test "a relay that hangs stalls nothing" {
    start_feed
    kill -STOP "$(relay_pid)"
    kill -KILL "$(program_pid consumer)"
    now=$(prices)
    eventually 30 more_prices_than "$((now + 20))"
    SECONDS=0
    end_feed
    in_time 10
    [ "$(code)" = 0 ]
    [ -z "$(feed_processes)" ]
}
