# processor.bash - pf-processor with a real Kafka of a test file's own, see
# kafka.bash: how to start it, and what it has written.
# shellcheck shell=bash

load kafka

setup_file() {
    # A member that was killed is missed after a second, and a transaction that
    # has timed out is ended soon.
    # shellcheck disable=SC2034 # start_kafka takes it
    broker_settings=(group.min.session.timeout.ms=500
        transaction.abort.timed.out.transaction.cleanup.interval.ms=200)
    start_kafka
}

teardown_file() {
    stop_kafka
}

setup() {
    cd "$BATS_TEST_TMPDIR" || return
}

teardown() {
    if [ -z "${BATS_TEST_COMPLETED:-}" ]; then
        tail -n 30 ./*.log
    fi
    end_jobs
    kill -CONT "$(<"$PF_RUN/kafka.pid")"
}

# process SETTING=VALUE... ($background: instead of this shell)
process() {
    ${background:+exec} timeout 120 pf-processor -X "bootstrap.servers=$BROKER" \
        -X session.timeout.ms=1000 -X heartbeat.interval.ms=200 "${@/#/-X}"
}

# start NAME SETTING=VALUE...: in the background; what it says is in NAME.log.
start() {
    background=yes process "${@:2}" >>"$1.log" 2>&1 3>&- &
    declare -g "pid_$1=$!"
}

# takes_signals PID: the child of timeout's process PID does, which blocks TERM to
# wait for it; or it has ended.
takes_signals() {
    local child
    [[ ! -e /proc/$1 || $(<"/proc/$1/stat") == *') Z '* ]] && return
    child=$(pgrep -P "$1") && grep -q '^SigBlk:.*4002$' "/proc/$child/status"
}

# child NAME: the processor's own process, of which timeout is the parent, once a
# signal reaches it.
child() {
    local pid=pid_$1
    eventually 20 takes_signals "${!pid}"
    pgrep -P "${!pid}"
}

# ends NAME CODE: it has ended, or does so, with that exit code.
ends() {
    local pid=pid_$1 code=0
    wait "${!pid}" || code=$?
    [[ $code == "$2" ]] && return
    echo "$1 ended with code $code; it last said:"
    tail -n 5 "$1.log"
    return 1
}

# read_all TOPIC FORMAT: what a reader of committed transactions sees, as kcat
# prints it, which waits for ever if the topic comes while it starts.
read_all() {
    timeout 30 kcat -b "$BROKER" -C -t "$1" -e -q -X isolation.level=read_committed -f "$2"
}

# sum_of_ends TOPIC [read_committed]: the sum of the offsets after the last records
# of its $PARTITIONS partitions, whether their transactions have ended or not.
sum_of_ends() {
    local p asked=()
    for ((p = 0; p < PARTITIONS; p++)); do
        asked+=(-t "$1:$p:-1")
    done
    kcat -b "$BROKER" -Q "${asked[@]}" -X isolation.level="${2:-read_uncommitted}" |
        awk '{ sum += $NF } END { print sum + 0 }'
}

# has_written TOPIC N: its ends sum up to N or more.
has_written() {
    (($(sum_of_ends "$1") >= $2))
}
