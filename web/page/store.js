// store.js - the view of the store: a row of one of its tables, by its key, and
// each change of it, with the source and the position that it came from.

import {fill, h, heading, note, problem, setText} from './dom.js';
import {NONE, count, moment, utc, visible} from './format.js';
import {address, get} from './net.js';

const ROWS = 20; // of a table, where no key is asked for yet
const LONG = 80; // characters of a change in its line

const hashOf = (table, key) => '#/store/' + [table, ...key === '' ? [] : [key]]
    .map(encodeURIComponent).join('/');

// JSON whose numbers keep all their digits, where the browser can.
function exact(text) {
    return JSON.parse(text, (name, value, its) =>
        typeof value === 'number' && its?.source && JSON.rawJSON ?
            JSON.rawJSON(its.source) : value);
}

function textOf(value) {
    return value === null || value === undefined ? NONE :
        typeof value === 'string' ? value : JSON.stringify(value);
}

function element(value, line) {
    return value === null || value === undefined ?
        h('i', {class: 'soft'}, 'null') :
        h('bdi', {}, visible(textOf(value), {line}));
}

// The key of a row as its path has it: several values have commas in between.
function keyOf(table, row) {
    const values = table.key.map(name => textOf(row[name]));
    return values.length === 1 ? values[0] : values.map(value =>
        /[",]/.test(value) ? `"${value.replace(/["\\]/g, '\\$&')}"` : value)
        .join(',');
}

// What a change has changed, in a line.
function brief({before, after}) {
    if (!before || !after) {
        return textOf(after ?? before);
    }
    return Object.keys(after)
        .filter(name => textOf(before[name]) !== textOf(after[name]))
        .map(name => `${name}: ${textOf(before[name])} → ${textOf(after[name])}`)
        .join(', ') || 'nothing else';
}

const time = (value, none) => value ?
    h('time', {title: utc(value)}, moment(value)) : none;

const item = (name, ...content) => [h('dt', {}, name), h('dd', {}, content)];

function change(row) {
    const whole = value => value === null ? h('i', {class: 'soft'}, 'none') :
        h('div', {class: 'bytes'}, h('pre', {class: 'text', tabindex: '0'},
            visible(JSON.stringify(value, null, 2))));
    const place = `${row.source} ${textOf(row.position)}`;
    const what = brief(row);
    return h('details', {class: 'record'}, h('summary', {},
        h('span', {class: 'place'}, element(row.operation, true)),
        h('span', {}, time(row.changed_at, NONE)),
        h('span', {class: 'of-key'}, h('bdi', {}, visible(place, {line: true}))),
        h('span', {class: 'of-value'}, h('bdi', {}, visible(
            what.length > LONG ? `${what.slice(0, LONG)}…` : what,
            {line: true})))),
    h('div', {class: 'details'}, h('dl', {},
        item('Source', element(row.source)),
        item('Position', element(row.position)),
        item('Changed', time(row.changed_at, NONE)),
        item('Captured', time(row.captured_at, NONE)),
        item('Stored', time(row.stored_at, NONE)),
        item('Before', whole(row.before)),
        item('After', whole(row.after)))));
}

// The changes of a row, newest first, and more of them on request.
function history(table, key, signal) {
    const list = h('div');
    const more = h('p', {class: 'tools'});

    async function load(cursor) {
        const url = address('store', table.name, key, 'history');
        fill(more, note('Reading the history.'));
        try {
            const answer = await get(`${url}?limit=50${cursor ?
                `&cursor=${cursor}` : ''}`, signal, exact);
            list.append(...answer.rows.map(change));
            fill(more, answer.next && h('button', {type: 'button',
                onclick: () => load(answer.next)}, 'Older'));
        } catch (err) {
            if (!signal.aborted) {
                fill(more, problem(err, () => load(cursor)));
            }
        }
    }

    load(null);
    return h('section', {class: 'card'}, h('h2', {}, 'History'), list, more);
}

function state(table, row) {
    return h('section', {class: 'card'}, h('h2', {}, 'State'),
        row.deleted === true && h('p', {class: 'why'},
            'it was deleted at its source; this is its last state'),
        h('div', {class: 'details'}, h('dl', {}, table.columns.flatMap(column =>
            item(column.name, element(row[column.name]))))));
}

async function showRow(place, table, key, signal) {
    const again = () => showRow(place, table, key, signal);
    fill(place, note('Reading the row.'));
    try {
        const row = await get(address('store', table.name, key), signal, exact);
        fill(place, state(table, row), history(table, key, signal));
    } catch (err) {
        if (!signal.aborted) {
            fill(place, h('section', {class: 'card'}, problem(err, again)));
        }
    }
}

// The first keys of a table, to begin with.
async function showKeys(place, table, signal) {
    if (table.key.length === 0) {
        fill(place, note(`${table.name} has no key: `, h('a', {
            href: address('store', table.name)}, 'its rows as JSON'), '.'));
        return;
    }
    try {
        const select = table.key.map(encodeURIComponent).join(',');
        const {rows} = await get(`${address('store', table.name)}?limit=` +
            `${ROWS}&select=${select}`, signal, exact);
        fill(place, h('section', {class: 'card'},
            h('h2', {}, rows.length === 0 ? 'No rows yet' : 'The first keys'),
            h('ul', {class: 'settings'}, rows.map(row => {
                const key = keyOf(table, row);
                return h('li', {}, h('a', {href: hashOf(table.name, key)},
                    h('bdi', {}, visible(key, {line: true}))));
            }))));
    } catch (err) {
        if (!signal.aborted) {
            fill(place, problem(err, () => showKeys(place, table, signal)));
        }
    }
}

function form(tables, table, key) {
    const select = h('select', {id: 'table', onchange: () => {
        location.hash = hashOf(select.value, '');
    }}, tables.map(one => h('option', {value: one.name,
        selected: one === table}, one.name)));
    const input = h('input', {type: 'search', id: 'filter', value: key,
        placeholder: table.key.join(','), autocomplete: 'off',
        disabled: table.key.length === 0});
    return h('form', {class: 'tools', role: 'search', onsubmit: event => {
        event.preventDefault();
        location.hash = hashOf(select.value, input.value);
    }},
    h('span', {class: 'field'}, h('label', {for: 'table'}, 'Table'), select),
    h('span', {class: 'field'}, h('label', {for: 'filter'}, 'Key'), input),
    h('button', {class: 'main', disabled: table.key.length === 0}, 'Look'));
}

// #/store/TABLE/KEY
export function show(main, route) {
    const [name, key = ''] = route.parts;
    const abort = new AbortController();
    const lead = h('p', {class: 'lead'}, 'Asking the store.');
    const place = h('div');
    fill(main, heading(key === '' ? 'Store' : `${name} ${key}`), lead, place);

    async function load() {
        try {
            const {tables} = await get('api/v1/store', abort.signal);
            const table = tables.find(one => one.name === name) ??
                (name === undefined && (tables.find(one => one.key.length > 0 &&
                    one.name !== 'history') ?? tables[0]));
            if (!table) {
                setText(lead, '');
                fill(place, note(tables.length === 0 ?
                    'There are no tables yet.' : 'There is no such table. ',
                tables.length > 0 && h('a', {href: '#/store'}, 'All of them')));
                return;
            }
            setText(lead, `${count(tables.length, 'table')} and views; ` +
                'each change with the source and the position that it came from');
            const rest = h('div');
            fill(place, h('section', {class: 'card'}, form(tables, table, key)),
                rest);
            await (key === '' ? showKeys(rest, table, abort.signal) :
                showRow(rest, table, key, abort.signal));
        } catch (err) {
            if (!abort.signal.aborted) {
                setText(lead, '');
                fill(place, problem(err, load));
            }
        }
    }
    load();
    return {title: key === '' ? 'Store' : `${name} ${key}`,
        back: key === '' ? null : `#/store/${encodeURIComponent(name)}`,
        close: () => abort.abort()};
}
