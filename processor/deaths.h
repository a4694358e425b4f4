/* deaths.h - a record at which the program dies is put aside.
 *
 * What libjq does in C cannot be interrupted, and some of it crashes. So the
 * place of the record that is being worked on is in a small mapped file, which
 * outlives the process: a store or two for each record, and no system call. The
 * next start finds there at which record this one has died. At the third time
 * that is a record to be refused. A kill from outside counts for the record
 * that was at work as well, until that record has gone through.
 */
#ifndef PF_DEATHS_H
#define PF_DEATHS_H

#include <stdbool.h>

#include "error.h"
#include "record.h"

/** So many deaths at a record are enough. */
#define PF_DEATHS_MAX 3

struct pf_deaths;

/**
 * Open the file of the processor with that id, which no other one has, in a
 * directory, and count the death that it tells of, if it tells of one. It is
 * made if it is missing, or not such a file. With an empty directory *ret is
 * NULL. Also if another process has it open, which is logged: that one may be
 * about to end.
 *
 * PF_IO     it cannot be made there; *err has the directory
 * PF_NOMEM  memory ran out
 */
enum pf_rc pf_deaths_open(const char *directory, const char *id,
                          struct pf_deaths **ret, struct pf_error *err);

/** The file stays. Closing NULL does nothing. */
void pf_deaths_close(struct pf_deaths *deaths);

/** The work on this record begins, and that on the one before has ended. False:
 * it is to be refused; *why says so. */
bool pf_deaths_begin(struct pf_deaths *deaths, const struct pf_record *record,
                     struct pf_error *why);

/** The work on the last one has ended. */
void pf_deaths_end(struct pf_deaths *deaths);

#endif
