// net.js - the API: one answer, an answer again and again, a stream of events.
//
// While the page is hidden nothing is asked for and no stream is open: a
// browser has six connections to a server for all its pages together, and
// nobody looks.

const ROOT = 'api/v1/';
const ANSWER_MS = 20000; // more than a look through a topic takes
const RETRY_MS = 1000; // doubles with each failure
const LONGEST_RETRY_MS = 10000;

// The address of a path of the API, each part of it encoded.
export function address(...parts) {
    return ROOT + parts.map(part => encodeURIComponent(part)).join('/');
}

// The same, whole, for another program.
export function absolute(relative) {
    return new URL(relative, location.href.split('#')[0]).href;
}

// An answer that is not what was asked for, as a sentence.
export class Refusal extends Error {
    constructor(message, status) {
        super(message);
        this.status = status;
    }
}

async function sentence(answer) {
    try {
        return (await answer.json()).error;
    } catch {
        return null;
    }
}

function whyNot(err, late) {
    if (late) {
        return `No answer within ${ANSWER_MS / 1000} seconds.`;
    }
    return err instanceof SyntaxError ? 'The answer is not JSON.' :
        'The server cannot be reached.';
}

// Get JSON, by `parse`. `signal` ends it early with an AbortError.
export async function get(url, signal, parse = JSON.parse) {
    const giveUp = new AbortController();
    const timer = setTimeout(() => giveUp.abort(), ANSWER_MS);
    const stop = () => giveUp.abort();
    signal?.addEventListener('abort', stop);
    try {
        const answer = await fetch(url, {signal: giveUp.signal});
        if (!answer.ok) {
            throw new Refusal(await sentence(answer) ??
                `The server answered ${answer.status}.`, answer.status);
        }
        return parse(await answer.text());
    } catch (err) {
        if (signal?.aborted || err instanceof Refusal) {
            throw err;
        }
        throw new Refusal(whyNot(err, giveUp.signal.aborted), 0);
    } finally {
        clearTimeout(timer);
        signal?.removeEventListener('abort', stop);
    }
}

// What has to be paused while the page is hidden, and to try again at once
// when there is hope.
const running = new Set();

document.addEventListener('visibilitychange', () => {
    for (const one of running) {
        if (document.hidden) {
            one.pause();
        } else {
            one.resume();
        }
    }
});

export function retryNow() {
    for (const one of document.hidden ? [] : running) {
        one.resume();
    }
}

addEventListener('online', retryNow);

// Get JSON every `every_ms`: take(answer), or fail(err) until there is one.
export class Poll {
    #url;
    #take;
    #fail;
    #every_ms;
    #timer = null;
    #abort = null;
    #answered = false;

    constructor(url, take, fail, every_ms = 5000) {
        this.#url = url;
        this.#take = take;
        this.#fail = fail;
        this.#every_ms = every_ms;
        running.add(this);
        if (!document.hidden) {
            this.resume();
        }
    }

    pause() {
        clearTimeout(this.#timer);
        this.#abort?.abort();
        this.#abort = null;
    }

    async resume() {
        this.pause();
        const abort = this.#abort = new AbortController();
        try {
            const answer = await get(this.#url, abort.signal);
            if (abort.signal.aborted) {
                return;
            }
            this.#answered = true;
            this.#take(answer);
        } catch (err) {
            if (abort.signal.aborted) {
                return;
            }
            // What was shown stays: the banner says that it is old.
            if (!this.#answered || err.status) {
                this.#answered = false;
                this.#fail(err);
            }
        }
        this.#timer = setTimeout(() => this.resume(), this.#every_ms);
    }

    close() {
        running.delete(this);
        this.pause();
    }
}

// Server-sent events, with an end of every silence. EventSource itself tries
// again only after some failures, and notices no silent connection.
//
//   events   {name: take(data)}
//   opened   called at each connection, before its first event
//   silent   with `silence_ms`: called once when no event came for that long,
//            whatever the reason; the next event ends it
export class Stream {
    #url;
    #on;
    #source = null;
    #retry = null;
    #silence = null;
    #failures = 0;

    constructor(url, on) {
        this.#url = url;
        this.#on = on;
        running.add(this);
        if (!document.hidden) {
            this.resume();
        }
    }

    pause() {
        this.#disconnect();
        clearTimeout(this.#silence);
    }

    resume() {
        this.#failures = 0;
        this.#listen();
        this.#connect();
    }

    close() {
        running.delete(this);
        this.pause();
    }

    #disconnect() {
        clearTimeout(this.#retry);
        this.#source?.close();
        this.#source = null;
    }

    #connect() {
        this.#disconnect();
        const source = this.#source = new EventSource(this.#url);
        source.onopen = () => {
            this.#failures = 0;
            this.#on.opened?.();
        };
        source.onerror = () => this.#again();
        for (const [name, take] of Object.entries(this.#on.events)) {
            source.addEventListener(name, event => {
                this.#listen();
                take(JSON.parse(event.data));
            });
        }
        if (this.#on.silence_ms) { // for an attempt that hangs
            this.#retry = setTimeout(() => this.#again(),
                2 * this.#on.silence_ms);
        }
    }

    #again() {
        this.#disconnect();
        const wait_ms = Math.min(RETRY_MS * 2 ** this.#failures++,
            LONGEST_RETRY_MS);
        this.#retry = setTimeout(() => this.#connect(), wait_ms);
    }

    // Wait for the next event.
    #listen() {
        if (!this.#on.silence_ms) {
            return;
        }
        clearTimeout(this.#silence);
        this.#silence = setTimeout(() => {
            this.#on.silent();
            this.#again();
        }, this.#on.silence_ms);
        clearTimeout(this.#retry);
    }
}
