#!/usr/bin/env bats
# pf-producer and pf-consumer with a real Kafka, and with kcat as an
# independent reader and writer.

bats_require_minimum_version 1.5.0
load kafka

setup_file() {
    start_kafka
}

teardown_file() {
    stop_kafka
}

teardown() {
    end_jobs
}

# produce TOPIC SETTING..., consume TOPIC SETTING...: within a minute.
produce() {
    with pf-producer "$@"
}

consume() {
    with pf-consumer "$@"
}

with() {
    local program=$1 topic=$2 settings=()
    shift 2
    for setting; do
        settings+=(-X "$setting")
    done
    timeout 60 "$program" -X "bootstrap.servers=$BROKER" \
        -X "feed.topic=$topic" "${settings[@]}"
}

@test "a million records: topic, console and feed.sink=console are one" {
    local digest
    digest=$(expected 7 1000000 | sha256sum)
    produce million feed.seed=7 feed.count=1000000 feed.rate=0
    [[ $(consume million feed.exit.at.end=true | sha256sum) == "$digest" ]]
    [[ $(kcat -b "$BROKER" -C -t million -e -q | sha256sum) == "$digest" ]]
}

@test "feed.exit.at.end ends, although the topic grows all the time" {
    produce grows feed.rate=3000 feed.count=20000 2>/dev/null 3>&- &
    local producer=$! number
    has_grown() {
        (($(end_of grows) >= 3000))
    }
    eventually 10 has_grown
    for settings in feed.partition=0 feed.partition=all; do
        consume grows feed.exit.at.end=true "$settings" group.id="${settings#*=}" \
            >"$BATS_TEST_TMPDIR/printed"
        number=$(wc -l <"$BATS_TEST_TMPDIR/printed")
        ((number >= 3000 && number < 20000))
    done
    wait "$producer"
}

@test "kcat's records are printed, whatever their compression" {
    local codec
    for codec in none gzip snappy lz4 zstd; do
        expected 8 1000 >"$BATS_TEST_TMPDIR/lines"
        kcat -b "$BROKER" -P -t "codec-$codec" -p 0 -X "compression.codec=$codec" \
            -l "$BATS_TEST_TMPDIR/lines"
        consume "codec-$codec" feed.exit.at.end=true "group.id=$codec" \
            >"$BATS_TEST_TMPDIR/printed"
        diff "$BATS_TEST_TMPDIR/lines" "$BATS_TEST_TMPDIR/printed"
    done
}

@test "the producer's own compression is read by kcat" {
    local codec
    for codec in gzip snappy lz4 zstd; do
        produce "from-$codec" feed.seed=9 feed.count=1000 feed.rate=0 \
            "compression.codec=$codec"
        diff <(expected 9 1000) <(kcat -b "$BROKER" -C -t "from-$codec" -e -q)
    done
}

@test "a consumer continues after what it printed, and printed it once" {
    produce goes-on feed.seed=10 feed.count=1000 feed.rate=0
    consume goes-on group.id=goes-on feed.count=400 >"$BATS_TEST_TMPDIR/printed"
    consume goes-on group.id=goes-on feed.exit.at.end=true \
        >>"$BATS_TEST_TMPDIR/printed"
    diff <(expected 10 1000) "$BATS_TEST_TMPDIR/printed"
}

@test "feed.start: earliest, latest, an offset" {
    produce starts feed.seed=11 feed.count=10 feed.rate=0
    diff <(expected 11 10) <(consume starts feed.start=earliest feed.count=10)
    diff <(expected 11 10 | tail -3) <(consume starts feed.start=7 feed.count=3)
    [[ -z $(consume starts feed.start=latest feed.exit.at.end=true) ]]
    run --separate-stderr consume starts feed.start=11
    [[ $status == 1 && -z $output ]]
    [[ $stderr == *'ends at offset 10, before feed.start = 11'* ]]
}

@test "commits keep their distance, and the last one is not left out" {
    produce commits feed.seed=16 feed.count=1 feed.rate=0
    consume commits group.id=commits feed.count=1
    local before commits began=${EPOCHREALTIME/./} ms
    before=$(end_of __consumer_offsets)
    consume commits group.id=commits feed.count=2000 >/dev/null 3>&- &
    local consumer=$!
    produce commits feed.seed=17 feed.count=2000 feed.rate=1000
    wait "$consumer"
    commits=$(($(end_of __consumer_offsets) - before))
    ms=$(((${EPOCHREALTIME/./} - began) / 1000))
    echo "$commits commits in $ms ms"
    ((commits > 1 && commits <= ms / 9 + 2))
    [[ -z $(consume commits group.id=commits feed.exit.at.end=true) ]]
}

