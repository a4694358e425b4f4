// record.js - one record: a line of a list that opens, or a view of its own.

import {copyButton} from './copy.js';
import {fill, h, heading, note, problem} from './dom.js';
import {
    bytes, hexOfText, hexdump, moment, number, shellWord, utc, visible,
} from './format.js';
import {absolute, address, get} from './net.js';

// What is shown of a value before one asks for all of it; a long line takes a
// browser its time.
const SHOWN = 16384;
const BROKER = 'localhost:9092'; // as docker-compose.yml publishes it

const MEANING = {
    create: 'when it was made', append: 'when the broker took it',
    none: 'it has none',
};

export const hashOf = (topic, record) => `#/topics/` +
    [topic, record.partition, record.offset].map(encodeURIComponent).join('/');

const addressOf = (topic, record) => address('topics', topic, 'partitions',
    record.partition, 'records', record.offset);

// The bytes in one short line.
function brief(data, none) {
    if (data === null) {
        return h('i', {class: 'soft'}, none);
    }
    if (data.hex !== undefined) {
        return h('span', {}, h('span', {class: 'tag'}, 'hex'), ' ',
            data.hex.slice(0, 200));
    }
    if (data.text === '') {
        return h('i', {class: 'soft'}, 'empty');
    }
    return h('bdi', {}, visible(data.text.slice(0, 300), {line: true}));
}

// How many of the bytes are here.
function size(data) {
    const whole = data.size ?? (data.hex !== undefined ? data.hex.length / 2 :
        new TextEncoder().encode(data.text).length);
    return data.cut ? `the first part of ${bytes(whole)}` : bytes(whole);
}

// The bytes in full, as text or as hex. What is long is shown on request:
// `more`, a button or null, gets the rest.
function whole(data, more) {
    const box = h('div', {class: 'bytes'});
    const text = data.text;
    let as = text === undefined ? 'hex' : 'text';
    let all = false;

    function draw() {
        const content = as === 'text' ? visible(text) :
            hexdump(data.hex ?? hexOfText(text));
        const cut = !all && content.length > SHOWN;
        const other = as === 'text' ? 'hex' : 'text';
        fill(box,
            h('pre', {tabindex: '0', class: as}, cut ?
                content.slice(0, SHOWN) : content),
            h('p', {class: 'tools'}, h('span', {class: 'soft'}, size(data)),
                text !== undefined && h('button', {type: 'button',
                    onclick: () => {
                        as = other;
                        draw();
                        box.querySelector('button').focus();
                    }}, `As ${other}`),
                cut ? h('button', {type: 'button', onclick: () => {
                    all = true;
                    draw();
                }}, 'Show all of it') : more));
    }

    draw();
    return box;
}

function headers(list) {
    if (list.length === 0) {
        return h('i', {class: 'soft'}, 'none');
    }
    return h('ul', {class: 'headers'}, list.map(one => h('li', {},
        h('b', {}, brief(one.name, 'no name')), ': ',
        brief(one.value, 'no value'))));
}

function commands(topic, record) {
    const url = absolute(addressOf(topic, record));
    const curl = `curl -fsS ${shellWord(url)}`;
    const kcat = `kcat -C -b ${BROKER} -t ${shellWord(topic)} ` +
        `-p ${record.partition} -o ${record.offset} -c 1 -e`;
    return h('p', {class: 'tools'},
        h('a', {class: 'button', href: hashOf(topic, record)}, 'Link'),
        copyButton('Copy link', 'Link',
            absolute(hashOf(topic, record))),
        copyButton('Copy as curl', 'curl command', curl),
        copyButton('Copy as kcat', 'kcat command', kcat),
        record.value !== null && h('a', {class: 'button', download: true,
            href: `${addressOf(topic, record)}/value`}, 'Download value'));
}

// All that there is to see of a record. `load`: called to get the whole value
// where it is cut.
function details(topic, record, load) {
    const more = record.value?.cut && load && h('button', {type: 'button',
        onclick: load}, 'Get all of it');
    const item = (name, ...content) => [h('dt', {}, name),
        h('dd', {}, content)];
    return h('div', {class: 'details'},
        h('dl', {},
            item('Partition', String(record.partition)),
            item('Offset', String(record.offset)),
            item('Time', h('time', {title: utc(record.time)},
                moment(record.time)), ' ', h('span', {class: 'soft'},
                MEANING[record.timestamp_type] ?? '')),
            item('Key', record.key === null ?
                h('i', {class: 'soft'}, 'none') : whole(record.key, null)),
            item('Headers', headers(record.headers)),
            item('Value', record.value === null ?
                h('i', {class: 'soft'}, 'none: a tombstone') :
                whole(record.value, more))),
        commands(topic, record));
}

// A line of a list, which opens on request.
export function recordLine(topic, record) {
    const open = h('div');
    const load = async () => {
        try {
            const all = await get(addressOf(topic, record));
            fill(open, details(topic, all, null));
        } catch (err) {
            fill(open, problem(err, load), details(topic, record, null));
        }
    };
    return h('details', {class: 'record', ontoggle: event => {
        if (event.target.open && !open.firstChild) {
            fill(open, details(topic, record, load));
        }
    }}, h('summary', {},
        h('span', {class: 'place'}, `${record.partition}:${record.offset}`),
        h('time', {title: utc(record.time)}, moment(record.time)),
        h('span', {class: 'of-key'}, brief(record.key, 'no key')),
        h('span', {class: 'of-value'}, brief(record.value, 'tombstone'))),
    open);
}

// The view of one record: #/topics/NAME/PARTITION/OFFSET.
export function showRecord(main, topic, partition, offset) {
    const place = h('div', {}, note('Reading the record.'));
    const at = Number(offset);
    const next = (to, text) => h('a', {class: 'button',
        href: hashOf(topic, {partition, offset: to})}, text);
    fill(main,
        h('p', {class: 'crumbs'}, h('a', {href: '#/topics'}, 'Topics'), ' / ',
            h('a', {href: `#/topics/${encodeURIComponent(topic)}`}, topic)),
        heading(`Partition ${partition}, offset ${offset}`),
        h('section', {class: 'card'}, place),
        Number.isSafeInteger(at) && h('p', {class: 'tools'},
            at > 0 && next(at - 1, `‹ Offset ${number(at - 1)}`),
            next(at + 1, `Offset ${number(at + 1)} ›`)));

    const abort = new AbortController();
    async function load() {
        try {
            fill(place, details(topic, await get(
                addressOf(topic, {partition, offset}), abort.signal), null));
        } catch (err) {
            if (!abort.signal.aborted) {
                fill(place, problem(err, load));
            }
        }
    }
    load();
    return {title: `Record ${partition}:${offset}`,
        back: `#/topics/${encodeURIComponent(topic)}`,
        close: () => abort.abort()};
}
