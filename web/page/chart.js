// chart.js - lines over time, drawn by uPlot (uplot.js makes it global).

import {drawCandles} from './candles.js';
import {h, setAttribute, setText} from './dom.js';
import {clock, compact} from './format.js';

const FEW = 60; // points that are shown one by one
const WHOLE = [1, 2, 5].flatMap(n => // steps of an axis without fractions
    Array.from({length: 13}, (_, i) => n * 10 ** i)).sort((a, b) => a - b);

const dark = matchMedia('(prefers-color-scheme: dark)');

// The colour that style.css gives a name.
function colour(name) {
    return getComputedStyle(document.documentElement)
        .getPropertyValue(`--${name}`).trim();
}

// A chart with a heading and a legend that has the newest value, or those below
// the pointer.
//
//   title   what it shows
//   lines   [{label, colour}]: 'accent' or 'soft', as style.css names them
//   format  a value as text
//   height  in pixels
//   whole   the values have no fractions
//   floor   the smallest value that the axis always has; null: only the data
//   stepped a value stays until the next
//   candles the lines are open, high, low and close, and drawn as candles
//   waits   it takes no room before it is drawn
//
// draw(data, window): data is [times, values of each line...], null where there
// is none; window the seconds at both ends, or null for those of the data.
export class Chart {
    #options;
    #data = null;
    #window = null;
    #plot = null;
    #host = h('div', {class: 'plot', role: 'img'});
    #at = h('span', {class: 'at'});
    #values;
    #resize = new ResizeObserver(() => this.#fit());
    #recolour = () => this.#make();

    constructor(options) {
        this.#options = options;
        this.#values = options.lines.map(() => h('b'));
        this.#host.style.height = `${options.height}px`;
        this.#host.hidden = Boolean(options.waits);
        this.element = h('section', {class: 'card chart'},
            h('div', {class: 'chart-head'},
                h('h2', {}, options.title),
                h('p', {class: 'legend'}, this.#at,
                    options.lines.map((line, i) => h('span',
                        {class: `key ${line.colour}`},
                        line.label, ' ', this.#values[i])))),
            this.#host);
        this.#resize.observe(this.#host);
        dark.addEventListener('change', this.#recolour);
    }

    draw(data, window = null) {
        this.#data = data;
        this.#window = window;
        this.#host.hidden = false;
        if (!this.#plot) {
            this.#make();
            return;
        }
        this.#plot.setData(data, false);
        this.#scale();
        this.#legend();
    }

    close() {
        this.#resize.disconnect();
        dark.removeEventListener('change', this.#recolour);
        this.#plot?.destroy();
        this.#plot = null;
    }

    #fit() {
        const width = this.#host.clientWidth;
        if (width && this.#plot && width !== this.#plot.width) {
            this.#plot.setSize({width, height: this.#options.height});
        } else if (width && !this.#plot && this.#data) {
            this.#make();
        }
    }

    #make() {
        this.#plot?.destroy();
        this.#plot = null;
        const width = this.#host.clientWidth;
        if (!width || !this.#data || !globalThis.uPlot) {
            return;
        }
        this.#plot = new uPlot(this.#settings(width), this.#data, this.#host);
        this.#scale();
        this.#legend();
    }

    #scale() {
        const times = this.#data[0];
        const [min, max] = this.#window ?? [times[0], times.at(-1)];
        if (min !== undefined) {
            this.#plot.setScale('x', {min, max: Math.max(max, min + 10)});
        }
    }

    #settings(width) {
        const {lines, height, format, floor, stepped, whole, candles} =
            this.#options;
        const axis = {
            stroke: colour('soft'),
            grid: {stroke: colour('line'), width: 1},
            ticks: {show: false},
            font: '12px system-ui, sans-serif',
        };
        return {
            width, height,
            legend: {show: false},
            cursor: {y: false, drag: {setScale: false, x: false, y: false},
                points: {size: 6}},
            scales: {
                x: {time: true, auto: false},
                y: {range: (_, min, max) => span(min, max, floor)},
            },
            axes: [
                {...axis, size: 28, space: 70, values: times},
                {...axis, size: 60, space: 36,
                    incrs: whole ? WHOLE : undefined,
                    values: (plot, ticks) => isEmpty(plot.data) ? [] :
                        ticks.map(axisFormat(format))},
            ],
            series: [{}, ...lines.map(line => ({
                stroke: colour(line.colour),
                width: line.colour === 'accent' ? 1.75 : 1.25,
                points: {show: (_, __, from, to) => Boolean(stepped) &&
                    to - from < FEW},
                paths: candles ? () => null :
                    stepped ? uPlot.paths.stepped({align: 1}) : undefined,
            }))],
            hooks: {setCursor: [() => this.#legend()],
                draw: candles ? [plot => drawCandles(plot, colour)] : []},
        };
    }

    #legend() {
        const [times, ...lines] = this.#data;
        const pointed = this.#plot.cursor.idx;
        const i = pointed ?? times.length - 1;
        setText(this.#at, pointed === null || pointed === undefined ? '' :
            clock(new Date(times[i] * 1000)));
        lines.forEach((values, j) => setText(this.#values[j],
            this.#options.format(values[i])));
        const newest = lines.map((values, j) =>
            `${this.#options.lines[j].label} ` +
            this.#options.format(values.at(-1)));
        setAttribute(this.#host, 'aria-label',
            `${this.#options.title}: ${newest.join(', ')}`);
    }
}

const isEmpty = ([, ...lines]) => lines.every(
    line => line.every(value => value === null || value === undefined));

// The ends of the value axis: room above the largest, and never none at all.
function span(min, max, floor) {
    if (min === null || min === undefined) {
        return [floor ?? 0, (floor ?? 0) + 1];
    }
    const low = floor === null ? min : Math.min(floor, min);
    return [low, max > low ? max + (max - low) * 0.08 : low + 1];
}

function axisFormat(format) {
    return value => value === 0 ? '0' : value >= 1000 ? compact(value) :
        format(value).replace(/\.0+(?= |$)/, '');
}

function times(_, ticks, __, ___, step) {
    return ticks.map(at => {
        const text = clock(new Date(at * 1000));
        return step >= 60 ? text.slice(0, 5) : text;
    });
}
