/*
 * setting - print a setting of the broker as its admin API reports it.
 *
 *     setting BOOTSTRAP-SERVERS BROKER-ID NAME
 *
 * Ends with 1 when the broker does not answer within 10 seconds or knows no
 * such setting.
 */
#include <librdkafka/rdkafka.h>
#include <stdio.h>
#include <string.h>

#define PATIENCE_MS 10000

/* Print the value of name, if the broker's answer has it. */
static int print(rd_kafka_event_t *answer, const char *name)
{
    const rd_kafka_DescribeConfigs_result_t *result =
        rd_kafka_event_DescribeConfigs_result(answer);
    const rd_kafka_ConfigResource_t **brokers;
    const rd_kafka_ConfigEntry_t **settings;
    size_t n;

    brokers = rd_kafka_DescribeConfigs_result_resources(result, &n);
    if (n != 1)
        return 1;
    if (rd_kafka_ConfigResource_error(brokers[0])) {
        fprintf(stderr, "setting: %s\n",
                rd_kafka_ConfigResource_error_string(brokers[0]));
        return 1;
    }
    settings = rd_kafka_ConfigResource_configs(brokers[0], &n);
    while (n-- > 0)
        if (!strcmp(rd_kafka_ConfigEntry_name(settings[n]), name)) {
            const char *value = rd_kafka_ConfigEntry_value(settings[n]);

            puts(value ? value : "");
            return 0;
        }
    fprintf(stderr, "setting: the broker knows no '%s'\n", name);
    return 1;
}

static int ask(rd_kafka_t *client, const char *broker, const char *name)
{
    rd_kafka_queue_t *queue = rd_kafka_queue_new(client);
    rd_kafka_ConfigResource_t *resource = rd_kafka_ConfigResource_new(
        RD_KAFKA_RESOURCE_BROKER, broker);
    rd_kafka_event_t *answer;
    int failed = 1;

    rd_kafka_DescribeConfigs(client, &resource, 1, NULL, queue);
    answer = rd_kafka_queue_poll(queue, PATIENCE_MS);
    if (!answer)
        fprintf(stderr, "setting: no answer\n");
    else if (rd_kafka_event_error(answer))
        fprintf(stderr, "setting: %s\n", rd_kafka_event_error_string(answer));
    else
        failed = print(answer, name);

    if (answer)
        rd_kafka_event_destroy(answer);
    rd_kafka_ConfigResource_destroy(resource);
    rd_kafka_queue_destroy(queue);
    return failed;
}

int main(int argc, char **argv)
{
    rd_kafka_conf_t *conf;
    rd_kafka_t *client;
    char why[512];
    int failed;

    if (argc != 4) {
        fprintf(stderr, "usage: setting BOOTSTRAP-SERVERS BROKER-ID NAME\n");
        return 2;
    }
    conf = rd_kafka_conf_new();
    rd_kafka_conf_set(conf, "bootstrap.servers", argv[1], why, sizeof why);
    client = rd_kafka_new(RD_KAFKA_PRODUCER, conf, why, sizeof why);
    if (!client) {
        fprintf(stderr, "setting: %s\n", why);
        rd_kafka_conf_destroy(conf);
        return 1;
    }
    failed = ask(client, argv[2], argv[3]);
    rd_kafka_destroy(client);
    return failed;
}