@test "a consumer killed at full speed skips nothing" {
    produce killed feed.seed=12 feed.count=300000 feed.rate=0
    local printed=$BATS_TEST_TMPDIR/printed
    : >"$printed"

    # It prints into a pipe that takes a line at a time, so that it is still
    # at work when it is killed.
    mkfifo "$BATS_TEST_TMPDIR/pipe"
    dd if="$BATS_TEST_TMPDIR/pipe" of="$printed" bs=4096 2>/dev/null 3>&- &
    local reader=$!
    pf-consumer -X "bootstrap.servers=$BROKER" -X feed.topic=killed \
        -X group.id=killed -X feed.commit.interval.ms=10 \
        >"$BATS_TEST_TMPDIR/pipe" 3>&- &
    local consumer=$!
    eventually 30 test -s "$printed"
    kill -KILL "$consumer"
    wait "$reader"
    local before
    before=$(wc -l <"$printed")
    ((before > 0))

    # What follows begins at or before the end of what was printed.
    consume killed group.id=killed feed.exit.at.end=true \
        >"$BATS_TEST_TMPDIR/rest"
    local after
    after=$(wc -l <"$BATS_TEST_TMPDIR/rest")
    echo "$before lines, then $after"
    ((before + after >= 300000))
    diff <(expected 12 300000 | tail -n "$after") "$BATS_TEST_TMPDIR/rest"
    diff <(expected 12 300000 | head -n "$before") <(head -n "$before" "$printed")
}

@test "retention that has outrun a consumer is said, with the size of the hole" {
    produce hole feed.seed=13 feed.count=100 feed.rate=0
    consume hole group.id=hole feed.count=10 >/dev/null
    delete hole 50
    run --separate-stderr consume hole group.id=hole feed.exit.at.end=true
    [[ $status == 0 ]]
    [[ $stderr == *'40 records from offset 10 on are gone'* ]]
    diff <(expected 13 100 | tail -50) <(printf '%s\n' "$output")
}

@test "the same of a group, with the partition" {
    local p
    create gap:2 cleanup.policy=delete
    for p in 0 1; do
        produce gap feed.seed=3$p feed.count=100 feed.rate=0 feed.partition=$p
    done
    consume gap group.id=gap feed.partition=all feed.exit.at.end=true >/dev/null
    for p in 0 1; do
        produce gap feed.seed=4$p feed.count=100 feed.rate=0 feed.partition=$p
    done
    delete gap 150
    run --separate-stderr consume gap group.id=gap feed.partition=all \
        feed.exit.at.end=true
    [[ $status == 0 ]]
    [[ $stderr == *'gap [0]: 50 records from offset 100 on are gone'* ]]
    [[ $(grep -c 'are gone' <<<"$stderr") == 1 ]]
    diff <({ expected 40 100 | tail -50; expected 41 100; } | sort) \
        <(printf '%s\n' "$output" | sort)
}

@test "the same of a consumer that retention overtakes while it reads" {
    local log=$BATS_TEST_TMPDIR/log printed=$BATS_TEST_TMPDIR/printed next
    produce overtaken feed.seed=32 feed.count=100 feed.rate=0
    pf-consumer -X "bootstrap.servers=$BROKER" -X feed.topic=overtaken \
        -X group.id=overtaken >"$printed" 2>"$log" 3>&- &
    local consumer=$!
    eventually 20 has_lines "$printed" 100
    kill -STOP "$consumer"
    # The answer to the last fetch has some of these ten, or none.
    produce overtaken feed.seed=33 feed.count=10 feed.rate=0
    produce overtaken feed.seed=34 feed.count=100 feed.rate=0
    delete overtaken 160
    kill -CONT "$consumer"
    eventually 20 grep -q 'are gone' "$log"
    next=$(sed -n 's/.*overtaken \[0\]: [0-9]* records from offset \([0-9]*\) on are gone.*/\1/p' "$log")
    cat "$log"
    ((next >= 100 && next <= 110))
    grep -q " $((160 - next)) records from offset $next on are gone" "$log"
    eventually 20 has_lines "$printed" $((next + 50))
    diff <(expected 32 100; expected 33 10 | head -n $((next - 100))
        expected 34 100 | tail -n 50) "$printed"
    kill "$consumer"
    wait "$consumer"
}

