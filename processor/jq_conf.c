#include "jq_conf.h"

#include "jq_program.h"

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
                        struct pf_error *err)
{
    const char *program = pf_jq_program(conf, step);
    struct pf_jq *jq = NULL;
    enum pf_rc rc;

    if (!*program)
        return PF_OK;
    rc = pf_jq_open(program, pf_jq_setting(step), conf->pure, NULL, &jq, err);
    pf_jq_close(jq);
    return rc;
}

enum pf_rc pf_jq_conf_check(const struct pf_jq_conf *conf,
                            const struct pf_settings *settings,
                            struct pf_error *err)
{
    for (enum pf_jq_step i = 0; i < PF_JQ_STEPS; i++) {
        enum pf_rc rc = check(conf, i, err);

        if (rc)
            return pf_settings_fail(settings, pf_jq_setting(i), rc, err);
    }
    return PF_OK;
}
