#!/usr/bin/env bats
# examples/changes: changes that Debezium has captured, cleansed by pf-processor and
# stored by pf-consumer in a real PostgreSQL. The changes are in changes.tsv: topic,
# key and value of each record that Debezium 3.5.0 has written for PostgreSQL,
# MariaDB and FerretDB, first for a snapshot, then for inserts, updates, deletions,
# other keys and another column, once with a row too large for the log.
# shellcheck shell=bash disable=SC2016,SC2034,SC2154,SC2164

bats_require_minimum_version 1.5.0
load processor
load postgres

setup_file() {
    broker_settings=(group.min.session.timeout.ms=500)
    start_kafka
    start_postgres
    local topic
    while read -r topic; do
        sed -n "s/^$topic\t//p" "$BATS_TEST_DIRNAME/changes.tsv" |
            kcat -b "$BROKER" -P -t "$topic" -K '\t' -Z
    done < <(cut -f 1 "$BATS_TEST_DIRNAME/changes.tsv" | sort -u)
    # The tables of all types are here only: what their columns are.
    jq '. + {"postgres.maf.types": {exact: "decimal", free: "decimal",
            money_: "decimal", decimals: "decimal", day: "date", clock: "clock",
            plain: "microseconds", plain3: "milliseconds", j: "json", jb: "json"},
        "mysql.maf.types": {exact: "decimal", money_: "decimal", day: "date",
            dt: "milliseconds", dt3: "milliseconds", dt6: "microseconds",
            clock: "clock", clock6: "clock", j: "json"}}' \
        "$root/examples/changes/columns.json" >"$BATS_FILE_TMPDIR/columns.json"
    cleanse
}

teardown_file() {
    stop_postgres
    stop_kafka
}

# Each test has a database of its own.
setup() {
    cd "$BATS_TEST_TMPDIR"
    createdb "t$BATS_TEST_NUMBER" 3>&-
    export PGDATABASE=t$BATS_TEST_NUMBER
}

teardown() {
    end_jobs
}

# cleanse SETTING=VALUE...: with the example's own settings.
cleanse() (
    cd "$root"
    process -F examples/changes/cleanse.properties \
        feed.lookup.columns="$BATS_FILE_TMPDIR/columns.json" \
        feed.exit.at.end=true "$@" 2>"$BATS_FILE_TMPDIR/cleanse.log"
)

# process SETTING=VALUE... or -F FILE
process() {
    local word words=()
    while (($#)); do
        case $1 in
        -F) words+=(-F "$2") && shift ;;
        *) words+=(-X "$1") ;;
        esac
        shift
    done
    timeout 120 pf-processor "${words[@]}" -X "bootstrap.servers=$BROKER" 3>&-
}

schema() {
    psql -qX -v ON_ERROR_STOP=1 -f "$root/examples/changes/schema.sql"
}

# store [TOPIC]: all that the topic has, with the example's own SQL.
store() {
    timeout 120 pf-consumer -X "bootstrap.servers=$BROKER" \
        -X "feed.topic=${1:-changes}" -X feed.exit.at.end=true \
        -X feed.sink=postgres \
        -X "feed.postgres.schema=$root/examples/changes/schema.sql" \
        -X "feed.postgres.mapping=$root/examples/changes/mapping.sql" \
        "${@:2}" 2>>store.log 3>&-
    grep ' records read' store.log
}

# change SOURCE TABLE ID OPERATION POSITION TIME [NAME]: print one; what is
# before it, nobody looks at.
change() {
    jq -cn --arg source "$1" --arg table "$2" --argjson id "$3" --arg operation "$4" \
        --argjson position "$5" --arg time "2026-11-26T$6Z" --arg name "${7:-}" '
        {$source, $table, key: {$id}, $operation, before: null,
            after: (if $operation == "delete" then null else {$id, $name} end),
            $position, changed_at: $time, captured_at: $time}'
}

# write: store the changes that come in, one in a line, as one batch.
write() {
    jq -cs 'map({value: .})' >changes.json
    psql -qAtX -v ON_ERROR_STOP=1 -v "batch=$(<changes.json)" <<<'SELECT store.write(:'"'batch'"')' \
        >/dev/null
}

# Does libjq keep all digits of a number? Before 1.7 it does not.
digits_are_kept() {
    [[ $(jq -n 9223372036854775807) == 9223372036854775807 ]]
}

