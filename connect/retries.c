#include "retries.h"

#include <stdlib.h>
#include <string.h>

#include "buffer.h"
#include "log_follow.h"

#define TRACE_MAX_LEN 65536 /* bytes of a trace */

struct retries {
    char *path;
    struct pf_log_follow *log; /* NULL: there is none yet */
    struct pf_buffer trace;
    char name[61]; /* of whose retry that is the trace; "": of none */

    retries_take *take; /* of this look */
    void *context;
};

/* Is there a log by now? Then from the byte next on. */
static enum pf_rc open_log(struct retries *r, int64_t next,
                           struct pf_error *err)
{
    enum pf_rc rc = pf_log_follow_open(r->path, next, &r->log, err);

    return rc == PF_IO ? PF_OK : rc;
}

enum pf_rc retries_new(const char *path, struct retries **ret,
                       struct pf_error *err)
{
    struct retries *retries = calloc(1, sizeof *retries);
    enum pf_rc rc;

    if (retries)
        retries->path = strdup(path);
    rc = retries && retries->path ? open_log(retries, -1, err)
                                  : pf_fail(err, PF_NOMEM, "out of memory");
    if (rc)
        retries_free(retries);
    else
        *ret = retries;
    return rc;
}

void retries_free(struct retries *retries)
{
    if (!retries)
        return;
    pf_log_follow_close(retries->log);
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

static void tell(struct retries *r)
{
    pf_buffer_put(&r->trace, "", 1);
    if (*r->name && !r->trace.failed)
        r->take(r->context, r->name, r->trace.at);
    *r->name = '\0';
    pf_buffer_release(&r->trace);
}

static void take_line(void *context, const struct pf_log_line *line)
{
    struct retries *r = context;

    if (line->has_head) {
        tell(r);
        if (!read_name(line, r->name, sizeof r->name))
            *r->name = '\0';
    } else if (*r->name && r->trace.n + line->n < TRACE_MAX_LEN) {
        pf_buffer_put(&r->trace, line->text, line->n);
        pf_buffer_text(&r->trace, "\n");
    }
}

void retries_look(struct retries *r, retries_take *take, void *context)
{
    struct pf_error err;

    r->take = take;
    r->context = context;
    if (!r->log)
        open_log(r, 0, &err); /* without memory at a later look */
    if (!r->log || !pf_log_follow_read(r->log, take_line, r))
        tell(r);
}
