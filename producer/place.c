#include "place.h"

#include <inttypes.h>
#include <stdlib.h>

#include "log.h"
#include "stop.h"
#include "tail.h"
#include "trace.h"

/* How long the ends of the partitions have to stay the same. */
#define SETTLE_MS 100

/* If they go on changing, that is logged from one look on, after a second: what
 * a producer that was killed has sent arrives before. After the last look, in
 * about ten seconds, it is somebody else. Time is no measure: a broker may hang
 * for as long as it likes between two looks. */
#define BUSY_LOOK 8
#define LAST_LOOK 90

/* The run of a topic may have this many more numbers than the topic has had
 * records: some were in a queue when a producer was killed; or the topic was
 * deleted under the run. A source may have to go through all of them. */
#define AHEAD 10000000

/* Records looked at first: each batch that was produced begins with headers. */
#define WINDOW 2000
_Static_assert(WINDOW >= PF_RUN_SINK_BATCH, "a window has headers");

struct search {
    const struct pf_run_target *of;
    struct pf_tail tail;
    struct pf_trace trace; /* of the run in the current window */
    size_t emptied;        /* partitions that may have had more of it */
    struct pf_log_limit busy_limit;
};

/* Has the run been found? In one partition a number is checked by the record
 * before it. */
static bool is_found(const struct pf_trace *t)
{
    return t->found && (t->followed || t->by_key);
}

/* Find the place in a partition as it is now. */
static enum pf_rc find(struct search *s, struct pf_place *place,
                       struct pf_error *err)
{
    int64_t low = 0, high = 0, size = WINDOW;
    enum pf_rc rc = pf_tail_ends(&s->tail, place->partition, &low, &high, err);

    while (!rc) {
        int64_t from = high - low > size ? high - size : low;

        pf_trace_restart(&s->trace);
        rc = pf_tail_read(&s->tail, place->partition, from, high, pf_trace_look,
                          &s->trace, err);
        if (is_found(&s->trace) || from == low)
            break;
        size *= 8;
    }
    s->emptied += !s->trace.found && low > 0;
    place->number = s->trace.found ? s->trace.number + 1 : 0;
    place->offset = high;
    place->key = s->trace.key;
    return rc;
}

/* Find the places in all partitions as they are now. */
static enum pf_rc find_all(struct search *s, struct pf_places *places,
                           struct pf_error *err)
{
    enum pf_rc rc = PF_OK;

    places->first = UINT64_MAX;
    places->fresh = 0;
    s->emptied = 0;
    for (size_t i = 0; !rc && i < places->n; i++) {
        struct pf_place *place = &places->at[i];

        rc = find(s, place, err);
        if (place->number < places->first)
            places->first = place->number;
        if (place->number > places->fresh)
            places->fresh = place->number;
    }
    return rc;
}

/* Note where all partitions end, and set *ret to one that does not end where it
 * did; NULL: all do. */
static enum pf_rc find_moved(struct search *s, struct pf_places *places,
                             const struct pf_place **ret, struct pf_error *err)
{
    enum pf_rc rc = PF_OK;
    int64_t low, high;

    *ret = NULL;
    for (size_t i = 0; !rc && i < places->n; i++) {
        struct pf_place *place = &places->at[i];

        rc = pf_tail_ends(&s->tail, place->partition, &low, &high, err);
        if (!rc && high != place->offset) {
            place->offset = high;
            *ret = place;
        }
    }
    return rc;
}

/* A partition has moved, at that look: PF_OK while that may end. The first
 * record of the run would not come to its offset. */
static enum pf_rc check_look(struct search *s, int32_t partition, int look,
                             struct pf_error *err)
{
    const struct pf_run_target *of = s->of;

    if (look == LAST_LOOK)
        return pf_fail(err, PF_FATAL,
                       "run %s cannot go on in %s [%" PRId32
                       "], which had more records at each of %d looks: "
                       "somebody else writes to this topic, or this run's "
                       "previous producer still does; stop that one, or set "
                       "another feed.topic",
                       of->run, of->topic, partition, look);
    if (look >= BUSY_LOOK)
        pf_log_limited(&s->busy_limit, PF_LOG_WARNING,
                       "%s [%" PRId32 "] is still written to: waiting for an "
                       "end of that, before run %s goes on",
                       of->topic, partition, of->run);
    return PF_OK;
}

/* The same, until it stays so for a while. What has moved is looked through
 * only once it rests: there may be much of it. */
static enum pf_rc find_settled(struct search *s, struct pf_places *places,
                               struct pf_error *err)
{
    enum pf_rc rc = find_all(s, places, err);
    const struct pf_place *moved;
    bool is_known = true;
    int look = 0;

