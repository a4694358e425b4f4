-- Estimates how many of the open orders will be cancelled, by their age in
-- whole minutes, from the orders placed in the time frame:
--
-- open       orders of this age that are neither fulfilled nor cancelled
-- cancelled  orders that were cancelled at this age
-- share      of the orders that ended at this age or later, the part that was
--            cancelled: the probability that an open order of this age will be.
--            Empty: no order has ended at this age or later, so it is unknown
-- estimate   open times share
--
-- Ages at which no order is open and none was cancelled are left out.
WITH placed AS (
    SELECT placed_at, least(fulfilled_at, cancelled_at) AS ended_at,
        cancelled_at < :'end' AS is_cancelled
    FROM orders
    WHERE placed_at >= :'begin' AND placed_at < :'end'
), aged AS (
    SELECT floor(extract(epoch FROM least(ended_at, :'end') - placed_at) / 60)
            AS age,
        coalesce(ended_at < :'end', false) AS has_ended,
        coalesce(is_cancelled, false) AS is_cancelled
    FROM placed
), counted AS (
    SELECT age, count(*) FILTER (WHERE NOT has_ended) AS open,
        count(*) FILTER (WHERE is_cancelled) AS cancelled,
        count(*) FILTER (WHERE has_ended) AS ended
    FROM aged GROUP BY age
), shared AS (
    SELECT age, open, cancelled,
        sum(cancelled) OVER later / nullif(sum(ended) OVER later, 0) AS share
    FROM counted WINDOW later AS (ORDER BY age DESC)
)
SELECT age AS age_minutes, open, cancelled, round(share, 4) AS share,
    round(open * share, 2) AS estimate
FROM shared WHERE open > 0 OR cancelled > 0
ORDER BY age;
