# drill.bash - what the drills share: a feed of their own in a container, a
# fault, what is measured, the audit, and the verdict.
# shellcheck shell=bash disable=SC2034 # the drills use them
#
# A drill is one executable script in this directory. To add one, write
#
#   #!/bin/bash
#   # kill-broker - what is done to the feed, in one line.
#   # promise: what the table shows as the promise
#   # takes: 25 s, quick          (quick: CI runs it; native: without a container,
#                                  see cluster_feed.bash)
#   # shellcheck source=tests/drill/drill.bash
#   source "${0%/*}/drill.bash"
#
#   start_feed                            # and wait until it prints
#   fault signal KILL kafka               # remembers the moment
#   await_prices 5000                     # that many more, or the drill fails
#   within 10 "printing again" "$(silence)"
#   audit                                 # all that was made was printed, ...
#   stop_feed                             # ... and it ends cleanly
#
# and name it in docs/guarantees.md. Whatever fails ends the drill with the
# verdict FAIL: a command (set -e), `fail SENTENCE`, or a value that `within`
# finds too large (that one lets the drill go on, to measure the rest). A drill
# that reaches its end has passed. Files of the drill are below $dir, which is
# build/drill/NAME; what it said is in
# build/drill/NAME.log, the logs of the feed's programs are in $dir/log.
#
# A fault counts only if records were in flight when it came: made by then, and
# not printed by then. `audit` checks each of them; three in four have to count.

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
client=(-X bootstrap.servers=127.0.0.1:19092) # how the audit connects
seed=${DRILL_SEED:-$RANDOM} # of the drill's own choices
RANDOM=$seed
may_print_twice=0
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

# within LIMIT WHAT VALUE: at most LIMIT seconds. On a machine that is busy with
# other things, DRILL_PATIENCE=3 allows three times that.
within() {
    note "$2 $3 s"
    if ! awk "BEGIN { exit !($3 <= $1 * ${DRILL_PATIENCE:-1}) }"; then
        failures+=("$2: $3 is more than $1")
    fi
}

