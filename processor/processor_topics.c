#include "processor_topics.h"

#include <stdbool.h>
#include <string.h>

#include "dead_letters.h"
#include "kafka_conf.h"
#include "kafka_group.h"
#include "kafka_ready.h"
#include "kafka_topics.h"
#include "log.h"
#include "stop.h"

/* How long a request for metadata may take, and the pause before the next. */
#define REQUEST_MS 200
#define RETRY_MS 50

/* Check the topic that this setting names: it must not be among the input's. */
static enum pf_rc check_one(const struct pf_processor_topics *topics,
                            const char *topic, struct pf_error *err)
{
    enum pf_rc rc = pf_topic_check(topic, err);

    if (!rc && pf_kafka_group_reads(topics->input, topic))
        rc = pf_fail(err, PF_CONFIG,
                     "records are read from %s: what becomes of them needs "
                     "another topic",
                     topic);
    return rc;
}

static enum pf_rc check_named(const char *topic, const char *what,
                              struct pf_error *err)
{
    return *topic ? PF_OK
                  : pf_fail(err, PF_CONFIG, "it is empty: name the %s", what);
}

static enum pf_rc check_dead_letters(const struct pf_processor_topics *topics,
                                     struct pf_error *err)
{
    enum pf_rc rc = pf_on_bad_check((enum pf_on_bad)topics->on_bad,
                                    topics->dead_letters, err);

    if (rc || !*topics->dead_letters)
        return rc;
    if (!strncmp(topics->dead_letters, "file:", 5))
        return pf_fail(err, PF_CONFIG,
                       "a processor puts them in a topic: a file cannot be in "
                       "one transaction with what it writes");
    rc = check_one(topics, topics->dead_letters, err);
    if (!rc && !strcmp(topics->dead_letters, topics->output))
        rc = pf_fail(err, PF_CONFIG,
                     "feed.output is %s: dead letters need a topic of their "
                     "own",
                     topics->output);
    return rc;
}

enum pf_rc pf_processor_topics_check(struct pf_processor_topics *topics,
                                     const struct pf_settings *settings,
                                     struct pf_error *err)
{
    enum pf_rc rc = check_named(topics->input, "topics to read", err);

    if (!rc)
        rc = pf_kafka_group_check(topics->input, err);
    if (rc)
        return pf_settings_fail(settings, "feed.topic", rc, err);
    rc = check_named(topics->output, "topic to write", err);
    if (!rc)
        rc = check_one(topics, topics->output, err);
    if (rc)
        return pf_settings_fail(settings, "feed.output", rc, err);
    if (*topics->dead_letters && !pf_settings_get(settings, "feed.on.bad"))
        topics->on_bad = PF_ON_BAD_DEAD_LETTER;
    rc = check_dead_letters(topics, err);
    return rc ? pf_settings_fail(settings, "feed.dead.letters", rc, err)
              : PF_OK;
}

/* The largest number of partitions of a topic of the input; 0: there is none,
 * and *ret_why says more if no broker has answered. */
static int count_now(rd_kafka_t *rk, const char *input,
                     rd_kafka_resp_err_t *ret_why)
{
    const struct rd_kafka_metadata *metadata;
    int most = 0;

    *ret_why = rd_kafka_metadata(rk, true, NULL, &metadata, REQUEST_MS);
    if (*ret_why)
        return 0;
    for (int i = 0; i < metadata->topic_cnt; i++) {
        const struct rd_kafka_metadata_topic *t = &metadata->topics[i];

        if (!t->err && t->partition_cnt > most &&
            pf_kafka_group_reads(input, t->topic))
            most = t->partition_cnt;
    }
    rd_kafka_metadata_destroy(metadata);
    return most;
}

/* Wait until there is an input. */
static enum pf_rc count_partitions(rd_kafka_t *rk, const char *input, int *ret,
                                   struct pf_error *err)
{
    struct pf_log_limit log_limit = {0};
    rd_kafka_resp_err_t why;

    while (!(*ret = count_now(rk, input, &why))) {
        pf_log_limited(&log_limit, PF_LOG_INFO, "waiting for %s: %s", input,
                       why ? rd_kafka_err2str(why) : "there is no such topic");
        if (pf_wait(-1, 0, RETRY_MS) == PF_END)
            return pf_fail(err, PF_END, "asked to stop before %s was there",
                           input);
    }
    return PF_OK;
}

/* Each record keeps the number of its partition. */
static enum pf_rc check_partitions(rd_kafka_t *rk,
                                   const struct pf_processor_topics *topics,
                                   int wanted, struct pf_error *err)
{
    rd_kafka_resp_err_t why;
    int n = pf_kafka_count_partitions(rk, topics->output, 5 * REQUEST_MS, &why);

    if (!n || n >= wanted)
        return PF_OK;
    return pf_fail(err, PF_CONFIG,
                   "feed.output: %s has %d partition%s, and the input %d: as "
                   "records keep the number of their partition, it needs as "
                   "many",
                   topics->output, n, n == 1 ? "" : "s", wanted);
}

enum pf_rc pf_processor_topics_ready(const struct pf_processor_topics *topics,
                                     const rd_kafka_conf_t *like,
                                     int64_t *ret_takes, struct pf_error *err)
{
    static const char *const then[] = {
        [PF_ON_BAD_SKIP] = "the one that it is made of is skipped",
        [PF_ON_BAD_STOP] = "this program ends before the one it is made of",
        [PF_ON_BAD_DEAD_LETTER] = "the one that it is made of is put aside"};
    struct pf_kafka_wanted output = {.topic = topics->output,
                                     .what = "the output",
                                     .most = "and a record can have",
                                     .then = then[topics->on_bad],
                                     .input = topics->input,
                                     .may_compact = true};
    struct pf_kafka_wanted letters = {.topic = topics->dead_letters,
                                      .what = "dead letters",
                                      .most = "and a dead letter can have",
                                      .then = "its value is left out",
                                      .input = topics->input,
                                      .room = PF_DEAD_ROOM};
    int64_t takes = INT64_MAX; /* the topic of dead letters */
    rd_kafka_t *rk;
    /* A consumer's questions never create a topic. */
    enum pf_rc rc = pf_kafka_new(RD_KAFKA_CONSUMER, pf_kafka_conf_like(like),
                                 &rk, err);

    if (!rc)
        rc = count_partitions(rk, topics->input, &output.partitions, err);
    letters.partitions = output.partitions;
    if (!rc)
        rc = pf_kafka_ready(&output, like, ret_takes, err);
    if (!rc)
        rc = check_partitions(rk, topics, output.partitions, err);
    if (!rc && *topics->dead_letters)
        rc = pf_kafka_ready(&letters, like, &takes, err);
    if (!rc && takes < *ret_takes)
        *ret_takes = takes;
    if (rk)
        rd_kafka_destroy_flags(rk, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
    return rc;
}
