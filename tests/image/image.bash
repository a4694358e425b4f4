# image.bash - what the tests of the image share.
# shellcheck shell=bash
#
# Each file of tests has its own compose project, with a copy of the compose
# file and of config/, so that feeds of other people and other tests run on.

checkout=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
export checkout
export image=pricefeed:test

# shellcheck source=tests/compose.bash
source "$checkout/tests/compose.bash"
# shellcheck source=tests/eventually.bash
source "$checkout/tests/eventually.bash"
# shellcheck source=tests/ports.bash
source "$checkout/tests/ports.bash"

# One line of the console, and nothing else.
# shellcheck disable=SC2034 # used by the tests
price='^\{"match": [1-9][0-9]{2}, "price": (10\.00|[1-9]\.[0-9]{2})\}$'

# For setup_file: does a Docker engine answer? In CI none is a failure, or these
# tests would be skipped for ever.
find_engine() {
    export engine=
    if timeout 20 docker version >/dev/null 2>&1; then
        engine=found
    elif [ "${CI:-}" = true ]; then
        echo "no Docker engine answers; tests/image/docker-engine starts one" >&2
        return 1
    fi
}

# For setup: without an engine each test is skipped. bats cannot skip a file.
need_engine() {
    if [ -z "$engine" ]; then
        skip "no Docker engine answers"
    fi
}

# build_image [TARGET]: have the image of this checkout as $image, or its stage
# TARGET as $image-TARGET. Layers that are there are kept, and those that another
# file of tests builds at this moment are waited for.
build_image() {
    (
        flock 9
        "$checkout/tests/image/base-image" && docker build --quiet --target "${1:-feed}" \
            --tag "$image${1:+-$1}" "$checkout" >"$BATS_FILE_TMPDIR/build" 2>&1
    ) 9<"$checkout/Dockerfile" || {
        tail -n 40 "$BATS_FILE_TMPDIR/build" >&2
        return 1
    }
}

# What a file of tests is about; one that needs more than the image has its own.
start_project() {
    build_image
}

setup_file() {
    find_engine
    if [ -n "$engine" ]; then
        start_project
    fi
}

setup() {
    need_engine
    if [ -n "${project:-}" ]; then
        cd "$project" || return
    fi
}

teardown_file() {
    if [ -n "${project:-}" ]; then
        remove_project
    fi
}

# Make a project of this file's own, or of this test's, in an empty directory and
# go there; its service runs $image.
make_project() {
    export COMPOSE_PROJECT_NAME=pricefeed-test-$$
    export COMPOSE_INTERACTIVE_NO_CLI=1
    FEED_PORT=$(unused_port)
    export FEED_PORT
    project=${BATS_TEST_TMPDIR:-$BATS_FILE_TMPDIR}/project
    mkdir "$project"
    export project
    cp -r "$checkout/config" "$project/"
    # A umask may have taken the right to read from the container's user.
    chmod -R a+rX "$BATS_FILE_TMPDIR" "$project"
    sed "s/image: pricefeed/image: $image/" "$checkout/docker-compose.yml" \
        >"$project/docker-compose.yml"
    cd "$project" || return
}

# The same with the orders pipeline, compose-pipeline/orders.yml.
make_orders_project() {
    make_project
    mkdir compose-pipeline
    cp -r "$checkout/examples" "$checkout/reports" .
    mkdir outputs # of nobody's: the container's user has to be let in
    chmod -R a+rX examples reports
    chmod 755 outputs
    sed -e "s/image: pricefeed-postgres/image: $image-postgres/" \
        -e "s/image: pricefeed$/image: $image/" \
        "$checkout/compose-pipeline/orders.yml" >compose-pipeline/orders.yml
    export COMPOSE_FILE=compose-pipeline/orders.yml
}

# The same with compose-pipeline/$1.yml by itself: the feed's image, and the client's.
make_own_project() {
    make_project
    mkdir compose-pipeline
    cp -r "$checkout/examples" .
    chmod -R a+rX examples
    sed -e "s/image: pricefeed-client/image: $image-client/" \
        -e "s/image: pricefeed$/image: $image/" \
        "$checkout/compose-pipeline/$1.yml" >"compose-pipeline/$1.yml"
    export COMPOSE_FILE=compose-pipeline/$1.yml
}

