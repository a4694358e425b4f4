// answers.mjs - what the stand-in answers, by the contract of pf-web's API.

import * as made from './made-up.mjs';

const LOOK = 20000; // records that one request looks at

const LEVELS = ['debug', 'info', 'warning', 'error'];
const atLeast = level => line =>
    LEVELS.indexOf(line.level) >= LEVELS.indexOf(level ?? 'debug');

export class NotFound extends Error {}

export function json(answer, value, status = 200) {
    answer.writeHead(status, {'Content-Type': 'application/json'});
    answer.end(JSON.stringify(value));
}

export function api(feed, parts, query, answer) {
    const [what, name, ...rest] = parts;
    const events = parts.at(-1) === 'events';
    if (what === 'now') {
        return events ? stream(answer, feed, 1000, 'now', () => now(feed)) :
            json(answer, now(feed));
    }
    if (what === 'history') {
        return json(answer, history(feed));
    }
    if (what === 'prices') {
        if (feed.empty) {
            throw new NotFound('There is no price table here: the consumer ' +
                'does not run beside this page.');
        }
        return events ? prices(feed, answer) : json(answer, {
            per_second: 1000000, matches: frame(feed, 1).map(
                ([match, last, change, low, high, count]) =>
                    ({match, last, change, low, high, count})),
        });
    }
    if (what === 'candles') {
        return events ? candles(feed, Number(rest[0]), answer) :
            json(answer, {topics: feed.candles});
    }
    if (what === 'topics') {
        return topics(feed, name, rest, query, answer);
    }
    if (what === 'groups') {
        return name === undefined ? json(answer, {groups: feed.empty ? [] :
            Object.values(made.groups).map(group => ({name: group.name,
                state: group.state, members: group.members.length,
                lag: group.positions.reduce((sum, at) => sum + at.lag, 0)}))}) :
            json(answer, known(made.groups, name, 'group'));
    }
    if (what === 'store' && feed.store) {
        return store(answer, name, rest, query);
    }
    if (what === 'logs') {
        return logs(feed, name, events, query, answer);
    }
    throw new NotFound('There is no such resource.');
}

// JSON as PostgreSQL writes it: JSON.stringify() would lose digits.
function text(answer, json) {
    answer.writeHead(200, {'Content-Type': 'application/json'});
    answer.end(json);
}

function store(answer, name, [key, history], query) {
    if (name === undefined) {
        return json(answer, {schema: 'store', tables: made.tables});
    }
    known(Object.fromEntries(made.tables.map(one => [one.name, one])), name,
        'table');
    if (key === undefined) {
        return json(answer, {rows: [{id: 7}, {id: 8}], next: null});
    }
    if (name !== 'series' || key !== '7') {
        throw new NotFound(`${name} has no row with the key ${key}`);
    }
    return text(answer, history === undefined ? made.row :
        query.get('cursor') ? `{"rows":[${made.changes[2]}],"next":null}` :
            `{"rows":[${made.changes.slice(0, 2)}],"next":"8d3f-5b"}`);
}

function known(map, name, kind) {
    if (!Object.hasOwn(map, name)) {
        throw new NotFound(`There is no ${kind} '${name}'.`);
    }
    return map[name];
}

// Send what `data` returns as an event every `every_ms`; null: not now.
function stream(answer, feed, every_ms, event, data) {
    answer.writeHead(200, {'Content-Type': 'text/event-stream'});
    answer.flushHeaders();
    const send = () => {
        const value = feed.silent ? null : data();
        if (value !== null) {
            answer.write(`event: ${event}\ndata: ${JSON.stringify(value)}\n\n`);
        }
    };
    send();
    const timer = setInterval(send, every_ms);
    feed.streams++;
    answer.on('close', () => {
        feed.streams--;
        clearInterval(timer);
    });
}

const wave = (at, period) => Math.sin(2 * Math.PI * at / period);

function figures(at) {
    const produced = 1000 + 40 * wave(at, 97) + 15 * wave(at, 11);
    const late = at % 240 < 12;
    return {
        produced_per_second: Math.round(produced),
        printed_per_second: Math.round(produced - (late ? 180 : 0)),
        lag: late ? 900 + 80 * (at % 240) : Math.round(4 + 3 * wave(at, 17)),
        latency_p50_seconds: 0.0031 + 0.0004 * wave(at, 31),
        latency_p99_seconds: late ? 0.061 : 0.0082 + 0.001 * wave(at, 53),
    };
}

function now(feed) {
    const at = Math.round(Date.now() / 1000);
    const is = figures(at);
    const empty = feed.empty;
    return {
        health: feed.health, version: '0.1.0', time: new Date().toISOString(),
        uptime_seconds: empty ? 1 : 93784,
        produced_per_second: empty ? null : is.produced_per_second,
        printed_per_second: empty ? null : is.printed_per_second,
        lag: empty ? null : is.lag, printed: empty ? null : 93741250,
        latency_seconds: empty ? null : {p50: is.latency_p50_seconds,
            p99: is.latency_p99_seconds, max: 0.0894},
        refused: empty ? [] : made.refused,
        programs: empty ? [] : made.programs,
    };
}

function history(feed) {
    const until = Math.floor(Date.now() / 1000);
    const n = feed.empty ? 0 : 600;
    const series = {};
    for (let i = n - 1; i >= 0; i--) {
        const is = figures(until - i);
        for (const name of Object.keys(is)) {
            // The page was not there for a while.
            (series[name] ??= []).push(i > 400 && i < 430 ? null : is[name]);
        }
    }
    for (const name of Object.keys(figures(0))) {
        series[name] ??= [];
    }
    return {step_seconds: 1, until: new Date(until * 1000).toISOString(), series};
}

