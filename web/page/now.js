// now.js - the view of the feed as it is: its health and why, figures, charts
// over the last ten minutes, what was refused, the programs.

import {Chart} from './chart.js';
import {fill, h, heading, setAttribute, setText} from './dom.js';
import {
    NONE, duration, latency, moment, number, rate, utc,
} from './format.js';
import {listen, live} from './live.js';
import {Table} from './table.js';

const SECONDS = 600;
const FEWEST = 60; // of a feed that has just begun

const LATE = 'From made to printed, of the last ten seconds';

// The figures: name, meaning, value.
const FIGURES = [
    ['In, a second', 'Prices that the producer made',
        now => rate(now.produced_per_second)],
    ['Out, a second', 'Prices that the consumer printed',
        now => rate(now.printed_per_second)],
    ['Lag', 'Records in the topic that are not printed yet',
        now => number(now.lag)],
    ['Printed', 'Prices since the feed was started',
        now => number(now.printed)],
    ['Latency p50', LATE, now => latency(now.latency_seconds?.p50)],
    ['Latency p99', LATE, now => latency(now.latency_seconds?.p99)],
    ['Latency max', LATE, now => latency(now.latency_seconds?.max)],
    ['Uptime', 'Since the feed was started',
        now => duration(now.uptime_seconds)],
];

function figures() {
    return FIGURES.map(([name, meaning, read]) => {
        const value = h('dd', {}, NONE);
        return {
            element: h('div', {class: 'figure', title: meaning},
                h('dt', {}, name), value),
            show: now => setText(value, read(now)),
        };
    });
}

const CHARTS = [
    {
        title: 'Prices a second', format: rate, height: 200, floor: 0,
        lines: [{label: 'in', colour: 'soft'}, {label: 'out', colour: 'accent'}],
        series: ['produced_per_second', 'printed_per_second'],
    },
    {
        title: 'Latency', format: latency, height: 160, floor: 0,
        lines: [{label: 'p50', colour: 'soft'}, {label: 'p99', colour: 'accent'}],
        series: ['latency_p50_seconds', 'latency_p99_seconds'],
    },
    {
        title: 'Lag', format: number, whole: true, height: 160, floor: 0,
        lines: [{label: 'records', colour: 'accent'}],
        series: ['lag'],
    },
];

function programs() {
    return new Table('Programs', [
        {head: 'Program', text: row => row.name,
            href: row => `#/logs/${encodeURIComponent(row.name)}`},
        {head: 'State', text: row => row.state, state: row => row.state},
        {head: 'Since', text: row => moment(row.since).slice(0, 19),
            title: row => utc(row.since)},
        {head: 'Restarts', number: true, text: row => number(row.restarts)},
        {head: 'PID', number: true,
            text: row => row.pid ? String(row.pid) : NONE},
    ], row => row.name);
}

function refusals() {
    return new Table('Refused', [
        {head: 'What', wrap: true, text: row => row.help || row.name,
            title: row => row.name},
        {head: 'By', text: row => row.program},
        {head: 'Records', number: true, text: row => number(row.count)},
    ], row => `${row.program} ${row.name}`);
}

export function show(main) {
    const word = h('strong', {class: 'word'}, 'connecting');
    const why = h('p', {class: 'why'}, 'Waiting for the first answer.');
    const hero = h('section', {class: 'hero', 'data-state': 'unknown'},
        h('span', {class: 'dot', 'aria-hidden': 'true'}),
        h('div', {}, word, why));
    const numbers = figures();
    const charts = CHARTS.map(options => new Chart(options));
    const refused = refusals();
    const nothing = h('p', {class: 'note'}, 'Nothing was refused: what cannot ' +
        'be read as a price is counted here, with the reason.');
    const state = programs();
    const none = h('p', {class: 'note'}, 'The states of the programs are ' +
        'shown here as soon as they are known.');

    const head = heading('Now'); // the health below says enough to the eye
    head.className = 'unseen';
    fill(main, head, hero,
        h('dl', {class: 'figures'}, numbers.map(one => one.element)),
        h('div', {class: 'charts'}, charts.map(chart => chart.element)),
        h('div', {class: 'columns'},
            h('section', {class: 'card'}, h('h2', {}, 'Programs'), none,
                state.element),
            h('section', {class: 'card'}, h('h2', {}, 'Refused'), nothing,
                refused.element)));

    function draw() {
        const {now, times, series} = live;
        if (!now) {
            return;
        }
        setAttribute(hero, 'data-state', now.health.state);
        setText(word, now.health.state);
        setText(why, now.health.why ?? '');
        numbers.forEach(one => one.show(now));
        const rows = now.refused ?? [];
        nothing.hidden = rows.length > 0;
        refused.element.hidden = rows.length === 0;
        refused.set(rows);
        none.hidden = now.programs.length > 0;
        state.element.hidden = now.programs.length === 0;
        state.set(now.programs);
        const end = times.at(-1);
        const begin = Math.min(end - FEWEST, Math.max(end - SECONDS, times[0]));
        charts.forEach((chart, i) => chart.draw(
            [times, ...CHARTS[i].series.map(name => series[name])],
            [begin, end]));
    }

    draw();
    const unlisten = listen(draw);
    return {
        title: 'Now',
        close() {
            unlisten();
            charts.forEach(chart => chart.close());
        },
    };
}
