#!/usr/bin/env bats
# The reports of reports/, by pf-report, over a few orders whose answers were
# worked out by hand.
# shellcheck shell=bash disable=SC2154,SC2164

bats_require_minimum_version 1.5.0
load kafka
load postgres

# The time frame of these tests: 2 November, all of it.
frame=(--end '2026-11-03 00:00Z' --window '1 day')

setup_file() {
    start_postgres
    psql -qX -v ON_ERROR_STOP=1 -f "$root/examples/orders/schema.sql"
    # What each one is there for:
    #  1  placed the day before, fulfilled in the frame
    #  2  placed at its very beginning, which belongs to it
    #  3  cancelled after 20 minutes
    #  4  fulfilled after its end: until then it was paid, 60 minutes old
    #  5  open, 20 minutes old
    #  6  open, 25 minutes old
    #  7  placed at its very end, which does not belong to it
    #  8  cancelled after 60 minutes
    #  9  fulfilled at its very end: until then it was placed, 780 minutes old
    psql -qX -v ON_ERROR_STOP=1 <<'END'
SET timezone = 'UTC';
INSERT INTO customers VALUES (1, 'Ada'), (2, 'Bo, "the second"');
COPY orders FROM stdin (NULL '-', DELIMITER '|');
1|1|10|2026-11-01 23:00|-|-|2026-11-02 00:30|-
2|1|20.5|2026-11-02 00:00|2026-11-02 00:01|2026-11-02 00:10|2026-11-02 00:45:30|-
3|2|30|2026-11-02 10:00|-|-|-|2026-11-02 10:20
4|2|40|2026-11-02 23:00|2026-11-02 23:10|-|2026-11-03 00:10|-
5|1|50|2026-11-02 23:40|-|-|-|-
6|1|60|2026-11-02 23:35|2026-11-02 23:36|2026-11-02 23:50|-|-
7|2|70|2026-11-03 00:00|-|-|2026-11-03 00:00|-
8|2|80|2026-11-02 12:00|2026-11-02 12:05|-|-|2026-11-02 13:00
9|1|90|2026-11-02 11:00|-|-|2026-11-03 00:00|-
END
}

teardown_file() {
    stop_postgres
}

setup() {
    cd "$BATS_TEST_TMPDIR"
    PATH=$root/reports:$PATH
}

teardown() {
    end_jobs
}

@test "age: the orders fulfilled in the time frame, in minutes" {
    pf-report "${frame[@]}"
    diff - outputs/age.csv <<'END'
order,customer,placed_at,fulfilled_at,age_minutes
1,1,2026-11-01 23:00:00+00,2026-11-02 00:30:00+00,90.00
2,1,2026-11-02 00:00:00+00,2026-11-02 00:45:30+00,45.50
END
}

@test "status: of all orders placed in the time frame, as it was at its end" {
    pf-report "${frame[@]}"
    diff - outputs/status.csv <<'END'
order,customer,amount,placed_at,status
2,1,20.50,2026-11-02 00:00:00+00,fulfilled
3,2,30.00,2026-11-02 10:00:00+00,cancelled
9,1,90.00,2026-11-02 11:00:00+00,placed
8,2,80.00,2026-11-02 12:00:00+00,cancelled
4,2,40.00,2026-11-02 23:00:00+00,paid
6,1,60.00,2026-11-02 23:35:00+00,shipped
5,1,50.00,2026-11-02 23:40:00+00,placed
END
}

# Three have ended: cancelled at 20 and at 60 minutes, fulfilled at 45. Of those
# that came to 20 minutes 2 of 3 were cancelled, to 25 1 of 2, to 60 1 of 1.
@test "estimate: of the open orders those that will be cancelled, by age" {
    pf-report "${frame[@]}"
    diff - outputs/estimate.csv <<'END'
age_minutes,open,cancelled,share,estimate
20,1,1,0.6667,0.67
25,1,0,0.5000,0.50
60,1,1,1.0000,1.00
780,1,0,,
END
}

