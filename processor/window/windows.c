#include "windows.h"

#include <inttypes.h>

#include "event_time.h"
#include "window_state.h"

/* These are in the processor's cache anyway. */
#define FEW 4096

enum pf_rc pf_windows_init(struct pf_windows *w,
                           const struct pf_window_conf *conf,
                           struct pf_error *err)
{
    enum pf_rc rc;

    *w = (struct pf_windows){.conf = conf};
    rc = pf_window_conf_plan(conf, &w->plan, err);
    if (!rc)
        w->settings = pf_window_conf_hash(conf, &w->plan);
    w->form = (struct pf_window_form){.plan = &w->plan,
                                      .key_name = conf->key_name,
                                      .key_json = conf->key_json,
                                      .size = conf->span.size};
    return rc ? rc : pf_window_table_init(&w->table, w->plan.words, err);
}

void pf_windows_release(struct pf_windows *w)
{
    pf_window_parts_release(&w->parts);
    pf_window_results_release(&w->results);
    pf_window_table_release(&w->table);
    pf_window_plan_release(&w->plan);
}

/* The windows that are filled now are nearly always the newest. */
void pf_windows_expect(struct pf_windows *w, const struct pf_window_part *part,
                       size_t index, const struct pf_window_key *key)
{
    uint32_t *new = &w->expected[index % PF_WINDOW_AHEAD];

    if (w->table.n < FEW || !pf_window_part_first(part))
        return;
    *new = pf_window_table_hash_at(pf_window_table_hash(&w->table, key),
                                   part->id, PF_VEC_LAST(&part->starts)->start);
    pf_window_table_expect(&w->table, *new);
    pf_window_table_fetch(
        &w->table,
        w->expected[(index + PF_WINDOW_AHEAD / 2) % PF_WINDOW_AHEAD]);
}

int64_t pf_windows_end(const struct pf_windows *w,
                       const struct pf_window_part *part)
{
    const struct pf_window_span *span = &w->conf->span;

    return PF_VEC_LAST(&part->starts)->start + span->size + span->grace;
}

/* The windows that end first are closed: give their results. */
static enum pf_rc close_first(struct pf_windows *w, struct pf_window_part *part,
                              size_t from, bool idle, struct pf_error *err)
{
    const struct pf_window_start *first = pf_window_part_first(part);
    struct pf_window_frame frame;
    uint32_t next;

    pf_window_frame_init(&frame, part->number, first->start, w->form.size,
                         idle);
    for (uint32_t i = first->first; i != PF_WINDOW_NONE; i = next) {
        const struct pf_window *window = pf_window_table_at(&w->table, i);

        if (!pf_window_results_add(&w->results, &w->form, &frame, window, from))
            return pf_fail(err, PF_NOMEM, "windows: out of memory");
        next = window->next;
        pf_window_table_remove(&w->table, i);
    }
    pf_window_part_drop_first(part);
    return PF_OK;
}

enum pf_rc pf_windows_advance(struct pf_windows *w, struct pf_window_part *part,
                              int64_t time, size_t from, bool idle,
                              struct pf_error *err)
{
    enum pf_rc rc = PF_OK;

    if (time <= part->time)
        return PF_OK;
    part->time = time;
    while (!rc && pf_window_part_first(part) &&
           pf_window_closed(&w->conf->span, pf_window_part_first(part)->start,
                            time))
        rc = close_first(w, part, from, idle, err);
    return rc;
}

/* Add the window that a key has from start on, and make it new if it is not
 * there. */
static enum pf_rc add_to(struct pf_windows *w, struct pf_window_part *part,
                         int64_t start, const struct pf_window_event *event,
                         uint64_t hash, int64_t offset, struct pf_error *err)
{
    uint32_t number = pf_window_table_find(&w->table, part->id, start,
                                           &event->key, hash);

    if (number == PF_WINDOW_NONE) {
        if ((int64_t)w->table.n >= w->conf->max_keys)
            return pf_fail(err, PF_RANGE,
                           "feed.window.max.keys = %" PRId64
                           ": there are more open windows: allow more, or take "
                           "a shorter size or grace",
                           w->conf->max_keys);
        number = pf_window_part_add(part, &w->table, start, &event->key, hash,
                                    offset);
        if (number == PF_WINDOW_NONE)
            return pf_fail(err, PF_NOMEM, "windows: out of memory");
    }
    pf_window_state_add(&w->plan, pf_window_table_at(&w->table, number)->state,
                        event->time, event->numbers);
    return PF_OK;
}

enum pf_rc pf_windows_add(struct pf_windows *w, struct pf_window_part *part,
                          const struct pf_window_event *event, int64_t offset,
                          bool *ret_late, struct pf_error *err)
{
    const struct pf_window_span *span = &w->conf->span;
    int64_t start = pf_window_first(span, event->time);
    int64_t last = pf_window_last(span, event->time);
    uint64_t hash;
    enum pf_rc rc = PF_OK;

    while (start <= last && pf_window_closed(span, start, part->time))
        start += span->advance;
    *ret_late = start > last;
    if (*ret_late)
        return PF_OK;
    hash = pf_window_table_hash(&w->table, &event->key);
    for (; start <= last && !rc; start += span->advance)
        rc = add_to(w, part, start, event, hash, offset, err);
    return rc;
}

void pf_windows_tell_late(const struct pf_windows *w,
                          const struct pf_window_part *part, int64_t time,
                          struct pf_error *why)
{
    const struct pf_window_span *span = &w->conf->span;
    int64_t start = pf_window_last(span, time);
    char from[PF_TIME_SIZE], to[PF_TIME_SIZE], now[PF_TIME_SIZE];

    pf_time_format(start * 1000, from);
    pf_time_format((start + span->size) * 1000, to);
    pf_time_format(part->time * 1000, now);
    pf_fail(why, PF_RANGE,
            "its window from %s to %s is closed: stream time is %s", from, to,
            now);
}
