#include "window_event.h"

#include <inttypes.h>
#include <stdbool.h>

#include "event_time.h"
#include "json_scan.h"

/* Look for one more member; pf_window_check() knows that the path is good. */
static const struct pf_json_find *look_for(struct pf_window_reader *reader,
                                           const char *path)
{
    struct pf_json_find *find = &reader->finds[reader->n_finds++];

    pf_json_find_init(find, path, NULL);
    return find;
}

void pf_window_reader_init(struct pf_window_reader *reader,
                           const struct pf_window_conf *conf,
                           const struct pf_window_plan *plan)
{
    reader->latest = pf_window_latest(&conf->span);
    reader->ahead_ms = conf->ahead_ms;
    reader->n_finds = 0;
    reader->time = reader->key = NULL;
    if (*conf->time)
        reader->time = look_for(reader, pf_window_path(conf->time));
    if (*conf->key)
        reader->key = look_for(reader, pf_window_path(conf->key));
    reader->numbers = &reader->finds[reader->n_finds];
    reader->n_numbers = plan->n_members;
    for (size_t i = 0; i < plan->n_members; i++)
        look_for(reader, plan->members[i]);
}

static const char *scan(struct pf_window_reader *reader,
                        const struct pf_record *record, struct pf_error *why)
{
    if (!reader->n_finds)
        return NULL;
    if (!record->value) {
        pf_fail(why, PF_FORMAT, "no value (a tombstone)");
        return "empty";
    }
    if (!pf_json_scan(record->value, record->value_len, reader->finds,
                      reader->n_finds, why))
        return NULL;
    pf_fail_in(why, PF_FORMAT, "not JSON: ");
    return "syntax";
}

/* The time that a member is. */
static bool read_time(const struct pf_json_find *find, int64_t *ret_us,
                      struct pf_error *why)
{
    bool quoted = find->at && *find->at == '"';

    if (find->at)
        return !pf_time_parse(find->at + quoted, find->len - (quoted ? 2 : 0),
                              ret_us, why);
    pf_fail(why, PF_FORMAT, "it has no %s, which is its time", find->path);
    return false;
}

static const char *find_time(const struct pf_window_reader *reader,
                             const struct pf_record *input,
                             const struct pf_record *record, int64_t *ret,
                             struct pf_error *why)
{
    int64_t us = 0;

    if (input->timestamp < 0) {
        pf_fail(why, PF_FORMAT, "it has no timestamp");
        return "time";
    }
    if (reader->time && !read_time(reader->time, &us, why))
        return "time";
    *ret = reader->time ? us / 1000 : record->timestamp;
    if (us < 0 || *ret < 0 || *ret > reader->latest) {
        pf_fail(why, PF_RANGE, "its time is before 1970 or after 9999");
        return "time";
    }
    if (*ret - reader->ahead_ms <= input->timestamp)
        return NULL;
    pf_fail(why, PF_RANGE,
            "its time is %" PRId64
            " s past its timestamp, which is more than feed.window.ahead",
            (*ret - input->timestamp) / 1000);
    return "ahead";
}

static const char *find_key(struct pf_window_reader *reader,
                            const struct pf_record *record,
                            struct pf_window_key *ret, struct pf_error *why)
{
    enum pf_rc rc = reader->key ? pf_window_key_of_member(
                                      reader->key, reader->key_room, ret, why)
                                : pf_window_key_of_record(record, ret, why);

    return rc ? "key" : NULL;
}

static const char *find_numbers(const struct pf_window_reader *reader,
                                struct pf_decimal *ret, struct pf_error *why)
{
    for (size_t i = 0; i < reader->n_numbers; i++) {
        const struct pf_json_find *find = &reader->numbers[i];

        if (!find->at) {
            pf_fail(why, PF_FORMAT, "it has no %s", find->path);
            return "missing";
        }
        if (!pf_decimal_parse(find->at, find->len, &ret[i])) {
            pf_fail(why, PF_RANGE,
                    "%s is not a number of up to %d digits before its point "
                    "and %d after it",
                    find->path, PF_DECIMAL_WHOLE_MAX, PF_DECIMAL_PLACES_MAX);
            return "number";
        }
    }
    return NULL;
}

const char *pf_window_read(struct pf_window_reader *reader,
                           const struct pf_record *input,
                           const struct pf_record *record,
                           struct pf_window_event *ret, struct pf_error *why)
{
    const char *kind = scan(reader, record, why);

    if (!kind)
        kind = find_time(reader, input, record, &ret->time, why);
    if (!kind)
        kind = find_key(reader, record, &ret->key, why);
    return kind ? kind : find_numbers(reader, ret->numbers, why);
}
