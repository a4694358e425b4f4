# feed.bash - a whole feed of a test's own, beside whatever else runs.
#
# Load it, call feed_places in setup and stop_feed in teardown. The feed is
# started as on a bare machine: by pf-init, with the shipped config/, on free
# ports of 127.0.0.1, and with everything below $FEED. What it prints is in
# $FEED/out and what it says in $FEED/err.

# shellcheck source=tests/it/kafka.bash
source "${BASH_SOURCE%/*}/kafka.bash"

# feed_places [DIR]: set the environment of a feed that lives in DIR.
feed_places() {
    export FEED=${1:-$BATS_TEST_TMPDIR/feed}
    export PF_HOME=$root PF_CONFIG=${PF_CONFIG:-$root/config} PF_BIND=127.0.0.1
    export PF_DATA=$FEED/data PF_RUN=$FEED/run
    have_tools
    export FEED_PORT LOCAL_PORT DOCKER_PORT ZK_PORT WEB_PORT
    read -r FEED_PORT LOCAL_PORT DOCKER_PORT ZK_PORT WEB_PORT \
        < <(unused_port 5)
    export BROKER=127.0.0.1:$FEED_PORT
    export KAFKA_LISTENERS=LOCAL://127.0.0.1:$LOCAL_PORT,DOCKER://127.0.0.1:$DOCKER_PORT,HOST://127.0.0.1:$FEED_PORT
    export KAFKA_ADVERTISED_LISTENERS=DOCKER://localhost:$DOCKER_PORT,HOST://localhost:$FEED_PORT
    export ZOOKEEPER_CLIENTPORT=$ZK_PORT
    export KAFKA_ZOOKEEPER_CONNECT=127.0.0.1:$ZK_PORT
    mkdir -p "$PF_DATA" "$PF_RUN"
}

# own_config: give the feed a config/ that the test may edit.
own_config() {
    cp -R "$root/config" "$FEED/config"
    chmod -R u+w "$FEED/config"
    export PF_CONFIG=$FEED/config
}

# begin_feed [COMMAND...]: start it, and do not wait. COMMAND ends in running its
# arguments, which start the feed.
begin_feed() {
    rm -f "$FEED"/{code,pid,out,err} # of the one before
    # Descriptor 3 is bats' own, and would keep it waiting.
    {
        code=0
        # shellcheck disable=SC2016 # for the inner shell
        sh -c 'echo $$ >"$FEED/pid" && exec "$@" pf-init' sh "$@" || code=$?
        echo "$code" >"$FEED/code"
    } >"$FEED/out" 2>"$FEED/err" 3>&- &
    eventually 5 test -s "$FEED/pid"
}

# start_feed [COMMAND...]: start it, and wait until the first price is printed.
start_feed() {
    begin_feed "$@"
    eventually 60 has_come_up
    has_said 'first price'
}

# It prints, or never will.
has_come_up() {
    has_said 'first price' || feed_has_ended
}

# has_said TEXT: did pf-init say that?
has_said() {
    grep -qF -- "$1" "$FEED/err"
}

feed_has_ended() {
    [ -s "$FEED/code" ]
}

feed_pid() {
    cat "$FEED/pid"
}

# end_feed: ask it to stop, and wait. Its exit code is in $FEED/code.
end_feed() {
    kill "$(feed_pid)"
    eventually 15 feed_has_ended
}

# stop_feed: for teardown: nothing of it is left, whatever has happened.
stop_feed() {
    if [ -s "$FEED/pid" ] && ! feed_has_ended; then
        end_feed || kill -KILL "$(feed_pid)"
    fi
    show_feed_of_failure
}

# What a failed test has to show.
show_feed_of_failure() {
    if [ -z "${BATS_TEST_COMPLETED:-}" ] && [ -r "$FEED/err" ]; then
        cat "$FEED/err"
        tail -n 5 "$PF_RUN"/log/*.log
    fi
}

# How many prices it has printed.
prices() {
    wc -l <"$FEED/out"
}

more_prices_than() {
    [ "$(prices)" -gt "$1" ]
}

# refuses WORD...: pf-init ends with 2 at once and says each of these.
refuses() {
    local word
    run --separate-stderr timeout 20 pf-init
    [ "$status" = 2 ]
    [ -z "$output" ]
    for word; do
        # shellcheck disable=SC2154 # from run
        [[ $stderr == *"$word"* ]] || {
            echo "'$word' is not in: $stderr"
            return 1
        }
    done
}

# feed_processes: every process that has to do with this feed.
feed_processes() {
    local dir
    # A process may end meanwhile.
    while read -r dir; do
        dir=${dir%/environ}
        if grep --quiet --no-messages --extended-regexp \
            'pf-(init|broker|producer|consumer|processor|web)|supervisord|java' \
            "$dir/cmdline"; then
            echo "${dir#/proc/}"
        fi
    done < <(grep --files-with-matches --null-data --no-messages \
        --line-regexp --fixed-strings "PF_RUN=$PF_RUN" /proc/[0-9]*/environ)
}

# program_pid NAME: the process of one of the feed's programs. Of one that does
# not run supervisorctl says 0, and kill would take that for our own group.
program_pid() {
    local pid
    pid=$(supervisorctl -c "$root/compose-pipeline/supervisord.conf" pid "$1")
    ((pid > 0)) && echo "$pid"
}
