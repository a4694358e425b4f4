# changes.bash - what the drills of compose-pipeline/changes.yml share: the
# composition as a project of the drill's own, what its databases were told, and the
# comparison with the store.
# shellcheck shell=bash disable=SC2034,SC2154 # for drill.bash, and from it
#
# Sourced after drill.bash, of which it replaces what is about a single container.
# The project is in $dir/project; each service's log is then in $dir/logs, and what the
# topics had in $dir/topics, if the drill has failed.

export COMPOSE_PROJECT_NAME=$feed COMPOSE_FILE=$dir/project/compose-pipeline/changes.yml
export FEED_PORT WEB_ENABLED=false

# shellcheck source=tests/compose.bash
source "$root/tests/compose.bash"
# shellcheck source=tests/ports.bash
source "$root/tests/ports.bash"

# start_changes: start it, with changes of the drill's seed, and wait until the store
# has all rows.
start_changes() {
    local target
    for target in client postgres mariadb documents connect; do
        docker build --quiet --target "$target" --tag "$image-$target" "$root" \
            >"$dir/build" || fail "no image $target: $(tail -n 1 "$dir/build")"
    done
    FEED_PORT=$(unused_port)
    mkdir -p "$dir/project/compose-pipeline"
    cp -r "$root/config" "$root/examples" "$dir/project/"
    chmod -R a+rX "$dir/project"
    sed -E -e "s/image: pricefeed(-[a-z]+)?$/image: ${image//\//\\/}\1/" \
        "$root/compose-pipeline/changes.yml" >"$COMPOSE_FILE"
    export CHANGES_SEED=$seed
    compose up --no-build --detach 2>"$dir/up"
    agrees 180
}

# agrees SECONDS: store and databases are the same by then. It $took so long.
agrees() {
    local began
    began=$(now_ns)
    eventually "$1" are_the_same ||
        fail "store and databases differ: $(tail -n 3 "$dir/compare" | paste -sd ' ')"
    took=$(seconds_since "$began")
}

are_the_same() {
    "$root/compose-pipeline/compare-changes" 2 >"$dir/compare" 2>&1
}

# postgres DATABASE, mariadb and store: run the SQL on standard input.
postgres() {
    compose exec -T changes-postgres psql -qAtX -v ON_ERROR_STOP=1 -U feed -d "$1"
}

mariadb() {
    # shellcheck disable=SC2016 # for the shell in the container
    compose exec -T changes-mariadb sh -c \
        'exec mariadb --no-defaults -N -r --socket="$PF_RUN/mariadb.sock" -u root'
}

store() {
    compose exec -T changes-store psql -qAtX -v ON_ERROR_STOP=1 -F ' ' -U feed -d feed
}

# log_changes: from now on triggers write each change of a row to drill.made, in its
# own transaction; the store forgets its history.
log_changes() {
    local table
    postgres maf <<<"$(made_by 'NEW.id, NEW.name, NEW.popularity, NEW.at' OLD.id maf.series)"
    table=$(postgres documents <<<"SELECT oid::regclass FROM pg_class
        WHERE relnamespace = 'maf'::regnamespace AND relname ~ '^persons_[0-9a-f]{8}\$'")
    postgres documents <<<"$(made_by "(NEW._jsonb ->> '_id')::bigint, NEW._jsonb ->> 'name',
        round((NEW._jsonb ->> 'popularity')::numeric, 3),
        to_timestamp((NEW._jsonb ->> 'at')::numeric / 1000)" \
        "(OLD._jsonb ->> '_id')::bigint" "$table")"
    mariadb <<'SQL'
CREATE DATABASE made;
CREATE TABLE made.made (operation text, id bigint, name text CHARACTER SET utf8mb4,
    popularity decimal(8,3), at timestamp(3) NULL);
CREATE TRIGGER maf.made_1 AFTER INSERT ON maf.movies FOR EACH ROW INSERT INTO made.made
    VALUES ('insert', NEW.id, NEW.title, NEW.popularity, NEW.at);
CREATE TRIGGER maf.made_2 AFTER UPDATE ON maf.movies FOR EACH ROW INSERT INTO made.made
    VALUES ('update', NEW.id, NEW.title, NEW.popularity, NEW.at);
CREATE TRIGGER maf.made_3 AFTER DELETE ON maf.movies FOR EACH ROW INSERT INTO made.made
    VALUES ('delete', OLD.id, NULL, NULL, NULL);
SQL
    store <<<'DELETE FROM store.history'
}

# made_by NEW OLD TABLE: the SQL of PostgreSQL for that.
made_by() {
    cat <<SQL
CREATE SCHEMA drill;
CREATE TABLE drill.made (operation text, id bigint, name text, popularity numeric,
    at timestamptz);
CREATE FUNCTION drill.make() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS \$\$
BEGIN
    IF TG_OP = 'DELETE' THEN
        INSERT INTO drill.made VALUES ('delete', $2);
    ELSE
        INSERT INTO drill.made VALUES (lower(TG_OP), $1);
    END IF;
    RETURN NULL;
END
\$\$;
CREATE TRIGGER made AFTER INSERT OR UPDATE OR DELETE ON $3
    FOR EACH ROW EXECUTE FUNCTION drill.make();
SQL
}

# What was made, and what the history has, as the same lines.
made_columns="operation, id, upper(encode(convert_to(coalesce(name, ''), 'UTF8'), 'hex')),
    coalesce(round(popularity, 3)::text, '-'),
    coalesce(round(extract(epoch FROM at) * 1000)::text, '-')"

made() {
    case $1 in
    series) postgres maf <<<"SELECT concat_ws(' ', $made_columns) FROM drill.made" ;;
    persons) postgres documents <<<"SELECT concat_ws(' ', $made_columns) FROM drill.made" ;;
    movies) mariadb <<<"SET time_zone = '+00:00', names utf8mb4; SELECT concat_ws(' ',
        operation, id, hex(coalesce(name, '')), coalesce(popularity, '-'),
        coalesce(round(unix_timestamp(at) * 1000), '-')) FROM made.made" ;;
    esac
}

