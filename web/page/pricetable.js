// pricetable.js - the table of matches: hundreds of rows that change ten times
// a second.
//
// Only the rows in sight are elements, and only the text that has changed is
// touched, so a frame costs the same however many matches there are. One Tab stop for all: arrows move the chosen row, Enter opens it.

import {h, setAttribute, setText} from './dom.js';
import {change, number, price} from './format.js';

const ROW_PX = 32; // as in style.css
const DRAW_MS = 400; // between two frames of the feed: nobody reads faster
const SORT_MS = 1000; // rows that trade places more often cannot be read

export const COLUMNS = [
    {name: 'match', head: 'Match', text: row => String(row.match)},
    {name: 'last', head: 'Last', text: row => price(row.last)},
    {name: 'change', head: 'Change', text: row => change(row.change)},
    {name: 'low', head: 'Low', text: row => price(row.low)},
    {name: 'high', head: 'High', text: row => price(row.high)},
    {name: 'count', head: 'Count', text: row => number(row.count)},
];

const sign = n => n > 0 ? 'up' : n < 0 ? 'down' : 'same';

export class PriceTable {
    #rows = new Map(); // by match
    #order = []; // matches in their order, after the filter
    #sort = {name: 'match', down: false};
    #filter = '';
    #sorted_at = 0;
    #pool = [];
    #chosen = null; // a match
    #reveal = false; // it, with the next frame
    #open;
    #above = h('tr', {'aria-hidden': 'true', class: 'spacer'}, h('td'));
    #below = h('tr', {'aria-hidden': 'true', class: 'spacer'}, h('td'));
    #body = h('tbody', {}, this.#above, this.#below);
    #heads = new Map();
    #table;
    #frame = 0;
    #timer = null;
    #drawn_at = 0;
    #size = new ResizeObserver(() => this.#later());

