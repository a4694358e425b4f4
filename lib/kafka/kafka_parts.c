#include "kafka_parts.h"

#include <stdlib.h>
#include <string.h>

struct pf_kafka_part *pf_kafka_parts_add(struct pf_kafka_parts *parts,
                                         const char *topic, int32_t number,
                                         int64_t offset)
{
    struct pf_kafka_part *part = calloc(1, sizeof *part);

    if (part)
        part->topic = strdup(topic);
    if (!part || !part->topic || !PF_VEC_PUSH(&parts->list, part)) {
        free(part ? part->topic : NULL);
        free(part);
        return NULL;
    }
    part->number = number;
    part->next = part->position = part->resumed = part->began = offset;
    part->end = part->goal = -1;
    return part;
}

struct pf_kafka_part *pf_kafka_parts_find(const struct pf_kafka_parts *parts,
                                          const char *topic, int32_t number)
{
    for (size_t i = 0; i < parts->list.n; i++) {
        struct pf_kafka_part *part = parts->list.at[i];

        if (part->number == number && !strcmp(part->topic, topic))
            return part;
    }
    return NULL;
}

bool pf_kafka_part_describe(struct pf_kafka_part *part, const char *text,
                            bool *changed)
{
    char *copy = NULL;

    if (text && part->metadata && !strcmp(text, part->metadata))
        return true;
    if (text && !(copy = strdup(text)))
        return false;
    *changed |= text || part->metadata;
    free(part->metadata);
    part->metadata = copy;
    return true;
}

static void release(struct pf_kafka_part *part)
{
    free(part->topic);
    free(part->metadata);
    free(part);
}

int64_t pf_kafka_parts_position(const struct pf_kafka_parts *parts)
{
    int64_t sum = 0;

    for (size_t i = 0; i < parts->list.n; i++)
        if (parts->list.at[i]->position >= 0)
            sum += parts->list.at[i]->position;
    return sum;
}

rd_kafka_topic_partition_list_t *
pf_kafka_parts_next(const struct pf_kafka_parts *parts)
{
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(
        (int)parts->list.n);

    for (size_t i = 0; i < parts->list.n; i++) {
        const struct pf_kafka_part *part = parts->list.at[i];

        if (part->next >= 0)
            rd_kafka_topic_partition_list_add(list, part->topic, part->number)
                ->offset = part->next;
    }
    return list;
}

void pf_kafka_parts_remove(struct pf_kafka_parts *parts, const char *topic,
                           int32_t number)
{
    struct pf_kafka_part *part = pf_kafka_parts_find(parts, topic, number);

    for (size_t i = 0; part && i < parts->list.n; i++)
        if (parts->list.at[i] == part) {
            parts->list.at[i] = *PF_VEC_LAST(&parts->list);
            parts->list.n--;
            parts->last = NULL;
            release(part);
            return;
        }
}

void pf_kafka_parts_release(struct pf_kafka_parts *parts)
{
    for (size_t i = 0; i < parts->list.n; i++)
        release(parts->list.at[i]);
    free(parts->list.at);
    *parts = (struct pf_kafka_parts){0};
}
