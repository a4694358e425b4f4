-- The status of each order placed in the time frame, as of its end. What
-- happened later is ignored.
SELECT id AS "order", customer, amount, placed_at,
    CASE WHEN cancelled_at < :'end' THEN 'cancelled'
        WHEN fulfilled_at < :'end' THEN 'fulfilled'
        WHEN shipped_at < :'end' THEN 'shipped'
        WHEN paid_at < :'end' THEN 'paid'
        ELSE 'placed' END AS status
FROM orders
WHERE placed_at >= :'begin' AND placed_at < :'end'
ORDER BY placed_at, id;
