#include "book_line.h"

#include <inttypes.h>
#include <string.h>

#include "text.h"

enum pf_rc pf_book_no_memory(struct pf_error *err)
{
    return pf_fail(err, PF_NOMEM, "out of memory");
}

enum pf_rc pf_book_malformed(struct pf_error *err)
{
    return pf_fail(err, PF_FORMAT, "not a line of a ledger");
}

bool pf_book_number(const char *word, uint64_t *ret)
{
    return !pf_parse_uint(word, INT64_MAX, ret, NULL);
}

bool pf_book_range(const struct pf_book_line *r, uint64_t *first,
                   uint64_t *count)
{
    return pf_book_number(r->words[1], first) &&
           pf_book_number(r->words[2], count) && *count &&
           *count <= INT64_MAX - *first;
}

/* Set the outcome of a record. */
static enum pf_rc settle(struct pf_book_line *r, uint64_t which, uint64_t ns,
                         uint64_t *ret_at, struct pf_error *err)
{
    enum pf_rc rc = pf_book_settle(r->book, r->end, which, (int64_t)ns, ret_at);

    return rc ? pf_fail(err, rc, "record %" PRIu64 " is %s, but was not sent",
                        which, r->words[0])
              : PF_OK;
}

enum pf_rc pf_book_fate(struct pf_book_line *r, struct pf_error *err)
{
    struct pf_acked_span span = {.n = 1, .offset = -1, .slice = r->book->slice};
    uint64_t first, count, offset = 0, ns = 0;
    bool acked = r->end == PF_END_ACKED;
    bool known = acked && strcmp(r->words[3], "-1");

    if (!pf_book_range(r, &first, &count) ||
        (known && !pf_book_number(r->words[3], &offset)) ||
        (acked && !pf_book_number(r->words[4], &ns)) ||
        offset > INT64_MAX - count || (acked && r->book->slice == PF_NONE))
        return pf_book_malformed(err);
    span.ns = (int64_t)ns;
    for (uint64_t i = 0; i < count; i++) {
        enum pf_rc rc = settle(r, first + i, ns, &span.at, err);

        if (rc)
            return rc;
        if (known)
            span.offset = (int64_t)(offset + i);
        if (acked && !pf_book_acked(r->book, &span))
            return pf_book_no_memory(err);
    }
    return PF_OK;
}

/* Are these numbers, separated by commas, as many as the line says? */
static bool are_numbers(const char *list, uint64_t count)
{
    uint64_t n = 1;

    for (; *list; list++) {
        bool digit = *list >= '0' && *list <= '9';

        if (!digit && (*list != ',' || list[1] < '0' || list[1] > '9'))
            return false;
        n += !digit;
    }
    return n == count;
}

/* Set the outcome of each record of a list. The last number may be cut: what it
 * says is then not a number that was sent. */
static enum pf_rc settle_list(struct pf_book_line *r, char *list, uint64_t ns,
                              struct pf_error *err)
{
    struct pf_book *b = r->book;
    uint64_t which, at;
    char *word;

    while ((word = strsep(&list, ","))) {
        enum pf_rc rc;

        if (!pf_book_number(word, &which))
            return pf_book_malformed(err);
        rc = settle(r, which, ns, &at, err);
        if (rc)
            return list ? rc : PF_FORMAT;
        if (!PF_VEC_PUSH(&b->listed, (uint32_t)at))
            return pf_book_no_memory(err);
    }
    return PF_OK;
}

enum pf_rc pf_book_arrived(struct pf_book_line *r, struct pf_error *err)
{
    struct pf_book *b = r->book;
    struct pf_acked_span span = {
        .at = b->listed.n, .offset = -1, .is_listed = true};
    bool known = strcmp(r->words[2], "-1");
    uint64_t slice, offset = 0, ns, count;
    enum pf_rc rc;

    if (!pf_book_number(r->words[1], &slice) ||
        (known && !pf_book_number(r->words[2], &offset)) ||
        !pf_book_number(r->words[3], &ns) ||
        !pf_book_number(r->words[4], &count) ||
        !are_numbers(r->words[5], count) ||
        offset > INT64_MAX - PF_BOOK_LINE_MAX || b->slice != PF_NONE)
        return pf_book_malformed(err);
    if (slice >= b->slices)
        return pf_fail(err, PF_FORMAT,
                       "partition %" PRIu64 " of a topic that has %zu", slice,
                       b->slices);
    rc = settle_list(r, r->words[5], ns, err);
    span.slice = (uint32_t)slice;
    span.ns = (int64_t)ns;
    span.n = b->listed.n - span.at;
    if (known)
        span.offset = (int64_t)offset;
    if (span.n && !pf_book_acked(b, &span))
        return pf_book_no_memory(err);
    return rc;
}
