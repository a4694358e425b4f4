/* template.h - a template: a program in jq that makes records of numbers. */
#ifndef PF_TEMPLATE_H
#define PF_TEMPLATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buffer.h"
#include "error.h"

/** Which one, and what it is given. Strings are borrowed while it is open. */
struct pf_template_conf {
    const char *file;
    const char *key;  /* path of the member that becomes the key, as for
                       * pf_json_find_init(); "": records have none */
    uint64_t seed;    /* of the random numbers */
    int64_t n_random; /* of these for a record */
};

/** A record of it: where its bytes are in a buffer. */
struct pf_template_record {
    size_t value, value_len;
    size_t key, key_len;
    bool has_key;
};

/** Is used by the thread that opened it alone. */
struct pf_template;

/**
 * Random number i, counted from 0, of the record with number seq, in
 * billionths. It depends on nothing else, so with more numbers for a record
 * these stay as they are.
 */
uint32_t pf_template_random(uint64_t seed, uint64_t seq, uint64_t i);

/**
 * Append the text of a template.
 *
 * PF_CONFIG  it cannot be read, or is not a program
 * PF_NOMEM   memory ran out
 */
enum pf_rc pf_template_read(const char *file, struct pf_buffer *ret,
                            struct pf_error *err);

/**
 * Read and compile a template. It must not use the clock, but for the time that
 * it is given.
 *
 * PF_CONFIG  it cannot be read, is not a regular file, or is wrong: *err says
 *            where, with the file and the line, and why
 * PF_FORMAT  the path of the key is wrong
 * PF_IO      the kernel gave no timer
 * PF_NOMEM   memory ran out
 */
enum pf_rc pf_template_open(const struct pf_template_conf *conf,
                            struct pf_template **ret, struct pf_error *err);

/** Closing NULL does nothing. */
void pf_template_close(struct pf_template *template);

/** Records are made between these two. Each is one system call. */
void pf_template_begin(struct pf_template *template);
void pf_template_end(struct pf_template *template);

/**
 * Make the record with number seq: give the program
 *
 *     {"seq": 0, "time": 1793606400.25, "random": [0.731058579, ...]}
 *
 * where time is time_ms, milliseconds since 1970, in seconds, and random
 * numbers are from 0 up to but not including 1; and append its one result, and
 * its key, to *out. A string is the value as it is, so that it need not be
 * JSON; anything else becomes compact JSON with the members in the program's
 * order. A value without the member of the key, or where that is null, has no
 * key.
 *
 * PF_FORMAT  the program fails, or has no result, or several
 * PF_RANGE   it takes too long, or too much memory, or its result is nested too
 *            deeply
 * PF_NOMEM   memory ran out
 *
 * After an error, which has the file and seq, *out may have more bytes.
 */
enum pf_rc pf_template_make(struct pf_template *template, uint64_t seq,
                            int64_t time_ms, struct pf_buffer *out,
                            struct pf_template_record *ret,
                            struct pf_error *err);

#endif
