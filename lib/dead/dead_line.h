/* dead_line.h - a dead letter as a line of text, and back. */
#ifndef PF_DEAD_LINE_H
#define PF_DEAD_LINE_H

#include <stdbool.h>
#include <stddef.h>

#include "error.h"
#include "record.h"

struct json_object;

/**
 * Write a dead letter (dead_letters.h) as one JSON object without a newline:
 *
 *     {"kind":"missing","reason":"no member 'match'","topic":"prices-topic",
 *      "partition":0,"offset":17,"timestamp":1764140662000,"key":null,
 *      "value":"{\"price\": 4.56}","headers":[{"name":"a","value":"b"}]}
 *
 * (in one line). key, value and the headers are those of the record that was
 * refused. Bytes that are not UTF-8, or have a NUL, are in a member of another
 * name, in base64: key_base64, value_base64, and so on. null: no key, a
 * tombstone, a header without a value; as timestamp: no time.
 *
 * *ret has *ret_len bytes; free() it.
 *
 * PF_FORMAT  it is not a dead letter
 * PF_NOMEM   memory ran out
 */
enum pf_rc pf_dead_line_make(const struct pf_record *letter, char **ret,
                             size_t *ret_len, struct pf_error *err);

/**
 * Write all headers of a record as the member headers of such a line, for a
 * place that keeps the other members in its own way. ascii: what is not ASCII
 * is in base64, too, for a place that may not have each character.
 *
 * Returns a text to free(); NULL: memory ran out.
 */
char *pf_dead_line_headers(const struct pf_record *record, bool ascii);

/** A dead letter that was read from a line. */
struct pf_dead_line {
    struct pf_record record; /* its bytes are in object */
    struct pf_headers headers;
    struct pf_header *at; /* owned */
    struct json_object *object;
};

/**
 * Read such a line, of len bytes: ret->record is then the dead letter that it
 * was made of, with its own headers and ours; its offset is -1. It belongs to
 * *ret, which pf_dead_line_release() frees.
 *
 * PF_FORMAT  it is not such a line; *err says why
 * PF_NOMEM   memory ran out
 */
enum pf_rc pf_dead_line_read(const char *line, size_t len,
                             struct pf_dead_line *ret, struct pf_error *err);

void pf_dead_line_release(struct pf_dead_line *line);

#endif
