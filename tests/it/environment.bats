#!/usr/bin/env bats
# What a machine brings along does not matter, or is named: docs/operations.md
# has the list.
# shellcheck shell=bash disable=SC2016,SC2154

bats_require_minimum_version 1.5.0
load feed

setup() {
    cd "$BATS_TEST_TMPDIR" || return
}

teardown() {
    [ -z "${FEED:-}" ] || stop_feed
}

# A directory with two locales that few machines have: in the one i and I are
# different letters, in the other the decimal point is a comma.
make_locales() {
    local name
    export LOCPATH=$BATS_FILE_TMPDIR/locales
    [ ! -d "$LOCPATH" ] || return 0
    mkdir "$LOCPATH"
    for name in tr_TR de_DE; do
        localedef -i "$name" -f UTF-8 "$LOCPATH/$name.UTF-8"
    done
}

# Put a pf-init before the real one in PATH, and read what it does first from
# standard input.
machine() {
    mkdir -p "$FEED/machine"
    {
        echo '#!/bin/bash'
        cat
        echo "exec '$root/build/pf-init'"
    } >"$FEED/machine/pf-init"
    chmod +x "$FEED/machine/pf-init"
    PATH=$FEED/machine:$PATH
}

# says SENTENCE COMMAND...: it ends with code, 2 unless set, and says that.
says() {
    local sentence=$1
    shift
    run --separate-stderr timeout 20 "$@"
    echo "$*: expected $sentence; got $status, $stderr"
    [[ $status == "${code:-2}" && $stderr == *"$sentence"* ]]
}

@test "a feed on a machine that is odd in every way" {
    make_locales
    mkdir "feature%2Fa ñ b"
    ln -s "$root" "feature%2Fa ñ b/check#out"
    feed_places "$PWD/feature%2Fa ñ b/feed"
    export PF_HOME="$PWD/feature%2Fa ñ b/check#out"
    export PF_JARS=$PF_HOME/build/jars
    mkdir python
    echo 'raise SystemExit(3)' >python/random.py
    gcc -D_GNU_SOURCE -shared -fPIC -o many_files.so "$root/tests/it/many_files.c"
    machine <<'END'
export LC_ALL=tr_TR.UTF-8 LANGUAGE=tr TZ=Asia/Kolkata
export http_proxy=http://127.0.0.1:1 HTTPS_PROXY=http://127.0.0.1:1
export ALL_PROXY=socks5://127.0.0.1:1 no_proxy=
export JAVA_TOOL_OPTIONS=-XX:+UseG1GC JDK_JAVA_OPTIONS=-Xmx8m
export _JAVA_OPTIONS=-Xmx8m JAVA_HOME=/nonexistent CLASSPATH=/nonexistent
export PYTHONPATH=$BATS_TEST_TMPDIR/python PYTHONHOME=/nonexistent
export PER=50% CENT='%(PER)s %% %' POSIXLY_CORRECT=1 CDPATH=.:/tmp IFS=/
export BASH_ENV=/nonexistent ENV=/nonexistent TMPDIR=/nonexistent
export PGHOST=/nonexistent PGOPTIONS=nonsense
unset HOME USER LOGNAME PWD
umask 0700
ulimit -Sf 1 -Ss 128 -St 1
trap '' TERM HUP INT QUIT CHLD PIPE USR1 USR2 ALRM
exec <&-
export LD_PRELOAD=$BATS_TEST_TMPDIR/many_files.so
END
    start_feed
    # Nothing to say: neither of python, perl, java nor of the shells.
    run ! grep -v '^pricefeed: ' "$FEED/err"
    grep -q 'JAVA_TOOL_OPTIONS' "$PF_RUN/log/kafka.log"
    run ! grep -rF '+05:30' "$PF_RUN/log"
    [ -z "$(find "$PF_DATA" "$PF_RUN" -perm /022 ! -type l ! -type s)" ]
    # As under nohup: a terminal that is closed is no reason to end.
    kill -HUP "$(feed_pid)"
    printed=$(wc -l <"$FEED/out")
    eventually 10 has_lines "$FEED/out" $((printed + 20))
    POSIXLY_CORRECT=1 run -0 pf-broker health
    end_feed
    [ "$(<"$FEED/code")" = 0 ]
    has_said 'stopped cleanly'
    run ! grep -vE '^\{"match": [0-9]{3}, "price": [0-9]{1,2}\.[0-9]{2}\}$' "$FEED/out"
}

@test "limits with which nothing would start are named" {
    feed_places
    limited() {
        says "pricefeed: this machine's limit on $2; raise it with ulimit -" \
            bash -c "ulimit $1 && exec pf-init"
    }
    limited '-n 64' 'open files is 64, and the feed needs 1024'
    limited '-u 100' 'processes and threads is 100, and the feed needs 256'
    limited '-s 128' 'the stack is 128 KiB, and the feed needs 256 KiB'
}

