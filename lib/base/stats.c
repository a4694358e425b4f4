#include "stats.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "mapped.h"

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
    struct pf_mapped file;
    struct header *header; /* it is mapped there */
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
    struct header *header = stats->file.at;

    stats->header = header;
    memcpy(header->magic, MAGIC, sizeof header->magic);
    header->n = (uint32_t)stats->n;
    header->pid = getpid();
    memcpy((char *)header + rows_at(stats->n), stats->rows,
           stats->n * sizeof *stats->rows);
    find_histograms(stats);
}

enum pf_rc pf_stats_open(const char *path, const struct pf_metric *metrics,
                         size_t n, struct pf_stats **ret, struct pf_error *err)
{
    struct pf_stats *stats = calloc(1, sizeof *stats);
    enum pf_rc rc;

    if (!stats)
        return pf_fail(err, PF_NOMEM, "out of memory");
    rc = describe(stats, metrics, n, err);
    if (!rc)
        rc = pf_mapped_create(path, size_of(stats), &stats->file, err);
    if (!rc) {
        fill(stats);
        rc = pf_mapped_publish(path, err);
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
    return size_of(stats) <= stats->file.size;
}

/* The file is mapped: check that it is a file of counters. */
static enum pf_rc check(struct pf_stats *stats, struct pf_error *err)
{
    const size_t size = stats->file.size;
    enum pf_rc rc;
    size_t n;

    stats->header = stats->file.at;
    if (size < sizeof *stats->header)
        return pf_fail(err, PF_FORMAT, "not a file of counters");
    n = stats->header->n;
    if (memcmp(stats->header->magic, MAGIC, sizeof stats->header->magic) != 0 ||
        n > METRICS_MAX || histograms_at(n) > size)
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
    struct pf_stats *stats = calloc(1, sizeof *stats);
    enum pf_rc rc;

    if (!stats)
        return pf_fail(err, PF_NOMEM, "%s: out of memory", path);
    rc = pf_mapped_attach(path, &stats->file, err);
    if (!rc)
        rc = check(stats, err);
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
    pf_mapped_release(&stats->file);
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
