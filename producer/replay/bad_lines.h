/* bad_lines.h - what becomes of elements that are no records. */
#ifndef PF_BAD_LINES_H
#define PF_BAD_LINES_H

#include <stdint.h>

#include "elements.h"
#include "error.h"
#include "log.h"

enum pf_on_bad_line {
    PF_BAD_LINE_SKIP,
    PF_BAD_LINE_STOP,
    PF_BAD_LINE_KEEP, /* in a file of dead letters */
};

struct pf_bad_lines {
    enum pf_on_bad_line policy;
    const char *of; /* the file they are from, for messages; borrowed */
    uint64_t count;

    const char *kept_in; /* borrowed */
    int fd;              /* of that file, or -1 */
    struct pf_log_limit log_limit;
};

/**
 * Contents: none yet. The file at kept_in, which PF_BAD_LINE_KEEP needs, is
 * appended to: a line for each element, FILE:LINE, REASON and the element's
 * bytes, with a tab between them. Of an element that was too long these are
 * the first few.
 *
 * PF_CONFIG  it cannot be opened; there is nothing to release
 */
enum pf_rc pf_bad_lines_init(struct pf_bad_lines *bad,
                             enum pf_on_bad_line policy, const char *of,
                             const char *kept_in, struct pf_error *err);

void pf_bad_lines_release(struct pf_bad_lines *bad);

/**
 * Count element, which is bad for that reason, log it, and do with it what
 * the policy is.
 *
 * PF_OK      go on behind it
 * PF_FORMAT  the policy is to stop; *err has file, line and reason
 * PF_IO      it could not be kept
 */
enum pf_rc pf_bad_lines_add(struct pf_bad_lines *bad,
                            const struct pf_element *element,
                            const char *reason, struct pf_error *err);

#endif
