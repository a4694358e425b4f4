/* secure.h - what a secure feed's programs need before they start: rights. */
#ifndef PF_BROKER_SECURE_H
#define PF_BROKER_SECURE_H

#include <librdkafka/rdkafka.h>

#include "ctl.h"
#include "rights.h"

/** The user that each secure feed has: it may read the feed's topic. Its
 * password is in SECURE_READER_FILE in PF_SECURITY_DIR. */
#define SECURE_READER "reader"
#define SECURE_READER_FILE SECURE_READER ".password"

/**
 * Give all programs their rights, and make the user SECURE_READER; with
 * --follow, give the program of this call (--of) its rights. All of it may be
 * done again, and by several brokers of a cluster at once: rights are a set,
 * and the user's password is the same for all. Does nothing if the feed is
 * not secure, or if the call is for a topic that it names.
 *
 * PF_AGAIN   the broker has no controller yet
 * PF_CONFIG  a program's settings or the password's file are malformed
 * PF_IO      the broker refuses
 */
enum pf_rc secure_settle(const struct ctl *ctl, rd_kafka_t *rk,
                         struct pf_error *err);

/**
 * Add the groups that the user name may use: name itself, and those whose names
 * begin with "name-".
 */
void secure_add_groups(struct rights *rights, const char *principal,
                       const char *name);

#endif
