# drill.bash - what the drills share: a feed of their own in a container, a
# fault, what is measured, the audit, and the verdict.
# shellcheck shell=bash disable=SC2034 # the drills use them
#
# A drill is one executable script in this directory. To add one, write
#
#   #!/bin/bash
#   # kill-broker - what is done to the feed, in one line.
#   # promise: what the table shows as the promise
#   # takes: 25 s, quick          (quick: it is part of `make test`)
#   # shellcheck source=tests/drill/drill.bash
#   source "${0%/*}/drill.bash"
#
#   start_feed PRODUCER_FEED_RATE=5000    # and wait until it prints
#   fault signal KILL kafka               # remembers the moment
#   await_prices 5000                     # so many more, or the drill fails
#   within 10 "printing again" "$(silence)"
#   audit                                 # all that was made was printed, ...
#   stop_feed                             # ... and it ends cleanly
#
# and name it in docs/guarantees.md. Whatever fails ends the drill with the
# verdict FAIL: a command (set -e), `fail SENTENCE`, or a value that `within`
# finds too large (that one lets the drill go on, to measure the rest). A drill
# that reaches its end has passed. Files of the drill are below $dir, which is
# build/drill/NAME; what it said is in
# build/drill/NAME.log.
#
# A fault counts only if records were in flight when it came: made by then, and
# not printed by then. `audit` checks each of them.

set -euo pipefail

here=$(cd "${BASH_SOURCE[0]%/*}" && pwd)
root=${here%/*/*}
name=${0##*/}
dir=${DRILL_DIR:-$root/build/drill/$name}
image=${DRILL_IMAGE:-pricefeed:test}
feed=pfdrill-$name-$$    # the container, and the volume
data=/var/lib/pricefeed  # the volume's place in it
ledger=$data/drill.ledger
faults=()                # when, in ns since 1970
seed=${DRILL_SEED:-$RANDOM} # of the drill's own choices
RANDOM=$seed
failures=()
measured=()

# shellcheck source=tests/eventually.bash
source "$root/tests/eventually.bash"

rm -rf "$dir"
mkdir -p "$dir"
touch "$dir/console" "$dir/past"

# ---------------------------------------------------------------- verdict --

# fail SENTENCE: the promise does not hold, and nothing else is of interest.
fail() {
    failures+=("$*")
    exit 1
}

# note TEXT: for the table's column of measured values.
note() {
    measured+=("$*")
    echo "$name: $*"
}

# within LIMIT WHAT VALUE [UNIT]: so many seconds, or UNITs, at most.
within() {
    note "$2 $3 ${4:-s}"
    if ! awk "BEGIN { exit !($3 <= $1) }"; then
        failures+=("$2: $3 is more than $1")
    fi
}

