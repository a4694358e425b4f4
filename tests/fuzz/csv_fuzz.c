/* Any bytes are a table: it is refused with a line and a sentence, or it is
 * text and each of its rows has all columns and is found by its first field.
 * Written again with everything in quotes it is the same. */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "buffer.h"
#include "jq_csv.h"
#include "utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds)
        abort();
}

static void put_field(jv field, const char *before, struct pf_buffer *out)
{
    const char *at = jv_string_value(field);
    size_t len = (size_t)jv_string_length_bytes(jv_copy(field));

    pf_buffer_text(out, before);
    pf_buffer_text(out, "\"");
    for (size_t i = 0; i < len; i++) {
        if (at[i] == '"')
            pf_buffer_text(out, "\"");
        pf_buffer_put(out, at + i, 1);
    }
    pf_buffer_text(out, "\"");
}

/* The names of a row's columns, or its fields. */
static void put_line(jv row, bool names, struct pf_buffer *out)
{
    const char *before = "";

    for (int i = jv_object_iter(row); jv_object_iter_valid(row, i);
         i = jv_object_iter_next(row, i)) {
        jv text = names ? jv_object_iter_key(row, i)
                        : jv_object_iter_value(row, i);

        put_field(text, before, out);
        jv_free(text);
        before = ",";
    }
    pf_buffer_text(out, "\r\n");
}

/* The first member of a row is its name in the table. */
static void check_row(jv name, jv row, int columns)
{
    jv first = jv_object_iter_value(row, jv_object_iter(row));

    must(jv_object_length(jv_copy(row)) == columns);
    must(jv_equal(first, jv_copy(name)));
}

static void write_table(jv table, struct pf_buffer *out)
{
    int columns = 0;

    for (int i = jv_object_iter(table); jv_object_iter_valid(table, i);
         i = jv_object_iter_next(table, i)) {
        jv name = jv_object_iter_key(table, i);
        jv row = jv_object_iter_value(table, i);

        if (!columns)
            put_line(row, true, out);
        if (!columns)
            columns = jv_object_length(jv_copy(row));
        check_row(name, row, columns);
        put_line(row, false, out);
        jv_free(name);
        jv_free(row);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *csv = (const char *)data;
    struct pf_error err = {""};
    struct pf_buffer again = {0};
    size_t line = 0, lines = 1;
    jv table, same;

    for (size_t i = 0; i < size; i++)
        lines += csv[i] == '\n';
    if (pf_jq_csv(csv, size, &table, &line, &err)) {
        must(*err.text && line >= 1 && line <= lines);
        return 0;
    }
    must(pf_utf8_is_text(csv, size));
    write_table(table, &again);
    if (again.n)
        must(!pf_jq_csv(again.at, again.n, &same, &line, &err) &&
             jv_equal(same, jv_copy(table)));
    pf_buffer_release(&again);
    jv_free(table);
    return 0;
}
