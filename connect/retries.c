#include "retries.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "buffer.h"
#include "log_line.h"

#define BLOCK 16384
#define LINE_MAX_LEN 8192   /* bytes of a line that are looked at */
#define TRACE_MAX_LEN 65536 /* bytes of a trace */
#define LOOK_MAX 64         /* blocks in a look */

struct retries {
    char *path;
    int fd; /* -1: there is no log yet */
    struct pf_buffer line, trace;
    char name[61];           /* of whose retry that is the trace; "": of none */
    struct pf_log_line head; /* the last line that had one */
    bool grew;               /* at this look */
};

enum pf_rc retries_new(const char *path, struct retries **ret,
                       struct pf_error *err)
{
    struct retries *retries = calloc(1, sizeof *retries);

    if (retries)
        retries->path = strdup(path);
    if (!retries || !retries->path) {
        free(retries);
        return pf_fail(err, PF_NOMEM, "out of memory");
    }
    retries->fd = open(path, O_RDONLY | O_CLOEXEC);
    if (retries->fd >= 0)
        lseek(retries->fd, 0, SEEK_END);
    *ret = retries;
    return PF_OK;
}

void retries_free(struct retries *retries)
{
    if (!retries)
        return;
    if (retries->fd >= 0)
        close(retries->fd);
    pf_buffer_release(&retries->line);
    pf_buffer_release(&retries->trace);
    free(retries->path);
    free(retries);
}

/* The name of the connector that a line says is tried again; false: it says
 * something else. The worker writes "ExactlyOnceWorkerSourceTask{id=NAME-0}
 * failed to poll records from SourceTask. Will retry operation." */
static bool read_name(const struct pf_log_line *line, char *buf, size_t size)
{
    static const char says[] = "failed to poll records from SourceTask";
    static const char mark[] = "SourceTask{id=";
    const char *name, *end;

    if (!memmem(line->text, line->n, says, sizeof says - 1))
        return false;
    name = memmem(line->text, line->n, mark, sizeof mark - 1);
    if (!name)
        return false;
    name += sizeof mark - 1;
    end = memchr(name, '}', line->n - (size_t)(name - line->text));
    end = end ? memrchr(name, '-', (size_t)(end - name)) : NULL;
    if (!end || end == name || (size_t)(end - name) >= size)
        return false;
    memcpy(buf, name, (size_t)(end - name));
    buf[end - name] = '\0';
    return true;
}

static void tell(struct retries *r, retries_take *take, void *context)
{
    pf_buffer_put(&r->trace, "", 1);
    if (*r->name && !r->trace.failed)
        take(context, r->name, r->trace.at);
    *r->name = '\0';
    pf_buffer_release(&r->trace);
}

/* The line is whole. */
static void end_line(struct retries *r, retries_take *take, void *context)
{
    const char *text = r->line.n ? r->line.at : "";
    size_t n = r->line.n < LINE_MAX_LEN ? r->line.n : LINE_MAX_LEN;

    if (pf_log_line_read(text, n, &r->head)) {
        tell(r, take, context);
        if (!read_name(&r->head, r->name, sizeof r->name))
            *r->name = '\0';
    } else if (*r->name && r->trace.n + n < TRACE_MAX_LEN) {
        pf_buffer_put(&r->trace, text, n);
        pf_buffer_text(&r->trace, "\n");
    }
    r->line.n = 0;
}

static void put(struct retries *r, const char *bytes, size_t n,
                retries_take *take, void *context)
{
    while (n) {
        const char *end = memchr(bytes, '\n', n);
        size_t len = end ? (size_t)(end - bytes) : n;

        if (r->line.n < LINE_MAX_LEN)
            pf_buffer_put(&r->line, bytes, len);
        if (r->line.failed)
            pf_buffer_release(&r->line); /* that line is lost */
        if (end)
            end_line(r, take, context);
        len += end != NULL;
        bytes += len;
        n -= len;
    }
}

/* Read the file to its end. False: there is more than a look takes. */
static bool read_on(struct retries *r, retries_take *take, void *context)
{
    char block[BLOCK];

    for (int i = 0; i < LOOK_MAX; i++) {
        ssize_t n = read(r->fd, block, sizeof block);

        if (n <= 0)
            return true;
        r->grew = true;
        put(r, block, (size_t)n, take, context);
    }
    return false;
}

/* Is another file at the path by now, or the file shorter than what was read
 * of it? Then begin with it. */
static bool renew(struct retries *r)
{
    struct stat now, ours;
    int fd;

    if (stat(r->path, &now))
        return false;
    if (r->fd >= 0 && !fstat(r->fd, &ours) && ours.st_dev == now.st_dev &&
        ours.st_ino == now.st_ino)
        return now.st_size < lseek(r->fd, 0, SEEK_CUR) &&
               !lseek(r->fd, 0, SEEK_SET);
    fd = open(r->path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    if (r->fd >= 0)
        close(r->fd);
    r->fd = fd;
    return true;
}

void retries_look(struct retries *r, retries_take *take, void *context)
{
    r->grew = false;
    if ((r->fd < 0 || read_on(r, take, context)) && renew(r))
        read_on(r, take, context);
    if (!r->grew)
        tell(r, take, context);
}
