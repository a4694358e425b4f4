// views.test.mjs - every view shows what the API says, in every window.

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

// A view: its route, and what is there once it is drawn.
const VIEWS = {
    now: ['now', '.plot canvas >> nth=2'],
    prices: ['prices', 'tr[data-match="100"]'],
    match: ['prices/423', '.side canvas'],
    candles: ['prices/423?as=candles-1s', '.legend:has-text("close")'],
    topics: ['topics', 'text=prices-topic'],
    topic: ['topics/prices-topic', 'text=retention.bytes'],
    hostile: ['topics/hostile-topic?from=oldest', '.record >> nth=11'],
    record: ['topics/prices-topic/1/4711', 'text=Copy as kcat'],
    groups: ['groups', 'text=price-consumer'],
    group: ['groups/price-consumer', 'text=cooperative-sticky'],
    logs: ['logs/consumer', '.line >> nth=150'],
};

const WINDOWS = {
    'light': {},
    'dark': {dark: true},
    '360': {width: 360, height: 740},
    '360-dark': {width: 360, height: 740, dark: true},
};

for (const [name, look] of Object.entries(WINDOWS)) {
    test(`every_view_is_drawn_fits_its_window_and_can_be_read_${name}`, async () => {
        const page = await open(browser, server.url, look);
        for (const [view, [route, sign]] of Object.entries(VIEWS)) {
            await visit(page, route);
            await page.waitForSelector(sign);
            assert.ok(await overhang(page) <= 0, `${view} is too wide`);
            assert.deepEqual(await faint(page), [], `${view} is hard to read`);
            await shot(page, `${view}-${name}`);
        }
        assert.deepEqual(page.wrong, []);
        await page.context().close();
    });
}

test('now_shows_health_and_why_figures_programs_and_what_was_refused', async () => {
    const page = await open(browser, server.url);
    await page.waitForSelector('.plot canvas');
    const main = page.locator('main');
    assert.equal(await main.locator('.word').textContent(), 'healthy');
    assert.match(await main.locator('.why').textContent(), /0\.1 s old/);
    assert.match(await main.textContent(), /Printed\s*93,741,250/);
    assert.match(await main.textContent(), /Latency max\s*89\.4 ms/);
    assert.match(await main.textContent(), /Uptime\s*1 d 2 h/);
    const rows = main.locator('tbody tr');
    assert.match(await rows.nth(3).textContent(), /consumer.*running/);
    assert.match(await main.textContent(), /Records that are not a price/);
    const since = rows.nth(0).locator('td').nth(1);
    assert.match(await since.getAttribute('title'), /Z \(UTC\)$/);
    await page.context().close();
});

test('a_change_of_health_is_said_and_shown', async () => {
    const page = await open(browser, server.url);
    await page.waitForSelector('[data-state=healthy]');
    server.feed.health = {state: 'unhealthy', why: 'the broker is gone'};
    await page.waitForSelector('.hero[data-state=unhealthy]');
    assert.equal(await page.textContent('#said'),
        'The feed is unhealthy: the broker is gone');
    assert.match(await page.title(), /unhealthy/);
    await shot(page, 'unhealthy');
    server.feed.health = {state: 'healthy', why: 'the last price is 0.1 s old'};
    await page.context().close();
});

test('prices_are_sorted_filtered_and_drawn', async () => {
    const page = await open(browser, `${server.url}#/prices`);
    const first = page.locator('tr[data-match] th').first();
    await page.waitForSelector('tr[data-match="100"]');
    await page.click('th button:text("Match")');
    await page.waitForSelector('[aria-sort=descending]');
    await page.waitForSelector('tr[data-match="999"]');
    assert.equal(await first.textContent(), '999');
    await page.fill('#filter', '45');
    await page.waitForSelector('text=10 of 900 matches');
    assert.equal(await page.locator('tr[data-match]').count(), 10);
    assert.match(await page.textContent('.lead'), /1,013,204 prices a second/);
    await page.click('tr[data-match="455"]');
    await page.waitForSelector('h2:text("Match 455")');
    await page.waitForSelector('.side canvas');
    await page.context().close();
});

test('a_link_to_a_match_has_its_row_in_sight', async () => {
    const page = await open(browser, `${server.url}#/prices/642`);
    await page.waitForSelector('tr[data-match="642"][aria-current]');
    await page.context().close();
});

