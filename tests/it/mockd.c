/* mockd - librdkafka's mock of a Kafka cluster, for as long as standard input
 * is open. Prints its bootstrap.servers.
 *
 *     mockd [TOPIC...]     each with one partition; others have four
 *
 * What it does not do: create topics by the admin API, check idempotence, or
 * keep more than 5 MiB of a partition.
 */
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static int serve(rd_kafka_t *rk, char **topics)
{
    rd_kafka_mock_cluster_t *cluster = rd_kafka_mock_cluster_new(rk, 1);
    char byte;

    if (!cluster)
        return EXIT_FAILURE;
    for (; *topics; topics++)
        rd_kafka_mock_topic_create(cluster, *topics, 1, 1);
    puts(rd_kafka_mock_cluster_bootstraps(cluster));
    fflush(stdout);

    /* Its threads do the work. */
    while (read(STDIN_FILENO, &byte, 1) > 0)
        continue;
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
