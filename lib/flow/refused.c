#include "refused.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>

#include "pump_metrics.h"
#include "text.h"

/* Is it a line of a file, and not of a partition? */
static bool is_line(const struct pf_record *record)
{
    return record->topic && record->partition < 0;
}

static void tell_line(struct pf_refused *refused,
                      const struct pf_refusal *refusal, const char *value)
{
    const struct pf_record *record = refusal->record;
    bool kept = refused->on_bad == PF_ON_BAD_DEAD_LETTER;

    pf_log_limited(
        &refused->log_limit, PF_LOG_WARNING, "%s%s%s %s:%" PRId64 ": %s%s%s",
        kept ? "put aside in " : "skipped",
        kept ? refused->dead_letters_in : "", kept ? ":" : "", record->topic,
        record->offset, refusal->reason.text, *value ? ": " : "", value);
}

/* Where a record is: "17", or "17 of prices-topic [2]". */
struct place {
    char text[300];
};

static const char *name_place(const struct pf_record *record,
                              struct place *place)
{
    if (record->topic)
        snprintf(place->text, sizeof place->text,
                 "%" PRId64 " of %s [%" PRId32 "]", record->offset,
                 record->topic, record->partition);
    else
        snprintf(place->text, sizeof place->text, "%" PRId64, record->offset);
    return place->text;
}

void pf_refused_tell(struct pf_refused *refused,
                     const struct pf_refusal *refusal)
{
    const struct pf_record *record = refusal->record;
    struct place place;
    char value[256];

    pf_stats_add(refused->stats, PF_PUMP_REFUSED, 1);
    pf_escape(value, sizeof value, record->value ? record->value : "",
              record->value_len);
    if (is_line(record))
        tell_line(refused, refusal, value);
    else if (refused->on_bad == PF_ON_BAD_DEAD_LETTER)
        pf_log_limited(&refused->log_limit, PF_LOG_WARNING,
                       "put aside in %s the record at offset %s, %s: %s: %s",
                       refused->dead_letters_in, name_place(record, &place),
                       refusal->kind, refusal->reason.text, value);
    else
        pf_log_limited(&refused->log_limit, PF_LOG_WARNING,
                       "skipped the record at offset %s, %s: %s: %s",
                       name_place(record, &place), refusal->kind,
                       refusal->reason.text, value);
}

enum pf_rc pf_refused_stop(struct pf_refused *refused,
                           const struct pf_refusal *refusal,
                           struct pf_error *err)
{
    const struct pf_record *record = refusal->record;
    struct place place;

    pf_stats_add(refused->stats, PF_PUMP_REFUSED, 1);
    if (is_line(record))
        return pf_fail(err, PF_FORMAT,
                       "%s:%" PRId64 ": %s (feed.on.bad = stop)", record->topic,
                       record->offset, refusal->reason.text);
    return pf_fail(err, PF_FORMAT,
                   "the record at offset %s is bad, %s: %s (feed.on.bad = "
                   "stop)",
                   name_place(record, &place), refusal->kind,
                   refusal->reason.text);
}
