#include "run.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "fnv.h"
#include "prng.h"
#include "recording.h"

/* Length of the suffix of a run's name, "-" and a hash, that tells recordings
 * with the same file name apart. */
#define APART 9

/* Length of a file's name without the suffix of its compression, cut to what
 * fits into the name of a run. */
static size_t name_len(const char *name)
{
    static const char *const suffixes[] = {".gz", ".bz2", ".zst"};
    const size_t most = PF_RUN_SIZE - sizeof "replay-" - APART;
    size_t len = strlen(name);

    for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++) {
        size_t n = strlen(suffixes[i]);

        if (len > n && !strcmp(name + len - n, suffixes[i])) {
            len -= n;
            break;
        }
    }
    return len < most ? len : most;
}

/* Write the name that any run of these sources has. */
static void default_name(const struct pf_sources *s,
                         char ret[static PF_RUN_SIZE])
{
    static const char *const seeded[] = {[PF_SOURCE_RANDOM] = "seed",
                                         [PF_SOURCE_ORDERS] = "orders",
                                         [PF_SOURCE_TEMPLATE] = "template"};
    const char *slash = strrchr(s->replay.file, '/');
    const char *name = slash ? slash + 1 : s->replay.file;

    if (s->kind != PF_SOURCE_REPLAY) {
        snprintf(ret, PF_RUN_SIZE, "%s-%" PRIu64, seeded[s->kind],
                 s->seed_number);
        return;
    }
    snprintf(ret, PF_RUN_SIZE, "replay-%.*s", (int)name_len(name), name);
    for (; *ret; ret++)
        if (!pf_run_name_ok(ret, 1))
            *ret = '_';
}

enum pf_rc pf_run_name(const char *wanted, const struct pf_sources *sources,
                       char ret[static PF_RUN_SIZE], struct pf_error *err)
{
    size_t len = strlen(wanted);
    uint64_t number;

    if (len && !pf_run_name_ok(wanted, len))
        return pf_fail(err, PF_CONFIG,
                       "a name has up to %d letters, digits, '.', '_' and '-'",
                       PF_RUN_SIZE - 1);
    if (len) {
        memcpy(ret, wanted, len + 1);
    } else if (sources) {
        default_name(sources, ret);
    } else {
        enum pf_rc rc = pf_seed_choose("", &number, err);

        if (rc)
            return rc;
        snprintf(ret, PF_RUN_SIZE, "%016" PRIx64, number);
    }
    return PF_OK;
}

/* Folded to 32 bits. */
static uint32_t hash(const char *at, size_t len)
{
    uint64_t sum = pf_fnv_bytes(PF_FNV_BEGIN, at, len);

    return (uint32_t)(sum ^ sum >> 32);
}

static void append_hash(char run[static PF_RUN_SIZE], const char *at,
                        size_t len)
{
    size_t end = strlen(run);

    snprintf(run + end, PF_RUN_SIZE - end, "-%08" PRIx32, hash(at, len));
}

static enum pf_rc tell_recordings_apart(const struct pf_sources *sources,
                                        char run[static PF_RUN_SIZE],
                                        struct pf_error *err)
{
    struct pf_replay replay = sources->replay;
    struct pf_recording recording;
    enum pf_rc rc;

    /* Which event is the first should depend on as few settings as possible. */
    replay.start.value_max = PF_REPLAY_ELEMENT_MAX;
    replay.loop = replay.restamp = false;
    replay.start_us = INT64_MIN;
    replay.end_us = INT64_MAX;
    rc = pf_recording_init(&recording, &replay, err);
    recording.quiet = true;
    if (!rc)
        rc = pf_recording_next(&recording, true, 0, err);
    if (!rc)
        append_hash(run, recording.record.at, recording.record.len);
    pf_recording_release(&recording);
    return rc == PF_AGAIN || rc == PF_END ? PF_OK : rc;
}

static enum pf_rc tell_templates_apart(const struct pf_sources *sources,
                                       char run[static PF_RUN_SIZE],
                                       struct pf_error *err)
{
    struct pf_buffer text = {0};
    enum pf_rc rc = pf_template_read(sources->template.template.file, &text,
                                     err);

    if (!rc)
        append_hash(run, text.at, text.n);
    pf_buffer_release(&text);
    return rc;
}

enum pf_rc pf_run_tell_apart(const struct pf_sources *sources,
                             char run[static PF_RUN_SIZE], struct pf_error *err)
{
    switch (sources->kind) {
    case PF_SOURCE_REPLAY:
        return tell_recordings_apart(sources, run, err);
    case PF_SOURCE_TEMPLATE:
        return tell_templates_apart(sources, run, err);
    default:
        return PF_OK;
    }
}
