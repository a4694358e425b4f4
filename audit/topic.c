#include "topic.h"

#include <zlib.h>

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

struct pf_topic pf_topic_init(const struct pf_feed *feed, struct pf_runs *runs)
{
    return (struct pf_topic){
        .feed = feed, .runs = runs, .run = PF_NONE, .life = PF_NONE};
}

void pf_topic_release(struct pf_topic *t)
{
    free(t->crcs.at);
    free(t->told.at);
    free(t->offsets.at);
    free(t->numbers.at);
    free(t->lives.at);
    free(t->odd.at);
    free(t->made.at);
    free(t->times.at);
    free(t->bad_headers.at);
    free(t->resets.at);
    free(t->late.at);
    free(t->silences.at);
    *t = (struct pf_topic){0};
}

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
static bool find_life(struct pf_topic *t, const struct stamp *s, uint32_t crc,
                      uint64_t place)
{
    uint32_t run = t->run, *newest;
    bool reset;

    if (s->run || run == PF_NONE) /* a run without a name is called "-" */
        run = pf_runs_find(t->runs, s->run ? s->run : "-",
                           s->run ? s->run_len : 1);
    if (run == PF_NONE)
        return false;
    newest = &t->runs->list.at[run]->topic_life;
    t->runs_seen += *newest == PF_NONE;
    t->run = run;
    t->life = pf_life_of(&t->lives, newest, run, s->number, crc, &reset);
    if (t->life == PF_NONE)
        return false;
    return !reset || PF_VEC_PUSH(&t->resets, place);
}

/* Give the record its number. False: memory ran out. */
static bool note_number(struct pf_topic *t, const struct stamp *s, uint32_t crc,
                        uint64_t place)
{
    uint32_t before = t->life;
    bool breaks = place == 0;
    struct pf_life *life;

    if (s->numbered) {
        uint64_t expected = t->next;

        if (!find_life(t, s, crc, place))
            return false;
        pf_bit_set(t->told.at, place);
        breaks |= before != t->life || s->number != expected;
        t->next = s->number;
    }
    if (breaks && !PF_VEC_PUSH(&t->numbers, ((struct pf_number_span){
                                                place, t->next, t->life})))
        return false;
    if (t->life == PF_NONE)
        return true;
    t->numbered++;
    t->next++;
    life = &t->lives.at[t->life];
    if (life->next < t->next)
        life->next = t->next;
    return true;
}

static bool note_offset(struct pf_topic *t, int64_t offset, uint64_t place)
{
    const struct pf_offset_span *last = t->offsets.n ? PF_VEC_LAST(&t->offsets)
                                                     : NULL;

    if (last && offset - last->offset == (int64_t)(place - last->place))
        return true;
    return PF_VEC_PUSH(&t->offsets, ((struct pf_offset_span){place, offset}));
}

/* Look at the value. False: memory ran out. */
static bool note_value(struct pf_topic *t, const struct pf_record *record,
                       uint64_t place)
{
    struct pf_odd odd = {.place = place};
    char text[PF_PRICE_JSON_SIZE];
    struct pf_price price;

    if (t->feed->any_values) {
        odd.refused = !record->value;
        return !odd.refused || PF_VEC_PUSH(&t->odd, odd);
    }
    if (record->value &&
        pf_price_recognise(record->value, record->value_len, &price))
        return true;
    if (!record->value ||
        pf_price_decode(record->value, record->value_len, &price, NULL)) {
        odd.refused = odd.invalid = true;
    } else {
        odd.invalid = !pf_price_in_range(&price);
        odd.line = (uint32_t)crc32_z(0, (const void *)text,
                                     pf_price_encode(&price, text));
    }
    return PF_VEC_PUSH(&t->odd, odd);
}

/* Find late records and silences. Of several late records in a row, because all
 * wait for one, only the first counts. False: memory ran out. */
static bool note_times(struct pf_topic *t, const struct pf_record *record,
                       const struct stamp *s, uint64_t place)
{
    int64_t stamp_ns, made_ns;
    bool late = false;

    if (place % PF_TIME_STEP == 0 && !PF_VEC_PUSH(&t->times, record->timestamp))
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
        if (t->feed->keep_times &&
            !PF_VEC_PUSH(&t->made, ((struct pf_made){place, s->made_ns})))
            return false;
    }
    t->late_records += late;
    if (late && !t->was_late && !PF_VEC_PUSH(&t->late, place))
        return false;
    if (t->feed->silence_ms && t->made_ns && t->made_run == t->run &&
        made_ns - t->made_ns >= t->feed->silence_ms * NS_PER_MS &&
        !PF_VEC_PUSH(&t->silences, place))
        return false;
    t->was_late = late;
    t->made_ns = made_ns;
    t->made_run = t->run;
    return true;
}

enum pf_rc pf_topic_add(struct pf_topic *t, const struct pf_record *record,
                        struct pf_error *err)
{
    struct stamp s = read_headers(t->feed, record);
    uint64_t place = t->crcs.n;
    uint32_t crc = 0;

    if (record->value)
        crc = (uint32_t)crc32_z(0, record->value, record->value_len);
    if ((place % 8 == 0 && !PF_VEC_PUSH(&t->told, 0)) ||
        !PF_VEC_PUSH(&t->crcs, crc) ||
        (s.bad && !PF_VEC_PUSH(&t->bad_headers, place)) ||
        !note_number(t, &s, crc, place) ||
        !note_offset(t, record->offset, place) ||
        !note_value(t, record, place) || !note_times(t, record, &s, place))
        return pf_fail(err, PF_NOMEM, "no memory for more than %zu records",
                       t->crcs.n);
    return PF_OK;
}

int64_t pf_topic_offset(const struct pf_topic *t, uint64_t place)
{
    const struct pf_offset_span *span =
        &t->offsets.at[PF_VEC_FIND(&t->offsets, place, place)];

    return span->offset + (int64_t)(place - span->place);
}

int64_t pf_topic_place(const struct pf_topic *t, int64_t offset)
{
    uint64_t place, end;
    size_t low;

    if (!t->offsets.n || offset < t->offsets.at[0].offset)
        return -1;
    low = PF_VEC_FIND(&t->offsets, offset, offset);
    place = t->offsets.at[low].place +
            (uint64_t)(offset - t->offsets.at[low].offset);
    end = low + 1 < t->offsets.n ? t->offsets.at[low + 1].place : t->crcs.n;
    return place < end ? (int64_t)place : -1;
}

int64_t pf_topic_end(const struct pf_topic *t)
{
    return t->crcs.n ? pf_topic_offset(t, t->crcs.n - 1) + 1 : t->start;
}

const struct pf_number_span *pf_topic_span(const struct pf_topic *t,
                                           uint64_t place)
{
    if (!t->numbers.n)
        return NULL;
    return &t->numbers.at[PF_VEC_FIND(&t->numbers, place, place)];
}

uint64_t pf_topic_span_len(const struct pf_topic *t,
                           const struct pf_number_span *span)
{
    uint64_t end = span == PF_VEC_LAST(&t->numbers) ? t->crcs.n : span[1].place;

    return end - span->place;
}

void pf_topic_window(const struct pf_topic *t, uint64_t place,
                     int64_t *ret_from_ms, int64_t *ret_to_ms)
{
    size_t i = place / PF_TIME_STEP;

    *ret_from_ms = t->times.at[place % PF_TIME_STEP == 0 && i ? i - 1 : i];
    *ret_to_ms = t->times.at[i + 1 < t->times.n ? i + 1 : i];
}