@test "an empty time frame says so, and leaves no file, not even an old one" {
    pf-report "${frame[@]}"
    run pf-report --end '2020-01-02 00:00Z' --window '90 minutes'
    echo "$output"
    [[ $status == 0 ]]
    for name in age status estimate; do
        [[ $output == *"$name: nothing from 2020-01-01 22:30:00+00 to 2020-01-02 00:00:00+00, so no file"* ]]
        [[ ! -e outputs/$name.csv ]]
    done
    [[ ! $(ls -A outputs) ]]
}

@test "a time frame in any zone, another place, one report of one's own" {
    echo "select count(*) from orders where placed_at >= :'begin' and placed_at < :'end'" >mine.sql
    run pf-report --end '2026-11-03 02:00+02' --window '1 day' --out there mine.sql
    [[ $status == 0 && $(<there/mine.csv) == $'count\n7' && ! -e outputs ]]
    [[ $(PGTZ=Asia/Tokyo pf-report "${frame[@]}" "$root/reports/age.sql" &&
        head -n 2 outputs/age.csv | tail -n 1) == *'2026-11-02 00:30:00+00,90.00' ]]
}

@test "the machine's locale, time zone, encoding and Python change no report" {
    # Only UTF-8 encodes this character so.
    echo "select chr(233) as e, now()::text ~ '[+]00\$' as is_utc" >mine.sql
    local machine=(env LC_ALL=xx_YY.UTF-8 TZ=Asia/Kolkata PGTZ=Asia/Kolkata
        PGDATESTYLE=German PGCLIENTENCODING=LATIN1 PYTHONHOME=/nonexistent)
    run "${machine[@]}" pf-report "${frame[@]}" mine.sql
    echo "$output"
    [[ $status == 0 && ${#lines[@]} == 1 ]] # no complaint of perl's or psql's
    [[ $(<outputs/mine.csv) == $'e,is_utc\n\xc3\xa9,t' ]]
    "${machine[@]}" pf-report "${frame[@]}" --schedule '* * * * * *' mine.sql \
        2>log 3>&- &
    local reporter=$!
    eventually 10 again
    kill "$reporter"
    wait "$reporter"
}

again() {
    (($(grep -c '^pf-report: mine: 1 lines' log) >= 2))
}

@test "a report that fails leaves no file, the others are written, and the code is 1" {
    echo 'select 1 / 0 as x' >bad.sql
    run pf-report "${frame[@]}" bad.sql "$root/reports/age.sql"
    echo "$output"
    [[ $status == 1 && $output == *'division by zero'*'bad: failed'* ]]
    [[ $(ls -A outputs) == age.csv ]]
    run pf-report --end soon
    [[ $status == 1 && $output == *"no time frame"*"end 'soon'"* ]]
    run pf-report --window
    [[ $status == 2 && $output == *usage* ]]
    run pf-report --schedule 'now and then'
    [[ $status == 2 && $output == *'--schedule: '* ]]
}

@test "on a schedule: at once, and by the clock; a stop is heeded at once" {
    # Each second: a sixth field, which croniter has.
    pf-report "${frame[@]}" --schedule '* * * * * *' "$root/reports/age.sql" \
        2>log 3>&- &
    local reporter=$!
    eventually 10 test -s outputs/age.csv
    rm outputs/age.csv
    eventually 10 test -s outputs/age.csv
    local status=0
    SECONDS=0
    kill "$reporter"
    wait "$reporter" || status=$?
    [[ $status == 0 ]]
    in_time 2
}

@test "a schedule outlives a server that is away" {
    PGPORT=1 pf-report --schedule '* * * * * *' 2>log 3>&- &
    local reporter=$!
    eventually 20 goes_on
    kill "$reporter"
    wait "$reporter"
}

goes_on() {
    (($(grep -c "trying again at the schedule's next time" log) >= 2))
}
