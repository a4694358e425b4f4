/* The last price of each match, live.
 *
 * All streams share one frame each tenth of a second, with what has changed
 * since the one before. Where that is much, the next frame comes later: nobody
 * reads a thousand numbers ten times a second, but a browser draws them. A
 * client that missed one gets all matches instead, so that a slow one costs no
 * more than a fast one. Everything here happens in the server's thread.
 */
#include "prices.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "clock.h"
#include "price_table.h"
#include "ticks.h"
#include "web.h"

#define FRAME_MS (PF_HTTP_TICK_MS * 9 / 10) /* a tick may come early */
#define ROWS_PER_S 2500                     /* above, frames come less often */
#define RATE_MS 1000                        /* to count prices */
#define LOOK_MS 1000                        /* for another table */

struct web_prices {
    char *path; /* NULL: no table will come */
    struct pf_price_table *table;
    dev_t device; /* of its file */
    ino_t inode;
    int64_t looked_ms;

    uint64_t seen[PF_PRICE_TABLE_MATCHES];
    uint64_t number;               /* of the frame below; it skips one where
                                    * the table is another */
    struct pf_http_frame *changed; /* NULL: nothing has */
    struct pf_http_frame *all;     /* made when it is asked for */
    int64_t next_ms;               /* when the next frame may be made */

    uint64_t counted; /* prices, at that time; -1: not yet */
    int64_t counted_ms;
    double per_second; /* below 0: not known */
};

struct prices_stream {
    struct pf_http_stream base;
    struct web_prices *prices;
    uint64_t number; /* of the last frame that was sent; 0: none */
};

enum pf_rc web_prices_open(const char *run, struct web_prices **ret,
                           struct pf_error *err)
{
    struct web_prices *p = calloc(1, sizeof *p);

    if (!p)
        return pf_fail(err, PF_NOMEM, "out of memory");
    if (*run && asprintf(&p->path, "%s/consumer.prices", run) < 0) {
        free(p);
        return pf_fail(err, PF_NOMEM, "out of memory");
    }
    p->looked_ms = -LOOK_MS;
    p->per_second = -1;
    p->number = 1;
    *ret = p;
    return PF_OK;
}

static void drop_frames(struct web_prices *p)
{
    pf_http_frame_drop(p->changed);
    pf_http_frame_drop(p->all);
    p->changed = p->all = NULL;
}

void web_prices_close(struct web_prices *p)
{
    if (!p)
        return;
    drop_frames(p);
    pf_price_table_close(p->table);
    free(p->path);
    free(p);
}

/* Begin with another table. */
static void begin(struct web_prices *p, struct pf_price_table *table)
{
    pf_price_table_close(p->table);
    p->table = table;
    for (size_t i = 0; i < PF_PRICE_TABLE_MATCHES; i++)
        p->seen[i] = 0;
    drop_frames(p);
    p->number += 2;
    p->next_ms = 0;
    p->per_second = -1;
    p->counted_ms = 0;
}

/* The consumer may have started (again). */
static void look_for_table(struct web_prices *p)
{
    struct pf_price_table *table = NULL;
    int64_t now_ms = pf_now_ms();
    struct stat st;

    if (!p->path || now_ms - p->looked_ms < LOOK_MS)
        return;
    p->looked_ms = now_ms;
    if (stat(p->path, &st) ||
        (p->table && st.st_ino == p->inode && st.st_dev == p->device) ||
        pf_price_table_attach(p->path, &table, NULL))
        return;
    p->inode = st.st_ino;
    p->device = st.st_dev;
    begin(p, table);
}

/* Note how many prices a second there are. */
static void count(struct web_prices *p, int64_t now_ms)
{
    uint64_t n = pf_price_table_elsewhere(p->table);
    int64_t ms = now_ms - p->counted_ms;

    if (p->counted_ms && ms < RATE_MS)
        return;
    for (size_t i = 0; i < PF_PRICE_TABLE_MATCHES; i++)
        n += p->seen[i];
    if (p->counted_ms && ms < 10 * RATE_MS)
        p->per_second = (double)(n - p->counted) * 1000 / (double)ms;
    p->counted = n;
    p->counted_ms = now_ms;
}

static void put_rate(struct pf_buffer *out, const struct web_prices *p)
{
    pf_buffer_text(out, "{\"per_second\":");
    if (p->per_second < 0)
        pf_buffer_text(out, "null");
    else
        pf_buffer_printf(out, "%.1f", p->per_second);
}

/* A match in the form of a stream, or with names. */
static void put_row(struct pf_buffer *out, const struct web_prices *p,
                    int match, const char *const names[5], const char *ends)
{
    struct pf_price_row row = pf_price_table_row(p->table, match);
    const int64_t ticks[] = {row.last, (int64_t)row.last - row.previous,
                             row.low, row.high};

    pf_buffer_printf(out, "%c%s%d", ends[0], names ? "\"match\":" : "", match);
    for (size_t i = 0; i < sizeof ticks / sizeof *ticks; i++) {
        pf_buffer_text(out, names ? names[i] : ",");
        pf_ticks_put(out, ticks[i]);
    }
    pf_buffer_printf(out, "%s%" PRIu64 "%c", names ? names[4] : ",", row.count,
                     ends[1]);
}

