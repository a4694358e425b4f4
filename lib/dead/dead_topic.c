#include "dead_topic.h"

#include "dead_letters.h"
#include "kafka_conf.h"
#include "kafka_group.h"
#include "kafka_ready.h"
#include "kafka_sink.h"

enum pf_rc pf_dead_topic_check(const struct pf_dead_conf *conf,
                               const char *topic, struct pf_error *err)
{
    enum pf_rc rc = pf_topic_check(topic, err);

    if (!rc && conf->input && pf_kafka_group_reads(conf->input, topic))
        return pf_fail(err, PF_CONFIG,
                       "records are read from %s: dead letters need a topic of "
                       "their own",
                       topic);
    return rc;
}

enum pf_rc pf_dead_topic_open(const struct pf_dead_conf *conf,
                              const char *topic, const rd_kafka_conf_t *like,
                              struct pf_sink **ret, struct pf_error *err)
{
    const struct pf_kafka_wanted wanted = {.topic = topic,
                                           .what = "dead letters",
                                           .most = "and a dead letter can have",
                                           .then = "this program ends",
                                           .input = conf->input,
                                           .largest = conf->largest,
                                           .room = PF_DEAD_ROOM,
                                           .partitions = 1};
    enum pf_rc rc = pf_kafka_ready(&wanted, like, NULL, err);
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
