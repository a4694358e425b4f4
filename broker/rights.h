/* rights.h - who may do what, as Kafka keeps it (ACLs). */
#ifndef PF_BROKER_RIGHTS_H
#define PF_BROKER_RIGHTS_H

#include <librdkafka/rdkafka.h>
#include <stddef.h>

#include "buffer.h"
#include "error.h"

#define RIGHTS_MAX 128

/** A list of rights to give. Initialise it with zeros. */
struct rights {
    rd_kafka_AclBinding_t *list[RIGHTS_MAX]; /* owned */
    size_t n;
};

/**
 * Add the right of principal, such as "User:alice", to do operation with what
 * has that type and name. A name that ends in * stands for all that begin with
 * the rest of it. There is room: callers add less than RIGHTS_MAX.
 */
void rights_add(struct rights *rights, const char *principal,
                rd_kafka_ResourceType_t type, const char *name,
                rd_kafka_AclOperation_t operation);

/** The rights of who reads a topic: its records and its settings. */
void rights_add_reader(struct rights *rights, const char *principal,
                       const char *topic);

/** The rights of who writes it: records and, idempotent, producer ids. */
void rights_add_writer(struct rights *rights, const char *principal,
                       const char *topic);

/**
 * Give all of them. Those that were given before stay. Returns once each broker
 * knows them, which the first one does not wait for; after 10 s, with a
 * warning, without one that still does not.
 *
 * PF_AGAIN  the broker does not answer, or has no controller yet
 * PF_IO     it refuses
 */
enum pf_rc rights_give(rd_kafka_t *rk, const struct rights *rights,
                       int timeout_ms, struct pf_error *err);

/**
 * Take all rights of principal away.
 *
 * PF_IO  the broker refuses, or does not answer
 */
enum pf_rc rights_take(rd_kafka_t *rk, const char *principal, int timeout_ms,
                       struct pf_error *err);

void rights_release(struct rights *rights);

/**
 * Ask for all rights that were given to anybody. *ret has them, and the caller
 * destroys it: rights_of() reads it.
 *
 * PF_AGAIN, PF_IO  as above; *ret is untouched
 */
enum pf_rc rights_list(rd_kafka_t *rk, int timeout_ms, rd_kafka_event_t **ret,
                       struct pf_error *err);

/** Append to *ret the topics with which principal may do operation, with blanks
 * between them; "*" at the end of one is all that begin so. "-": none. */
void rights_of(const rd_kafka_event_t *listed, const char *principal,
               rd_kafka_AclOperation_t operation, struct pf_buffer *ret);

#endif
