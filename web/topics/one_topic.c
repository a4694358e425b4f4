#include "one_topic.h"

#include "clock.h"
#include "edges.h"
#include "record_search.h"
#include "text_json.h"
#include "topic_settings.h"
#include "web.h"

/* How long is looked for the times of first and last records, in ms: of a topic
 * of many partitions not all are found. */
#define TIMES_MS 1000

/* A record that a search has found. */
struct found {
    int64_t offset, time; /* offset -1: none */
};

static bool note(void *context, const struct web_record *record)
{
    struct found *found = context;

    found->offset = record->offset;
    found->time = record->timestamp;
    return true;
}

/* The first or the last record of a partition. False: refused. */
static bool find_record(struct web_ask *ask,
                        const struct web_kafka_topic *topic, bool last,
                        const struct web_search_part *bounds, struct found *ret)
{
    const struct web_search_conf conf = {
        .topic = topic, .newest = last, .limit = 1};
    struct web_search search;
    bool ok;

    *ret = (struct found){.offset = -1, .time = -1};
    if (bounds->low < 0 || bounds->high <= bounds->low)
        return true;
    if (!web_search_init(&search, ask, &conf, 1))
        return false;
    search.parts[0].number = bounds->number;
    search.parts[0].low = bounds->low;
    search.parts[0].high = bounds->high;
    ok = web_search_run(&search, 1, note, ret);
    web_search_release(&search);
    return ok;
}

static struct json_object *ids_json(const int32_t *ids, int n)
{
    struct json_object *list = json_object_new_array();

    for (int i = 0; i < n; i++)
        json_object_array_add(list, json_object_new_int(ids[i]));
    return list;
}

static struct json_object *place_json(int64_t offset, int64_t time)
{
    struct json_object *json = json_object_new_object();

    json_object_object_add(json, "offset", web_number_json(offset));
    json_object_object_add(json, "time", web_time_json(time));
    return json;
}

static struct json_object *
partition_json(const rd_kafka_metadata_partition_t *partition,
               const struct web_search_part *bounds, struct found first,
               struct found last)
{
    struct json_object *json = json_object_new_object();
    int64_t records = bounds->low < 0 || bounds->high < bounds->low
                          ? -1
                          : bounds->high - bounds->low;

    json_object_object_add(json, "partition",
                           json_object_new_int(partition->id));
    json_object_object_add(json, "leader", web_number_json(partition->leader));
    json_object_object_add(
        json, "replicas",
        ids_json(partition->replicas, partition->replica_cnt));
    json_object_object_add(json, "in_sync",
                           ids_json(partition->isrs, partition->isr_cnt));
    json_object_object_add(json, "first", place_json(bounds->low, first.time));
    json_object_object_add(json, "end", web_number_json(bounds->high));
    json_object_object_add(
        json, "last",
        last.offset < 0 ? NULL : place_json(last.offset, last.time));
    json_object_object_add(json, "records", web_number_json(records));
    return json;
}

/* All partitions, or NULL: refused. */
static struct json_object *partitions_json(struct web_ask *ask,
                                           const struct web_kafka_topic *topic,
                                           const struct web_edges *edges)
{
    struct json_object *list = json_object_new_array();
    int64_t deadline_ms = pf_now_ms() + TIMES_MS;

    for (int i = 0; i < topic->said->partition_cnt; i++) {
        const rd_kafka_metadata_partition_t *p = &topic->said->partitions[i];
        const struct web_search_part bounds = {
            .number = p->id,
            .low = web_kafka_offset_in(edges->first, topic->name, p->id),
            .high = web_kafka_offset_in(edges->end, topic->name, p->id),
        };
        struct found first = {-1, -1}, last = {-1, -1};

        if (pf_left_ms(deadline_ms) &&
            (!find_record(ask, topic, false, &bounds, &first) ||
             !find_record(ask, topic, true, &bounds, &last))) {
            json_object_put(list);
            return NULL;
        }
        json_object_array_add(list, partition_json(p, &bounds, first, last));
    }
    return list;
}

static void describe(struct web_ask *ask, const struct web_kafka_topic *topic)
{
    struct json_object *json = json_object_new_object(), *partitions = NULL,
                       *settings = NULL;
    bool ok = false;
    struct web_edges edges;

    json_object_object_add(json, "name", web_name_json(topic->name));
    json_object_object_add(
        json, "internal",
        json_object_new_boolean(web_kafka_is_internal(topic->name)));
    if (web_edges_ask(ask, topic->said, 1, &edges)) {
        json_object_object_add(
            json, "records",
            web_number_json(web_edges_records(&edges, topic->said)));
        partitions = partitions_json(ask, topic, &edges);
        web_edges_release(&edges);
    }
    if (partitions)
        ok = web_topic_settings(ask, topic->name, &settings);
    json_object_object_add(json, "partitions", partitions);
    json_object_object_add(json, "settings", settings);
    if (ok)
        pf_http_json(ask->reply, json);
    else
        json_object_put(json);
}

void web_one_topic(void *context, const struct pf_http_request *request,
                   struct pf_http_reply *reply)
{
    const struct web *web = context;
    struct web_kafka_topic topic;
    struct web_ask ask;

    if (!web_ask_begin(web->kafka, request, reply, &ask))
        return;
    if (web_kafka_topic_find(&ask, pf_http_part(request, 0), &topic)) {
        describe(&ask, &topic);
        web_kafka_topic_release(&topic);
    }
    web_ask_end(&ask);
}