# The same with the cluster and its secure file; brokers are at $BROKER_1_PORT etc.
make_secure_cluster_project() {
    make_own_project cluster
    sed "s/image: pricefeed$/image: $image/" \
        "$checkout/compose-pipeline/cluster-secure.yml" \
        >compose-pipeline/cluster-secure.yml
    COMPOSE_FILE=$COMPOSE_FILE:compose-pipeline/cluster-secure.yml
    read -r BROKER_1_PORT BROKER_2_PORT BROKER_3_PORT < <(unused_port 3)
    export BROKER_1_PORT BROKER_2_PORT BROKER_3_PORT
}

# The same with compose-pipeline/$1.yml, whose services run the client image.
make_client_project() {
    make_project
    mkdir compose-pipeline
    cp -r "$checkout/examples" .
    chmod -R a+rX examples
    sed "s/image: pricefeed-client/image: $image-client/" \
        "$checkout/compose-pipeline/$1.yml" >"compose-pipeline/$1.yml"
    export COMPOSE_FILE=docker-compose.yml:compose-pipeline/$1.yml
}

# The same with a poor network, at $POOR_PORT.
make_poor_network_project() {
    make_client_project poor-network
    POOR_PORT=$(unused_port)
    export POOR_PORT
}

# The same with Prometheus and Alertmanager, compose-pipeline/monitoring.yml.
make_monitoring_project() {
    make_project
    mkdir compose-pipeline
    cp -r "$checkout/compose-pipeline/monitoring" compose-pipeline/
    chmod -R a+rX compose-pipeline
    sed -e "s/image: pricefeed-monitor/image: $image-monitor/" \
        "$checkout/compose-pipeline/monitoring.yml" >compose-pipeline/monitoring.yml
    export COMPOSE_FILE=docker-compose.yml:compose-pipeline/monitoring.yml
}

# The same with all logs in one place, which Docker sends to $LOGS_PORT.
make_logs_project() {
    make_project
    mkdir compose-pipeline
    cp -r "$checkout/examples" .
    cp "$checkout/compose-pipeline/rsyslog.conf" \
        "$checkout/compose-pipeline/log-topic.conf" compose-pipeline/
    chmod -R a+rX examples compose-pipeline
    sed -e "s/image: pricefeed-\(logs\|client\|postgres\)/image: $image-\1/" \
        "$checkout/compose-pipeline/logs.yml" >compose-pipeline/logs.yml
    export COMPOSE_FILE=docker-compose.yml:compose-pipeline/logs.yml
    LOGS_PORT=$(unused_port)
    export LOGS_PORT
}

# The same with three databases whose changes are captured, compose-pipeline/changes.yml.
make_changes_project() {
    make_own_project changes
    sed -i -e "s/image: pricefeed-\(postgres\|mariadb\|documents\|connect\)$/image: $image-\1/" \
        compose-pipeline/changes.yml
}

remove_project() {
    cd "$project" && compose down --volumes --timeout 10
}

# The id of the project's container.
container() {
    compose ps -aq feed
}

# Print the first line that the command prints within 60 seconds, and end it.
first_line_of() {
    local from line="" pid
    exec {from}< <(exec timeout 60 "$@" 2>/dev/null 3>&-)
    pid=$!
    read -r line <&"$from" || :
    kill "$pid" 2>/dev/null || :
    exec {from}<&-
    echo "$line"
    [ -n "$line" ]
}

# Wait for a line on the console of container $1 that was written after
# Docker's time $2 (default: any), and print it.
next_line() {
    first_line_of docker logs --follow ${2:+--since "$2"} "$1"
}

# Wait until Docker finds container $1 healthy.
wait_healthy() {
    eventually 60 is_healthy "$1"
}

is_healthy() {
    [ "$(docker inspect --format '{{.State.Health.Status}}' "$1")" = healthy ]
}

# Say how long it took from time $1 to time $2 (both as `date` reads them), and
# fail if that is $3 seconds or more.
took_less() {
    python3 -c '
import sys
took = float(sys.argv[2]) - float(sys.argv[1])
print(f"# took {took:.2f} s")
sys.exit(not 0 <= took < float(sys.argv[3]) * int(sys.argv[4]))
' "$(date --date "$1" +%s.%N)" "$(date --date "$2" +%s.%N)" "$3" \
        "${DRILL_PATIENCE:-1}" >&3
}

# reads_nothing COMMAND...: kcat, called like that, fails and reads no price.
reads_nothing() {
    run "$@" -t prices-topic -C -c 1 -m 3
    # shellcheck disable=SC2154 # bats sets them
    [[ $status != 0 && $output != *match* ]]
}
