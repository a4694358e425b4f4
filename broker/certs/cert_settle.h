/* cert_settle.h - certificates that are kept in files: what fits stays, and
 * what does not is made again.
 */
#ifndef PF_CERT_SETTLE_H
#define PF_CERT_SETTLE_H

#include <stdbool.h>
#include <time.h>

#include "certificate.h"
#include "error.h"

/** Days for which the certificate that clients see is made; others last as long
 * as the authority. Apple's and Google's programs accept none that lasts
 * longer. */
#define PF_SERVER_DAYS 398

/** Days for which an authority is made. */
#define PF_AUTHORITY_DAYS 3650

/** What ends within that many days is made again. */
#define PF_SPARE_DAYS 60

/** Names of the files that were made, with blanks between them. */
struct pf_made {
    char text[4096];
};

/** Append a name; what has no room is cut. */
void pf_made_note(struct pf_made *made, const char *name);

/**
 * Read the authority in the file at path.
 *
 * PF_AGAIN   there is none
 * PF_END     it ends soon: all is to be made again
 * PF_CONFIG  the file is not what it should be
 *
 * *ret must be empty, and is so unless the call succeeds; it is the caller's.
 */
enum pf_rc pf_authority_read(const char *path, time_t now, struct pf_cert *ret,
                             struct pf_error *err);

/**
 * Make an authority, and write it to the file at path. Its name begins with
 * whose, and no other one has the same: a client says which one it misses.
 *
 * PF_IO  it cannot be made or written
 *
 * *ret as above.
 */
enum pf_rc pf_authority_make(const char *path, const char *whose, time_t now,
                             struct pf_cert *ret, struct pf_error *err);

/**
 * See to it that the file at path has key and certificate as wished, signed by
 * authority; with renew, new ones. *ret says whether they were made.
 *
 * PF_CONFIG  the file is there and is not what it should be: it stays
 * PF_IO      it cannot be made or written
 */
enum pf_rc pf_leaf_settle(const char *path, const struct pf_cert_wish *wish,
                          const struct pf_cert *authority, bool renew,
                          time_t now, bool *ret, struct pf_error *err);

#endif