# The end of a drill, whatever has happened: write one line to $dir/result.
conclude() {
    local code=$? verdict=pass text
    trap - ERR
    set +e
    # A reader that has stalled would keep Docker waiting.
    # shellcheck disable=SC2046 # a list
    kill -KILL $(jobs -p) 2>/dev/null
    if ((code != 0 || ${#failures[@]} > 0)); then
        verdict=FAIL
        ((${#failures[@]} > 0)) || failures=("ended with code $code, see $dir.log")
        show_feed
        keep_logs 2>/dev/null
    fi
    remove_feed >/dev/null 2>&1
    text=$(printf '%s; ' "${failures[@]}" "${measured[@]}")
    printf '%s\t%s\t%s\t%s\n' "$name" "$verdict" "$SECONDS" "${text%; }" \
        >"$dir/result"
    [ "$verdict" = pass ]
    exit $? # without it, the drill's own code would count
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
# docker-compose.yml has it, on the volume $feed; it is not waited for. Prices
# come at 5000 a second, of the drill's seed, unless an argument says otherwise.
# DRILL_DOCKER has more of Docker's options, for proofs that a drill can fail.
create_feed() {
    local arg options=(--env PRODUCER_FEED_RATE=5000
        --env "PRODUCER_FEED_SEED=$seed" --env "PRODUCER_FEED_LEDGER=$ledger")
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

# kill_feed: as a crash of the machine's engine would. launch_feed starts it.
kill_feed() {
    docker kill --signal KILL "$feed" >/dev/null
    wait_follower
}

# open_shell: start a shell inside the feed, for when Docker itself no longer
# answers because nobody reads the console. inside COMMAND makes it run a
# command and prints the output.
open_shell() {
    coproc shell { docker exec --interactive "$feed" sh; }
    # Those of a coproc are not there in subshells.
    exec {to_shell}>&"${shell[1]}" {from_shell}<&"${shell[0]}"
}

inside() {
    local line
    echo "$*; echo the end" >&"$to_shell"
    while read -rt 20 line <&"$from_shell" && [ "$line" != "the end" ]; do
        echo "$line"
    done
}

# What a failed drill has to show.
show_feed() {
    timeout 20 docker logs --tail 20 "$feed" >/dev/null
}

# remove_feed: with its volume, for another one.
remove_feed() {
    timeout 60 docker rm --force --volumes "$feed" "$feed-other"
    docker volume rm --force "$feed"
    faults=()
}

# in_feed COMMAND...
in_feed() {
    docker exec --interactive "$feed" "$@"
}

# stop_feed: ask it to stop, and require 10 s and code 0.
stop_feed() {
    local began
    keep_logs
    began=$(now_ns)
    docker stop --time 20 "$feed" >/dev/null
    within 10 "stopped in" "$(seconds_since "$began")"
    has_ended 0
}

# Copy the programs' logs, which are lost with the container, to $dir/log.
keep_logs() {
    timeout 30 docker exec "$feed" \
        tar --create --directory=/run/pricefeed log |
        tar --extract --directory="$dir"
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

has_printed() {
    (($(lines) >= $1))
}

# await_prices N [SECONDS]: wait until N more are printed, 60 s at most.
await_prices() {
    await_lines $(($(lines) + $1)) "${@:2}"
}

# await_lines N [SECONDS]: wait until this container has printed N in all.
await_lines() {
    local seconds=${2:-60}

    eventually "$seconds" has_lines_or_ended "$1" ||
        fail "no more than $(lines) prices within $seconds s; $1 were expected"
    if ! has_printed "$1"; then
        wait_follower
        has_printed "$1" || fail "the feed ended: $(tail -n 1 "$dir/talk")"
    fi
}

has_lines_or_ended() {
    has_printed "$1" || ! kill -0 "$follower"
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
    "$@" >"$dir/moment"
    printed=$(<"$dir/moment")
    [[ $printed =~ ^[0-9]{19}$ ]] && moment=$printed
    faults+=("$moment")
    echo "$name: $* at $moment"
}

# pause SECONDS: for a fault that lasts; to wait for something, ask for it.
pause() {
    read -rt "$1" <> <(:) || :
}

# --------------------------------------------------------------- measured --

# silence: the longest time without a line since the first fault, in s.
silence() {
    "$here/measure" silence "${faults[0]}" "$dir/console"
}

# await_start: wait for the first price after launch_feed, which is not the first
# line that Docker shows: those of earlier starts come again. $started is then
# how long it took, in s.
await_start() {
    eventually 60 has_started || fail "no price within 60 s of the start"
}

has_started() {
    started=$("$here/measure" first "$launched" "$dir/console")
}

larger() {
    printf '%s\n' "$@" | sort -n | tail -n 1
}

# made COUNT: the first prices of the run with this drill's seed. The ledger that
# the container's environment names is the feed's.
made() {
    in_feed pf-producer -X feed.sink=console -X feed.ledger= -X feed.rate=0 \
        -X "feed.seed=$seed" -X "feed.count=$1" 2>>"$dir/made.log"
}

# cluster_id: who the broker says it is.
cluster_id() {
    in_feed sed -n 's/^cluster.id=//p' "$data/kafka/meta.properties"
}

# is_the_same WHAT BEFORE NOW
is_the_same() {
    [ "$2" = "$3" ] || failures+=("$1 was $2 and is $3")
}

# ------------------------------------------------------------------ audit --

# never_fatal: by its log, supervisord has given up no program, and no broker
# has died because ZooKeeper still remembered the one before it.
never_fatal() {
    in_feed test -s /run/pricefeed/log/supervisord.log &&
        in_feed test -s /run/pricefeed/log/kafka.log ||
        failures+=("there are no logs to look at")
    if in_feed grep FATAL /run/pricefeed/log/supervisord.log; then
        failures+=("a program was FATAL")
    fi
    if in_feed grep -m 1 NodeExists /run/pricefeed/log/kafka.log; then
        failures+=("the broker died of a stale registration")
    fi
}

# was_clean: the last stop was one, as the next start finds.
was_clean() {
    launch_feed
    await_start
    if said 'the last stop was not clean'; then
        failures+=("the stop was not clean")
    fi
}

# must_fail DRILL TEXT: for proofs that a drill can fail: run it with the
# options in DRILL_DOCKER, and require that it fails and its output matches the
# regular expression TEXT.
must_fail() {
    local why
    if DRILL_DIR=$dir/drill timeout $((300 * ${DRILL_PATIENCE:-1})) "$here/$1"; then
        fail "$1 passes all the same"
    fi
    why=$(cut -f 4 "$dir/drill/result")
    [[ $why =~ $2 ]] || fail "$1 fails, but for another reason: $why"
    note "$1 fails: ${why%%;*}"
}

# altered FILE SCRIPT: DRILL_DOCKER with a FILE of the image, named as in this
# tree, that sed's SCRIPT has altered.
altered() {
    local copy=$dir/${1//\//-}
    sed -E "$2" "$root/$1" >"$copy"
    if cmp -s "$copy" "$root/$1"; then
        fail "there is nothing to alter in $1"
    fi
    chmod 755 "$copy"
    export DRILL_DOCKER="${DRILL_DOCKER:-} --volume=$copy:/usr/local/share/pricefeed/$1:ro"
}

# audit: end the producer, let the consumer catch up, and have pf-audit compare
# topic, ledger and console. may_print_twice lines may be printed twice: those
# of a commit interval, one second, for each kill of the consumer.
audit() {
    in_feed supervisorctl stop producer >/dev/null || :
    eventually 30 is_caught_up || fail "the console did not catch up"
    in_feed cat "$ledger" >"$dir/ledger"
    cut -d ' ' -f 2- "$dir/past" "$dir/console" |
        in_feed pf-audit "${client[@]}" \
            --ledger="$ledger" --console=- -X audit.complete=true \
            -X "audit.printed.twice.max=$may_print_twice" >"$dir/audit" ||
        fail "not valid: $(sed -nE 's/^([a-z-]+: [0-9]+)  \(.*/\1/p' \
            "$dir/audit" | paste -sd ' ')"
    "$here/measure" console "$dir/topic" "$dir/past" "$dir/console" \
        >"$dir/measured" || fail "pf-audit has missed something"
    note "valid: $(found records) records, $(found twice) printed twice"
    counts
}

# counts: were records in flight at each fault?
counts() {
    local few
    ((${#faults[@]} > 0)) || return 0
    few=$("$here/measure" in-flight "$dir/topic" "$dir/ledger" \
        "$(printf '%s\n' "${faults[@]}")" "$dir/past" "$dir/console" 2>&1) ||
        fail "the drill does not count: $few"
    note "at least $few"
}

# found WHAT: records, twice, or back: see measure.
found() {
    sed -n "s/^$1 //p" "$dir/measured"
}

# The last price of the console is that of the topic. One, not several: those
# before it may be prices printed twice, after a start near the topic's end.
is_caught_up() {
    in_feed pf-consumer "${client[@]}" -X group.id=audit \
        -X feed.start=earliest -X feed.exit.at.end=true >"$dir/topic"
    cmp <(tail -n 1 "$dir/topic") \
        <(tail -n 1 "$dir/console" | cut -d ' ' -f 2-)
}
