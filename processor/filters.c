#include "filters.h"

#include "jq_check.h"
#include "jq_filter.h"
#include "kafka_source.h"
#include "window_filter.h"

enum pf_rc pf_filters_check(struct pf_filters *filters,
                            const struct pf_settings *settings,
                            struct pf_error *err)
{
    enum pf_rc rc;

    filters->jq.pure = pf_window_wanted(&filters->windows);
    filters->windows.rekeyed = *filters->jq.key;
    rc = pf_jq_conf_check(&filters->jq, settings, err);
    return rc ? rc : pf_window_check(&filters->windows, settings, err);
}

void pf_filters_release(struct pf_filters *filters)
{
    pf_jq_conf_release(&filters->jq);
}

enum pf_rc pf_filters_open(struct pf_filters *filters,
                           const struct pf_source *source,
                           struct pf_stats *stats, struct pf_filter **ret,
                           struct pf_error *err)
{
    struct pf_filter *programs;
    enum pf_rc rc = pf_jq_filter_open(&filters->jq, stats, &programs, err);

    if (rc)
        return rc;
    if (pf_window_wanted(&filters->windows)) {
        filters->windows.source = source;
        filters->windows.at_end = pf_kafka_source_at_end;
        filters->windows.before = programs ? pf_jq_filter_hash(programs) : 0;
        rc = pf_window_open(&filters->windows, programs, stats, ret, err);
        if (rc)
            pf_filter_close(programs);
        return rc;
    }
    *ret = programs;
    return PF_OK;
}
