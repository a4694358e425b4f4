#include "jq_conf.h"

#include "jq_program.h"
#include "lookups.h"

const char *pf_jq_program(const struct pf_jq_conf *conf, enum pf_jq_step step)
{
    const char *const programs[] = {[PF_JQ_WHERE] = conf->where,
                                    [PF_JQ_MAP] = conf->map,
                                    [PF_JQ_KEY] = conf->key,
                                    [PF_JQ_TIME] = conf->time};

    return programs[step];
}

const char *pf_jq_setting(enum pf_jq_step step)
{
    static const char *const settings[] = {[PF_JQ_WHERE] = "feed.where",
                                           [PF_JQ_MAP] = "feed.map",
                                           [PF_JQ_KEY] = "feed.key",
                                           [PF_JQ_TIME] = "feed.time"};

    return settings[step];
}

static enum pf_rc check(const struct pf_jq_conf *conf, enum pf_jq_step step,
                        struct pf_lookups *lookups, struct pf_error *err)
{
    const char *program = pf_jq_program(conf, step);
    struct pf_jq_source source = {0};
    struct pf_jq *jq = NULL;
    enum pf_rc rc;

    if (!*program)
        return PF_OK;
    rc = pf_jq_source_read(program, &source, err);
    if (!rc) {
        pf_lookups_note(lookups, &source);
        rc = pf_jq_compile(&source, pf_jq_setting(step), conf->pure,
                           pf_lookups_values(lookups), NULL, &jq, err);
    }
    pf_jq_close(jq);
    pf_jq_source_release(&source);
    return rc;
}

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

enum pf_rc pf_jq_conf_check(const struct pf_jq_conf *conf,
                            const struct pf_settings *settings,
                            struct pf_error *err)
{
    struct pf_lookups lookups = {0};
    enum pf_rc rc = check_pure(conf, err);

    if (!rc)
        rc = pf_lookups_open(&lookups, &conf->lookups, err);
    for (enum pf_jq_step i = 0; i < PF_JQ_STEPS && !rc; i++) {
        rc = check(conf, i, &lookups, err);
        if (rc)
            pf_settings_fail(settings, pf_jq_setting(i), rc, err);
    }
    if (!rc)
        pf_lookups_warn(&lookups);
    pf_lookups_close(&lookups);
    return rc;
}
