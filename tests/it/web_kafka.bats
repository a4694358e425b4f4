#!/usr/bin/env bats
# Topics, records and groups of a real Kafka as pf-web's API shows them.
#
# shellcheck disable=SC1003,SC2016 # backslashes are for printf, dollars for jq

bats_require_minimum_version 1.5.0
load kafka
load web

# Large records; and compaction soon: only the segment that is written to is left
# alone.
# shellcheck disable=SC2034 # start_kafka takes it
broker_settings=(message.max.bytes=2000000 log.roll.ms=500
    log.cleaner.backoff.ms=100
    log.cleaner.min.cleanable.ratio=0.01)

setup_file() {
    start_kafka
    begin_web "bootstrap.servers=$BROKER"
    eventually 10 curl -sf "$API/topics"
    create six:6 retention.ms=-1 odd:1 retention.ms=12345678 \
        compacted:1 cleanup.policy=compact empty:2 retention.ms=-1
    seq 10001 11000 | kcat -b "$BROKER" -P -t six -p -1 \
        -X sticky.partitioning.linger.ms=0 -X linger.ms=0
}

teardown_file() {
    end_web
    stop_kafka
}

teardown() {
    end_jobs
    if [ -z "${BATS_TEST_COMPLETED:-}" ]; then
        tail -n 5 "$BATS_FILE_TMPDIR/web.err"
    fi
}

# all_answers TOPIC QUERY: those with the records of a list, until its end. One process
# asks for them all. Fails, and says it, at one that is refused.
all_answers() {
    python3 -c 'import json, sys, urllib.error, urllib.request
url, after = sys.argv[1], ""
while after is not None:
    try:
        with urllib.request.urlopen(url + after) as page:
            body = page.read().decode()
    except urllib.error.HTTPError as refused:
        sys.exit(f"{refused.url}: {refused.code} {refused.read().decode()}")
    print(body)
    after = json.loads(body)["next"]' "$API/topics/$1/records?$2&next="
}

# pages TOPIC QUERY JQ: what jq makes of each record of a list, until its end.
pages() {
    all_answers "$1" "$2" | jq -rc ".records[] | $3"
}

# put TOPIC: standard input is a record; kcat's options may follow.
put() {
    local topic=$1
    shift
    cat >"$BATS_TEST_TMPDIR/value"
    kcat -b "$BROKER" -P -t "$topic" -p 0 "$@" "$BATS_TEST_TMPDIR/value"
}

last_offset() {
    echo $(($(end_of "$1") - 1))
}

@test "the list of topics has each with its size" {
    [ "$(ask topics '.topics[] | select(.name == "six")')" = \
        '{"name":"six","partitions":6,"replicas":1,"internal":false,"records":1000}' ]
    [ "$(ask topics '[.topics[].name] | . == sort')" = true ]
}

@test "a topic is shown with its partitions and the settings that are its own" {
    [ "$(ask topics/six '.records, ([.partitions[].records] | add)')" = $'1000\n1000' ]
    [ "$(ask topics/six '[.partitions[] | [.partition, .leader, .replicas,
        .in_sync, .first.offset]] | unique | length')" = 6 ]
    local p
    for p in 0 3 5; do
        diff <(kcat -b "$BROKER" -C -t six -p $p -e -q -f '%o %T\n' | tail -n 1) \
            <(ask topics/six ".partitions[$p].last |
                \"\\(.offset) \\(.time[:-5] + \"Z\" | fromdate)\" +
                .time[-4:-1]")
    done
    [ "$(ask topics/odd '.settings[] | select(.source == "topic")')" = \
        '{"name":"retention.ms","value":"12345678","source":"topic"}' ]
    [ "$(ask topics/empty '[.records, .partitions[0].first,
        .partitions[0].last]')" = '[0,{"offset":0,"time":null},null]' ]
}

