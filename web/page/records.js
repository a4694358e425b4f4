// records.js - the records of a topic: a screenful, and the next on request.
//
// A page of records replaces the one before. With a text to look for, or an
// expression in jq, one request looks for a second at most and says how far it
// came; what it finds is added to the page until that is full.

import {
    announce, fill, h, note, problem, setAttribute, setText,
} from './dom.js';
import {number} from './format.js';
import {address, get} from './net.js';
import {recordLine} from './record.js';

const SCREENFUL = 50;

// What to show, from the query of a route.
export function wantedOf(query) {
    return {
        from: query.get('from') || 'newest',
        partition: query.get('partition') ?? '',
        text: query.get('text') ?? '',
        jq: query.get('jq') ?? '',
    };
}

const kindOf = from => /^(newest|oldest)$/.test(from) ? from :
    /^[0-9]+$/.test(from) ? 'offset' : 'time';

// A time of the API as a field of the browser's zone has it, and back.
function toField(time) {
    const date = new Date(time);
    if (Number.isNaN(date.getTime())) {
        return '';
    }
    const local = new Date(date - date.getTimezoneOffset() * 60000);
    return local.toISOString().slice(0, 19);
}

function fromField(value) {
    const date = new Date(value);
    return Number.isNaN(date.getTime()) ? 'newest' : date.toISOString();
}

function field(label, control, ...more) {
    return h('span', {class: 'field'},
        h('label', {for: control.id}, label), control, more);
}

// The form that says which records; look(wanted) is called with what it says.
export class RecordsForm {
    #from;
    #offset;
    #time;
    #partition;
    #text;
    #jq;
    #partitions = -1;
    #wanted;

