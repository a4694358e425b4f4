#include "records.h"

#include <inttypes.h>
#include <stdlib.h>

#include "next.h"
#include "record_search.h"
#include "records_query.h"
#include "web.h"

/* Bytes of a key or a value that a list shows. */
#define SHOWN 4096

/* Bytes of the answer: what is around the records has room below the 1 MB that
 * the API promises. */
#define BODY_MAX 1000000

/* Of more partitions at once the token would not fit into a request. */
#define PARTITIONS_MAX 500

/* A list that is being made. */
struct list {
    struct web_ask ask;
    struct web_records_query query;
    struct web_kafka_topic topic;
    struct web_where *where; /* NULL: any record */
    struct web_search search;
    struct json_object *records;
    size_t body; /* bytes that they take */
    bool failed; /* memory ran out */
};

/* The partitions that are asked for, as a list for Kafka. NULL: refused. */
static rd_kafka_topic_partition_list_t *partitions_of(struct list *list)
{
    const rd_kafka_metadata_topic_t *said = list->topic.said;
    int32_t wanted = list->query.partition;
    rd_kafka_topic_partition_list_t *ret;

    if (wanted < 0 && said->partition_cnt > PARTITIONS_MAX) {
        pf_http_refuse(list->ask.reply, 400,
                       "topic %s has %d partitions: say which one with "
                       "partition=",
                       list->topic.name, said->partition_cnt);
        return NULL;
    }
    ret = rd_kafka_topic_partition_list_new(said->partition_cnt);
    for (int i = 0; i < said->partition_cnt; i++) {
        const rd_kafka_metadata_partition_t *p = &said->partitions[i];

        if (wanted >= 0 && p->id != wanted)
            continue;
        if (p->leader < 0) {
            pf_http_refuse(list->ask.reply, 503,
                           "partition %" PRId32 " of topic %s has no leader: "
                           "the broker that has it is down",
                           p->id, list->topic.name);
            rd_kafka_topic_partition_list_destroy(ret);
            return NULL;
        }
        rd_kafka_topic_partition_list_add(ret, list->topic.name, p->id);
    }
    if (ret->cnt || wanted < 0)
        return ret;
    pf_http_refuse(list->ask.reply, 404,
                   "topic %s has no partition %" PRId32 ": it has %d",
                   list->topic.name, wanted, said->partition_cnt);
    rd_kafka_topic_partition_list_destroy(ret);
    return NULL;
}

/* Set the lows, or the highs, of the parts to the offsets in at. */
static bool set_ends(struct list *list,
                     const rd_kafka_topic_partition_list_t *at, bool lows)
{
    for (int i = 0; i < at->cnt; i++) {
        struct web_search_part *part = &list->search.parts[i];
        int64_t offset = at->elems[i].offset;

        if (offset < 0)
            return web_ask_refuse(&list->ask,
                                  at->elems[i].err
                                      ? at->elems[i].err
                                      : RD_KAFKA_RESP_ERR__TIMED_OUT,
                                  list->topic.what);
        part->number = at->elems[i].partition;
        if (lows)
            part->low = offset;
        else
            part->high = offset;
    }
    return true;
}

/* Set the offsets in at to where each partition was at the time asked for. */
static bool find_time(struct list *list, rd_kafka_topic_partition_list_t *at)
{
    if (!web_kafka_offsets(&list->ask, at, list->query.at))
        return false;
    for (int i = 0; i < at->cnt; i++)
        if (at->elems[i].err)
            return web_ask_refuse(&list->ask, at->elems[i].err,
                                  list->topic.what);
    return true;
}

/* Begin or go on at that offset: what is before it is done. */
static void begin_at(struct web_search_part *part, bool newest, int64_t offset)
{
    if (newest && offset < part->high)
        part->high = offset > part->low ? offset : part->low;
    if (!newest && offset > part->low)
        part->low = offset < part->high ? offset : part->high;
}

/* The number of this list. */
static uint64_t which_list(const struct list *list)
{
    const struct web_records_query *query = &list->query;

    return web_next_list(list->topic.name, query->partition, query->text,
                         query->jq);
}

/* Go on where the token says. */
static bool go_on(struct list *list)
{
    struct web_search *search = &list->search;
    struct web_next next;
    struct pf_error err;

    if (web_next_parse(list->query.next, which_list(list), search->n_parts,
                       &next, &err)) {
        pf_http_refuse(list->ask.reply, 400, "next: %s", err.text);
        return false;
    }
    /* Partitions that have come since are for another list. */
    search->n_parts = next.n;
    search->newest = next.newest;
    for (size_t i = 0; i < next.n; i++)
        begin_at(&search->parts[i], next.newest, next.offsets[i]);
    free(next.offsets);
    return true;
}

