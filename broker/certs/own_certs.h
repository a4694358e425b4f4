/* own_certs.h - the feed's own authority, and the certificates that it signs.
 *
 * They are in one directory, and each file is complete in itself: the key and
 * then the certificate. Only ca.pem, the authority's certificate, is for
 * others.
 *
 *   authority.pem                  signs the others; ca.pem has no key
 *   server.pem                     the broker, for its clients
 *   broker.pem                     the broker, for the feed's own programs and
 *                                  for other brokers, whose client it is, too
 *   pf-broker.pem, producer.pem,   these programs, as clients of the broker
 *   consumer.pem, web.pem
 */
#ifndef PF_OWN_CERTS_H
#define PF_OWN_CERTS_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "cert_settle.h"
#include "error.h"

/** What is wanted of them. */
struct pf_own_certs {
    const char *dir;          /* exists */
    const char *const *hosts; /* what server.pem names, n of them */
    size_t n;
    bool renew; /* make server.pem again, even one that fits */
    time_t now; /* in seconds since 1970 */
};

/**
 * Make what is missing, what ends soon, and what has not the names that are
 * wanted. When the authority ends, all are made again, and clients need the new
 * ca.pem. *ret says what was made, also after a failure.
 *
 * PF_CONFIG  a file is there and is not what it should be, or the authority's
 * is missing and others are there: nothing is overwritten PF_IO      a file
 * cannot be written, or libcrypto cannot make it
 */
enum pf_rc pf_own_certs_settle(const struct pf_own_certs *wanted,
                               struct pf_made *ret, struct pf_error *err);

/**
 * Check somebody's own certificate and key, and write both into the one file
 * at path, as Kafka reads them. *ret is the first of n hosts that the
 * certificate does not name; NULL: it names all.
 *
 * PF_CONFIG  a file is missing, is not what it should be, does not fit the
 * other one, or the certificate's time is over or has not come PF_IO      path
 * cannot be written
 */
enum pf_rc pf_certs_take(const char *certificate, const char *key,
                         const struct pf_own_certs *wanted, const char *path,
                         const char **ret, struct pf_error *err);

#endif
