-- Tables for order events; mapping.sql fills them. Applied at each start of
-- pf-consumer, so it creates only what is missing.

CREATE TABLE IF NOT EXISTS customers (
    id bigint PRIMARY KEY,
    name text NOT NULL
);

-- An order's life: what has not happened yet is NULL.
CREATE TABLE IF NOT EXISTS orders (
    id bigint PRIMARY KEY,
    customer bigint NOT NULL REFERENCES customers,
    amount numeric(12,2) NOT NULL CHECK (amount >= 0),
    placed_at timestamptz,
    paid_at timestamptz,
    shipped_at timestamptz,
    fulfilled_at timestamptz,
    cancelled_at timestamptz
);
CREATE INDEX IF NOT EXISTS orders_placed_at ON orders (placed_at);
CREATE INDEX IF NOT EXISTS orders_fulfilled_at ON orders (fulfilled_at);

-- One row for each record of the topic, with its place there.
CREATE TABLE IF NOT EXISTS events (
    topic text,
    partition integer,
    feed_offset bigint,
    event bigint NOT NULL,
    order_id bigint NOT NULL REFERENCES orders,
    kind text NOT NULL
        CHECK (kind IN ('placed', 'paid', 'shipped', 'fulfilled', 'cancelled')),
    at timestamptz NOT NULL,
    PRIMARY KEY (topic, partition, feed_offset)
);
CREATE INDEX IF NOT EXISTS events_order_id ON events (order_id);
