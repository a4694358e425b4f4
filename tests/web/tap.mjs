// tap.mjs - a reporter for node's test runner: a line of TAP for each test, as
// tests/run reads them.

const COUNTS =
    /^(tests|suites|pass|fail|cancelled|skipped|todo|duration_ms) [0-9.]+$/;

const comment = text => String(text).replace(/^/gm, '# ');

function verdict(passed, {name, details, skip}) {
    const reason = skip === undefined ? '' : ` # SKIP ${skip}`;
    return `${passed ? 'ok' : 'not ok'} - ${name}${reason} in ` +
        `${Math.round(details.duration_ms)}ms\n`;
}

export default async function* tap(source) {
    for await (const {type, data} of source) {
        // Older runners count each file as a test, too.
        if (data.name?.endsWith('.mjs') && type === 'test:pass') {
            continue;
        }
        if (type === 'test:pass') {
            yield verdict(true, data);
        } else if (type === 'test:fail') {
            const err = data.details.error;
            yield verdict(false, data) + comment(err?.cause?.stack ?? err) + '\n';
        } else if (type === 'test:diagnostic' && !COUNTS.test(data.message)) {
            yield `${comment(data.message)}\n`;
        } else if (type === 'test:stderr') {
            yield comment(data.message.trimEnd()) + '\n';
        }
    }
}
