/* bad_lines.h - what to do with elements that are not records. */
#ifndef PF_BAD_LINES_H
#define PF_BAD_LINES_H

#include <stdint.h>

#include "elements.h"
#include "error.h"
#include "log.h"

enum pf_on_bad_line {
    PF_BAD_LINE_SKIP,
    PF_BAD_LINE_STOP,
    PF_BAD_LINE_KEEP, /* append it to a file of dead letters */
};

struct pf_bad_lines {
    enum pf_on_bad_line policy;
    const char *of; /* name of the recording, for messages; borrowed */
    uint64_t count;

    const char *kept_in; /* path of the dead-letter file; borrowed */
    int fd;              /* of that file, or -1 */
    struct pf_log_limit log_limit;
};

/**
 * Start with a count of 0. PF_BAD_LINE_KEEP opens the file at kept_in and
 * appends a line to it for each element: FILE:LINE, REASON and the element's
 * bytes, separated by tabs. If the element was too long, only its first bytes
 * are kept.
 *
 * PF_CONFIG  the file cannot be opened; there is nothing to release
 */
enum pf_rc pf_bad_lines_init(struct pf_bad_lines *bad,
                             enum pf_on_bad_line policy, const char *of,
                             const char *kept_in, struct pf_error *err);

void pf_bad_lines_release(struct pf_bad_lines *bad);

/**
 * Count a bad element, log it with the reason, and do what the policy says.
 *
 * PF_OK      go on after it
 * PF_FORMAT  the policy is to stop; *err has file, line and reason
 * PF_IO      it could not be written to the dead-letter file
 */
enum pf_rc pf_bad_lines_add(struct pf_bad_lines *bad,
                            const struct pf_element *element,
                            const char *reason, struct pf_error *err);

#endif
