#include "origin_filter.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "dead_letters.h"
#include "kafka_conf.h"
#include "log.h"
#include "stop.h"
#include "vec.h"

/* Timeout of one request for all topics, and the pause after one that
 * failed. */
#define ASK_MS 500
#define RETRY_MS 50

/* A topic that is there, and that letters are from. */
struct known {
    char *name; /* owned */
    int32_t partitions;
};

/* The headers of a record that was a dead letter: its first n. */
struct own {
    const struct pf_record *letter;
    size_t n;
};

struct origin_filter {
    struct pf_filter base;
    const char *topic; /* for all of them; NULL: where each came from */
    rd_kafka_t *rk;    /* a consumer: it asks, and creates no topic */
    const struct rd_kafka_metadata *list; /* topics that were there when it
                                           * asked; NULL: it has not */
    bool is_new;                          /* that was during this batch */
    PF_VEC(struct known) topics;          /* records borrow their names */
    struct pf_log_limit log_limit;

    /* One element for each record of the largest batch so far. */
    size_t size;
    struct pf_record *records;
    struct own *own;
    uint32_t *from;
    struct pf_refusal *refusals;
};

const struct pf_record *pf_origin_letter(const struct pf_record *record)
{
    return ((const struct own *)record->headers)->letter;
}

static bool own_header_at(const void *headers, size_t i, struct pf_header *ret)
{
    const struct own *own = headers;

    return i < own->n && pf_record_header_at(own->letter, i, ret);
}

static enum pf_rc grow(struct origin_filter *f, size_t n, struct pf_error *err)
{
    const struct pf_column columns[] = {PF_COLUMN(f->records),
                                        PF_COLUMN(f->own), PF_COLUMN(f->from),
                                        PF_COLUMN(f->refusals)};

    return pf_columns_room(&f->size, n, columns,
                           sizeof columns / sizeof *columns)
               ? PF_OK
               : pf_fail(err, PF_NOMEM, "a batch of %zu", n);
}

static const struct rd_kafka_metadata_topic *
find_listed(const struct origin_filter *f, const char *name)
{
    for (int i = 0; f->list && i < f->list->topic_cnt; i++)
        if (!strcmp(f->list->topics[i].topic, name))
            return &f->list->topics[i];
    return NULL;
}

/* Ask for all topics that are there. Of a name that a question is about,
 * librdkafka would keep some KiB for good, and any letter can have another. */
static rd_kafka_resp_err_t ask(struct origin_filter *f)
{
    const struct rd_kafka_metadata *list;
    rd_kafka_resp_err_t why = rd_kafka_metadata(f->rk, 1, NULL, &list, ASK_MS);

    if (why)
        return why;
    if (f->list)
        rd_kafka_metadata_destroy(f->list);
    f->list = list;
    f->is_new = true;
    return RD_KAFKA_RESP_ERR_NO_ERROR;
}

/* How many partitions the topic has; 0: there is no such topic, or this user
 * may not know of it. Asks if the list has not that partition and is from
 * before this batch: the topic may have been created since. */
static rd_kafka_resp_err_t count_listed(struct origin_filter *f,
                                        const char *name, int32_t partition,
                                        int32_t *ret)
{
    const struct rd_kafka_metadata_topic *topic = find_listed(f, name);
    rd_kafka_resp_err_t why = RD_KAFKA_RESP_ERR_NO_ERROR;

    if (!f->is_new && (!topic || partition >= topic->partition_cnt)) {
        why = ask(f);
        topic = find_listed(f, name);
    }
    *ret = topic ? topic->partition_cnt : 0;
    if (!why && topic && topic->err && !topic->partition_cnt) {
        why = topic->err; /* such as that it has no leader yet */
        f->is_new = false;
    }
    return why;
}

/* The same, until there is an answer. */
static enum pf_rc count_partitions(struct origin_filter *f, const char *name,
                                   int32_t partition, int32_t *ret,
                                   struct pf_error *err)
{
    rd_kafka_resp_err_t why;

