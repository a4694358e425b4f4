#!/usr/bin/env node
// stand-in.mjs - a server with the API of pf-web and made-up data, for what a
// real feed cannot be made to show: hostile names, a silent connection, a
// frame with all matches ten times a second.
//
//   node tests/web/stand-in.mjs [PORT [DIRECTORY OF uplot.js]]

import {createServer} from 'node:http';
import {readFile} from 'node:fs/promises';
import {fileURLToPath} from 'node:url';
import {NotFound, api, json} from './answers.mjs';

const PAGE = fileURLToPath(new URL('../../web/page/', import.meta.url));
const UPLOT = fileURLToPath(new URL('../../build/page/', import.meta.url));

const TYPES = {html: 'text/html; charset=utf-8', css: 'text/css',
    js: 'text/javascript', svg: 'image/svg+xml'};
const CSP = "default-src 'none'; script-src 'self'; style-src 'self'; " +
    "img-src 'self'; connect-src 'self'; base-uri 'none'; " +
    "form-action 'none'; frame-ancestors 'none'";
// A stand-in that listens; `feed` says what it is to show, and may be changed.
export async function standIn(port = 0, uplot = UPLOT) {
    const feed = {
        health: {state: 'healthy', why: 'the last price is 0.1 s old'},
        frames_ms: 100, // between two frames of prices
        matches: 900,
        candles: ['candles-1s', 'candles-1m'], // topics that exist
        refuse: false, // new connections
        store: false, // there is one
        silent: false, // streams that stay open
        empty: false, // nothing there yet
        log_ms: 200, // between two lines
        streams: 0,
        asked: [], // paths of the API, in their order
    };
    const server = createServer((request, answer) => serve(feed, request, answer,
        uplot));
    server.on('connection', socket => feed.refuse && socket.destroy());
    await new Promise(listening => server.listen(port, '127.0.0.1', listening));
    return {
        feed,
        streams: () => feed.streams, // that are open
        url: `http://127.0.0.1:${server.address().port}/`,
        // Cut all connections, and refuse new ones until they are welcome.
        cut() {
            feed.refuse = true;
            server.closeAllConnections();
        },
        welcome() {
            feed.refuse = false;
        },
        close() {
            server.closeAllConnections();
            server.close();
        },
    };
}

async function serve(feed, request, answer, uplot) {
    const url = new URL(request.url, 'http://x');
    answer.setHeader('Content-Security-Policy', CSP);
    answer.setHeader('X-Content-Type-Options', 'nosniff');
    answer.setHeader('Cache-Control', 'no-store');
    try {
        if (url.pathname.startsWith('/api/v1/')) {
            feed.asked.push(request.url);
            const parts = url.pathname.slice(8).split('/')
                .map(decodeURIComponent);
            api(feed, parts, url.searchParams, answer);
        } else {
            await file(url.pathname, answer, uplot);
        }
    } catch (err) {
        json(answer, {error: err.message}, err instanceof NotFound ? 404 : 500);
    }
}

async function file(path, answer, uplot) {
    const name = path === '/' ? 'index.html' : path.slice(1);
    if (!/^[a-z.]+$/.test(name)) {
        throw new NotFound(`There is no ${path}.`);
    }
    const from = name.startsWith('uplot.') ? uplot : PAGE;
    const content = await readFile(from + name).catch(() => {
        throw new NotFound(`There is no ${path}.`);
    });
    answer.setHeader('Content-Type', TYPES[name.split('.').pop()]);
    answer.end(content);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
    const [port = '8080', uplot] = process.argv.slice(2);
    const {url} = await standIn(Number(port), uplot && `${uplot}/`);
    console.log(url);
}
