#include "stats.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAGIC "pfstats2" /* changes with the layout */
#define METRICS_MAX 1000 /* far above any table: a file may be corrupt */

/* A metric's description in the file. */
struct row {
    char name[PF_METRIC_NAME];
    char unit[PF_METRIC_UNIT];
    char help[PF_METRIC_HELP];
    uint64_t type; /* enum pf_metric_type */
};

/* The file: this header with a value for each metric, those of histograms
 * unused; a row for each; then the histograms. */
struct header {
    char magic[8];
    uint32_t n; /* metrics */
    int32_t pid;
    _Atomic uint64_t values[];
};

struct pf_stats {
    struct header *header;
    size_t size; /* of the mapping, in bytes */
    size_t n;
    struct row *rows;                 /* our copy: a file may change */
    struct pf_histogram **histograms; /* in the file; NULL: another type */
};

/* Where the rows and the histograms begin. */
static size_t rows_at(size_t n)
{
    return sizeof(struct header) + n * sizeof(uint64_t);
}

static size_t histograms_at(size_t n)
{
    return rows_at(n) + n * sizeof(struct row);
}

/* The size of the file by its rows. */
static size_t size_of(const struct pf_stats *stats)
{
    size_t size = histograms_at(stats->n);

    for (size_t i = 0; i < stats->n; i++)
        if (stats->rows[i].type == PF_HISTOGRAM)
            size += sizeof(struct pf_histogram);
    return size;
}

/* Memory for n rows. */
static enum pf_rc make_rows(struct pf_stats *stats, size_t n,
                            struct pf_error *err)
{
    stats->n = n;
    stats->rows = calloc(n ? n : 1, sizeof *stats->rows);
    stats->histograms = calloc(n ? n : 1, sizeof(struct pf_histogram *));
    if (!stats->rows || !stats->histograms)
        return pf_fail(err, PF_NOMEM, "out of memory");
    return PF_OK;
}

/* The file is mapped: find its histograms. */
static void find_histograms(struct pf_stats *stats)
{
    char *at = (char *)stats->header + histograms_at(stats->n);

    for (size_t i = 0; i < stats->n; i++)
        if (stats->rows[i].type == PF_HISTOGRAM) {
            stats->histograms[i] = (struct pf_histogram *)(void *)at;
            at += sizeof(struct pf_histogram);
        }
}

static enum pf_rc map(struct pf_stats *stats, int fd, int prot, size_t size,
                      struct pf_error *err)
{
    int flags = fd < 0 ? MAP_PRIVATE | MAP_ANONYMOUS : MAP_SHARED;
    void *at = mmap(NULL, size, prot, flags, fd, 0);

    if (at == MAP_FAILED)
        return pf_fail(err, PF_IO, "%s", strerror(errno));
    stats->header = at;
    stats->size = size;
    return PF_OK;
}

static void put_text(char *to, size_t size, const char *text)
{
    assert(strlen(text) < size);
    memcpy(to, text, strlen(text) + 1);
}

static enum pf_rc describe(struct pf_stats *stats,
                           const struct pf_metric *metrics, size_t n,
                           struct pf_error *err)
{
    enum pf_rc rc = make_rows(stats, n, err);

    for (size_t i = 0; !rc && i < n; i++) {
        struct row *row = &stats->rows[i];

        put_text(row->name, sizeof row->name, metrics[i].name);
        put_text(row->unit, sizeof row->unit, metrics[i].unit);
        put_text(row->help, sizeof row->help, metrics[i].help);
        row->type = metrics[i].type;
    }
    return rc;
}

static void fill(struct pf_stats *stats)
{
    struct header *header = stats->header;

    memcpy(header->magic, MAGIC, sizeof header->magic);
    header->n = (uint32_t)stats->n;
    header->pid = getpid();
    memcpy((char *)header + rows_at(stats->n), stats->rows,
           stats->n * sizeof *stats->rows);
    find_histograms(stats);
}

/* Create the file under a temporary name, then rename it. */
static enum pf_rc open_file(struct pf_stats *stats, const char *path,
                            struct pf_error *err)
{
    size_t size = size_of(stats);
    char fresh[4096];
    enum pf_rc rc;
    int fd;