    constructor(wanted, look) {
        this.#from = h('select', {id: 'from', onchange: () => this.#fields()},
            [['newest', 'the newest'], ['oldest', 'the oldest'],
                ['offset', 'an offset'], ['time', 'a time']].map(
                ([value, text]) => h('option', {value}, text)));
        this.#offset = h('input', {type: 'number', min: '0', id: 'offset',
            'aria-label': 'Offset', placeholder: 'offset'});
        this.#time = h('input', {type: 'datetime-local', step: '1', id: 'time',
            'aria-label': 'Time, in your zone'});
        this.#partition = h('select', {id: 'partition'});
        this.#text = h('input', {type: 'search', id: 'filter',
            placeholder: 'in value, key, header', autocomplete: 'off'});
        this.#jq = h('textarea', {id: 'jq', rows: '1', maxlength: '2000',
            placeholder: '.price > 5 and $record.partition == 0',
            autocomplete: 'off', autocapitalize: 'off', spellcheck: 'false',
            'aria-description': 'Enter looks, Shift and Enter begins a line',
            oninput: () => this.#lines(),
            onkeydown: event => {
                if (event.key === 'Enter' && !event.shiftKey &&
                    !event.isComposing) {
                    event.preventDefault();
                    this.element.requestSubmit();
                }
            }});
        this.element = h('form', {class: 'tools', onsubmit: event => {
            event.preventDefault();
            look(this.#read());
        }},
        field('From', this.#from, this.#offset, this.#time),
        field('Partition', this.#partition), field('Text', this.#text),
        field('jq', this.#jq),
        h('button', {type: 'submit', class: 'main'}, 'Look'));
        this.set(wanted);
    }

    set(wanted) {
        this.#wanted = wanted;
        const kind = kindOf(wanted.from);
        this.#from.value = kind;
        this.#offset.value = kind === 'offset' ? wanted.from : '';
        this.#time.value = kind === 'time' ? toField(wanted.from) : '';
        this.#text.value = wanted.text;
        this.#jq.value = wanted.jq;
        this.#lines();
        this.#choosePartition();
        this.#fields();
    }

    // How many partitions there are to choose from.
    partitions(n) {
        if (n !== this.#partitions) {
            this.#partitions = n;
            this.#choosePartition();
        }
    }

    #choosePartition() {
        const chosen = this.#wanted.partition;
        const n = Math.max(this.#partitions, 0);
        const names = Array.from({length: n}, (_, i) => String(i));
        if (chosen !== '' && !names.includes(chosen)) {
            names.push(chosen);
        }
        fill(this.#partition, h('option', {value: ''}, 'all'),
            names.map(name => h('option', {value: name}, name)));
        this.#partition.value = chosen;
    }

    // As many lines of the expression as it has are in sight, up to a few.
    #lines() {
        setAttribute(this.#jq, 'rows',
            String(Math.min(this.#jq.value.split('\n').length, 8)));
    }

    #fields() {
        const kind = this.#from.value;
        this.#offset.hidden = kind !== 'offset';
        this.#offset.required = kind === 'offset';
        this.#time.hidden = kind !== 'time';
        this.#time.required = kind === 'time';
    }

    #read() {
        const kind = this.#from.value;
        return {
            from: kind === 'offset' ? this.#offset.value :
                kind === 'time' ? fromField(this.#time.value) : kind,
            partition: this.#partition.value,
            text: this.#text.value,
            jq: this.#jq.value.trim(),
        };
    }
}

// The list of what was found.
export class RecordsList {
    #topic;
    #wanted;
    #abort = null;
    #pages = [null]; // where each page up to this one begins: tokens
    #next = null; // where it goes on
    #found = 0; // on this page
    #looked = 0; // at how many records, since the first page
    #unsaid = 0; // of how many of them jq could not say whether it is true,
    #such; // and what it said of the first
    #total = null;
    #list = h('div', {class: 'records'});
    #progress = h('p', {class: 'soft', role: 'status'});
    #buttons = h('p', {class: 'tools'});

    constructor(topic, wanted) {
        this.#topic = topic;
        this.#wanted = wanted;
        this.element = h('div', {}, this.#list, this.#progress, this.#buttons);
        this.#begin();
    }

    // How many records the topic has.
    total(n) {
        this.#total = n;
    }

    close() {
        this.#abort?.abort();
    }

    // Fill a page from where the last of #pages begins.
    #begin() {
        this.#found = 0;
        this.#next = this.#pages.at(-1);
        fill(this.#list, note('Looking.'));
        return this.#look(false);
    }

    // Look on: once, or until the page has another record.
    async #look(until_found) {
        this.#abort?.abort();
        const abort = this.#abort = new AbortController();
        const before = this.#found;
        fill(this.#buttons, h('button', {type: 'button', onclick: () => {
            abort.abort();
            this.#settle(null);
        }}, 'Stop'));
        try {
            do {
                const answer = await get(this.#url(), abort.signal);
                if (abort.signal.aborted) {
                    return;
                }
                this.#take(answer);
            } while (until_found && this.#next !== null &&
                this.#found === before);
            this.#settle(null);
        } catch (err) {
            if (!abort.signal.aborted) {
                this.#settle(err);
            }
        }
    }

    #url() {
        const {from, partition, text, jq} = this.#wanted;
        const query = new URLSearchParams({from,
            limit: SCREENFUL - this.#found});
        if (partition !== '') {
            query.set('partition', partition);
        }
        if (text !== '') {
            query.set('text', text);
        }
        if (jq !== '') {
            query.set('jq', jq);
        }
        if (this.#next !== null) {
            query.set('next', this.#next);
        }
        return `${address('topics', this.#topic, 'records')}?${query}`;
    }

    #take(answer) {
        const lines = answer.records.map(
            record => recordLine(this.#topic, record));
        if (this.#found === 0) {
            fill(this.#list, lines);
        } else {
            this.#list.append(...lines);
        }
        this.#found += lines.length;
        this.#looked += answer.looked_at;
        this.#unsaid += answer.unsaid?.count ?? 0;
        this.#such ??= answer.unsaid;
        this.#next = answer.more ? answer.next : null;
        this.#say(answer.until?.offsets ?? {});
    }

    get #filtered() {
        return this.#wanted.text !== '' || this.#wanted.jq !== '';
    }

    #say(offsets) {
        if (!this.#filtered) {
            return;
        }
        const places = Object.entries(offsets).slice(0, 4).map(
            ([partition, offset]) => `${partition}:${offset}`);
        // A topic grows meanwhile, and not all of it may be asked for.
        const all = /^(newest|oldest)$/.test(this.#wanted.from) &&
            this.#wanted.partition === '' && this.#total >= this.#looked;
        const total = all ? ` of ${number(this.#total)}` : '';
        setText(this.#progress, `Looked at ${number(this.#looked)}${total} ` +
            `records${places.length ? `, up to ${places.join(', ')}` : ''}. ` +
            `${number(this.#found)} found on this page.` + this.#cannotSay());
    }

    // The records that jq could make nothing of.
    #cannotSay() {
        const {partition, offset, why} = this.#such ?? {};
        return this.#such ? ` Of ${number(this.#unsaid)} it cannot be said, ` +
            `such as ${partition}:${offset}: ${why}.` : '';
    }

    // Offer what can be done next.
    #settle(err) {
        const filtered = this.#filtered;
        const full = this.#found >= SCREENFUL;
        const button = (text, act) => h('button',
            {type: 'button', onclick: act}, text);
        if (this.#found === 0) {
            fill(this.#list, err ? null : note(this.#emptiness()));
        }
        fill(this.#buttons,
            err && problem(err, () => this.#look(false)),
            this.#pages.length > 1 && button('Back', () => {
                this.#pages.pop();
                this.#begin();
            }),
            !err && this.#next !== null && (!filtered || full) &&
                button(this.#wanted.from === 'newest' ? 'Older' : 'Newer',
                    () => this.#turn()),
            !err && this.#next !== null && filtered && !full && [
                button('Look further', () => this.#look(false)),
                button('Look until one is found', () => this.#look(true)),
            ]);
        if (!filtered) {
            announce(`${number(this.#found)} records`);
        }
    }

    #turn() {
        this.#pages.push(this.#next);
        this.#begin();
        this.element.scrollIntoView({block: 'start'});
    }

    #emptiness() {
        if (this.#next !== null) {
            return 'Nothing found so far.';
        }
        const {text, jq} = this.#wanted;
        if (jq !== '') {
            return `There is no record for which this is true${text === '' ?
                '' : ' and that has this text'}.`;
        }
        return text !== '' ?
            'No record has this text in its value, its key or a header.' :
            'No records here. What is written to the topic is listed here.';
    }
}
