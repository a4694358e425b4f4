#!/usr/bin/env bats
# pf-proxy: a poor network, between two ends that know what should come.
# apart: it measures time
# shellcheck shell=bash disable=SC2016,SC2030,SC2031,SC2034,SC2154,SC2164

bats_require_minimum_version 1.5.0
load mock

setup_file() {
    make -s -C "$BATS_TEST_DIRNAME/../.." build/pf-proxy
}

setup() {
    cd "$BATS_TEST_TMPDIR"
    peer=(timeout 60 python3 "$BATS_TEST_DIRNAME/peer.py")
    # By itself: end_jobs would end timeout, and leave what it runs.
    python3 "$BATS_TEST_DIRNAME/peer.py" serve >server 3>&- &
    eventually 10 test -s server
    port=$(unused_port)
}

teardown() {
    end_jobs
}

# start_proxy NAME=VALUE...: in front of the server, at $port.
start_proxy() {
    local setting arguments=()
    rm -f log # what the last one said
    for setting; do
        arguments+=(-X "$setting")
    done
    pf-proxy -X "feed.routes=127.0.0.1:$port=127.0.0.1:$(head -n 1 server)" \
        -X feed.seed=1 "${arguments[@]}" 2>log 3>&- &
    proxy=$!
    eventually 10 grep -q 'feed.seed is' log
}

stop_proxy() {
    kill "$proxy"
    ends_within 500 "$proxy"
    cat log
    [[ $status == 0 ]]
}

# How many files and sockets the proxy has open.
descriptors() {
    find "/proc/$proxy/fd" -type l | wc -l
}

# ticks: how much of the processor the proxy has used, in hundredths.
ticks() {
    awk '{ print $14 + $15 }' "/proc/$proxy/stat"
}

# ask BYTES: they come back as they were; sets ms and segments.
ask() {
    run "${peer[@]}" ask "$port" "$1"
    echo "$output"
    [[ $status == 0 ]]
    read -r ms segments <<<"$output"
}

# takes LEAST BELOW BYTES: they never take less than LEAST ms, and less than
# BELOW unless the machine is too busy, three times.
takes() {
    local tries
    for tries in 1 2 3; do
        ask "$3"
        ((ms >= $1))
        if ((ms < $2)); then
            return
        fi
    done
    echo "$tries times $2 ms or more"
    return 1
}

@test "bytes come back as they went out, whatever the network does" {
    local faults
    for faults in '' feed.latency.ms=20 \
        'feed.latency.ms=10 feed.jitter.ms=10' feed.slice.bytes=1 \
        'feed.slice.bytes=7 feed.buffer.kbytes=1' \
        'feed.bandwidth.kbytes=500 feed.latency.ms=5 feed.slice.bytes=100'; do
        echo "with $faults"
        # shellcheck disable=SC2086 # several settings
        start_proxy $faults
        ask 0
        ask 1
        ask 300000
        stop_proxy
        grep -q 'info proxy: 3 connections, of which 0 were cut by chance; 600002 bytes' log
    done
}

@test "a byte is under way for the latency, each way" {
    start_proxy feed.latency.ms=100
    takes 200 400 1
    takes 200 400 0 # its end takes as long
    # Many are under way at once.
    takes 200 600 100000
}

@test "the bandwidth is kept, each way" {
    start_proxy feed.bandwidth.kbytes=64
    takes 950 1500 65536
}

@test "slices come one by one" {
    start_proxy
    ask 1000
    ((segments < 10))
    stop_proxy
    start_proxy feed.slice.bytes=1
    ask 1000
    # More, until the kernel joins those that wait for the other end.
    ((segments > 20))
}

@test "a reset reaches both ends" {
    start_proxy feed.reset.probability=1
    run "${peer[@]}" ask "$port" 1000
    [[ $status == 1 && $output == ConnectionResetError ]]
    eventually 10 grep -q 'server: ConnectionResetError' server
    grep -q 'a connection is lost: cut by chance' log
    stop_proxy
    grep -q '1 connections, of which 1 were cut by chance' log
}

@test "resets come by chance, and the same chance with the same seed" {
    local first
    # A piece each way.
    start_proxy feed.reset.probability=0.1
    first=$("${peer[@]}" count "$port" 200)
    stop_proxy
    echo "$first of 200 echoed" # 162 on the average
    ((first > 140 && first < 185))
    grep -q " of which $((200 - first)) were cut by chance" log
    start_proxy feed.reset.probability=0.1
    [[ $("${peer[@]}" count "$port" 200) == "$first" ]]
}

