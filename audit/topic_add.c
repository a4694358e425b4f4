#include "topic.h"

#include <inttypes.h>
#include <zlib.h>

#include "match.h"
#include "price.h"

#define NS_PER_MS INT64_C(1000000)

/* What a record's headers say. */
struct stamp {
    bool numbered, timed, bad;
    const void *run; /* NULL: the same as the last record's */
    size_t run_len;
    uint64_t number;
    int64_t made_ns;
};

/* Parse a header's value: decimal digits and nothing else, up to INT64_MAX. */
static bool parse_digits(const void *bytes, size_t len, uint64_t *ret)
{
    const unsigned char *digits = bytes;
    uint64_t n = 0;

    if (!bytes || !len || len > 19)
        return false;
    for (size_t i = 0; i < len; i++) {
        if (digits[i] < '0' || digits[i] > '9')
            return false;
        n = n * 10 + (digits[i] - '0');
    }
    *ret = n;
    return n <= INT64_MAX;
}

static bool get(const struct pf_record *record, const char *name,
                struct pf_header *ret)
{
    return *name && pf_record_header(record, name, ret);
}

static struct stamp read_headers(const struct pf_feed *feed,
                                 const struct pf_record *record)
{
    struct stamp s = {0};
    struct pf_header h;
    uint64_t ns;

    if (!record->headers)
        return s;
    if (get(record, feed->seq_header, &h)) {
        s.numbered = parse_digits(h.value, h.len, &s.number);
        s.bad = !s.numbered;
    }
    if (get(record, feed->run_header, &h)) {
        if (s.numbered && pf_run_name_ok(h.value, h.len)) {
            s.run = h.value;
            s.run_len = h.len;
        } else {
            s.numbered = false;
            s.bad = true;
        }
    }
    if (get(record, feed->time_header, &h)) {
        s.timed = parse_digits(h.value, h.len, &ns);
        s.made_ns = s.timed ? (int64_t)ns : 0;
        s.bad |= !s.timed;
    }
    return s;
}

/* Find the record's life by its headers. False: memory ran out. */
static bool find_life(struct pf_topic *t, struct pf_slice *p,
                      const struct stamp *s, uint32_t crc, uint64_t at)
{
    uint32_t run = p->run, *newest;
    bool reset = false;

    if (s->run || run == PF_NONE) /* a run without a name is called "-" */
        run = pf_runs_find(t->runs, s->run ? s->run : "-",
                           s->run ? s->run_len : 1);
    if (run == PF_NONE)
        return false;
    newest = &t->runs->list.at[run]->topic_life;
    t->runs_seen += *newest == PF_NONE;
    p->run = run;
    p->life = t->all
                  ? pf_life_whole(&t->lives, newest, run)
                  : pf_life_of(&t->lives, newest, run, s->number, crc, &reset);
    if (p->life == PF_NONE)
        return false;
    return !reset || PF_VEC_PUSH(&p->resets, at);
}

/* Give the record its number. False: memory ran out. */
static bool note_number(struct pf_topic *t, struct pf_slice *p,
                        const struct stamp *s, uint32_t crc, uint64_t at)
{
    uint32_t before = p->life;
    uint64_t expected = p->next;
    struct pf_life *life;

    if (s->numbered) {
        if (!find_life(t, p, s, crc, at))
            return false;
        pf_bit_set(p->told.at, at);
        p->next = s->number;
    } else if (t->all) {
        p->life = PF_NONE;
    }
    if ((at == 0 || before != p->life || p->next != expected) &&
        !PF_VEC_PUSH(&p->numbers,
                     ((struct pf_number_span){p->next, (uint32_t)at, p->life})))
        return false;
    if (p->life == PF_NONE)
        return true;
    t->numbered++;
    p->next++;
    life = &t->lives.at[p->life];
    if (life->next < p->next)
        life->next = p->next;
    return true;
}

static bool note_offset(struct pf_slice *p, int64_t offset, uint64_t at)
{
    const struct pf_offset_span *last = p->offsets.n ? PF_VEC_LAST(&p->offsets)
                                                     : NULL;

    if (last && offset - last->offset == (int64_t)(at - last->at))
        return true;
    return PF_VEC_PUSH(&p->offsets, ((struct pf_offset_span){at, offset}));
}

