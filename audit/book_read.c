#include "book.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "text.h"

/* Most words in a line: run NAME topic TOPIC partition P first N time NS */
#define WORDS_MAX 10

/* The longest line has a thousand checksums, and some more words. */
#define LINE_MAX_BYTES 1000000

/* A ledger that is being read. */
struct reader {
    struct pf_book *book;
    char *words[WORDS_MAX];
    size_t n;        /* of words */
    enum pf_end end; /* that the line tells of */
};

static enum pf_rc no_memory(struct pf_error *err)
{
    return pf_fail(err, PF_NOMEM, "out of memory");
}

static enum pf_rc malformed(struct pf_error *err)
{
    return pf_fail(err, PF_FORMAT, "not a line of a ledger");
}

/* Parse a word as a number; false if it is not one. */
static bool number(const char *word, uint64_t *ret)
{
    return !pf_parse_uint(word, INT64_MAX, ret, NULL);
}

/* FIRST and COUNT, words 1 and 2 of a line. */
static bool range(const struct reader *r, uint64_t *first, uint64_t *count)
{
    return number(r->words[1], first) && number(r->words[2], count) && *count &&
           *count <= INT64_MAX - *first;
}

static enum pf_rc read_run(struct reader *r, struct pf_error *err)
{
    struct pf_book *b = r->book;
    uint64_t partition, first, ns;

    if (strcmp(r->words[2], "topic") || strcmp(r->words[4], "partition") ||
        strcmp(r->words[6], "first") || strcmp(r->words[8], "time") ||
        !pf_run_name_ok(r->words[1], strlen(r->words[1])) ||
        !number(r->words[5], &partition) || !number(r->words[7], &first) ||
        !number(r->words[9], &ns))
        return malformed(err);
    if (strcmp(r->words[3], b->feed->topic) ||
        partition != (uint64_t)b->feed->partition)
        return pf_fail(err, PF_CONFIG,
                       "the ledger of %.100s [%" PRIu64 "], not of %s "
                       "[%" PRId64 "]",
                       r->words[3], partition, b->feed->topic,
                       b->feed->partition);
    pf_book_bury(b);
    b->open = true;
    b->run = pf_runs_find(b->runs, r->words[1], strlen(r->words[1]));
    if (b->run == PF_NONE)
        return no_memory(err);
    while (b->firsts.n <= b->run)
        if (!PF_VEC_PUSH(&b->firsts, UINT64_MAX))
            return no_memory(err);
    if (b->firsts.at[b->run] == UINT64_MAX)
        b->firsts.at[b->run] = first;
    return PF_OK;
}

/* Parse one checksum of a list; *text moves past it and its comma. */
static bool take_crc(char **text, uint32_t *ret)
{
    char *end;

    if ((*text)[0] == '-') {
        *ret = 0;
        end = *text + 1;
    } else {
        if (strspn(*text, "0123456789abcdef") != 8)
            return false;
        *ret = (uint32_t)strtoul(*text, &end, 16);
    }
    if (*end != ',' && *end)
        return false;
    *text = end + (*end == ',' && end[1]);
    return true;
}

static enum pf_rc read_sent(struct reader *r, struct pf_error *err)
{
    struct pf_book *b = r->book;
    struct pf_sent_span span = {.at = b->crcs.n, .behind = b->highest};
    char *sums = r->words[4];
    uint32_t crc;
    uint64_t ns;
    bool reset;

    if (!range(r, &span.number, &span.n) || !number(r->words[3], &ns))
        return malformed(err);
    span.ns = (int64_t)ns;
    while (b->crcs.n - span.at < span.n && take_crc(&sums, &crc))
        if (!PF_VEC_PUSH(&b->crcs, crc) || !PF_VEC_PUSH(&b->ends, PF_END_NONE))
            return no_memory(err);
    if (b->crcs.n - span.at < span.n || *sums) {
        b->crcs.n = b->ends.n = span.at;
        return pf_fail(err, PF_FORMAT, "not as many sums as records");
    }
    span.life = pf_life_of(&b->lives, &b->runs->list.at[b->run]->ledger_life,
                           b->run, span.number, b->crcs.at[span.at], &reset);
    if (span.life == PF_NONE || !PF_VEC_PUSH(&b->sent, span))
        return no_memory(err);
    if (b->lives.at[span.life].next < span.number + span.n)
        b->lives.at[span.life].next = span.number + span.n;
    b->n_under_way += span.n;
    return PF_OK;
}

