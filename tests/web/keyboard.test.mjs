// keyboard.test.mjs - everything by keyboard alone, with the focus in sight.

import assert from 'node:assert/strict';
import {after, before, test} from 'node:test';
import {launch, open, shot} from './browser.mjs';
import {standIn} from './stand-in.mjs';

let browser;
let server;
let page;

before(async () => {
    server = await standIn();
    browser = await launch();
    page = await open(browser, server.url);
    await page.waitForSelector('.plot canvas');
});

after(async () => {
    await browser.close();
    server.close();
});

// What has the focus, and whether one can see that.
const focused = () => page.evaluate(() => {
    const its = document.activeElement;
    const style = getComputedStyle(its);
    return {
        text: (its.textContent || its.id).slice(0, 30), tag: its.tagName,
        seen: style.outlineStyle !== 'none' &&
            parseFloat(style.outlineWidth) >= 2,
    };
});

async function press(...keys) {
    for (const key of keys) {
        await page.keyboard.press(key);
    }
}

// Press Tab until what has the focus matches; returns how often.
async function tabTo(matches, most = 40) {
    for (let n = 1; n <= most; n++) {
        await press('Tab');
        const its = await focused();
        if (its.tag !== 'BODY') {
            assert.ok(its.seen, `the focus on ${its.tag} ${its.text} is not seen`);
        }
        if (matches(its)) {
            return n;
        }
    }
    assert.fail('Tab does not get there');
}

test('the_first_stop_skips_to_the_content', async () => {
    await press('Tab');
    assert.match((await focused()).text, /Skip to the content/);
    await shot(page, 'skip');
    await press('Enter');
    assert.equal((await focused()).tag, 'MAIN');
    assert.doesNotMatch(page.url(), /#main/);
});

test('digits_change_the_view_and_the_focus_is_on_its_heading', async () => {
    const titles = ['Prices', 'Topics', 'Groups', 'Logs', 'Now'];
    for (const [i, title] of titles.entries()) {
        await press(String(i === 4 ? 1 : i + 2));
        await page.waitForFunction(text =>
            document.activeElement.tagName === 'H1' &&
            document.activeElement.textContent === text, title);
    }
});

test('a_match_is_chosen_with_arrows_and_filtered_with_a_slash', async () => {
    await press('2');
    await page.waitForSelector('tr[data-match="100"]');
    await press('/');
    assert.equal((await focused()).tag, 'INPUT');
    await page.keyboard.type('12');
    await page.waitForSelector('text=10 of 900');
    await tabTo(its => its.tag === 'DIV');
    await press('ArrowDown', 'ArrowDown', 'ArrowDown', 'Enter');
    await page.waitForURL(/prices\/122$/);
    await page.waitForSelector('h2:text("Match 122")');
    await press('End');
    await page.waitForSelector('tr[data-match="129"][aria-current]');
    await shot(page, 'keyboard-prices');
    await press('Escape');
    await page.waitForURL(/prices$/);
});

test('a_record_is_found_opened_and_linked_by_keyboard', async () => {
    await press('3');
    await page.waitForSelector('text=haystack');
    await tabTo(its => its.text === 'haystack');
    await press('Enter');
    await page.waitForSelector('.record >> nth=49');
    await press('/');
    await page.keyboard.type('straw 9');
    await press('Enter');
    await page.waitForURL(/text=straw/);
    await page.waitForSelector('text=50 found on this page');
    await tabTo(its => its.tag === 'SUMMARY');
    await press('Enter');
    await page.waitForSelector('.record[open] pre');
    await tabTo(its => its.text === 'Link');
    await shot(page, 'keyboard-record');
    await press('Enter');
    await page.waitForSelector('h1:text("Partition 0, offset 99999")');
    await press('Escape');
    await page.waitForSelector('h1:text("haystack")');
});

test('every_view_is_walked_through_from_its_top_to_its_end', async () => {
    for (const key of ['1', '2', '3', '4', '5']) {
        await press(key);
        await page.waitForFunction(i => document.querySelector(
            `nav a:nth-child(${i})[aria-current]`) &&
            document.activeElement.tagName === 'H1', key);
        await page.waitForSelector('main section');
        await page.evaluate(() => document.activeElement.blur());
        await tabTo(its => its.text === 'API');
    }
    assert.deepEqual(page.wrong, []);
});
