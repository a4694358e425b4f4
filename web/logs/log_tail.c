#include "log_tail.h"

#include <unistd.h>

#include "log_file.h"
#include "log_reader.h"

/* How far back it looks at first; four times as far if that was not enough. */
#define WINDOW (64 * 1024)

#define BLOCK 16384

/* Both files of a log, as one. */
struct tail {
    struct {
        int fd; /* -1: there is none */
        int64_t size;
    } files[2]; /* the older one first */
    struct web_log_lines *lines;
    struct pf_log_reader reader;
    bool is_within; /* it begins somewhere within the log */
};

/* Lines that go on with one that was not seen have neither time nor level. */
static void take(void *context, const struct pf_log_line *line)
{
    struct tail *tail = context;

    if (tail->reader.stands || !tail->is_within)
        web_log_lines_take(tail->lines, line);
}

static enum pf_rc open_files(const char *path, struct tail *tail,
                             struct pf_error *err)
{
    struct stat newer, older;

    /* In this order: a rotation meanwhile is then seen. */
    tail->files[1].fd = pf_log_open(path, false, &newer);
    tail->files[0].fd = pf_log_open(path, true, &older);
    if (tail->files[1].fd < 0)
        return pf_fail(err, PF_IO, "there is no log of that name");
    tail->files[1].size = newer.st_size;
    if (tail->files[0].fd >= 0 && !pf_log_is_same(&newer, &older))
        tail->files[0].size = older.st_size;
    return PF_OK;
}

/* Read one of them from start on. */
static void read_file(struct tail *tail, unsigned file, int64_t start)
{
    char block[BLOCK];
    ssize_t n;

    while (start < tail->files[file].size) {
        int64_t left = tail->files[file].size - start;

        n = pread(tail->files[file].fd, block,
                  left < BLOCK ? (size_t)left : BLOCK, start);
        if (n <= 0) /* it was cut meanwhile */
            return;
        pf_log_reader_put(&tail->reader, block, (size_t)n);
        start += n;
    }
}

/* Read both, from start on, as if they were one. */
static void read_files(struct tail *tail, int64_t start)
{
    int64_t older = tail->files[0].size;

    web_log_lines_clear(tail->lines);
    pf_log_reader_init(&tail->reader, take, tail);
    tail->is_within = start > 0;
    pf_log_reader_cut(&tail->reader, start > 0);
    read_file(tail, 0, start);
    read_file(tail, 1, start > older ? start - older : 0);
}

enum pf_rc web_log_tail(const char *path, struct web_log_lines *lines,
                        int64_t *ret_next, struct pf_error *err)
{
    struct tail tail = {.lines = lines};
    int64_t all, window = WINDOW, start;
    enum pf_rc rc = open_files(path, &tail, err);

    if (rc)
        goto out;
    all = tail.files[0].size + tail.files[1].size;
    do {
        start = all > window ? all - window : 0;
        read_files(&tail, start);
        window *= 4;
    } while (start && lines->n < lines->limit && !lines->left_out &&
             !lines->failed);
    if (lines->failed)
        rc = pf_fail(err, PF_NOMEM, "out of memory");
    *ret_next = tail.files[1].size - (int64_t)tail.reader.pending;
    if (*ret_next < 0) /* the line begins in the older one */
        *ret_next = 0;
out:
    for (unsigned i = 0; i < 2; i++)
        if (tail.files[i].fd >= 0)
            close(tail.files[i].fd);
    return rc;
}
