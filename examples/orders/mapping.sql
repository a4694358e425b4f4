-- Writes order events to the tables customers, orders and events (schema.sql).
-- $1 is a batch of records, $2 their topic, $3 their partition; see
-- docs/postgres.md.
--
-- A batch may have several events of one order, and the order or its customer
-- may be in the table already: each row is written once, with what is new.

INSERT INTO customers AS c (id, name)
SELECT DISTINCT ON (id) (value #>> '{customer,id}')::bigint AS id,
    value #>> '{customer,name}'
FROM jsonb_to_recordset($1) AS r(value jsonb, "offset" bigint)
ORDER BY id, "offset" DESC
ON CONFLICT (id) DO UPDATE SET name = EXCLUDED.name
WHERE c.name <> EXCLUDED.name;

INSERT INTO orders AS o (id, customer, amount, placed_at, paid_at, shipped_at,
    fulfilled_at, cancelled_at)
SELECT id, min(customer), min(amount),
    min(at) FILTER (WHERE kind = 'placed'),
    min(at) FILTER (WHERE kind = 'paid'),
    min(at) FILTER (WHERE kind = 'shipped'),
    min(at) FILTER (WHERE kind = 'fulfilled'),
    min(at) FILTER (WHERE kind = 'cancelled')
FROM jsonb_to_recordset($1) AS r(value jsonb),
    LATERAL (SELECT (value #>> '{order,id}')::bigint AS id,
        (value #>> '{customer,id}')::bigint AS customer,
        (value #>> '{order,amount}')::numeric AS amount,
        value ->> 'kind' AS kind, (value ->> 'at')::timestamptz AS at) AS e
GROUP BY id
ON CONFLICT (id) DO UPDATE SET
    placed_at = coalesce(o.placed_at, EXCLUDED.placed_at),
    paid_at = coalesce(o.paid_at, EXCLUDED.paid_at),
    shipped_at = coalesce(o.shipped_at, EXCLUDED.shipped_at),
    fulfilled_at = coalesce(o.fulfilled_at, EXCLUDED.fulfilled_at),
    cancelled_at = coalesce(o.cancelled_at, EXCLUDED.cancelled_at);

INSERT INTO events (topic, partition, feed_offset, event, order_id, kind, at)
SELECT $2, $3, "offset", (value ->> 'event')::bigint,
    (value #>> '{order,id}')::bigint, value ->> 'kind',
    (value ->> 'at')::timestamptz
FROM jsonb_to_recordset($1) AS r(value jsonb, "offset" bigint);
