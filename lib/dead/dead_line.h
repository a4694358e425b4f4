/* dead_line.h - a dead letter as a line of text. */
#ifndef PF_DEAD_LINE_H
#define PF_DEAD_LINE_H

#include <stddef.h>

#include "error.h"
#include "record.h"

/**
 * Write a dead letter (dead_letters.h) as one JSON object without a newline:
 *
 *     {"kind": "missing", "reason": "no member 'match'", "topic":
 * "prices-topic", "partition": 0, "offset": 17, "timestamp": 1764140662000,
 * "key": null, "value": "{\"price\": 4.56}", "headers": [{"name": "a", "value":
 * "b"}]}
 *
 * key, value and the headers are those of the record that was refused. Bytes
 * that are not UTF-8, or have a NUL, are in a member of another name, in
 * base64: key_base64, value_base64, and so on. null: no key, a tombstone, a
 * header without a value; as timestamp: no time.
 *
 * *ret has *ret_len bytes; free() it.
 *
 * PF_FORMAT  it is not a dead letter
 * PF_NOMEM   memory ran out
 */
enum pf_rc pf_dead_line_make(const struct pf_record *letter, char **ret,
                             size_t *ret_len, struct pf_error *err);

#endif