# is STATEMENT: its rows are the lines that come in, but for numbers of which libjq
# does not keep all digits.
is() {
    local some=(cat)
    digits_are_kept || some=(sed -E 's/ = -?[0-9]{16,}$/ = MANY/; s/: [0-9.]{16,}}/: MANY}/')
    diff <(sql "$1" | "${some[@]}") <("${some[@]}")
}

# columns_are TABLE CONDITION: each column that is not NULL, as text.
columns_are() {
    is "SELECT c.key || ' = ' || c.value FROM $1 AS stored, jsonb_each_text(to_jsonb(stored) -
        '{source,position,operation,deleted,changed_at,captured_at,stored_at}'::text[])
        AS c WHERE $2 AND c.value IS NOT NULL ORDER BY c.key COLLATE \"C\""
}

@test "changes of three databases have one form, and are under the row's key" {
    read_all changes '%k\t%s\n' >lines
    grep -F '"id":4,"name"' lines | head -n 1 | diff - <(
        printf '%s\t%s\n' '{"source":"postgres","table":"series","key":{"id":4}}' \
            "$(jq -cn --argjson p "$(jq -n '"9.990" | if (fromjson | tojson) == . then fromjson else . end')" '
            {source: "postgres", table: "series", key: {id: 4}, operation: "insert",
            before: null, after: {id: 4, name: "series 4", popularity: $p,
                at: "2026-11-26T12:00:00.000000Z"}, position: [30945360],
            changed_at: "2026-11-27T00:31:58.358Z",
            captured_at: "2026-11-27T00:31:58.582Z"}')"
    )
    # What was before is there, too; another key is a deletion and an insert.
    cut -f 2 lines | jq -c 'select(.table == "movies" and (.key.id | . == 3 or . == 30))
        | [.key.id, .operation, .before.title, .after.title, .position]' | diff - <(
        cat <<'END'
[3,"snapshot",null,"movie 3",[1,12870]]
[3,"update","movie 3","a",[1,13700,8]]
[3,"update","a","b",[1,13895,9]]
[3,"delete","b",null,[1,14153,10]]
[30,"insert",null,"b",[1,14153,12]]
END
    )
    # The positions of a row grow, but for a snapshot that was made again.
    cut -f 2 lines | jq -s -e 'map(select(.operation != "snapshot"))
        | group_by([.source, .table, .key])
        | all(.[] | map(.position); . == (sort | unique))'
    # A document's members are in its own order, without its types.
    cut -f 2 lines | jq -c 'select(.table == "persons" and .operation == "update")
        | .after' | head -n 1 |
        diff - <(echo '{"_id":1,"name":"person 1","popularity":7.5,"at":"2026-11-26T12:00:00.123Z","tags":["a","b"]}')
}

@test "what has no such form is a dead letter with its reason" {
    read_all changes-dead '%h\n' >dead
    sed -n 's/.*feed-dead-reason=\(.*\)/\1/p' dead | sed 's/,feed-dead-.*//' |
        sort | uniq -c | sed 's/^ *//' | diff - <(
        cat <<'END'
12 a table without a primary key: which row has changed is not known
1 day: -622191234 is not a day in the years 1 to 9999
1 plain: -63517996800000000 is not a time in the years 1 to 9999
1 the log does not have all of the row: ALTER TABLE maf.types REPLICA IDENTITY FULL
END
    )
    try() {
        printf '%s\n' "$1" | kcat -b "$BROKER" -P -t postgres.maf.odd -k '{"id":1}'
    }
    try '{"after": {"id": 1}}'
    try '{"op": "t", "source": {"connector": "postgresql"}}'
    try '{"op": "c", "after": {"id": 1, "at": "x"}, "source": {"connector": "postgresql"}}'
    jq '. + {"postgres.maf.odd": {at: "day"}}' "$BATS_FILE_TMPDIR/columns.json" >columns.json
    cleanse feed.lookup.columns="$PWD/columns.json" \
        feed.topic=postgres.maf.odd group.id=odd feed.dead.letters=odd-dead
    read_all odd-dead '%h\n' | sed -n 's/.*feed-dead-reason=\(.*\)/\1/p' |
        sed 's/,feed-dead-.*//' | diff - <(
        cat <<'END'
it is not a change that Debezium has captured
"t" is not an operation on a row
at: "day" in columns.json is not a kind
END
    )
}

