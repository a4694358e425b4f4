-- schema.sql - a store with the rows of three databases, and what became of them;
-- mapping.sql fills it, README.md describes it. Applied at each start of
-- pf-consumer, so it creates only what is missing.

CREATE SCHEMA IF NOT EXISTS store;

-- Every change, once. A snapshot is one only where it finds a row changed.
CREATE TABLE IF NOT EXISTS store.history (
    source text NOT NULL,
    "table" text NOT NULL,
    key jsonb NOT NULL,
    position bigint[] NOT NULL,
    operation text NOT NULL
        CHECK (operation IN ('snapshot', 'insert', 'update', 'delete')),
    before jsonb,
    after jsonb,
    changed_at timestamptz NOT NULL,
    captured_at timestamptz NOT NULL,
    stored_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (source, "table", key, position)
);
CREATE INDEX IF NOT EXISTS history_changed_at ON store.history (changed_at);

-- The rows of a table as they are now. The types are wider than the databases' own,
-- so that a column that is widened there needs nothing here; what becomes of a column
-- that is not here is in extra. A row that was deleted stays, with its last values.
CREATE TABLE IF NOT EXISTS store.series (
    id bigint PRIMARY KEY,
    name text,
    popularity numeric,
    at timestamptz,
    extra jsonb,
    source text NOT NULL,
    position bigint[] NOT NULL,
    operation text NOT NULL,
    deleted boolean NOT NULL,
    changed_at timestamptz NOT NULL,
    captured_at timestamptz NOT NULL,
    stored_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE IF NOT EXISTS store.movies (
    id bigint PRIMARY KEY,
    title text,
    popularity numeric,
    at timestamptz,
    extra jsonb,
    source text NOT NULL,
    position bigint[] NOT NULL,
    operation text NOT NULL,
    deleted boolean NOT NULL,
    changed_at timestamptz NOT NULL,
    captured_at timestamptz NOT NULL,
    stored_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE IF NOT EXISTS store.persons (
    _id bigint PRIMARY KEY,
    name text,
    popularity double precision,
    at timestamptz,
    extra jsonb,
    source text NOT NULL,
    position bigint[] NOT NULL,
    operation text NOT NULL,
    deleted boolean NOT NULL,
    changed_at timestamptz NOT NULL,
    captured_at timestamptz NOT NULL,
    stored_at timestamptz NOT NULL DEFAULT now()
);

-- The rows of all other tables.
CREATE TABLE IF NOT EXISTS store.other (
    source text,
    "table" text,
    key jsonb,
    data jsonb NOT NULL,
    position bigint[] NOT NULL,
    operation text NOT NULL,
    deleted boolean NOT NULL,
    changed_at timestamptz NOT NULL,
    captured_at timestamptz NOT NULL,
    stored_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (source, "table", key)
);

-- Which table of a database is which one here.
CREATE TABLE IF NOT EXISTS store.captured (
    source text,
    "table" text,
    stored_in regclass NOT NULL UNIQUE,
    PRIMARY KEY (source, "table")
);
INSERT INTO store.captured (source, "table", stored_in) VALUES
    ('postgres', 'series', 'store.series'),
    ('mysql', 'movies', 'store.movies'),
    ('mongodb', 'persons', 'store.persons')
ON CONFLICT DO NOTHING;

-- The place where a change (its operation, position and time) belongs, if that is
-- after a row's own; else NULL. Positions of a row grow, with one exception: a
-- transaction that was under way when PostgreSQL's snapshot was taken is newer, but
-- has a place before it. Such a one has a position of one number, and ends after the
-- snapshot's time or not long before; its place is then right after the snapshot, and
-- that of its next change of the row after that one.
CREATE OR REPLACE FUNCTION store.place(
    new_operation text, new_position bigint[], new_time timestamptz,
    old_operation text, old_position bigint[], old_time timestamptz
) RETURNS bigint[] LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE
        WHEN new_position > old_position THEN new_position
        WHEN cardinality(new_position) = 1 AND new_operation <> 'snapshot'
            AND old_operation = 'snapshot'
            AND new_time > old_time - interval '1 minute'
        THEN old_position || new_position
        WHEN cardinality(new_position) = 1 AND new_operation <> 'snapshot'
            AND cardinality(old_position) = 2
            AND new_position[1] > old_position[2]
        THEN old_position[1:1] || new_position
    END
$$;

-- Store a batch of changes; mapping.sql calls it with what pf-consumer gives it.
CREATE OR REPLACE FUNCTION store.write(batch jsonb) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    changes store.history[];
    part record;
    own text[]; -- columns that are the database's; and as lists in SQL:
    names text;
    news text;
    keys text;
    read text; -- names and keys, of the row that is read
    read_keys text;
BEGIN
    SELECT array_agg(change) INTO changes
    FROM jsonb_to_recordset(batch) AS r(value jsonb),
        jsonb_populate_record(NULL::store.history, value) AS change;

    INSERT INTO store.history (source, "table", key, position, operation, before,
        after, changed_at, captured_at)
    SELECT source, "table", key, position, operation, before, after, changed_at,
        captured_at
    FROM unnest(changes)
    WHERE operation <> 'snapshot'
    ON CONFLICT DO NOTHING;
    -- One snapshot after the other: each is held against what was before it.
    FOR part IN SELECT DISTINCT source, position FROM unnest(changes)
        WHERE operation = 'snapshot' ORDER BY source, position
    LOOP
        INSERT INTO store.history (source, "table", key, position, operation, before,
            after, changed_at, captured_at)
        SELECT source, "table", key, position, operation, before, after, changed_at,
            captured_at
        FROM unnest(changes) AS c
        WHERE operation = 'snapshot' AND source = part.source
            AND position = part.position
            AND after IS DISTINCT FROM (
                SELECT h.after FROM store.history AS h
                WHERE h.source = c.source AND h."table" = c."table"
                    AND h.key = c.key AND h.position < c.position
                ORDER BY h.position DESC LIMIT 1)
        ON CONFLICT DO NOTHING;
    END LOOP;

    -- Snapshots first: store.place() wants what follows them after them.
    FOR part IN
        SELECT source, "table", operation = 'snapshot' AS snapshot, stored_in
        FROM unnest(changes) LEFT JOIN store.captured USING (source, "table")
        GROUP BY source, "table", snapshot, stored_in
        ORDER BY snapshot DESC, source, "table"
    LOOP
        IF part.stored_in IS NULL THEN
            INSERT INTO store.other AS s (source, "table", key, data, position,
                operation, deleted, changed_at, captured_at)
            SELECT DISTINCT ON (key) source, "table", key,
                coalesce(after, before, '{}') || key, position, operation,
                operation = 'delete', changed_at, captured_at
            FROM unnest(changes)
            WHERE source = part.source AND "table" = part."table"
                AND (operation = 'snapshot') = part.snapshot
            ORDER BY key, position DESC
            ON CONFLICT (source, "table", key) DO UPDATE SET
                data = EXCLUDED.data,
                position = store.place(EXCLUDED.operation, EXCLUDED.position,
                    EXCLUDED.changed_at, s.operation, s.position, s.changed_at),
                operation = EXCLUDED.operation, deleted = EXCLUDED.deleted,
                changed_at = EXCLUDED.changed_at,
                captured_at = EXCLUDED.captured_at, stored_at = now()
            WHERE store.place(EXCLUDED.operation, EXCLUDED.position,
                EXCLUDED.changed_at, s.operation, s.position, s.changed_at)
                IS NOT NULL;
            CONTINUE;
        END IF;

        SELECT array_agg(attname),
            string_agg(quote_ident(attname), ', '),
            string_agg('EXCLUDED.' || quote_ident(attname), ', '),
            string_agg(quote_ident(attname), ', ')
                FILTER (WHERE attnum = ANY (indkey)),
            string_agg('r.' || quote_ident(attname), ', '),
            string_agg('r.' || quote_ident(attname), ', ')
                FILTER (WHERE attnum = ANY (indkey))
        INTO STRICT own, names, news, keys, read, read_keys
        FROM pg_attribute JOIN pg_index
            ON indrelid = attrelid AND indisprimary
        WHERE attrelid = part.stored_in AND attnum > 0
            AND NOT attisdropped AND attgenerated = '' AND attname NOT IN (
                'extra', 'source', 'position', 'operation', 'deleted',
                'changed_at', 'captured_at', 'stored_at');
        EXECUTE format($statement$
            INSERT INTO %1$s AS s (%2$s, extra, source, position, operation, deleted,
                changed_at, captured_at)
            SELECT DISTINCT ON (%6$s) %5$s, nullif(d.data - $2, '{}'), c.source,
                c.position, c.operation, c.operation = 'delete', c.changed_at,
                c.captured_at
            FROM unnest($1) AS c,
                LATERAL (SELECT coalesce(after, before, '{}') || key AS data) AS d,
                LATERAL jsonb_populate_record(NULL::%1$s, d.data) AS r
            WHERE c.source = $3 AND c."table" = $4
                AND (c.operation = 'snapshot') = $5
            ORDER BY %6$s, c.position DESC
            ON CONFLICT (%3$s) DO UPDATE SET
                (%2$s, extra, source, operation, deleted, changed_at, captured_at)
                    = ROW (%4$s, EXCLUDED.extra, EXCLUDED.source,
                        EXCLUDED.operation, EXCLUDED.deleted, EXCLUDED.changed_at,
                        EXCLUDED.captured_at),
                position = store.place(EXCLUDED.operation, EXCLUDED.position,
                    EXCLUDED.changed_at, s.operation, s.position, s.changed_at),
                stored_at = now()
            WHERE store.place(EXCLUDED.operation, EXCLUDED.position,
                EXCLUDED.changed_at, s.operation, s.position, s.changed_at)
                IS NOT NULL
            $statement$, part.stored_in, names, keys, news, read, read_keys)
        USING changes, own, part.source, part."table", part.snapshot;
    END LOOP;
END
$$;

-- What all three databases have, in one form.
CREATE OR REPLACE VIEW store.items AS
    SELECT 'series' AS kind, id, name, popularity, at, source, changed_at
    FROM store.series WHERE NOT deleted
    UNION ALL
    SELECT 'movie', id, title, popularity, at, source, changed_at
    FROM store.movies WHERE NOT deleted
    UNION ALL
    SELECT 'person', _id, name, popularity::numeric, at, source, changed_at
    FROM store.persons WHERE NOT deleted;

-- Columns of the databases that have no column of their own here yet.
CREATE OR REPLACE VIEW store.unknown AS
    SELECT source, 'series' AS "table", jsonb_object_keys(extra) AS "column",
        count(*) AS rows
    FROM store.series GROUP BY 1, 2, 3
    UNION ALL
    SELECT source, 'movies', jsonb_object_keys(extra), count(*)
    FROM store.movies GROUP BY 1, 2, 3
    UNION ALL
    SELECT source, 'persons', jsonb_object_keys(extra), count(*)
    FROM store.persons GROUP BY 1, 2, 3
    UNION ALL
    SELECT source, "table", jsonb_object_keys(data), count(*)
    FROM store.other GROUP BY 1, 2, 3;

-- Who only reads, such as the query API of pf-web: give it a password, or make
-- somebody a member. If the consumer's role may not create roles, somebody else can.
DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'store_reader') THEN
        CREATE ROLE store_reader LOGIN;
        ALTER ROLE store_reader SET default_transaction_read_only = on;
        ALTER ROLE store_reader SET statement_timeout = '5s';
    END IF;
    GRANT USAGE ON SCHEMA store TO store_reader;
    GRANT SELECT ON ALL TABLES IN SCHEMA store TO store_reader;
    ALTER DEFAULT PRIVILEGES IN SCHEMA store GRANT SELECT ON TABLES TO store_reader;
EXCEPTION WHEN insufficient_privilege THEN
    RAISE WARNING 'there is no role store_reader: %', SQLERRM;
END $$;
