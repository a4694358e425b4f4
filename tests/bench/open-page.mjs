// open-page.mjs URL - open a page in a browser, print how long its first paint
// took, in milliseconds, and close it at the end of standard input.

import {launch} from '../web/browser.mjs';

const browser = await launch();
const page = await (await browser.newContext()).newPage();
await page.goto(process.argv[2]);
await page.waitForFunction(() =>
    performance.getEntriesByName('first-contentful-paint').length);
console.log(await page.evaluate(() =>
    performance.getEntriesByName('first-contentful-paint')[0].startTime));
process.stdin.resume();
await new Promise(resolve => process.stdin.on('end', resolve));
await browser.close();
