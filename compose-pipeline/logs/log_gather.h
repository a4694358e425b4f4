/* log_gather.h - the bytes of a log, in pieces, as records: a line, and those
 * after it that belong to it, such as a stack trace. */
#ifndef PF_LOG_GATHER_H
#define PF_LOG_GATHER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Of a longer record, or line, the rest is left out. */
#define LOG_RECORD_MAX 16384

/** Begin with zeros; nothing has to be released. */
struct log_gather {
    size_t record;     /* bytes of the record at the beginning of buf */
    size_t taken;      /* a record that the caller has, and is done with */
    uint64_t cut;      /* bytes of the record that were left out */
    uint64_t line_cut; /* the same of the line that is not complete */
    bool is_cutting;   /* the line that is not complete is too long */
    size_t n;          /* bytes in buf */
    char buf[2 * LOG_RECORD_MAX + 4096];
};

/** Where the next bytes of the log go, and how many fit: 4096 at least, after
 * log_gather_next() has returned false. */
char *log_gather_room(struct log_gather *gather, size_t *ret_size);

/** n bytes have been put there. */
void log_gather_added(struct log_gather *gather, size_t n);

/** A record in a gather's memory, valid until the next call with it. */
struct log_gathered {
    const char *text; /* without the last newline */
    size_t n;
    uint64_t cut; /* bytes that were left out at its end, or within */
};

/** Get the next record whose end is known, because another one begins after it.
 * False: more bytes are needed. */
bool log_gather_next(struct log_gather *gather, struct log_gathered *ret);

/** True if there is a record whose end is not known. */
bool log_gather_has_some(const struct log_gather *gather);

/** Get that record: log_gather_next() has to have returned false. */
void log_gather_flush(struct log_gather *gather, struct log_gathered *ret);

/** No more will come: a line without a newline is complete. False: there is
 * none. */
bool log_gather_end(struct log_gather *gather);

/** Some of the log will be missing: forget the line that is not complete. */
void log_gather_break(struct log_gather *gather);

#endif
