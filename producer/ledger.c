#include "ledger.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "clock.h"
#include "text.h"

/* One checksum and its comma. */
#define CRC_SIZE 9

/* The longest line: a full `sent`, with the words and numbers before it. */
#define LINE_SIZE (PF_LEDGER_BATCH * CRC_SIZE + 256)

/* Room for the numbers of an `arrived` line, each with its comma. */
#define NUMBERS_SIZE 8192
_Static_assert(NUMBERS_SIZE + 128 < LINE_SIZE, "they fit into a line");

/* The line of fates that is not written yet. */
struct fates {
    enum pf_fate fate;
    uint64_t first, count; /* count 0: no such line */
    int32_t partition;
    int64_t offset; /* of the first record; -1: unknown */
    char reason[64];
    char numbers[NUMBERS_SIZE]; /* of an `arrived` line */
    size_t used;
};

struct pf_ledger {
    int fd;
    const char *path;
    bool by_key;     /* acknowledgements are `arrived` lines */
    size_t ahead;    /* how many records are entered, but not taken */
    uint64_t number; /* of the first of these */
    struct fates fates;
    struct pf_error failure; /* to write a line of fates; empty: none */
    char line[LINE_SIZE];
};

/* A line is written by one call, so that after a kill it is whole or absent. */
static enum pf_rc put(struct pf_ledger *l, size_t len, struct pf_error *err)
{
    ssize_t n;

    do
        n = write(l->fd, l->line, len);
    while (n < 0 && errno == EINTR);
    if (n < 0)
        return pf_fail(err, PF_IO, "the ledger %s: %s", l->path,
                       strerror(errno));
    if ((size_t)n < len)
        return pf_fail(err, PF_IO, "the ledger %s: no room for a line",
                       l->path);
    return PF_OK;
}

/* A killed writer may have left half a line: ours must not continue it. */
static enum pf_rc end_last_line(struct pf_ledger *l, struct pf_error *err)
{
    off_t size = lseek(l->fd, 0, SEEK_END);
    char last;

    if (size <= 0 || pread(l->fd, &last, 1, size - 1) != 1 || last == '\n')
        return PF_OK;
    l->line[0] = '\n';
    return put(l, 1, err);
}

enum pf_rc pf_ledger_open(const char *path, struct pf_ledger **ret,
                          struct pf_error *err)
{
    struct pf_ledger *l;
    enum pf_rc rc;

    if (!*path) {
        *ret = NULL;
        return PF_OK;
    }
    l = calloc(1, sizeof *l);
    if (!l)
        return pf_fail(err, PF_NOMEM, "the ledger: out of memory");
    l->path = path;
    l->fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (l->fd < 0)
        rc = pf_fail(err, PF_IO, "the ledger %s: %s", path, strerror(errno));
    else
        rc = end_last_line(l, err);
    if (rc) {
        if (l->fd >= 0)
            close(l->fd);
        free(l);
        return rc;
    }
    *ret = l;
    return PF_OK;
}

enum pf_rc pf_ledger_run(struct pf_ledger *l, const char *run,
                         const char *topic, int32_t partition, uint64_t first,
                         struct pf_error *err)
{
    char number[16];
    int len;

    if (!l)
        return PF_OK;
    l->by_key = partition == PF_BY_KEY;
    snprintf(number, sizeof number, "%" PRId32, partition);
    len = snprintf(
        l->line, sizeof l->line,
        "run %s topic %s partition %s first %" PRIu64 " time %" PRId64 "\n",
        run, topic, l->by_key ? "by-key" : number, first, pf_wall_ns());
    return put(l, (size_t)len, err);
}

/* Write the checksum of a value to text, and a comma. */
static size_t put_crc(char *text, const struct pf_record *record)
{
    static const char digits[] = "0123456789abcdef";
    unsigned long crc;

    if (!record->value) {
        memcpy(text, "-,", 2);
        return 2;
    }
    crc = crc32_z(0, record->value, record->value_len);
    for (int i = 0; i < 8; i++)
        text[i] = digits[crc >> (28 - 4 * i) & 15];
    text[8] = ',';
    return CRC_SIZE;
}