# What a drill ends with, whatever has happened: one line in $dir/result.
conclude() {
    local code=$? verdict=pass text
    trap - ERR
    set +e
    if ((code != 0 || ${#failures[@]} > 0)); then
        verdict=FAIL
        ((${#failures[@]} > 0)) || failures=("ended with code $code, see $dir.log")
        docker logs --tail 20 "$feed" >/dev/null
    fi
    docker rm --force --volumes "$feed" "$feed-other" >/dev/null 2>&1
    docker volume rm --force "$feed" >/dev/null 2>&1
    text=$(printf '%s; ' "${failures[@]}" "${measured[@]}")
    printf '%s\t%s\t%s\t%s\n' "$name" "$verdict" "$SECONDS" "${text%; }" \
        >"$dir/result"
    [ "$verdict" = pass ]
    exit
}

trap conclude EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
# Where a command of the drill has failed.
set -E
trap 'echo "$name: line ${BASH_LINENO[0]}: \"$BASH_COMMAND\" failed" >&2' ERR

# ------------------------------------------------------------------- feed --

now_ns() {
    echo $((${EPOCHREALTIME/[.,]/} * 1000))
}

# create_feed [--DOCKER-OPTION=VALUE...] [NAME=VALUE...]: a container as
# docker-compose.yml has it, on the volume $feed; it is not waited for.
# DRILL_DOCKER has more of Docker's options, for proofs that a drill can fail.
create_feed() {
    local arg options=()
    for arg in "$@" ${DRILL_DOCKER:-}; do
        case $arg in
        -*) options+=("$arg") ;;
        *) options+=(--env "$arg") ;;
        esac
    done
    docker create --name "$feed" --hostname feed --read-only \
        --tmpfs /run --tmpfs /tmp:exec --cap-drop ALL \
        --security-opt no-new-privileges --volume "$feed:$data" \
        --volume "$here/inside:/drill:ro" "${options[@]}" "$image" >/dev/null
}

# Start it (again), and have what it prints in $dir/console, each line with its
# time, and what it says in $dir/talk. This is the moment of a restart.
launch_feed() {
    launched=$(now_ns)
    docker start "$feed" >/dev/null
    follow
}

follow() {
    docker logs --follow --timestamps "$feed" >"$dir/console" 2>"$dir/talk" &
    follower=$!
}

# start_feed: create_feed, launch_feed, and wait until it prints.
start_feed() {
    create_feed "$@"
    launch_feed
    await_prices 1000
}

# replace_feed: a new container with other settings on the same volume.
replace_feed() {
    cat "$dir/console" >>"$dir/past"
    docker rm --force "$feed" >/dev/null
    start_feed "$@"
}

# in_feed COMMAND...
in_feed() {
    docker exec --interactive "$feed" "$@"
}

# stop_feed: ask it to stop, and require 10 s and code 0.
stop_feed() {
    local began
    began=$(now_ns)
    docker stop --time 20 "$feed" >/dev/null
    within 10 "stopped in" "$(seconds_since "$began")"
    has_ended 0
}

# has_ended CODE: wait for the end, and require this code.
has_ended() {
    local code
    code=$(timeout 60 docker wait "$feed") || fail "the feed does not end"
    wait_follower
    ((code == $1)) || fail "the feed ended with code $code"
}

# Docker may end a `logs --follow` before the last lines: read them all.
wait_follower() {
    wait "$follower" || :
    docker logs --timestamps "$feed" >"$dir/console" 2>"$dir/talk"
}

seconds_since() {
    awk "BEGIN { printf \"%.2f\", ($(now_ns) - $1) / 1e9 }"
}

said() {
    grep -qF -- "$1" "$dir/talk"
}

lines() {
    wc -l <"$dir/console"
}

has_lines() {
    (($(lines) >= $1))
}

# await_prices N: wait until N more are printed.
await_prices() {
    eventually "${2:-60}" has_lines $(($(lines) + $1)) ||
        fail "no $1 more prices within ${2:-60} s"
}

# ------------------------------------------------------------------ fault --

# signal NAME PROGRAM...: kafka, zookeeper, producer, consumer, supervisord;
# prints the moment.
signal() {
    in_feed /drill/signal "$@"
}

# fault COMMAND...: do it, and remember when: the time in ns that the command
# prints, or that of its start.
fault() {
    local moment printed
    moment=$(now_ns)
    printed=$("$@")
    [[ $printed =~ ^[0-9]{19}$ ]] && moment=$printed
    faults+=("$moment")
    echo "$name: $* at $moment"
}

# --------------------------------------------------------------- measured --

# silence: the longest time without a line since the first fault, in s.
silence() {
    "$here/measure" silence "${faults[0]}" "$dir/console"
}

# ------------------------------------------------------------------ audit --

# audit: end the producer, let the consumer catch up, and hold topic, ledger
# and console against each other.
audit() {
    in_feed supervisorctl stop producer >/dev/null
    eventually 30 is_caught_up || fail "the console did not catch up"
    "$here/measure" console "$dir/topic" "$dir/past" "$dir/console" \
        >"$dir/audit" || fail "$(tail -n 1 "$dir/audit")"
    note "$(found records) records, $(found twice) printed twice"
}

# found WHAT: a number of the audit's.
found() {
    sed -n "s/^$1 //p" "$dir/audit"
}

# The end of the console is the end of the topic.
is_caught_up() {
    in_feed pf-consumer -X bootstrap.servers=127.0.0.1:19092 -X group.id=audit \
        -X feed.start=earliest -X feed.exit.at.end=true >"$dir/topic"
    cmp <(tail -n 20 "$dir/topic") \
        <(tail -n 20 "$dir/console" | cut -d ' ' -f 2-)
}
