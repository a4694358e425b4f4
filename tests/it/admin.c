/* admin - changes something at a broker, by librdkafka's admin API.
 *
 *     admin BROKER create TOPIC[:PARTITIONS] SETTING=VALUE [...]
 *         topics with a setting of their own each; one partition unless said
 *     admin BROKER set TOPIC SETTING=VALUE
 *         this becomes the topic's only setting of its own
 *     admin BROKER grow TOPIC PARTITIONS
 *     admin BROKER delete TOPIC [OFFSET]
 *         the topic, or as retention would what partition 0 has before that
 *     admin BROKER allow|deny PRINCIPAL OPERATION [TOPIC]
 *         of that topic, or of the cluster
 *
 * Returns when the broker has done it; the code is 1 if it has not.
 */
#include <librdkafka/rdkafka.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define TOPICS_MAX 20
#define ANSWER_MS 60000

/* A client, and where answers to it come. */
static rd_kafka_t *rk;
static rd_kafka_queue_t *queue;
static char why[512];

static void die(const char *what, const char *reason)
{
    fprintf(stderr, "admin: %s: %s\n", what, reason);
    exit(EXIT_FAILURE);
}

static void check(const char *what, rd_kafka_resp_err_t err)
{
    if (err)
        die(what, rd_kafka_err2str(err));
}

/* Cut text at its first c, and return what follows; "" if there is none. */
static char *cut(char *text, char c)
{
    char *at = strchr(text, c);

    if (!at)
        return text + strlen(text);
    *at = '\0';
    return at + 1;
}

static void connect_to(const char *broker)
{
    rd_kafka_conf_t *conf = rd_kafka_conf_new();

    if (rd_kafka_conf_set(conf, "bootstrap.servers", broker, why, sizeof why))
        die(broker, why);
    rk = rd_kafka_new(RD_KAFKA_PRODUCER, conf, why, sizeof why);
    if (!rk)
        die(broker, why);
    queue = rd_kafka_queue_new(rk);
}

/* The broker's answer; as a whole it is not an error. */
static rd_kafka_event_t *answer(void)
{
    rd_kafka_event_t *event = rd_kafka_queue_poll(queue, ANSWER_MS);

    if (!event)
        die("the broker", "no answer");
    if (rd_kafka_event_error(event))
        die("the broker", rd_kafka_event_error_string(event));
    return event;
}

static void check_topics(const rd_kafka_topic_result_t **topics, size_t n)
{
    for (size_t i = 0; i < n; i++)
        check(rd_kafka_topic_result_name(topics[i]),
              rd_kafka_topic_result_error(topics[i]));
}

static void create(char **words, int n)
{
    rd_kafka_NewTopic_t *topics[TOPICS_MAX], *topic;
    const rd_kafka_topic_result_t **results;
    rd_kafka_event_t *event;
    size_t topics_n = 0, results_n;

    for (int i = 0; i + 1 < n && topics_n < TOPICS_MAX; i += 2) {
        char *partitions = cut(words[i], ':'), *value = cut(words[i + 1], '=');

        topic = rd_kafka_NewTopic_new(
            words[i], *partitions ? atoi(partitions) : 1, 1, why, sizeof why);
        if (!topic)
            die(words[i], why);
        check(words[i],
              rd_kafka_NewTopic_set_config(topic, words[i + 1], value));
        topics[topics_n++] = topic;
    }
    rd_kafka_CreateTopics(rk, topics, topics_n, NULL, queue);
    event = answer();
    results = rd_kafka_CreateTopics_result_topics(
        rd_kafka_event_CreateTopics_result(event), &results_n);
    check_topics(results, results_n);
    rd_kafka_event_destroy(event);
    rd_kafka_NewTopic_destroy_array(topics, topics_n);
}

static void set(const char *name, char *setting)
{
    rd_kafka_ConfigResource_t *topic = rd_kafka_ConfigResource_new(
        RD_KAFKA_RESOURCE_TOPIC, name);
    const rd_kafka_ConfigResource_t **results;
    char *value = cut(setting, '=');
    rd_kafka_event_t *event;
    size_t n;

    check(name, rd_kafka_ConfigResource_set_config(topic, setting, value));
    rd_kafka_AlterConfigs(rk, &topic, 1, NULL, queue);
    event = answer();
    results = rd_kafka_AlterConfigs_result_resources(
        rd_kafka_event_AlterConfigs_result(event), &n);
    for (size_t i = 0; i < n; i++)
        check(name, rd_kafka_ConfigResource_error(results[i]));
    rd_kafka_event_destroy(event);
    rd_kafka_ConfigResource_destroy(topic);
}

