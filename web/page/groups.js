// groups.js - the view of consumer groups: all of them; one, with its members
// and how far it is in each partition.

import {fill, h, heading, note, problem, setText} from './dom.js';
import {NONE, count, number} from './format.js';
import {Poll, address} from './net.js';
import {Table} from './table.js';

const hashOf = name => `#/groups/${encodeURIComponent(name)}`;

// A group's own word, which Kafka writes as PreparingRebalance or Stable.
const stateOf = state => /^stable$/i.test(state) ? 'running' :
    /^(dead|unknown)$/i.test(state) ? 'failed' :
        /rebalance/i.test(state) ? 'waiting' : null;

export function show(main, route) {
    const [group] = route.parts;
    return group === undefined ? showAll(main) : showOne(main, group);
}

function showAll(main) {
    const table = new Table('Groups', [
        {head: 'Group', text: row => row.name, href: row => hashOf(row.name)},
        {head: 'State', text: row => row.state ?? NONE,
            state: row => stateOf(row.state)},
        {head: 'Members', number: true, text: row => number(row.members)},
        {head: 'Lag', number: true, text: row => number(row.lag)},
    ], row => row.name);
    const place = h('div', {}, note('Asking the broker.'));
    fill(main, heading('Groups'), h('section', {class: 'card'}, place));

    const poll = new Poll('api/v1/groups', answer => {
        table.set(answer.groups);
        if (answer.groups.length === 0) {
            fill(place, note('There are no groups yet. A consumer that ' +
                'commits its position is listed here.'));
        } else if (place.firstChild !== table.element) {
            fill(place, table.element);
        }
    }, err => fill(place, problem(err, () => poll.resume())));
    return {title: 'Groups', close: () => poll.close()};
}

const assigned = list => list.map(
    one => `${one.topic} ${one.partition}`).join(', ') || 'none';

function tables() {
    const members = new Table('Members', [
        {head: 'Client', text: row => row.client, title: row => row.id},
        {head: 'Host', text: row => row.host},
        {head: 'Instance', text: row => row.instance ?? NONE},
        {head: 'Partitions', text: row => assigned(row.partitions)},
    ], row => row.id);
    const positions = new Table('Positions', [
        {head: 'Topic', text: row => row.topic,
            href: row => `#/topics/${encodeURIComponent(row.topic)}`},
        {head: 'Partition', number: true, text: row => String(row.partition)},
        {head: 'Position', number: true, text: row => number(row.position)},
        {head: 'End', number: true, text: row => number(row.end)},
        {head: 'Lag', number: true, text: row => number(row.lag)},
        {head: 'Member', text: row => row.client ?? NONE,
            title: row => row.member},
    ], row => `${row.topic} ${row.partition}`);
    return {members, positions};
}

function showOne(main, group) {
    const {members, positions} = tables();
    const nobody = note('No member now: nobody reads for this group. Its ' +
        'positions stay until Kafka forgets them.');
    const nowhere = note('No position was committed yet.');
    const summary = h('p', {class: 'lead'}, 'Asking the broker.');
    const place = h('div');
    fill(main, h('p', {class: 'crumbs'}, h('a', {href: '#/groups'}, 'Groups')),
        heading(group), summary, place);

    const poll = new Poll(address('groups', group), answer => {
        const client = new Map(answer.members.map(
            member => [member.id, member.client]));
        const lag = answer.positions.reduce((sum, row) =>
            sum + (row.lag ?? 0), 0);
        setText(summary, `${answer.state ?? NONE}` +
            `${answer.protocol ? `, ${answer.protocol}` : ''}, ` +
            `${count(answer.members.length, 'member')}, lag ${number(lag)}`);
        members.set(answer.members);
        positions.set(answer.positions.map(row => ({...row,
            client: client.get(row.member) ?? row.member})));
        nobody.hidden = answer.members.length > 0;
        members.element.hidden = !nobody.hidden;
        nowhere.hidden = answer.positions.length > 0;
        positions.element.hidden = !nowhere.hidden;
        if (place.firstChild?.tagName !== 'SECTION') {
            fill(place,
                h('section', {class: 'card'}, h('h2', {}, 'Positions'),
                    nowhere, positions.element),
                h('section', {class: 'card'}, h('h2', {}, 'Members'),
                    nobody, members.element));
        }
    }, err => {
        setText(summary, '');
        fill(place, problem(err, () => poll.resume()));
    });
    return {title: group, back: '#/groups', close: () => poll.close()};
}
