// connection.test.mjs - a page that has lost its connection says so, and
// recovers by itself; one that nobody sees asks for nothing.

import assert from 'node:assert/strict';
import {after, before, beforeEach, afterEach, test} from 'node:test';
import {launch, open, shot, visit} from './browser.mjs';
import {standIn} from './stand-in.mjs';

// Above 1 on a machine that does other things beside.
const PATIENCE = Number(process.env.DRILL_PATIENCE ?? 1);

let browser;
let server;
let page;

before(async () => {
    browser = await launch();
});

after(() => browser.close());

beforeEach(async () => {
    server = await standIn();
    page = await open(browser, `${server.url}#/prices`);
    await page.waitForSelector('tr[data-match="100"]');
    await page.waitForSelector('[data-state=healthy]');
});

afterEach(async () => {
    await page.context().close();
    server.close();
});

const banner = state => page.waitForSelector('#banner', {state});

async function timed(wait) {
    const began = Date.now();
    await wait;
    return Date.now() - began;
}

test('a_cut_connection_is_said_within_3_s_and_found_again', async () => {
    server.cut();
    const ms = await timed(banner('visible'));
    assert.ok(ms > 1000 && ms < 3500 * PATIENCE, `said after ${ms} ms`);
    assert.match(await page.textContent('#banner'),
        /Connection lost, trying again\. What is shown is of \d\d:\d\d:\d\d\./);
    assert.match(await page.title(), /connection lost/);
    await shot(page, 'lost');
    server.welcome();
    await banner('hidden');
    // The other streams are back, too.
    const before = await page.textContent('tr[data-match="101"]');
    await page.waitForFunction(text => document.querySelector(
        'tr[data-match="101"]').textContent !== text, before);
    assert.deepEqual(page.wrong, []);
});

test('a_short_cut_is_not_worth_a_word', async () => {
    server.cut();
    server.welcome();
    const n = server.feed.asked.length;
    await page.waitForFunction(() => true);
    await eventually(() => server.feed.asked.slice(n)
        .filter(path => path.endsWith('/events')).length >= 2);
    assert.equal(await page.isVisible('#banner'), false);
});

test('a_silent_connection_is_as_good_as_none', async () => {
    server.feed.silent = true;
    const ms = await timed(banner('visible'));
    assert.ok(ms < 3500 * PATIENCE, `said after ${ms} ms`);
    server.feed.silent = false;
    await banner('hidden');
});

test('a_click_tries_at_once', async () => {
    server.cut();
    await banner('visible');
    // Until the pauses between two attempts have become long.
    await page.waitForTimeout(4500);
    server.welcome();
    await page.click('#banner-retry');
    assert.ok(await timed(banner('hidden')) < 1500 * PATIENCE);
});

test('a_hidden_page_has_no_stream_open_and_a_seen_one_catches_up', async () => {
    const hide = hidden => page.evaluate(is => {
        Object.defineProperty(document, 'hidden',
            {configurable: true, get: () => is});
        document.dispatchEvent(new Event('visibilitychange'));
    }, hidden);
    await eventually(() => server.streams() === 2);
    await hide(true);
    await eventually(() => server.streams() === 0);
    await page.waitForTimeout(3000); // as long as a silence lasts
    assert.equal(await page.isVisible('#banner'), false);
    assert.equal(server.streams(), 0);
    const n = server.feed.asked.length;
    await hide(false);
    await eventually(() => server.streams() === 2);
    await eventually(() => server.feed.asked.slice(n)
        .includes('/api/v1/history'));
    assert.equal(await page.isVisible('#banner'), false);
});

test('a_view_that_is_left_closes_its_streams', async () => {
    for (const route of ['logs/kafka', 'prices/123', 'now', 'topics/haystack',
        'now']) {
        await visit(page, route);
        await page.waitForSelector('h1');
    }
    await eventually(() => server.streams() === 1);
});

async function eventually(holds, ms = 5000) {
    const until = Date.now() + ms;
    while (!holds()) {
        assert.ok(Date.now() < until, `it did not come true: ${holds}`);
        await new Promise(later => setTimeout(later, 20));
    }
}
