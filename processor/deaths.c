#include "deaths.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "log.h"
#include "mapped.h"
#include "text.h"

#define MAGIC "pfdeath1" /* changes with the layout */

/* A name of Kafka's, with its NUL. */
#define NAME_SIZE 250

/* How many records are known at which a process has died. */
#define KNOWN 16

/* A record. Where a topic was made again, another one has its place, but
 * another time. */
struct place {
    char topic[NAME_SIZE]; /* "": none */
    uint16_t deaths;
    int32_t partition;
    int64_t offset, timestamp;
};

struct file {
    char magic[8];
    uint32_t next; /* the known one whose place the next new one gets */
    _Atomic uint32_t is_working;
    struct place at; /* the record at work */
    struct place known[KNOWN];
};

struct pf_deaths {
    int fd; /* locked while it is open */
    struct pf_mapped mapped;
    struct file *file;     /* it is mapped there */
    const char *topic;     /* whose name is in the file; NULL: look again */
    struct place *suspect; /* the record at work, if it is a known one */
    unsigned known;        /* how many there are */
};

static bool is_same(const struct place *a, const struct place *b)
{
    return a->offset == b->offset && a->timestamp == b->timestamp &&
           a->partition == b->partition && !strcmp(a->topic, b->topic);
}

static struct place *find(struct pf_deaths *d, const struct place *place)
{
    for (size_t i = 0; i < KNOWN; i++)
        if (is_same(&d->file->known[i], place))
            return &d->file->known[i];
    return NULL;
}

static void count_known(struct pf_deaths *d)
{
    d->known = 0;
    for (size_t i = 0; i < KNOWN; i++)
        d->known += *d->file->known[i].topic != '\0';
}

/* The process before this one has died at a record. */
static void note_death(struct pf_deaths *d)
{
    struct place *at = &d->file->at, *known = find(d, at);

    if (!known) {
        known = &d->file->known[d->file->next++ % KNOWN];
        *known = *at;
        known->deaths = 0;
    }
    known->deaths += known->deaths < PF_DEATHS_MAX;
    pf_log(PF_LOG_WARNING,
           "this program died while it worked on the record at offset %" PRId64
           " of %s [%" PRId32 "]: %s",
           at->offset, at->topic, at->partition,
           known->deaths < PF_DEATHS_MAX
               ? "it tries again"
               : "that was the third time, and the record is refused");
}

/* Does it have what this program writes there? Its bytes may be anybody's. */
static bool is_good(const struct file *file)
{
    bool good = !memcmp(file->magic, MAGIC, sizeof file->magic) &&
                memchr(file->at.topic, '\0', NAME_SIZE);

    for (size_t i = 0; i < KNOWN; i++)
        good &= memchr(file->known[i].topic, '\0', NAME_SIZE) != NULL;
    return good;
}

static void begin(struct pf_deaths *d)
{
    struct file *file = d->file = d->mapped.at;

    if (!is_good(file)) {
        memset(file, 0, sizeof *file);
        memcpy(file->magic, MAGIC, sizeof file->magic);
    }
    if (file->is_working && *file->at.topic)
        note_death(d);
    file->is_working = 0;
    count_known(d);
}

/* The path of the file; what is not in the names of files becomes '_'. */
static enum pf_rc make_path(const char *directory, const char *id, char *buf,
                            size_t size, struct pf_error *err)
{
    int n = snprintf(buf, size, "%s/%.200s.at-work", directory, id);

    if (n < 0 || (size_t)n >= size)
        return pf_fail(err, PF_IO, "%s: the path is too long", directory);
    for (char *at = buf + strlen(directory) + 1; *at; at++)
        if (!pf_name_ok(at, 1, 1))
            *at = '_';
    return PF_OK;
}

/* PF_AGAIN: somebody has it open. */
static enum pf_rc open_file(struct pf_deaths *d, const char *path,
                            struct pf_error *err)
{
    enum pf_rc rc;

    d->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
    if (d->fd < 0)
        return pf_fail(err, PF_IO, "%s: %s", path, strerror(errno));
    if (flock(d->fd, LOCK_EX | LOCK_NB))
        return PF_AGAIN;
    rc = pf_mapped_keep(d->fd, sizeof *d->file, &d->mapped, err);
    return rc ? pf_fail_in(err, rc, "%s: ", path) : PF_OK;
}

enum pf_rc pf_deaths_open(const char *directory, const char *id,
                          struct pf_deaths **ret, struct pf_error *err)
{
    struct pf_deaths *d;
    char path[4096];
    enum pf_rc rc;

    *ret = NULL;
    if (!*directory)
        return PF_OK;
    rc = make_path(directory, id, path, sizeof path, err);
    if (rc)
        return rc;
    d = calloc(1, sizeof *d);
    if (!d)
        return pf_fail(err, PF_NOMEM, "out of memory");
    d->fd = -1;
    rc = open_file(d, path, err);
    if (rc) {
        pf_deaths_close(d);
        if (rc != PF_AGAIN)
            return rc;
        pf_log(PF_LOG_WARNING,
               "%s: another process has it open: it is not noted which record "
               "is worked on",
               path);
        return PF_OK;
    }
    begin(d);
    *ret = d;
    return PF_OK;
}

void pf_deaths_close(struct pf_deaths *d)
{
    if (!d)
        return;
    pf_mapped_release(&d->mapped);
    if (d->fd >= 0)
        close(d->fd);
    free(d);
}

/* The suspect has gone through. */
static void acquit(struct pf_deaths *d)
{
    *d->suspect = (struct place){0};
    d->suspect = NULL;
    count_known(d);
}

static void set_topic(struct pf_deaths *d, const char *topic)
{
    atomic_store_explicit(&d->file->is_working, 0, memory_order_relaxed);
    d->topic = topic;
    snprintf(d->file->at.topic, NAME_SIZE, "%s", topic ? topic : "");
}

bool pf_deaths_begin(struct pf_deaths *d, const struct pf_record *record,
                     struct pf_error *why)
{
    struct place *at = &d->file->at;

    if (d->suspect)
        acquit(d);
    if (record->topic != d->topic || !d->topic)
        set_topic(d, record->topic);
    at->partition = record->partition;
    at->offset = record->offset;
    at->timestamp = record->timestamp;
    if (d->known) {
        d->suspect = find(d, at);
        if (d->suspect && d->suspect->deaths >= PF_DEATHS_MAX) {
            d->suspect = NULL;
            pf_deaths_end(d);
            pf_fail(why, PF_FORMAT,
                    "the program died three times at this record");
            return false;
        }
    }
    atomic_store_explicit(&d->file->is_working, 1, memory_order_release);
    return true;
}

void pf_deaths_end(struct pf_deaths *d)
{
    if (d->suspect)
        acquit(d);
    atomic_store_explicit(&d->file->is_working, 0, memory_order_relaxed);
    d->topic = NULL;
}
