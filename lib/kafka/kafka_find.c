#include "kafka_find.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "kafka_committed.h"

/* The pause before a call is made again: some failures come at once. */
#define RETRY_MS 50

/* How long one call may take before it is looked whether it is still wanted. */
#define CALL_MS 1000

static void forget_sought(struct pf_kafka_find *find)
{
    if (find->sought)
        rd_kafka_topic_partition_list_destroy(find->sought);
    find->sought = NULL;
}

void pf_kafka_find_ask(void *context)
{
    struct pf_kafka_find *find = context;

    find->rc = pf_kafka_committed(find->consumer, find->sought, CALL_MS,
                                  &find->err);
    if (find->rc == PF_AGAIN)
        poll(NULL, 0, RETRY_MS);
}

bool pf_kafka_find_seeks(struct pf_kafka_find *find,
                         const struct pf_partition *partition)
{
    const rd_kafka_topic_partition_t *at = find->sought
                                               ? &find->sought->elems[0]
                                               : NULL;

    if (at && at->partition == partition->number &&
        !strcmp(at->topic, partition->topic))
        return true;
    forget_sought(find);
    find->sought = rd_kafka_topic_partition_list_new(1);
    rd_kafka_topic_partition_list_add(find->sought, partition->topic,
                                      partition->number);
    return false;
}

enum pf_rc pf_kafka_find_tell(struct pf_kafka_find *find,
                              struct pf_partition *partition,
                              struct pf_error *err)
{
    const rd_kafka_topic_partition_t *at = &find->sought->elems[0];
    rd_kafka_topic_partition_t *told = rd_kafka_topic_partition_list_find(
        find->told, partition->topic, partition->number);

    if (!find->rc) {
        if (!told)
            told = rd_kafka_topic_partition_list_add(
                find->told, partition->topic, partition->number);
        free(told->metadata);
        told->metadata = at->offset >= 0 ? pf_kafka_committed_text(at) : NULL;
        partition->offset = at->offset >= 0 ? at->offset : -1;
        partition->metadata = told->metadata;
    }
    forget_sought(find);
    return find->rc ? pf_fail(err, find->rc, "%s", find->err.text) : PF_OK;
}

void pf_kafka_find_init(struct pf_kafka_find *ret, rd_kafka_t *consumer)
{
    ret->consumer = consumer;
    ret->told = rd_kafka_topic_partition_list_new(1);
}

void pf_kafka_find_release(struct pf_kafka_find *find)
{
    forget_sought(find);
    if (find->told)
        rd_kafka_topic_partition_list_destroy(find->told);
}
