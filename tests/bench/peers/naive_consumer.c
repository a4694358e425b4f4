/* naive_consumer BROKER TOPIC COUNT - the C program that one would write
 * first: one poll a record, json-c, printf and fflush, librdkafka's defaults.
 */
#include <json-c/json.h>
#include <librdkafka/rdkafka.h>
#include <stdio.h>
#include <stdlib.h>

static int print_price(const rd_kafka_message_t *message)
{
    struct json_tokener *tokener = json_tokener_new();
    struct json_object *price = json_tokener_parse_ex(tokener, message->payload,
                                                      (int)message->len);
    struct json_object *match, *value;
    int printed = json_object_object_get_ex(price, "match", &match) &&
                  json_object_object_get_ex(price, "price", &value);

    if (printed)
        printf("{\"match\": %d, \"price\": %.2f}\n", json_object_get_int(match),
               json_object_get_double(value));
    fflush(stdout);
    json_object_put(price);
    json_tokener_free(tokener);
    return printed;
}

int main(int argc, char **argv)
{
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    rd_kafka_topic_partition_list_t *list;
    rd_kafka_t *rk;
    char why[200];

    if (argc < 4)
        return 2;
    rd_kafka_conf_set(conf, "bootstrap.servers", argv[1], why, sizeof why);
    rd_kafka_conf_set(conf, "group.id", "naive", why, sizeof why);
    rd_kafka_conf_set(conf, "auto.offset.reset", "earliest", why, sizeof why);
    rk = rd_kafka_new(RD_KAFKA_CONSUMER, conf, why, sizeof why);
    if (!rk)
        return 1;
    list = rd_kafka_topic_partition_list_new(1);
    rd_kafka_topic_partition_list_add(list, argv[2], RD_KAFKA_PARTITION_UA);
    rd_kafka_subscribe(rk, list);
    rd_kafka_topic_partition_list_destroy(list);
    for (long n = atol(argv[3]); n > 0;) {
        rd_kafka_message_t *message = rd_kafka_consumer_poll(rk, 1000);

        if (message && !message->err)
            n -= print_price(message);
        if (message)
            rd_kafka_message_destroy(message);
    }
    rd_kafka_consumer_close(rk);
    rd_kafka_destroy(rk);
    return 0;
}
