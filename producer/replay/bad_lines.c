#include "bad_lines.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "text.h"

enum pf_rc pf_bad_lines_init(struct pf_bad_lines *bad,
                             enum pf_on_bad_line policy, const char *of,
                             const char *kept_in, struct pf_error *err)
{
    *bad = (struct pf_bad_lines){
        .policy = policy, .of = of, .kept_in = kept_in, .fd = -1};
    if (policy != PF_BAD_LINE_KEEP)
        return PF_OK;
    bad->fd = open(kept_in, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    if (bad->fd < 0)
        return pf_fail(err, PF_CONFIG, "%s: %s", kept_in, strerror(errno));
    return PF_OK;
}

void pf_bad_lines_release(struct pf_bad_lines *bad)
{
    if (bad->fd >= 0)
        close(bad->fd);
    bad->fd = -1;
}

static enum pf_rc keep(struct pf_bad_lines *bad,
                       const struct pf_element *element, const char *reason,
                       struct pf_error *err)
{
    char head[1024];
    int len = snprintf(head, sizeof head, "%.500s:%" PRIu64 "\t%s\t", bad->of,
                       element->line, reason);
    struct iovec parts[] = {
        {.iov_base = head, .iov_len = (size_t)len},
        /* writev(2) only reads it; C has no const for its struct. */
        {.iov_base = (void *)(uintptr_t)element->at, .iov_len = element->len},
        {.iov_base = (char[]){'\n'}, .iov_len = 1},
    };
    ssize_t all = (ssize_t)(len + (ssize_t)element->len + 1);

    if (writev(bad->fd, parts, 3) == all)
        return PF_OK;
    return pf_fail(err, PF_IO, "%s: a dead letter could not be written",
                   bad->kept_in);
}

enum pf_rc pf_bad_lines_add(struct pf_bad_lines *bad,
                            const struct pf_element *element,
                            const char *reason, struct pf_error *err)
{
    char begin[100];

    bad->count++;
    if (bad->policy == PF_BAD_LINE_STOP)
        return pf_fail(err, PF_FORMAT,
                       "%s:%" PRIu64 ": %s (feed.replay.on.bad = stop)",
                       bad->of, element->line, reason);
    pf_escape(begin, sizeof begin, element->at, element->len);
    pf_log_limited(&bad->log_limit, PF_LOG_WARNING,
                   "skipped %s:%" PRIu64 ": %s%s%s", bad->of, element->line,
                   reason, *begin ? ": " : "", begin);
    return bad->fd >= 0 ? keep(bad, element, reason, err) : PF_OK;
}
