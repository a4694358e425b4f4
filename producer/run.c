#include "run.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "log.h"
#include "recording.h"
#include "seed.h"

enum pf_rc pf_run_name(const char *wanted, char ret[static PF_RUN_SIZE],
                       struct pf_error *err)
{
    size_t len = strlen(wanted);
    uint64_t number;
    enum pf_rc rc;

    if (len && !pf_run_name_ok(wanted, len))
        return pf_fail(err, PF_CONFIG,
                       "a name has up to %d letters, digits, '.', '_' and '-'",
                       PF_RUN_SIZE - 1);
    if (len) {
        memcpy(ret, wanted, len + 1);
        return PF_OK;
    }
    rc = pf_seed_choose("", &number, err);
    if (!rc)
        snprintf(ret, PF_RUN_SIZE, "%016" PRIx64, number);
    return rc;
}

/* FNV-1a, folded to 32 bits. */
static uint32_t hash(const char *at, size_t len)
{
    uint64_t sum = UINT64_C(14695981039346656037);

    for (size_t i = 0; i < len; i++)
        sum = (sum ^ (unsigned char)at[i]) * UINT64_C(1099511628211);
    return (uint32_t)(sum ^ sum >> 32);
}

enum pf_rc pf_run_tell_apart(const struct pf_sources *sources,
                             char run[static PF_RUN_SIZE], struct pf_error *err)
{
    struct pf_replay replay = sources->replay;
    struct pf_recording recording;
    size_t len = strlen(run);
    enum pf_rc rc;

    /* Which event is the first should depend on as few settings as possible. */
    replay.start.value_max = PF_REPLAY_ELEMENT_MAX;
    replay.loop = replay.restamp = false;
    replay.start_us = INT64_MIN;
    replay.end_us = INT64_MAX;
    replay.on_bad = PF_BAD_LINE_SKIP;
    rc = pf_recording_init(&recording, &replay, err);
    recording.quiet = true;
    if (!rc)
        rc = pf_recording_next(&recording, true, 0, err);
    if (!rc)
        snprintf(run + len, PF_RUN_SIZE - len, "-%08" PRIx32,
                 hash(recording.record.at, recording.record.len));
    pf_recording_release(&recording);
    return rc == PF_AGAIN || rc == PF_END ? PF_OK : rc;
}

/* Is the record the price with that number of this seed? */
static bool is_price(const void *context, uint64_t number,
                     const struct pf_record *record)
{
    struct pf_price price = pf_random_price(*(const uint64_t *)context, number);
    char text[PF_PRICE_JSON_SIZE];
    size_t len = pf_price_encode(&price, text);

    return record->value && record->value_len == len &&
           !memcmp(record->value, text, len);
}

enum pf_rc pf_run_find(const rd_kafka_conf_t *conf, const char *topic,
                       int32_t partition, const char *run,
                       const struct pf_sources *sources, struct pf_place *ret,
                       struct pf_error *err)
{
    uint64_t count = (uint64_t)sources->count;
    const struct pf_place_search search = {
        .topic = topic,
        .partition = partition,
        .run = run,
        .is_number = sources->kind == PF_SOURCE_RANDOM ? is_price : NULL,
        .context = &sources->seed_number};
    enum pf_rc rc = pf_place_find(conf, &search, ret, err);

    if (rc == PF_END)
        return pf_fail(err, rc, "asked to stop before %s was found", topic);
    if (!rc && ret->number)
        pf_log(PF_LOG_INFO,
               "run %s is in %s up to number %" PRIu64
               ": %s (feed.run = NAME begins another)",
               run, topic, ret->number - 1,
               count && ret->number >= count ? "it is complete"
                                             : "continuing after it");
    return rc;
}
