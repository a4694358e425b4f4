// copy.js - a button that copies a text.

import {announce, h} from './dom.js';

const SHOWN_MS = 2000;

// Where the browser gives no clipboard (a page without TLS that is not on
// loopback), the text is shown selected instead.
async function copy(text, button, what) {
    const before = button.textContent;
    try {
        await navigator.clipboard.writeText(text);
    } catch {
        const field = h('textarea', {class: 'to-copy', readonly: true, rows: '3',
            'aria-label': `${what}: copy it from here`});
        field.value = text;
        button.parentNode.querySelector('.to-copy')?.remove();
        button.parentNode.append(field);
        field.select();
        return;
    }
    button.textContent = 'Copied';
    announce(`${what} copied`);
    setTimeout(() => {
        button.textContent = before;
    }, SHOWN_MS);
}

export function copyButton(label, what, text) {
    const button = h('button', {type: 'button', title: text,
        onclick: () => copy(text, button, what)}, label);
    return button;
}
