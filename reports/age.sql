-- The age of each order fulfilled in the time frame: minutes from placed to
-- fulfilled.
SELECT id AS "order", customer, placed_at, fulfilled_at,
    round(extract(epoch FROM fulfilled_at - placed_at) / 60, 2) AS age_minutes
FROM orders
WHERE fulfilled_at >= :'begin' AND fulfilled_at < :'end'
ORDER BY fulfilled_at, id;
