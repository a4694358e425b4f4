#include "window_resume.h"

#include <inttypes.h>

#include "clock.h"

/* Is it the only partition of its input, as far as one can see? */
static bool is_alone(const struct pf_windows *w,
                     const struct pf_partition *partition)
{
    bool alone = !partition->number;

    for (size_t i = 0; i < w->parts.list.n; i++)
        alone &= !w->parts.list.at[i];
    return alone;
}

/* What was committed with the position. */
static enum pf_rc read_cut(const struct pf_windows *w,
                           const struct pf_partition *partition,
                           struct pf_window_cut *ret, struct pf_error *err)
{
    enum pf_rc rc = pf_window_cut_parse(partition->metadata, partition->offset,
                                        ret, err);

    if (!rc && ret->settings != w->settings)
        rc = pf_fail(err, PF_CONFIG,
                     "position %" PRId64
                     " was committed with other feed.window settings, or "
                     "other programs in front of the windows: take those "
                     "again, or choose another group.id, or set the group's "
                     "offset anew",
                     partition->offset);
    return rc ? pf_fail_in(err, rc, "%s [%" PRId32 "]: ", partition->topic,
                           partition->number)
              : PF_OK;
}

enum pf_rc pf_window_resume(struct pf_windows *w,
                            struct pf_partition *partition,
                            struct pf_error *err)
{
    struct pf_window_cut cut = {.cut = -1, .time = PF_WINDOW_NO_TIME};
    struct pf_window_part *part;
    enum pf_rc rc = pf_window_check_alone(w->conf, is_alone(w, partition), err);

    if (!rc && partition->offset >= 0 && partition->metadata &&
        *partition->metadata)
        rc = read_cut(w, partition, &cut, err);
    if (rc)
        return rc;
    part = pf_window_parts_add(&w->parts, partition->topic, partition->number);
    if (!part)
        return pf_fail(err, PF_NOMEM, "windows: out of memory");
    part->time = cut.time;
    part->cut = cut.cut;
    part->live = partition->offset;
    part->quiet_ms = pf_now_ms();
    if (cut.cut >= 0)
        partition->from = cut.cut;
    return PF_OK;
}

static enum pf_rc gone(const struct pf_window_part *part, struct pf_error *err)
{
    return pf_fail(err, PF_RANGE,
                   "%s [%" PRId32 "]: open windows need records from offset "
                   "%" PRId64 " on, and that one is not there: retention or "
                   "compaction has removed it; choose another group.id, or set "
                   "the group's offset anew",
                   part->topic, part->number, part->cut);
}

enum pf_rc pf_window_follow(struct pf_window_part *part, int64_t offset,
                            struct pf_error *err)
{
    if (part->cut < 0)
        return PF_OK;
    if (offset < part->cut || (!part->begun && offset != part->cut))
        return gone(part, err);
    part->begun = true;
    if (offset >= part->live)
        part->cut = -1;
    return PF_OK;
}

bool pf_window_describe(const struct pf_windows *w,
                        const struct pf_window_part *part,
                        char buf[static PF_WINDOW_CUT_SIZE])
{
    struct pf_window_cut cut = {
        .cut = part->cut, .time = part->time, .settings = w->settings};

    if (part->time == PF_WINDOW_NO_TIME)
        return false;
    if (cut.cut < 0) /* else it is the one that was committed before */
        cut.cut = pf_window_part_cut(part);
    pf_window_cut_put(buf, &cut);
    return true;
}
