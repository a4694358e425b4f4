/* A flow whose filter keeps something of each partition, between a source and a
 * sink that are taken apart at random: what is final in the end is what one
 * undisturbed run gives. */
#include "unit.h"

#include <poll.h>
#include <signal.h>
#include <sys/mman.h>

#include "clock.h"
#include "prng.h"
#include "pump.h"
#include "stop.h"

#define PARTITIONS 3
#define RECORDS 400 /* of each partition */
#define GROUP 7     /* records that become one */
#define GROUPS ((RECORDS + GROUP - 1) / GROUP)
#define BATCH 10

/* What survives a crash: where the flow is through, what was said of that, and
 * how often each group is there for all to see. */
static struct durable {
    int64_t offset[PARTITIONS];
    char metadata[PARTITIONS][40];
    unsigned groups[PARTITIONS][GROUPS];
    unsigned records[PARTITIONS][RECORDS]; /* the same, without a filter */
    unsigned strays;                       /* records that belong to no group */
    unsigned commits;                      /* of a partition's offset */
    unsigned ahead; /* writes while what came before was made final */
    unsigned early; /* arrivals of what was not the oldest under way */
} * durable;        /* a stop ends a process, but not what it wrote */

static uint64_t dice, rolls; /* a seed, and how many were drawn from it */

static uint32_t roll(uint32_t n)
{
    return (uint32_t)(pf_prng_at(dice, rolls++) % n);
}

/* And wait until it is known, as a thread takes signals. */
static void ask_to_stop(void)
{
    kill(getpid(), SIGTERM);
    while (!pf_stop_asked())
        poll(NULL, 0, 1);
}

/* ------------------------------------------------------------------ source */

/* Gives the records of the partitions that it has, a batch of one or several
 * at a time, and takes partitions away. */
struct source {
    struct pf_source base;
    bool has[PARTITIONS];
    int64_t next[PARTITIONS], resumed[PARTITIONS];
    struct {
        uint64_t ticket;
        int64_t next[PARTITIONS]; /* -1: was not read */
    } ring[RECORDS * PARTITIONS * 40];
    size_t first, n;
    uint64_t ticket;
    unsigned reads, lives_for; /* reads before it fails; 0: for ever */
    bool stops;                /* and then it is a stop */
    unsigned changes_in;       /* 0: never */
    struct pf_change change;
    struct pf_partition come[PARTITIONS], gone[PARTITIONS];
    struct pf_partition told[PARTITIONS]; /* positions for somebody else */
    bool changing, rewound, goes_back;
    const unsigned *quiet_until; /* this is not 0; NULL: not quiet */
    uint64_t quiet_from;         /* that ticket on */
    int longest_ms;              /* it was asked to wait meanwhile */
    pf_describe *describe;
    void *describer;
    struct pf_record records[BATCH];
    char values[BATCH][12];
};

static struct pf_partition partition(int p, int64_t offset)
{
    return (struct pf_partition){
        .topic = "t",
        .number = p,
        .offset = offset,
        .metadata = *durable->metadata[p] ? durable->metadata[p] : NULL,
        .from = -1};
}

static enum pf_rc begin_change(struct source *s, bool all)
{
    s->change = (struct pf_change){
        .gone = s->gone, .come = s->come, .deadline_ms = pf_now_ms() + 1000};
    s->change.lost = s->goes_back || !roll(3);
    s->change.again = s->goes_back;
    for (int p = 0; p < PARTITIONS; p++) {
        bool goes = s->has[p] && (s->goes_back || !roll(2));

        if (goes)
            s->gone[s->change.n_gone++] = partition(p, -1);
        if (all || (s->goes_back ? goes : !s->has[p]))
            s->come[s->change.n_come++] = partition(p, durable->offset[p]);
        if (goes && s->change.lost)
            s->has[p] = false;
    }
    s->changing = true;
    return PF_SETTLE;
}

static enum pf_rc source_read(struct pf_source *base, int timeout_ms,
                              struct pf_batch *ret, struct pf_error *err)
{
    struct source *s = (struct source *)base;
    size_t most = 1 + roll(BATCH);
    bool left = false;