# Of librdkafka only 2.4 and later pass the broker's own words on.
@test "what Kafka refuses is named, with what helps; small batches then fit" {
    create compact cleanup.policy=compact small max.message.bytes=10000
    run -3 produce compact feed.count=10 feed.rate=0
    [[ $output == *"with cleanup.policy=compact each record needs a key"* ]]
    if pf-producer --version | grep -qE 'librdkafka (2\.([4-9]|[1-9][0-9])|[3-9])'; then
        [[ $output == *"ompacted topic cannot accept message without key"* ]]
    fi
    run -3 produce small feed.count=20000 feed.rate=0
    [[ $output == *"set message.max.bytes of the producer to no more than"* ]]
    produce small feed.count=20000 feed.rate=0 feed.seed=19 message.max.bytes=10000
    diff <(expected 19 20000) <(kcat -b "$BROKER" -C -t small -e -q)
}

# is_gone TOPIC: the broker has no such topic.
is_gone() {
    local known
    known=$(kcat -b "$BROKER" -L) || return
    ! grep -q "topic \"$1\"" <<<"$known"
}

# With a topic Kafka deletes the positions that groups have in it.
@test "a topic that was created again meanwhile is read from its beginning" {
    produce anew feed.seed=15 feed.count=100 feed.rate=0
    consume anew group.id=anew feed.exit.at.end=true >/dev/null
    delete anew
    eventually 20 is_gone anew
    produce anew feed.seed=16 feed.count=50 feed.rate=0
    diff <(expected 16 50) <(consume anew group.id=anew feed.exit.at.end=true)
}

# With latest too: what is in the new topic has come later.
@test "a topic that is created again under a consumer is read from its beginning" {
    local reset consumers=() log=$BATS_TEST_TMPDIR/log
    produce under feed.seed=17 feed.count=100 feed.rate=0
    for reset in earliest latest; do
        consume under "group.id=$reset" "auto.offset.reset=$reset" \
            feed.start=earliest feed.count=150 \
            >"$BATS_TEST_TMPDIR/$reset" 2>>"$log" 3>&- &
        consumers+=($!)
        eventually 20 has_lines "$BATS_TEST_TMPDIR/$reset" 100
    done
    delete under
    eventually 20 is_gone under
    produce under feed.seed=18 feed.count=50 feed.rate=0
    wait "${consumers[0]}"
    wait "${consumers[1]}"
    cat "$log"
    (($(grep -c ' warning .*goes on at offset 0, not at 100: a new' "$log") == 2))

    # What was printed of the new one is committed, though it is less.
    produce under feed.seed=19 feed.count=10 feed.rate=0
    for reset in earliest latest; do
        consume under "group.id=$reset" "auto.offset.reset=$reset" \
            feed.exit.at.end=true >>"$BATS_TEST_TMPDIR/$reset"
        diff <(expected 17 100; expected 18 50; expected 19 10) \
            "$BATS_TEST_TMPDIR/$reset"
    done
}

# health: what `pf-broker health` says of the two programs that have kept their
# numbers in PF_RUN.
health() {
    PF_CONFIG=$root/config PRODUCER_FEED_TOPIC=$1 pf-broker health
}

# health_says TOPIC TEXT: something that begins like that.
health_says() {
    [[ $(health "$1" 2>&1) == "$2"* ]]
}

