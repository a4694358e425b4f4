#include "run.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "log.h"
#include "random.h"
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

/* Is the record what this seed gives at that number? */
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
                                             : "going on behind it");
    return rc;
}
