/* jq_source.h - the text of a program in jq, and how libjq speaks of it. */
#ifndef PF_JQ_SOURCE_H
#define PF_JQ_SOURCE_H

#include <stdbool.h>

#include "buffer.h"
#include "error.h"

/** A text longer than this is not a program, in bytes. */
#define PF_JQ_SOURCE_MAX (1 << 20)

/** All zero: none. Members are for reading. */
struct pf_jq_source {
    const char *path; /* borrowed from what it was read from; NULL: no file */
    struct pf_buffer text;
};

/**
 * Read program: a text, or a file if it is file:PATH. It is borrowed.
 *
 * PF_CONFIG  the file cannot be read, or is not a program: too long, a NUL, or
 *            no more than blanks; or the text mentions $ENV
 * PF_NOMEM   memory ran out
 */
enum pf_rc pf_jq_source_read(const char *program, struct pf_jq_source *ret,
                             struct pf_error *err);

void pf_jq_source_release(struct pf_jq_source *source);

/** Is this variable mentioned, be it in a comment or a string? name is without
 * its $. */
bool pf_jq_source_mentions(const struct pf_jq_source *source, const char *name);

/**
 * Append what has to come before any program, in the same line: definitions
 * with which libjq refuses to compile one that uses what is not for it; with
 * pure also what is the clock's.
 */
void pf_jq_source_prelude(bool pure, struct pf_buffer *out);

/** PF_CONFIG, with what libjq has said of the source: where, and what. */
enum pf_rc pf_jq_source_fail(const struct pf_jq_source *source,
                             const char *message, struct pf_error *err);

#endif