// How many points of the chart have the colour that style.css gives a name.
function points(page, name) {
    return page.evaluate(colour => {
        const canvas = document.querySelector('.side canvas');
        const root = getComputedStyle(document.documentElement);
        const hex = root.getPropertyValue(`--${colour}`).trim();
        const want = [1, 3, 5].map(i => parseInt(hex.slice(i, i + 2), 16));
        const {data} = canvas.getContext('2d').getImageData(0, 0,
            canvas.width, canvas.height);
        let n = 0;
        for (let i = 0; i < data.length; i += 4) {
            n += want.every((channel, j) => data[i + j] === channel);
        }
        return n;
    }, name);
}

test('candles_are_chosen_by_keyboard_drawn_and_go_on', async () => {
    for (const dark of [false, true]) {
        const page = await open(browser, `${server.url}#/prices/423`, {dark});
        await page.focus('#as');
        await page.keyboard.press('ArrowDown');
        await page.waitForURL(/as=candles-1s/);
        await page.waitForSelector('.legend:has-text("close")');
        await page.waitForSelector('.side :text("From")');
        assert.equal(await page.evaluate(() => document.activeElement.id), 'as');
        assert.ok(await points(page, 'good') > 100, 'none rises');
        assert.ok(await points(page, 'bad') > 100, 'none falls');
        const before = await page.textContent('.side :text("From")');
        assert.match(before, /open .*high .*low .*close .* price/);
        await page.waitForFunction(text => [...document.querySelectorAll('.side p')]
            .some(p => p.textContent.startsWith('From') && p.textContent !== text),
        before);
        // Another match is drawn in the same way; the line comes back.
        await page.click('tr[data-match="424"]');
        await page.waitForURL(/prices\/424\?as=candles-1s/);
        await page.selectOption('#as', '');
        await page.waitForURL(/prices\/424$/);
        await page.waitForSelector('.legend:has-text("price")');
        assert.equal(await points(page, 'bad'), 0);
        assert.deepEqual(page.wrong, []);
        await page.context().close();
    }
});

test('without_topics_of_candles_there_is_no_choice', async () => {
    server.feed.candles = [];
    const page = await open(browser,
        `${server.url}#/prices/423?as=candles-1s`);
    await page.waitForSelector('.legend:has-text("price")');
    assert.equal(await page.isVisible('#as'), false);
    server.feed.candles = ['candles-1s', 'candles-1m'];
    await page.context().close();
});

test('records_are_paged_and_a_page_replaces_the_one_before', async () => {
    const page = await open(browser, `${server.url}#/topics/haystack`);
    const places = page.locator('.place');
    await page.waitForSelector('.record >> nth=49');
    assert.equal(await places.first().textContent(), '0:99999');
    await page.click('button:text("Older")');
    await page.waitForSelector('text=0:99949');
    assert.equal(await places.count(), 50);
    await page.click('button:text("Back")');
    await page.waitForSelector('text=0:99999');
    await page.selectOption('#from', 'offset');
    await page.fill('#offset', '500');
    await page.click('button:text("Look")');
    await page.waitForSelector('text=0:500');
    assert.match(page.url(), /from=500/);
    await page.selectOption('#from', 'time');
    await page.fill('#time', '2026-09-21T14:13:20');
    await page.click('button:text("Look")');
    await page.waitForURL(/from=2026-09-21T/);
    await page.context().close();
});

test('a_filter_says_how_far_it_has_looked_and_goes_on_when_asked', async () => {
    const page = await open(browser, `${server.url}#/topics/haystack`);
    await page.fill('#filter', 'needle');
    await page.click('button:text("Look")');
    await page.waitForSelector('text=Looked at 20,000 of 100,000 records');
    await page.waitForSelector('text=Nothing found so far');
    await page.click('button:text("Look further")');
    await page.waitForSelector('text=Looked at 40,000 of 100,000');
    await page.click('button:text("Look until one is found")');
    await page.waitForSelector('.record:has-text("0:12345")');
    await page.waitForSelector('text=1 found on this page');
    // A full page is replaced by what is found next.
    await page.fill('#filter', 'straw');
    await page.click('button:text("Look")');
    await page.waitForSelector('text=50 found on this page');
    await page.click('button:text("Older")');
    await page.waitForSelector('.record:has-text("0:99949")');
    assert.equal(await page.locator('.record').count(), 50);
    await page.context().close();
});

