// load.test.mjs - a page at the feed's full speed: it answers, its memory is
// flat, and it takes little of a processor.
//
// Its limits are the time that the page's thread itself has run: another program
// on the same processors may make a task or a frame late. How late they are is in
// the diagnostics, and how fast the page is in tests/bench/page.py.

import assert from 'node:assert/strict';
import {after, before, test} from 'node:test';
import {launch, open} from './browser.mjs';
import {standIn} from './stand-in.mjs';

const SECONDS = Number(process.env.BROWSER_SECONDS ?? 6);
let browser;
let server;

before(async () => {
    server = await standIn();
    browser = await launch();
});

after(async () => {
    await browser.close();
    server.close();
});

// What a page does for some seconds: the share of a processor its thread takes,
// its long tasks, and how much its memory grows.
async function watch(page, seconds) {
    const session = await page.context().newCDPSession(page);
    await session.send('Performance.enable');
    const busy = async () => (await session.send('Performance.getMetrics'))
        .metrics.find(metric => metric.name === 'ThreadTime').value;
    const heap = async () => {
        // The second one takes what the first one has let go of.
        await session.send('HeapProfiler.collectGarbage');
        await session.send('HeapProfiler.collectGarbage');
        return (await session.send('Runtime.getHeapUsage')).usedSize;
    };
    await page.evaluate(() => {
        globalThis.tasks = [];
        new PerformanceObserver(list => globalThis.tasks.push(
            ...list.getEntries().map(entry => entry.duration)))
            .observe({type: 'longtask'});
    });
    const heap_before = await heap();
    const before = await busy();
    await page.waitForTimeout(seconds * 1000);
    const share = (await busy() - before) / seconds;
    const tasks = await page.evaluate(() => globalThis.tasks);
    return {share, tasks, grown: await heap() - heap_before};
}

const say = (t, name, {share, tasks, grown}) => t.diagnostic(
    `${name}: ${(100 * share).toFixed(1)} % of a processor, ` +
    `${tasks.length} tasks above 50 ms, heap ${(grown / 1024).toFixed(0)} KB`);

test('nine_hundred_matches_ten_times_a_second_leave_it_responsive', async t => {
    const page = await open(browser, `${server.url}#/prices/123`);
    await page.waitForSelector('tr[data-match="123"]');
    await page.waitForSelector('.side canvas');
    await page.click('th button:text("Last")');
    const seen = await watch(page, SECONDS);
    say(t, 'prices', seen);
    assert.ok(seen.share < 0.2, `${seen.share} of a processor`);
    assert.ok(seen.grown < 2 * 1024 * 1024, `${seen.grown} bytes more`);
    const rows = await page.locator('main tr').count();
    assert.ok(rows < 60, `${rows} rows are in the document`);
    // A click is in the next frame.
    const drawn = await page.evaluate(() => new Promise(done => {
        const began = performance.now();
        document.querySelector('th button').click();
        requestAnimationFrame(() => done({ms: performance.now() - began,
            sorted: document.querySelector('th').getAttribute('aria-sort')}));
    }));
    t.diagnostic(`a click is in the next frame, after ${drawn.ms.toFixed(0)} ms`);
    assert.equal(drawn.sorted, 'ascending');
    await page.context().close();
});

test('now_costs_next_to_nothing', async t => {
    const page = await open(browser, server.url);
    await page.waitForSelector('.plot canvas');
    const seen = await watch(page, 4);
    say(t, 'now', seen);
    assert.ok(seen.share < 0.05, `${seen.share} of a processor`);
    await page.context().close();
});

test('a_busy_log_stays_bounded', async t => {
    server.feed.log_ms = 1;
    const page = await open(browser, `${server.url}#/logs/kafka`);
    await page.selectOption('#level', 'debug');
    await page.waitForFunction(() =>
        document.querySelectorAll('.line').length === 2000);
    const seen = await watch(page, 3);
    say(t, 'logs', seen);
    assert.equal(await page.locator('.line').count(), 2000);
    assert.ok(seen.share < 0.8, `${seen.share} of a processor`);
    server.feed.log_ms = 200;
    await page.context().close();
});

test('the_first_paint_does_not_wait', async () => {
    const page = await open(browser, 'about:blank');
    let release;
    const released = new Promise(resolve => {
        release = resolve;
    });
    await page.route('**/api/**', async route => {
        await released;
        await route.continue();
    });
    const asked = page.waitForRequest('**/api/**');
    await page.goto(server.url);
    await page.waitForFunction(() => performance.getEntriesByName(
        'first-contentful-paint').length);
    await asked;
    assert.equal(await page.locator('.plot canvas').count(), 0);
    release();
    await page.waitForSelector('.plot canvas');
    await page.context().close();
});
