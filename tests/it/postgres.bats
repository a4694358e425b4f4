#!/usr/bin/env bats
# pf-consumer with feed.sink = postgres, a real PostgreSQL and a real Kafka.
# shellcheck shell=bash disable=SC2154,SC2030,SC2031

bats_require_minimum_version 1.5.0
load kafka
load postgres

setup_file() {
    start_kafka
    start_postgres
}

teardown_file() {
    stop_postgres
    stop_kafka
}

# Each test has a topic and a database of its own.
setup() {
    topic=t$BATS_TEST_NUMBER
    createdb "$topic" 3>&-
    export PGDATABASE=$topic
    consume=(pf-consumer -X "bootstrap.servers=$BROKER" -X "feed.topic=$topic"
        -X feed.sink=postgres)
    log=$BATS_TEST_TMPDIR/log
}

teardown() {
    end_jobs
}

# produce SEED COUNT
produce() {
    timeout 60 pf-producer -X "bootstrap.servers=$BROKER" \
        -X "feed.topic=$topic" -X feed.rate=0 -X "feed.seed=$1" \
        -X "feed.count=$2" 2>/dev/null
}

# to_end SETTING...: write all that the topic has.
to_end() {
    local settings=()
    for setting; do
        settings+=(-X "$setting")
    done
    timeout 120 "${consume[@]}" -X feed.exit.at.end=true "${settings[@]}"
}

# start_consumer SETTING...: in the background; its process is $consumer.
start_consumer() {
    local settings=()
    for setting; do
        settings+=(-X "$setting")
    done
    "${consume[@]}" "${settings[@]}" >>"$log" 2>&1 3>&- &
    consumer=$!
}