    *ret = (struct pf_batch){.records = s->records};
    if (s->lives_for && ++s->reads > s->lives_for && !s->stops)
        return pf_fail(err, PF_IO, "crash");
    if (s->stops && s->reads == s->lives_for)
        ask_to_stop();
    if (s->quiet_until && !*s->quiet_until && s->ticket >= s->quiet_from) {
        if (timeout_ms > s->longest_ms)
            s->longest_ms = timeout_ms;
        pf_wait(-1, 0, timeout_ms);
        return PF_AGAIN;
    }
    if (s->changing)
        return PF_SETTLE;
    if (!s->ticket)
        return s->ticket = 1, begin_change(s, true);
    if (s->rewound) {
        s->rewound = false;
        s->goes_back = true;
        return begin_change(s, false);
    }
    for (int p = 0; p < PARTITIONS; p++)
        left |= !s->has[p] || s->next[p] < RECORDS;
    if (left && s->changes_in && !roll(s->changes_in))
        return begin_change(s, false);
    if (!roll(5))
        return PF_AGAIN;
    for (int p = 0; p < PARTITIONS; p++)
        s->ring[s->n].next[p] = -1;
    while (ret->n < most && left) {
        int p = (int)roll(PARTITIONS);
        struct pf_record *r = &s->records[ret->n];

        left = roll(20);
        if (!s->has[p] || s->next[p] == RECORDS)
            continue;
        snprintf(s->values[ret->n], sizeof *s->values, "%d",
                 (int)s->next[p] / GROUP);
        *r = (struct pf_record){.topic = "t",
                                .partition = p,
                                .offset = s->next[p]++,
                                .value = s->values[ret->n]};
        s->ring[s->n].next[p] = s->next[p];
        ret->n++;
    }
    if (!ret->n) {
        for (int p = 0; p < PARTITIONS; p++)
            if (!s->has[p] || s->next[p] < RECORDS)
                return s->changes_in || s->has[p] ? PF_AGAIN : PF_END;
        return PF_END;
    }
    s->ticket += ret->n;
    ret->ticket = s->ring[s->n++].ticket = s->ticket;
    return PF_OK;
}

/* Positions at that ticket, into told; how many have changed. What describe()
 * says is only borrowed until it is called again. */
static size_t advance(struct source *s, uint64_t ticket)
{
    static char texts[PARTITIONS][40];
    int64_t next[PARTITIONS] = {-1, -1, -1};
    size_t n = 0;

    for (; s->first < s->n && s->ring[s->first].ticket <= ticket; s->first++)
        for (int p = 0; p < PARTITIONS; p++)
            if (s->ring[s->first].next[p] > next[p])
                next[p] = s->ring[s->first].next[p];
    for (int p = 0; p < PARTITIONS; p++) {
        const char *text;

        if (!s->has[p])
            continue;
        text = s->describe ? s->describe(s->describer, "t", p) : NULL;
        if (next[p] <= s->resumed[p]) {
            if (!text || !strcmp(text, durable->metadata[p]))
                continue;
            next[p] = s->resumed[p]; /* only that has changed */
        }
        s->resumed[p] = next[p];
        s->told[n] = partition(p, next[p]);
        snprintf(texts[p], sizeof *texts, "%s", text ? text : "");
        s->told[n++].metadata = texts[p];
    }
    return n;
}

static void write_down(const struct pf_partition *p)
{
    assert_true(p->offset >= durable->offset[p->number]);
    durable->offset[p->number] = p->offset;
    snprintf(durable->metadata[p->number], sizeof *durable->metadata, "%s",
             p->metadata ? p->metadata : "");
}

static void source_commit(struct pf_source *base, uint64_t ticket)
{
    struct source *s = (struct source *)base;
    size_t n = advance(s, ticket);

    for (size_t i = 0; i < n; i++)
        write_down(&s->told[i]);
}