@test "an outage resets what is connected, and who comes; then it is over" {
    start_proxy feed.outage.every.s=5 feed.outage.s=3
    run "${peer[@]}" hold "$port"
    [[ $output == $'held\nConnectionResetError' ]]
    run "${peer[@]}" ask "$port" 1
    [[ $status == 1 && $output == ConnectionResetError ]]
    eventually 5 grep -q 'the network is back' log
    ask 1
    stop_proxy
}

@test "no network at all" {
    start_proxy feed.outage.every.s=1 feed.outage.s=1
    [[ $("${peer[@]}" count "$port" 20) == 0 ]]
}

@test "who does not read makes the other wait; memory is bounded" {
    local taken rss before
    mkfifo life
    start_proxy feed.buffer.kbytes=512
    "${peer[@]}" flood "$port" >taken <life 3>&- &
    exec {life}>life
    eventually 30 test -s taken
    taken=$(<taken)
    rss=$(awk '/^VmRSS/ { print $2 }' "/proc/$proxy/status")
    echo "$taken bytes taken, $rss KiB resident"
    # The kernel's own buffers are several MB, for each of four sockets.
    ((taken < 60000000 && rss < 12000))
    # Nobody spins while it waits.
    before=$(ticks)
    ask 100000
    echo "$before ticks of the processor, then $(ticks)"
    (($(ticks) - before < 20))
    stop_proxy
}

@test "more than feed.connections wait until one leaves" {
    start_proxy feed.connections=2
    "${peer[@]}" hold "$port" >first 3>&- &
    first=$!
    "${peer[@]}" hold "$port" >second 3>&- &
    eventually 10 test -s first
    eventually 10 test -s second
    "${peer[@]}" hold "$port" >third 3>&- &
    eventually 10 grep -q '2 connections, as many as feed.connections allows' log
    [[ ! -s third ]]
    kill "$first"
    eventually 10 test -s third
}

@test "nothing is left of connections that have ended" {
    local before
    start_proxy feed.reset.probability=0.2
    before=$(descriptors)
    "${peer[@]}" count "$port" 100
    stays() {
        [[ $(descriptors) == "$before" ]]
    }
    eventually 10 stays
    stop_proxy
}

@test "a server that is not there: the client is told, and so are people" {
    port2=$(unused_port)
    pf-proxy -X "feed.routes=127.0.0.1:$port=localhost:$port2,127.0.0.1:$(unused_port)=nobody.invalid:1" \
        2>log 3>&- &
    proxy=$!
    eventually 10 grep -q 'feed.seed is' log
    run "${peer[@]}" ask "$port" 10
    [[ $status == 1 && $output == ConnectionResetError ]]
    grep -q 'a connection is lost: the server does not answer: Connection refused' log
    run "${peer[@]}" ask "$(sed -n 's/.* 127.0.0.1:\([0-9]*\) leads to nobody.*/\1/p' log)" 10
    [[ $status == 1 ]]
    grep -q 'warning proxy: nobody.invalid:1: ' log
    stop_proxy
}

@test "TERM ends it at once, with code 0, whatever is under way" {
    local before
    start_proxy feed.latency.ms=60000
    before=$(descriptors)
    "${peer[@]}" ask "$port" 1000000 >asked 3>&- &
    connected() {
        (($(descriptors) == before + 2))
    }
    eventually 10 connected
    stop_proxy
    eventually 10 grep -q ConnectionResetError asked
}

@test "mistakes are named" {
    refused() {
        local text=$1 code=$2
        shift 2
        run timeout 10 pf-proxy "$@"
        echo "$output"
        [[ $status == "$code" && $output == *"$text"* ]]
    }
    refused "feed.routes: 'here' is not LISTEN=TO" 2 -X feed.routes=here
    refused "feed.routes: 'a' is not host:port" 2 -X feed.routes=127.0.0.1:1=a
    refused "feed.routes: ':9' has no host" 2 -X feed.routes=127.0.0.1:1=:9
    refused 'feed.routes: nobody.invalid:1: ' 2 \
        -X feed.routes=nobody.invalid:1=127.0.0.1:1
    refused "feed.routes: 127.0.0.1:$(head -n 1 server): cannot listen: \
Address already in use" 1 -X "feed.routes=127.0.0.1:$(head -n 1 server)=127.0.0.1:1"
    refused 'feed.outage.s: 5 is more than feed.outage.every.s, 3' 2 \
        -X feed.outage.every.s=3
    refused "unknown setting 'linger.ms'" 2 -X linger.ms=1
    refused "unknown setting 'feed.latncy.ms'; did you mean \
'feed.latency.ms'?" 2 -X feed.latncy.ms=1
    refused "feed.seed: 'x' is not a whole number" 2 -X feed.seed=x
}