# The table is the seeded run, each price once and in its place.
is_run() {
    diff <(pf-producer -X feed.sink=console -X feed.rate=0 \
        -X "feed.seed=$1" -X "feed.count=$2" 2>/dev/null) <(sql \
        "select format('{\"match\": %s, \"price\": %s}', match, price)
        from prices order by feed_offset")
    [[ $(sql "select count(distinct (topic, partition, feed_offset)),
        max(feed_offset) + 1 from prices") == "$2|$2" ]]
}

written() {
    [[ $(sql "select coalesce(max(next_offset), 0) >= $1 from feed_offsets") == t ]]
}

says() {
    grep -q "$1" "$log"
}

# shown WHAT FILE: see shown.py.
shown() {
    python3 "$root/tests/it/shown.py" "$@"
}

@test "a run of prices is in the table, each in its place, once" {
    local stats=$BATS_TEST_TMPDIR/stats prices=$BATS_TEST_TMPDIR/prices n
    produce 1 20000
    to_end "feed.stats=$stats" "feed.prices=$prices"
    is_run 1 20000
    read -r n _ <<<"$(shown latency "$stats")"
    ((n == 20000))
    diff <(sql 'select match, count(*), min(price) * 100, max(price) * 100
        from prices group by match order by match' | sed 's/\.00//g; s/|/ /g') \
        <(shown prices "$prices" | cut -d ' ' -f 1,2,5,6)
    [[ $(sql "select data_type, numeric_precision, numeric_scale
        from information_schema.columns
        where table_name = 'prices' and column_name = 'price'") == \
        'numeric|13|2' ]]
    [[ $(sql "select count(*) from prices
        where at between now() - interval '5 minutes' and now()") == 20000 ]]
    # Nothing to do is not a failure, and creates no second set of tables.
    to_end
    is_run 1 20000
}

@test "the consumer killed at 20 random points: each price once" {
    produce 2 250000 # more than are written when the last one dies
    local i target
    for i in {1..20}; do
        # A point in a stretch of its own, so that all 20 come.
        target=$((i * 9000 + RANDOM % 9000))
        start_consumer feed.postgres.batch=97
        eventually 60 written "$target"
        kill -KILL "$consumer"
        wait "$consumer" || :
    done
    echo "$(sql 'select count(*) from prices') rows after 20 kills"
    run ! written 250000
    to_end
    is_run 2 250000
}

@test "PostgreSQL killed at 5 random points: the consumer goes on, each price once" {
    produce 3 250000
    start_consumer feed.postgres.batch=97
    local i target
    for i in {1..5}; do
        target=$((i * 30000 + RANDOM % 20000))
        eventually 60 written "$target"
        kill_postgres
        run ! gone "$consumer"
        run_postgres
    done
    run ! written 250000
    eventually 60 written 250000
    kill "$consumer"
    wait "$consumer"
    is_run 3 250000
    says 'PostgreSQL: trying again'
    says 'PostgreSQL: continuing'
}

@test "gone between commit and answer: what was committed is not written again" {
    produce 4 100
    start_consumer
    eventually 20 written 100
    # A commit that is in force waits for a standby that there is not, and
    # then its connection is ended.
    sql "alter system set synchronous_standby_names = 'nobody'"
    sql "select pg_reload_conf()"
    produce 5 1
    eventually 20 in_sync_wait
    sql "alter system reset synchronous_standby_names"
    sql "select pg_terminate_backend(pid) from pg_stat_activity
        where wait_event = 'SyncRep'"
    sql "select pg_reload_conf()"
    eventually 20 says 'trying again'
    produce 6 1
    eventually 20 written 102
    kill "$consumer"
    wait "$consumer"
    [[ $(sql "select count(*), max(feed_offset) from prices") == '102|101' ]]
    grep -q 'terminating connection due to administrator command' "$PGDIR/log"
}

in_sync_wait() {
    [[ $(sql "select count(*) from pg_stat_activity
        where wait_event = 'SyncRep' and query like '%prices%'") == 1 ]]
}

@test "killed while its commit is under way: the next one waits for that, and goes on after it" {
    produce 25 100
    start_consumer
    eventually 20 written 100
    sql "alter system set synchronous_standby_names = 'nobody'"
    sql "select pg_reload_conf()"
    produce 26 1
    eventually 20 in_sync_wait
    kill -KILL "$consumer"
    wait "$consumer" || :
    start_consumer
    eventually 20 waits_for_lock feed_offsets
    sql "alter system reset synchronous_standby_names"
    sql "select pg_reload_conf()"
    produce 27 1
    eventually 20 written 102
    kill "$consumer"
    wait "$consumer"
    [[ $(sql "select count(*), max(feed_offset) from prices") == '102|101' ]]
}

@test "gone before the commit: what was not committed is written again" {
    produce 7 100
    start_consumer
    eventually 20 written 100
    # Its transaction waits in the middle, and then its connection is ended.
    coproc psql -qAtX
    local locker=$COPROC_PID
    echo "begin; lock table prices in share mode; select 'locked';" >&"${COPROC[1]}"
    read -r _ <&"${COPROC[0]}"
    produce 8 1
    eventually 20 waits_for_lock prices
    sql "select pg_terminate_backend(pid) from pg_stat_activity
        where wait_event_type = 'Lock'"
    eventually 20 says 'trying again'
    echo 'rollback; \q' >&"${COPROC[1]}"
    wait "$locker"
    eventually 20 written 101
    kill "$consumer"
    wait "$consumer"
    [[ $(sql "select count(*), max(feed_offset) from prices") == '101|100' ]]
}

# waits_for_lock TABLE: one statement that names it does.
waits_for_lock() {
    [[ $(sql "select count(*) from pg_stat_activity
        where wait_event_type = 'Lock' and query like '%$1%'") == 1 ]]
}

@test "of two consumers of one partition one stops, with code 4" {
    produce 9 100
    start_consumer
    local first=$consumer status=0
    eventually 20 written 100
    start_consumer
    eventually 20 has_two_connections
    eventually 20 grep -q 'from offset 100' "$log"
    produce 10 100
    eventually 20 one_is_gone "$first" "$consumer"
    if gone "$first"; then
        wait "$first" || status=$?
        kill "$consumer"
    else
        wait "$consumer" || status=$?
        kill "$first"
    fi
    [[ $status == 4 ]]
    says "another consumer writes $topic \[0\]: feed_offsets continues at"
    [[ $(sql "select count(*), count(distinct feed_offset), max(feed_offset)
        from prices") == '200|200|199' ]]
}

has_two_connections() {
    (($(sql "select count(*) from pg_stat_activity
        where application_name = 'pf-consumer'") == 2))
}

one_is_gone() {
    gone "$1" || gone "$2"
}

# A mapping with two statements, two tables, and rules of its own.
write_mapping() {
    cat >"$BATS_TEST_TMPDIR/schema.sql" <<'END'
CREATE TABLE IF NOT EXISTS things (id integer PRIMARY KEY, seen integer);
CREATE TABLE IF NOT EXISTS events (
    topic text, partition integer, feed_offset bigint,
    id integer REFERENCES things DEFERRABLE INITIALLY DEFERRED,
    amount numeric(5,2) CHECK (amount >= 0), key text, at timestamptz,
    PRIMARY KEY (topic, partition, feed_offset));
END
    cat >"$BATS_TEST_TMPDIR/mapping.sql" <<'END'
-- What is seen, and how often.
INSERT INTO things (id, seen)
SELECT (value->>'id')::integer, count(*)
FROM jsonb_to_recordset($1) AS r(value jsonb)
WHERE value->>'orphan' IS NULL GROUP BY 1
ON CONFLICT (id) DO UPDATE SET seen = things.seen + EXCLUDED.seen;

INSERT INTO events
SELECT $2, $3, "offset", (value->>'id')::integer, (value->>'amount')::numeric,
    key, "timestamp"
FROM jsonb_to_recordset($1)
    AS r(value jsonb, key text, "offset" bigint, "timestamp" timestamptz)
-- the end, without a newline
END
    truncate -s -1 "$BATS_TEST_TMPDIR/mapping.sql"
    mapped=("feed.postgres.schema=$BATS_TEST_TMPDIR/schema.sql"
        "feed.postgres.mapping=$BATS_TEST_TMPDIR/mapping.sql")
}

@test "a mapping of several statements fills several tables" {
    write_mapping
    local i
    for i in {1..1000}; do
        echo "key $i|{\"id\": $((i % 7)), \"amount\": $i.5}"
    done >"$BATS_TEST_TMPDIR/lines"
    sed -i 's/\(amount": \)[0-9]*\([0-9]\.\)/\1\2/' "$BATS_TEST_TMPDIR/lines"
    kcat -b "$BROKER" -P -t "$topic" -K '|' -l "$BATS_TEST_TMPDIR/lines"
    to_end "${mapped[@]}" feed.postgres.batch=64 \
        "feed.prices=$BATS_TEST_TMPDIR/prices"
    [[ ! -e $BATS_TEST_TMPDIR/prices ]] # these are not prices
    [[ $(sql "select count(*), count(distinct (topic, partition, feed_offset)),
        count(distinct key) from events") == '1000|1000|1000' ]]
    [[ $(sql "select count(*), sum(seen) from things") == '7|1000' ]]
    [[ $(sql "select key, id, amount, at > now() - interval '5 minutes'
        from events where feed_offset = 8") == 'key 9|2|9.50|t' ]]
    [[ $(sql "select to_regclass('prices') is null") == t ]]
}

@test "what PostgreSQL refuses is put aside with its reason, and nothing else" {
    write_mapping
    local good='{"id": 1, "amount": 1}' i
    {
        for i in {0..49}; do echo "$good"; done
        echo '{"id": 1, "amount": -1}'             # 50: the check
        echo '{"id": 1, "amount": 1000}'           # 51: too large
        echo '{"id": "x", "amount": 1}'            # 52: no number
        echo "$good"                               # 53
        echo 'no JSON'                             # 54
        echo '{"id": 1, "amount": 1, "t": "\u0000"}' # 55: jsonb has no NUL
        printf '{"id": 1, "amount": 1, "t": "\xff"}\n' # 56: not UTF-8
        echo '1},{"value":{"id":1,"amount":1}'     # 57: one that would be two
        echo '{"id": 99, "amount": 1, "orphan": 1}' # 58: at the commit only
        for i in {59..199}; do echo "$good"; done
    } >"$BATS_TEST_TMPDIR/lines"
    # Headers of any bytes: one name twice, one without a value, one empty.
    kcat -b "$BROKER" -P -t "$topic" -H trace=1 -H none -H trace=Zoë -H empty= \
        -H $'b\xfe=\xff' -l "$BATS_TEST_TMPDIR/lines"
    run to_end "${mapped[@]}"
    echo "$output"
    [[ $status == 0 ]]
    [[ $output == *'200 written'* && $output == *'8 of these records put aside'* ]]
    sql 'select distinct kind, headers from feed_dead_letters'
    [[ $(sql 'select count(*) from feed_dead_letters') == 8 ]]
    [[ $(sql 'select distinct kind, headers from feed_dead_letters') == \
'refused|[{"name": "trace", "value": "1"}, {"name": "none", "value": null},'\
' {"name": "trace", "value": "Zoë"}, {"name": "empty", "value": ""},'\
' {"name_base64": "Yv4=", "value_base64": "/w=="}]' ]]
    [[ $(sql "select count(*) from feed_dead_letters
        where headers @> '[{\"name\": \"trace\", \"value\": \"1\"}]'") == 8 ]]
    [[ $output == *'put aside the record at offset 50: '*check*'"amount\": -1'* ||
        $output == *'put aside the record at offset 50: '*check* ]]
    [[ $(sql "select string_agg(feed_offset || ' ' || sqlstate, ', '
        order by feed_offset) from feed_dead_letters") == \
        '50 23514, 51 22003, 52 22P02, 54 22P02, 55 22P05, 56 22021, 57 22P02, 58 23503' ]]
    [[ $(sql "select convert_from(value, 'UTF8'), error like '%json%'
        from feed_dead_letters where feed_offset = 54") == 'no JSON|t' ]]
    [[ $(sql "select count(*), count(distinct feed_offset) from events") == '192|192' ]]
    [[ $(sql "select sum(seen) from things") == 192 ]]
    written 200
}

# Prices of which PostgreSQL refuses match 666, and what is not a price: offsets
# 3 (PostgreSQL), 5 to 7 (the price filter) and 9 (PostgreSQL again) of 12.
some_bad() {
    sql "create table prices (topic text, partition integer, feed_offset bigint,
        match bigint check (match <> 666), price numeric(13,2), at timestamptz,
        primary key (topic, partition, feed_offset))"
    local i match
    for i in {0..11}; do
        match=$((i == 3 || i == 9 ? 666 : 100 + i))
        case $i in
        5) printf 'k5|not\xff a price\n' ;;
        6) printf 'k6|\n' ;;
        7) echo 'k7|{"match": 1}' ;;
        *) echo "k$i|{\"match\": $match, \"price\": 4.56}" ;;
        esac
    done | kcat -b "$BROKER" -P -t "$topic" -p 0 -K '|' -Z -H trace=1
}

@test "what is not a price goes to the same table as what PostgreSQL refuses, each exactly once" {
    some_bad
    run to_end
    echo "$output"
    [[ $status == 0 && $output == *'12 written, 3 refused'* ]]
    [[ $output == *' 5 of these records put aside in feed_dead_letters, 0 skipped'* ]]
    [[ $output == *"put aside in feed_dead_letters the record at offset 5 of $topic [0], "* ]]
    [[ $(sql "select string_agg(feed_offset::text, ' ' order by feed_offset)
        from prices") == '0 1 2 4 8 10 11' ]]
    [[ $(sql "select feed_offset, sqlstate, split_part(error, ':', 1),
        convert_from(key, 'UTF8'), encode(value, 'hex'),
        at between now() - interval '5 minutes' and now()
        from feed_dead_letters where sqlstate is null order by 1") == \
        $'5||type|k5|6e6f74ff2061207072696365|t\n6||empty|k6||t\n7||missing|k7|7b226d61746368223a20317d|t' ]]
    [[ $(dead_letters) == '3 23514, 9 23514' ]]
    [[ $(sql "select string_agg(feed_offset || ' ' || kind, ', ' order by
        feed_offset), count(distinct headers), min(headers::text)
        from feed_dead_letters") == \
'3 refused, 5 type, 6 empty, 7 missing, 9 refused|1|[{"name": "trace", "value": "1"}]' ]]
    [[ $(sql 'select next_offset from feed_offsets') == 12 ]]
    # Nothing of it comes twice.
    to_end
    [[ $(sql 'select count(*) from feed_dead_letters') == 5 ]]
}

@test "feed.count counts dead letters, too" {
    some_bad
    run to_end feed.count=6
    echo "$output"
    [[ $status == 0 && $(sql 'select next_offset, (select count(*) from prices),
        (select count(*) from feed_dead_letters) from feed_offsets') == '6|4|2' ]]
}

@test "feed.on.bad=skip leaves out what either refuses, and says so" {
    some_bad
    run to_end feed.on.bad=skip
    echo "$output"
    [[ $status == 0 && $output == *'9 written, 3 refused'* ]]
    [[ $output == *' 0 of these records put aside in feed_dead_letters, 2 skipped'* ]]
    [[ $output == *'skipped the record at offset 3: '*'(SQLSTATE 23514)'* ]]
    [[ $output == *"skipped the record at offset 5 of $topic [0], type: "* ]]
    [[ $(sql 'select count(*), (select count(*) from feed_dead_letters),
        (select next_offset from feed_offsets) from prices') == '7|0|12' ]]
}

@test "feed.on.bad=stop ends before what either refuses, and again at the next start" {
    some_bad
    local offset count
    for count in 4 1; do # so that it is the first to be found
        run to_end feed.on.bad=stop "feed.count=$count"
        [[ $status == 1 && $output == *'PostgreSQL: the record at offset 3 is bad: '*\
'(SQLSTATE 23514) (feed.on.bad = stop)'* ]]
    done
    [[ $(sql 'select count(*), max(feed_offset) from prices') == '3|2' ]]
    sql 'alter table prices drop constraint prices_match_check'
    for offset in 5 6 7; do
        run to_end feed.on.bad=stop
        echo "$output"
        [[ $status == 1 && $output == *"the record at offset $offset of $topic [0] is bad, "* ]]
        [[ $(sql 'select next_offset from feed_offsets') == "$offset" ]]
        sql "update feed_offsets set next_offset = $offset + 1"
    done
    to_end feed.on.bad=stop
    [[ $(sql 'select count(*), max(feed_offset) from prices') == '9|11' ]]
}

@test "dead letters elsewhere are refused: they would not be exactly once" {
    run to_end feed.on.bad=dead-letter feed.dead.letters=dead
    [[ $status == 2 && $output == *'feed.dead.letters: feed.sink = postgres keeps them in feed_dead_letters'* ]]
}

# events NUMBER KIND AT ORDER CUSTOMER...: lines as a shop sends them.
events() {
    local event kind at order customer
    while read -r event kind at order customer; do
        echo "$order|{\"event\": $event, \"kind\": \"$kind\"," \
            "\"at\": \"2026-11-02T$at:00.000Z\"," \
            "\"order\": {\"id\": $order, \"amount\": 1$order.90}," \
            "\"customer\": {\"id\": $customer, \"name\": \"Zoë $customer\"}}"
    done
}

@test "order events fill customers, orders and events, whatever a batch has" {
    events >"$BATS_TEST_TMPDIR/lines" <<'END'
1 placed 09:00 1 7
2 placed 09:01 2 8
3 paid 09:02 1 7
4 placed 09:03 3 7
5 shipped 09:04 1 7
6 cancelled 09:05 3 7
7 fulfilled 09:06 1 7
8 refunded 09:07 2 8
9 paid 09:08 2 8
END
    kcat -b "$BROKER" -P -t "$topic" -K '|' -l "$BATS_TEST_TMPDIR/lines"
    local batch
    for batch in 1 2 5000; do
        createdb "orders$batch" 3>&-
        PGDATABASE=orders$batch
        to_end "feed.postgres.schema=$root/examples/orders/schema.sql" \
            "feed.postgres.mapping=$root/examples/orders/mapping.sql" \
            "feed.postgres.batch=$batch" "group.id=$batch"
        diff - <(psql -qAtX -c "set timezone = 'UTC'" -c 'select * from customers
            order by id' -c "select id, customer, amount, placed_at::time,
            paid_at::time, shipped_at::time, fulfilled_at::time,
            cancelled_at::time from orders order by id" -c "select
            string_agg(feed_offset || kind || order_id, ' ' order by event)
            from events" -c 'select feed_offset, sqlstate from
            feed_dead_letters') <<'END'
7|Zoë 7
8|Zoë 8
1|7|11.90|09:00:00|09:02:00|09:04:00|09:06:00|
2|8|12.90|09:01:00|09:08:00|||
3|7|13.90|09:03:00||||09:05:00
0placed1 1placed2 2paid1 3placed3 4shipped1 5cancelled3 6fulfilled1 8paid2
7|23514
END
    done
}

@test "a tombstone is a value of null" {
    cat >"$BATS_TEST_TMPDIR/schema.sql" <<<'create table if not exists got (o bigint, v text);'
    cat >"$BATS_TEST_TMPDIR/mapping.sql" <<<"insert into got
        select (r->>'offset')::bigint, r->>'value' from jsonb_array_elements(\$1) r"
    printf 'a|\nb|2\n' | kcat -b "$BROKER" -P -t "$topic" -K '|' -Z
    to_end "feed.postgres.schema=$BATS_TEST_TMPDIR/schema.sql" \
        "feed.postgres.mapping=$BATS_TEST_TMPDIR/mapping.sql"
    [[ $(sql "select string_agg(o || coalesce(v, 'null'), ' ' order by o) from got") == '0null 12' ]]
}

# mapping SCHEMA MAPPING: both as settings, in $mapped.
mapping() {
    echo "$1" >"$BATS_TEST_TMPDIR/schema.sql"
    echo "$2" >"$BATS_TEST_TMPDIR/mapping.sql"
    mapped=("feed.postgres.schema=$BATS_TEST_TMPDIR/schema.sql"
        "feed.postgres.mapping=$BATS_TEST_TMPDIR/mapping.sql")
}

dead_letters() {
    sql "select string_agg(feed_offset || ' ' || sqlstate, ', '
        order by feed_offset) from feed_dead_letters"
}

@test "a record that a trigger, a view, an index or a policy refuses is put aside, a batch is halved" {
    sql "create role writer login;
        grant create, usage on schema public to writer"
    # shellcheck disable=SC2016
    mapping '
create table if not exists kv (k text primary key, v text, at_offset bigint);
create index if not exists kv_v on kv (v);
create table if not exists numbers (n integer);
create or replace view positive as select n from numbers where n > 0
    with check option;
create or replace function check_kv() returns trigger language plpgsql as $$
begin
    if new.v like $a$raise %$a$ then
        raise exception $a$not here$a$ using errcode = substr(new.v, 7);
    elsif new.v = $a$dynamic$a$ then
        execute $a$select * from of_$a$ || new.k;
    end if;
    return new;
end $$;
create or replace trigger check_kv before insert on kv for each row
    execute function check_kv();
alter table kv enable row level security;
alter table kv force row level security;
drop policy if exists ours on kv;
create policy ours on kv using (true) with check (v <> $a$theirs$a$);' '
insert into positive select (value->>$a$n$a$)::integer
    from jsonb_to_recordset($1) as r(value jsonb) where value ? $a$n$a$;
insert into kv select key, value->>$a$v$a$, "offset"
    from jsonb_to_recordset($1) as r(key text, value jsonb, "offset" bigint)
    on conflict (k) do update set v = excluded.v, at_offset = excluded.at_offset'
    local i state long
    long=$(head -c 4500 /dev/urandom | od -An -vtx1 | tr -d ' \n')
    {
        # Two of one key in a batch, which one statement cannot have: 21000.
        echo 'twice|{"v": 1}'
        echo 'twice|{"v": 2}'
        echo 'minus|{"n": -1}'
        echo "long|{\"v\": \"$long\"}"
        printf 'deep|%0100000d\n' 0 | tr 0 '['
        echo 'name|{"v": "dynamic"}'
        echo 'theirs|{"v": "theirs"}'
        for state in P0001 ZZ001 38000 42501 28000 55000 58P01 XX000; do # from 7
            echo "$state|{\"v\": \"raise $state\"}"
        done
        for i in {15..99}; do echo "key$i|{\"v\": $i, \"n\": $i}"; done
    } >"$BATS_TEST_TMPDIR/lines"
    kcat -b "$BROKER" -P -t "$topic" -K '|' -l "$BATS_TEST_TMPDIR/lines"
    run to_end "${mapped[@]}" feed.postgres.conninfo=user=writer
    echo "$output"
    [[ $status == 0 && $output == *'100 written'* ]]
    dead_letters
    [[ $(dead_letters) == "2 44000, 3 54000, 4 54001, 5 42P01, 6 42501, 7 P0001,\
 8 ZZ001, 9 38000, 10 42501, 11 28000, 12 55000, 13 58P01, 14 XX000" ]]
    [[ $(sql "select count(*), max(at_offset) from kv") == '86|99' ]]
    [[ $(sql "select v, at_offset from kv where k = 'twice'") == '2|1' ]]
    [[ $(sql "select count(*) from numbers") == 85 ]]
}

# prices_with BODY: the table, made before, with a trigger that does it.
prices_with() {
    sql "create table if not exists prices (topic text, partition integer,
            feed_offset bigint, match bigint, price numeric(13,2),
            at timestamptz);
        create or replace function on_price() returns trigger
            language plpgsql as \$body\$ begin $1 end \$body\$;
        create or replace trigger on_price before insert on prices
            for each row execute function on_price()"
}

@test "SQL that refuses each record puts all aside, loudly; corrected, they are read again" {
    produce 18 150
    prices_with "raise exception 'wrong';"
    run to_end
    echo "$output"
    [[ $status == 0 ]]
    [[ $output == *' records in a row were put aside, the last for: wrong (SQLSTATE P0001)'* ]]
    [[ $(sql "select count(*), count(distinct value) > 1 from feed_dead_letters") == '150|t' ]]
    sql "drop trigger on_price on prices; delete from feed_offsets"
    to_end
    is_run 18 150
    # A trigger may leave rows out: that is its right, and nobody else's work.
    prices_with 'return null;'
    produce 19 10
    to_end
    written 160
    is_run 18 150
}

@test "a time that PostgreSQL does not have is NULL, in rows and in dead letters" {
    local price='{"match": 123, "price": 4.56}' now java
    now=$(date +%s) # what is old is soon deleted
    java_program Produce
    "${java[@]}" "$topic" <<END
${now}000 a $price
${now}000000000 b $price
9223372036854775807 c $price
9224318015999999 d $price
9224318016000000 e $price
0 f $price
END
    local at="string_agg(coalesce(extract(epoch from at)::bigint::text, '-'), ' '
        order by feed_offset)"
    PGOPTIONS='-c timezone=Pacific/Kiritimati' to_end
    [[ $(sql "select $at from prices") == "$now - - - - 0" ]]

    # The same with a mapping, and where the record is put aside.
    mapping "create table if not exists got (feed_offset bigint, at timestamptz);
            create or replace function wrong() returns trigger language plpgsql as
            'begin if new.feed_offset >= 2 then raise exception ''wrong'';
            end if; return new; end';
            create or replace trigger wrong before insert on got
            for each row execute function wrong()" \
        "insert into got select \"offset\", \"timestamp\" from jsonb_to_recordset(\$1)
            as r(\"offset\" bigint, \"timestamp\" timestamptz)"
    sql 'delete from feed_offsets'
    PGOPTIONS='-c timezone=Pacific/Kiritimati' to_end "${mapped[@]}"
    [[ $(sql "select $at from got") == "$now -" ]]
    [[ $(sql "select $at from feed_dead_letters") == '- - - 0' ]]
}

@test "a dead letter that cannot be had in full is one without key and value" {
    mapping 'create table if not exists got (v integer)' \
        "insert into got select value::integer from jsonb_to_recordset(\$1)
            as r(value text)"
    sql "create table feed_dead_letters (topic text, partition integer,
            feed_offset bigint, sqlstate text, error text, at timestamptz,
            key bytea check (key <> 'no'), value bytea,
            put_aside_at timestamptz default now(),
            primary key (topic, partition, feed_offset))"
    printf '%s\n' 'a|1' 'b|"x"' 'no|"y"' 'c|2' |
        kcat -b "$BROKER" -P -t "$topic" -K '|'
    run to_end "${mapped[@]}"
    echo "$output"
    [[ $status == 0 && $output == *'2 of these records put aside'* ]]
    [[ $(sql 'select sum(v) from got') == 3 ]]
    [[ $(sql "select feed_offset, sqlstate, key, value, error like
        'invalid input syntax%; not kept in full: new row%violates check%'
        from feed_dead_letters order by 1") == $'1|22P02|\\x62|\\x227822|f
2|22P02|||t' ]]

    # Of its own, all but the headers fit: these alone are missing.
    sql "delete from feed_offsets; truncate feed_dead_letters, got;
        alter table feed_dead_letters add check (jsonb_array_length(headers) = 0)"
    echo 'h|"z"' | kcat -b "$BROKER" -P -t "$topic" -K '|' -H trace=1
    to_end "${mapped[@]}"
    [[ $(sql "select feed_offset, key, headers, error like
        '%; not kept in full: new row%violates check%'
        from feed_dead_letters order by 1") == $'1|\\x62|[]|f\n2|||t\n4|\\x68||t' ]]

    # A table of somebody's with the least there can be.
    sql 'delete from feed_offsets; drop table feed_dead_letters; truncate got;
        create table feed_dead_letters (topic text, partition integer,
        feed_offset bigint, sqlstate text, error text)'
    to_end "${mapped[@]}"
    [[ $(dead_letters) == '1 22P02, 2 22P02, 4 22P02' && $(sql 'select sum(v) from got') == 3 ]]

    # An error that is not a record's fault is reported.
    sql 'delete from feed_offsets; drop table feed_dead_letters; truncate got;
        create table feed_dead_letters (topic text)'
    refuses 2 'feed_dead_letters: column "partition" of relation' "${mapped[@]}"
}

# As the first versions made it, with a dead letter.
older_table() {
    sql "create table feed_dead_letters (topic text, partition integer,
            feed_offset bigint, at timestamptz, key bytea, value bytea,
            sqlstate text, error text, put_aside_at timestamptz default now(),
            primary key (topic, partition, feed_offset));
        insert into feed_dead_letters (topic, feed_offset, partition, error)
            values ('older', 0, 0, 'why')"
}

@test "a table of dead letters that is older gets its columns, and what it has stays" {
    some_bad
    older_table
    to_end
    [[ $(sql "select topic, error, kind, headers from feed_dead_letters
        where topic = 'older'") == 'older|why||' ]]
    [[ $(sql "select count(*) from feed_dead_letters
        where kind is not null and headers is not null") == 5 ]]
}

@test "one that this role may not change is used as it is, and the log says so" {
    some_bad
    older_table
    sql "create role writes_only login;
        grant usage on schema public to writes_only;
        create table feed_offsets (topic text, partition integer,
            next_offset bigint, primary key (topic, partition));
        grant select, insert, update on all tables in schema public to writes_only"
    run to_end feed.postgres.conninfo=user=writes_only
    echo "$output"
    [[ $status == 0 && $output == *' 5 of these records put aside'* ]]
    [[ $output == *'feed_dead_letters keeps no kind and headers'*\
'must be owner of table feed_dead_letters'*'ALTER TABLE feed_dead_letters ADD COLUMN IF NOT EXISTS kind text, ADD COLUMN IF NOT EXISTS headers jsonb'* ]]
    # As before: nothing was tried in vain.
    [[ $(sql "select count(*), count(key), sum((error like '%not kept%')::integer)
        from feed_dead_letters where topic <> 'older'") == '5|5|0' ]]
    [[ $(dead_letters) == '3 23514, 9 23514' ]]

    # Its owner adds them: it is complete from the next start on.
    sql "$(sed -n 's/.*: \(ALTER TABLE feed_dead_letters ADD .*\)/\1/p' <<<"$output")"
    sql 'delete from feed_offsets; delete from prices'
    run to_end feed.postgres.conninfo=user=writes_only
    echo "$output"
    [[ $status == 0 && $output != *'keeps no kind'* ]]
    [[ $(sql "select count(*) from feed_dead_letters where headers =
        '[{\"name\": \"trace\", \"value\": \"1\"}]'") == 5 ]]
}

# record OFFSET: of the topic, all that it has.
record() {
    kcat -b "$BROKER" -C -t "$topic" -p 0 -o "$1" -c 1 -e -q -D '' \
        -f '%S %s %K %k %h %T' 2>/dev/null
}

@test "dead letters of the table go back to their topic as they were, as docs/postgres.md says" {
    some_bad
    # Neither key nor value, and bytes that fill a line of base64.
    printf ':\n' | kcat -b "$BROKER" -P -t "$topic" -p 0 -K: -Z -H $'b\xfe=\xff' -H none
    head -c 100 /dev/urandom >"$BATS_TEST_TMPDIR/bytes"
    kcat -b "$BROKER" -P -t "$topic" -p 0 -k "$(head -c 90 /dev/zero | tr '\0' k)" \
        -H trace=1 -H trace=2 "$BATS_TEST_TMPDIR/bytes"
    to_end
    # One that is not complete stays.
    sql "insert into feed_dead_letters (topic, partition, feed_offset)
        values ('$topic', 0, -1)"
    PGCLIENTENCODING=UTF8 psql -qAtX -f <(sed -n '/^    SELECT json_build/,/;$/p' \
        "$root/docs/postgres.md") >"$BATS_TEST_TMPDIR/sending.jsonl"
    cat "$BATS_TEST_TMPDIR/sending.jsonl"
    timeout 60 pf-consumer -X "bootstrap.servers=$BROKER" -X feed.sink=origin \
        -X "feed.topic=file:$BATS_TEST_TMPDIR/sending.jsonl"
    local offset back=14
    for offset in 3 5 6 7 9 12 13; do
        echo "offset $offset came back to $back"
        cmp <(record "$offset") <(record "$back")
        back=$((back + 1))
    done
    [[ $(kcat -b "$BROKER" -Q -t "$topic:0:-1") == *" $back" ]]
    # Prices that are accepted now are rows, and the others are put aside again.
    sql 'alter table prices drop constraint prices_match_check'
    to_end
    [[ $(sql "select string_agg(feed_offset::text, ' ' order by feed_offset)
        from prices where feed_offset > 11") == '14 18' ]]
    [[ $(sql 'select count(*) from feed_dead_letters where feed_offset > 13') == 5 ]]
}

@test "keys of any bytes are rows; who asks has them in hex" {
    mapping 'create table if not exists got (o bigint, k text, h text);' \
        "insert into got select \"offset\", key from jsonb_to_recordset(\$1)
            as r(\"offset\" bigint, key text)"
    printf '\xff\xfe|0\n\x00\x00\x00\x00\x00\x00\x00*|1\nZo\xc3\xab|2\n|3\n\xed\xa0\x80|4\n' |
        kcat -b "$BROKER" -P -t "$topic" -K '|'
    to_end "${mapped[@]}"
    sql "select * from got order by o"
    [[ $(sql "select * from got order by o") == $'0||\n1||\n2|Zoë|\n3||\n4||' ]]
    [[ $(sql 'select count(*) from feed_dead_letters') == 0 ]]

    sql 'delete from feed_offsets; truncate got'
    # shellcheck disable=SC2016
    echo 'insert into got select "offset", key, key_hex from jsonb_to_recordset($1)
        as r("offset" bigint, key text, key_hex text)' >"$BATS_TEST_TMPDIR/mapping.sql"
    to_end "${mapped[@]}"
    sql "select * from got order by o"
    [[ $(sql "select * from got order by o") == \
        $'0||fffe\n1||000000000000002a\n2|Zoë|5a6fc3ab\n3||\n4||eda080' ]]
    [[ $(sql 'select count(*) from feed_dead_letters') == 0 ]]
}

@test "a database of another encoding: keys it cannot encode are rows, values dead letters" {
    printf '%s\n' 'é|"é"' '€|"b"' 'c|"€"' 'd|"d"' >"$BATS_TEST_TMPDIR/lines"
    printf '\xff|"\xff"\n' >>"$BATS_TEST_TMPDIR/lines"
    kcat -b "$BROKER" -P -t "$topic" -K '|' -H €=é -H a=b -l "$BATS_TEST_TMPDIR/lines"
    mapping 'create table if not exists got (o bigint, k text, v text)' \
        "insert into got select \"offset\", key, value #>> '{}'
            from jsonb_to_recordset(\$1) as r(\"offset\" bigint, key text, value jsonb)"
    createdb -T template0 -l C -E LATIN1 latin1 3>&-
    PGDATABASE=latin1 PGCLIENTENCODING=LATIN1 to_end "${mapped[@]}" group.id=1
    createdb -T template0 -l C -E SQL_ASCII ascii 3>&-
    PGDATABASE=ascii to_end "${mapped[@]}" group.id=2
    export PGCLIENTENCODING=UTF8
    PGDATABASE=latin1
    [[ $(sql "select * from got order by o") == $'0|é|é\n1||b\n3|d|d' ]]
    [[ $(dead_letters) == '2 22P05, 4 22021' ]]
    [[ $(sql "select encode(key, 'hex'), encode(value, 'hex')
        from feed_dead_letters order by feed_offset") == $'63|22e282ac22\nff|22ff22' ]]
    local headers='[{"name_base64": "4oKs", "value_base64": "w6k="}, {"name": "a", "value": "b"}]'
    [[ $(sql "select distinct headers from feed_dead_letters") == "$headers" ]]
    PGDATABASE=ascii
    [[ $(sql "select distinct headers from feed_dead_letters") == "$headers" ]]
    [[ $(sql "select * from got order by o") == $'0|é|é\n1|€|b\n2|c|€\n3|d|d' ]]
    [[ $(dead_letters) == '4 22021' ]]
}

@test "not up yet, and then no room: it waits, says so, and goes on" {
    produce 11 100
    kill_postgres
    start_consumer
    eventually 20 says 'PostgreSQL: trying again: .*onnect'
    run_postgres
    eventually 30 written 100

    # A disk that is full; a trigger says it as the server would.
    sql "create table full_disk ();
        create function refuse() returns trigger language plpgsql as \$\$ begin
            if to_regclass('full_disk') is not null then
                raise 'could not extend file' using errcode = '53100';
            end if; return new; end \$\$;
        create trigger refuse before insert on prices
            for each row execute function refuse()"
    produce 12 100
    eventually 20 says 'trying again: could not extend file (SQLSTATE 53100)'
    run ! gone "$consumer"
    sql 'drop table full_disk'
    eventually 30 written 200
    kill "$consumer"
    wait "$consumer"
    [[ $(sql "select count(*), max(feed_offset) from prices") == '200|199' ]]
}

@test "a stop is heeded within 2 s: nobody answers, or a table is locked" {
    produce 13 100
    start_consumer
    eventually 20 written 100
    coproc psql -qAtX
    local locker=$COPROC_PID
    echo "begin; lock table prices; select 'locked';" >&"${COPROC[1]}"
    read -r _ <&"${COPROC[0]}"
    produce 14 1
    eventually 20 waits_for_lock prices
    ends_with 3
    says '1 of 101 records were not delivered'
    echo 'rollback; \q' >&"${COPROC[1]}"
    wait "$locker"

    kill_postgres
    start_consumer
    eventually 20 says 'PostgreSQL: trying again'
    ends_with 0
    run_postgres
    to_end
    [[ $(sql "select count(*), max(feed_offset) from prices") == '101|100' ]]
}

# Stop the consumer; it ends within 2 s on a machine with nothing else to do,
# with that code.
ends_with() {
    local begin=${EPOCHREALTIME/[.,]/} status=0 took
    kill "$consumer"
    wait "$consumer" || status=$?
    took=$(((${EPOCHREALTIME/[.,]/} - begin) / 1000))
    echo "ended after $took ms with code $status"
    ((took < 2000 * ${DRILL_PATIENCE:-1} && status == $1))
}

@test "a password comes from a file; a wrong one stops it with code 2" {
    produce 15 10
    sql "create role reader login password 'right';
        grant create, usage on schema public to reader"
    local conninfo="host=127.0.0.1 port=$PGPORT user=reader dbname=$topic"
    sed -i "1i host all reader 127.0.0.1/32 scram-sha-256" "$PGDIR/data/pg_hba.conf"
    sql 'select pg_reload_conf()'
    eventually 10 asks_for_password "$conninfo"

    refuses 2 'no password supplied' "feed.postgres.conninfo=$conninfo"
    refuses 2 'password authentication failed for user "reader"' \
        "feed.postgres.conninfo=$conninfo password=wrong"

    (umask 077 && echo "*:*:*:reader:right" >"$BATS_TEST_TMPDIR/pass")
    PGPASSFILE=$BATS_TEST_TMPDIR/pass to_end "feed.postgres.conninfo=$conninfo"
    [[ $(sql 'select count(*) from prices') == 10 ]]
    # And all of it from a file, as for a secret of Docker's.
    echo "$conninfo password=right" >"$BATS_TEST_TMPDIR/conninfo"
    CONSUMER_FEED_POSTGRES_CONNINFO_FILE=$BATS_TEST_TMPDIR/conninfo to_end
    CONSUMER_FEED_POSTGRES_CONNINFO="$conninfo password=right" \
        run "${consume[@]}" --show-config
    [[ $output == *feed.postgres.conninfo* && $output != *right* ]]
}

asks_for_password() {
    ! psql -wc 'select 1' "$1"
}

# refuses CODE SENTENCE SETTING...: it ends by itself, with both.
refuses() {
    local code=$1 sentence=$2
    shift 2
    run to_end "$@"
    echo "$output"
    [[ $status == "$code" && $output == *"$sentence"* ]]
}

@test "a mistake ends it with a sentence and a code" {
    produce 16 10
    cd "$BATS_TEST_TMPDIR"
    echo 'create table if not exists a (b int)' >schema.sql
    printf 'insert into a select 1;\n-- Größe\ninsert into nowhere select 1' >missing.sql
    printf 'insert into a\nselct 1' >wrong.sql
    printf 'create table c (d int);\ncreate tabel e (f int)' >schema-wrong.sql
    echo 'begin' >open.sql

    refuses 2 'database "nowhere" does not exist' feed.postgres.conninfo=dbname=nowhere
    refuses 2 'role "nobody-such" does not exist' feed.postgres.conninfo=user=nobody-such
    refuses 2 'feed.postgres.conninfo: invalid connection option "hots"' \
        feed.postgres.conninfo=hots=x
    refuses 2 'no.sql: No such file' feed.postgres.mapping=no.sql
    refuses 2 'missing.sql:3: relation "nowhere" does not exist' \
        feed.postgres.mapping=missing.sql feed.postgres.schema=schema.sql
    refuses 2 'wrong.sql:2: syntax error' \
        feed.postgres.mapping=wrong.sql feed.postgres.schema=schema.sql
    refuses 2 'schema-wrong.sql:2: syntax error' \
        feed.postgres.schema=schema.sql,schema-wrong.sql
    refuses 2 'open.sql: it begins a transaction' feed.postgres.schema=open.sql

    local status=0
    start_consumer
    eventually 20 written 10
    sql 'drop table prices'
    produce 17 1
    eventually 20 gone "$consumer"
    wait "$consumer" || status=$?
    [[ $status == 2 ]]
    says 'relation "prices" does not exist'

    # A table of the mapping's: not the record's fault, the file says whose.
    echo 'create table if not exists later (b int)' >schema.sql
    printf 'insert into a select 1;\ninsert into later select 1' >later.sql
    start_consumer feed.postgres.schema=schema.sql feed.postgres.mapping=later.sql
    eventually 20 written 11
    sql 'drop table later'
    produce 24 1
    eventually 20 gone "$consumer"
    status=0
    wait "$consumer" || status=$?
    [[ $status == 2 ]]
    says 'later.sql:2: relation "later" does not exist'

    sql "update feed_offsets set next_offset = 1000"
    refuses 1 'before the position in feed_offsets = 1000'
}

@test "batches that take longer than statement_timeout become smaller; one record that does is put aside" {
    produce 20 120
    prices_with 'perform pg_sleep(case when new.feed_offset = 70 then 10 else
        0.005 end); return new;'
    PGOPTIONS='-c statement_timeout=300ms' run to_end
    echo "$output"
    [[ $status == 0 && $output == *'120 written'* ]]
    [[ $output == *' records are too much for one transaction'*'SQLSTATE 57014'* ]]
    [[ $(dead_letters) == '70 57014' ]]
    [[ $(sql "select count(*), count(distinct feed_offset) from prices") == '119|119' ]]
}

@test "a lock that is held for longer than statement_timeout is waited for" {
    produce 21 100
    PGOPTIONS='-c statement_timeout=200ms' start_consumer
    eventually 20 written 100
    coproc psql -qAtX
    local locker=$COPROC_PID
    echo "begin; lock table prices; select 'locked';" >&"${COPROC[1]}"
    read -r _ <&"${COPROC[0]}"
    produce 22 1
    eventually 60 says 'trying again: canceling statement due to lock timeout (SQLSTATE 55P03)'
    echo 'rollback; \q' >&"${COPROC[1]}"
    wait "$locker"
    eventually 20 written 101
    kill "$consumer"
    wait "$consumer"
    [[ $(sql "select count(*), max(feed_offset) from prices") == '101|100' ]]
}

@test "a record that ends its connection each time, or names what is not there, is put aside" {
    produce 23 20
    # And one whose table, as old partitions have them, is not there.
    # shellcheck disable=SC2016
    prices_with 'if new.feed_offset = 7 then
            perform pg_terminate_backend(pg_backend_pid());
        elsif new.feed_offset = 9 then
            execute $$insert into prices_$$ || new.feed_offset || $$ select $1$$
                using new;
        end if; return new;'
    run to_end
    echo "$output"
    [[ $status == 0 && $output == *'20 written'* ]]
    [[ $(dead_letters) == '7 57P01, 9 42P01' ]]
    [[ $(sql "select count(*), count(distinct feed_offset) from prices") == '18|18' ]]
}