@test "an open transaction is said, its end is not waited for" {
    local log=$BATS_TEST_TMPDIR/log printed=$BATS_TEST_TMPDIR/printed
    local else='{"match": 555, "price": 5.55}'
    produce else feed.seed=20 feed.count=10 feed.rate=0 \
        "feed.stats=$PF_RUN/producer.stats"
    begin_transactions else
    transact begin 'send 3' commit # a control record is the last, at offset 13
    consume else group.id=other feed.exit.at.end=true >"$printed"
    diff <(expected 20 10; yes "$else" | head -n 3) "$printed"

    # What was printed is all; where the next one begins, too.
    pf-consumer -X "bootstrap.servers=$BROKER" -X feed.topic=else \
        -X "feed.stats=$PF_RUN/consumer.stats" >"$printed" 2>"$log" 3>&- &
    local consumer=$!
    eventually 20 has_lines "$printed" 13
    eventually 20 health_says else 'healthy: 13 prices printed'

    transact begin 'send 4'
    produce else feed.seed=21 feed.count=5 feed.rate=0
    eventually 20 grep -q \
        'warning consumer: an open transaction at offset 14 of else \[0\] holds back 9 records' \
        "$log"
    has_lines "$printed" 13
    run -1 health else
    [[ $output == *'consumer: an open transaction holds back 9 records'* ]]
    consume else group.id=other feed.exit.at.end=true \
        >"$BATS_TEST_TMPDIR/more" 2>"$BATS_TEST_TMPDIR/said"
    [[ ! -s "$BATS_TEST_TMPDIR/more" ]]
    grep 'open transaction at offset 14' "$BATS_TEST_TMPDIR/said"
    run -2 --separate-stderr pf-audit -X "bootstrap.servers=$BROKER" \
        -X feed.topic=else
    [[ $stderr == *'an open transaction holds back 9 records'* ]]

    transact abort
    eventually 20 has_lines "$printed" 18
    diff <(expected 20 10; yes "$else" | head -n 3; expected 21 5) "$printed"
    eventually 20 health else
    kill "$consumer"
    wait "$consumer"

    # Nothing of what was aborted, and nobody comes back for it.
    transact begin 'send 2' abort
    diff <(expected 21 5) <(consume else group.id=other feed.exit.at.end=true)
    consume else group.id=other feed.exit.at.end=true >"$printed" 2>"$log"
    [[ ! -s $printed ]]
    run ! grep -h 'are gone' "$log" "$BATS_TEST_TMPDIR/said"
    grep 'reading else \[0\] from offset 27$' "$log"
    end_transactions
}

@test "a run continues where it stopped, after an open transaction" {
    kcat -b "$BROKER" -L -t behind >/dev/null # makes it
    begin_transactions behind
    transact begin 'send 1'
    local ledger=$BATS_TEST_TMPDIR/ledger
    produce behind feed.seed=22 feed.count=5 feed.rate=0 "feed.ledger=$ledger"
    produce behind feed.seed=22 feed.count=20 feed.rate=0 "feed.ledger=$ledger"
    diff <(expected 22 20) <(kcat -b "$BROKER" -C -t behind -o 1 -e -q \
        -X isolation.level=read_uncommitted)

    # What takes offsets and is not given out is not lost.
    transact abort
    run -0 --separate-stderr pf-audit -X "bootstrap.servers=$BROKER" \
        -X feed.topic=behind -X "feed.ledger=$ledger"
    end_transactions
}

@test "health: not before there is a position, and a price where one is due" {
    local run=(pf-consumer -X "bootstrap.servers=$BROKER"
        -X "feed.stats=$PF_RUN/consumer.stats") pid
    produce due feed.seed=23 feed.count=3 feed.rate=0 \
        "feed.stats=$PF_RUN/producer.stats"

    # The topic has no such partition: it waits for ever.
    "${run[@]}" -X feed.topic=due -X feed.partition=7 3>&- &
    pid=$!
    no_position() {
        run health due
        [[ $output == *'consumer: it does not know yet where to begin;'* ]]
    }
    eventually 20 no_position
    kill "$pid"
    wait "$pid"

    # Nothing is due any more: the producer has finished.
    "${run[@]}" -X feed.topic=due -X feed.start=latest 3>&- &
    pid=$!
    eventually 20 health due
    kill "$pid"
    wait "$pid"

    # Of a price each 100 s the first one is due at once, then none for a while.
    local slow=$BATS_TEST_TMPDIR/ledger
    pf-producer -X "bootstrap.servers=$BROKER" -X feed.topic=due \
        -X feed.rate=0.01 -X "feed.stats=$PF_RUN/producer.stats" \
        -X "feed.ledger=$slow" 3>&- &
    local producer=$!
    eventually 20 grep -q acked "$slow"
    "${run[@]}" -X feed.topic=due -X feed.start=latest 3>&- &
    pid=$!
    eventually 20 health due
    kill "$pid" "$producer"
    wait "$pid" "$producer"

    # One each 10 ms, and the consumer is somewhere else.
    kcat -b "$BROKER" -L -t elsewhere >/dev/null # makes it
    pf-producer -X "bootstrap.servers=$BROKER" -X feed.topic=due \
        -X feed.rate=100 -X "feed.stats=$PF_RUN/producer.stats" 3>&- &
    producer=$!
    "${run[@]}" -X feed.topic=elsewhere 3>&- &
    pid=$!
    no_price() {
        run health due
        [[ $output == *'consumer: it has not printed a price yet, and one is due'* ]]
    }
    eventually 20 no_price
    kill "$pid" "$producer"
    wait "$pid" "$producer"
}