@test "page by page each record comes once, in the order of time" {
    local from limit all=$BATS_TEST_TMPDIR/all
    kcat -b "$BROKER" -C -t six -e -q -f '%p %o %s\n' | sort >"$all"
    for from in newest oldest; do
        for limit in 200 17; do
            pages six "from=$from&limit=$limit" \
                '"\(.partition) \(.offset) \(.value.text)"' >"$all.pages"
            diff "$all" <(sort "$all.pages")
        done
    done
    pages six limit=200 .time >"$all.times"
    sort -rc "$all.times"
    pages six 'limit=200&from=oldest' .time >"$all.times"
    sort -c "$all.times"
    diff <(kcat -b "$BROKER" -C -t six -p 2 -e -q | tac) \
        <(pages six 'partition=2&limit=99' .value.text)
}

@test "a text finds what grep finds" {
    local text from
    for text in 99 1050 11000 nothing; do
        for from in newest oldest; do
            diff <(kcat -b "$BROKER" -C -t six -e -q | grep -F $text | sort) \
                <(pages six "from=$from&text=$text&limit=13" .value.text | sort)
        done
    done
    [ "$(ask 'topics/six/records?text=nothing' \
        '[.looked_at, .more, .next]')" = '[1000,false,null]' ]
}

# escaped TEXT: for an address.
escaped() {
    jq -rn --arg text "$1" '$text | @uri'
}

