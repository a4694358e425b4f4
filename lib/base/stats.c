#include "stats.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAGIC "pfstats1" /* changes with the layout */
#define NAME_SIZE 40
#define METRICS_MAX 1000 /* far above any table: a file may be corrupt */

/* The file: a header, then its slots. */
struct slot {
    char name[NAME_SIZE];
    _Atomic uint64_t value;
};

struct header {
    char magic[8];
    uint32_t n; /* slots */
    int32_t pid;
    struct slot slots[];
};

struct pf_stats {
    struct header *header;
    size_t n;    /* slots that fit the mapping */
    size_t size; /* of the mapping, in bytes */
};

static size_t size_of(size_t n)
{
    return sizeof(struct header) + n * sizeof(struct slot);
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

static void fill(struct header *header, const struct pf_metric *metrics,
                 size_t n)
{
    memcpy(header->magic, MAGIC, sizeof header->magic);
    header->n = (uint32_t)n;
    header->pid = getpid();
    for (size_t i = 0; i < n; i++)
        snprintf(header->slots[i].name, NAME_SIZE, "%s", metrics[i].name);
}

/* Create the file under a temporary name, then rename it. */
static enum pf_rc open_file(struct pf_stats *stats, const char *path,
                            const struct pf_metric *metrics, size_t n,
                            struct pf_error *err)
{
    char fresh[4096];
    enum pf_rc rc;
    int fd;

    if (snprintf(fresh, sizeof fresh, "%s.%d", path, (int)getpid()) >=
        (int)sizeof fresh)
        return pf_fail(err, PF_IO, "the path is too long");
    fd = open(fresh, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (fd < 0)
        return pf_fail(err, PF_IO, "%s", strerror(errno));
    if (ftruncate(fd, (off_t)size_of(n)) != 0)
        rc = pf_fail(err, PF_IO, "%s", strerror(errno));
    else
        rc = map(stats, fd, PROT_READ | PROT_WRITE, size_of(n), err);
    close(fd);
    if (!rc) {
        fill(stats->header, metrics, n);
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
    stats->n = n;
    if (*path) {
        rc = open_file(stats, path, metrics, n, err);
    } else {
        rc = map(stats, -1, PROT_READ | PROT_WRITE, size_of(n), err);
        if (!rc)
            fill(stats->header, metrics, n);
    }
    if (rc) {
        pf_stats_close(stats);
        return pf_fail_in(err, rc, "counters in %s: ", path);
    }
    *ret = stats;
    return PF_OK;
}

/* Map the file fd and check that it is a file of counters. */
static enum pf_rc attach(struct pf_stats *stats, int fd, struct pf_error *err)
{
    struct stat st;
    enum pf_rc rc;

    if (fstat(fd, &st) != 0)
        return pf_fail(err, PF_IO, "%s", strerror(errno));
    if (st.st_size < (off_t)sizeof(struct header) ||
        st.st_size > (off_t)size_of(METRICS_MAX))
        return pf_fail(err, PF_FORMAT, "not a file of counters");
    rc = map(stats, fd, PROT_READ, (size_t)st.st_size, err);
    if (rc)
        return rc;
    stats->n = stats->header->n;
    if (memcmp(stats->header->magic, MAGIC, sizeof stats->header->magic) != 0 ||
        stats->n > METRICS_MAX || size_of(stats->n) > stats->size)
        return pf_fail(err, PF_FORMAT, "not a file of counters");
    return PF_OK;
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
    free(stats);
}

pid_t pf_stats_pid(const struct pf_stats *stats)
{
    return stats->header->pid;
}

_Atomic uint64_t *pf_stats_at(struct pf_stats *stats, size_t index)
{
    return &stats->header->slots[index].value;
}

enum pf_rc pf_stats_read(const struct pf_stats *stats, const char *name,
                         uint64_t *ret, struct pf_error *err)
{
    for (size_t i = 0; i < stats->n; i++) {
        const struct slot *slot = &stats->header->slots[i];

        if (strncmp(slot->name, name, NAME_SIZE) == 0) {
            *ret = atomic_load_explicit(&slot->value, memory_order_relaxed);
            return PF_OK;
        }
    }
    return pf_fail(err, PF_FORMAT, "no counter is named %s", name);
}
