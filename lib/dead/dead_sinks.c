#include "dead_sinks.h"

#include <string.h>

#include "dead_file.h"
#include "dead_topic.h"
#include "on_bad.h"

/* The forms of feed.dead.letters, each with what it begins with. */
static const struct form {
    const char *prefix;

    /* NULL: anything that is not empty. name is what follows the prefix. */
    enum pf_rc (*check)(const struct pf_dead_conf *conf, const char *name,
                        struct pf_error *err);
    enum pf_rc (*open)(const struct pf_dead_conf *conf, const char *name,
                       const rd_kafka_conf_t *like, struct pf_sink **ret,
                       struct pf_error *err);
} forms[] = {
    {"file:", NULL, pf_dead_file_open},
    {"", pf_dead_topic_check, pf_dead_topic_open}, /* anything else */
};

/* The setting's form; *ret_name is what follows its prefix. */
static const struct form *find(const char *to, const char **ret_name)
{
    const struct form *form = forms;

    while (strncmp(to, form->prefix, strlen(form->prefix)) != 0)
        form++;
    *ret_name = to + strlen(form->prefix);
    return form;
}

enum pf_rc pf_dead_conf_check(const struct pf_dead_conf *conf,
                              enum pf_on_bad on_bad, struct pf_error *err)
{
    enum pf_rc rc = pf_on_bad_check(on_bad, conf->to, err);
    const struct form *form;
    const char *name;

    if (rc || on_bad != PF_ON_BAD_DEAD_LETTER)
        return rc;
    form = find(conf->to, &name);
    rc = pf_on_bad_check(on_bad, name, err); /* "file:" is not a place */
    return rc || !form->check ? rc : form->check(conf, name, err);
}

enum pf_rc pf_dead_sink_open(const struct pf_dead_conf *conf,
                             const rd_kafka_conf_t *like, struct pf_sink **ret,
                             struct pf_error *err)
{
    const char *name;
    const struct form *form = find(conf->to, &name);
    enum pf_rc rc = form->open(conf, name, like, ret, err);

    return rc ? pf_fail_in(err, rc, "feed.dead.letters: ") : PF_OK;
}
