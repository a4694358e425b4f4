#include "jq_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "buffer.h"
#include "jq_csv.h"
#include "jq_value.h"
#include "json_scan.h"

/* A form: *ret_line is the line of a mistake, from 1. */
typedef enum pf_rc parse_fn(const char *text, size_t len, jv *ret,
                            size_t *ret_line, struct pf_error *err);

static size_t count_lines(const char *text, size_t len)
{
    size_t n = 0;

    for (size_t i = 0; i < len; i++)
        n += text[i] == '\n';
    return n;
}

static enum pf_rc parse_json(const char *text, size_t len, jv *ret,
                             size_t *ret_line, struct pf_error *err)
{
    size_t at = 0;
    enum pf_json_fault fault = pf_json_scan_deep(text, len, PF_JQ_DEPTH_MAX,
                                                 NULL, 0, &at, err);

    *ret_line = 1 + count_lines(text, at);
    return fault ? PF_FORMAT : pf_jq_parse(text, len, ret, err);
}

static bool is_blank(const char *text, size_t len)
{
    size_t at = 0;

    while (at < len && text[at] && strchr(" \t\r\n", text[at]))
        at++;
    return at == len;
}

/* Add the value of a line, if there is one. */
static enum pf_rc add_line(const char *text, size_t len, jv *values,
                           struct pf_error *err)
{
    size_t line;
    enum pf_rc rc;
    jv value;

    if (is_blank(text, len))
        return PF_OK;
    rc = parse_json(text, len, &value, &line, err);
    if (!rc)
        *values = jv_array_append(*values, value);
    return rc;
}

static enum pf_rc parse_lines(const char *text, size_t len, jv *ret,
                              size_t *ret_line, struct pf_error *err)
{
    const char *end = text + len;
    jv values = jv_array();
    enum pf_rc rc = PF_OK;

    *ret_line = 0;
    while (text < end && !rc) {
        const char *newline = memchr(text, '\n', (size_t)(end - text));
        const char *stop = newline ? newline : end;

        ++*ret_line;
        rc = add_line(text, (size_t)(stop - text), &values, err);
        text = newline ? newline + 1 : end;
    }
    if (rc)
        jv_free(values);
    else
        *ret = values;
    return rc;
}

/* NULL: its name says nothing. */
static parse_fn *find_form(const char *path)
{
    static const struct {
        const char *end;
        parse_fn *parse;
    } forms[] = {{".json", parse_json},
                 {".jsonl", parse_lines},
                 {".ndjson", parse_lines},
                 {".csv", pf_jq_csv}};
    const char *end = strrchr(path, '.');

    for (size_t i = 0; i < sizeof forms / sizeof *forms && end; i++)
        if (!strcasecmp(end, forms[i].end))
            return forms[i].parse;
    return NULL;
}

static enum pf_rc read_all(int fd, struct pf_buffer *ret, struct pf_error *err)
{
    char part[65536];
    ssize_t n = 1;

    while (n > 0 && ret->n <= PF_JQ_FILE_MAX) {
        n = read(fd, part, sizeof part);
        if (n > 0)
            pf_buffer_put(ret, part, (size_t)n);
    }
    if (n < 0)
        return pf_fail(err, PF_IO, "%s", strerror(errno));
    if (ret->n > PF_JQ_FILE_MAX)
        return pf_fail(err, PF_FORMAT,
                       "it is longer than %d bytes: libjq would take many "
                       "times as much memory for it, and no record would go on "
                       "while it is read",
                       PF_JQ_FILE_MAX);
    return ret->failed ? pf_fail(err, PF_NOMEM, "out of memory") : PF_OK;
}

/* The bytes of a file. To open a pipe must not wait for its writer. */
static enum pf_rc read_file(const char *path, struct pf_buffer *ret,
                            struct pf_error *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat info;
    enum pf_rc rc;

    if (fd < 0)
        return pf_fail(err, PF_IO, "%s", strerror(errno));
    if (fstat(fd, &info))
        rc = pf_fail(err, PF_IO, "%s", strerror(errno));
    else if (!S_ISREG(info.st_mode))
        rc = pf_fail(err, PF_CONFIG,
                     "it is not a regular file, and it is read again when it "
                     "changes");
    else
        rc = read_all(fd, ret, err);
    close(fd);
    return rc;
}

/* Of bytes, without a byte order mark. A file that is about to be written again
 * has nothing in it yet. */
static enum pf_rc parse(const char *path, const struct pf_buffer *bytes,
                        parse_fn *form, jv *ret, struct pf_error *err)
{
    static const char mark[] = "\xef\xbb\xbf";
    bool marked = bytes->n >= 3 && !memcmp(bytes->at, mark, 3);
    const char *text = bytes->n ? bytes->at + (marked ? 3 : 0) : "";
    size_t len = bytes->n - (marked ? 3 : 0), line;
    enum pf_rc rc;

    if (is_blank(text, len))
        return pf_fail(err, PF_FORMAT, "%s: there is nothing in it", path);
    rc = form(text, len, ret, &line, err);
    return rc ? pf_fail_in(err, rc, "%s:%zu: ", path, line) : PF_OK;
}

enum pf_rc pf_jq_file_read(const char *path, jv *ret, struct pf_error *err)
{
    parse_fn *form = find_form(path);
    struct pf_buffer bytes = {0};
    enum pf_rc rc;

    if (!form)
        return pf_fail(err, PF_CONFIG,
                       "%s: its name has to end in .json, .jsonl, .ndjson or "
                       ".csv, to say what it is",
                       path);
    rc = read_file(path, &bytes, err);
    if (rc)
        pf_fail_in(err, rc, "%s: ", path);
    else
        rc = parse(path, &bytes, form, ret, err);
    pf_buffer_release(&bytes);
    return rc;
}
