-- Questions to the table logs, for psql.

-- The newest problems, each in one line.
SELECT at, program, level, split_part(message, E'\n', 1) AS message
FROM log_problems
LIMIT 20;

-- How many records of each level each program has logged in the last hour.
SELECT container, program,
    count(*) FILTER (WHERE level = 'error') AS errors,
    count(*) FILTER (WHERE level = 'warning') AS warnings,
    count(*) AS records
FROM logs
WHERE at > now() - interval '1 hour'
GROUP BY container, program
ORDER BY errors DESC, warnings DESC, container, program;

-- What all programs have said in the ten seconds around the last error.
SELECT at, program, level, split_part(message, E'\n', 1) AS message
FROM logs
WHERE at BETWEEN (SELECT max(at) FROM logs WHERE level = 'error')
        - interval '5 seconds'
    AND (SELECT max(at) FROM logs WHERE level = 'error') + interval '5 seconds'
ORDER BY at, feed_offset;

-- Messages that come again and again: the same but for their numbers.
SELECT program, regexp_replace(split_part(message, E'\n', 1), '\d+', 'N', 'g')
        AS message,
    count(*), min(at) AS first, max(at) AS last
FROM logs
WHERE level <> 'info'
GROUP BY 1, 2
ORDER BY 3 DESC, 1, 2
LIMIT 20;

-- Every stack trace, with the class of its exception.
SELECT at, program, substring(message FROM '\n([A-Za-z0-9_.$]+)(:|\n)') AS
    exception, message
FROM logs
WHERE message LIKE E'%\n\tat %'
ORDER BY at DESC
LIMIT 5;
