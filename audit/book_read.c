#include "book_line.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "text.h"

/* The partition of a run: "by-key", or one that is audited. */
static enum pf_rc read_partition(struct pf_book_line *r, struct pf_error *err)
{
    struct pf_book *b = r->book;
    bool all = b->feed->partition == PF_ALL_PARTITIONS;
    bool by_key = !strcmp(r->words[5], "by-key");
    uint64_t partition = 0;
    char wanted[32] = "", topic[110];

    if (!by_key && !pf_book_number(r->words[5], &partition))
        return pf_book_malformed(err);
    if (!all)
        snprintf(wanted, sizeof wanted, " [%" PRId64 "]", b->feed->partition);
    if (strcmp(r->words[3], b->feed->topic) ||
        (all ? partition >= b->slices
             : by_key || partition != (uint64_t)b->feed->partition))
        return pf_fail(
            err, PF_CONFIG, "the ledger of %s [%.20s], not of %s%s%s",
            pf_escape(topic, sizeof topic, r->words[3], strlen(r->words[3])),
            r->words[5], b->feed->topic, wanted,
            by_key ? ": feed.partition = all compares it" : "");
    b->slice = by_key ? PF_NONE : all ? (uint32_t)partition : 0;
    return PF_OK;
}

static enum pf_rc read_run(struct pf_book_line *r, struct pf_error *err)
{
    struct pf_book *b = r->book;
    uint64_t first, ns;
    enum pf_rc rc;

    if (strcmp(r->words[2], "topic") || strcmp(r->words[4], "partition") ||
        strcmp(r->words[6], "first") || strcmp(r->words[8], "time") ||
        !pf_run_name_ok(r->words[1], strlen(r->words[1])) ||
        !pf_book_number(r->words[7], &first) ||
        !pf_book_number(r->words[9], &ns))
        return pf_book_malformed(err);
    rc = read_partition(r, err);
    if (rc)
        return rc;
    pf_book_bury(b);
    b->open = true;
    b->run = pf_runs_find(b->runs, r->words[1], strlen(r->words[1]));
    if (b->run == PF_NONE)
        return pf_book_no_memory(err);
    while (b->firsts.n <= b->run)
        if (!PF_VEC_PUSH(&b->firsts, UINT64_MAX))
            return pf_book_no_memory(err);
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

static enum pf_rc read_sent(struct pf_book_line *r, struct pf_error *err)
{
    struct pf_book *b = r->book;
    struct pf_sent_span span = {.at = b->crcs.n, .acked = b->acked.n};
    char *sums = r->words[4];
    uint32_t crc, *newest;
    uint64_t ns;
    bool reset;

    if (!pf_book_range(r, &span.number, &span.n) ||
        !pf_book_number(r->words[3], &ns))
        return pf_book_malformed(err);
    span.ns = (int64_t)ns;
    while (b->crcs.n - span.at < span.n && take_crc(&sums, &crc))
        if (!PF_VEC_PUSH(&b->crcs, crc) || !PF_VEC_PUSH(&b->ends, PF_END_NONE))
            return pf_book_no_memory(err);
    if (b->crcs.n - span.at < span.n || *sums) {
        b->crcs.n = b->ends.n = span.at;
        return pf_fail(err, PF_FORMAT, "not as many sums as records");
    }
    newest = &b->runs->list.at[b->run]->ledger_life;
    span.life = b->feed->partition == PF_ALL_PARTITIONS
                    ? pf_life_whole(&b->lives, newest, b->run)
                    : pf_life_of(&b->lives, newest, b->run, span.number,
                                 b->crcs.at[span.at], &reset);
    if (span.life == PF_NONE || !PF_VEC_PUSH(&b->sent, span))
        return pf_book_no_memory(err);
    if (b->lives.at[span.life].next < span.number + span.n)
        b->lives.at[span.life].next = span.number + span.n;
    b->n_under_way += span.n;
    return PF_OK;
}

/* The producer ended by itself: each record has to have an outcome. */
static enum pf_rc read_end(struct pf_book_line *r, struct pf_error *err)
{
    struct pf_book *b = r->book;
    uint64_t ns;

    if (!pf_book_number(r->words[1], &ns))
        return pf_book_malformed(err);
    b->n_unaccounted += b->n_under_way;
    b->n_under_way = 0;
    pf_book_bury(b);
    b->open = false;
    return PF_OK;
}

static enum pf_rc read_line(struct pf_book_line *r, char *line,
                            struct pf_error *err)
{
    static const struct {
        const char *word;
        size_t n; /* of words */
        enum pf_rc (*read)(struct pf_book_line *r, struct pf_error *err);
        enum pf_end end;
    } kinds[] = {{"run", 10, read_run, PF_END_NONE},
                 {"sent", 5, read_sent, PF_END_NONE},
                 {"acked", 5, pf_book_fate, PF_END_ACKED},
                 {"arrived", 6, pf_book_arrived, PF_END_ACKED},
                 {"failed", 4, pf_book_fate, PF_END_FAILED},
                 {"unknown", 4, pf_book_fate, PF_END_UNKNOWN},
                 {"end", 2, read_end, PF_END_NONE}};
    char *rest = line, *word;

    /* Words are separated by single blanks: an empty word is an error. */
    r->n = 0;
    while ((word = strsep(&rest, " "))) {
        if (r->n == PF_BOOK_WORDS_MAX)
            return pf_book_malformed(err);
        r->words[r->n++] = word;
    }
    if (strcmp(r->words[0], "run") && !r->book->open)
        return pf_fail(err, PF_FORMAT, "not a line that begins a run");
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (!strcmp(r->words[0], kinds[i].word) && r->n == kinds[i].n) {
            r->end = kinds[i].end;
            return kinds[i].read(r, err);
        }
    return pf_book_malformed(err);
}

enum pf_rc pf_book_read(struct pf_book *b, FILE *in, const char *where,
                        struct pf_error *err)
{
    struct pf_book_line r = {.book = b};
    struct pf_error wrong; /* with the last line */
    enum pf_rc rc = PF_OK;
    char *line = NULL;
    size_t size = 0;
    ssize_t len;
    int at = 0; /* number of the last line */

    b->any = true;
    if (!pf_book_begin(b))
        return pf_book_no_memory(err);
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
        if (strlen(line) + 1 != (size_t)len || len > PF_BOOK_LINE_MAX)
            rc = pf_book_malformed(&wrong);
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
    enum pf_rc rc = list ? PF_OK : pf_book_no_memory(err);

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