static const struct pf_partition *
source_positions(struct pf_source *base, uint64_t ticket, size_t *ret_n)
{
    struct source *s = (struct source *)base;

    *ret_n = advance(s, ticket);
    return s->told;
}

static void source_describe(struct pf_source *base, pf_describe *describe,
                            void *context)
{
    struct source *s = (struct source *)base;

    s->describe = describe;
    s->describer = context;
}

static void source_rewind(struct pf_source *base)
{
    struct source *s = (struct source *)base;

    s->first = s->n;
    s->rewound = true;
}

static struct pf_change *source_change(struct pf_source *base)
{
    return &((struct source *)base)->change;
}

static void source_settled(struct pf_source *base)
{
    struct source *s = (struct source *)base;

    for (size_t i = 0; i < s->change.n_gone; i++)
        s->has[s->gone[i].number] = false;
    for (size_t i = 0; i < s->change.n_come; i++) {
        const struct pf_partition *p = &s->come[i];

        assert_int_equal(p->offset, durable->offset[p->number]);
        s->has[p->number] = true;
        s->resumed[p->number] = p->offset;
        s->next[p->number] = p->from >= 0 ? p->from : p->offset;
    }
    s->changing = s->goes_back = false;
}

static const struct pf_source_ops source_ops = {
    .read = source_read,
    .commit = source_commit,
    .positions = source_positions,
    .describe = source_describe,
    .rewind = source_rewind,
    .change = source_change,
    .settled = source_settled,
};

/* ------------------------------------------------------------------ filter */

/* Makes one record of GROUP of a partition. What it says of a position is where
 * the group begins that is open there. */
struct filter {
    struct pf_filter base;
    struct {
        bool here;
        int64_t live;       /* records before were only read again */
        int64_t from, upto; /* the open group */
    } of[PARTITIONS];
    int64_t due_ms;
    unsigned wakes;
    struct pf_record records[BATCH + PARTITIONS];
    char values[BATCH + PARTITIONS][12];
    uint32_t from[BATCH];
    char text[40];
};

/* The open group of that partition is complete. */
static void put(struct filter *f, struct pf_output *out, int p)
{
    snprintf(f->values[out->n], sizeof *f->values, "%d",
             (int)f->of[p].from / GROUP);
    f->records[out->n] = (struct pf_record){
        .topic = "t", .partition = p, .value = f->values[out->n]};
    out->n++;
    f->of[p].from = f->of[p].upto;
}

static enum pf_rc filter_apply(struct pf_filter *base,
                               const struct pf_record *records, size_t n,
                               struct pf_filtered *ret, struct pf_error *err)
{
    struct filter *f = (struct filter *)base;
    struct pf_output *out = &ret->outputs[0];

    (void)err;
    *ret = (struct pf_filtered){0};
    *out = (struct pf_output){.records = f->records, .from = f->from};
    for (size_t i = 0; i < n; i++) {
        int p = records[i].partition;

        assert_true(f->of[p].here);
        assert_int_equal(records[i].offset, f->of[p].upto);
        f->of[p].upto++;
        if (f->of[p].upto % GROUP)
            continue;
        if (records[i].offset < f->of[p].live) {
            f->of[p].from = f->of[p].upto;
            continue;
        }
        f->from[out->n] = (uint32_t)i;
        put(f, out, p);
    }
    return PF_OK;
}

/* At the end it gives what is open. Else it has nothing to say. */
static enum pf_rc filter_wake(struct pf_filter *base, bool last,
                              struct pf_filtered *ret, struct pf_error *err)
{
    struct filter *f = (struct filter *)base;
    struct pf_output *out = &ret->outputs[0];

    (void)err;
    f->wakes++;
    f->due_ms = INT64_MAX;
    *ret = (struct pf_filtered){.outputs = {{.records = f->records}}};
    for (int p = 0; p < PARTITIONS && last; p++)
        if (f->of[p].here && f->of[p].from < f->of[p].upto)
            put(f, out, p);
    return PF_OK;
}

static int64_t filter_due(const struct pf_filter *base)
{
    return ((const struct filter *)base)->due_ms;
}

