/* orders.h - random order events of a shop, made from a seed. */
#ifndef PF_ORDERS_H
#define PF_ORDERS_H

#include <stddef.h>
#include <stdint.h>

#include "error.h"

/** Buffer size for any encoded event, including the closing NUL. */
#define PF_ORDER_JSON_SIZE 320

/** Customers are numbered from 1 to this. */
#define PF_ORDER_CUSTOMERS 2000

enum pf_order_kind {
    PF_ORDER_PLACED,
    PF_ORDER_PAID,
    PF_ORDER_SHIPPED,
    PF_ORDER_FULFILLED,
    PF_ORDER_CANCELLED,
};

/** One event; examples/orders/README.md says more about each member. */
struct pf_order_event {
    uint64_t number; /* of the event, from 1 */
    enum pf_order_kind kind;
    int64_t at_us;  /* microseconds since 1970 */
    uint64_t order; /* from 1 */
    int amount;     /* in hundredths */
    int customer;   /* 1..PF_ORDER_CUSTOMERS */
};

/** A shop. The same values give the same events on every machine. */
struct pf_shop {
    uint64_t seed;
    int64_t start_us; /* the first order is placed soon after this */
    double rate;      /* events a second, on average */
    double age;       /* typical minutes from placed to fulfilled */
};

struct pf_orders;

/**
 * The events of the shop, from the first on. Only open orders are remembered:
 * about rate times age, and a million at most. When there are that many, the
 * next order is placed when one has ended.
 *
 * PF_NOMEM  memory ran out
 */
enum pf_rc pf_orders_new(const struct pf_shop *shop, struct pf_orders **ret,
                         struct pf_error *err);

/** Freeing NULL does nothing. */
void pf_orders_free(struct pf_orders *orders);

/** The next event; it is never earlier than the one before. */
struct pf_order_event pf_orders_next(struct pf_orders *orders);

/** Write the event as JSON; returns its length without the closing NUL. */
size_t pf_order_encode(const struct pf_order_event *event,
                       char buf[static PF_ORDER_JSON_SIZE]);

#endif
