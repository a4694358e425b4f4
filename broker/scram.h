/* scram.h - users with passwords, as Kafka keeps them (SCRAM-SHA-512). */
#ifndef PF_BROKER_SCRAM_H
#define PF_BROKER_SCRAM_H

#include <librdkafka/rdkafka.h>

#include "error.h"
#include "vec.h"

/** Names of users, each owned. All zero is an empty list. */
struct scram_users {
    PF_VEC(char *) names;
};

/**
 * Make the user name, or change its password. Kafka gets a salted hash of it,
 * from which nobody can tell the password.
 *
 * PF_AGAIN      the broker does not answer, or has no controller yet
 * PF_IO         it refuses
 * PF_UNDECIDED  this librdkafka is older than 2.2, and cannot ask for it; *err
 *               says so
 */
enum pf_rc scram_put(rd_kafka_t *rk, const char *name, const char *password,
                     int timeout_ms, struct pf_error *err);

/**
 * Remove the user: nobody can log in by that name any more. A connection that
 * is open stays, without rights if those were taken away.
 *
 * PF_END  there is none; others as above
 */
enum pf_rc scram_remove(rd_kafka_t *rk, const char *name, int timeout_ms,
                        struct pf_error *err);

/**
 * Append the names of all users to *ret; whatever the outcome, the caller
 * releases it with scram_users_release().
 *
 * PF_NOMEM  out of memory; others as above
 */
enum pf_rc scram_list(rd_kafka_t *rk, int timeout_ms, struct scram_users *ret,
                      struct pf_error *err);

/** Free the names; the list is empty again. */
void scram_users_release(struct scram_users *users);

#endif
