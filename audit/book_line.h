/* book_line.h - a line of a ledger that is being read (ledger.h). */
#ifndef PF_BOOK_LINE_H
#define PF_BOOK_LINE_H

#include "book.h"

/** Most words in a line: run NAME topic TOPIC partition P first N time NS,
 * where P may be by-key. */
#define PF_BOOK_WORDS_MAX 10

/** The longest line has a thousand checksums, and some more words. */
#define PF_BOOK_LINE_MAX 1000000

struct pf_book_line {
    struct pf_book *book;
    char *words[PF_BOOK_WORDS_MAX];
    size_t n;        /* of words */
    enum pf_end end; /* that the line tells of */
};

/** PF_NOMEM, and PF_FORMAT, with their sentence. */
enum pf_rc pf_book_no_memory(struct pf_error *err);
enum pf_rc pf_book_malformed(struct pf_error *err);

/** Parse a word as a number up to INT64_MAX; false if it is not one. */
bool pf_book_number(const char *word, uint64_t *ret);

/** FIRST and COUNT, words 1 and 2 of a line; false if they are not there. */
bool pf_book_range(const struct pf_book_line *line, uint64_t *first,
                   uint64_t *count);

/** Read a line about neighbours: acked, failed or unknown. Fails like
 * pf_book_read(). */
enum pf_rc pf_book_fate(struct pf_book_line *line, struct pf_error *err);

/** Read a line about the records of a run by key that are in a partition, in
 * that order: arrived. Fails likewise. */
enum pf_rc pf_book_arrived(struct pf_book_line *line, struct pf_error *err);

#endif
