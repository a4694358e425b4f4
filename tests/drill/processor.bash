# processor.bash - what the drills of pf-processor share: instances in the
# container of the feed, which copy prices-topic to copy-topic.
# shellcheck shell=bash disable=SC2154 # drill.bash has set them
#
# Sourced after drill.bash.

place=/run/pricefeed/processors # the instances' files, in the container
instances=(one two)

# A feed of six partitions, and a place for the instances.
start_processed_feed() {
    start_feed PRODUCER_FEED_PARTITION=by-key CONSUMER_FEED_PARTITION=all \
        KAFKA_NUM_PARTITIONS=6 "$@"
    in_feed mkdir "$place"
}

# process INSTANCE [SETTING=VALUE...]: it runs until it is told to end, or ends
# by itself; then INSTANCE.code has its exit code. With $again one that ends with
# that code is started again at once. A transaction may last longer than a broker
# needs to start on a busy machine.
process() {
    local setting settings=()
    for setting in "${@:2}"; do
        settings+=(-X "$setting")
    done
    # shellcheck disable=SC2016 # for the inner shell
    docker exec --detach --env "again=${again:-}" "$feed" sh -c '
        rm -f "$0.code"
        code=$again
        while [ "$code" = "$again" ]; do
            pf-processor "$@" 2>>"$0.log" & echo $! >"$0.pid"
            wait $!
            code=$?
        done
        echo "$code" >"$0.code"' \
        "$place/$1" -X bootstrap.servers=127.0.0.1:19092 \
        -X feed.topic=prices-topic -X feed.output=copy-topic \
        -X "feed.instance=$1" -X session.timeout.ms=6000 \
        -X heartbeat.interval.ms=1000 -X transaction.timeout.ms=30000 \
        "${settings[@]}"
    eventually 20 in_feed test -s "$place/$1.pid"
}

# await_partitions INSTANCE: wait until it reads some, for the first time; then
# the copy's topic is there, too.
await_partitions() {
    eventually 30 in_feed grep -q ' are read now' "$place/$1.log" ||
        fail "$1 gets no partitions: $(in_feed tail -n 1 "$place/$1.log")"
}

# tell SIGNAL INSTANCE
tell() {
    # shellcheck disable=SC2016 # for the inner shell
    in_feed sh -c 'kill "-$1" "$(cat "$2.pid")"' sh "$1" "$place/$2" ||
        fail "$2 has ended: $(in_feed tail -n 1 "$place/$2.log")"
}

# ends INSTANCE CODE
ends() {
    local code
    eventually 30 in_feed test -s "$place/$1.code" || fail "$1 does not end"
    code=$(in_feed cat "$place/$1.code")
    [ "$code" = "$2" ] || fail "$1 ended with code $code: $(
        in_feed tail -n 1 "$place/$1.log")"
}

# start_instances [SETTING=VALUE...]
start_instances() {
    local instance
    for instance in "${instances[@]}"; do
        process "$instance" "$@"
        await_partitions "$instance"
    done
}

# They are asked to end, and have to do so well.
stop_instances() {
    local instance
    for instance in "${instances[@]}"; do
        tell TERM "$instance"
        ends "$instance" 0
    done
}

# read_partition TOPIC PARTITION: what a reader of committed transactions sees.
read_partition() {
    in_feed pf-consumer -X bootstrap.servers=127.0.0.1:19092 -X group.id=audit \
        -X "feed.topic=$1" -X "feed.partition=$2" -X feed.start=earliest \
        -X feed.exit.at.end=true 2>/dev/null
}

# count_records TOPIC: how many such a reader sees.
count_records() {
    local part
    for ((part = 0; part < 6; part++)); do
        read_partition "$1" "$part"
    done | wc -l
}

copied() {
    count_records copy-topic
}

copies_more_than() {
    (($(copied) > $1))
}

# await_copies N [SECONDS]: wait until N more are there, 60 s at most.
await_copies() {
    eventually "${2:-60}" copies_more_than $(($(copied) + $1)) || {
        # shellcheck disable=SC2016 # for the inner shell
        in_feed sh -c 'tail -n 5 "$0"/*.log' "$place"
        fail "nothing more is copied"
    }
}

# What is left is copied, and each partition of the copy has what that of the
# topic has, byte for byte.
is_copied() {
    local part topic records=0
    in_feed supervisorctl stop producer >/dev/null || :
    process last feed.exit.at.end=true
    ends last 0
    for ((part = 0; part < 6; part++)); do
        for topic in prices-topic copy-topic; do
            read_partition "$topic" "$part" >"$dir/$topic.$part"
        done
        cmp "$dir/prices-topic.$part" "$dir/copy-topic.$part" ||
            fail "partition $part of the copy is another"
        records=$((records + $(wc -l <"$dir/copy-topic.$part")))
    done
    ((records > 10000)) || fail "only $records records"
    note "$records records, each once and in order"
    in_feed tar --create --directory=/run/pricefeed processors |
        tar --extract --directory="$dir"
}
