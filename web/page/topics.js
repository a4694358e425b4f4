// topics.js - the view of topics: all of them; one, with its records.

import {fill, h, heading, note, problem} from './dom.js';
import {NONE, count, moment, number, utc} from './format.js';
import {Poll, address} from './net.js';
import {showRecord} from './record.js';
import {RecordsForm, RecordsList, wantedOf} from './records.js';
import {Table} from './table.js';

const hashOf = name => `#/topics/${encodeURIComponent(name)}`;

export function show(main, route) {
    const [topic, partition, offset] = route.parts;
    if (offset !== undefined) {
        return showRecord(main, topic, partition, offset);
    }
    return topic === undefined ? showAll(main) : showOne(main, topic, route);
}

function showAll(main) {
    const table = new Table('Topics', [
        {head: 'Topic', text: row => row.name, href: row => hashOf(row.name)},
        {head: 'Records', number: true, text: row => number(row.records)},
        {head: 'Partitions', number: true, text: row => number(row.partitions)},
        {head: 'Replicas', number: true, text: row => number(row.replicas)},
        {head: 'Kind', text: row => row.internal ? 'internal' : ''},
    ], row => row.name);
    const place = h('div', {}, note('Asking the broker.'));
    fill(main, heading('Topics'), h('section', {class: 'card'}, place));

    const poll = new Poll('api/v1/topics', answer => {
        table.set([...answer.topics].sort((a, b) =>
            a.internal - b.internal || (a.name < b.name ? -1 : 1)));
        if (answer.topics.length === 0) {
            fill(place, note('There are no topics yet. The feed makes its ' +
                'topic once the broker is ready.'));
        } else if (place.firstChild !== table.element) {
            fill(place, table.element);
        }
    }, err => fill(place, problem(err, () => poll.resume())));
    return {title: 'Topics', close: () => poll.close()};
}

function partitionTable() {
    const at = (name, read) => [
        {head: `${name} offset`, number: true,
            text: row => number(read(row)?.offset)},
        {head: 'Time', text: row => moment(read(row)?.time),
            title: row => utc(read(row)?.time)},
    ];
    const list = numbers => numbers.join(', ') || NONE;
    return new Table('Partitions', [
        {head: 'Partition', text: row => String(row.partition)},
        {head: 'Records', number: true, text: row => number(row.records)},
        ...at('First', row => row.first),
        ...at('Last', row => row.last),
        {head: 'Leader',
            text: row => row.leader < 0 ? 'none' : String(row.leader ?? NONE),
            state: row => row.leader < 0 ? 'failed' : null},
        {head: 'Replicas', text: row => list(row.replicas)},
        {head: 'In sync', text: row => list(row.in_sync),
            state: row => row.in_sync.length < row.replicas.length ?
                'waiting' : null},
    ], row => row.partition);
}

function settingList(settings) {
    if (settings === null) {
        return h('p', {class: 'soft'}, 'Kafka does not say.');
    }
    if (settings.length === 0) {
        return h('p', {class: 'soft'}, 'All settings are Kafka’s defaults.');
    }
    return h('ul', {class: 'settings'}, settings.map(one => h('li', {},
        `${one.name} = ${one.value ?? NONE} `,
        h('span', {class: 'soft'}, `(of the ${one.source})`))));
}

function showOne(main, topic, route) {
    const partitions = partitionTable();
    const settings = h('div');
    let set = null; // what it shows
    const summary = h('p', {class: 'lead'}, 'Asking the broker.');
    const about = h('div');
    let list = null;
    let records = null;
    const place = h('div');
    const form = new RecordsForm(wantedOf(route.query), wanted => {
        const query = new URLSearchParams(
            Object.entries(wanted).filter(([, value]) => value !== ''));
        const hash = `${hashOf(topic)}?${query}`;
        if (location.hash === hash) {
            look(wanted);
        } else {
            location.hash = hash;
        }
    });

    function look(wanted) {
        list?.close();
        list = new RecordsList(topic, wanted);
        list.total(records);
        fill(place, list.element);
    }

    fill(main,
        h('p', {class: 'crumbs'}, h('a', {href: '#/topics'}, 'Topics')),
        heading(topic), summary, about,
        h('section', {class: 'card'}, h('h2', {}, 'Records'), form.element,
            place));
    look(wantedOf(route.query));

    const poll = new Poll(address('topics', topic), answer => {
        records = answer.records;
        list.total(records);
        form.partitions(answer.partitions.length);
        fill(summary, `${count(answer.records, 'record')} in ` +
            count(answer.partitions.length, 'partition'),
        answer.internal ? ', internal to Kafka' : '');
        partitions.set(answer.partitions);
        if (set !== JSON.stringify(answer.settings)) {
            set = JSON.stringify(answer.settings);
            fill(settings, settingList(answer.settings));
        }
        if (about.firstChild?.tagName !== 'SECTION') {
            fill(about, h('section', {class: 'card'},
                h('h2', {}, 'Partitions'), partitions.element,
                h('h2', {class: 'next'}, 'Settings that differ from the ' +
                    'default'), settings));
        }
    }, err => {
        fill(summary);
        fill(about, problem(err, () => poll.resume()));
    });

    return {
        title: topic,
        back: '#/topics',
        update(next) {
            const wanted = wantedOf(next.query);
            form.set(wanted);
            look(wanted);
        },
        close() {
            poll.close();
            list.close();
        },
    };
}
