#include "orders.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "event_time.h"
#include "prng.h"

#define MINUTE_US (60 * PF_SECOND_US)
#define OPEN_MAX (1 << 20)

/* How many of 100 orders are cancelled before payment, after it, and after
 * shipping. An order has 3.8 events on average. */
enum { UNPAID = 8, UNSHIPPED = 4, UNDELIVERED = 2 };
#define EVENTS_PER_ORDER ((100 + 92 + 88 + 100) / 100.0)

/* Each order has its own random numbers, in this order. After these come its
 * delays, one for each kind of event. */
enum { GAP, FATE, AMOUNT, CUSTOMER, DELAY, DRAWS = 16 };

/* The next event of an order. */
struct plan {
    int64_t at_us;
    uint64_t order;
    enum pf_order_kind kind;
};

struct pf_orders {
    struct pf_shop shop;
    double gap_us; /* between two orders, on average */
    double age_us;
    uint64_t events, orders; /* so far */
    int64_t place_us;        /* when the next order is placed */
    size_t n;
    struct plan open[OPEN_MAX]; /* a heap: the earliest is first */
};

/*
 * Distributions with mean 1 (exponential) or median 1 (lognormal): 33 of their
 * quantiles, in thousandths. Values between them are interpolated linearly, so
 * that no logarithm is needed, whose last digit differs between machines.
 */
static const int16_t exponential[] = {
    0,    32,   65,   98,   134,  170,  208,  247,  288,  330,  375,
    421,  470,  521,  575,  633,  693,  758,  827,  901,  981,  1068,
    1163, 1269, 1386, 1520, 1674, 1856, 2079, 2367, 2773, 3466, 5304};
static const int16_t lognormal_narrow[] = {
    200,  394,  464,  517,  563,  604,  642,  678,  714,  749,  783,
    818,  853,  888,  924,  962,  1000, 1040, 1082, 1126, 1173, 1223,
    1277, 1336, 1401, 1474, 1558, 1657, 1777, 1933, 2153, 2538, 4500};
static const int16_t lognormal_wide[] = {
    70,   187,  251,  305,  355,  403,  450,  497,  545,  594,  644,
    696,  751,  808,  868,  932,  1000, 1073, 1152, 1238, 1332, 1436,
    1553, 1684, 1835, 2011, 2222, 2482, 2816, 3275, 3978, 5347, 14000};

static uint64_t draw(const struct pf_orders *o, uint64_t order, int what)
{
    return pf_prng_at(o->shop.seed, order * DRAWS + (uint64_t)what);
}

/* A number below n; the bias is too small to notice. */
static int below(int n, uint64_t bits)
{
    return (int)((bits >> 32) * (uint64_t)n >> 32);
}

/* A number around middle, by one of the distributions above. */
static double around(double middle, const int16_t *quantiles, uint64_t bits)
{
    const int16_t *q = quantiles + (bits >> 59);
    int64_t part = (int64_t)(bits >> 43 & 0xffff);

    return middle * (double)((int64_t)q[0] * 65536 + (q[1] - q[0]) * part) /
           65536000;
}

static bool is_before(const struct plan *a, const struct plan *b)
{
    return a->at_us != b->at_us ? a->at_us < b->at_us : a->order < b->order;
}

static void add(struct pf_orders *o, struct plan plan)
{
    size_t i = o->n++;

    for (; i && is_before(&plan, &o->open[(i - 1) / 2]); i = (i - 1) / 2)
        o->open[i] = o->open[(i - 1) / 2];
    o->open[i] = plan;
}

static struct plan remove_first(struct pf_orders *o)
{
    struct plan first = o->open[0], last = o->open[--o->n];
    size_t i = 0, child;

    while ((child = 2 * i + 1) < o->n) {
        if (child + 1 < o->n && is_before(&o->open[child + 1], &o->open[child]))
            child++;
        if (!is_before(&o->open[child], &last))
            break;
        o->open[i] = o->open[child];
        i = child;
    }
    o->open[i] = last;
    return first;
}

/* Plan the order's next event, if it has one. */
static void go_on(struct pf_orders *o, const struct plan *last)
{
    static const struct {
        int cancelled;                      /* of 100 orders, till now */
        double cancelled_after, next_after; /* parts of the age, about */
        enum pf_order_kind next;
    } steps[] = {
        [PF_ORDER_PLACED] = {UNPAID, 0.25, 0.03, PF_ORDER_PAID},
        [PF_ORDER_PAID] = {UNPAID + UNSHIPPED, 0.2, 0.37, PF_ORDER_SHIPPED},
        [PF_ORDER_SHIPPED] = {UNPAID + UNSHIPPED + UNDELIVERED, 0.5, 0.6,
                              PF_ORDER_FULFILLED},
    };
    int fate = below(100, draw(o, last->order, FATE));
    struct plan next = {.order = last->order, .kind = PF_ORDER_CANCELLED};
    double part;

    if (last->kind > PF_ORDER_SHIPPED)
        return;
    part = steps[last->kind].cancelled_after;
    if (fate >= steps[last->kind].cancelled) {
        next.kind = steps[last->kind].next;
        part = steps[last->kind].next_after;
    }
    next.at_us = last->at_us +
                 (int64_t)around(part * o->age_us, lognormal_narrow,
                                 draw(o, next.order, DELAY + (int)next.kind));
    add(o, next);
}

