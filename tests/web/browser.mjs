// browser.mjs - a real Chromium for the tests of the page, and what they ask
// of it.

import {createRequire} from 'node:module';
import {existsSync, mkdirSync} from 'node:fs';
import {fileURLToPath} from 'node:url';

const here = path => fileURLToPath(new URL(path, import.meta.url));
const {chromium} = createRequire(
    here('../../build/browser/package.json'))('playwright-core');
const PATIENCE_MS = 20000; // on a machine that does other things beside
const SHOTS = here('../../build/web/');

// Debian's Chromium; CHROMIUM names another one.
export async function launch(args = []) {
    const names = [process.env.CHROMIUM, '/usr/bin/chromium',
        '/usr/bin/chromium-headless-shell'];
    const executablePath = names.find(name => name && existsSync(name));
    mkdirSync(SHOTS, {recursive: true});
    return chromium.launch({executablePath,
        args: ['--no-sandbox', '--enable-precise-memory-info', ...args]});
}

// A page of a new window. What it must never have had is in `page.wrong`:
// errors, refusals by the Content-Security-Policy, dialogs, requests to others.
export async function open(browser, url, {width = 1280, height = 900,
    dark = false, still = false} = {}) {
    const context = await browser.newContext({
        viewport: {width, height}, colorScheme: dark ? 'dark' : 'light',
        reducedMotion: still ? 'reduce' : 'no-preference',
        permissions: ['clipboard-read', 'clipboard-write'],
    });
    const page = await context.newPage();
    page.setDefaultTimeout(PATIENCE_MS);
    page.wrong = [];
    page.on('pageerror', err => page.wrong.push(`error: ${err.message}`));
    page.on('dialog', dialog => {
        page.wrong.push(`dialog: ${dialog.message()}`);
        dialog.dismiss();
    });
    page.on('console', message => {
        if (/Content.Security.Policy|Refused to/i.test(message.text())) {
            page.wrong.push(`console: ${message.text()}`);
        }
    });
    page.on('request', request => {
        const its = new URL(request.url());
        if (its.origin !== new URL(url).origin && its.protocol !== 'data:') {
            page.wrong.push(`request to ${request.url()}`);
        }
    });
    await page.goto(url);
    return page;
}

export async function shot(page, name) {
    await page.screenshot({path: `${SHOTS}${name}.png`});
}

// The texts in sight whose contrast to what is behind them is below 4.5.
export function faint(page) {
    return page.evaluate(() => {
        const channels = colour => colour.match(/[0-9.]+/g).map(Number);
        const light = ([r, g, b]) => [r, g, b].map(c => c / 255).map(c =>
            c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
            .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
        const behind = element => {
            const its = channels(getComputedStyle(element).backgroundColor);
            return its[3] === 0 && element.parentElement ?
                behind(element.parentElement) : its;
        };
        const contrast = element => {
            const [a, b] = [light(channels(getComputedStyle(element).color)),
                light(behind(element))].sort((x, y) => y - x);
            return (a + 0.05) / (b + 0.05);
        };
        const hasText = element => [...element.childNodes].some(
            node => node.nodeType === 3 && node.data.trim());
        return [...document.querySelectorAll('body *')]
            .filter(element => hasText(element) && element.checkVisibility())
            .filter(element => contrast(element) < 4.5)
            .map(element => `${element.tagName}.${element.className} ` +
                `${contrast(element).toFixed(2)}: ${element.textContent}`);
    });
}

// How much wider than its window the page is.
export function overhang(page) {
    return page.evaluate(() => document.documentElement.scrollWidth -
        document.documentElement.clientWidth);
}

// Go to a view as its link does.
export function visit(page, route) {
    return page.evaluate(to => {
        location.hash = `#/${to}`;
    }, route);
}
