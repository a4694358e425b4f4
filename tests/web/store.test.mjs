// store.test.mjs - the view of a store: a key is looked for, its row and its
// changes are shown, and what is in them is text.

import assert from 'node:assert/strict';
import {after, before, test} from 'node:test';
import {faint, launch, open, overhang, shot, visit} from './browser.mjs';
import {standIn} from './stand-in.mjs';

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

test('a_key_is_looked_for_by_keyboard_and_its_row_and_changes_are_text', async () => {
    server.feed.store = true;
    for (const look of [{}, {dark: true}, {width: 360, height: 740},
        {width: 360, height: 740, dark: true}]) {
        const name = `${look.width ?? 'wide'}-${look.dark ? 'dark' : 'light'}`;
        const page = await open(browser, server.url, look);
        await page.waitForSelector('[data-view=store]:visible');
        await page.keyboard.press('6');
        await page.waitForSelector('h1:text("Store")');
        await page.waitForSelector('main li >> nth=1');
        await shot(page, `store-keys-${name}`);
        await page.keyboard.press('/');
        await page.keyboard.type('7');
        await page.keyboard.press('Enter');
        await page.waitForURL(/#\/store\/series\/7$/);
        await page.waitForSelector('.record >> nth=1');
        const main = page.locator('main');
        assert.match(await main.textContent(),
            /popularity12345678901234567890\.10/);
        assert.match(await main.textContent(), /it was deleted at its source/);
        assert.match(await main.textContent(), /name<img src=x onerror.*⟨U\+202E⟩/);
        const update = page.locator('.record').nth(1);
        assert.match(await update.locator('summary').textContent(),
            /update.*postgres \[26447700\]name: Seven → <img/);
        await update.locator('summary').focus();
        await page.keyboard.press('Enter');
        assert.match(await update.textContent(), /Before.*"popularity": 7\.10/s);
        assert.ok(await overhang(page) <= 0, `${name} is too wide`);
        assert.deepEqual(await faint(page), [], `${name} is hard to read`);
        await shot(page, `store-${name}`);
        await page.click('button:text("Older")');
        await page.waitForSelector('.record:has-text("snapshot")');
        assert.equal(await page.locator('.record').count(), 3);
        await page.focus('h1');
        await page.keyboard.press('Escape');
        await page.waitForURL(/#\/store\/series$/);
        assert.equal(await page.locator('main script, main img').count(), 0);
        assert.equal(await page.evaluate(() => globalThis.caught), undefined);
        assert.deepEqual(page.wrong, []);
        await page.context().close();
    }
});

test('what_is_not_in_the_store_is_said_and_without_a_store_there_is_no_view', async () => {
    server.feed.store = true;
    const page = await open(browser, `${server.url}#/store/series/9`);
    await page.waitForSelector('.problem:has-text("series has no row with the key 9")');
    await visit(page, 'store/titles');
    await page.waitForSelector('text=titles has no key');
    await visit(page, 'store/none');
    await page.waitForSelector('text=There is no such table');
    assert.deepEqual(page.wrong, []);
    server.feed.store = false;
    await page.goto('about:blank');
    await page.goto(server.url);
    await page.waitForSelector('.plot canvas');
    await page.waitForFunction(() => performance.getEntriesByType('resource')
        .some(one => one.name.endsWith('/api/v1/store') && one.responseEnd));
    assert.equal(await page.isVisible('[data-view=store]'), false);
    await page.keyboard.press('6');
    assert.doesNotMatch(page.url(), /store/);
    await page.context().close();
});
