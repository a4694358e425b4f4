/* commit_first.c - to be loaded before librdkafka, for the drills without-order
 * and without-group-order: what has been read is committed at once, before
 * anybody has printed it, and printed 5 ms later: a kill that comes between the
 * two shows, and one in a moment in which there is nothing to read does not. */
#include <dlfcn.h>
#include <librdkafka/rdkafka.h>
#include <unistd.h>

static rd_kafka_t *consumer;

rd_kafka_resp_err_t
rd_kafka_assign(rd_kafka_t *rk,
                const rd_kafka_topic_partition_list_t *partitions)
{
    rd_kafka_resp_err_t (*real)(
        rd_kafka_t *,
        const rd_kafka_topic_partition_list_t *) = dlsym(RTLD_NEXT,
                                                         "rd_kafka_assign");

    consumer = rk;
    return real(rk, partitions);
}

rd_kafka_error_t *
rd_kafka_incremental_assign(rd_kafka_t *rk,
                            const rd_kafka_topic_partition_list_t *partitions)
{
    rd_kafka_error_t *(*real)(rd_kafka_t *,
                              const rd_kafka_topic_partition_list_t *) =
        dlsym(RTLD_NEXT, "rd_kafka_incremental_assign");

    consumer = rk;
    return real(rk, partitions);
}

ssize_t rd_kafka_consume_batch_queue(rd_kafka_queue_t *queue, int timeout_ms,
                                     rd_kafka_message_t **messages, size_t size)
{
    ssize_t (*real)(rd_kafka_queue_t *, int, rd_kafka_message_t **,
                    size_t) = dlsym(RTLD_NEXT, "rd_kafka_consume_batch_queue");
    ssize_t n = real(queue, timeout_ms, messages, size);

    if (n > 0 && !messages[n - 1]->err)
        rd_kafka_commit_message(consumer, messages[n - 1], 0);
    if (n > 0)
        usleep(5000);
    return n;
}