static enum pf_rc put_sent(struct pf_ledger *l, const struct pf_record *records,
                           size_t n, struct pf_error *err)
{
    int64_t made_ns = records[0].made_ns;
    size_t len = (size_t)snprintf(
        l->line, sizeof l->line, "sent %" PRId64 " %zu %" PRId64 " ",
        records[0].offset, n, made_ns ? made_ns : pf_wall_ns());

    for (size_t i = 0; i < n; i++)
        len += put_crc(l->line + len, &records[i]);
    l->line[len - 1] = '\n'; /* instead of the last comma */
    return put(l, len, err);
}

enum pf_rc pf_ledger_enter(struct pf_ledger *l, const struct pf_record *records,
                           size_t n, struct pf_error *err)
{
    enum pf_rc rc;

    if (!l || n <= l->ahead)
        return PF_OK;
    rc = put_sent(l, records + l->ahead, n - l->ahead, err);
    if (rc)
        return rc;
    l->ahead = n;
    l->number = (uint64_t)records[0].offset;
    return PF_OK;
}

void pf_ledger_taken(struct pf_ledger *l, size_t n)
{
    if (!l)
        return;
    l->ahead -= n;
    l->number += n;
}

/* Write the line of fates that has been collected, if any. */
static enum pf_rc put_fates(struct pf_ledger *l, struct pf_error *err)
{
    const struct fates *f = &l->fates;
    int len;

    if (!f->count)
        return PF_OK;
    if (f->used)
        len = snprintf(l->line, sizeof l->line,
                       "arrived %" PRId32 " %" PRId64 " %" PRId64 " %" PRIu64
                       " %.*s\n",
                       f->partition, f->offset, pf_wall_ns(), f->count,
                       (int)f->used - 1, f->numbers);
    else if (f->fate == PF_ACKED)
        len = snprintf(l->line, sizeof l->line,
                       "acked %" PRIu64 " %" PRIu64 " %" PRId64 " %" PRId64
                       "\n",
                       f->first, f->count, f->offset, pf_wall_ns());
    else
        len = snprintf(l->line, sizeof l->line,
                       "%s %" PRIu64 " %" PRIu64 " %s\n",
                       f->fate == PF_FAILED ? "failed" : "unknown", f->first,
                       f->count, f->reason);
    l->fates.count = 0;
    return put(l, (size_t)len, err);
}

/* Does this record continue the line that is being collected? */
static bool continues(const struct fates *f, uint64_t number, int64_t offset,
                      const struct pf_report *report, bool listed)
{
    int64_t next = f->offset < 0 ? -1 : f->offset + (int64_t)f->count;
    bool follows = listed ? f->partition == report->partition &&
                                f->used + PF_UINT_SIZE < sizeof f->numbers
                          : number == f->first + f->count;

    return f->count && f->fate == report->fate && follows && offset == next &&
           !strcmp(report->reason, f->reason);
}

void pf_ledger_fate(struct pf_ledger *l, uint64_t number,
                    const struct pf_report *report)
{
    int64_t offset = report->offset < 0 ? -1 : report->offset;
    struct fates *f;
    bool listed; /* in an `arrived` line */

    if (!l)
        return;
    f = &l->fates;
    listed = l->by_key && report->fate == PF_ACKED;
    if (!continues(f, number, offset, report, listed)) {
        put_fates(l, *l->failure.text ? NULL : &l->failure);
        f->fate = report->fate;
        f->first = number;
        f->partition = report->partition;
        f->offset = offset;
        snprintf(f->reason, sizeof f->reason, "%s", report->reason);
        f->used = 0;
    }
    f->count++;
    if (listed) {
        f->used += pf_put_uint(f->numbers + f->used, number);
        f->numbers[f->used++] = ',';
    }
}

enum pf_rc pf_ledger_flush(struct pf_ledger *l, struct pf_error *err)
{
    enum pf_rc rc;

    if (!l)
        return PF_OK;
    rc = put_fates(l, err);
    if (*l->failure.text)
        return pf_fail(err, PF_IO, "%s", l->failure.text);
    return rc;
}

void pf_ledger_close(struct pf_ledger *l)
{
    int len;

    if (!l)
        return;
    for (; l->ahead; pf_ledger_taken(l, 1))
        pf_ledger_fate(l, l->number,
                       &(struct pf_report){.fate = PF_FAILED,
                                           .offset = -1,
                                           .reason = "not-sent"});
    /* After a failed write the ledger must not look complete. */
    if (!pf_ledger_flush(l, NULL)) {
        len = snprintf(l->line, sizeof l->line, "end %" PRId64 "\n",
                       pf_wall_ns());
        put(l, (size_t)len, NULL);
    }
    close(l->fd);
    free(l);
}