static struct pf_http_frame *make_frame(const struct web_prices *p, bool all,
                                        const int *matches, size_t n)
{
    struct pf_http_frame *frame = NULL;
    struct pf_buffer out = {0};

    pf_buffer_text(&out, "event: prices\ndata: ");
    put_rate(&out, p);
    pf_buffer_printf(&out, ",\"all\":%s,\"matches\":[", all ? "true" : "false");
    for (size_t i = 0; i < n; i++) {
        pf_buffer_put(&out, ",", i > 0);
        put_row(&out, p, matches[i], NULL, "[]");
    }
    pf_buffer_text(&out, "]}\n\n");
    if (!out.failed)
        frame = pf_http_frame_new(out.at, out.n);
    pf_buffer_release(&out);
    return frame;
}

/* Between a frame of n matches and the next one. */
static int64_t pause_ms(size_t n)
{
    int64_t ms = (int64_t)n * 1000 / ROWS_PER_S;

    return ms > FRAME_MS ? ms : FRAME_MS;
}

/* See what has changed, if it is time to. */
static void look(struct web_prices *p)
{
    int matches[PF_PRICE_TABLE_MATCHES];
    int64_t now_ms = pf_now_ms();
    size_t n;

    look_for_table(p);
    if (!p->table || now_ms < p->next_ms)
        return;
    n = pf_price_table_changed(p->table, p->seen, matches);
    p->next_ms = now_ms + pause_ms(n);
    count(p, now_ms);
    if (!n)
        return;
    drop_frames(p);
    p->number++;
    p->changed = make_frame(p, false, matches, n);
}

/* All matches that have a price. */
static size_t list_matches(const struct web_prices *p,
                           int matches[static PF_PRICE_TABLE_MATCHES])
{
    size_t n = 0;

    for (int i = 0; i < PF_PRICE_TABLE_MATCHES; i++)
        if (p->seen[i])
            matches[n++] = PF_MATCH_MIN + i;
    return n;
}

static struct pf_http_frame *next(struct pf_http_stream *base)
{
    struct prices_stream *s = (struct prices_stream *)base;
    struct web_prices *p = s->prices;
    int matches[PF_PRICE_TABLE_MATCHES];
    struct pf_http_frame *frame;

    look(p);
    if (s->number == p->number)
        return NULL;
    frame = s->number + 1 == p->number ? p->changed : NULL;
    if (!frame) {
        if (!p->all)
            p->all = make_frame(p, true, matches, list_matches(p, matches));
        frame = p->all;
    }
    if (frame)
        s->number = p->number;
    return pf_http_frame_hold(frame);
}

static void close_stream(struct pf_http_stream *base)
{
    free(base);
}

/* Is there a table to show? Else *reply has the answer. */
static bool has_table(struct web_prices *p, struct pf_http_reply *reply)
{
    look(p);
    if (p->table)
        return true;
    pf_http_refuse(reply, 404,
                   p->path ? "the consumer has no prices yet"
                           : "no consumer is on this machine: see the records "
                             "of the topic");
    return false;
}

struct pf_http_stream *web_prices_stream(void *context,
                                         const struct pf_http_request *request,
                                         struct pf_http_reply *reply)
{
    static const struct pf_http_stream_ops ops = {next, close_stream};
    struct web *web = context;
    struct prices_stream *s;

    (void)request;
    if (!has_table(web->prices, reply))
        return NULL;
    s = calloc(1, sizeof *s);
    if (!s) {
        reply->body.failed = true;
        return NULL;
    }
    s->base.ops = &ops;
    s->prices = web->prices;
    return &s->base;
}

void web_prices_list(void *context, const struct pf_http_request *request,
                     struct pf_http_reply *reply)
{
    static const char *const names[] = {
        ",\"last\":", ",\"change\":", ",\"low\":", ",\"high\":", ",\"count\":"};
    const struct web *web = context;
    struct web_prices *p = web->prices;
    int matches[PF_PRICE_TABLE_MATCHES];
    size_t n;

    (void)request;
    if (!has_table(p, reply))
        return;
    n = list_matches(p, matches);
    reply->type = "application/json";
    put_rate(&reply->body, p);
    pf_buffer_text(&reply->body, ",\"matches\":[");
    for (size_t i = 0; i < n; i++) {
        pf_buffer_put(&reply->body, ",", i > 0);
        put_row(&reply->body, p, matches[i], names, "{}");
    }
    pf_buffer_text(&reply->body, "]}\n");
}