test('jq_filters_and_says_of_which_records_it_cannot_say', async () => {
    const page = await open(browser, `${server.url}#/topics/haystack`);
    await page.fill('#jq', '. == "a needle"');
    await page.press('#jq', 'Enter');
    await page.waitForSelector('text=Looked at 20,000 of 100,000 records');
    assert.match(page.url(), /jq=/);
    await page.click('button:text("Look until one is found")');
    await page.waitForSelector('.record:has-text("0:12345")');
    await page.fill('#filter', 'straw');
    await page.click('button:text("Look")');
    await page.waitForSelector('text=Nothing found so far');
    await page.fill('#filter', '');
    await page.fill('#jq', '.price > 5');
    await page.press('#jq', 'Shift+Enter');
    assert.equal(await page.getAttribute('#jq', 'rows'), '2');
    await page.type('#jq', '# and so on');
    await page.click('button:text("Look")');
    await page.waitForSelector('text=50 found on this page. Of 50 it cannot ' +
        'be said, such as 0:99999: Cannot index string with "price".');
    await page.click('button:text("Older")');
    await page.waitForSelector('.record:has-text("0:99848")');
    assert.equal(await page.locator('.record').count(), 50);
    // The link has all of it.
    await page.reload();
    await page.waitForSelector('.record:has-text("0:99998")');
    assert.equal(await page.inputValue('#jq'), '.price > 5\n# and so on');
    assert.deepEqual(page.wrong, []);
    await page.context().close();
});

test('a_mistake_in_jq_is_said_with_its_line_and_leaves_the_page_as_it_is', async () => {
    for (const look of [{}, {width: 360, height: 740, dark: true}]) {
        const page = await open(browser, `${server.url}#/topics/haystack`, look);
        await page.fill('#jq', '.a\n| (');
        await page.press('#jq', 'Enter');
        await page.waitForSelector('.problem:has-text("jq: line 2: syntax error")');
        assert.equal(await page.inputValue('#jq'), '.a\n| (');
        assert.ok(await overhang(page) <= 0);
        assert.deepEqual(await faint(page), []);
        await shot(page, `jq-mistake-${look.width ?? 'light'}`);
        await page.fill('#jq', '. == "a needle"');
        await page.press('#jq', 'Enter');
        await page.waitForSelector('text=Looked at 20,000');
        await page.context().close();
    }
});

test('logs_follow_their_end_pause_when_scrolled_up_and_filter', async () => {
    server.feed.log_ms = 20;
    const page = await open(browser, `${server.url}#/logs/kafka`);
    await page.waitForSelector('.line:has-text("line 10010")');
    const text = await page.locator('.lines').textContent();
    assert.equal(text.split('line 9999:').length, 2, 'a line is there twice');
    assert.ok(!text.includes('debug'), 'info has no debug lines');
    await page.hover('.lines');
    await page.mouse.wheel(0, -600);
    await page.waitForSelector('.more:has-text("new lines")');
    const n = await page.locator('.line').count();
    await page.waitForFunction(() =>
        parseInt(document.querySelector('.more').textContent, 10) > 20);
    assert.equal(await page.locator('.line').count(), n);
    await page.click('.more');
    await page.waitForSelector('.more', {state: 'hidden'});
    await page.selectOption('#level', 'error');
    await page.waitForFunction(() =>
        [...document.querySelectorAll('.line')].length > 100 &&
        [...document.querySelectorAll('.level')].every(
            level => level.textContent === 'error'));
    await page.click('.tabs a:text("producer")');
    await page.waitForURL(/logs\/producer/);
    server.feed.log_ms = 200;
    await page.context().close();
});

test('what_is_not_there_yet_is_said_in_every_view', async () => {
    server.feed.empty = true;
    const page = await open(browser, server.url);
    const expected = {
        now: 'shown here as soon as they are known',
        prices: 'There is no price table here',
        topics: 'There are no topics yet',
        'topics/empty-topic': 'No records here',
        groups: 'There are no groups yet',
        'groups/nobody': 'There is no group',
        logs: 'There are no logs here',
        'topics/haystack/0/100000': 'There is no record at offset 100000',
        nowhere: 'There is no such view',
    };
    for (const [route, sentence] of Object.entries(expected)) {
        await visit(page, route);
        await page.waitForSelector(`main >> text=${sentence}`);
        await shot(page, `empty-${route.replaceAll('/', '-')}`);
    }
    assert.deepEqual(page.wrong, []);
    server.feed.empty = false;
    await page.context().close();
});
