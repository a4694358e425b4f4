/* jq_record.h - what a program in jq knows of the record that its input comes
 * from. */
#ifndef PF_JQ_RECORD_H
#define PF_JQ_RECORD_H

#include <jv.h>

#include "record.h"

/**
 * $record: an object with topic, partition and offset; timestamp, in
 * milliseconds since 1970, or null; key, a string or null; headers, an object
 * with a string or null for each name, of which the last one counts; and value,
 * which is taken over. Of bytes that are not UTF-8 each becomes U+FFFD.
 */
jv pf_jq_record(const struct pf_record *record, jv value);

#endif
