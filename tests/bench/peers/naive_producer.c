/* naive_producer BROKER TOPIC COUNT [PAD] - the C program that one would write
 * first: json-c, one call a record, librdkafka's defaults. With PAD each
 * record has a third member of that many bytes. */
#include <json-c/json.h>
#include <librdkafka/rdkafka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *pad;

static void send_price(rd_kafka_t *rk, rd_kafka_topic_t *topic)
{
    struct json_object *price = json_object_new_object();
    char decimal[16];
    const char *text;

    snprintf(decimal, sizeof decimal, "%.2f", 1 + rand() % 901 / 100.0);
    json_object_object_add(price, "match",
                           json_object_new_int(100 + rand() % 900));
    json_object_object_add(price, "price",
                           json_object_new_double_s(atof(decimal), decimal));
    if (pad)
        json_object_object_add(price, "pad", json_object_new_string(pad));
    text = json_object_to_json_string(price);
    while (rd_kafka_produce(topic, 0, RD_KAFKA_MSG_F_COPY,
                            (void *)(uintptr_t)text, strlen(text), NULL, 0,
                            NULL) &&
           rd_kafka_last_error() == RD_KAFKA_RESP_ERR__QUEUE_FULL)
        rd_kafka_poll(rk, 10);
    rd_kafka_poll(rk, 0);
    json_object_put(price);
}

int main(int argc, char **argv)
{
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    rd_kafka_topic_t *topic;
    rd_kafka_t *rk;
    char why[200];

    if (argc < 4)
        return 2;
    if (argc > 4) {
        size_t size = (size_t)atol(argv[4]);

        pad = calloc(1, size + 1);
        memset(pad, 'x', size);
    }
    rd_kafka_conf_set(conf, "bootstrap.servers", argv[1], why, sizeof why);
    rk = rd_kafka_new(RD_KAFKA_PRODUCER, conf, why, sizeof why);
    if (!rk)
        return 1;
    topic = rd_kafka_topic_new(rk, argv[2], NULL);
    for (long n = atol(argv[3]); n > 0; n--)
        send_price(rk, topic);
    rd_kafka_flush(rk, 60000);
    rd_kafka_topic_destroy(topic);
    rd_kafka_destroy(rk);
    return 0;
}