/* Set what is to be searched of each partition. */
static bool set_out(struct list *list, rd_kafka_topic_partition_list_t *at)
{
    struct web_search *search = &list->search;
    const struct web_records_query *query = &list->query;

    if (!web_kafka_offsets(&list->ask, at, RD_KAFKA_OFFSET_BEGINNING) ||
        !set_ends(list, at, true) ||
        !web_kafka_offsets(&list->ask, at, RD_KAFKA_OFFSET_END) ||
        !set_ends(list, at, false))
        return false;
    if (query->next)
        return go_on(list);
    if (query->from == WEB_OFFSET && search->n_parts > 1) {
        pf_http_refuse(list->ask.reply, 400,
                       "from: an offset is of one partition: say which with "
                       "partition=");
        return false;
    }
    if (query->from == WEB_TIME && !find_time(list, at))
        return false;
    for (size_t i = 0; i < search->n_parts; i++) {
        int64_t offset = at->elems[i].offset;

        if (query->from == WEB_OFFSET)
            begin_at(&search->parts[i], false, query->at);
        else if (query->from == WEB_TIME) /* none since: at its end */
            begin_at(&search->parts[i], false, offset < 0 ? INT64_MAX : offset);
    }
    return true;
}

static bool put(void *context, const struct web_record *record)
{
    struct list *list = context;
    struct json_object *json = web_record_json(record);
    size_t n = 0;

    if (!json) {
        list->failed = true;
        return false;
    }
    json_object_to_json_string_length(
        json, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE, &n);
    /* The first one always fits, see record_json.h. */
    if (list->body + n + 1 > BODY_MAX) {
        json_object_put(json);
        return false;
    }
    list->body += n + 1;
    json_object_array_add(list->records, json);
    return true;
}

/* The place after this list, as a token; null if nothing is left. */
static struct json_object *token_json(const struct list *list)
{
    const struct web_search *search = &list->search;
    struct web_next next = {.newest = search->newest, .n = search->n_parts};
    struct pf_buffer token = {0};
    struct json_object *json = NULL;

    next.offsets = calloc(search->n_parts + 1, sizeof *next.offsets);
    if (next.offsets) {
        for (size_t i = 0; i < search->n_parts; i++)
            next.offsets[i] = web_search_place(search, &search->parts[i]);
        web_next_put(&next, which_list(list), &token);
    }
    if (token.n)
        json = json_object_new_string_len(token.at, (int)token.n);
    pf_buffer_release(&token);
    free(next.offsets);
    return json;
}

static struct json_object *offsets_json(const struct web_search *search)
{
    struct json_object *json = json_object_new_object();

    for (size_t i = 0; i < search->n_parts; i++) {
        char number[16];

        snprintf(number, sizeof number, "%" PRId32, search->parts[i].number);
        json_object_object_add(
            json, number,
            json_object_new_int64(web_search_place(search, &search->parts[i])));
    }
    return json;
}

static void answer(struct list *list)
{
    struct json_object *json = json_object_new_object(),
                       *until = json_object_new_object();
    bool more = web_search_more(&list->search);

    json_object_object_add(json, "records", list->records);
    list->records = NULL;
    json_object_object_add(json, "looked_at",
                           json_object_new_int64(list->search.looked_at));
    json_object_object_add(json, "unsaid", web_match_json(&list->search.match));
    json_object_object_add(until, "offsets", offsets_json(&list->search));
    json_object_object_add(json, "until", until);
    json_object_object_add(json, "more", json_object_new_boolean(more));
    json_object_object_add(json, "next", more ? token_json(list) : NULL);
    pf_http_json(list->ask.reply, json);
}

/* Search the topic, which was found. */
static void search(struct list *list)
{
    rd_kafka_topic_partition_list_t *at = partitions_of(list);
    const struct web_search_conf conf = {
        .topic = &list->topic,
        .newest = list->query.from == WEB_NEWEST,
        .text = list->query.text,
        .where = list->where,
        .limit = list->query.limit,
        .most = SHOWN,
    };

    if (!at)
        return;
    if (web_search_init(&list->search, &list->ask, &conf, (size_t)at->cnt)) {
        size_t n_parts = list->search.n_parts;

        list->records = json_object_new_array();
        if (set_out(list, at) &&
            web_search_run(&list->search, list->query.limit, put, list)) {
            if (list->failed)
                web_ask_nomem(&list->ask);
            else
                answer(list);
        }
        json_object_put(list->records);
        list->search.n_parts = n_parts;
        web_search_release(&list->search);
    }
    rd_kafka_topic_partition_list_destroy(at);
}

/* Have the expression compiled, if there is one. */
static bool open_where(struct list *list)
{
    struct pf_error err;
    enum pf_rc rc = list->query.jq
                        ? web_where_open(list->query.jq, &list->where, &err)
                        : PF_OK;

    if (rc)
        pf_http_refuse(list->ask.reply, rc == PF_CONFIG ? 400 : 503,
                       "in jq: %s", err.text);
    return !rc;
}

void web_records(void *context, const struct pf_http_request *request,
                 struct pf_http_reply *reply)
{
    const struct web *web = context;
    struct list list = {0};

    if (!web_records_query(request, reply, &list.query) ||
        !web_ask_begin(web->kafka, request, reply, &list.ask))
        return;
    if (open_where(&list) &&
        web_kafka_topic_find(&list.ask, pf_http_part(request, 0),
                             &list.topic)) {
        search(&list);
        web_kafka_topic_release(&list.topic);
    }
    web_where_close(list.where);
    web_ask_end(&list.ask);
}
