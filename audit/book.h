/* book.h - what producers wrote into their ledgers (ledger.h). */
#ifndef PF_BOOK_H
#define PF_BOOK_H

#include <stdio.h>

#include "error.h"
#include "topic.h"

/** The outcome of one sending of a record. */
enum pf_end {
    PF_END_NONE,    /* none yet: the producer was killed, or is running */
    PF_END_ACKED,   /* it is in the topic */
    PF_END_FAILED,  /* it is not in the topic */
    PF_END_UNKNOWN, /* the producer does not know */
};

/** From this sending on, until the next span, numbers count up. */
struct pf_sent_span {
    uint64_t at; /* index of the first sending, from 0 */
    uint64_t number;
    uint64_t n;
    int64_t ns;     /* when it was sent, since 1970 */
    uint64_t acked; /* spans of acked that were there before it was sent */
    uint32_t life;
};

/** n sendings were acknowledged, in one slice at offsets from offset on. */
struct pf_acked_span {
    /* They are those from at on; or, if they were not sent in a row, those
     * that stand in listed from at on. */
    uint64_t at, n;
    int64_t offset; /* -1: not known */
    int64_t ns;     /* when the producer got the answer, since 1970 */
    uint32_t slice;
    bool is_listed;
};

/** Once there are that many spans of acked, the highest offset acknowledged in
 * a slice. */
struct pf_top {
    uint64_t acked;
    int64_t offset; /* -1: none in this ledger */
};

typedef PF_VEC(struct pf_top) pf_tops;

/**
 * All sendings in the order of the ledger, five bytes each, and four more for
 * one that was sent by key. A record has more
 * than one if the same run was started again and sent it again.
 */
struct pf_book {
    const struct pf_feed *feed; /* borrowed */
    struct pf_runs *runs;       /* borrowed */
    bool any;                   /* there is a ledger */
    bool cut;                   /* a ledger's last line was incomplete */
    size_t slices;              /* how many the topic has; set before reading */
    PF_VEC(uint32_t) crcs;
    PF_VEC(unsigned char) ends; /* enum pf_end */
    PF_VEC(struct pf_sent_span) sent;
    PF_VEC(struct pf_acked_span) acked;
    PF_VEC(uint32_t) listed; /* sendings */
    PF_VEC(pf_tops) tops;    /* of each slice */
    pf_lives lives;
    PF_VEC(uint64_t)
    firsts; /* of each run in runs, by its first line; or
             * UINT64_MAX */
    uint64_t n_ended[PF_END_UNKNOWN + 1]; /* by how: enum pf_end */
    uint64_t n_killed, n_unaccounted;
    uint64_t killed_max; /* most sendings that one kill left unanswered */
    bool open;           /* the last producer has not written its end line */
    struct pf_histogram answers; /* ns from sending to acknowledgement */

    /* State of the reader. */
    uint32_t run;
    uint32_t slice; /* of the run; PF_NONE: by key, each record says which */
    uint64_t under_way; /* the first sending without an outcome */
    uint64_t n_under_way;
    size_t head, hint; /* spans of under_way, and of the last answer */
};

/** Nothing has been read yet. Both are borrowed. */
struct pf_book pf_book_init(const struct pf_feed *feed, struct pf_runs *runs);
void pf_book_release(struct pf_book *book);

/** The producer was killed: what is under way will have no outcome. */
void pf_book_bury(struct pf_book *book);

/**
 * Set the outcome of a record that is under way, and *ret_at to its sending. ns
 * is the time of an acknowledgement.
 *
 * PF_RANGE  the record of that number was not sent, or has its outcome
 */
enum pf_rc pf_book_settle(struct pf_book *book, enum pf_end end,
                          uint64_t number, int64_t ns, uint64_t *ret_at);

/** Note that sendings were acknowledged. False: memory ran out. */
bool pf_book_acked(struct pf_book *book, const struct pf_acked_span *span);

/** What was acknowledged before belongs to another ledger. False: memory ran
 * out. */
bool pf_book_begin(struct pf_book *book);

/** The highest offset in that slice that was acknowledged, in the same ledger,
 * before this was sent: its own offset has to be higher. -1: none. */
int64_t pf_book_behind(const struct pf_book *book,
                       const struct pf_sent_span *sent, uint32_t slice);

/* What follows is in book_read.c. */

/**
 * Read the ledger of a producer to the feed's partition, or to any of all;
 * call it once for each
 * of several. where is its name in messages.
 *
 * An incomplete line is accepted where a kill can leave one: at the end, or
 * before the first line of the next producer.
 *
 * PF_FORMAT  some other line is not as ledger.h says
 * PF_RANGE   a line speaks of a record that was not sent, or has its outcome
 * PF_CONFIG  it is the ledger of another topic or partition
 * PF_IO      reading failed
 * PF_NOMEM   memory ran out
 */
enum pf_rc pf_book_read(struct pf_book *book, FILE *in, const char *where,
                        struct pf_error *err);

/** The same for each of several files, separated by commas. PF_IO: also if one
 * cannot be opened. */
enum pf_rc pf_book_read_files(struct pf_book *book, const char *files,
                              struct pf_error *err);

#endif