static enum pf_rc filter_assigned(struct pf_filter *base,
                                  struct pf_partition *partition,
                                  struct pf_error *err)
{
    struct filter *f = (struct filter *)base;
    int p = partition->number;

    (void)err;
    assert_false(f->of[p].here);
    f->of[p].here = true;
    f->of[p].live = partition->offset;
    if (partition->metadata)
        partition->from = atoi(partition->metadata);
    f->of[p].from = f->of[p].upto = partition->from >= 0 ? partition->from
                                                         : partition->offset;
    assert_true(f->of[p].from <= partition->offset);
    return PF_OK;
}

static void filter_revoked(struct pf_filter *base, const char *topic,
                           int32_t partition)
{
    struct filter *f = (struct filter *)base;

    assert_string_equal(topic, "t");
    f->of[partition].here = false;
}

static const char *filter_metadata(struct pf_filter *base, const char *topic,
                                   int32_t partition)
{
    struct filter *f = (struct filter *)base;

    (void)topic;
    snprintf(f->text, sizeof f->text, "%d", (int)f->of[partition].from);
    return f->text;
}

static const struct pf_filter_ops filter_ops = {
    .n_outputs = 1,
    .apply = filter_apply,
    .wake = filter_wake,
    .due_ms = filter_due,
    .assigned = filter_assigned,
    .revoked = filter_revoked,
    .metadata = filter_metadata,
};

/* -------------------------------------------------------------------- sink */

/* A sink that makes what it takes final with the positions, or takes it back.
 * What it takes arrives after some flushes, in any order. */
struct sink {
    struct pf_sink base;
    struct pf_tickets tickets;
    struct {
        int p, group;
        int64_t offset; /* of a record that no filter has made */
        bool here;      /* it has arrived */
    } taken[10000];
    size_t n, arrived;
    size_t n_keeping; /* the first of them, which are being made final */
    bool keeping, aborted;
    bool turns; /* it takes more meanwhile, and that lasts some flushes */
    struct pf_partition kept[PARTITIONS];
    char texts[PARTITIONS][40];
    size_t n_kept;
    unsigned aborts_in; /* 0: never */
    unsigned aborts, keeps;
    unsigned vain; /* of keeps: there was nothing to keep */
    bool drips;    /* one record arrives with each flush */
    bool slow;     /* one record only arrives when it is waited for */
};

static void show(const struct sink *s, size_t i)
{
    int p = s->taken[i].p, group = s->taken[i].group;

    if (p < 0 || p >= PARTITIONS || group < 0 || group >= GROUPS) {
        durable->strays++;
        return;
    }
    durable->groups[p][group]++;
    durable->records[p][s->taken[i].offset]++;
}

static enum pf_rc sink_write(struct pf_sink *base,
                             const struct pf_record *records, size_t n,
                             uint64_t ticket, size_t *ret_taken,
                             struct pf_error *err)
{
    struct sink *s = (struct sink *)base;
    size_t room = roll(4) ? n : roll((uint32_t)n + 1);

    (void)err;
    *ret_taken = 0;
    if ((s->keeping && !s->turns) || s->aborted)
        return PF_AGAIN;
    if (s->turns && !roll(20))
        poll(NULL, 0, 1); /* the next commit is due */
    durable->ahead += s->keeping;
    for (size_t i = 0; i < room; i++) {
        s->taken[s->n].p = records[i].partition;
        s->taken[s->n].offset = records[i].offset;
        s->taken[s->n].here = false;
        s->taken[s->n++].group = atoi(records[i].value);
    }
    *ret_taken = room;
    pf_tickets_take(&s->tickets, ticket, room);
    return room < n ? PF_AGAIN : PF_OK;
}

/* What its tickets call record i. */
static uint64_t number(const struct sink *s, size_t i)
{
    return s->tickets.taken - s->n + i;
}

/* Record i arrives, unless it has, and maybe some of those that follow it: no
 * more than most. Returns how many. */
