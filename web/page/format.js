// format.js - numbers, times and bytes as people read them.

export const NONE = '–'; // of a value that is not known

const whole = new Intl.NumberFormat('en', {maximumFractionDigits: 0});
const tenths = new Intl.NumberFormat('en', {maximumFractionDigits: 1});
const short = new Intl.NumberFormat('en', {
    notation: 'compact', maximumFractionDigits: 1,
});

const known = n => n !== null && n !== undefined;

export function number(n) {
    return known(n) ? whole.format(n) : NONE;
}

// A number for the axis of a chart: 1.5M.
export function compact(n) {
    return known(n) ? short.format(n) : NONE;
}

// So many a second; a slow feed has less than one.
export function rate(n) {
    return known(n) ? (n < 10 ? tenths : whole).format(n) : NONE;
}

// A price has exactly two decimals.
export function price(n) {
    return known(n) ? n.toFixed(2) : NONE;
}

// A change of a price, with its sign (and a minus as wide as the plus).
export function change(n) {
    if (!known(n)) {
        return NONE;
    }
    const text = Math.abs(n).toFixed(2);
    return n > 0 ? `+${text}` : n < 0 ? `−${text}` : text;
}

// Three digits of a short time: 0.85 ms, 12.3 ms, 1.20 s.
export function latency(seconds) {
    if (!known(seconds)) {
        return NONE;
    }
    const [n, unit] = seconds < 1 ? [seconds * 1000, 'ms'] : [seconds, 's'];
    return `${n.toFixed(n < 10 ? 2 : n < 100 ? 1 : 0)} ${unit}`;
}

// A long time in its two largest units: 3 d 4 h.
export function duration(seconds) {
    if (!known(seconds)) {
        return NONE;
    }
    const units = [[86400, 'd'], [3600, 'h'], [60, 'min'], [1, 's']];
    const i = units.findIndex(([size]) => seconds >= size);
    if (i === -1) {
        return '0 s';
    }
    const [size, unit] = units[i];
    const text = `${Math.floor(seconds / size)} ${unit}`;
    const [less, its] = units[i + 1] ?? [size, unit];
    const rest = Math.floor((seconds % size) / less);
    return rest ? `${text} ${rest} ${its}` : text;
}

export function bytes(n) {
    return n === 1 ? '1 byte' : `${number(n)} bytes`;
}

export function count(n, one, many = `${one}s`) {
    return `${number(n)} ${n === 1 ? one : many}`;
}

const two = n => String(n).padStart(2, '0');

// The date and the time of day of a Date in the browser's zone.
export function day(date) {
    return `${date.getFullYear()}-${two(date.getMonth() + 1)}-` +
        two(date.getDate());
}

export function clock(date) {
    return `${two(date.getHours())}:${two(date.getMinutes())}:` +
        two(date.getSeconds());
}

// A time of the API in the browser's zone, to the millisecond; its UTC is for
// the title.
export function moment(time) {
    const date = time ? new Date(time) : null;
    if (!date || Number.isNaN(date.getTime())) {
        return NONE;
    }
    const ms = String(date.getMilliseconds()).padStart(3, '0');
    return `${day(date)} ${clock(date)}.${ms}`;
}

export function utc(time) {
    return time ? `${time} (UTC)` : null;
}

// Text with what cannot be seen made visible: ⟨ESC⟩ of a control character,
// ⟨U+202E⟩ of others that are not seen or that change the direction. `line`: on
// one line, so newlines and tabs, too.
const NAMES = 'NUL SOH STX ETX EOT ENQ ACK BEL BS TAB LF VT FF CR SO SI DLE ' +
    'DC1 DC2 DC3 DC4 NAK SYN ETB CAN EM SUB ESC FS GS RS US';
const CONTROLS = NAMES.split(' ');
const UNSEEN =
    /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g;
const UNSEEN_OR_BREAK = new RegExp(UNSEEN.source.replace('[', '[\\t\\n'), 'g');

function nameOf(character) {
    const code = character.codePointAt(0);
    const hex = code.toString(16).toUpperCase().padStart(4, '0');
    return `⟨${CONTROLS[code] ?? `U+${hex}`}⟩`;
}

export function visible(text, {line = false} = {}) {
    return text.replace(line ? UNSEEN_OR_BREAK : UNSEEN, nameOf);
}

// A word for a POSIX shell that is this text, whatever is in it.
export function shellWord(text) {
    return `'${text.replaceAll("'", "'\\''")}'`;
}

// Lines of 16 bytes as hexdump -C prints them. `hex`: two digits a byte.
export function hexdump(hex) {
    const lines = [];
    for (let i = 0; i < hex.length; i += 32) {
        const pairs = hex.slice(i, i + 32).match(/../g) ?? [];
        const shown = pairs.map(pair => {
            const byte = parseInt(pair, 16);
            return byte >= 0x20 && byte < 0x7f ?
                String.fromCharCode(byte) : '.';
        });
        const digits = pairs.slice(0, 8).join(' ') + '  ' +
            pairs.slice(8).join(' ');
        lines.push(`${(i / 2).toString(16).padStart(8, '0')}  ` +
            `${digits.padEnd(49)} |${shown.join('')}|`);
    }
    return lines.join('\n');
}

// The bytes of a text in UTF-8, two digits each.
export function hexOfText(text) {
    const digits = [];
    for (const byte of new TextEncoder().encode(text)) {
        digits.push(byte.toString(16).padStart(2, '0'));
    }
    return digits.join('');
}
