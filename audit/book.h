/* book.h - what producers wrote into their ledgers (ledger.h). */
#ifndef PF_BOOK_H
#define PF_BOOK_H

#include <stdio.h>

#include "error.h"
#include "histogram.h"
#include "runs.h"

/** What became of one sending of a record. */
enum pf_end {
    PF_END_NONE,    /* nothing was said: the producer was killed, or runs */
    PF_END_ACKED,   /* it is in the topic */
    PF_END_FAILED,  /* it is not */
    PF_END_UNKNOWN, /* the producer does not know */
};

/** From this sending on, until the next span, numbers count up. */
struct pf_sent_span {
    uint64_t at; /* which sending, from 0 */
    uint64_t number;
    uint64_t n;
    int64_t ns; /* when, since 1970 */
    /* The highest offset that had been acknowledged by then, by this ledger:
     * it has to come behind. -1: none. */
    int64_t behind;
    uint32_t life;
};

/** So many sendings from at on are acknowledged at offsets from offset on. */
struct pf_acked_span {
    uint64_t at, n;
    int64_t offset; /* -1: not said */
    int64_t ns;     /* when the producer knew, since 1970 */
};

/**
 * All sendings in the order of the ledger. A record has one, or several if it
 * was sent again by the same producer's next life: five bytes each.
 */
struct pf_book {
    struct pf_runs *runs; /* borrowed */
    bool any;             /* there was a ledger at all */
    bool cut;             /* the last line of one was not whole */
    PF_VEC(uint32_t) crcs;
    PF_VEC(unsigned char) ends; /* enum pf_end */
    PF_VEC(struct pf_sent_span) sent;
    PF_VEC(struct pf_acked_span) acked;
    pf_lives lives;
    PF_VEC(uint64_t)
    firsts; /* of each run in runs, by its first line; or
             * UINT64_MAX */
    uint64_t n_acked, n_failed, n_unknown, n_killed, n_unaccounted;
    uint64_t killed_max; /* most that one kill left without a word */
    bool open;           /* the last producer has not written its end */

    /* Where the reader is. */
    uint32_t run;       /* PF_NONE before the first */
    uint64_t under_way; /* the first sending without an end */
    uint64_t n_under_way;
    size_t head, hint; /* the spans of under_way, of the last answer */
    int64_t highest;   /* offset acknowledged by this ledger so far, or -1 */
};

struct pf_book pf_book_init(struct pf_runs *runs);
void pf_book_release(struct pf_book *book);

/**
 * Read the ledger of a producer to that partition of topic; several one after
 * the other. where names it in messages. The time between each sending and its
 * acknowledgement goes into answers.
 *
 * A line that is not whole is one that a kill has cut: at the end, or before
 * the line with which the next producer begins.
 *
 * PF_FORMAT  some other line is not as ledger.h says, or speaks of what
 *            was not sent, or of another topic
 * PF_IO      reading failed
 * PF_NOMEM   memory ran out
 */
enum pf_rc pf_book_read(struct pf_book *book, FILE *in, const char *where,
                        const char *topic, int32_t partition,
                        struct pf_histogram *answers, struct pf_error *err);

/** The same for each of files, which are separated by commas. */
enum pf_rc pf_book_read_files(struct pf_book *book, const char *files,
                              const char *topic, int32_t partition,
                              struct pf_histogram *answers,
                              struct pf_error *err);

/** The span of a sending. */
const struct pf_sent_span *pf_book_span(const struct pf_book *book,
                                        uint64_t at);

#endif