static size_t arrive_from(struct sink *s, size_t i, size_t most)
{
    size_t n = 0;

    while (n < most && i + n < s->n && !s->taken[i + n].here &&
           (!n || roll(4))) {
        if (!s->base.ops->keep)
            show(s, i + n);
        s->taken[i + n++].here = true;
    }
    pf_tickets_arrive(&s->tickets, number(s, i), n);
    s->arrived += n;
    return n;
}

/* This many arrive, some here and some there. */
static void arrive(struct sink *s, size_t n)
{
    size_t end = s->arrived + n, oldest = 0;

    while (s->arrived < end) {
        size_t i;

        while (s->taken[oldest].here)
            oldest++;
        i = oldest + roll((uint32_t)(s->n - oldest));
        durable->early += arrive_from(s, i, end - s->arrived) && i > oldest;
    }
}

static void take_back(struct sink *s)
{
    for (size_t i = 0; i < s->n; i++)
        if (!s->taken[i].here)
            pf_tickets_arrive(&s->tickets, number(s, i), 1);
    s->n = s->arrived = s->n_keeping = 0;
    s->keeping = s->aborted = false;
    s->aborts++;
}

/* What was to be made final is so. */
static void finish(struct sink *s)
{
    for (size_t i = 0; i < s->n_keeping; i++)
        show(s, i);
    for (size_t i = 0; i < s->n_kept; i++)
        write_down(&s->kept[i]);
    s->n -= s->n_keeping;
    s->arrived -= s->n_keeping;
    memmove(s->taken, s->taken + s->n_keeping, s->n * sizeof *s->taken);
    s->n_keeping = 0;
    s->keeping = false;
}

static enum pf_rc sink_flush(struct pf_sink *base, int timeout_ms,
                             struct pf_arrival *ret, struct pf_error *err)
{
    struct sink *s = (struct sink *)base;
    size_t more = roll(3) ? s->n - s->arrived
                          : roll((uint32_t)(s->n - s->arrived) + 1);
    bool back;

    if (s->aborted && s->keeping && s->turns) {
        finish(s); /* only what came after it is taken back */
        more = s->n - s->arrived;
    }
    back = s->aborted || (s->aborts_in && s->n && !roll(s->aborts_in));
    if (s->drips)
        more = s->arrived < s->n;
    if (s->slow)
        more = s->n - s->arrived - (!timeout_ms && s->arrived < s->n);
    if (back) {
        take_back(s);
        *ret = pf_tickets_arrival(&s->tickets);
        return pf_fail(err, PF_ABORTED, "taken back");
    }
    arrive(s, more);
    if (s->keeping && (!s->turns || !roll(3)))
        finish(s);
    *ret = pf_tickets_arrival(&s->tickets);
    if (s->keeping)
        ret->through = 0;
    return s->arrived < s->n || s->keeping ? PF_AGAIN : PF_OK;
}

static enum pf_rc sink_keep(struct pf_sink *base,
                            const struct pf_partition *positions, size_t n,
                            struct pf_error *err)
{
    struct sink *s = (struct sink *)base;

    (void)err;
    assert_int_equal(s->arrived, s->n);
    assert_false(s->keeping);
    for (size_t i = 0; i < n; i++) {
        s->kept[i] = positions[i];
        snprintf(s->texts[i], sizeof *s->texts, "%s", positions[i].metadata);
        s->kept[i].metadata = s->texts[i];
    }
    s->n_kept = n;
    s->n_keeping = s->n;
    s->keeping = true;
    s->keeps++;
    s->vain += !n && !s->n;
    return PF_OK;
}

static void sink_abort(struct pf_sink *base)
{
    struct sink *s = (struct sink *)base;

    s->aborted = s->turns ? s->n > s->n_keeping : s->n || s->keeping;
}

static enum pf_rc sink_position(struct pf_sink *base,
                                struct pf_partition *partition, int timeout_ms,
                                struct pf_error *err)
{
    struct sink *s = (struct sink *)base;