@test "a value that the log does not have is known in each type, and is no value" {
    local bytes value
    bytes=$(jq -nc '"__debezium_unavailable_value" | explode')
    # As Debezium 3.5.0 has written them: text, bytea, hstore, text[], jsonb[], int[],
    # bigint[] and date[], uuid[], bytea[]. The others are values.
    for value in '"__debezium_unavailable_value"' \
        '"X19kZWJleml1bV91bmF2YWlsYWJsZV92YWx1ZQ=="' \
        '"{\"__debezium_unavailable_value\":\"__debezium_unavailable_value\"}"' \
        '["__debezium_unavailable_value"]' "$bytes" \
        '["b68a35a7-17ad-35b3-af2a-ae46edb4545a"]' \
        '["X19kZWJleml1bV91bmF2YWlsYWJsZV92YWx1ZQ=="]' \
        '{"__debezium_unavailable_value": "__debezium_unavailable_value"}' \
        '[]' '["a"]' '[95, 95]' '{}' '"{}"'; do
        jq -cn --argjson value "$value" '{before: null, op: "u", ts_ms: 1795761219841,
            after: {id: 1, $value}, source: {connector: "postgresql",
                ts_ms: 1795761219000, sequence: "[null,\"5\"]", lsn: 5}}'
    done | sed 's/^/{"id":1}\t/' | kcat -b "$BROKER" -P -t postgres.maf.large -K '\t'
    cleanse feed.topic=postgres.maf.large feed.output=large group.id=large \
        feed.dead.letters=large-dead
    [[ $(read_all large-dead '%h\n' |
        grep -c 'maf.large REPLICA IDENTITY FULL') == 8 ]]
    read_all large '%s\n' | jq -c .after.value | diff - <(
        printf '%s\n' '[]' '["a"]' '[95,95]' '{}' '"{}"'
    )
}