// A frame of prices with every `step`th match.
function frame(feed, step) {
    const rows = [];
    for (let match = 100; match < 100 + feed.matches; match += step) {
        const last = 100 + Math.floor(Math.random() * 901);
        const change = match === 100 ? null :
            Math.floor(Math.random() * 901) - 450;
        rows.push([match, last / 100, change === null ? null : change / 100,
            1.0, 10.0, Math.floor(Date.now() / 1000) % 1000000 + match]);
    }
    return rows;
}

function prices(feed, answer) {
    let first = true;
    stream(answer, feed, feed.frames_ms, 'prices', () => {
        const all = first;
        first = false;
        return {per_second: 1013204, all, matches: frame(feed, 1)};
    });
}

// The last 120 candles of a match, and one more each second.
function candles(feed, match, answer) {
    const of = at => {
        const [open, close] = [at - 1, at].map(
            i => 550 + Math.round(300 * wave(i + match, 37)));
        const row = [open, Math.max(open, close) + 20,
            Math.min(open, close) - 30, close];
        return [at, ...row.map(ticks => ticks / 100), 1 + at % 9];
    };
    let last = Math.floor(Date.now() / 1000) - 120;
    stream(answer, feed, 1000, 'candles', () => {
        const until = Math.floor(Date.now() / 1000);
        const come = [];
        while (last < until) {
            come.push(of(++last));
        }
        return come.length ? {seconds: 1, candles: come} : null;
    });
}

function topics(feed, name, [kind, partition, , offset, last], query, answer) {
    if (name === undefined) {
        return json(answer, {topics: feed.empty ? [] :
            Object.keys(made.topics).map(made.topicOf).map(topic => ({
                name: topic.name, partitions: topic.partitions.length,
                replicas: 1, internal: topic.internal,
                records: topic.records}))});
    }
    known(made.topics, name, 'topic');
    if (kind === undefined) {
        return json(answer, made.topicOf(name));
    }
    if (kind === 'records') {
        return query.has('jq') && !made.jq[query.get('jq')] ?
            json(answer, {error: 'in jq: line 2: syntax error, unexpected end ' +
                'of file'}, 400) : json(answer, records(name, query));
    }
    const found = made.recordOf(name, Number(partition), Number(offset));
    if (!found) {
        throw new NotFound(`There is no record at offset ${offset}.`);
    }
    if (last === undefined) {
        return json(answer, found);
    }
    answer.setHeader('Content-Type', 'application/octet-stream');
    answer.setHeader('Content-Disposition', 'attachment; filename="value"');
    answer.end(found.value.text ?? Buffer.from(found.value.hex, 'hex'));
}

// All partitions one after the other: enough to look at.
function records(name, query) {
    const {ends} = made.topics[name];
    const newest = (query.get('from') ?? 'newest') === 'newest';
    const limit = Number(query.get('limit') ?? 50);
    const text = query.get('text');
    const jq = made.jq[query.get('jq')] ?? (() => true);
    const partitions = query.has('partition') ?
        [Number(query.get('partition'))] : ends.map((_, i) => i);
    const places = partitions.flatMap(p => ends[p] ? [[p, ends[p]]] : []);
    const total = places.reduce((sum, [, end]) => sum + end, 0);
    const start = /^[0-9]+$/.test(query.get('from')) ?
        Number(query.get('from')) : 0;
    let at = Number(query.get('next') ?? start);
    const found = [];
    let looked = 0;
    let until = {};
    let unsaid = null;
    while (at < total && found.length < limit && looked < LOOK) {
        const i = newest ? total - 1 - at : at;
        const [p, offset] = placeOf(places, i);
        const record = made.recordOf(name, p, offset);
        const is = jq(record);
        if (is === null) {
            unsaid ??= {count: 0, partition: p, offset,
                why: 'Cannot index string with "price"'};
            unsaid.count++;
        }
        if (is && (!text || JSON.stringify(record).includes(text))) {
            found.push(cut(record));
        }
        until = {[p]: offset};
        at++;
        looked++;
    }
    return {records: found, looked_at: looked, unsaid, until: {offsets: until},
        more: at < total, next: at < total ? String(at) : null};
}

function placeOf(places, i) {
    for (const [partition, end] of places) {
        if (i < end) {
            return [partition, i];
        }
        i -= end;
    }
    return null;
}

function cut(record) {
    const {value} = record;
    return value?.text?.length > 4096 ? {...record, value: {...value,
        text: value.text.slice(0, 4096), cut: true}} : record;
}

function logs(feed, name, events, query, answer) {
    if (name === undefined) {
        return json(answer, {logs: feed.empty ? [] : made.programs.map(one => ({
            name: one.name, size_bytes: 12345,
            changed: new Date().toISOString()}))});
    }
    const wanted = atLeast(query.get('level'));
    let n = 10000;
    if (events) {
        return stream(answer, feed, feed.log_ms, 'line', () => {
            const line = made.logLine(n++);
            return wanted(line) ? line : null;
        });
    }
    const lines = Number(query.get('lines') ?? 200);
    const all = Array.from({length: 3 * lines}, (_, i) =>
        made.logLine(n - 3 * lines + i));
    json(answer, {lines: all.filter(wanted).slice(-lines), next: n});
}
