-- movies.sql - the database of MariaDB that changes.yml captures, as it is when its
-- server is first started. start-mariadb puts the two passwords into @capture and
-- @writer before.

CREATE DATABASE maf;
USE maf;
CREATE TABLE movies (
    id int PRIMARY KEY,
    title varchar(200) NOT NULL,
    popularity decimal(8,3),
    at timestamp(3) NOT NULL DEFAULT current_timestamp(3)
);
INSERT INTO movies (id, title, popularity)
    SELECT seq, CONCAT('Movie ', seq), seq * 0.125 FROM seq_1_to_100;

-- Who captures reads the tables and follows the binary log. RELOAD and LOCK TABLES
-- are for the snapshot, which holds changes up for a moment.
EXECUTE IMMEDIATE CONCAT('CREATE USER capture IDENTIFIED BY ', QUOTE(@capture));
GRANT SELECT, RELOAD, LOCK TABLES, SHOW DATABASES, REPLICATION SLAVE,
    BINLOG MONITOR ON *.* TO capture;
EXECUTE IMMEDIATE CONCAT('CREATE USER writer IDENTIFIED BY ', QUOTE(@writer));
GRANT ALL PRIVILEGES ON maf.* TO writer;
