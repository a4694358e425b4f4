#include "table.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "text.h"

/* A name of a topic has 249 bytes, a host's 255; each may become \xNN. */
#define ESCAPED_SIZE (4 * 256)

void pf_table_clear(struct pf_table *table)
{
    for (size_t i = 0; i < table->cells.n; i++)
        free(table->cells.at[i]);
    free(table->cells.at);
    *table = (struct pf_table){.columns = table->columns,
                               .failed = table->failed};
}

/* Takes over cell, which is NULL if memory ran out. */
static void append(struct pf_table *table, char *cell)
{
    size_t column = table->cells.n % table->columns;

    if (!table->failed && cell && PF_VEC_PUSH(&table->cells, cell)) {
        if (strlen(cell) > table->widths[column])
            table->widths[column] = strlen(cell);
        return;
    }
    free(cell);
    table->failed = true;
    pf_table_clear(table);
}

void pf_table_put(struct pf_table *table, const char *fmt, ...)
{
    char *cell = NULL;
    va_list list;

    va_start(list, fmt);
    if (vasprintf(&cell, fmt, list) < 0)
        cell = NULL;
    va_end(list);
    append(table, cell);
}

void pf_table_escape(struct pf_table *table, const char *text)
{
    char escaped[ESCAPED_SIZE];

    append(table,
           strdup(pf_escape(escaped, sizeof escaped, text, strlen(text))));
}

void pf_table_end(struct pf_table *table, struct pf_buffer *ret)
{
    for (size_t i = 0; i < table->cells.n; i++) {
        size_t column = i % table->columns;

        if (column + 1 == table->columns) /* no blanks at a line's end */
            pf_buffer_printf(ret, "%s\n", table->cells.at[i]);
        else
            pf_buffer_printf(ret, "%-*s  ", (int)table->widths[column],
                             table->cells.at[i]);
    }
    pf_buffer_text(ret, "\n");
    if (table->failed) {
        pf_buffer_release(ret);
        ret->failed = true;
    }
    pf_table_clear(table);
}