@test "an expression in jq finds what the program jq finds" {
    local expression from
    create json:2 retention.ms=-1
    {
        seq 1 600 | sed 's/.*/{"n": &, "price": &.50}/'
        printf '%s\n' 'not JSON' '"a\u0000 text"' null '[1, 2]'
    } | kcat -b "$BROKER" -P -t json -p -1 -X sticky.partitioning.linger.ms=0 \
        -X linger.ms=0
    for expression in '.n > 590' '.n % 7 == 3' '.price == 250.5 or (.n | . > 590)' \
        'type == "null"' $'def f: # a comment\n length;\nf == 2'; do
        for from in newest oldest; do
            diff <(kcat -b "$BROKER" -C -t json -e -q |
                jq -Rr ". as \$line | fromjson? |
                    select($expression) | \$line" | sort) \
                <(pages json "from=$from&limit=13&jq=$(escaped "$expression")" \
                    .value.text | sort)
        done
    done
    [ "$(pages json "jq=$(escaped '$record.partition == 1 and .n != 0')" .partition |
        sort -u)" = 1 ]
    # With a text, both have to be so.
    diff <(seq 100 | grep 7) <(pages json 'text=7&jq=.n%20%3C%3D%20100' .value.text |
        jq .n | sort -n)
    # A text and a list have no n, and one value is not JSON.
    # One answer, or on a slow machine several.
    [ "$(all_answers json 'jq=.n%20%3C%200' |
        jq -sc '[map(.looked_at), map(.unsaid.count)] | map(add)')" = '[604,3]' ]
    printf 'gone:\n' | kcat -b "$BROKER" -P -t json -p 0 -K: -Z
    [ "$(ask "topics/json/records?jq=$(escaped '. == null and $record.key == "gone"')" \
        '[.records[].value]')" = '[null]' ]
}

@test "a mistake in jq is said with its line, and nothing of the server is told" {
    refused 400 "topics/six/records?jq=$(escaped $'.a\n| (.b')" 'jq: line 2: ' 'syntax error'
    refused 400 "topics/six/records?jq=$(escaped '$ENV.PATH')" '$ENV' environment
    refused 400 "topics/six/records?jq=$(escaped 'env | false')" environment
    refused 400 "topics/six/records?jq=$(escaped 'input_filename')" 'not for records'
    refused 400 "topics/six/records?jq=$(escaped 'include "x"; .')" modules
    refused 400 "topics/six/records?jq=$(escaped 'file:/etc/passwd')" 'syntax error'
    refused 400 "topics/six/records?jq=$(printf '.%02001d' 0)" 'longer than 2000'
    local next
    next=$(ask 'topics/six/records?limit=1&jq=.' .next)
    refused 400 "topics/six/records?next=$next" next
    refused 400 "topics/six/records?next=$next&text=." next
}

# answers_in_time EXPRESSION: within the time of a request, two times with the
# second going on after the first; is pf-web then as it was?
answers_in_time() {
    local web from next
    web=$(cat "$BATS_FILE_TMPDIR/web.pid")
    for from in newest oldest; do
        next=''
        for _ in 1 2; do
            SECONDS=0
            ask "topics/six/records?from=$from&jq=$(escaped "$1")&next=$next" \
                >"$BATS_TEST_TMPDIR/answer"
            jq -c '[.looked_at, .more, .unsaid]' "$BATS_TEST_TMPDIR/answer"
            in_time 5
            [ "$(jq -c '[.looked_at > 0, .more, .unsaid.count > 0]' \
                "$BATS_TEST_TMPDIR/answer")" = '[true,true,true]' ]
            [ "$next" != "$(jq -r .next "$BATS_TEST_TMPDIR/answer")" ]
            next=$(jq -r .next "$BATS_TEST_TMPDIR/answer")
        done
    done
    kill -0 "$web"
    eventually 5 childless "$web"
}

childless() {
    [ -z "$(pgrep -P "$1")" ]
}

@test "an expression that never ends, or eats memory, is no harm to pf-web" {
    local web before after
    web=$(cat "$BATS_FILE_TMPDIR/web.pid")
    ask topics/six/records >"$BATS_TEST_TMPDIR/out"
    before=$(ps -o rss= -p "$web")
    answers_in_time 'def f: f; f'
    answers_in_time '[repeat("a")]'
    answers_in_time '[range(1e6)] | map(tostring) | join("") | test("(1*)*2+3$") and false'
    # It ends libjq.
    [ "$(ask "topics/six/records?jq=$(escaped '[] | .[2e9] = 1')" \
        '.looked_at > 0 and .looked_at == .unsaid.count')" = true ]
    after=$(ps -o rss= -p "$web")
    echo "from $before KiB to $after KiB"
    ((after < before + 10000))
}

@test "a list begins at an offset, or at a time" {
    [ "$(ask 'topics/six/records?partition=1&from=7&limit=3' \
        '[.records[].offset]')" = '[7,8,9]' ]
    local time
    time=$(ask topics/six/partitions/1/records/20 .time)
    [ "$(ask "topics/six/records?partition=1&from=$time&limit=200" \
        "[.records[].time] | [length > 0, .[0] == \"$time\"]")" = '[true,true]' ]
    [ "$(ask "topics/six/records?from=2099-01-01T00:00:00Z" \
        '[.records, .more]')" = '[[],false]' ]
    [ "$(ask "topics/six/records?from=2000-01-01T00:00:00Z&limit=200" \
        '.records | length')" = 200 ]
}

# ticks: prices of two matches, and one each that ends the last minute.
ticks() {
    python3 - <<'PY'
for minute in range(5):
    for second, price in (0, "4.50"), (20, "9.00"), (40, "1.10"), (50, "%d.56" % minute):
        at = 1795683600000 + (minute * 60 + second) * 1000
        for match in 123, 124:
            print('{"match":%d,"price":%s,"t":%d}' % (match, price, at))
print('{"match":999,"price":1.00,"t":%d}' % (1795683600000 + 300000))
PY
}

# candles TOPIC MATCH N: the candles of N events, or of more.
candles() {
    local events=$BATS_TEST_TMPDIR/events curl
    curl -sN --max-time 20 "$API/candles/$1/$2/events" >"$events" 3>&- &
    curl=$!
    have() {
        [ "$(grep -oE '\[[0-9][^]]*\]' "$events" | wc -l)" -ge "$1" ]
    }
    eventually 20 have "$3"
    kill "$curl"
    wait "$curl" 2>/dev/null || :
    grep -oE '\[[0-9][^]]*\]' "$events"
}

@test "candles that pf-processor makes are shown, and go on as they come" {
    [ "$(ask candles)" = '{"topics":[]}' ]
    ticks | kcat -b "$BROKER" -P -t ticks
    timeout 60 pf-processor -X "bootstrap.servers=$BROKER" -X feed.topic=ticks \
        -X feed.output=candles-1m -X feed.window.size=1m -X feed.window.key=.match \
        -X feed.window.key.name=match -X feed.window.time=.t \
        -X 'feed.window.aggregates=ohlc(.price), count' -X feed.exit.at.end=true
    [ "$(ask candles)" = '{"topics":["candles-1m"]}' ]
    echo 'not a candle' | kcat -b "$BROKER" -P -t candles-1m
    candles candles-1m 123 5 >"$BATS_TEST_TMPDIR/candles"
    diff "$BATS_TEST_TMPDIR/candles" - <<'END'
[1795683600.000,4.50,9.00,0.56,0.56,4]
[1795683660.000,4.50,9.00,1.10,1.56,4]
[1795683720.000,4.50,9.00,1.10,2.56,4]
[1795683780.000,4.50,9.00,1.10,3.56,4]
[1795683840.000,4.50,9.00,1.10,4.56,4]
END
    grep -qF '"seconds":60.000' "$BATS_TEST_TMPDIR/events"
    curl -sN --max-time 30 "$API/candles/candles-1m/124/events" \
        >"$BATS_TEST_TMPDIR/live" 3>&- &
    eventually 20 grep -q 1795683840 "$BATS_TEST_TMPDIR/live"
    echo '{"match":124,"start":"2026-11-26T09:05:00Z","end":"2026-11-26T09:06:00Z","open":2,"high":3,"low":1,"close":2.5}' |
        kcat -b "$BROKER" -P -t candles-1m
    eventually 10 grep -qF '[1795683900.000,2.00,3.00,1.00,2.50,null]' \
        "$BATS_TEST_TMPDIR/live"
    refused 404 candles/six/123/events 'no topic six'
    refused 400 candles/candles-1m/x/events "'x'"
}

@test "any bytes are shown as they are" {
    local bytes at
    for bytes in ' ' '1.00' '12345678901234567890.10' '\033[2J\033[31m' \
        '<script>alert(1)</script>' '\0303\0244' '"\\' '\0' 'a\0b' '\0377\0376' \
        '\0303(' '\0355\0240\0200'; do
        printf '%b' "$bytes" | put odd
        at=topics/odd/partitions/0/records/$(last_offset odd)
        curl -sf "$API/$at/value" | cmp - "$BATS_TEST_TMPDIR/value"
        case $bytes in
        '\0' | 'a\0b' | '\0377'* | '\0303(' | '\0355'*)
            od -An -v -tx1 "$BATS_TEST_TMPDIR/value" | tr -d ' ' |
                diff - <(ask "$at" .value.hex)
            ;;
        *)
            echo | cat "$BATS_TEST_TMPDIR/value" - |
                diff - <(ask "$at" .value.text)
            ;;
        esac
    done
    [ "$(ask 'topics/odd/records?limit=1' '.records[0].value.hex')" = eda080 ]
}