    while ((why = count_listed(f, name, partition, ret))) {
        pf_log_limited(&f->log_limit, PF_LOG_INFO, "waiting for %s: %s", name,
                       rd_kafka_err2str(why));
        if (pf_wait(-1, 0, RETRY_MS) == PF_END)
            return pf_fail(err, PF_END, "asked to stop before %s was known",
                           name);
    }
    return PF_OK;
}

static struct known *find(struct origin_filter *f, const char *name)
{
    for (size_t i = 0; i < f->topics.n; i++)
        if (!strcmp(f->topics.at[i].name, name))
            return &f->topics.at[i];
    return NULL;
}

/* Remember a topic that is there. NULL: memory ran out. */
static struct known *remember(struct origin_filter *f, const char *name)
{
    struct known *known;

    if (!PF_VEC_PUSH(&f->topics, (struct known){0}))
        return NULL;
    known = PF_VEC_LAST(&f->topics);
    known->name = strdup(name);
    if (!known->name)
        f->topics.n--;
    return known->name ? known : NULL;
}

/* The topic, if it has that partition. NULL: it is not there. */
static enum pf_rc look_up(struct origin_filter *f, const char *name,
                          int32_t partition, const struct known **ret,
                          struct pf_error *err)
{
    struct known *known = find(f, name);
    int32_t partitions;
    enum pf_rc rc;

    *ret = known;
    if (known && partition < known->partitions)
        return PF_OK;
    *ret = NULL;
    rc = count_partitions(f, name, partition, &partitions, err);
    if (rc || partition >= partitions)
        return rc;
    if (!known)
        known = remember(f, name);
    if (!known)
        return pf_fail(err, PF_NOMEM, "%s: out of memory", name);
    known->partitions = partitions;
    *ret = known;
    return PF_OK;
}

/* The topic that is given for all, or *ret NULL. */
static enum pf_rc given(struct origin_filter *f, const struct known **ret,
                        struct pf_error *why, struct pf_error *err)
{
    enum pf_rc rc = look_up(f, f->topic, 0, ret, err);

    if (!rc && !*ret)
        pf_fail(why, PF_FORMAT,
                "there is no topic %s, or this user may not know of it",
                f->topic);
    return rc;
}

/* Where the record came from, or *ret NULL: *why says what is wrong with it,
 * *kind in a word. */
static enum pf_rc origin(struct origin_filter *f,
                         const struct pf_dead_letter_parts *parts,
                         const struct known **ret, struct pf_error *why,
                         struct pf_error *err)
{
    char name[250];
    enum pf_rc rc;

    *ret = NULL;
    if (!pf_header_text(&parts->topic, name, sizeof name)) {
        pf_fail(why, PF_FORMAT, "it is not from a topic");
        return PF_OK;
    }
    if (pf_topic_check(name, why))
        return PF_OK;
    if (!strncmp(name, "__", 2)) {
        pf_fail(why, PF_FORMAT,
                "it is from %s: nothing is sent to Kafka's own topics", name);
        return PF_OK;
    }
    if (parts->partition < 0) {
        pf_fail(why, PF_FORMAT, "it is not from a partition");
        return PF_OK;
    }
    rc = look_up(f, name, parts->partition, ret, err);
    if (!rc && !*ret)
        pf_fail(why, PF_FORMAT,
                "there is no partition %" PRId32
                " of %s, or this user may not know of it",
                parts->partition, name);
    return rc;
}

/* Read a dead letter with all of its record. False: it is something else, and
 * refused. */
