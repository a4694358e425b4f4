#include "dead_topic.h"

#include <regex.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "dead_ready.h"
#include "kafka_conf.h"
#include "kafka_sink.h"

/* Does the input, a topic or a pattern, include the topic? librdkafka matches
 * patterns in the same way. */
static bool is_in(const char *input, const char *topic)
{
    regex_t pattern;
    bool found;

    if (*input != '^')
        return !strcmp(input, topic);
    if (regcomp(&pattern, input, REG_EXTENDED | REG_NOSUB))
        return false; /* subscribing to it fails */
    found = !regexec(&pattern, topic, 0, NULL, 0);
    regfree(&pattern);
    return found;
}

enum pf_rc pf_dead_topic_check(const struct pf_dead_conf *conf,
                               const char *topic, struct pf_error *err)
{
    char *names = strdup(conf->input ? conf->input : ""), *rest = names, *name;
    enum pf_rc rc = pf_topic_check(topic, err);

    if (!names)
        rc = pf_fail(err, PF_NOMEM, "dead letters: out of memory");
    while (!rc && (name = strsep(&rest, ",")))
        if (is_in(name, topic))
            rc = pf_fail(err, PF_CONFIG,
                         "records are read from %s: dead letters need a topic "
                         "of their own",
                         topic);
    free(names);
    return rc;
}

enum pf_rc pf_dead_topic_open(const struct pf_dead_conf *conf,
                              const char *topic, const rd_kafka_conf_t *like,
                              struct pf_sink **ret, struct pf_error *err)
{
    enum pf_rc rc = pf_dead_ready(conf, topic, like, err);
    rd_kafka_conf_t *own;

    if (rc)
        return rc;
    own = pf_kafka_conf_forward(like);
    /* Less than PF_DEAD_ROOM, or small letters could form a batch that is
     * larger than the topic takes. */
    rd_kafka_conf_set(own, "batch.size", "60000", NULL, 0);
    return pf_kafka_sink_open(own, &(struct pf_kafka_target){.topic = topic},
                              ret, err);
}