@test "the first transaction after MariaDB's snapshot is newer, each of its changes" {
    local name
    for name in snapshot first second; do
        jq -cn --arg name "$name" --argjson row '{"id": 3}' '{before: null,
            after: {id: 3, title: $name}, op: (if $name == "snapshot" then "r" else "u" end),
            ts_ms: 1795761219841, source: {connector: "mariadb", ts_ms: 1795761219000,
                file: "binlog.000001", pos: 3340, row: 0}}' | sed 's/^/{"id":3}\t/'
    done | kcat -b "$BROKER" -P -t mysql.maf.movies.first -K '\t'
    cleanse feed.topic=mysql.maf.movies.first feed.output=first group.id=first
    store first
    [[ $(sql "SELECT string_agg(format('%s %s', position, after ->> 'title'), ' '
        ORDER BY position) FROM store.history") == \
        '{1,3340} snapshot {1,3340,1} first {1,3340,2} second' ]]
    [[ $(sql "SELECT data ->> 'title' FROM store.other") == second ]]
}

@test "documents as Debezium's connector for MongoDB writes them have this form, too" {
    # By its documentation: there is no MongoDB here.
    source='"source":{"connector":"mongodb","name":"mongodb","ts_ms":1700000000000,"db":"maf","collection":"actors","ord":7},"ts_ms":1700000000001'
    {
        echo '{"id":"{\"$oid\":\"656565656565656565656565\"}"}|{"before":null,"after":"{\"_id\":{\"$oid\":\"656565656565656565656565\"},\"n\":{\"$numberLong\":\"9\"},\"d\":{\"$numberDecimal\":\"1.5\"},\"at\":{\"$date\":1700000000123},\"a\":[{\"at\":{\"$date\":\"2026-11-26T12:00:00Z\"}}],\"b\":{\"$binary\":{\"base64\":\"AP8Q\",\"subType\":\"00\"}}}","op":"c",'"$source}"
        echo '{"id":"1"}|{"before":null,"after":null,"op":"d",'"$source}"
        echo '{"id":"1"}|'
    } | kcat -b "$BROKER" -P -t mongodb.maf.actors -K '|' -Z
    cleanse feed.topic=mongodb.maf.actors group.id=actors feed.output=actors
    read_all actors '%s\n' | jq -c '[.key, .operation, .after, .position]' | diff - <(
        cat <<'END'
[{"_id":"656565656565656565656565"},"insert",{"_id":"656565656565656565656565","n":9,"d":1.5,"at":"2023-11-14T22:13:20.123Z","a":[{"at":"2026-11-26T12:00:00Z"}],"b":"AP8Q"},[1700000000,7]]
[{"_id":1},"delete",null,[1700000000,7]]
END
    )
}

@test "the store has each row as it is in its database, and what was deleted" {
    store
    sql 'SELECT kind, id, name, trim_scale(popularity), at FROM store.items
        ORDER BY 1, 2' | sed 's/+00$//' | diff - <(
        cat <<'END'
movie|1|movie 1|0.144|2026-11-26 12:00:00.123
movie|2|again||
movie|4|movie 4|9.99|2026-11-26 12:00:00
movie|5|5|5|2026-11-26 12:00:00
movie|30|b|0.429|2026-11-26 12:00:00.123
person|1|person 1|7.5|2026-11-26 12:00:00.123
person|2|again||
person|3|replaced|5|
person|4|person 4|9.99|2026-11-26 12:00:00.123
series|1|series 1|0.144|2026-11-26 11:00:00.123456
series|2|again||
series|4|series 4|9.99|2026-11-26 12:00:00
series|5|5|5|2026-11-26 12:00:00
series|30|b|0.429|2026-11-26 11:00:00.123456
END
    )
    [[ $(sql "SELECT id, name, operation FROM store.series WHERE deleted") == '3|b|delete' ]]
    [[ $(sql "SELECT id, title, operation FROM store.movies WHERE deleted") == '3|b|delete' ]]
    # Each change is in the history once; the snapshot of movie 1 that was made
    # again, and found it unchanged, is not.
    sql "SELECT \"table\", operation, count(*) FROM store.history
        WHERE \"table\" <> 'types' GROUP BY 1, 2 ORDER BY 1, 2" | diff - <(
        cat <<'END'
movies|delete|2
movies|insert|4
movies|snapshot|3
movies|update|5
persons|delete|1
persons|insert|2
persons|snapshot|3
persons|update|3
series|delete|2
series|insert|4
series|snapshot|3
series|update|5
END
    )
    # Columns that came later, and whole tables, are kept.
    [[ $(sql "SELECT extra FROM store.movies WHERE id = 1") == '{"stars": 3}' ]]
    [[ $(sql "SELECT extra FROM store.persons WHERE _id = 1") == '{"tags": ["a", "b"]}' ]]
    [[ $(sql "SELECT string_agg(\"table\" || '.' || \"column\", ' ' ORDER BY 1)
        FROM (SELECT \"table\", \"column\" FROM store.unknown WHERE \"table\" <> 'types'
        ORDER BY 1, 2) AS u") == 'movies.stars persons.tags series.stars' ]]
    [[ $(sql 'SELECT count(*) FROM feed_dead_letters') == 0 ]]
}

@test "each type of PostgreSQL is in the store as docs/changes-data.md says" {
    schema
    sql "CREATE TABLE store.pg_types (region text, id bigint, small smallint, big numeric,
        r real, d double precision, exact numeric, free numeric, money_ numeric,
        yes boolean, t text, c text, b text, j jsonb, jb jsonb, u uuid, m text,
        ints integer[], texts text[], decimals numeric[], day date, clock time,
        clocktz timetz, plain timestamp, plain3 timestamp, zoned timestamptz,
        span bigint, addr inet, bits text, hs xml, rng int4range, extra jsonb,
        PRIMARY KEY (region, id));
        ALTER TABLE store.pg_types ADD source text, ADD position bigint[],
        ADD operation text, ADD deleted boolean, ADD changed_at timestamptz,
        ADD captured_at timestamptz, ADD stored_at timestamptz DEFAULT now();
        INSERT INTO store.captured VALUES ('postgres', 'types', 'store.pg_types')"
    PGTZ=UTC store
    [[ $(sql 'SELECT count(*) FROM feed_dead_letters') == 0 ]]
    columns_are store.pg_types "region = 'eu' AND operation = 'update'" <<'END'
addr = 10.0.0.1
big = 9223372036854775807
bits = BQ==
c = ab   
clock = 23:59:59.123456
clocktz = 10:00:00+00
d = 0.1
day = 2024-02-29
decimals = [1.500, 2.250]
exact = 12345678901234567890123456789012345.123456789012345678901234567890
free = 1.10
hs = <a/>
id = 1
ints = [1, null, 3]
j = {"a": [1, 2], "b": 1}
jb = {"n": 12345678901234567890.10}
m = happy
money_ = -0.05
plain = 2026-11-26T12:00:00.123456
plain3 = 2026-11-26T12:00:00.123
r = 1.5
region = eu
rng = [1,5)
small = -32768
span = 37091106000000
t = xxxxxxxxxxxxxxxxxxxx
texts = ["a b", null, "c"]
u = 6f1c1f2e-0000-4000-8000-000000000001
yes = true
zoned = 2026-11-26T11:00:00.123456+00:00
END
    [[ $(sql "SELECT r, d, free FROM store.pg_types WHERE id = 5") == '-Infinity|NaN|NaN' ]]
    [[ $(sql "SELECT free FROM store.pg_types WHERE id = 6") == Infinity ]]
    # What it was before is in the history.
    [[ $(sql "SELECT after ->> 't', after ->> 'b' FROM store.history
        WHERE source = 'postgres' AND \"table\" = 'types' AND operation = 'snapshot'
        AND key @> '{\"id\": 1}'") == 'emoji 😀 and "quotes" \ |AP8Q' ]]
}

@test "each type of MariaDB is in the store as docs/changes-data.md says" {
    schema
    sql "CREATE TABLE store.my_types (region text, id numeric, tiny smallint,
        tinyu smallint, flag smallint, yes smallint, small smallint, med integer,
        i integer, iu bigint, big numeric, bigu numeric, f real, d double precision,
        exact numeric, money_ numeric, c text, t text, b text, bl text, j jsonb,
        e text, s text, day date, dt timestamp, dt3 timestamp, dt6 timestamp,
        ts timestamptz, ts6 timestamptz, clock interval, clock6 interval, y smallint,
        bits text, bit1 boolean, extra jsonb, PRIMARY KEY (region, id));
        ALTER TABLE store.my_types ADD source text, ADD position bigint[],
        ADD operation text, ADD deleted boolean, ADD changed_at timestamptz,
        ADD captured_at timestamptz, ADD stored_at timestamptz DEFAULT now();
        INSERT INTO store.captured VALUES ('mysql', 'types', 'store.my_types')"
    PGTZ=UTC store
    [[ $(sql 'SELECT count(*) FROM feed_dead_letters') == 0 ]]
    columns_are store.my_types "region = 'eu' AND id = 1" <<'END'
big = 9223372036854775807
bigu = 18446744073709551615
bit1 = true
bits = BQ==
bl = AP8Q
c = ab
clock = 23:59:59
clock6 = -100:00:00.123456
d = 0.1
day = 2024-02-29
dt = 2026-11-26T12:00:00
dt3 = 2026-11-26T12:00:00.123
dt6 = 2026-11-26T12:00:00.123456
e = happy
exact = 12345678901234567890123456789012345.123456789012345678901234567890
f = 1.5
flag = 1
i = -2147483648
id = 1
iu = 4294967295
j = {"a": [1, 2], "b": 1}
med = -8388608
money_ = -0.05
region = eu
s = a,c
small = -32768
t = xxxxxxxxxxxxxxxxxxxx
tiny = -128
tinyu = 255
ts = 2026-11-26T12:00:00+00:00
ts6 = 2026-11-26T12:00:00.123456+00:00
y = 2026
yes = 1
END
    # Zero dates: a snapshot has NULL for them; a change 1970 for a timestamp, and
    # 1900 for the year 0.
    columns_are store.my_types "id = 2" <<<$'id = 2\nregion = eu'
    columns_are store.my_types "id = 5" <<<$'id = 5\nregion = eu\nts = 1970-01-01T00:00:00+00:00\ny = 1900'
    [[ $(sql "SELECT day, dt FROM store.my_types WHERE region = 'ß'") == \
        '1000-01-01|9999-12-31 23:59:59' ]]
    if digits_are_kept; then
        [[ $(sql "SELECT id FROM store.my_types WHERE region = 'ß'") == 18446744073709551615 ]]
    fi
}

@test "each type of a document is in the store as docs/changes-data.md says" {
    store
    # As JSON, in a table that the store does not know.
    is "SELECT c.key || ' = ' || c.value FROM store.other AS o, jsonb_each(data) AS c
        WHERE source = 'mongodb' AND o.key = '{\"_id\": 1}' ORDER BY 1" <<'END'
_id = 1
arr = [1, 2, 3.5, {"at": "2026-11-26T12:00:00.123Z"}]
at = "2026-11-26T12:00:00.123Z"
b = true
bin = "AP8Q"
d = 0.1
early = "1883-11-18T12:00:00.000Z"
empty = {}
i = 1
l = 9223372036854775807
n = null
none = []
oid = "656565656565656565656565"
s = "emoji 😀 \"q\""
sub = {"x": 1, "deep": {"l": 2, "at": "2026-11-26T12:00:00.123Z"}}
ts = 7712448721610342401
whole = 5
END
    sql "SELECT key FROM store.other WHERE source = 'mongodb' AND key ->> '_id' !~ '^[0-9]{1,16}$'
        ORDER BY key" | diff - <(
        cat <<'END'
{"_id": "656565656565656565656566"}
{"_id": "ß"}
{"_id": {"a": 1, "b": "x"}}
END
    )
}

@test "in any order, and however often, changes lead to the same rows" {
    schema
    jq -cn 'range(1; 41) as $i
        | ["postgres", "series", $i % 4, [100 + $i, 90 + $i]],
            ["mysql", "movies", $i % 3, [1 + ($i / 20 | floor), $i % 20, 0]],
            ["mysql", "unheard", $i % 3, [1, $i, 0]]
        | {source: .[0], table: .[1], key: {id: .[2]}, before: null, position: .[3],
            operation: (if $i % 7 == 0 then "delete" else "update" end),
            after: (if $i % 7 == 0 then null else {id: .[2], name: "name \($i)"} end),
            changed_at: "2026-11-26T12:00:00Z", captured_at: "2026-11-26T12:00:01Z"}
        | {value: .}' >changes
    sql 'CREATE TABLE changes (n serial, change jsonb)'
    psql -qX -c '\copy changes (change) from changes'
    # 10 times, in batches of any size: all of them, and a third once more.
    sql "DO \$\$
        DECLARE
            batch jsonb;
            state text;
            wanted text;
        BEGIN
            FOR seed IN 0..9 LOOP
                PERFORM setseed(seed / 100.0);
                TRUNCATE store.history, store.series, store.movies, store.other;
                FOR batch IN
                    WITH twice AS MATERIALIZED (SELECT change, random() AS place FROM changes
                        UNION ALL
                        SELECT change, random() FROM changes WHERE n % 3 = 0)
                    SELECT jsonb_agg(change ORDER BY place) FROM twice
                    GROUP BY floor(place * place * (1 + seed))
                LOOP
                    PERFORM store.write(batch);
                END LOOP;
                SELECT jsonb_agg(to_jsonb(r) - 'stored_at' ORDER BY to_jsonb(r) - 'stored_at')::text
                INTO state FROM (SELECT to_jsonb(s) FROM store.series AS s
                    UNION ALL SELECT to_jsonb(m) FROM store.movies AS m
                    UNION ALL SELECT to_jsonb(o) FROM store.other AS o
                    UNION ALL SELECT to_jsonb(h) FROM store.history AS h) AS q(all_of),
                    LATERAL jsonb_to_record(jsonb_build_object('r', all_of)) AS x(r jsonb);
                wanted := coalesce(wanted, state);
                ASSERT state = wanted, format('seed %s: %s', seed, state);
                ASSERT (SELECT count(*) FROM store.history) = 120, 'history';
            END LOOP;
        END \$\$"
    # And that is the last change of each.
    sql "SELECT id, extra, name, deleted FROM store.series ORDER BY id" | diff - <(
        cat <<'END'
0||name 40|f
1||name 37|f
2||name 38|f
3||name 39|f
END
    )
    [[ $(sql "SELECT string_agg(extra ->> 'name', ',' ORDER BY id) FROM store.movies") == \
        'name 39,name 40,name 38' ]]
    [[ $(sql "SELECT string_agg(data ->> 'name', ',' ORDER BY key) FROM store.other") == \
        'name 39,name 40,name 38' ]]
}

@test "a transaction that was under way at the snapshot is newer, and not lost" {
    schema
    # In one batch, in several, and read once more from the beginning.
    {
        change postgres series 1 snapshot '[500]' 12:00:00 old
        change postgres series 2 snapshot '[500]' 12:00:00 old
        change postgres series 1 update '[400]' 12:00:01 new
        change postgres series 1 update '[401]' 12:00:01 newer
    } >first
    change postgres series 2 update '[480]' 12:00:01 new >second
    {
        change postgres series 1 update '[501,450]' 12:00:02 newest
        change postgres unheard 1 snapshot '[500]' 12:00:00 old
        change postgres unheard 1 update '[400]' 12:00:01 new
    } >third
    names() {
        [[ $(sql "SELECT string_agg(name, ' ' ORDER BY id) FROM store.series") == "$1" ]]
    }
    write <first
    names 'newer old'
    write <second
    names 'newer new'
    write <third
    names 'newest new'
    cat first second third | write
    names 'newest new'
    [[ $(sql "SELECT data ->> 'name' FROM store.other") == new ]]
    [[ $(sql 'SELECT count(*) FROM store.history') == 8 ]]
    # One that ended long before the snapshot is old, though it comes late.
    change postgres series 2 snapshot '[900]' 13:00:00 again | write
    change postgres series 2 update '[700]' 12:30:00 late | write
    names 'newest again'
    # Twice the same row by such a one, in batches of their own, the first once more.
    change postgres series 3 snapshot '[500]' 12:00:00 old | write
    change postgres series 3 update '[400]' 12:00:01 new | write
    change postgres series 3 update '[401]' 12:00:01 newer | write
    names 'newest again newer'
    change postgres series 3 update '[400]' 12:00:01 new | write
    names 'newest again newer'
    change postgres series 3 delete '[402]' 12:00:01 | write
    change postgres series 3 update '[401]' 12:00:01 newer | write
    [[ $(sql 'SELECT deleted, position FROM store.series WHERE id = 3') == \
        't|{500,402}' ]]
}

@test "a table's columns may have the names that the store itself uses" {
    schema
    sql 'ALTER TABLE store.series ADD data text, ADD key text, ADD before text,
        ADD after text, ADD "table" text, ADD r text'
    change postgres series 1 update '[21,20]' 12:00:00 a | jq -c '.after +=
        {data: "d", key: "k", before: "b", after: "a", table: "t", r: "r", new: "n"}' |
        write
    [[ $(sql 'SELECT name, data, key, before, after, "table", r, extra
        FROM store.series') == 'a|d|k|b|a|t|r|{"new": "n"}' ]]
}

@test "a new snapshot is in the history where it finds a row changed" {
    schema
    change postgres series 1 snapshot '[10]' 12:00:00 a | write
    change postgres series 2 snapshot '[10]' 12:00:00 b | write
    change postgres series 1 update '[21,20]' 12:00:00 c | write
    # Two snapshots in one batch, the second one after a change that is not known.
    {
        change postgres series 1 snapshot '[30]' 12:01:00 c
        change postgres series 2 snapshot '[30]' 12:01:00 b
        change postgres series 1 snapshot '[40]' 12:02:00 d
        change postgres series 2 snapshot '[40]' 12:02:00 b
        change postgres series 2 update '[51,50]' 12:02:00 e
    } >batch.in
    write <batch.in
    write <batch.in
    [[ $(sql "SELECT string_agg(format('%s:%s:%s', key ->> 'id', position[1],
        after ->> 'name'), ' ' ORDER BY key, position) FROM store.history") == \
        '1:10:a 1:21:c 1:40:d 2:10:b 2:51:e' ]]
    [[ $(sql "SELECT string_agg(format('%s:%s', name, position), ' ' ORDER BY id)
        FROM store.series") == 'd:{40} e:{51,50}' ]]
}

@test "a column and a table get a place of their own while changes come" {
    schema
    change postgres series 1 insert '[11,10]' 12:00:00 a | jq -c '.after.stars = 3' | write
    [[ $(sql 'SELECT extra FROM store.series') == '{"stars": 3}' ]]
    sql 'ALTER TABLE store.series ADD COLUMN stars integer'
    change postgres series 2 insert '[21,20]' 12:00:00 b |
        jq -c '.after += {stars: 4, source: "mine", "a \"b\", c": 1}' | write
    [[ $(sql 'SELECT stars, source, extra FROM store.series WHERE id = 2') == \
        '4|postgres|{"source": "mine", "a \"b\", c": 1}' ]]
    sql 'ALTER TABLE store.series ADD COLUMN "a ""b"", c" integer'
    # What README.md says for a new table; what is in store.other moves.
    change postgres games 1 insert '[31,30]' 12:00:00 go | write
    sql 'CREATE TABLE store.games (LIKE store.series INCLUDING ALL)'
    sql "INSERT INTO store.captured VALUES ('postgres', 'games', 'store.games')"
    {
        change postgres games 1 update '[41,40]' 12:00:00 Go
        change postgres games 2 insert '[42,41]' 12:00:00 chess |
            jq -c '.after += {"a \"b\", c": 1}'
    } | write
    [[ $(sql 'SELECT string_agg(name, '"','"' ORDER BY id), max("a ""b"", c") FROM store.games') == 'Go,chess|1' ]]
    # A value that does not fit: the record is put aside, with the reason.
    create odd:1 cleanup.policy=delete
    change postgres games 3 insert '[51,50]' 12:00:00 x | jq -c '.after.stars = "many"' |
        kcat -b "$BROKER" -P -t odd
    store odd
    [[ $(sql 'SELECT sqlstate, error FROM feed_dead_letters') == \
        '22P02|invalid input syntax for type integer: "many"'* ]]
}

@test "store_reader reads the store and nothing else" {
    store
    sql 'CREATE TABLE own (n integer)'
    as_reader() {
        psql -qAtX -U store_reader -v ON_ERROR_STOP=1 -c "$1" 2>&1
    }
    [[ $(as_reader 'SELECT count(*) FROM store.items') == 14 ]]
    [[ $(as_reader 'SHOW statement_timeout') == 5s ]]
    [[ $(as_reader 'DELETE FROM store.series') == *'read-only transaction'* ]]
    [[ $(as_reader 'BEGIN READ WRITE; DELETE FROM store.series') == \
        *'permission denied for table series'* ]]
    [[ $(as_reader 'SELECT * FROM own') == *'permission denied for table own'* ]]
    [[ $(as_reader 'SELECT * FROM feed_dead_letters') == *'permission denied'* ]]
    # A table that comes later is the reader's, too.
    sql 'CREATE TABLE store.later (id bigint PRIMARY KEY)'
    [[ $(as_reader 'SELECT count(*) FROM store.later') == 0 ]]
}

@test "compare says whether store and databases agree, and in which rows not" {
    store
    sql "CREATE SCHEMA maf;
        CREATE TABLE maf.series AS SELECT id, name, popularity, at FROM store.series
            WHERE NOT deleted;
        CREATE TABLE maf.persons_0aceb489 AS SELECT jsonb_build_object('_id', _id,
            'name', name, 'popularity', popularity,
            'at', (extract(epoch FROM at) * 1000)::bigint) AS _jsonb
            FROM store.persons WHERE NOT deleted"
    export STORE="psql -qAtX -v ON_ERROR_STOP=1 -F '	'" POSTGRES="psql -qAtX -v ON_ERROR_STOP=1 -F '	'" \
        DOCUMENTS="psql -qAtX -v ON_ERROR_STOP=1 -F '	'"
    compare=("$root/examples/changes/compare" 0 series persons)
    run -0 "${compare[@]}"
    [[ ${lines[0]} =~ ^'series: 5 rows, SHA-256 '[0-9a-f]{64}$ ]]
    [[ ${lines[1]} =~ ^'persons: 4 rows, SHA-256 '[0-9a-f]{64}$ ]]
    sql 'UPDATE store.series SET popularity = 0.143 WHERE id = 1;
        UPDATE store.persons SET deleted = true WHERE _id = 3'
    run -1 "${compare[@]}"
    diff - <(printf '%s\n' "${lines[@]}") <<END
series: 5 rows in the database, 5 in the store; they differ:
< 1	7365726965732031	0.144	1795690800123456
> 1	7365726965732031	0.143	1795690800123456
persons: 4 rows in the database, 3 in the store; they differ:
< 3	7265706C61636564	5	
END
    # What comes within the time is waited for.
    { "$root/examples/changes/compare" 60 series >out; } &
    sql 'UPDATE store.series SET popularity = 0.144 WHERE id = 1'
    wait $!
    run -2 "$root/examples/changes/compare" 0 films
    [[ $output == 'compare: films is not series, movies or persons' ]]
    POSTGRES=false run -2 "$root/examples/changes/compare" 0 series
    [[ $output == 'compare: series cannot be read, see above' ]]
}
