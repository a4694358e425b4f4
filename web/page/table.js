// table.js - a table that is filled again and again.
//
// A row stays the same element as long as its key is there: the focus, a
// selection and the place of scrolling survive, and only what changed is drawn.

import {h, setAttribute, setText} from './dom.js';

const LONG = 30;

// new Table('Programs', [{head: 'State', text: row => row.state}, ...],
//           row => row.name): its caption, its columns, the key of a row. Of a
// column, besides `head` and `text`:
//
//   number   true: it is aligned to the right
//   wrap     true: a long text has several lines
//   href     (row): where a link in the cell leads to, or null
//   title    (row): a tooltip
//   state    (row): the cell's data-state, for its colour
//
// `element` is the table, in an element that scrolls by itself if the window
// is too narrow.
export class Table {
    #columns;
    #key;
    #rows = new Map();
    #body = h('tbody');

    constructor(caption, columns, key) {
        this.#columns = columns;
        this.#key = key;
        this.element = h('div', {class: 'scroll', role: 'region',
            'aria-label': caption, tabindex: '0'},
        h('table', {},
            h('caption', {class: 'unseen'}, caption),
            h('thead', {}, h('tr', {}, columns.map(column => h('th', {
                scope: 'col', class: classOf(column),
            }, column.head)))),
            this.#body));
    }

    set(rows) {
        const gone = new Set(this.#rows.keys());
        rows.forEach((row, i) => {
            const key = String(this.#key(row));
            gone.delete(key);
            const cells = this.#rows.get(key) ?? this.#add(key);
            this.#columns.forEach((column, j) =>
                update(cells[j], column, row));
            const element = cells[0].parentNode;
            if (this.#body.children[i] !== element) {
                this.#body.insertBefore(element, this.#body.children[i]);
            }
        });
        for (const key of gone) {
            this.#rows.get(key)[0].parentNode.remove();
            this.#rows.delete(key);
        }
    }

    #add(key) {
        const cells = this.#columns.map((column, i) => h(i ? 'td' : 'th', {
            scope: i ? null : 'row', class: classOf(column),
        }, column.href && h('a')));
        h('tr', {}, cells);
        this.#rows.set(key, cells);
        return cells;
    }
}

function classOf(column) {
    return column.number ? 'number' : column.wrap ? 'wrap' : null;
}

function update(cell, column, row) {
    const link = column.href ? cell.firstChild : null;
    if (link) {
        setAttribute(link, 'href', column.href(row));
    }
    const text = column.text(row);
    setText(link ?? cell, text);
    // What is too long for a cell is cut by style.css.
    setAttribute(cell, 'title', column.title ? column.title(row) :
        text.length > LONG ? text : null);
    if (column.state) {
        setAttribute(cell, 'data-state', column.state(row));
    }
}
