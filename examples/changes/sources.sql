-- sources.sql - the databases of PostgreSQL that changes.yml captures, as they are
-- when their server is first started.
--
-- maf is an application's database; documents is where the document store keeps its
-- collections. Who captures may read both and follow their changes, and no more.
-- CAPTURE_PASSWORD and WRITER_PASSWORD are in the environment.

\getenv capture CAPTURE_PASSWORD
\getenv writer WRITER_PASSWORD

-- Changes of rows are in the log from the next start on. A slot that nobody reads
-- keeps no more of the log than this: then it is lost, and a new snapshot is needed.
ALTER SYSTEM SET wal_level = 'logical';
ALTER SYSTEM SET max_slot_wal_keep_size = '1GB';

CREATE ROLE capture LOGIN REPLICATION PASSWORD :'capture';
CREATE ROLE writer LOGIN PASSWORD :'writer';
CREATE ROLE documents LOGIN PASSWORD :'writer';

CREATE DATABASE maf;
\connect maf
CREATE SCHEMA maf AUTHORIZATION writer;
-- Tables that are added to the schema are captured, too.
CREATE PUBLICATION capture FOR TABLES IN SCHEMA maf;
GRANT USAGE ON SCHEMA maf TO capture;
ALTER DEFAULT PRIVILEGES FOR ROLE writer IN SCHEMA maf
    GRANT SELECT ON TABLES TO capture;
SET ROLE writer;
CREATE TABLE maf.series (
    id integer PRIMARY KEY,
    name text NOT NULL,
    popularity numeric(8,3),
    at timestamptz NOT NULL DEFAULT now()
);
-- What a change or a deletion replaced is in the log, too.
ALTER TABLE maf.series REPLICA IDENTITY FULL;
INSERT INTO maf.series (id, name, popularity)
    SELECT i, 'Series ' || i, i * 0.125 FROM generate_series(1, 100) AS i;
RESET ROLE;

-- The document store wants names to be compared byte by byte.
CREATE DATABASE documents OWNER documents TEMPLATE template0
    LC_COLLATE 'C' LC_CTYPE 'C.UTF-8';
\connect documents
CREATE PUBLICATION capture FOR ALL TABLES;
ALTER DEFAULT PRIVILEGES FOR ROLE documents GRANT USAGE ON SCHEMAS TO capture;
ALTER DEFAULT PRIVILEGES FOR ROLE documents GRANT SELECT ON TABLES TO capture;

-- Its tables have no primary key, so that a change names the whole document.
CREATE FUNCTION identify() RETURNS event_trigger LANGUAGE plpgsql AS $$
DECLARE
    made record;
BEGIN
    FOR made IN SELECT * FROM pg_event_trigger_ddl_commands()
        WHERE command_tag = 'CREATE TABLE' AND object_type = 'table'
    LOOP
        EXECUTE format('ALTER TABLE %s REPLICA IDENTITY FULL', made.object_identity);
    END LOOP;
END
$$;
CREATE EVENT TRIGGER identify ON ddl_command_end WHEN TAG IN ('CREATE TABLE')
    EXECUTE FUNCTION identify();
