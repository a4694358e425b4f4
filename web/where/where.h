/* where.h - is an expression in jq true of a record?
 *
 * The expression comes from whoever has the page. It may never end, want all
 * memory there is, or meet one of the places where libjq ends its process. So
 * it runs in a process of its own, which has nothing that it could give away or
 * harm: no environment, no descriptor but the one to us, no right to open a
 * file, and limits of memory and processor time. That process is this program,
 * started again from /proc/self/exe, so none of our memory is in it either; a
 * child of fork(2) alone would have our token, and the locks that other threads
 * held. With one thread, jq_watch.h works there as in pf-processor.
 *
 * An expression that needs no libjq (jq_plain.h) needs no process either, but
 * for the records of which libjq has to say.
 *
 * What lib/jq refuses is refused here, too: see jq_program.h. An expression is
 * never the name of a file.
 */
#ifndef PF_WEB_WHERE_H
#define PF_WEB_WHERE_H

#include <stdbool.h>

#include "error.h"
#include "record.h"

/** Bytes of the longest expression: with the rest of a request it has to fit
 * into the memory of a connection. */
#define WEB_WHERE_MAX 2000

/** An expression, and the process that has it. */
struct web_where;

/**
 * Compile an expression, which is borrowed until the close.
 *
 * PF_CONFIG  it is wrong: *err says why, and where it has several lines, in
 *            which line
 * PF_IO      there is no process to be had
 * PF_NOMEM   memory ran out
 */
enum pf_rc web_where_open(const char *expression, struct web_where **ret,
                          struct pf_error *err);

/** End the process. Closing NULL does nothing. */
void web_where_close(struct web_where *where);

/**
 * Is a result for this record neither false nor null? Its input is the record's
 * value, null for a tombstone; $record is as in jq_record.h. This takes as long
 * as a few ms of the process, at most 1 s. A process that has ended is started
 * again for the next record.
 *
 * PF_FORMAT  nobody can say: the value is not JSON, the expression refuses it
 * or has reached a limit, or libjq has ended at it; *err says which, and may
 * have any byte but NUL PF_IO      there is no process to be had PF_NOMEM
 * memory ran out
 */
enum pf_rc web_where_is_true(struct web_where *where,
                             const struct pf_record *record, bool *ret,
                             struct pf_error *err);

#endif
