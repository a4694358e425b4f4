// made-up.mjs - the data of the stand-in: a feed, and what a feed should not
// contain but might.

const HOSTILE = '<script>window.caught = 1; alert(1)</script>' +
    '<img src=x onerror="window.caught = 2; alert(2)">';

const text = value => ({text: value, size: Buffer.byteLength(value)});
const hex = value => ({hex: value, size: value.length / 2});

export const MEGABYTE = '0123456789abcdef'.repeat(65536);

const headers = [
    {name: text(HOSTILE), value: text(HOSTILE)},
    {name: text('trace'), value: null},
    {name: text('binary'), value: hex('00ff')},
];

// Values that a page might trip over; each is one record of hostile-topic.
const hostile = [
    {value: text(HOSTILE), key: text(HOSTILE), headers},
    {value: text('\u001b[31mred\u001b[0m\u001b]0;title\u0007 \r\n\ttwo lines')},
    {value: text('right \u202eto left\u202c, nothing\u200b here')},
    {value: text('" onmouseover="alert(3)" \' `${alert(4)}` &lt;b&gt; {{7*7}}')},
    {value: text(MEGABYTE)},
    {value: hex('000102ff89504e470d0a1a0a3c7363726970743e')},
    {value: hex('c328a0ff')}, // not UTF-8
    {value: text('javascript:alert(5)'), key: text('')},
    {value: null, key: text('tombstone')},
    {value: text('')},
    {value: text('{"match": 123, "price": 1.00, "id": 12345678901234567890123}')},
    {value: text('e\u0301\u0302\u0303'.repeat(500) + ' 🂡'), headers},
];

function record(partition, offset, {key = null, value, headers: its = []}) {
    return {partition, offset, time: new Date(1.79e12 + offset).toISOString(),
        timestamp_type: 'create', key, value, headers: its};
}

// A topic: how many records each partition has, and what is at an offset.
export const topics = {
    'prices-topic': {
        ends: [1000000, 1000000, 1000000],
        at: (partition, offset) => ({value: text(`{"match": ${
            100 + (offset * 7 + partition) % 900}, "price": ${
            (1 + offset * 13 % 901 / 100).toFixed(2)}}`)}),
    },
    'haystack': {
        ends: [100000],
        at: (_, offset) => ({value: text(offset === 12345 ? 'a needle' :
            `straw ${offset}`)}),
    },
    'hostile-topic': {ends: [hostile.length], at: (_, offset) => hostile[offset]},
    'empty-topic': {ends: [0], at: () => null},
    [`${HOSTILE}/..%2F`]: {ends: [1], at: () => hostile[0]},
    '__consumer_offsets': {ends: [42], internal: true,
        at: () => ({value: hex('0003'), key: hex('0001')})},
};

// The expressions in jq that the stand-in knows: true, false, or null, where jq
// cannot say.
export const jq = {
    '. == "a needle"': record => record.value.text === 'a needle',
    '.price > 5\n# and so on': record => record.offset % 3 === 0 ? null :
        record.offset % 2 === 0,
};

export function recordOf(name, partition, offset) {
    const topic = topics[name];
    return offset >= 0 && offset < topic.ends[partition] ?
        record(partition, offset, topic.at(partition, offset)) : null;
}

export function topicOf(name) {
    const {ends, internal = false} = topics[name];
    const when = offset => ({offset,
        time: offset < 0 ? null : new Date(1.79e12 + offset).toISOString()});
    return {
        name, internal, records: ends.reduce((a, b) => a + b, 0),
        partitions: ends.map((end, partition) => ({
            partition, leader: 0, replicas: [0], in_sync: [0],
            first: end ? when(0) : {offset: 0, time: null}, end,
            last: end ? when(end - 1) : null, records: end,
        })),
        settings: name === 'prices-topic' ? [
            {name: 'retention.bytes', value: '1073741824', source: 'broker'},
            {name: 'hostile', value: HOSTILE, source: 'topic'},
        ] : internal ? null : [],
    };
}

