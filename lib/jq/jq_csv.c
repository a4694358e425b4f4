#include "jq_csv.h"

#include <stdbool.h>
#include <string.h>

#include "buffer.h"
#include "text.h"
#include "utf8.h"

struct reader {
    const char *at, *end;
    size_t line;           /* that at is in; of a mistake, where that is */
    struct pf_buffer text; /* of a field in quotes */
};

/* How many bytes the end of a line at r->at has; 0: it does not end there. */
static size_t line_end(const struct reader *r)
{
    if (r->at < r->end && *r->at == '\n')
        return 1;
    return r->end - r->at >= 2 && r->at[0] == '\r' && r->at[1] == '\n' ? 2 : 0;
}

static bool is_field_end(const struct reader *r)
{
    return r->at == r->end || *r->at == ',' || line_end(r);
}

/* Pass over the end of a line, if there is one. */
static bool take_line_end(struct reader *r)
{
    size_t n = line_end(r);

    r->at += n;
    r->line += n > 0;
    return n > 0;
}

static enum pf_rc make_field(const char *text, size_t len, jv *ret,
                             struct pf_error *err)
{
    if (!pf_utf8_is_text(text, len))
        return pf_fail(err, PF_FORMAT, "it is not UTF-8, or has a NUL");
    *ret = jv_string_sized(text, (int)len);
    return PF_OK;
}

static enum pf_rc read_plain(struct reader *r, jv *ret, struct pf_error *err)
{
    const char *begin = r->at;

    for (; !is_field_end(r); r->at++) {
        if (*r->at == '"')
            return pf_fail(err, PF_FORMAT,
                           "a quote within a field: the whole field has to be "
                           "in quotes, and this one doubled");
        if (*r->at == '\r')
            return pf_fail(err, PF_FORMAT,
                           "a carriage return: lines end in LF or CRLF");
    }
    return make_field(begin, (size_t)(r->at - begin), ret, err);
}

/* Collect what is in quotes; false: they do not end. */
static bool collect_quoted(struct reader *r)
{
    r->text.n = 0;
    for (;;) {
        const char *begin = ++r->at;

        for (; r->at < r->end && *r->at != '"'; r->at++)
            r->line += *r->at == '\n';
        pf_buffer_put(&r->text, begin, (size_t)(r->at - begin));
        if (r->at == r->end)
            return false;
        r->at++;
        if (r->at == r->end || *r->at != '"')
            return true;
        pf_buffer_put(&r->text, "\"", 1);
    }
}

static enum pf_rc read_quoted(struct reader *r, jv *ret, struct pf_error *err)
{
    size_t line = r->line;

    if (!collect_quoted(r)) {
        r->line = line;
        return pf_fail(err, PF_FORMAT, "a field in quotes that does not end");
    }
    if (!is_field_end(r))
        return pf_fail(err, PF_FORMAT,
                       "more after the quotes of a field: a quote in it has to "
                       "be doubled");
    if (r->text.failed)
        return pf_fail(err, PF_NOMEM, "out of memory");
    return make_field(r->text.at ? r->text.at : "", r->text.n, ret, err);
}

/* The fields of the line at r->at, as an array; go on behind it. */
static enum pf_rc read_line(struct reader *r, jv *ret, struct pf_error *err)
{
    jv fields = jv_array(), field;
    bool more = true;
    enum pf_rc rc = PF_OK;

    while (more && !rc) {
        bool quoted = r->at < r->end && *r->at == '"';

        rc = quoted ? read_quoted(r, &field, err) : read_plain(r, &field, err);
        if (!rc)
            fields = jv_array_append(fields, field);
        more = !rc && r->at < r->end && *r->at == ',';
        r->at += more;
    }
    if (rc) {
        jv_free(fields);
        return rc;
    }
    take_line_end(r);
    *ret = fields;
    return PF_OK;
}

static int count(jv fields)
{
    return jv_array_length(jv_copy(fields));
}

static jv field_at(jv fields, int i)
{
    return jv_array_get(jv_copy(fields), i);
}

/* A field, which is taken over, for a sentence. */
static const char *show(jv field, char *buf, size_t size)
{
    pf_escape(buf, size, jv_string_value(field),
              (size_t)jv_string_length_bytes(jv_copy(field)));
    jv_free(field);
    return buf;
}