static enum pf_rc read_fate(struct reader *r, struct pf_error *err)
{
    uint64_t first, count, offset = 0, ns = 0;
    enum pf_rc rc = PF_OK;
    bool acked = r->end == PF_END_ACKED;
    bool known = acked && strcmp(r->words[3], "-1");

    if (!range(r, &first, &count) || (known && !number(r->words[3], &offset)) ||
        (acked && !number(r->words[4], &ns)) || offset > INT64_MAX - count)
        return malformed(err);
    for (uint64_t i = 0; i < count && !rc; i++) {
        rc = pf_book_settle(r->book, r->end, first + i,
                            known ? (int64_t)(offset + i) : -1, (int64_t)ns);
        if (rc == PF_RANGE)
            pf_fail(err, rc, "record %" PRIu64 " is %s, but was not sent",
                    first + i, r->words[0]);
    }
    return rc == PF_NOMEM ? no_memory(err) : rc;
}

/* The producer ended by itself: each record has to have an outcome. */
static enum pf_rc read_end(struct reader *r, struct pf_error *err)
{
    struct pf_book *b = r->book;
    uint64_t ns;

    if (!number(r->words[1], &ns))
        return malformed(err);
    b->n_unaccounted += b->n_under_way;
    b->n_under_way = 0;
    pf_book_bury(b);
    b->open = false;
    return PF_OK;
}

static enum pf_rc read_line(struct reader *r, char *line, struct pf_error *err)
{
    static const struct {
        const char *word;
        size_t n; /* of words */
        enum pf_rc (*read)(struct reader *r, struct pf_error *err);
        enum pf_end end;
    } kinds[] = {{"run", 10, read_run, PF_END_NONE},
                 {"sent", 5, read_sent, PF_END_NONE},
                 {"acked", 5, read_fate, PF_END_ACKED},
                 {"failed", 4, read_fate, PF_END_FAILED},
                 {"unknown", 4, read_fate, PF_END_UNKNOWN},
                 {"end", 2, read_end, PF_END_NONE}};
    char *rest = line, *word;

    /* Words are separated by single blanks: an empty word is an error. */
    r->n = 0;
    while ((word = strsep(&rest, " "))) {
        if (r->n == WORDS_MAX)
            return malformed(err);
        r->words[r->n++] = word;
    }
    if (strcmp(r->words[0], "run") && !r->book->open)
        return pf_fail(err, PF_FORMAT, "not a line that begins a run");
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (!strcmp(r->words[0], kinds[i].word) && r->n == kinds[i].n) {
            r->end = kinds[i].end;
            return kinds[i].read(r, err);
        }
    return malformed(err);
}

enum pf_rc pf_book_read(struct pf_book *b, FILE *in, const char *where,
                        struct pf_error *err)
{
    struct reader r = {.book = b};
    struct pf_error wrong; /* with the last line */
    enum pf_rc rc = PF_OK;
    char *line = NULL;
    size_t size = 0;
    ssize_t len;
    int at = 0; /* number of the last line */

    b->any = true;
    b->highest = -1;
    while ((!rc || rc == PF_FORMAT) && (len = getline(&line, &size, in)) > 0) {
        bool whole = line[len - 1] == '\n';

        line[len - whole] = '\0';
        /* A line was cut by a kill only if a run begins after it. */
        if (rc && strncmp(line, "run ", 4))
            break;
        rc = PF_OK;
        at++;
        if (!whole) {
            b->cut = true;
            break;
        }
        if (strlen(line) + 1 != (size_t)len || len > LINE_MAX_BYTES)
            rc = malformed(&wrong);
        else
            rc = read_line(&r, line, &wrong);
    }
    if (rc)
        rc = pf_fail(err, rc, "%s:%d: %s", where, at, wrong.text);
    else if (ferror(in))
        rc = pf_fail(err, PF_IO, "%s: %s", where, strerror(errno));
    free(line);
    pf_book_bury(b);
    return rc;
}

enum pf_rc pf_book_read_files(struct pf_book *b, const char *files,
                              struct pf_error *err)
{
    char *list = strdup(files), *rest = list, *path;
    enum pf_rc rc = list ? PF_OK : no_memory(err);

    while (!rc && rest && (path = strsep(&rest, ","))) {
        FILE *in = fopen(path, "re");

        if (!in) {
            rc = pf_fail(err, PF_IO, "%s: %s", path, strerror(errno));
            break;
        }
        rc = pf_book_read(b, in, path, err);
        fclose(in);
    }
    free(list);
    return rc;
}