/* Choose when the next order is placed, some time after from_us. */
static void plan_order(struct pf_orders *o, int64_t from_us)
{
    o->place_us = from_us + (int64_t)around(o->gap_us, exponential,
                                            draw(o, o->orders + 1, GAP));
}

struct pf_order_event pf_orders_next(struct pf_orders *o)
{
    struct plan plan;
    int amount;

    if (o->n < OPEN_MAX && (!o->n || o->place_us <= o->open[0].at_us)) {
        plan = (struct plan){.at_us = o->place_us, .order = ++o->orders};
        plan_order(o, o->place_us);
    } else {
        plan = remove_first(o);
        if (o->place_us < plan.at_us)
            o->place_us = plan.at_us; /* it had to wait for room */
    }
    go_on(o, &plan);

    amount = (int)around(4500, lognormal_wide, draw(o, plan.order, AMOUNT));
    return (struct pf_order_event){
        .number = ++o->events,
        .kind = plan.kind,
        .at_us = plan.at_us,
        .order = plan.order,
        .amount = amount < 500 ? 500 : amount,
        .customer = 1 +
                    below(PF_ORDER_CUSTOMERS, draw(o, plan.order, CUSTOMER))};
}

size_t pf_order_encode(const struct pf_order_event *event,
                       char buf[static PF_ORDER_JSON_SIZE])
{
    static const char *const kinds[] = {
        [PF_ORDER_PLACED] = "placed",       [PF_ORDER_PAID] = "paid",
        [PF_ORDER_SHIPPED] = "shipped",     [PF_ORDER_FULFILLED] = "fulfilled",
        [PF_ORDER_CANCELLED] = "cancelled",
    };
    static const char *const first[] = {
        "Ada",    "Bruno", "Chloé", "Dmitri", "Esra",  "Farid", "Grete",
        "Hugo",   "Ines",  "Jamal", "Kenji",  "Leila", "Mateo", "Nadia",
        "Olga",   "Pavel", "Quinn", "Rosa",   "Sören", "Tove",  "Uma",
        "Victor", "Wanda", "Xin",   "Yusuf",  "Zoë",   "大輔",
    };
    static const char *const last[] = {
        "Adams",  "Berg",   "Costa",  "Dubois",   "Engel",    "Fischer",
        "García", "Haddad", "Ito",    "Jansen",   "Kowalska", "Lindqvist",
        "Meyer",  "Novak",  "O'Neil", "Petrov",   "Quist",    "Rossi",
        "Sato",   "Tanaka", "Ueda",   "Virtanen", "Weber",    "Yılmaz",
    };
    uint64_t bits = pf_prng_at(0, (uint64_t)event->customer);
    char at[PF_TIME_SIZE];

    pf_time_format(event->at_us, at);
    return (size_t)sprintf(
        buf,
        "{\"event\": %" PRIu64 ", \"kind\": \"%s\", \"at\": \"%s\", "
        "\"order\": {\"id\": %" PRIu64 ", \"amount\": %d.%02d}, "
        "\"customer\": {\"id\": %d, \"name\": \"%s %s\"}}",
        event->number, kinds[event->kind], at, event->order,
        event->amount / 100, event->amount % 100, event->customer,
        first[below((int)(sizeof first / sizeof *first), bits)],
        last[below((int)(sizeof last / sizeof *last), bits << 32)]);
}

enum pf_rc pf_orders_new(const struct pf_shop *shop, struct pf_orders **ret,
                         struct pf_error *err)
{
    struct pf_orders *o = malloc(sizeof *o); /* pages are touched as needed */

    if (!o)
        return pf_fail(err, PF_NOMEM, "orders: %zu bytes", sizeof *o);
    o->shop = *shop;
    o->gap_us = EVENTS_PER_ORDER / shop->rate * (double)PF_SECOND_US;
    o->age_us = shop->age * (double)MINUTE_US;
    o->events = o->orders = 0;
    o->n = 0;
    plan_order(o, shop->start_us);
    *ret = o;
    return PF_OK;
}

void pf_orders_free(struct pf_orders *orders)
{
    free(orders);
}
