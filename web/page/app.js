// app.js - the page: which view is shown, its keys, and what all views share:
// the health at the top, and the word that the connection is lost.

import * as groups from './groups.js';
import * as logs from './logs.js';
import * as now from './now.js';
import * as prices from './prices.js';
import * as store from './store.js';
import * as topics from './topics.js';
import {fill, h, heading, note, announce, setAttribute, setText} from './dom.js';
import {clock} from './format.js';
import {listen, live, start} from './live.js';
import {get, retryNow} from './net.js';

const VIEWS = {now, prices, topics, groups, logs, store};
const main = document.getElementById('main');
const byId = id => document.getElementById(id);

// A view has show(main, route), which fills `main` and returns:
//
//   title    for the window
//   update   (route): the same view with another route, or none: show again
//   back     where Escape leads to, or none
//   close    ends what it follows
let shown = {name: null, path: null, view: null};

function decode(part) {
    try {
        return decodeURIComponent(part);
    } catch {
        return part;
    }
}

// #/topics/NAME?from=oldest: its view, the parts after it, the query.
function routeOf(hash) {
    const [path, query = ''] = hash.replace(/^#\/?/, '').split(/\?(.*)/s);
    const [name, ...parts] = path.split('/').filter(Boolean).map(decode);
    return {name: name ?? 'now', parts, query: new URLSearchParams(query)};
}

// The routes of one path differ by what a view can change in place.
const pathOf = route => route.name === 'topics' ?
    ['topics', ...route.parts].join('/') :
    route.name === 'store' ? JSON.stringify(route.parts) :
    route.name === 'groups' ? `groups/${route.parts[0] ?? ''}` : route.name;

function go() {
    const route = routeOf(location.hash);
    const path = pathOf(route);
    if (shown.path === path && shown.view.update) {
        shown.view.update(route);
    } else {
        const first = shown.path === null;
        shown.view?.close();
        const view = VIEWS[route.name]?.show(main, route) ?? nothing();
        shown = {name: route.name, path, view};
        if (!first) {
            scrollTo(0, 0);
            main.querySelector('h1').focus({preventScroll: true});
        }
    }
    for (const link of document.querySelectorAll('[data-view]')) {
        setAttribute(link, 'aria-current',
            link.dataset.view === route.name ? 'page' : null);
    }
    retitle();
}

function nothing() {
    fill(main, heading('Nothing here'), note('There is no such view. ',
        h('a', {href: '#/now'}, 'How the feed is now'), '.'));
    return {title: 'Nothing here', close() {}};
}

function retitle() {
    const word = live.lost ? 'connection lost' : live.now?.health.state;
    const title = `${shown.view.title} · ${word ? `${word} · ` : ''}pricefeed`;
    if (document.title !== title) {
        document.title = title;
    }
}

// What all views share.
function share() {
    const {now: feed, lost, heard_at} = live;
    byId('banner').hidden = !lost;
    document.body.classList.toggle('lost', lost);
    if (lost) {
        setText(byId('banner-text'), 'Connection lost, trying again.' + (heard_at ?
            ` What is shown is of ${clock(heard_at)}.` : ''));
    }
    if (feed) {
        const {state, why} = feed.health;
        const word = byId('health-word');
        if (word.textContent !== state && !lost) {
            announce(`The feed is ${state}${why ? `: ${why}` : ''}`);
        }
        setText(word, lost ? 'unknown' : state);
        setAttribute(byId('health'), 'data-state', lost ? 'unknown' : state);
        setAttribute(byId('health'), 'title', why ?? null);
        setText(byId('version'), `pricefeed ${feed.version}`);
    }
    retitle();
}

const linkTo = name => document.querySelector(`[data-view="${name}"]`);

// A feed has no store unless it is told of one, and then the page has no view
// of it. Nobody waits for that.
async function lookForStore() {
    try {
        await get('api/v1/store');
    } catch (err) {
        if (err.status === 404 || !err.status) {
            return;
        }
    }
    linkTo('store').hidden = false;
    setText(byId('last-key'), '6');
}

function isTyping(element) {
    return element.matches('input, select, textarea');
}

function key(event) {
    if (event.ctrlKey || event.altKey || event.metaKey) {
        return;
    }
    if (event.key === 'Escape' && shown.view.back &&
        !document.activeElement.value) {
        location.hash = shown.view.back;
    } else if (isTyping(document.activeElement)) {
        return;
    } else if (event.key === '/' && byId('filter')) {
        event.preventDefault();
        byId('filter').focus();
    } else if (Object.keys(VIEWS)[event.key - 1]) {
        const name = Object.keys(VIEWS)[event.key - 1];
        if (!linkTo(name).hidden) {
            location.hash = `#/${name}`;
        }
    }
}

addEventListener('hashchange', go);
addEventListener('keydown', key);
byId('banner-retry').addEventListener('click', retryNow);
document.querySelector('.skip').addEventListener('click', event => {
    event.preventDefault(); // the hash is the route's
    main.focus();
});
listen(share);
start();
go();
lookForStore();
