// logs.js - the view of logs: the end of each program's, live.

import {fill, h, heading, note, problem, setAttribute, setText} from './dom.js';
import {count, moment, utc, visible} from './format.js';
import {Poll, Stream, address, get} from './net.js';

const FIRST = 200; // lines, when a log is opened
const KEPT = 2000;
const UNOPENED_MS = 1000;
const DRAW_MS = 250;
const AT_END_PX = 24; // as far from the end still counts as at the end
const LEVELS = ['debug', 'info', 'warning', 'error'];

const same = (a, b) => a.time === b.time && a.text === b.text;

// The lines of `later` that are not already at the end of `earlier`: both were
// asked for at about the same time.
function unseen(earlier, later) {
    for (let n = Math.min(earlier.length, later.length); n > 0; n--) {
        const tail = earlier.slice(-n);
        if (tail.every((line, i) => same(line, later[i]))) {
            return later.slice(n);
        }
    }
    return later;
}

function element(line) {
    const text = visible(line.text);
    return h('div', {class: 'line', 'data-level': line.level},
        line.time ? h('time', {title: utc(line.time)},
            moment(line.time).slice(11)) : h('span', {class: 'no-time'}),
        h('span', {class: 'level'}, line.level), h('bdi', {}, text));
}

// The lines of one log. As long as its end is in sight it follows; scrolled up,
// it keeps what comes until asked for.
class Lines {
    #list = h('div', {class: 'lines', tabindex: '0', role: 'log',
        'aria-live': 'off', onscroll: () => this.#scrolled()});
    #more = h('button', {type: 'button', class: 'more', hidden: true,
        onclick: () => this.#resume()});
    #waiting = [];
    #paused = false;
    #top = 0; // where it was scrolled to
    #timer = null;
    #drawn_at = 0;
    #before = null; // lines of the stream, until the first answer is there
    #stream = null;
    #unopened = null;
    #abort = new AbortController();
    #url;
    #level;

    constructor(name, level) {
        this.#url = address('logs', name);
        this.#level = level;
        setAttribute(this.#list, 'aria-label', `Log of ${name}`);
        this.element = h('div', {class: 'log'}, this.#list, this.#more);
        fill(this.#list, note('Reading the log.'));
        this.#stream = new Stream(`${this.#url}/events?level=${level}`, {
            opened: () => {
                clearTimeout(this.#unopened);
                this.#load();
            },
            events: {line: line => this.#take(line)},
        });
        // Without a stream, its answer says why.
        this.#unopened = setTimeout(() => this.#load(), UNOPENED_MS);
    }

    close() {
        this.#stream.close();
        clearTimeout(this.#unopened);
        this.#abort.abort();
        clearTimeout(this.#timer);
    }

    // The end of the log as it is: at first, and after a lost connection.
    async #load() {
        this.#abort.abort();
        const abort = this.#abort = new AbortController();
        this.#before = [];
        try {
            const answer = await get(
                `${this.#url}?lines=${FIRST}&level=${this.#level}`,
                abort.signal);
            if (abort.signal.aborted) {
                return;
            }
            const later = unseen(answer.lines, this.#before);
            this.#before = null;
            this.#waiting = [...answer.lines, ...later];
            fill(this.#list, this.#waiting.length === 0 && note('No line of ' +
                'this level yet. Lines are shown here as they are written.'));
            this.#resume();
        } catch (err) {
            if (!abort.signal.aborted) {
                this.#before = null;
                fill(this.#list, problem(err, () => this.#load()));
            }
        }
    }

    #take(line) {
        const to = this.#before ?? this.#waiting;
        to.push(line);
        if (to.length > KEPT) {
            to.shift();
        }
        this.#later();
    }

    // Draw all that came since the last time, soon, but not all the time.
    #later() {
        if (this.#timer !== null) {
            return;
        }
        const since = performance.now() - this.#drawn_at;
        this.#timer = setTimeout(() => {
            this.#timer = null;
            this.#drawn_at = performance.now();
            this.#draw();
        }, Math.max(0, DRAW_MS - since));
    }

    #draw() {
        if (this.#paused) {
            this.#more.hidden = this.#waiting.length === 0;
            setText(this.#more, `${count(this.#waiting.length, 'new line')}` +
                `${this.#waiting.length === KEPT ? ' or more' : ''} below: ` +
                'follow again');
            return;
        }
        this.#more.hidden = true;
        if (this.#waiting.length === 0) {
            return;
        }
        this.#list.querySelector('.note')?.remove();
        this.#list.append(...this.#waiting.map(element));
        this.#waiting = [];
        while (this.#list.childElementCount > KEPT) {
            this.#list.firstElementChild.remove();
        }
        this.#list.scrollTop = this.#list.scrollHeight;
    }

    #scrolled() {
        const {scrollTop, scrollHeight, clientHeight} = this.#list;
        const at_end = scrollHeight - scrollTop - clientHeight <= AT_END_PX;
        const up = scrollTop < this.#top; // lines that grow are no reason
        this.#top = scrollTop;
        if (this.#paused ? at_end : up && !at_end) {
            this.#paused = !at_end;
            this.#later();
        }
    }

    #resume() {
        this.#paused = false;
        this.#later();
        this.#list.scrollTop = this.#list.scrollHeight;
    }
}

export function show(main, route) {
    let lines = null;
    let name = null;
    const level = h('select', {id: 'level', onchange: () => open()},
        LEVELS.map(one => h('option', {value: one}, one)));
    level.value = 'info';
    const names = h('nav', {class: 'tabs', 'aria-label': 'Programs'});
    const place = h('div', {}, note('Asking which logs there are.'));
    fill(main, heading('Logs'),
        h('section', {class: 'card'},
            h('div', {class: 'tools'}, names,
                h('label', {for: 'level'}, 'At least'), level),
            place));

    function open() {
        lines?.close();
        lines = new Lines(name, level.value);
        fill(place, lines.element);
    }

    function choose(next) {
        if (next !== undefined && next !== name) {
            name = next;
            open();
        }
        for (const link of names.children) {
            setAttribute(link, 'aria-current',
                link.textContent === name ? 'page' : null);
        }
    }

    const poll = new Poll('api/v1/logs', answer => {
        const known = answer.logs.map(log => log.name);
        const shown = [...names.children].map(link => link.textContent);
        if (known.join('\n') !== shown.join('\n')) {
            fill(names, known.map(one => h('a',
                {href: `#/logs/${encodeURIComponent(one)}`}, one)));
        }
        if (known.length === 0 && name === null) {
            fill(place, note('There are no logs here. The programs of a feed ' +
                'that runs beside this page have theirs here.'));
        }
        choose(name ?? known[0]);
    }, err => {
        if (name === null) {
            fill(place, problem(err, () => poll.resume()));
        }
    });
    choose(route.parts[0]);

    return {
        title: 'Logs',
        update: next => choose(next.parts[0]),
        close() {
            poll.close();
            lines?.close();
        },
    };
}