/* Note which order the record has to keep. False: memory ran out. */
static bool note_key(struct pf_topic *t, struct pf_slice *p,
                     const struct pf_record *record)
{
    uint32_t key = PF_NONE;

    if (p->life != PF_NONE) {
        key = pf_record_keys_find(&t->keys, record->key, record->key_len,
                                  (uint32_t)(p - t->slices.at), p->life);
        if (key == PF_NONE)
            return false;
    }
    return PF_VEC_PUSH(&p->keys, key);
}

/* Look at a value that is not an ordinary price. False: memory ran out. */
static bool note_odd(struct pf_slice *p, const struct pf_record *record,
                     uint64_t at, struct pf_price *ret)
{
    struct pf_odd odd = {.at = at};
    char text[PF_PRICE_JSON_SIZE];

    if (!record->value ||
        pf_price_decode(record->value, record->value_len, ret, NULL)) {
        odd.refused = odd.invalid = true;
    } else {
        odd.invalid = !pf_price_in_range(ret);
        odd.line = (uint32_t)crc32_z(0, (const void *)text,
                                     pf_price_encode(ret, text));
    }
    return PF_VEC_PUSH(&p->odd, odd);
}

/* Look at the value. False: memory ran out. */
static bool note_value(struct pf_topic *t, struct pf_slice *p,
                       const struct pf_record *record, uint64_t at)
{
    struct pf_price price = {0};

    if (t->feed->any_values)
        return record->value ||
               PF_VEC_PUSH(&p->odd,
                           ((struct pf_odd){.at = at, .refused = true}));
    if (!(record->value &&
          pf_price_recognise(record->value, record->value_len, &price)) &&
        !note_odd(p, record, at, &price))
        return false;
    return !t->keep_matches ||
           PF_VEC_PUSH(&p->matches, pf_match_class(price.match));
}

/* Find late records and silences. Of several late records in a row, because all
 * wait for one, only the first counts. False: memory ran out. */
static bool note_times(struct pf_topic *t, struct pf_slice *p,
                       const struct pf_record *record, const struct stamp *s,
                       uint64_t at)
{
    int64_t stamp_ns, made_ns;
    bool late = false;

    p->time_ms = record->timestamp;
    if (at % PF_TIME_STEP == 0 && !PF_VEC_PUSH(&p->times, record->timestamp))
        return false;
    if (record->timestamp < 0 || record->timestamp > INT64_MAX / NS_PER_MS)
        return true;
    stamp_ns = record->timestamp * NS_PER_MS;
    made_ns = s->timed ? s->made_ns : stamp_ns;
    if (s->timed) {
        int64_t ns = stamp_ns - s->made_ns;

        late = t->feed->late_ms && ns >= t->feed->late_ms * NS_PER_MS;
        if (record->appended)
            pf_histogram_add(&t->append, ns > 0 ? (uint64_t)ns : 0, 1);
        if (t->keep_times &&
            !PF_VEC_PUSH(&p->made, ((struct pf_made){at, s->made_ns})))
            return false;
    }
    t->late_records += late;
    if (late && !p->was_late && !PF_VEC_PUSH(&p->late, at))
        return false;
    if (t->feed->silence_ms && p->made_ns && p->made_run == p->run &&
        made_ns - p->made_ns >= t->feed->silence_ms * NS_PER_MS &&
        !PF_VEC_PUSH(&p->silences, at))
        return false;
    p->was_late = late;
    p->made_ns = made_ns;
    p->made_run = p->run;
    return true;
}

enum pf_rc pf_topic_add(struct pf_topic *t, const struct pf_record *record,
                        struct pf_error *err)
{
    struct pf_slice *p = &t->slices.at[t->all ? record->partition : 0];
    struct stamp s = read_headers(t->feed, record);
    uint64_t at = p->crcs.n;
    uint32_t crc = 0;

    if (record->value)
        crc = (uint32_t)crc32_z(0, record->value, record->value_len);
    if (t->n >= PF_RECORDS_MAX || (at % 8 == 0 && !PF_VEC_PUSH(&p->told, 0)) ||
        !PF_VEC_PUSH(&p->crcs, crc) ||
        (s.bad && !PF_VEC_PUSH(&p->bad_headers, at)) ||
        !note_number(t, p, &s, crc, at) ||
        !note_offset(p, record->offset, at) ||
        (t->all && !note_key(t, p, record)) || !note_value(t, p, record, at) ||
        !note_times(t, p, record, &s, at))
        return pf_fail(err, PF_NOMEM,
                       "no memory for more than %" PRIu64 " records", t->n);
    t->n++;
    return PF_OK;
}
