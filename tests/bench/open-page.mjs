// open-page.mjs URL - open a page in a browser, and print how long its first
// paint took, in milliseconds. Each line on standard input is a URL to go to
// then; once there it is printed. The end of standard input closes the browser.

import {createInterface} from 'node:readline';

import {launch} from '../web/browser.mjs';

const browser = await launch();
const page = await (await browser.newContext()).newPage();
await page.goto(process.argv[2]);
await page.waitForFunction(() =>
    performance.getEntriesByName('first-contentful-paint').length);
console.log(await page.evaluate(() =>
    performance.getEntriesByName('first-contentful-paint')[0].startTime));
for await (const url of createInterface({input: process.stdin})) {
    await page.goto(url);
    console.log(url);
}
await browser.close();
