#include "letter_source.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dead_line.h"

#define BATCH 100

struct letter_source {
    struct pf_source base;
    const char *path; /* borrowed */
    FILE *in;
    int64_t line;

    struct pf_record records[BATCH];
    struct pf_dead_line letters[BATCH]; /* all zero: it is another line */
    char *texts[BATCH];                 /* these lines */
    size_t sizes[BATCH];                /* room for each */
};

/* Read the next line, as that record of the batch. */
static enum pf_rc read_line(struct letter_source *s, size_t i,
                            struct pf_error *err)
{
    struct pf_dead_line *letter = &s->letters[i];
    struct pf_record *record = &s->records[i];
    ssize_t len;
    enum pf_rc rc;

    errno = 0;
    len = getline(&s->texts[i], &s->sizes[i], s->in);
    if (len < 1)
        return errno ? pf_fail(err, PF_IO, "%s: %s", s->path, strerror(errno))
                     : PF_END;
    len -= s->texts[i][len - 1] == '\n';
    rc = pf_dead_line_read(s->texts[i], (size_t)len, letter, err);
    if (rc && rc != PF_FORMAT)
        return rc;
    *record = rc ? (struct pf_record){.timestamp = -1,
                                      .value = s->texts[i],
                                      .value_len = (size_t)len}
                 : letter->record;
    record->topic = s->path;
    record->partition = -1;
    record->offset = ++s->line;
    return PF_OK;
}

static enum pf_rc letter_read(struct pf_source *base, int timeout_ms,
                              struct pf_batch *ret, struct pf_error *err)
{
    struct letter_source *s = (struct letter_source *)base;
    enum pf_rc rc = PF_OK;

    (void)timeout_ms; /* a file does not make anybody wait */
    *ret = (struct pf_batch){.records = s->records};
    for (size_t i = 0; i < BATCH; i++)
        pf_dead_line_release(&s->letters[i]);
    while (!rc && ret->n < BATCH) {
        rc = read_line(s, ret->n, err);
        ret->n += !rc;
    }
    ret->ticket = (uint64_t)s->line;
    return rc == PF_END && ret->n ? PF_OK : rc;
}

static void letter_close(struct pf_source *base)
{
    struct letter_source *s = (struct letter_source *)base;

    for (size_t i = 0; i < BATCH; i++) {
        pf_dead_line_release(&s->letters[i]);
        free(s->texts[i]);
    }
    if (s->in)
        fclose(s->in);
    free(s);
}

static const struct pf_source_ops letter_ops = {
    .read = letter_read,
    .close = letter_close,
};

enum pf_rc pf_letter_source_open(const char *path, struct pf_source **ret,
                                 struct pf_error *err)
{
    struct letter_source *s = calloc(1, sizeof *s);

    if (!s)
        return pf_fail(err, PF_NOMEM, "%s: out of memory", path);
    s->base.ops = &letter_ops;
    s->path = path;
    s->in = fopen(path, "re");
    if (!s->in) {
        letter_close(&s->base);
        return pf_fail(err, PF_CONFIG, "%s: %s", path, strerror(errno));
    }
    *ret = &s->base;
    return PF_OK;
}
