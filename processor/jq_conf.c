#include "jq_conf.h"

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
