// format.test.mjs - how numbers, times and bytes are written.

import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {test} from 'node:test';
import * as format from '../../web/page/format.js';

test('numbers_keep_what_they_mean', () => {
    assert.equal(format.number(1013204), '1,013,204');
    assert.equal(format.number(null), '–');
    assert.equal(format.rate(0.25), '0.3');
    assert.equal(format.rate(1000.4), '1,000');
    assert.equal(format.price(1), '1.00');
    assert.equal(format.change(-0.1), '−0.10');
    assert.equal(format.change(0), '0.00');
    assert.equal(format.change(0.12), '+0.12');
    assert.equal(format.bytes(1), '1 byte');
    assert.equal(format.count(1, 'match', 'matches'), '1 match');
});

test('times_have_a_unit_that_fits', () => {
    assert.equal(format.latency(0.00085), '0.85 ms');
    assert.equal(format.latency(0.0123), '12.3 ms');
    assert.equal(format.latency(0.234), '234 ms');
    assert.equal(format.latency(1.2), '1.20 s');
    assert.equal(format.duration(0.4), '0 s');
    assert.equal(format.duration(59.9), '59 s');
    assert.equal(format.duration(3600), '1 h');
    assert.equal(format.duration(93784), '1 d 2 h');
    assert.equal(format.moment('nonsense'), '–');
    assert.match(format.moment('2026-11-26T09:00:00.007Z'),
        /^2026-11-2\d \d\d:00:00\.007$|:\d\d:00\.007$/);
});

test('what_cannot_be_seen_is_named', () => {
    assert.equal(format.visible('a\u001b[0m\r\n\tb'), 'a⟨ESC⟩[0m⟨CR⟩\n\tb');
    assert.equal(format.visible('a\n\tb', {line: true}), 'a⟨LF⟩⟨TAB⟩b');
    assert.equal(format.visible('\u202e\u200b\ufeff\u0085'),
        '⟨U+202E⟩⟨U+200B⟩⟨U+FEFF⟩⟨U+0085⟩');
    assert.equal(format.visible('Zoë 🂡 1.00'), 'Zoë 🂡 1.00');
});

test('a_shell_word_is_the_text_whatever_is_in_it', () => {
    for (const text of ['', 'plain', "it's", "'''", '$(id) `id` $HOME', '"\\"',
        'a b\tc\nd', '-n', '*?[a]', '\\', '!!', 'Zoë', '\u001b[31m']) {
        const got = execFileSync('sh',
            ['-c', `printf '<%s>' ${format.shellWord(text)}`]);
        assert.equal(got.toString(), `<${text}>`);
    }
});

test('a_dump_is_that_of_hexdump', () => {
    const bytes = Buffer.from(Array.from({length: 300}, (_, i) => i % 256));
    const want = execFileSync('hexdump', ['-vC'], {input: bytes})
        .toString().split('\n').slice(0, -2).join('\n');
    assert.equal(format.hexdump(bytes.toString('hex')), want);
    assert.equal(format.hexOfText('Zoë'), '5a6fc3ab');
});
