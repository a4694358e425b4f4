-- A table for logs; mapping.sql fills it. Applied at each start of pf-consumer,
-- so it creates only what is missing.

CREATE TABLE IF NOT EXISTS logs (
    topic text,
    partition integer,
    feed_offset bigint,
    container text NOT NULL,
    program text NOT NULL,
    level text NOT NULL
        CHECK (level IN ('error', 'warning', 'info', 'debug')),
    at timestamptz NOT NULL,
    message text NOT NULL,
    PRIMARY KEY (topic, partition, feed_offset)
);
CREATE INDEX IF NOT EXISTS logs_at ON logs (at);

-- What somebody should look at, the newest first.
CREATE OR REPLACE VIEW log_problems AS
    SELECT at, container, program, level, message
    FROM logs
    WHERE level IN ('error', 'warning')
    ORDER BY at DESC;
