-- Writes changes of rows to the store (schema.sql). $1 is a batch of records; see
-- docs/postgres.md.

SELECT store.write($1);