static void grow(const char *name, const char *partitions)
{
    rd_kafka_NewPartitions_t *more = rd_kafka_NewPartitions_new(
        name, strtoul(partitions, NULL, 10), why, sizeof why);
    const rd_kafka_topic_result_t **results;
    rd_kafka_event_t *event;
    size_t n;

    if (!more)
        die(name, why);
    rd_kafka_CreatePartitions(rk, &more, 1, NULL, queue);
    event = answer();
    results = rd_kafka_CreatePartitions_result_topics(
        rd_kafka_event_CreatePartitions_result(event), &n);
    check_topics(results, n);
    rd_kafka_event_destroy(event);
    rd_kafka_NewPartitions_destroy(more);
}

static void delete_topic(const char *name)
{
    rd_kafka_DeleteTopic_t *topic = rd_kafka_DeleteTopic_new(name);
    const rd_kafka_topic_result_t **results;
    rd_kafka_event_t *event;
    size_t n;

    rd_kafka_DeleteTopics(rk, &topic, 1, NULL, queue);
    event = answer();
    results = rd_kafka_DeleteTopics_result_topics(
        rd_kafka_event_DeleteTopics_result(event), &n);
    check_topics(results, n);
    rd_kafka_event_destroy(event);
    rd_kafka_DeleteTopic_destroy(topic);
}

static void remove_records(const char *name, const char *before)
{
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(
        1);
    const rd_kafka_topic_partition_list_t *done;
    rd_kafka_DeleteRecords_t *records;
    rd_kafka_event_t *event;

    rd_kafka_topic_partition_list_add(list, name, 0)->offset = atoll(before);
    records = rd_kafka_DeleteRecords_new(list);
    rd_kafka_DeleteRecords(rk, &records, 1, NULL, queue);
    event = answer();
    done = rd_kafka_DeleteRecords_result_offsets(
        rd_kafka_event_DeleteRecords_result(event));
    for (int i = 0; i < done->cnt; i++)
        check(name, done->elems[i].err);
    rd_kafka_event_destroy(event);
    rd_kafka_DeleteRecords_destroy(records);
    rd_kafka_topic_partition_list_destroy(list);
}

static rd_kafka_AclOperation_t operation_of(const char *word)
{
    for (int op = RD_KAFKA_ACL_OPERATION_ALL; op < RD_KAFKA_ACL_OPERATION__CNT;
         op++)
        if (!strcasecmp(word, rd_kafka_AclOperation_name(op)))
            return op;
    die(word, "it is not an operation");
    return RD_KAFKA_ACL_OPERATION_UNKNOWN;
}

static void judge(bool is_allowed, const char *principal, const char *operation,
                  const char *topic)
{
    rd_kafka_AclBinding_t *acl = rd_kafka_AclBinding_new(
        topic ? RD_KAFKA_RESOURCE_TOPIC : RD_KAFKA_RESOURCE_BROKER,
        topic ? topic : "kafka-cluster", RD_KAFKA_RESOURCE_PATTERN_LITERAL,
        principal, "*", operation_of(operation),
        is_allowed ? RD_KAFKA_ACL_PERMISSION_TYPE_ALLOW
                   : RD_KAFKA_ACL_PERMISSION_TYPE_DENY,
        why, sizeof why);
    const rd_kafka_acl_result_t **results;
    const rd_kafka_error_t *error;
    rd_kafka_event_t *event;
    size_t n;

    if (!acl)
        die(principal, why);
    rd_kafka_CreateAcls(rk, &acl, 1, NULL, queue);
    event = answer();
    results = rd_kafka_CreateAcls_result_acls(
        rd_kafka_event_CreateAcls_result(event), &n);
    for (size_t i = 0; i < n; i++) {
        error = rd_kafka_acl_result_error(results[i]);
        if (error)
            die(principal, rd_kafka_error_string(error));
    }
    rd_kafka_event_destroy(event);
    rd_kafka_AclBinding_destroy(acl);
}

/* Do what the words say. False: it is not known. */
static bool obey(const char *order, char **words, int n)
{
    if (!strcmp(order, "create") && n >= 2 && n % 2 == 0)
        create(words, n);
    else if (!strcmp(order, "set") && n == 2)
        set(words[0], words[1]);
    else if (!strcmp(order, "grow") && n == 2)
        grow(words[0], words[1]);
    else if (!strcmp(order, "delete") && n == 1)
        delete_topic(words[0]);
    else if (!strcmp(order, "delete") && n == 2)
        remove_records(words[0], words[1]);
    else if (!strcmp(order, "allow") && (n == 2 || n == 3))
        judge(true, words[0], words[1], words[2]);
    else if (!strcmp(order, "deny") && (n == 2 || n == 3))
        judge(false, words[0], words[1], words[2]);
    else
        return false;
    return true;
}

int main(int argc, char **argv)
{
    if (argc < 4) {
        fputs("usage: admin BROKER ORDER TOPIC [WORD...]\n", stderr);
        return EXIT_FAILURE;
    }
    connect_to(argv[1]);
    if (!obey(argv[2], argv + 3, argc - 3))
        die(argv[2], "it is not an order, or has other words");
    rd_kafka_queue_destroy(queue);
    rd_kafka_destroy(rk);
    return EXIT_SUCCESS;
}