@test "keys, headers, tombstones and large values are shown" {
    printf '\377:\n' | kcat -b "$BROKER" -P -t odd -p 0 -K: -Z -H id=7 -H none \
        -H $'bin=\xfe'
    [ "$(ask 'topics/odd/records?limit=1' '.records[0] |
        [.key, .value, .headers, .timestamp_type]')" = \
        '[{"hex":"ff","size":1},null,[{"name":{"text":"id","size":2},"value":{"text":"7","size":1}},{"name":{"text":"none","size":4},"value":null},{"name":{"text":"bin","size":3},"value":{"hex":"fe","size":1}}],"create"]' ]
    refused 404 "topics/odd/partitions/0/records/$(last_offset odd)/value" \
        tombstone
    printf ':\n' | kcat -b "$BROKER" -P -t odd -p 0 -K:
    [ "$(ask 'topics/odd/records?limit=1' '.records[0] | [.key, .value]')" = \
        '[{"text":"","size":0},{"text":"","size":0}]' ]

    head -c 1000000 /dev/urandom | put odd -X message.max.bytes=2000000
    local at
    at=topics/odd/partitions/0/records/$(last_offset odd)
    curl -sf "$API/$at/value" | cmp - "$BATS_TEST_TMPDIR/value"
    [ "$(ask "$at" '[.value.size, .value.cut, (.value.hex | length)]')" = \
        '[1000000,null,2000000]' ]
    [ "$(ask 'topics/odd/records?limit=1' '.records[0].value |
        [.size, .cut, (.hex | length)]')" = '[1000000,true,8192]' ]

    # A key and a header are looked into, too.
    echo x | put odd -k 'only here'
    echo x | put odd -H 'name=or there'
    [ "$(ask 'topics/odd/records?text=only%20here' '.records | length')" = 1 ]
    [ "$(ask 'topics/odd/records?text=or%20there' '.records | length')" = 1 ]
    curl -sfi "$API/$at/value" | grep -aiq '^content-disposition: attachment'
}

@test "an answer is below 1 MB, and goes on where it was cut" {
    # Each of these bytes takes six in JSON.
    local i
    for i in $(seq 100); do
        head -c 4000 /dev/zero | tr '\0' '\1' >"$BATS_TEST_TMPDIR/value-$i"
    done
    kcat -b "$BROKER" -P -t long "$BATS_TEST_TMPDIR"/value-*
    (($(curl -sf "$API/topics/long/records?limit=100" | wc -c) < 1048576))
    [ "$(pages long limit=100 .offset | sort -n | uniq | wc -l)" = 100 ]
    [ "$(pages long limit=100 .offset | wc -l)" = 100 ]
}

@test "only records of transactions that have ended well are shown" {
    begin_transactions transacted
    transact begin 'send 5' commit begin 'send 5' abort begin 'send 5' commit
    [ "$(pages transacted limit=4 .offset | tr '\n' ' ')" = \
        '16 15 14 13 12 4 3 2 1 0 ' ]
    [ "$(pages transacted 'limit=4&from=oldest' .offset | tr '\n' ' ')" = \
        '0 1 2 3 4 12 13 14 15 16 ' ]
    refused 404 topics/transacted/partitions/0/records/8 aborted # in it
    refused 404 topics/transacted/partitions/0/records/5 marker
    refused 404 topics/transacted/partitions/0/records/17 marker
    [ "$(ask topics/transacted '.partitions[0].last.offset')" = 16 ]
    transact begin 'send 5' # and leave it open
    [ "$(pages transacted limit=4 .offset | wc -l)" = 10 ]
    end_transactions
}

@test "records that compaction has removed are not missed" {
    local i
    for i in $(seq 40); do
        printf 'value %s' "$i" | put compacted -k same
    done
    printf other | put compacted -k other
    compacted() {
        (($(kcat -b "$BROKER" -C -t compacted -e -q | wc -l) < 20))
    }
    roll_and_check() {
        printf more | put compacted -k more
        compacted
    }
    eventually 60 roll_and_check
    diff <(kcat -b "$BROKER" -C -t compacted -e -q -f '%o %k %s\n' | tac) \
        <(pages compacted limit=3 '"\(.offset) \(.key.text) \(.value.text)"')
    refused 404 topics/compacted/partitions/0/records/3 compacted
}

@test "what was deleted is not missed" {
    seq 100 | kcat -b "$BROKER" -P -t deleted
    delete deleted 90
    [ "$(ask topics/deleted '.partitions[0] |
        [.first.offset, .records, .first.time == null]')" = '[90,10,false]' ]
    [ "$(pages deleted limit=3 .value.text | tr '\n' ' ')" = \
        '100 99 98 97 96 95 94 93 92 91 ' ]
    [ "$(ask 'topics/deleted/records?from=5&limit=1&partition=0' \
        '.records[0].offset')" = 90 ]
    refused 404 topics/deleted/partitions/0/records/89 '90 to 99'
    delete deleted
    eventually 10 refused 404 topics/deleted/records 'no topic deleted'
    eventually 10 refused 404 topics/deleted 'no topic deleted'
}

@test "groups are shown with members, positions and lag" {
    pf-consumer -X "bootstrap.servers=$BROKER" -X feed.topic=six \
        -X feed.partition=all -X group.id=readers -X client.id=reader \
        >"$BATS_TEST_TMPDIR/printed" 2>&1 3>&- &
    is_read() {
        [ "$(ask groups '.groups[] | select(.name == "readers")')" = \
            '{"name":"readers","state":"Stable","members":1,"lag":0}' ]
    }
    eventually 30 is_read
    [ "$(ask groups/readers '[.state, .protocol, (.members | length),
        .members[0].client, .members[0].host,
        ([.members[0].partitions[].partition] | sort)]')" = \
        '["Stable","cooperative-sticky",1,"reader","127.0.0.1",[0,1,2,3,4,5]]' ]
    [ "$(ask groups/readers '[.positions[].end] | add')" = 1000 ]
    has_committed_all() { # each partition's position comes when it has one
        [ "$(ask groups/readers '.members[0].id as $id |
            [.positions[] | .lag == 0 and .member == $id] | all')" = true ]
    }
    eventually 10 has_committed_all
    kill %1
    wait %1 || :
    [ "$(ask groups/readers '[.state, .members, .protocol]')" = \
        '["Empty",[],null]' ]
    refused 404 groups/nobody-there 'no group nobody-there'
}

@test "what is asked wrongly is said" {
    refused 404 topics/nowhere 'no topic nowhere'
    refused 404 topics/nowhere/records 'no topic nowhere'
    refused 404 'topics/a%20b%2Fc' 'no topic a b/c'
    refused 404 'topics/six/records?partition=6' 'no partition 6'
    refused 404 topics/six/partitions/6/records/0 'no partition 6'
    refused 404 topics/six/partitions/0/records/1000000 'offsets 0 to'
    refused 404 topics/empty/partitions/0/records/0 'is empty'
    refused 400 topics/six/partitions/x/records/0 "'x'"
    refused 400 topics/six/partitions/0/records/-1 'within 0'
    refused 400 'topics/six/records?from=soon' "'soon'" newest
    refused 400 'topics/six/records?from=7' partition=
    refused 400 'topics/six/records?limit=201' limit
    refused 400 'topics/six/records?limit=x' limit
    refused 400 'topics/six/records?partition=-1' partition
    refused 400 'topics/six/records?next=x' next
    local next
    next=$(ask 'topics/six/records?limit=1' .next)
    refused 400 "topics/six/records?next=$next&text=x" next
    refused 400 "topics/six/records?next=$next&partition=0" next
    refused 400 "topics/empty/records?next=$next" next
    refused 400 "topics/six/records?next=$next-1" next
}

@test "whoever looks changes nothing" {
    local before after
    listed() {
        kcat -b "$BROKER" -L -J | jq -c '[.topics[] |
            [.topic, (.partitions | length)]] | sort'
    }
    # Another group's commits would be there, too.
    before=$(listed) offsets=$(end_of __consumer_offsets)
    refused 404 topics/not-there/records
    ask topics >"$BATS_TEST_TMPDIR/out"
    ask topics/six >"$BATS_TEST_TMPDIR/out"
    ask groups >"$BATS_TEST_TMPDIR/out"
    ask topics/six/records >"$BATS_TEST_TMPDIR/out"
    after=$(listed)
    [ "$before" = "$after" ]
    [ "$offsets" = "$(end_of __consumer_offsets)" ]
}

# all_refused: does each say within 5 s that Kafka is away? Two at a time, which
# is what pf-web does.
all_refused() {
    both_refused topics topics/six
    both_refused topics/six/records groups
    both_refused groups/readers topics/six/partitions/0/records/0
}

both_refused() {
    SECONDS=0
    refused 503 "$1" 'Kafka does not answer' &
    refused 503 "$2" 'Kafka does not answer'
    wait "$!"
    in_time 5
}

six_from_oldest() {
    all_answers six 'limit=200&from=oldest' >"$BATS_TEST_TMPDIR/answers"
}

@test "a Kafka that does not answer is said, and is asked again" {
    local kafka
    kafka=$(cat "$PF_RUN/kafka.pid")
    ask topics/six/records >"$BATS_TEST_TMPDIR/out"
    kill -STOP "$kafka"
    all_refused
    kill -CONT "$kafka"
    eventually 20 ask topics/six/records
    eventually 20 ask groups

    kill -KILL "$kafka"
    all_refused
    "$root/build/pf-broker" forget || :
    "$root/broker/kafka" >>"$PF_RUN/kafka.log" 2>&1 3>&- &
    echo $! >"$PF_RUN/kafka.pid"
    disown
    eventually 60 ask topics/six/records
    eventually 20 ask groups
    # A page may hold less than asked for, or be refused: Kafka has only just begun.
    eventually 20 six_from_oldest
    diff <(seq 10001 11000) \
        <(jq -r '.records[].value.text' "$BATS_TEST_TMPDIR/answers" | sort)
    kill -0 "$(cat "$BATS_FILE_TMPDIR/web.pid")"
}