    if (snprintf(fresh, sizeof fresh, "%s.%d", path, (int)getpid()) >=
        (int)sizeof fresh)
        return pf_fail(err, PF_IO, "the path is too long");
    fd = open(fresh, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (fd < 0)
        return pf_fail(err, PF_IO, "%s", strerror(errno));
    if (ftruncate(fd, (off_t)size) != 0)
        rc = pf_fail(err, PF_IO, "%s", strerror(errno));
    else
        rc = map(stats, fd, PROT_READ | PROT_WRITE, size, err);
    close(fd);
    if (!rc) {
        fill(stats);
        if (rename(fresh, path) != 0)
            rc = pf_fail(err, PF_IO, "%s", strerror(errno));
    }
    if (rc)
        unlink(fresh);
    return rc;
}

enum pf_rc pf_stats_open(const char *path, const struct pf_metric *metrics,
                         size_t n, struct pf_stats **ret, struct pf_error *err)
{
    struct pf_stats *stats = calloc(1, sizeof *stats);
    enum pf_rc rc;

    if (!stats)
        return pf_fail(err, PF_NOMEM, "out of memory");
    rc = describe(stats, metrics, n, err);
    if (!rc && *path) {
        rc = open_file(stats, path, err);
    } else if (!rc) {
        rc = map(stats, -1, PROT_READ | PROT_WRITE, size_of(stats), err);
        if (!rc)
            fill(stats);
    }
    if (rc) {
        pf_stats_close(stats);
        return pf_fail_in(err, rc, "counters in %s: ", path);
    }
    *ret = stats;
    return PF_OK;
}

/* Copy the rows of the mapped file and check them. */
static bool read_rows(struct pf_stats *stats)
{
    memcpy(stats->rows, (char *)stats->header + rows_at(stats->n),
           stats->n * sizeof *stats->rows);
    for (size_t i = 0; i < stats->n; i++) {
        const struct row *row = &stats->rows[i];

        if (!memchr(row->name, '\0', sizeof row->name) ||
            !memchr(row->unit, '\0', sizeof row->unit) ||
            !memchr(row->help, '\0', sizeof row->help) ||
            row->type > PF_HISTOGRAM)
            return false;
    }
    return size_of(stats) <= stats->size;
}

/* Map the file fd and check that it is a file of counters. */
static enum pf_rc attach(struct pf_stats *stats, int fd, struct pf_error *err)
{
    struct stat st;
    enum pf_rc rc;
    size_t n;

    if (fstat(fd, &st) != 0)
        return pf_fail(err, PF_IO, "%s", strerror(errno));
    if (st.st_size < (off_t)sizeof(struct header))
        return pf_fail(err, PF_FORMAT, "not a file of counters");
    rc = map(stats, fd, PROT_READ, (size_t)st.st_size, err);
    if (rc)
        return rc;
    n = stats->header->n;
    if (memcmp(stats->header->magic, MAGIC, sizeof stats->header->magic) != 0 ||
        n > METRICS_MAX || histograms_at(n) > stats->size)
        return pf_fail(err, PF_FORMAT, "not a file of counters");
    rc = make_rows(stats, n, err);
    if (!rc && !read_rows(stats))
        rc = pf_fail(err, PF_FORMAT, "not a file of counters");
    if (!rc)
        find_histograms(stats);
    return rc;
}

enum pf_rc pf_stats_attach(const char *path, struct pf_stats **ret,
                           struct pf_error *err)
{
    struct pf_stats *stats;
    enum pf_rc rc;
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0)
        return pf_fail(err, PF_IO, "%s: %s", path, strerror(errno));
    stats = calloc(1, sizeof *stats);
    rc = stats ? attach(stats, fd, err)
               : pf_fail(err, PF_NOMEM, "out of memory");
    close(fd);
    if (rc) {
        pf_stats_close(stats);
        return pf_fail_in(err, rc, "%s: ", path);
    }
    *ret = stats;
    return PF_OK;
}

void pf_stats_close(struct pf_stats *stats)
{
    if (!stats)
        return;
    if (stats->header)
        munmap(stats->header, stats->size);
    free(stats->rows);
    free(stats->histograms);
    free(stats);
}

pid_t pf_stats_pid(const struct pf_stats *stats)
{
    return stats->header->pid;
}

size_t pf_stats_count(const struct pf_stats *stats)
{
    return stats->n;
}

struct pf_metric pf_stats_metric(const struct pf_stats *stats, size_t index)
{
    const struct row *row = &stats->rows[index];

    return (struct pf_metric){.name = row->name,
                              .help = row->help,
                              .type = (enum pf_metric_type)row->type,
                              .unit = row->unit};
}

_Atomic uint64_t *pf_stats_at(struct pf_stats *stats, size_t index)
{
    return &stats->header->values[index];
}

struct pf_histogram *pf_stats_histogram(struct pf_stats *stats, size_t index)
{
    return stats->histograms[index];
}

enum pf_rc pf_stats_read(const struct pf_stats *stats, const char *name,
                         uint64_t *ret, struct pf_error *err)
{
    for (size_t i = 0; i < stats->n; i++) {
        if (!strcmp(stats->rows[i].name, name) &&
            stats->rows[i].type != PF_HISTOGRAM) {
            *ret = atomic_load_explicit(&stats->header->values[i],
                                        memory_order_relaxed);
            return PF_OK;
        }
    }
    return pf_fail(err, PF_FORMAT, "no counter is named %s", name);
}