@test "limits with which the feed would not last are said" {
    feed_places
    mkdir stub
    printf '#!/bin/sh\n' >stub/supervisord
    chmod +x stub/supervisord
    PATH=$PWD/stub:$PATH
    code=0
    says 'address space is 976 MiB, and the feed needs 2048 MiB' \
        bash -c 'ulimit -v 1000000 -f 2048 -t 60 && exec pf-init'
    [[ $stderr == *'the size of a file is 2 MiB, and the feed needs 64 MiB'* ]]
    [[ $stderr == *'processor time is 60 s, and the feed needs no limit'* ]]
}

@test "paths that cannot be passed on are named" {
    feed_places
    PF_HOME='/a"b' says "PF_HOME: the path /a\"b has a '\"' in it" pf-init
    PF_HOME=/a:b says "PF_HOME: the path /a:b has a ':' in it" pf-init
    PF_JARS=/a:b says "PF_JARS: the path /a:b has a ':' in it" pf-init
    PF_RUN=$'/a\xff' says 'PF_RUN: the path /a\xff is not UTF-8' pf-init
}

@test "quotes that a compose file has left around a value are named" {
    feed_places
    local hint='the quotes are part of the value: remove them'
    local produce=(pf-producer -X feed.sink=console)
    PRODUCER_FEED_RATE='"10"' says "; $hint" "${produce[@]}"
    [[ $stderr == *"environment PRODUCER_FEED_RATE: feed.rate: '\"10\"' is "* ]]
    PRODUCER_FEED_COUNT="'5'" says "; $hint" "${produce[@]}"
    PRODUCER_FEED_SEED='"5"' says "; $hint" "${produce[@]}"
    PRODUCER_FEED_TOPIC='"prices"' says "; $hint" pf-producer
    PRODUCER_LINGER_MS='"5"' says "; $hint" pf-producer
    PRODUCER_BOOTSTRAP_SERVERS='"kafka:9092"' says "; $hint" pf-producer
    CONSUMER_FEED_START='"latest"' says "; $hint" pf-consumer
    CONSUMER_FEED_EXIT_AT_END='"true"' says "; $hint" pf-consumer
    FEED_PORT='"9092"' says "; $hint" pf-init
    hint='are part of the value: remove them'
    KAFKA_LOG_RETENTION_MS='"1000"' says \
        "environment KAFKA_LOG_RETENTION_MS: log.retention.ms: the quotes around \"1000\" $hint" \
        pf-init
    ZOOKEEPER_TICKTIME='"1000"' says \
        "environment ZOOKEEPER_TICKTIME: ticktime: the quotes around \"1000\" $hint" \
        pf-init
    own_config
    echo "log.dirs='data'" >>"$PF_CONFIG/server.properties"
    says "log.dirs: the quotes around 'data' $hint" pf-init
}

@test "a long value is shown whole, of librdkafka and of ours" {
    local servers topics
    servers=$(printf 'kafka-%s.prices.example:9092,' {1..30})
    topics=$(printf 'topic-%s,' {1..100})
    run -0 pf-consumer -X "bootstrap.servers=$servers" -X "feed.topic=${topics%,}" \
        -X feed.partition=all --show-config
    [[ $output == *"bootstrap.servers = $servers  # command line"* ]]
    [[ $output == *"feed.topic = ${topics%,}  # command line"* ]]
}

@test "the programs print the same in any locale and time zone" {
    make_locales
    orders() {
        env "$@" pf-producer -X feed.source=orders -X feed.sink=console \
            -X feed.seed=1 -X feed.count=200 -X feed.orders.speed=0 \
            -X feed.orders.start=2026-03-29T00:30:00Z -X feed.orders.rate=0.1
    }
    settings() {
        env "$@" pf-producer -X feed.rate=0.5 --show-config
    }
    # The last is a zone in which half an hour of that night does not exist.
    for machine in LC_ALL=de_DE.UTF-8 LC_ALL=tr_TR.UTF-8 LC_ALL=none \
        TZ=Asia/Kolkata TZ=nonsense:::/ TZ=Europe/Berlin; do
        cmp <(orders) <(orders "$machine")
        cmp <(settings) <(settings "$machine")
    done
    [ "$(orders | wc -l)" = 200 ]
    settings | grep -q '^feed.rate = 0.5 '
}

@test "a file that may not grow is an error that says so, not a signal" {
    code=1 says 'console: File too large' bash -c 'ulimit -f 4
        exec pf-producer -X feed.sink=console -X feed.rate=0 -X feed.count=9999 >out'
}

@test "a program whose parent ignores TERM stops at TERM" {
    (
        trap '' TERM
        exec pf-producer -X feed.sink=console -X feed.rate=100
    ) >out 2>err 3>&- &
    local pid=$!
    eventually 10 test -s out
    kill "$pid"
    eventually 10 gone "$pid"
    wait "$pid"
}

@test "scripts find their way under CDPATH" {
    mkdir broker compose-pipeline docs
    cd "$root"
    export CDPATH=.:$BATS_TEST_TMPDIR
    compose-pipeline/have-packages run
    FEED_MAVEN=false broker/fetch-jars build/jars
    docs/make-configuration build | cmp - docs/configuration.md
}