    // open(match) is called when a row is clicked, or Enter pressed on it.
    constructor(open) {
        this.#open = open;
        for (const column of COLUMNS) {
            this.#heads.set(column.name, h('th', {scope: 'col'},
                h('button', {type: 'button',
                    onclick: () => this.#sortBy(column.name)}, column.head)));
        }
        this.#table = h('table', {class: 'prices', 'aria-label': 'Prices'},
            h('thead', {}, h('tr', {}, ...this.#heads.values())), this.#body);
        this.element = h('div', {
            class: 'window', tabindex: '0', role: 'region',
            'aria-label': 'Prices by match: arrows choose one, Enter opens it',
            onscroll: () => this.#later(),
            onkeydown: event => this.#key(event),
            onclick: event => this.#click(event),
        }, this.#table);
        this.#size.observe(this.element);
        this.#mark();
    }

    // Take rows in: [match, last, change, low, high, count] each. `all`: they
    // replace what was there.
    take(rows, all) {
        if (all) {
            this.#rows.clear();
        }
        const before = this.#rows.size;
        for (const [match, last, step, low, high, count] of rows) {
            this.#rows.set(match, {match, last, change: step, low, high, count});
        }
        const late = performance.now() - this.#sorted_at >= SORT_MS;
        if (all || this.#rows.size !== before ||
            (late && this.#sort.name !== 'match')) {
            this.#arrange();
        }
        const since = performance.now() - this.#drawn_at;
        this.#timer ??= setTimeout(() => {
            this.#timer = null;
            this.#later();
        }, Math.max(0, DRAW_MS - since));
    }

    get size() {
        return this.#rows.size;
    }

    get shown() {
        return this.#order.length;
    }

    row(match) {
        return this.#rows.get(match);
    }

    // Show only the matches whose number begins with this text.
    filter(text) {
        this.#filter = text;
        this.element.scrollTop = 0;
        this.#arrange();
        this.#later();
    }

    // Mark a match, and have its row in sight as soon as it has one.
    choose(match) {
        this.#chosen = match;
        this.#reveal = match !== null;
        this.#later();
    }

    close() {
        clearTimeout(this.#timer);
        cancelAnimationFrame(this.#frame);
        this.#size.disconnect();
    }

    #sortBy(name) {
        const same = this.#sort.name === name;
        // What one looks for first is the largest, but of the numbers' names.
        this.#sort = {name, down: same ? !this.#sort.down : name !== 'match'};
        this.#mark();
        this.#arrange();
        this.#later();
    }

    #mark() {
        for (const [name, head] of this.#heads) {
            setAttribute(head, 'aria-sort', name !== this.#sort.name ? null :
                this.#sort.down ? 'descending' : 'ascending');
        }
    }

    #arrange() {
        this.#sorted_at = performance.now();
        const {name, down} = this.#sort;
        const way = down ? -1 : 1;
        // A change may be unknown: after all others.
        const value = row => row[name] ?? -Infinity * way;
        const rows = [...this.#rows.values()].filter(
            row => String(row.match).startsWith(this.#filter));
        rows.sort((a, b) => way * (value(a) - value(b)) || a.match - b.match);
        this.#order = rows.map(row => row.match);
    }

    // One frame for all that came since the last.
    #later() {
        this.#frame ||= requestAnimationFrame(() => {
            this.#frame = 0;
            this.#drawn_at = performance.now();
            this.#draw();
        });
    }

    #draw() {
        const n = this.#order.length;
        const fit = Math.ceil(this.element.clientHeight / ROW_PX) + 1;
        const shown = Math.min(n, fit);
        const top = this.#top();
        const first = Math.max(0, Math.min(n - shown,
            Math.floor(top / ROW_PX)));
        while (this.#pool.length < shown) {
            this.#pool.push(this.#newRow());
        }
        while (this.#pool.length > shown) {
            this.#pool.pop().element.remove();
        }
        height(this.#above, first);
        height(this.#below, n - first - shown);
        if (this.element.scrollTop !== top) {
            this.element.scrollTop = top;
        }
        setAttribute(this.#table, 'aria-rowcount', String(n + 1));
        this.#pool.forEach((one, i) => this.#fillRow(one, first + i));
    }

    #newRow() {
        const cells = COLUMNS.map((_, i) =>
            h(i ? 'td' : 'th', {scope: i ? null : 'row'}, ''));
        const texts = cells.map(cell => cell.appendChild(new Text('')));
        const element = h('tr', {}, cells);
        this.#body.insertBefore(element, this.#below);
        return {element, texts, change: cells[2]};
    }

    #fillRow(one, i) {
        const match = this.#order[i];
        const row = this.#rows.get(match);
        if (!row) {
            return;
        }
        COLUMNS.forEach((column, j) => setText(one.texts[j], column.text(row)));
        setAttribute(one.change, 'data-sign', sign(row.change));
        setAttribute(one.element, 'data-match', String(match));
        setAttribute(one.element, 'aria-rowindex', String(i + 2));
        setAttribute(one.element, 'aria-current',
            match === this.#chosen ? 'true' : null);
    }

    #click(event) {
        const row = event.target.closest('tr[data-match]');
        if (row) {
            this.#open(Number(row.dataset.match));
        }
    }

    #key(event) {
        if (event.target !== this.element || this.#order.length === 0) {
            return;
        }
        const page = Math.max(1,
            Math.floor(this.element.clientHeight / ROW_PX) - 2);
        const steps = {ArrowUp: -1, ArrowDown: 1, PageUp: -page,
            PageDown: page, Home: -Infinity, End: Infinity};
        if (event.key === 'Enter' && this.#chosen !== null) {
            this.#open(this.#chosen);
        } else if (event.key in steps) {
            event.preventDefault();
            this.#move(steps[event.key]);
        }
    }

    #move(step) {
        const last = this.#order.length - 1;
        const at = this.#order.indexOf(this.#chosen);
        const next = at === -1 ? 0 : Math.max(0, Math.min(last, at + step));
        this.choose(this.#order[next]);
    }

    // Where to scroll to: where it is, unless the chosen row is to be in sight.
    #top() {
        const {scrollTop, clientHeight} = this.element;
        const at = this.#reveal ? this.#order.indexOf(this.#chosen) : -1;
        if (at === -1 || clientHeight === 0) {
            return scrollTop;
        }
        this.#reveal = false;
        const top = at * ROW_PX;
        const room = clientHeight - 2 * ROW_PX; // the heading stays
        const far = Math.abs(top - scrollTop - room / 2) > room;
        return Math.max(0, far ? top - room / 2 :
            Math.max(top - room, Math.min(top, scrollTop)));
    }
}

function height(spacer, rows) {
    const text = `${rows * ROW_PX}px`;
    if (spacer.style.height !== text) {
        spacer.style.height = text;
        spacer.hidden = rows === 0;
    }
}
