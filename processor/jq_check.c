#include "jq_check.h"

#include "jq_work.h"

/* What was read from a file cannot be had again after it has changed. */
static enum pf_rc check_pure(const struct pf_jq_conf *conf,
                             struct pf_error *err)
{
    const struct pf_relative *first = conf->lookups.at;

    if (!conf->pure || !conf->lookups.n)
        return PF_OK;
    return pf_fail(err, PF_CONFIG,
                   "%s: %s: windows read records again after a restart, and "
                   "the file may have changed by then: let another processor "
                   "with the lookup write a topic first, and make windows of "
                   "that",
                   first->where, first->setting);
}

enum pf_rc pf_jq_conf_check(struct pf_jq_conf *conf,
                            const struct pf_settings *settings,
                            struct pf_error *err)
{
    enum pf_rc rc = check_pure(conf, err);

    pf_jq_conf_release(conf);
    if (!rc)
        rc = pf_jq_work_new(conf, settings, &conf->work, err);
    if (!rc)
        pf_lookups_warn(&conf->work->lookups);
    return rc;
}

void pf_jq_conf_release(struct pf_jq_conf *conf)
{
    pf_jq_work_free(conf->work);
    conf->work = NULL;
}
