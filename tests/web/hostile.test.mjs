// hostile.test.mjs - whatever is in a feed is text, byte for byte: it makes no
// element, runs nothing, and reaches no shell.

import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {readFile} from 'node:fs/promises';
import {after, before, test} from 'node:test';
import {launch, open, visit} from './browser.mjs';
import {MEGABYTE, topics} from './made-up.mjs';
import {standIn} from './stand-in.mjs';

const HOSTILE = topics['hostile-topic'].at(0, 0).value.text;
let browser;
let server;
let page;

before(async () => {
    server = await standIn();
    browser = await launch();
    page = await open(browser, server.url);
});

after(async () => {
    await browser.close();
    server.close();
});

// Nothing of what came was taken for markup or code.
async function unharmed() {
    assert.equal(await page.locator('main script, main img').count(), 0);
    assert.equal(await page.evaluate(() => globalThis.caught), undefined);
    assert.deepEqual(page.wrong, []);
}

// The record at this offset of hostile-topic, opened in the list.
async function opened(offset) {
    const record = page.locator(`.record:has(.place:text-is("0:${offset}"))`);
    if (await record.getAttribute('open') === null) {
        await record.locator('summary').click();
    }
    await record.locator('.details').waitFor();
    return record;
}

const valueOf = record => record.locator('.bytes pre').last().textContent();

test('markup_in_names_and_messages_is_text', async () => {
    for (const route of ['now', 'topics', 'groups', 'groups/price-consumer',
        'topics/prices-topic', 'logs/consumer?<script>']) {
        await visit(page, route);
        await page.waitForSelector('main >> text=<script>');
        await unharmed();
    }
    await visit(page, `topics/${encodeURIComponent(`${HOSTILE}/..%2F`)}`);
    await page.waitForSelector('.record');
    assert.equal(await page.textContent('h1'), `${HOSTILE}/..%2F`);
    await visit(page, 'groups');
    await page.click('a:has-text("a/b?c")');
    await page.waitForSelector('text=No position was committed yet');
    assert.match(await page.textContent('.lead'), /^–, 0 members/);
    await visit(page, 'topics/__consumer_offsets');
    await page.waitForSelector('text=Kafka does not say.');
    await visit(page, 'topics/%E0%A4%A/<img src=x onerror=alert(6)>/1');
    await page.waitForSelector('.problem');
    await unharmed();
});

test('each_value_is_shown_byte_for_byte', async () => {
    await visit(page, 'topics/hostile-topic?from=oldest');
    await page.waitForSelector('.record >> nth=11');
    const exact = {0: HOSTILE, 7: 'javascript:alert(5)',
        10: '{"match": 123, "price": 1.00, "id": 12345678901234567890123}'};
    for (const [offset, value] of Object.entries(exact)) {
        assert.equal(await valueOf(await opened(offset)), value);
    }
    assert.match(await valueOf(await opened(1)), /^⟨ESC⟩\[31mred⟨ESC⟩\[0m/);
    assert.match(await valueOf(await opened(2)), /right ⟨U\+202E⟩to left/);
    assert.match(await valueOf(await opened(5)),
        /^00000000 {2}00 01 02 ff 89 50 4e 47 {2}0d 0a 1a 0a 3c 73 63 72 {2}\|\.\.\.\.\.PNG/);
    assert.match(await valueOf(await opened(6)), /^00000000 {2}c3 28 a0 ff /);
    assert.match(await (await opened(8)).textContent(), /tombstone/);
    assert.match(await (await opened(9)).textContent(), /0 bytes/);
    const first = await opened(0);
    assert.match(await first.textContent(), /trace: no value/);
    await first.locator('button:text("As hex")').last().click();
    assert.match(await valueOf(first), /\|<script>window\.c\|/);
    await unharmed();
});

test('a_megabyte_is_shown_when_asked_for_and_downloaded_whole', async () => {
    await visit(page, 'topics/hostile-topic?from=oldest');
    await page.waitForSelector('.record >> nth=11');
    const record = await opened(4);
    assert.match(await record.textContent(),
        /the first part of 1,048,576 bytes/);
    await record.locator('button:text("Get all of it")').click();
    await record.locator('button:text("Show all of it")').click();
    assert.equal(await valueOf(record), MEGABYTE);
    const [download] = await Promise.all([page.waitForEvent('download'),
        record.locator('text=Download value').click()]);
    assert.equal(await readFile(await download.path(), 'utf8'), MEGABYTE);
    await record.locator('summary').click();
    await unharmed();
});

test('the_copied_curl_command_gets_the_record_and_kcat_names_it', async () => {
    const name = `${HOSTILE}/..%2F`;
    await visit(page, `topics/${encodeURIComponent(name)}/0/0`);
    await page.click('text=Copy as curl');
    await page.waitForSelector('button:text("Copied")');
    const curl = await page.evaluate(() => navigator.clipboard.readText());
    const words = shell(`set -- ${curl}; printf '%s\\n' "$@"`).split('\n');
    assert.deepEqual(words.slice(0, 2), ['curl', '-fsS']);
    const record = await (await fetch(words[2])).json();
    assert.equal(record.value.text, HOSTILE);
    await page.click('text=Copy as kcat');
    await page.waitForFunction(() => navigator.clipboard.readText()
        .then(text => text.startsWith('kcat')));
    const kcat = await page.evaluate(() => navigator.clipboard.readText());
    const args = shell(`set -- ${kcat}; printf '%s\\n' "$@"`).split('\n');
    assert.equal(args[args.indexOf('-t') + 1], name);
    assert.equal(args[args.indexOf('-o') + 1], '0');
    await unharmed();
});

function shell(script) {
    return execFileSync('sh', ['-c', script], {encoding: 'utf8'});
}