static bool read_whole(const struct pf_record *letter,
                       struct pf_dead_letter_parts *ret,
                       struct pf_refusal *refusal)
{
    refusal->kind = "foreign";
    if (pf_dead_letter_read(letter, ret, &refusal->reason))
        return false;
    refusal->kind = "short";
    if (ret->left_out)
        pf_fail(&refusal->reason, PF_FORMAT,
                "%" PRId64 " bytes of its record were left out of it, which "
                "was too long: take the record from where it came from, "
                "partition %" PRId32 ", offset %" PRId64,
                ret->left_out, ret->partition, ret->offset);
    if (ret->left_out)
        return false;
    refusal->kind = "origin";
    return true;
}

/* Make of *letter, which is that number of the batch, a record, or refuse it.
 */
static enum pf_rc take_back(struct origin_filter *f,
                            const struct pf_record *letter, size_t number,
                            struct pf_filtered *ret, struct pf_error *err)
{
    struct pf_output *out = &ret->outputs[0];
    struct pf_refusal *refusal = &f->refusals[ret->n_refused];
    struct pf_record *record = &f->records[out->n];
    struct own *own = &f->own[out->n];
    struct pf_dead_letter_parts parts;
    const struct known *topic = NULL;
    enum pf_rc rc = PF_OK;

    refusal->record = letter;
    if (read_whole(letter, &parts, refusal))
        rc = f->topic ? given(f, &topic, &refusal->reason, err)
                      : origin(f, &parts, &topic, &refusal->reason, err);
    if (rc)
        return rc;
    if (!topic) {
        ret->n_refused++;
        return PF_OK;
    }
    *own = (struct own){.letter = letter, .n = parts.n_own};
    *record = *letter;
    record->topic = topic->name;
    record->partition = f->topic ? PF_BY_KEY : parts.partition;
    record->timestamp = parts.timestamp;
    record->headers = own;
    record->header_at = own_header_at;
    f->from[out->n++] = (uint32_t)number;
    return PF_OK;
}

static enum pf_rc origin_apply(struct pf_filter *base,
                               const struct pf_record *records, size_t n,
                               struct pf_filtered *ret, struct pf_error *err)
{
    struct origin_filter *f = (struct origin_filter *)base;
    enum pf_rc rc = grow(f, n, err);

    f->is_new = false;
    *ret = (struct pf_filtered){
        .outputs = {{.records = f->records, .from = f->from}},
        .refusals = f->refusals};
    for (size_t i = 0; i < n && !rc; i++)
        rc = take_back(f, &records[i], i, ret, err);
    return rc;
}

static void origin_close(struct pf_filter *base)
{
    struct origin_filter *f = (struct origin_filter *)base;

    for (size_t i = 0; i < f->topics.n; i++)
        free(f->topics.at[i].name);
    free(f->topics.at);
    if (f->list)
        rd_kafka_metadata_destroy(f->list);
    if (f->rk)
        rd_kafka_destroy_flags(f->rk, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
    free(f->records);
    free(f->own);
    free(f->from);
    free(f->refusals);
    free(f);
}

static const struct pf_filter_ops origin_ops = {
    .n_outputs = 1,
    .apply = origin_apply,
    .close = origin_close,
};

enum pf_rc pf_origin_filter_open(const rd_kafka_conf_t *like, const char *topic,
                                 struct pf_filter **ret, struct pf_error *err)
{
    struct origin_filter *f = calloc(1, sizeof *f);
    rd_kafka_conf_t *conf;
    enum pf_rc rc;

    if (!f)
        return pf_fail(err, PF_NOMEM, "origin: out of memory");
    f->base.ops = &origin_ops;
    f->topic = topic;
    conf = pf_kafka_conf_like(like);
    rd_kafka_conf_set(conf, "allow.auto.create.topics", "false", NULL, 0);
    /* Nobody polls it: errors would wait in its queue. They are logged. */
    rd_kafka_conf_set_error_cb(conf, NULL);
    rc = pf_kafka_new(RD_KAFKA_CONSUMER, conf, &f->rk, err);
    if (rc) {
        origin_close(&f->base);
        return rc;
    }
    *ret = &f->base;
    return PF_OK;
}
