// live.js - how the feed is, once a second: what every view shows of it.
//
// One stream of `now` for the whole page. Its silence is the sign of a lost
// connection, for it has an event each second.

import {Stream, get, retryNow} from './net.js';

const SILENCE_MS = 2500;
const KEPT = 600; // seconds of the charts

// The series of the charts, and where each is in an answer of `now`.
const SERIES = {
    produced_per_second: now => now.produced_per_second,
    printed_per_second: now => now.printed_per_second,
    lag: now => now.lag,
    latency_p50_seconds: now => now.latency_seconds?.p50,
    latency_p99_seconds: now => now.latency_seconds?.p99,
};

export const live = {
    now: null, // the last answer
    heard_at: null, // a Date
    lost: false,
    times: [], // seconds since 1970, ascending: those of all series
    series: Object.fromEntries(Object.keys(SERIES).map(name => [name, []])),
};

const listeners = new Set();

// Have `listener` called whenever something of `live` has changed; what is
// returned ends it.
export function listen(listener) {
    listeners.add(listener);
    return () => listeners.delete(listener);
}

function tell() {
    for (const listener of listeners) {
        listener();
    }
}

// Seconds since 1970, whole: events come a little early or late.
const second = time => Math.round(Date.parse(time) / 1000);

function add(now) {
    const at = second(now.time);
    const last = live.times.at(-1);
    if (last !== undefined && at < last) {
        return; // the clock was set back
    }
    const again = at === last;
    const put = (array, value) => {
        if (again) {
            array.pop();
        }
        array.push(value);
        if (array.length > KEPT) {
            array.shift();
        }
    };
    put(live.times, at);
    for (const [name, read] of Object.entries(SERIES)) {
        put(live.series[name], read(now) ?? null);
    }
}

// What was before the stream; points that came meanwhile stay.
function prepend(history) {
    const until = second(history.until);
    const step = history.step_seconds;
    const n = history.series.lag.length;
    const since = live.times.findIndex(at => at > until);
    const from = since === -1 ? live.times.length : since;
    const old = Array.from({length: n}, (_, i) => until - (n - 1 - i) * step);
    live.times = [...old, ...live.times.slice(from)].slice(-KEPT);
    for (const name of Object.keys(SERIES)) {
        live.series[name] = [
            ...history.series[name], ...live.series[name].slice(from),
        ].slice(-KEPT);
    }
}

async function loadHistory() {
    try {
        prepend(await get('api/v1/history'));
        tell();
    } catch {
        // The charts begin now.
    }
}

export function start() {
    new Stream('api/v1/now/events', {
        silence_ms: SILENCE_MS,
        opened: loadHistory,
        events: {
            now(data) {
                const recovered = live.lost;
                live.now = data;
                live.heard_at = new Date();
                live.lost = false;
                add(data);
                tell();
                if (recovered) {
                    retryNow();
                }
            },
        },
        silent() {
            live.lost = true;
            tell();
        },
    });
}
