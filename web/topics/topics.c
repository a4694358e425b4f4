#include "topics.h"

#include <string.h>

#include "edges.h"
#include "text_json.h"
#include "web.h"

static int replicas_of(const rd_kafka_metadata_topic_t *topic)
{
    return topic->partition_cnt ? topic->partitions[0].replica_cnt : 0;
}

static struct json_object *summary_json(const rd_kafka_metadata_topic_t *topic,
                                        const struct web_edges *edges)
{
    struct json_object *json = json_object_new_object();

    json_object_object_add(json, "name", web_name_json(topic->topic));
    json_object_object_add(json, "partitions",
                           json_object_new_int(topic->partition_cnt));
    json_object_object_add(json, "replicas",
                           json_object_new_int(replicas_of(topic)));
    json_object_object_add(
        json, "internal",
        json_object_new_boolean(web_kafka_is_internal(topic->topic)));
    json_object_object_add(json, "records",
                           web_number_json(web_edges_records(edges, topic)));
    return json;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const rd_kafka_metadata_topic_t *)a)->topic,
                  ((const rd_kafka_metadata_topic_t *)b)->topic);
}

void web_topics(void *context, const struct pf_http_request *request,
                struct pf_http_reply *reply)
{
    const struct web *web = context;
    const rd_kafka_metadata_t *all;
    struct web_edges edges;
    struct web_ask ask;

    if (!web_ask_begin(web->kafka, request, reply, &ask))
        return;
    all = web_kafka_topics(&ask);
    if (all && web_edges_ask(&ask, all->topics, all->topic_cnt, &edges)) {
        struct json_object *json = json_object_new_object(),
                           *list = json_object_new_array();

        qsort(all->topics, (size_t)all->topic_cnt, sizeof *all->topics,
              by_name);
        for (int i = 0; i < all->topic_cnt; i++)
            json_object_array_add(list, summary_json(&all->topics[i], &edges));
        json_object_object_add(json, "topics", list);
        pf_http_json(reply, json);
        web_edges_release(&edges);
    }
    if (all)
        rd_kafka_metadata_destroy(all);
    web_ask_end(&ask);
}
