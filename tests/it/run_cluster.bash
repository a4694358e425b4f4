# run_cluster.bash - make run-cluster of a test file's own, with one ZooKeeper, to be
# quick.
# shellcheck shell=bash disable=SC2154 # root is from kafka.bash
#
# Load it, call begin_cluster in setup_file, and have its teardown_file and teardown.
# PF_CLUSTER has a directory for each node, OUT is what the consumers print, ERR what
# is said, and CODE has the exit code once it has ended.

# shellcheck source=tests/it/kafka.bash
source "${BASH_SOURCE%/*}/kafka.bash"

# begin_cluster SECONDS: until it prints; the programs' settings are in the
# environment.
begin_cluster() {
    export PF_CLUSTER=$BATS_FILE_TMPDIR/cluster OUT=$BATS_FILE_TMPDIR/out
    export ERR=$BATS_FILE_TMPDIR/err CODE=$BATS_FILE_TMPDIR/code
    export PF_CONFIG=$root/config
    have_tools
    # Ports of its own, above those of unused_port and below the kernel's.
    export CLUSTER_PORT WEB_PORT CLUSTER_ZOOKEEPERS=1
    CLUSTER_PORT=$((28000 + $(unused_port) % 90 * 50))
    WEB_PORT=$(unused_port)
    {
        code=0
        # shellcheck disable=SC2016 # for the inner shell
        sh -c 'echo $$ >"$OUT.pid" && exec "$0"' \
            "$root/compose-pipeline/run-cluster" || code=$?
        echo "$code" >"$CODE"
    } >"$OUT" 2>"$ERR" 3>&- &
    eventually "$1" has_begun
    has_lines "$OUT" 1 || {
        cat "$ERR"
        false
    }
}

# It prints, or never will.
has_begun() {
    has_lines "$OUT" 1 || [ -s "$CODE" ]
}

teardown_file() {
    [ -s "$CODE" ] || kill "$(cat "$OUT.pid")" || :
    eventually 60 test -s "$CODE"
}

teardown() {
    [ -n "${BATS_TEST_COMPLETED:-}" ] || tail -n 20 "$ERR" "$PF_CLUSTER"/*/run/log/*.log
}