in_history() {
    local title=name # what the table calls it
    [ "$1" != movies ] || title=title
    store <<<"SELECT concat_ws(' ', $made_columns) FROM (
        SELECT h.operation, coalesce(h.key ->> 'id', h.key ->> '_id')::bigint AS id,
            r.$title AS name, r.popularity::numeric, r.at
        FROM store.history AS h, jsonb_populate_record(NULL::store.$1,
            CASE WHEN h.operation <> 'delete' THEN h.after END) AS r
        WHERE \"table\" = '$1') AS h"
}

# each_once: the history has each change that was made, once, and no other.
each_once() {
    local table
    for table in series movies persons; do
        made "$table" | LC_ALL=C sort >"$dir/made.$table"
        in_history "$table" | LC_ALL=C sort >"$dir/history.$table"
        cmp -s "$dir/made.$table" "$dir/history.$table" ||
            fail "$table: $(wc -l <"$dir/made.$table") changes were made," \
                "$(LC_ALL=C comm -23 "$dir/made.$table" "$dir/history.$table" | wc -l)" \
                "of them are not in the history," \
                "$(LC_ALL=C comm -13 "$dir/made.$table" "$dir/history.$table" | wc -l)" \
                "are there that were not made, or twice"
        note "$(wc -l <"$dir/made.$table") changes of $table, each once"
    done
}

# signal_part SIGNAL PART: to the first process of a service, or to a program of the
# feed. One that is not back yet is left alone.
signal_part() {
    local pid
    case $2 in
    kafka | zookeeper | consumer)
        compose exec -T changes-feed sh -s -- "$1" "$2" <"$here/inside/signal" || :
        ;;
    *)
        pid=$(docker inspect --format '{{.State.Pid}}' "$(compose ps -q "changes-$2")")
        now_ns
        ((pid == 0)) || kill -s "$1" "$pid"
        ;;
    esac
}

# Where a change was last seen: in a topic, among the dead letters, or in the store.
show_feed() {
    local topic
    keep_logs
    mkdir -p "$dir/topics"
    for topic in postgres.maf.series mysql.maf.movies mongodb.maf.persons changes \
        changes-dead; do
        timeout 30 kcat -b "localhost:$FEED_PORT" -C -t "$topic" -e -q \
            -X isolation.level=read_committed -f '%p %o %k %s\n' >"$dir/topics/$topic"
    done
    store <<<'TABLE store.history' >"$dir/topics/history"
    compose exec -T changes-connect cat /run/pricefeed/log/connect.log \
        >"$dir/logs/connect.log"
    compose ps
    tail -n 5 "$dir"/logs/*
}

keep_logs() {
    local service
    mkdir -p "$dir/logs"
    for service in $(compose config --services); do
        compose logs --no-color "$service" >"$dir/logs/$service" 2>&1
    done
}

remove_feed() {
    [ -e "$COMPOSE_FILE" ] || return 0
    keep_logs
    compose down --volumes --timeout 10
}
