# mock.bash - a mock of Kafka for each test, and programs that end in time.
# shellcheck shell=bash disable=SC2034,SC2154

load kafka

# Start tests/it/mockd; BROKER is then its address, and MOCK its process.
start_mock() {
    mkfifo "$BATS_TEST_TMPDIR/life"
    : >"$BATS_TEST_TMPDIR/address" # or that of the one before is read
    "$root/build/tests/it/mockd" prices-topic <"$BATS_TEST_TMPDIR/life" \
        >"$BATS_TEST_TMPDIR/address" 3>&- &
    MOCK=$!
    exec {life}>"$BATS_TEST_TMPDIR/life"
    eventually 10 grep -q : "$BATS_TEST_TMPDIR/address"
    BROKER=$(<"$BATS_TEST_TMPDIR/address")
    produce=(pf-producer -X "bootstrap.servers=$BROKER" -X feed.rate=0)
    consume=(pf-consumer -X "bootstrap.servers=$BROKER")
}

# End the mock as a power cut would; a job that is waited for says nothing.
kill_mock() {
    kill -KILL "$MOCK"
    wait "$MOCK" || :
}

# ends_within MS PID: wait for it; its exit code is then in status. It has 10
# seconds more, so that a test ends even if the program does not.
ends_within() {
    local begin=${EPOCHREALTIME/[.,]/} took
    eventually $(($1 / 1000 + 10)) gone "$2"
    status=0
    wait "$2" || status=$?
    took=$(((${EPOCHREALTIME/[.,]/} - begin) / 1000))
    echo "process $2 ended after $took ms with code $status"
    ((took <= $1 * ${DRILL_PATIENCE:-1}))
}

# bytes_waiting FILE: how many bytes nobody has read yet from a named pipe.
bytes_waiting() {
    python3 -c 'import array, fcntl, os, sys, termios
pipe = os.open(sys.argv[1], os.O_RDONLY | os.O_NONBLOCK)
n = array.array("i", [0])
fcntl.ioctl(pipe, termios.FIONREAD, n)
print(n[0])' "$1"
}

# is_full FILE: a named pipe takes no more; prices have 30 bytes.
is_full() {
    (($(bytes_waiting "$1") > 60000))
}