    (void)timeout_ms;
    (void)err;
    if (!roll(3))
        return PF_AGAIN;
    if (s->keeping)
        finish(s);
    partition->offset = durable->offset[partition->number];
    return PF_OK;
}

static const struct pf_sink_ops plain_ops = {.write = sink_write,
                                             .flush = sink_flush};
static const struct pf_sink_ops keeper_ops = {.write = sink_write,
                                              .flush = sink_flush,
                                              .position = sink_position,
                                              .keeper = "the ledger",
                                              .keep = sink_keep,
                                              .abort = sink_abort};

/* -------------------------------------------------------------------- runs */

struct world {
    struct source source;
    struct filter filter;
    struct sink sink;
    struct pf_stats *stats;
};

static int make_world(void **state)
{
    static const struct pf_metric metrics[] = {PF_PUMP_METRIC_ROWS};
    struct world *w = calloc(1, sizeof *w);

    *state = w;
    durable = mmap(NULL, sizeof *durable, PROT_READ | PROT_WRITE,
                   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_true(durable != MAP_FAILED);
    return !w || pf_stats_open("", metrics, COUNT(metrics), &w->stats, NULL);
}

static int free_world(void **state)
{
    struct world *w = *state;

    munmap(durable, sizeof *durable);
    pf_stats_close(w->stats);
    free(w);
    return 0;
}

/* What disturbs a life, each with a chance of one in so many; 0: never. */
struct fate {
    const struct pf_sink_ops *sink_ops;
    unsigned lives_for; /* reads, at most */
    unsigned changes_in, aborts_in;
    bool stops;              /* it ends by a stop, and not by a crash */
    bool plain;              /* there is no filter */
    bool slow, drips, turns; /* see the sink */
    size_t most;             /* outputs of one life */
    int interval_ms;
};

/* One life of the program, with parts that know nothing of the one before. */
static enum pf_rc live(struct world *w, const struct fate *fate)
{
    struct pf_error err;

    w->source.base.ops = &source_ops;
    w->filter.base.ops = &filter_ops;
    w->sink.base.ops = fate->sink_ops;
    w->source.changes_in = fate->changes_in;
    w->source.stops = fate->stops;
    w->sink.aborts_in = fate->aborts_in;
    w->sink.slow = fate->slow;
    w->sink.drips = fate->drips;
    w->sink.turns = fate->turns;
    return pf_pump_run(
        &(struct pf_pump){.source = &w->source.base,
                          .filter = fate->plain ? NULL : &w->filter.base,
                          .sinks = {&w->sink.base},
                          .stats = w->stats,
                          .limit = fate->most,
                          .commit_interval_ms = fate->interval_ms,
                          .drain_ms = fate->stops ? 10000 : 0},
        &err);
}

static void clean(struct world *w)
{
    memset(&w->source, 0, sizeof w->source);
    memset(&w->filter, 0, sizeof w->filter);
    memset(&w->sink, 0, sizeof w->sink);
    w->filter.due_ms = INT64_MAX;
}

/* A life in a process of its own, which gets a stop. True: it was the last. */
static bool live_apart(struct world *w, const struct fate *fate)
{
    int status;
    pid_t pid = fork();

    if (!pid) {
        if (pf_stop_init(NULL) || live(w, fate))
            _exit(2);
        _exit(pf_stop_asked());
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) < 2);
    return !WEXITSTATUS(status);
}

/* Lives until one comes to the end; returns how often it was taken back. */
static unsigned live_on(struct world *w, const struct fate *fate)
{
    unsigned aborts = 0;
    bool at_the_end = false;

    while (!at_the_end) {
        clean(w);
        w->source.lives_for = fate->lives_for ? 1 + roll(fate->lives_for) : 0;
        if (fate->stops) {
            at_the_end = live_apart(w, fate);
            rolls += 1000; /* those of the child */
        } else {
            enum pf_rc rc = live(w, fate);

            assert_true(!rc || rc == PF_IO);
            at_the_end = !rc && (!fate->most || !w->sink.n);
            aborts += w->sink.aborts;
        }
    }
    return aborts;
}

