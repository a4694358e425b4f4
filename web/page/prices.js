// prices.js - the view of prices: a table of matches, and a chart of one, as a
// line of its prices or as candles that somebody makes of them.
//
// A frame of the server holds what changed since its last one, ten a second at
// most, and fewer of large ones, whatever the rate of the feed.

import {Candles} from './candles.js';
import {Chart} from './chart.js';
import {announce, fill, h, heading, setText} from './dom.js';
import {change, clock, count, number, price, rate} from './format.js';
import {Stream, get} from './net.js';
import {PriceTable} from './pricetable.js';

const POINTS = 3000;
const CHART_MS = 1000;

// How each is drawn.
const LINE = {stepped: true, lines: [{label: 'price', colour: 'accent'}]};
const CANDLES = {candles: true, lines: ['open', 'high', 'low', 'close'].map(
    label => ({label, colour: 'soft'}))};

// What a chart has of a match: times in seconds, and prices.
class Points {
    times = [];
    values = [];
    added = 0;
    window = null; // as Chart has it

    get data() {
        return [this.times, this.values];
    }

    close() {}

    add(at, value) {
        this.added++;
        this.times.push(at);
        this.values.push(value);
        if (this.times.length > POINTS) { // rarely, for it moves all of them
            this.times = this.times.slice(POINTS / 10);
            this.values = this.values.slice(POINTS / 10);
        }
    }
}

export function show(main, route) {
    let chosen = null;
    let as = null; // a topic of candles; null: a line
    let topics = []; // that there are
    let points = new Points();
    let chart = null;
    let drawn = 0; // how many points were added when the chart was drawn
    let per_second = null;
    let heard = false; // a frame

    const table = new PriceTable(match => {
        location.hash = hashOf(match, as);
    });
    const speed = h('p', {class: 'lead'}, 'Waiting for prices.');
    const filter = h('input', {type: 'search', inputmode: 'numeric',
        id: 'filter', autocomplete: 'off', placeholder: 'all',
        oninput: () => {
            table.filter(filter.value.trim());
            described();
        }});
    const shown = h('span', {class: 'soft'});
    const empty = h('p', {class: 'note'}, 'No match has a price yet. Each one ' +
        'gets a row with its first price, as soon as the feed makes prices.');
    const side = h('div', {class: 'side'});

    fill(main, heading('Prices'), speed,
        h('div', {class: 'split'},
            h('section', {class: 'card table-card'},
                h('div', {class: 'tools'},
                    h('label', {for: 'filter'}, 'Match'), filter, shown),
                empty, table.element),
            side));

    function described() {
        empty.hidden = table.size > 0;
        table.element.hidden = table.size === 0;
        setText(shown, table.shown === table.size ?
            count(table.size, 'match', 'matches') :
            `${number(table.shown)} of ${number(table.size)} matches`);
    }

    function take(data) {
        const {size} = table;
        table.take(data.matches, data.all);
        if (data.all || table.size !== size) {
            described();
        }
        const first = !heard;
        heard = true;
        per_second = data.per_second;
        const changed = chosen !== null &&
            data.matches.find(row => row[0] === chosen);
        if (changed && points instanceof Points) {
            points.add(Date.now() / 1000, changed[1]);
        }
        if (first) {
            draw();
        }
    }

    // A stream that is refused does not say why; the answer without it does.
    const asked = new AbortController();
    let why = null;
    function askWhy() {
        why ??= get('api/v1/prices', asked.signal).catch(err => {
            if (err.status) {
                setText(empty, err.message);
            }
        });
    }

    const latest = h('p');
    const form = h('select', {id: 'as', onchange: () => {
        location.hash = hashOf(chosen, form.value || null);
    }});
    const forms = h('p', {class: 'tools', hidden: true},
        h('label', {for: 'as'}, 'Draw'), form);

    get('api/v1/candles', asked.signal).then(answer => {
        topics = answer.topics;
        fill(form, h('option', {value: ''}, 'a line'), topics.map(
            topic => h('option', {value: topic}, topic)));
        forms.hidden = topics.length === 0;
        if (as !== null) {
            choose(chosen, as);
        }
    }).catch(() => {}); // there is the line

    // What is known of the match now.
    function newest() {
        if (points instanceof Candles) {
            const [at, ...prices] = points.data.map(column => column.at(-1));
            const [open, high, low, close] = prices.map(price);
            return at === undefined ? `No candle of match ${chosen} yet.` :
                `From ${clock(new Date(at * 1000))}: open ${open}, high ` +
                `${high}, low ${low}, close ${close}` + (points.count === null ?
                    '' : `, ${count(points.count, 'price')}`);
        }
        const row = table.row(chosen);
        return row ? `Last ${price(row.last)}, change ` +
            `${change(row.change)}, low ${price(row.low)}, high ` +
            `${price(row.high)}, ${count(row.count, 'price')}` :
            `No price of match ${chosen} yet.`;
    }

    function draw() {
        if (!heard) {
            askWhy();
        } else if (per_second !== null) {
            setText(speed, `${rate(per_second)} prices a second. What falls ` +
                'between two frames, ten a second at most, is folded in.');
        }
        if (chosen === null) {
            return;
        }
        setText(latest, newest());
        if (points.added !== drawn) {
            drawn = points.added;
            chart.draw(points.data, points.window);
        }
    }

    function choose(match, topic) {
        const focused = document.activeElement === form;
        const again = match === chosen;
        chosen = match;
        as = topic;
        form.value = topics.includes(as) ? as : '';
        points.close();
        points = new Points();
        drawn = 0;
        chart?.close();
        chart = null;
        table.choose(match);
        if (match === null) {
            side.className = 'side';
            fill(side, h('section', {class: 'card'}, h('h2', {}, 'One match'),
                h('p', {class: 'note'}, 'Choose a match in the table: its ' +
                    'prices are drawn here as they come.')));
            return;
        }
        if (form.value) {
            points = new Candles(match, as, draw);
        }
        chart = new Chart({title: `Match ${match}`, format: price, height: 240,
            floor: null, waits: true, ...form.value ? CANDLES : LINE});
        setText(latest, '');
        chart.element.append(forms, latest, h('p', {class: 'soft'}, form.value ?
            'What is drawn are the last candles of the topic. ' :
            `The points are those since you chose it, ${number(POINTS)} at ` +
            'most. ', h('a', {href: '#/prices'}, 'Close')));
        side.className = 'side chosen';
        fill(side, chart.element);
        if (focused) {
            form.focus(); // it has been moved
        }
        side.scrollIntoView({block: 'nearest'});
        const row = table.row(match);
        if (row && !form.value) {
            points.add(Date.now() / 1000, row.last);
        }
        draw();
        announce(again && form.value ? `Candles of ${as}` :
            `Match ${match} chosen`);
    }

    choose(matchOf(route), asOf(route));
    described();
    const timer = setInterval(draw, CHART_MS);
    const stream = new Stream('api/v1/prices/events', {events: {prices: take}});

    return {
        title: 'Prices',
        update: next => choose(matchOf(next), asOf(next)),
        back: '#/prices',
        close() {
            clearInterval(timer);
            stream.close();
            asked.abort();
            table.close();
            points.close();
            chart?.close();
        },
    };
}

const asOf = route => route.query.get('as') || null;

const hashOf = (match, topic) => `#/prices/${match}` +
    (topic === null ? '' : `?as=${encodeURIComponent(topic)}`);

function matchOf(route) {
    const text = route.parts[0] ?? '';
    return /^[0-9]{1,9}$/.test(text) ? Number(text) : null;
}