/* Column i, whose name is taken over, after those of seen. */
static enum pf_rc check_name(jv name, int i, jv seen, struct pf_error *err)
{
    bool empty = !jv_string_length_bytes(jv_copy(name));
    char shown[60];

    if (empty || !jv_object_has(jv_copy(seen), jv_copy(name))) {
        jv_free(name);
        return empty ? pf_fail(err, PF_FORMAT,
                               "column %d has no name: the first line has "
                               "those of all columns",
                               i + 1)
                     : PF_OK;
    }
    return pf_fail(err, PF_FORMAT, "two columns have the name '%s'",
                   show(name, shown, sizeof shown));
}

/* A table of one column may be meant as one of several. */
static enum pf_rc check_separator(jv name, struct pf_error *err)
{
    bool other = strpbrk(jv_string_value(name), ";\t");
    char shown[60];

    show(name, shown, sizeof shown);
    return other ? pf_fail(err, PF_FORMAT,
                           "the only column is '%s': a comma has to separate "
                           "columns",
                           shown)
                 : PF_OK;
}

static enum pf_rc check_names(jv names, struct pf_error *err)
{
    jv seen = jv_object();
    enum pf_rc rc = PF_OK;

    for (int i = 0; i < count(names) && !rc; i++) {
        rc = check_name(field_at(names, i), i, seen, err);
        seen = jv_object_set(seen, field_at(names, i), jv_true());
    }
    jv_free(seen);
    return rc || count(names) > 1 ? rc
                                  : check_separator(field_at(names, 0), err);
}

/* The row of these fields. */
static jv make_row(jv names, jv fields)
{
    int n = count(names);
    jv row = jv_object();

    for (int i = 0; i < n; i++)
        row = jv_object_set(row, field_at(names, i), field_at(fields, i));
    return row;
}

static enum pf_rc add_row(jv names, jv fields, jv *rows, struct pf_error *err)
{
    int n = count(names), found = count(fields);
    jv key = field_at(fields, 0);
    char shown[60];

    if (found != n) {
        jv_free(key);
        return pf_fail(err, PF_FORMAT,
                       "it has %d field%s, and the first line %d", found,
                       found == 1 ? "" : "s", n);
    }
    if (jv_object_has(jv_copy(*rows), jv_copy(key)))
        return pf_fail(err, PF_FORMAT,
                       "the first field, '%s', is that of an earlier line, too",
                       show(key, shown, sizeof shown));
    *rows = jv_object_set(*rows, key, make_row(names, fields));
    return PF_OK;
}

/* All rows, until the end or a mistake. */
static enum pf_rc read_rows(struct reader *r, jv names, jv *rows,
                            struct pf_error *err)
{
    enum pf_rc rc = PF_OK;

    while (!rc) {
        size_t line;
        jv fields;

        while (take_line_end(r))
            continue;
        if (r->at == r->end)
            return PF_OK;
        line = r->line;
        rc = read_line(r, &fields, err);
        if (rc)
            return rc;
        rc = add_row(names, fields, rows, err);
        jv_free(fields);
        if (rc)
            r->line = line;
    }
    return rc;
}

/* The names of the columns; there is one at least. */
static enum pf_rc read_names(struct reader *r, jv *ret, struct pf_error *err)
{
    size_t line;
    enum pf_rc rc;

    while (take_line_end(r))
        continue;
    line = r->line;
    rc = read_line(r, ret, err);
    if (rc)
        return rc;
    rc = check_names(*ret, err);
    if (rc) {
        jv_free(*ret);
        r->line = line;
    }
    return rc;
}

enum pf_rc pf_jq_csv(const char *csv, size_t len, jv *ret, size_t *ret_line,
                     struct pf_error *err)
{
    struct reader r = {.at = csv, .end = csv + len, .line = 1};
    jv names, rows = jv_object();
    enum pf_rc rc = read_names(&r, &names, err);

    if (!rc) {
        rc = read_rows(&r, names, &rows, err);
        jv_free(names);
    }
    pf_buffer_release(&r.text);
    *ret_line = r.line;
    if (rc)
        jv_free(rows);
    else
        *ret = rows;
    return rc;
}
