#!/usr/bin/env bats
# pf-web's API over a store: a schema of a real PostgreSQL. No Kafka is needed.
# shellcheck shell=bash disable=SC2154,SC2030,SC2031,SC2016

bats_require_minimum_version 1.5.0
load kafka
load postgres
load web

# What ask and refused are about.
# shellcheck disable=SC2034
PART=store

setup_file() {
    have_tools
    start_postgres
    make_store
    begin_store_web "host=$PGHOST port=$PGPORT user=reader dbname=postgres"
}

teardown_file() {
    end_web
    stop_postgres
}

teardown() {
    end_jobs
    if [ -z "${BATS_TEST_COMPLETED:-}" ]; then
        tail -n 5 "$BATS_FILE_TMPDIR/web.err"
    fi
}

# begin_store_web CONNINFO [SETTING...]: pf-web with that store.
begin_store_web() {
    WEB_FEED_STORE_CONNINFO=$1 begin_web bootstrap.servers=127.0.0.1:1 "${@:2}"
}

# A store with what makes trouble: numbers that no double has, nulls, a key of two
# columns, names and values that are markup, SQL or JSON.
make_store() {
    psql -qX -v ON_ERROR_STOP=1 <<'END'
CREATE ROLE reader LOGIN;
CREATE SCHEMA store;
CREATE TABLE store.series (
    id integer PRIMARY KEY, name text, popularity numeric, at timestamptz,
    extra jsonb NOT NULL DEFAULT '{}', source text NOT NULL,
    position bigint[] NOT NULL, operation text NOT NULL,
    deleted boolean NOT NULL DEFAULT false, changed_at timestamptz,
    captured_at timestamptz, stored_at timestamptz NOT NULL DEFAULT now());
INSERT INTO store.series (id, name, popularity, at, source, position, operation)
    SELECT n, 'Series ' || n, nullif(n % 7, 3),
        timestamptz '2026-11-26 12:00:00.123Z' + n * interval '1 s',
        'postgres', ARRAY[1000 + n], 'insert' FROM generate_series(1, 200) n;
UPDATE store.series SET popularity = 12345678901234567890.123456789012345678
    WHERE id = 1;
UPDATE store.series SET popularity = 'NaN',
    extra = '{"b": 1e2, "a": 10000000000000000000001}',
    name = '<img src=x onerror=alert(1)>' WHERE id = 2;
UPDATE store.series SET deleted = true, operation = 'delete' WHERE id = 4;
CREATE TABLE store.places (
    country text NOT NULL, "na""me; --" text NOT NULL, size bigint,
    PRIMARY KEY (country, "na""me; --"));
INSERT INTO store.places VALUES ('at', 'Linz', 9223372036854775807),
    ('at', 'a,b', 2), ('de', ''' OR 1=1 --', 3), ('de', 'Ä/Ö', NULL);
CREATE TABLE store.history (
    source text NOT NULL, "table" text NOT NULL, key jsonb NOT NULL,
    position bigint[] NOT NULL, operation text NOT NULL, before jsonb,
    after jsonb, changed_at timestamptz, captured_at timestamptz,
    stored_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (source, "table", key, position));
INSERT INTO store.history SELECT 'postgres', 'series',
    jsonb_build_object('id', n), ARRAY[1000 + n - 2 + m],
    (ARRAY['snapshot', 'update', 'delete'])[m + 1], NULL,
    jsonb_build_object('id', n, 'popularity', m + 1.10)
    FROM generate_series(1, 200) n, generate_series(0, 2) m;
-- The same key in the same table, of another source: it is not a change of ours.
INSERT INTO store.history VALUES
    ('mysql', 'series', '{"id": 7}', '{9, 9}', 'update');
CREATE VIEW store.titles AS SELECT source, 'series' AS "table", id::text AS key,
    name AS title, popularity FROM store.series WHERE NOT deleted;
CREATE VIEW store.slow AS SELECT 1 AS one, pg_sleep(60)::text AS rest;
CREATE FUNCTION public.writes() RETURNS text LANGUAGE plpgsql AS
    $$BEGIN DELETE FROM store.series; RETURN 'done'; END$$;
CREATE VIEW store.writing AS SELECT public.writes() AS what;
CREATE TABLE store.secrets (id int PRIMARY KEY, what text);
CREATE TABLE store.partly (id int PRIMARY KEY, shown text, hidden text);
INSERT INTO store.partly VALUES (1, 'shown', 'hidden');
CREATE TABLE public.elsewhere (id int PRIMARY KEY);
GRANT USAGE ON SCHEMA store TO reader;
GRANT SELECT ON store.series, store.places, store.history, store.titles,
    store.slow, store.writing TO reader;
GRANT SELECT (id, shown) ON store.partly TO reader;
GRANT ALL ON store.series TO reader;
END
}

# pages PATH JQ: what jq makes of each row of a list, until its end.
pages() {
    local cursor='' page=$BATS_TEST_TMPDIR/page
    while :; do
        curl -sfg "$API/store/$1&cursor=$cursor" >"$page"
        jq -rc ".rows[] | $2" "$page"
        cursor=$(jq -r '.next // ""' "$page")
        [ -n "$cursor" ] || break
    done
}

# lists PROGRAM: Python that has rows(PATH), the rows of one answer, and
# pages(PATH), those of all its pages.
lists() {
    /usr/bin/python3 - "$API/store/" <<END
import json, sys, urllib.parse, urllib.request
def get(path):
    with urllib.request.urlopen(sys.argv[1] + path, timeout=30) as answer:
        return json.load(answer)
def rows(path):
    return get(path)["rows"]
def pages(path):
    page = get(path)
    yield from page["rows"]
    while page["next"]:
        page = get(f"{path}&cursor={page['next']}")
        yield from page["rows"]
${1//$'\n'    /$'\n'}
END
}

@test "the store's tables are listed with their keys, as far as they may be read" {
    [ "$(ask '' '.schema, [.tables[].name]')" = "store
$(jq -nc '["history", "partly", "places", "series", "slow", "titles", "writing"]')" ]
    [ "$(ask '' '.tables[] | select(.name == "places") | .kind, .key,
        .columns[2]')" = 'table
["country","na\"me; --"]
{"name":"size","type":"bigint","nullable":true}' ]
    [ "$(ask '' '.tables[] | select(.name == "titles") | .kind, .key')" = \
        $'view\n[]' ]
    [ "$(ask '' '[.tables[] | select(.name == "partly").columns[].name]')" = \
        '["id","shown"]' ]
}

@test "a row is what PostgreSQL writes, each digit of it" {
    [ "$(curl -sf "$API/store/series/1?select=id,popularity,at")" = \
        '{"id":1,"popularity":12345678901234567890.123456789012345678,"at":"2026-11-26T12:00:01.123+00:00"}' ]
    [ "$(curl -sf "$API/store/series/2?select=popularity,extra,name")" = \
        '{"popularity":"NaN","extra":{"a": 10000000000000000000001, "b": 100},"name":"<img src=x onerror=alert(1)>"}' ]
    [ "$(curl -sf "$API/store/series/3" | jq -S .)" = \
        "$(sql 'SELECT row_to_json(s) FROM store.series s WHERE id = 3' | jq -S .)" ]
    [ "$(ask series/4 '.deleted, .operation')" = $'true\ndelete' ]
    curl -sfI "$API/store/series/1" | grep -qi '^content-type: application/json'
}

@test "a key of several columns is found, whatever is in it" {
    curl -sf "$API/store/places/at,Linz" | grep -q '"size":9223372036854775807}'
    [ "$(ask places/at,%22a,b%22 .size)" = 2 ]
    [ "$(ask "places/de,'%20OR%201=1%20--" .size)" = 3 ]
    [ "$(ask places/de,%C3%84%2F%C3%96 .country)" = de ]
    refused 400 places/at 'the key of places has 2 columns, and this has 1'
    refused 400 titles/7 'titles has no key'
    refused 400 places/at,%22x 'a quote is not closed'
    refused 404 places/at,none 'places has no row with the key at,none'
    refused 404 "series/0" 'series has no row'
    refused 400 "series/7%20OR%201=1" 'id: ' integer
    refused 404 none/7 "has no table 'none'"
    refused 404 serie/7 "did you mean 'series'?"
}

@test "conditions are those of PostgREST" {
    local cases=$BATS_TEST_TMPDIR/cases query condition
    cat >"$cases" <<'END'
id=eq.7 id = 7
id=neq.7 id <> 7
id=gt.190 id > 190
id=gte.190 id >= 190
id=lt.9 id < 9
id=lte.9 id <= 9
id=gt.9&id=lt.20 id > 9 AND id < 20
id=in.(1,3,999) id IN (1, 3, 999)
id=not.in.(1,3) id NOT IN (1, 3)
name=like.*_1* name LIKE '%_1%'
name=ilike.SERIES%2015* name ILIKE 'SERIES 15%'
name=not.like.Series* NOT name LIKE 'Series%'
popularity=is.null popularity IS NULL
popularity=not.is.null popularity IS NOT NULL
popularity=eq.NaN popularity = 'NaN'
popularity=gte.5.50 popularity >= 5.50
deleted=is.true deleted
at=gte.2026-11-26T12:03:00Z at >= '2026-11-26T12:03:00Z'
at=lt.2026-11-26T13:00:30%2B01:00 at < '2026-11-26T12:00:30Z'
position=gt.{1190} position > '{1190}'
source=eq.'%20OR%20true%20-- false
END
    while read -r query condition; do
        echo "SELECT '$(printf %s "$query" | sed "s/'/''/g")', (SELECT
            coalesce(json_agg(id ORDER BY id), '[]') FROM store.series
            WHERE $condition);"
    done <"$cases" | psql -qAtX -F ' ' -v ON_ERROR_STOP=1 |
        sed 's/, /,/g' >"$cases.expected"
    [ "$(wc -l <"$cases.expected")" = 21 ]
    lists 'for line in open("'"$cases"'"):
        query = line.split(" ")[0]
        found = [row["id"] for row in rows(f"series?limit=1000&select=id&{query}")]
        print(query, json.dumps(found, separators=(",", ":")))' |
        diff "$cases.expected" -
    [ "$(ask 'series?select=id,name&id=eq.7' .rows)" = \
        '[{"id":7,"name":"Series 7"}]' ]
    [ "$(ask 'places?na"me;%20--=eq.Linz' '.rows | length')" = 1 ]
}

@test "page by page each row comes once, in any order, while rows come and go" {
    lists 'for order in ("id", "id.desc", "popularity", "popularity.desc",
                  "popularity.nullsfirst,name.desc", "popularity.desc.nullslast",
                  "deleted,at.desc"):
        path = f"series?select=id&order={order}"
        whole = rows(f"{path}&limit=1000")
        assert len({row["id"] for row in whole}) == 200, order
        for limit in 29, 64:
            assert list(pages(f"{path}&limit={limit}")) == whole, (order, limit)
    titles = list(pages("titles?limit=50&order=popularity.desc"))
    assert len({row["key"] for row in titles}) == len(titles) == 199'
    # A row that goes meanwhile moves none of the others.
    local next
    next=$(ask 'places?limit=2' .next)
    sql "DELETE FROM store.places WHERE \"na\"\"me; --\" = 'Linz'"
    [ "$(ask "places?limit=2&cursor=$next" '[.rows[].country], .next')" = \
        $'["de","de"]\nnull' ]
    sql "INSERT INTO store.places VALUES ('at', 'Linz', 9223372036854775807)"
    refused 400 "places?limit=2&cursor=$next&country=eq.de" \
        'cursor: it does not belong to this list'
}

@test "the history of a row has the changes from its source, newest first" {
    [ "$(ask series/7/history '[.rows[].position[0]], .next')" = \
        $'[1007,1006,1005]\nnull' ]
    [ "$(ask series/7/history '.rows[2] | [.source, .table, .operation]')" = \
        '["postgres","series","snapshot"]' ]
    curl -sf "$API/store/series/7/history?limit=1" | grep -q '"popularity": 3.10'
    [ "$(ask 'series/7/history?operation=eq.update&select=position' .rows)" = \
        '[{"position":[1006]}]' ]
    [ "$(ask 'series/7/history?operation=eq.none' .rows)" = '[]' ]
    [ "$(pages 'series/7/history?limit=2' '.position[0]')" = $'1007\n1006\n1005' ]
    [ "$(pages 'series/7/history?order=position&limit=1' '.position[0]')" = \
        $'1005\n1006\n1007' ]
    refused 404 series/0/history 'no history of the key 0'
    refused 400 series/x/history 'id: ' integer
    refused 400 'series/7/history?oparation=eq.x' "did you mean 'operation'?"
}

@test "a mistake is refused with the nearest name" {
    refused 400 'series?populrity=gte.7' "did you mean 'popularity'?"
    refused 400 'series?popularity=7' "'7' does not begin with a condition"
    refused 400 'series?popularity=gte.x' 'popularity: ' numeric '"x"'
    refused 400 'series?id=eq.99999999999' 'id: ' 'out of range'
    refused 400 'series?at=lt.yesterday-ish' 'at: '
    refused 400 'series?extra=like.x' jsonb
    refused 400 'series?name=is.true' boolean
    refused 400 'series?name=eq.%ff' 'name: ' UTF8
    refused 400 'series?name=eq.a%00b' NUL
    refused 400 'series?select=id,nam' "did you mean 'name'?"
    refused 400 'series?order=popularity.up' "no column 'popularity.up'"
    refused 400 'series?limit=1001' 'not within 1 to 1000'
    refused 400 'series/7?name=eq.x' 'only select'
    refused 404 elsewhere "no table 'elsewhere'"
    refused 404 secrets "no table 'secrets'"
    refused 400 'partly?hidden=eq.x' "no column 'hidden'"
    [ "$(ask partly/1)" = '{"id":1,"shown":"shown"}' ]
}

@test "nothing is ever written, and what takes long is ended" {
    refused 503 writing 'read-only transaction'
    [ "$(sql 'SELECT count(*) FROM store.series')" = 200 ]
    refused 503 slow 'too long'
    refused 400 "series?id=eq.1;%20DELETE%20FROM%20store.series" 'id: '
    [ "$(sql 'SELECT count(*) FROM store.series')" = 200 ]
    # Whoever asks others meanwhile does not wait.
    curl -s "$API/store/slow" -o "$BATS_TEST_TMPDIR/slow" 3>&- &
    [ "$(ask series/7 .id)" = 7 ]
    wait
}

@test "an answer that has not changed is not sent again" {
    local tag
    tag=$(curl -sfI "$API/store/series/7" | tr -d '\r' | sed -n 's/^etag: //Ip')
    [ "$(curl -s -H "If-None-Match: $tag" -w '%{http_code} %{size_download}' \
        "$API/store/series/7")" = '304 0' ]
    sql "UPDATE store.series SET name = 'another' WHERE id = 7"
    [ "$(curl -s -H "If-None-Match: $tag" -o /dev/null -w '%{http_code}' \
        "$API/store/series/7")" = 200 ]
    sql "UPDATE store.series SET name = 'Series 7' WHERE id = 7"
}

@test "a long answer ends early, and the next goes on" {
    sql "CREATE TABLE store.long AS SELECT n AS id, repeat('x', 1000000) AS text
        FROM generate_series(1, 12) n; ALTER TABLE store.long ADD PRIMARY KEY (id);
        GRANT SELECT ON store.long TO reader"
    eventually 15 curl -sf "$API/store/long/1?select=id"
    [ "$(ask 'long?limit=12' '[.rows[].id]')" = '[1,2,3,4]' ] ||
        [ "$(ask 'long?limit=12' '[.rows[].id]')" = '[1,2,3,4,5]' ]
    [ "$(pages 'long?limit=12' .id | tr '\n' ' ')" = '1 2 3 4 5 6 7 8 9 10 11 12 ' ]
    # What was read of the row that is too much is not in the way of the next.
    [ "$(ask series/7 .id)" = 7 ]
    sql 'DROP TABLE store.long'
}

@test "a new column is seen, and one that is gone is said" {
    sql 'ALTER TABLE store.places ADD COLUMN since date; ALTER TABLE store.places
        DROP COLUMN size'
    eventually 20 curl -sf "$API/store/places?since=is.null"
    [ "$(ask places/at,Linz 'keys_unsorted[2]')" = since ]
    sql 'ALTER TABLE store.places ADD COLUMN size bigint'
}

@test "values are those of a column's new type soon after it has one" {
    sql 'CREATE TABLE store.wide (id integer PRIMARY KEY);
        GRANT SELECT ON store.wide TO reader'
    eventually 20 curl -sf "$API/store/wide"
    refused 400 'wide?id=eq.3000000000' 'out of range for type integer'
    sql 'ALTER TABLE store.wide ALTER COLUMN id TYPE bigint'
    sql 'INSERT INTO store.wide VALUES (3000000000)'
    has_wide() {
        [ "$(ask 'wide?id=eq.3000000000' '[.rows[].id]')" = '[3000000000]' ]
    }
    eventually 20 has_wide
    sql 'DROP TABLE store.wide'
}

@test "a key with a column that may not be read is none" {
    sql "CREATE TABLE store.hidden (a integer, b integer, x text, PRIMARY KEY (a, b));
        INSERT INTO store.hidden VALUES (1, 1, 'x'), (1, 2, 'y');
        GRANT SELECT (a, x) ON store.hidden TO reader"
    eventually 20 curl -sf "$API/store/hidden"
    [ "$(ask '' '.tables[] | select(.name == "hidden").key')" = '[]' ]
    refused 400 hidden/1 'hidden has no key'
    sql 'DROP TABLE store.hidden'
}

@test "columns without an order keep no list from coming, arrays of them neither" {
    sql "CREATE TABLE store.loose (a json, b json[], c point[], d varchar(9)[]);
        INSERT INTO store.loose VALUES ('{}', '{1}', NULL, '{y}'), ('1', NULL, NULL, '{x}');
        GRANT SELECT ON store.loose TO reader"
    eventually 20 curl -sf "$API/store/loose"
    [ "$(ask loose "[.rows[].d[0]] | join(\" \")")" = 'x y' ]
    refused 400 'loose?order=b.asc' order
    sql 'DROP TABLE store.loose'
}

@test "the history of a key with a time is found, however that is written" {
    sql "CREATE TABLE store.slots (id integer, at timestamptz, clock time,
            PRIMARY KEY (id, at, clock)); GRANT SELECT ON store.slots TO reader;
        INSERT INTO store.slots VALUES (1, '2026-11-26 12:00Z', '10:00');
        INSERT INTO store.history VALUES ('postgres', 'slots',
            '{\"id\": 1, \"at\": \"2026-11-26T12:00:00.000000Z\",
            \"clock\": \"10:00:00.000000\"}', '{5}', 'insert')"
    eventually 20 curl -sf "$API/store/slots"
    [ "$(ask 'slots/1,2026-11-26T13:00:00%2B01:00,10:00/history' \
        '[.rows[].operation]')" = '["insert"]' ]
    refused 404 slots/1,2026-11-26T12:00:01Z,10:00/history 'no history of the key'
    sql "DROP TABLE store.slots; DELETE FROM store.history WHERE \"table\" = 'slots'"
}

@test "the documents of the API are what it answers" {
    "$root/tests/it/openapi.py" "$WEB" /api/v1/store /api/v1/store/openapi.json \
        '/api/v1/store/series?limit=3' /api/v1/store/series/7 \
        /api/v1/store/series/7/history 404:/api/v1/store/none \
        400:/api/v1/store/series/x 404:/api/v1/store/series/0/history
    # The document that is made of the catalogue describes each row.
    curl -sf "$API/store/openapi.json" >"$BATS_TEST_TMPDIR/api.json"
    curl -sf "$API/store/series?limit=1000" >"$BATS_TEST_TMPDIR/rows.json"
    curl -sf "$API/store/series/7/history" >"$BATS_TEST_TMPDIR/history.json"
    /usr/bin/python3 - "$BATS_TEST_TMPDIR" <<'END'
import json, sys, jsonschema
read = lambda name: json.load(open(f"{sys.argv[1]}/{name}.json"))
api = read("api")
def check(path, name):
    schema = api["paths"][path]["get"]["responses"]["200"]["content"][
        "application/json"]["schema"]
    whole = {**schema, "components": api["components"]}
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.Draft202012Validator(whole).validate(read(name))
check("/api/v1/store/series", "rows")
check("/api/v1/store/series/{key}/history", "history")
assert "/api/v1/store/titles" in api["paths"]
assert "/api/v1/store/titles/{key}" not in api["paths"]
assert len(read("rows")["rows"]) == 200
END
}

@test "the connection string is checked, and shown to nobody" {
    run -2 pf-web -X feed.store.conninfo=hots=x
    [[ $output == *'feed.store.conninfo: invalid connection option "hots"'* ]]
    echo 'host=db password=right' >"$BATS_TEST_TMPDIR/conninfo"
    WEB_FEED_STORE_CONNINFO_FILE=$BATS_TEST_TMPDIR/conninfo \
        run -0 pf-web --show-config
    [[ $output == *feed.store.conninfo* && $output != *right* ]]
}

# Last: others need the server.
@test "a database that is away is said, holds up nobody, and is found again" {
    local pid began
    # One that was started again has forgotten the connections that it had.
    [ "$(ask series/7 .id)" = 7 ]
    kill_postgres
    run_postgres
    [ "$(ask series/7 .id)" = 7 ]
    kill_postgres
    refused 503 series/7 'the store does not answer: '
    refused 503 'series?limit=1' 'the store does not answer: '
    curl -sf "$API/prices" || [ $? = 22 ] # the page goes on
    run_postgres
    eventually 10 curl -sf "$API/store/series/7"
    # One that hangs: whoever asks has an answer, and so has who asks for others.
    pid=$(<"$PGDIR/pid")
    # shellcheck disable=SC2046 # some numbers
    kill -STOP "$pid" $(pgrep -P "$pid")
    began=$(date +%s%3N)
    refused 503 series/7 'in time'
    (($(date +%s%3N) - began < 12000))
    curl -sf "$API/openapi.json" -o /dev/null
    # And it ends when it is asked to.
    curl -s "$API/store/series/7" -o /dev/null 3>&- &
    end_web
    # shellcheck disable=SC2046
    kill -CONT "$pid" $(pgrep -P "$pid")
}

@test "who may not use the schema is told the GRANT that helps" {
    sql 'CREATE ROLE nobody LOGIN'
    begin_store_web "host=$PGHOST port=$PGPORT user=nobody dbname=postgres"
    refused 403 '' 'nobody may not use the schema store' \
        'GRANT USAGE ON SCHEMA store TO nobody'
    end_web
    begin_store_web "host=$PGHOST port=$PGPORT user=reader dbname=postgres" \
        feed.store.schema=nowhere
    refused 503 '' 'no schema nowhere'
    end_web
    begin_store_web ''
    refused 404 '' 'there is no store: feed.store.conninfo is not set'
    refused 404 series/7 'there is no store'
}
