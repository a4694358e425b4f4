-- Writes log records to the table logs (schema.sql). $1 is a batch of records, $2
-- their topic, $3 their partition; see docs/postgres.md.

INSERT INTO logs (topic, partition, feed_offset, container, program, level, at,
    message)
SELECT $2, $3, "offset", value ->> 'container', value ->> 'program',
    value ->> 'level', (value ->> 'time')::timestamptz, value ->> 'message'
FROM jsonb_to_recordset($1) AS r(value jsonb, "offset" bigint);