@test "a topic that is not there yet is waited for" {
    consume comes-later feed.count=3 allow.auto.create.topics=false \
        >"$BATS_TEST_TMPDIR/printed" 3>&- &
    local consumer=$!
    produce comes-later feed.seed=14 feed.count=3 feed.rate=0
    wait "$consumer"
    diff <(expected 14 3) "$BATS_TEST_TMPDIR/printed"
}

# shown WHAT FILE: see shown.py.
shown() {
    python3 "$BATS_TEST_DIRNAME/shown.py" "$@"
}

# The same as `shown prices`, from lines that were printed.
summary() {
    tr -dc '0-9 \n' | awk '{
        match_ = $1
        ticks = $2 + 0
        previous = n[match_]++ ? last[match_] : ticks
        last[match_] = ticks
        before[match_] = previous
        if (n[match_] == 1 || ticks < low[match_])
            low[match_] = ticks
        if (ticks > high[match_])
            high[match_] = ticks
    }
    END {
        for (match_ in n)
            print match_, n[match_], last[match_], before[match_], low[match_],
                high[match_]
    }' | sort -n
}

@test "feed.prices: last price, the one before, low, high and count of each match" {
    local table=$BATS_TEST_TMPDIR/prices printed=$BATS_TEST_TMPDIR/printed
    produce table feed.seed=24 feed.count=20000 feed.rate=0
    printf '%s\n' 'not a price' '{"price":99.5,"match":999}' \
        '{"match": 1000, "price": 1.00}' | kcat -b "$BROKER" -P -t table -p 0
    consume table feed.exit.at.end=true "feed.prices=$table" >"$printed"
    (($(wc -l <"$printed") == 20002))
    shown prices "$table" >"$BATS_TEST_TMPDIR/shown"
    (($(wc -l <"$BATS_TEST_TMPDIR/shown") == 900))
    diff <(grep -v '"match": 1000' "$printed" | summary) "$BATS_TEST_TMPDIR/shown"
    [[ $(shown elsewhere "$table") == 1 ]]

    # The next run replaces it; it can be looked at while that one runs.
    local log=$BATS_TEST_TMPDIR/log
    consume table feed.start=latest feed.count=4 "feed.prices=$table" \
        >"$printed" 2>"$log" 3>&- &
    local consumer=$!
    eventually 20 grep -q 'reading table \[0\] from offset' "$log"
    [[ -z $(shown prices "$table") ]]
    printf '{"match": 500, "price": %s}\n' 1.00 3.00 2.00 |
        kcat -b "$BROKER" -P -t table -p 0
    eventually 20 shows_prices "$table" '500 3 200 300 100 300'
    echo '{"match": 100, "price": 1.00}' | kcat -b "$BROKER" -P -t table -p 0
    wait "$consumer"

    run -1 consume table feed.exit.at.end=true feed.prices=nowhere/prices
    [[ $output == *'prices in nowhere/prices: No such file or directory'* ]]
}

# shows_prices FILE LINE: that one alone.
shows_prices() {
    [[ $(shown prices "$1") == "$2" ]]
}

@test "a record's latency is the time from its timestamp until it is printed" {
    local stats=$BATS_TEST_TMPDIR/stats began ended n least most
    began=${EPOCHREALTIME/[.,]/}
    produce late feed.seed=25 feed.count=1000 feed.rate=0
    ended=${EPOCHREALTIME/[.,]/}
    echo 'not a price' | kcat -b "$BROKER" -P -t late -p 0
    consume late feed.exit.at.end=true "feed.stats=$stats" >/dev/null
    read -r n least most <<<"$(shown latency "$stats")"
    echo "$n records were $least to $most ns late"
    ((n == 1000))
    ((most / 1000 <= ${EPOCHREALTIME/[.,]/} - began + 1000))

    # When they are read again they are older.
    local again=${EPOCHREALTIME/[.,]/}
    consume late feed.start=earliest feed.count=7 "feed.stats=$stats" >/dev/null
    read -r n least most <<<"$(shown latency "$stats")"
    echo "$n records were $least to $most ns late"
    ((n == 7))
    ((least * 129 / 128 / 1000 >= again - ended))
}
