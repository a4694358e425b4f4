/* assignment.h - the partitions of a flow change: who is told what, in order.
 */
#ifndef PF_ASSIGNMENT_H
#define PF_ASSIGNMENT_H

#include "error.h"
#include "filter.h"
#include "outputs.h"

/**
 * What a source returned PF_SETTLE for. What was read of partitions that go is
 * settled, for as long as the change allows; if that was not enough, that is
 * logged, unless the sink takes back what is late, or a stop was asked for. The
 * filter (NULL: none) forgets them; for those that come, a sink that keeps
 * positions says where they go on, and the filter gets them with what was
 * committed with that. Then the source is told.
 *
 * PF_END      a stop was asked for
 * PF_ABORTED  what was written is taken back: rewind, and the change comes
 *             again
 * other       a sink, or the filter, failed with this; *err tells why
 */
enum pf_rc pf_assignment_change(struct pf_outputs *outputs,
                                struct pf_filter *filter, struct pf_error *err);

/**
 * What was written is taken back: the source goes back to the positions that
 * were committed last, and the next change tells the others. PF_IO: this source
 * cannot.
 */
enum pf_rc pf_assignment_rewind(struct pf_outputs *outputs,
                                struct pf_error *err);

#endif