const member = (id, host, partitions) => ({
    id: `${id}-5f0c`, client: id, host, instance: null,
    partitions: partitions.map(partition => ({topic: 'prices-topic', partition})),
});

const position = (partition, at, id) => ({
    topic: 'prices-topic', partition, position: at, end: 1000000,
    lag: at === null ? 1000000 : 1000000 - at, member: id,
});

export const groups = {
    'price-consumer': {
        name: 'price-consumer', state: 'Stable', protocol: 'cooperative-sticky',
        members: [member('consumer-1', '/172.18.0.3', [0, 1]),
            member(HOSTILE, '/172.18.0.4', [2])],
        positions: [position(0, 999990, 'consumer-1-5f0c'),
            position(1, 1000000, 'consumer-1-5f0c'),
            position(2, null, `${HOSTILE}-5f0c`)],
    },
    [`a/b?c#d%2F ${HOSTILE}`]: {
        name: `a/b?c#d%2F ${HOSTILE}`, state: null, protocol: '',
        members: [], positions: [],
    },
};

export const programs = [
    ['zookeeper', 'running', 21], ['kafka', 'running', 22],
    ['producer', 'running', 31], ['consumer', 'running', 32],
    ['init-topic', 'finished', null], ['sink', 'failed', null],
].map(([name, state, pid], i) => ({
    name, state, pid, since: new Date(1.79e12 + 100 * i).toISOString(),
    restarts: name === 'consumer' ? 1 : 0,
}));

export const refused = [
    {program: 'consumer', name: 'records_refused', count: 3,
        help: 'Records that are not a price'},
    {program: 'consumer', name: 'hostile', count: 1, help: HOSTILE},
];

export function logLine(n) {
    const level = ['info', 'info', 'debug', 'warning', 'error'][n % 5];
    return {time: new Date(1.79e12 + 10 * n).toISOString(), level,
        text: n % 50 === 6 ? HOSTILE : `line ${n}: the broker has answered`};
}

// A store: one row of it, and its changes, with digits that no number of
// JavaScript has.
const column = (name, type) => ({name, type, nullable: true});
export const tables = [
    {name: 'history', kind: 'table', key: ['source', 'table', 'key', 'position'],
        columns: [column('source', 'text')]},
    {name: 'series', kind: 'table', key: ['id'], columns: [
        column('id', 'integer'), column('name', 'text'),
        column('popularity', 'numeric'), column('at', 'timestamp with time zone'),
        column('extra', 'jsonb'), column('source', 'text'),
        column('position', 'bigint[]'), column('deleted', 'boolean')]},
    {name: 'titles', kind: 'view', key: [], columns: [column('title', 'text')]},
];

const NAME = JSON.stringify(
    '<img src=x onerror=window.caught=1><script>window.caught=2</script>\u202e');

export const row = `{"id":7,"name":${NAME},` +
    '"popularity":12345678901234567890.10,' +
    '"at":"2026-11-26T12:00:07.123+00:00","extra":{"colour": "red"},' +
    '"source":"postgres","position":[26447832],"deleted":true}';

const changed = (operation, position, before, after) => `{"source":"postgres",` +
    `"table":"series","key":{"id": 7},"position":[${position}],` +
    `"operation":"${operation}","before":${before},"after":${after},` +
    '"changed_at":"2026-11-26T12:00:00.123+00:00",' +
    '"captured_at":"2026-11-26T12:00:00.2+00:00",' +
    '"stored_at":"2026-11-26T12:00:00.25+00:00"}';

const first = `{"id":7,"name":"Seven","popularity":7.10}`;
const second = `{"id":7,"name":${NAME},"popularity":12345678901234567890.10}`;
export const changes = [changed('delete', 26447832, second, 'null'),
    changed('update', 26447700, first, second),
    changed('snapshot', 26400000, 'null', first)];
