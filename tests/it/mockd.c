/* mockd - librdkafka's mock of a Kafka cluster, for as long as standard input
 * is open. Prints its bootstrap.servers.
 *
 *     mockd [TOPIC...]     each with one partition; others have four
 *
 * A line on standard input is an order:
 *
 *     produce ERROR...    answer the next requests to produce with these of
 *                         Kafka's error numbers; -195 breaks the connection
 *     leader TOPIC ID     of its first partition; -1: there is none
 *
 * What it does not do: create topics by the admin API, check idempotence, or
 * keep more than 5 MiB of a partition.
 */
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PRODUCE 0 /* Kafka's number of that request */

static void take_order(rd_kafka_mock_cluster_t *cluster, char *line)
{
    rd_kafka_resp_err_t errors[100];
    char *word = strtok(line, " \n"), *topic;
    size_t n = 0;

    if (word && !strcmp(word, "produce")) {
        while (n < 100 && (word = strtok(NULL, " \n")))
            errors[n++] = atoi(word);
        rd_kafka_mock_push_request_errors_array(cluster, PRODUCE, n, errors);
    } else if (word && !strcmp(word, "leader")) {
        topic = strtok(NULL, " \n");
        word = strtok(NULL, " \n");
        if (topic && word)
            rd_kafka_mock_partition_set_leader(cluster, topic, 0, atoi(word));
    }
}

static int serve(rd_kafka_t *rk, char **topics)
{
    rd_kafka_mock_cluster_t *cluster = rd_kafka_mock_cluster_new(rk, 1);
    char line[1000];

    if (!cluster)
        return EXIT_FAILURE;
    for (; *topics; topics++)
        rd_kafka_mock_topic_create(cluster, *topics, 1, 1);
    puts(rd_kafka_mock_cluster_bootstraps(cluster));
    fflush(stdout);

    /* Its threads do the work. */
    while (fgets(line, sizeof line, stdin))
        take_order(cluster, line);
    rd_kafka_mock_cluster_destroy(cluster);
    return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    char why[512];
    rd_kafka_t *rk;
    int status;

    (void)argc;
    /* Only errors: it would warn that it has no broker of its own. */
    rd_kafka_conf_set(conf, "log_level", "3", NULL, 0);
    rk = rd_kafka_new(RD_KAFKA_PRODUCER, conf, why, sizeof why);
    if (!rk) {
        fprintf(stderr, "mockd: %s\n", why);
        return EXIT_FAILURE;
    }
    status = serve(rk, argv + 1);
    rd_kafka_destroy(rk);
    return status;
}
