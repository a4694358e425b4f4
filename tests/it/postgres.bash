# postgres.bash - a real PostgreSQL of a test file's own.
# shellcheck shell=bash disable=SC2154
#
# Load it, call start_postgres in setup_file and stop_postgres in teardown_file.
# It listens on a free port of 127.0.0.1 and on a socket, and lives below
# BATS_FILE_TMPDIR; PGHOST and the other variables then point to it, for psql
# and pf-consumer alike. As root it runs as nobody: PostgreSQL refuses root.

postgres_bin=$(printf '%s\n' /usr/lib/postgresql/*/bin | sort -V | tail -n 1)

as_postgres=()
if [ "$(id -u)" = 0 ]; then
    as_postgres=(setpriv --reuid=65534 --regid=65534 --clear-groups)
fi

start_postgres() {
    # A path of a socket has 107 bytes at most: a directory of its own.
    PGDIR=$(mktemp -d "${TMPDIR:-/tmp}/pf-postgres.XXXXXX")
    PGPORT=$(unused_port)
    export PGDIR PGPORT PGHOST=$PGDIR PGUSER=feed PGDATABASE=postgres
    export PGCONNECT_TIMEOUT=5
    if [ "$(id -u)" = 0 ]; then
        chown 65534:65534 "$PGDIR"
    fi
    (
        cd "$PGDIR" || exit
        "${as_postgres[@]}" "$postgres_bin/initdb" -D data -U feed -A trust -E UTF8 \
            --no-sync >initdb.log 2>&1
        # So that a test's clock is the machine's, and its files are few.
        cat <<END >>data/postgresql.conf
listen_addresses = '127.0.0.1'
port = $PGPORT
unix_socket_directories = '$PGDIR'
max_connections = 20
END
    )
    run_postgres
}

# Start the server, again after kill_postgres, and wait for it.
run_postgres() {
    begin_postgres
    eventually 60 postgres_answers
}

begin_postgres() {
    (
        cd "$PGDIR" || exit
        "${as_postgres[@]}" "$postgres_bin/postgres" -D data >>log 2>&1 3>&- &
        echo $! >pid
    )
}

# A new server does not start until the last process of a killed one, which
# holds its memory, has ended: try again.
postgres_answers() {
    psql -qAtc 'select 1' && return
    gone "$(<"$PGDIR/pid")" && begin_postgres
    return 1
}

# End it as a power cut would.
kill_postgres() {
    local pid
    pid=$(<"$PGDIR/pid")
    kill -KILL "$pid"
    eventually 10 gone "$pid"
}

stop_postgres() {
    local pid
    pid=$(<"$PGDIR/pid")
    kill -QUIT "$pid" 2>/dev/null || :
    eventually 20 gone "$pid" || kill -KILL "$pid"
    rm -rf "$PGDIR"
}

# sql STATEMENT...: what it says, without decoration.
sql() {
    psql -qAtX -v ON_ERROR_STOP=1 -c "$1"
}