    while (!rc && places->fresh) {
        if (pf_wait(-1, 0, SETTLE_MS) == PF_END)
            return PF_END;
        rc = find_moved(s, places, &moved, err);
        if (rc || (!moved && is_known))
            return rc;
        rc = moved ? check_look(s, moved->partition, ++look, err)
                   : find_all(s, places, err);
        is_known = !moved;
    }
    return rc;
}

static enum pf_rc make_places(struct search *s, struct pf_places *ret,
                              struct pf_error *err)
{
    size_t n = 1;
    enum pf_rc rc = PF_OK;

    if (s->trace.by_key)
        rc = pf_tail_partitions(&s->tail, &n, err);
    if (rc)
        return rc;
    ret->at = calloc(n, sizeof *ret->at);
    if (!ret->at)
        return pf_fail(err, PF_NOMEM, "kafka: out of memory");
    ret->n = s->trace.n = n;
    for (size_t i = 0; i < n; i++)
        ret->at[i] = (struct pf_place){
            .partition = s->trace.by_key ? (int32_t)i : s->of->partition,
            .offset = -1};
    if (s->trace.by_key && n == 1)
        pf_log(PF_LOG_WARNING,
               "%s has one partition for all keys (pf-broker topic NAME "
               "--partitions N makes a topic with more)",
               s->of->topic);
    return PF_OK;
}

/* Can the run have come that far? The numbers of prices have been checked. */
static enum pf_rc check_fresh(const struct search *s,
                              const struct pf_places *places,
                              struct pf_error *err)
{
    const struct pf_place *of = places->at;
    uint64_t had = 0;

    for (size_t i = 0; i < places->n; i++) {
        had += (uint64_t)places->at[i].offset;
        if (places->at[i].number == places->fresh)
            of = &places->at[i];
    }
    if (s->trace.seed || places->fresh <= had + AHEAD)
        return PF_OK;
    return pf_fail(err, PF_FATAL,
                   "run %s in %s [%" PRId32 "]: a record has number %" PRIu64
                   ", and this topic has only had %" PRIu64
                   " records: somebody else has written to it, or it was "
                   "deleted while the run went on; feed.run = NAME begins "
                   "another run",
                   s->of->run, s->of->topic, of->partition, places->fresh - 1,
                   had);
}

/* Log where the run goes on. */
static void say(const struct pf_run_target *of, const struct pf_places *places,
                uint64_t count)
{
    if (places->n > 1)
        pf_log(PF_LOG_INFO,
               "run %s is in %s up to number %" PRIu64
               ", and its %zu partitions may lack some from number %" PRIu64
               " on: continuing there, without those that they have (feed.run "
               "= NAME begins another)",
               of->run, of->topic, places->fresh - 1, places->n, places->first);
    else
        pf_log(PF_LOG_INFO,
               "run %s is in %s up to number %" PRIu64
               ": %s (feed.run = NAME begins another)",
               of->run, of->topic, places->fresh - 1,
               count && places->first >= count ? "it is complete"
                                               : "continuing after it");
}

static enum pf_rc search_topic(const rd_kafka_conf_t *conf,
                               const struct pf_run_target *of, bool goes_on,
                               const uint64_t *seed, struct pf_places *ret,
                               struct pf_error *err)
{
    struct search search = {
        .of = of,
        .trace = {.run = of->run,
                  .topic = of->topic,
                  .seed = seed,
                  .by_key = of->partition == PF_BY_KEY},
    };
    struct pf_places places = {0};
    enum pf_rc rc = pf_tail_open(&search.tail, conf, of->topic, err);

    if (!rc)
        rc = make_places(&search, &places, err);
    if (!rc && goes_on)
        rc = find_settled(&search, &places, err);
    if (!rc && places.fresh)
        rc = check_fresh(&search, &places, err);
    if (!rc && places.fresh && search.emptied)
        pf_log(PF_LOG_WARNING,
               "Kafka has deleted what %zu of the %zu partitions of %s had of "
               "run %s, if anything: that is sent again",
               search.emptied, places.n, of->topic, of->run);
    pf_tail_close(&search.tail);
    if (rc)
        pf_places_release(&places);
    if (rc == PF_END)
        return pf_fail(err, rc, "asked to stop before %s was found", of->topic);
    if (!rc)
        *ret = places;
    return rc;
}

enum pf_rc pf_places_find(const rd_kafka_conf_t *conf,
                          const struct pf_run_target *target, uint64_t count,
                          const uint64_t *seed, struct pf_places *ret,
                          struct pf_error *err)
{
    enum pf_rc rc = search_topic(conf, target, true, seed, ret, err);

    if (!rc && ret->fresh)
        say(target, ret, count);
    return rc;
}

enum pf_rc pf_places_count(const rd_kafka_conf_t *conf,
                           const struct pf_run_target *target,
                           struct pf_places *ret, struct pf_error *err)
{
    return search_topic(conf, target, false, NULL, ret, err);
}

void pf_places_release(struct pf_places *places)
{
    free(places->at);
}