static void assert_count(unsigned count, unsigned times, bool or_more)
{
    assert_true(count >= times);
    if (!or_more)
        assert_int_equal(count, times);
}

/* Everything is through. Each group is there so often, or more often; if that
 * is the group's size, each of its records is there once, or more often. */
static void assert_complete(unsigned times, bool or_more)
{
    assert_int_equal(durable->strays, 0);
    for (int p = 0; p < PARTITIONS; p++) {
        assert_int_equal(durable->offset[p], RECORDS);
        for (int g = 0; g < GROUPS; g++) {
            unsigned all = times > 1 && g == GROUPS - 1 ? RECORDS % GROUP
                                                        : times;

            assert_count(durable->groups[p][g], all, or_more);
        }
        for (int i = 0; i < RECORDS && times == GROUP; i++)
            assert_count(durable->records[p][i], 1, or_more);
    }
}

static void undisturbed_each_group_is_there_once(void **state)
{
    struct world *w = *state;

    live_on(w, &(struct fate){.sink_ops = &plain_ops});
    assert_complete(1, false);
    assert_int_equal(w->filter.wakes, 1); /* at the end */
}

static void a_filter_is_woken_when_it_is_due(void **state)
{
    struct world *w = *state;

    w->filter.due_ms = pf_now_ms() + 20;
    w->source.quiet_until = &w->filter.wakes;
    assert_int_equal(live(w, &(struct fate){.sink_ops = &plain_ops}), PF_OK);
    assert_in_range(w->source.longest_ms, 1, 20);
    assert_int_equal(w->filter.wakes, 2); /* and at the end */
    assert_complete(1, false);
}

static void
a_filter_that_is_woken_and_says_nothing_commits_nothing(void **state)
{
    struct world *w = *state;

    w->filter.due_ms = pf_now_ms();
    w->source.quiet_until = &w->filter.wakes;
    assert_int_equal(live(w, &(struct fate){.sink_ops = &keeper_ops}), PF_OK);
    assert_int_equal(w->filter.wakes, 2);
    assert_int_equal(w->sink.vain, 0);
    assert_complete(1, false);
}

static void at_full_speed_it_waits_for_what_is_to_be_committed(void **state)
{
    struct world *w = *state;
    struct fate fate = {.sink_ops = &plain_ops, .slow = true};

    w->source.lives_for = 100;
    w->filter.due_ms = INT64_MAX;
    assert_int_equal(live(w, &fate), PF_IO);
    assert_true(durable->offset[0] > GROUP && durable->offset[1] > GROUP);
}

/* What arrives one by one would never have arrived as a whole, if more were
 * read meanwhile. */
static void when_a_commit_is_due_no_more_is_read(void **state)
{
    struct world *w = *state;
    struct fate fate = {.sink_ops = &keeper_ops, .plain = true, .drips = true};

    w->source.lives_for = 50;
    assert_int_equal(live(w, &fate), PF_IO);
    assert_true(durable->offset[0] > BATCH && durable->offset[1] > BATCH);
}

static void positions_are_kept_when_that_is_due_and_at_the_end(void **state)
{
    struct world *w = *state;
    struct fate fate = {
        .sink_ops = &keeper_ops, .plain = true, .interval_ms = 3600000};

    assert_int_equal(live(w, &fate), PF_OK);
    assert_int_equal(w->sink.keeps, 1);
    for (int p = 0; p < PARTITIONS; p++)
        assert_int_equal(durable->offset[p], RECORDS);
}

static void they_are_kept_sooner_while_nothing_comes(void **state)
{
    struct world *w = *state;
    struct fate fate = {
        .sink_ops = &keeper_ops, .plain = true, .interval_ms = 400};

    w->source.quiet_until = &w->sink.keeps;
    w->source.quiet_from = 20;
    assert_int_equal(live(w, &fate), PF_OK);
    assert_in_range(w->source.longest_ms, 1, 200);
}

