/* window_resume.h - where the windows of a partition go on: what is committed
 * with its position, and what is read again when it is assigned. */
#ifndef PF_WINDOW_RESUME_H
#define PF_WINDOW_RESUME_H

#include <stdbool.h>
#include <stdint.h>

#include "error.h"
#include "source.h"
#include "window_cut.h"
#include "window_part.h"
#include "windows.h"

/**
 * A partition is assigned, as in filter.h: add it, without windows.
 *
 * PF_CONFIG  its position was committed with other settings, or by somebody
 *            else; or the key is a member, and there are several partitions
 * PF_NOMEM   memory ran out
 */
enum pf_rc pf_window_resume(struct pf_windows *windows,
                            struct pf_partition *partition,
                            struct pf_error *err);

/** Whether a record with that offset is only read again. */
static inline bool pf_window_is_again(const struct pf_window_part *part,
                                      int64_t offset)
{
    return part->cut >= 0 && offset < part->live;
}

/**
 * A record comes. The first one of those that are read again has to be where
 * the open windows begin; with the position they end.
 *
 * PF_RANGE  it is not there any more
 */
enum pf_rc pf_window_follow(struct pf_window_part *part, int64_t offset,
                            struct pf_error *err);

/** Write what is committed with the partition's position to buf. False: nothing
 * is. */
bool pf_window_describe(const struct pf_windows *windows,
                        const struct pf_window_part *part,
                        char buf[static PF_WINDOW_CUT_SIZE]);

#endif
