#include "trace.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "by_key.h"
#include "headers.h"
#include "random.h"
#include "text.h"

void pf_trace_restart(struct pf_trace *t)
{
    t->found = t->followed = t->inside = false;
}

/* Copy a header's text to buf; false: there is none. */
static bool get_header(const struct pf_record *record, const char *name,
                       char *buf, size_t size)
{
    struct pf_header header;

    return pf_record_header(record, name, &header) &&
           pf_header_text(&header, buf, size);
}

/* What is wrong with a record of the run. */
static enum pf_rc damaged(const struct pf_trace *t,
                          const struct pf_record *record, const char *what,
                          struct pf_error *err)
{
    return pf_fail(err, PF_FATAL,
                   "run %s in %s [%" PRId32 "]: the record at offset %" PRId64
                   " %s: somebody else has written to this topic, or an old "
                   "producer of this run wrote after a new one had started, or "
                   "feed.partition has changed; feed.run = NAME begins another "
                   "run",
                   t->run, t->topic, record->partition, record->offset, what);
}

static enum pf_rc wrong_number(const struct pf_trace *t,
                               const struct pf_record *record, uint64_t number,
                               struct pf_error *err)
{
    char what[60];

    snprintf(what, sizeof what, "should be number %" PRIu64 "%s and is not",
             number, t->by_key ? " or a later one" : "");
    return damaged(t, record, what, err);
}

/* Is the record the price with that number of this seed? Its key is the match,
 * or it has none. */
static bool is_price(const struct pf_trace *t, uint64_t number,
                     const struct pf_record *record)
{
    struct pf_price price = pf_random_price(*t->seed, number);
    char text[PF_PRICE_JSON_SIZE];
    size_t len = pf_price_encode(&price, text);

    if (t->by_key != !!record->key ||
        (t->by_key &&
         (record->key_len != PF_PRICE_MATCH_LEN ||
          memcmp(record->key, text + PF_PRICE_MATCH_AT, PF_PRICE_MATCH_LEN))))
        return false;
    return record->value && record->value_len == len &&
           !memcmp(record->value, text, len);
}

/* Does the record's key belong to its partition? */
static enum pf_rc check_key(const struct pf_trace *t,
                            const struct pf_record *record,
                            struct pf_error *err)
{
    int32_t where = pf_partition_of(record->key, record->key_len, t->n);

    if (where == record->partition)
        return PF_OK;
    return pf_fail(err, PF_FATAL,
                   "run %s in %s: the key of the record at offset %" PRId64
                   " of partition %" PRId32 " belongs to partition %" PRId32
                   " of %zu: the topic had another number of partitions when "
                   "the run began; feed.run = NAME begins another run",
                   t->run, t->topic, record->offset, record->partition, where,
                   t->n);
}

/* Read the record's headers; those of the run say its number. */
static enum pf_rc read_headers(struct pf_trace *t,
                               const struct pf_record *record, uint64_t *number,
                               struct pf_error *err)
{
    char run[PF_RUN_SIZE], text[24];
    uint64_t next = t->number + 1;

    if (!get_header(record, PF_HEADER_RUN, run, sizeof run)) {
        *number = next;
        return t->inside && t->by_key
                   ? damaged(t, record, "has no headers of a run", err)
                   : PF_OK;
    }
    t->inside = !strcmp(run, t->run);
    if (t->inside &&
        (!get_header(record, PF_HEADER_NUMBER, text, sizeof text) ||
         pf_parse_uint(text, INT64_MAX, number, NULL) ||
         (t->found && (t->by_key ? *number < next : *number != next))))
        return wrong_number(t, record, next, err);
    return PF_OK;
}

enum pf_rc pf_trace_look(void *context, const struct pf_record *record,
                         struct pf_error *err)
{
    struct pf_trace *t = context;
    uint64_t number = 0;
    enum pf_rc rc = read_headers(t, record, &number, err);

    if (rc || !t->inside)
        return rc;
    if (t->seed && !is_price(t, number, record))
        return wrong_number(t, record, number, err);
    if (t->by_key)
        rc = check_key(t, record, err);
    t->followed = t->found;
    t->found = true;
    t->number = number;
    t->key = pf_key_hash(record->key, record->key_len);
    return rc;
}