static void many_times(struct world *w, const struct fate *fate, unsigned times,
                       bool or_more)
{
    unsigned aborts = 0;

    for (dice = 1; dice <= 100; dice++) {
        memset(durable, 0, sizeof *durable);
        rolls = 0;
        aborts += live_on(w, fate);
        assert_complete(times, or_more);
    }
    assert_true(!fate->aborts_in || fate->stops || aborts > 100);
}

/* A source that keeps the positions: at least once, and none is missing. */
static void whatever_happens_no_group_is_missing(void **state)
{
    many_times(*state,
               &(struct fate){
                   .sink_ops = &plain_ops, .lives_for = 150, .changes_in = 12},
               1, true);
}

/* Without a filter, positions are committed while others are under way: what
 * has arrived after a gap must not be among them. */
static void whatever_arrives_first_no_record_is_missing(void **state)
{
    many_times(*state,
               &(struct fate){.sink_ops = &plain_ops,
                              .lives_for = 150,
                              .changes_in = 12,
                              .plain = true},
               GROUP, true);
    assert_true(durable->early > 0);
}

static void stops_repeat_nothing(void **state)
{
    many_times(
        *state,
        &(struct fate){.sink_ops = &plain_ops, .lives_for = 100, .stops = true},
        1, false);
}

/* The limit does not part what the filter has put together. */
static void lives_with_a_limit_repeat_nothing(void **state)
{
    many_times(*state, &(struct fate){.sink_ops = &plain_ops, .most = 5}, 1,
               false);
}

/* A sink that keeps them: each group once. */
static void whatever_happens_each_group_is_final_once(void **state)
{
    many_times(*state,
               &(struct fate){.sink_ops = &keeper_ops,
                              .lives_for = 150,
                              .changes_in = 12,
                              .aborts_in = 12},
               1, false);
}

static void stops_and_aborts_as_well(void **state)
{
    many_times(*state,
               &(struct fate){.sink_ops = &keeper_ops,
                              .lives_for = 100,
                              .aborts_in = 4,
                              .stops = true},
               1, false);
}

static void such_a_sink_needs_no_filter(void **state)
{
    many_times(*state,
               &(struct fate){.sink_ops = &keeper_ops,
                              .lives_for = 150,
                              .changes_in = 12,
                              .aborts_in = 12,
                              .plain = true},
               GROUP, false);
}

/* A sink that takes what comes next while it keeps what came before. */
static void each_group_is_final_once_if_more_is_taken_meanwhile(void **state)
{
    many_times(*state,
               &(struct fate){.sink_ops = &keeper_ops,
                              .turns = true,
                              .interval_ms = 1,
                              .lives_for = 150,
                              .changes_in = 12,
                              .aborts_in = 12},
               1, false);
    assert_true(durable->ahead > 0);
}

static void so_it_is_with_stops(void **state)
{
    many_times(*state,
               &(struct fate){.sink_ops = &keeper_ops,
                              .turns = true,
                              .interval_ms = 1,
                              .lives_for = 100,
                              .aborts_in = 4,
                              .stops = true},
               1, false);
    assert_true(durable->ahead > 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_world, free_world)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(undisturbed_each_group_is_there_once),
        TEST(a_filter_is_woken_when_it_is_due),
        TEST(a_filter_that_is_woken_and_says_nothing_commits_nothing),
        TEST(at_full_speed_it_waits_for_what_is_to_be_committed),
        TEST(when_a_commit_is_due_no_more_is_read),
        TEST(positions_are_kept_when_that_is_due_and_at_the_end),
        TEST(they_are_kept_sooner_while_nothing_comes),
        TEST(whatever_happens_no_group_is_missing),
        TEST(whatever_arrives_first_no_record_is_missing),
        TEST(stops_repeat_nothing),
        TEST(lives_with_a_limit_repeat_nothing),
        TEST(whatever_happens_each_group_is_final_once),
        TEST(stops_and_aborts_as_well),
        TEST(such_a_sink_needs_no_filter),
        TEST(each_group_is_final_once_if_more_is_taken_meanwhile),
        TEST(so_it_is_with_stops),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
