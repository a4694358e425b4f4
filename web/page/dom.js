// dom.js - elements, made by calls: what comes from a feed is only ever text.

// Make an element: h('a', {href: '#/now', onclick: go}, 'text', another).
// An attribute or a child that is null or false is left out.
export function h(tag, attributes = {}, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
        if (value === null || value === undefined || value === false) {
            continue;
        }
        if (name.startsWith('on')) {
            element.addEventListener(name.slice(2), value);
        } else {
            element.setAttribute(name, value === true ? '' : value);
        }
    }
    fill(element, ...children);
    return element;
}

// Replace what is in an element.
export function fill(element, ...children) {
    element.replaceChildren(...children.flat().filter(
        child => child !== null && child !== undefined && child !== false));
    return element;
}

// Set the text of a node if it is another one: the browser then has nothing
// to lay out for what stays as it is.
export function setText(node, text) {
    if (node.textContent !== text) {
        node.textContent = text;
    }
}

export function setAttribute(element, name, value) {
    if (value === null || value === undefined) {
        element.removeAttribute(name);
    } else if (element.getAttribute(name) !== value) {
        element.setAttribute(name, value);
    }
}

// What a view says instead of data: a sentence, and why.
export function note(...children) {
    return h('p', {class: 'note'}, ...children);
}

// What went wrong, with a button to try again.
export function problem(err, again) {
    return h('p', {class: 'note problem', role: 'alert'}, err.message, ' ',
        again && h('button', {type: 'button', onclick: again}, 'Try again'));
}

// Have a screen reader say a sentence.
export function announce(sentence) {
    setText(document.getElementById('said'), sentence);
}

// A heading of a view; app.js moves the focus there.
export function heading(...children) {
    return h('h1', {tabindex: '-1'}, ...children);
}
