/* table.h - lines of text in columns. */
#ifndef PF_TABLE_H
#define PF_TABLE_H

#include "buffer.h"
#include "vec.h"

#define PF_TABLE_COLUMNS 8

/** Cells, row by row. All zero but for columns is an empty one. */
struct pf_table {
    size_t columns; /* PF_TABLE_COLUMNS at most */
    size_t widths[PF_TABLE_COLUMNS];
    PF_VEC(char *) cells;
    bool failed; /* memory ran out: it has nothing, and takes nothing more */
};

/** Append a cell with the text that printf(3) makes. */
void pf_table_put(struct pf_table *table, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/** The same for any text from outside, in printable ASCII. */
void pf_table_escape(struct pf_table *table, const char *text);

/** Free what it has; it is empty again. */
void pf_table_clear(struct pf_table *table);

/**
 * Append the table to *ret, two blanks between columns, and an empty line after
 * it; then free what it has. ret fails if memory ran out.
 */
void pf_table_end(struct pf_table *table, struct pf_buffer *ret);

#endif
