// candles.js - the candles of a match as they come, and how a chart has them.

import {Stream, address} from './net.js';

const KEPT = 120; // as many as the server has

// The candles of a match in a topic; changed() is called when some have come.
export class Candles {
    added = 0;
    count = null; // prices in the newest one
    #data = [[], [], [], [], []]; // start in seconds, open, high, low, close
    #seconds = 1; // that a candle is of
    #stream;

    constructor(match, topic, changed) {
        this.#stream = new Stream(`${address('candles', topic, match)}/events`, {
            events: {candles: answer => {
                this.#take(answer);
                changed();
            }},
        });
    }

    // As Chart draws them: the data, and the seconds at both ends.
    get data() {
        return this.#data;
    }

    get window() {
        const times = this.#data[0];
        return times.length === 0 ? null :
            [times[0] - this.#seconds, times.at(-1) + this.#seconds];
    }

    close() {
        this.#stream.close();
    }

    // After a lost connection those come again that are here.
    #take({seconds, candles}) {
        this.#seconds = seconds;
        for (const [start, ...values] of candles) {
            const last = this.#data[0].at(-1);
            if (start < last) {
                continue;
            }
            const row = [start, ...values.slice(0, 4)];
            this.#data.forEach((column, i) => {
                if (start === last) {
                    column.pop();
                }
                column.push(row[i]);
                if (column.length > KEPT) {
                    column.shift();
                }
            });
            this.count = values[4];
            this.added++;
        }
    }
}

// Draw them into a plot of uPlot's, whose data are as above: a line from the
// highest to the lowest price, and a box from the first to the last one, which
// is filled where that is lower. Colours have the names of style.css.
export function drawCandles(plot, colour) {
    const {ctx, bbox, data: [times, open, high, low, close]} = plot;
    const line = Math.max(1, Math.round(devicePixelRatio));
    const x = at => Math.round(plot.valToPos(at, 'x', true));
    const y = value => Math.round(plot.valToPos(value, 'y', true));
    const steps = times.slice(1).map((at, i) => at - times[i]);
    const step = steps.length ? Math.min(...steps) : 1;
    const room = times.length ? x(times[0] + step) - x(times[0]) : 0;
    const half = Math.min(6 * line, Math.floor(room * 0.35));
    const ground = colour('card');
    const paint = {up: colour('good'), down: colour('bad')};

    // A box from one corner to another, in whole points: nothing is blurred.
    const box = (style, left, top, right, bottom) => {
        ctx.fillStyle = style;
        ctx.fillRect(left, top, right - left, Math.max(line, bottom - top));
    };

    ctx.save();
    ctx.beginPath();
    ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
    ctx.clip();
    times.forEach((at, i) => {
        const rises = close[i] >= open[i];
        const style = rises ? paint.up : paint.down;
        const [left, right] = [x(at) - half, x(at) + half + line];
        const top = y(Math.max(open[i], close[i]));
        const bottom = y(Math.min(open[i], close[i]));
        box(style, x(at), y(high[i]), x(at) + line, y(low[i]));
        box(style, left, top, right, bottom);
        if (rises && half > 0 && bottom - top > 2 * line) {
            box(ground, left + line, top + line, right - line, bottom - line);
        }
    });
    ctx.restore();
}
