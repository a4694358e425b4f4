/* jq_file.h - what is in a file, as a value of libjq's.
 *
 * The end of its name says what it is, in capitals as well:
 *
 *     .json            a JSON value
 *     .jsonl, .ndjson  an array of the JSON values that its lines are
 *     .csv             an object of its rows, as in jq_csv.h
 *
 * JSON is what it is in a record (jq_value.h). Lines may end in CRLF, empty
 * ones do not count, and the file may begin with a byte order mark.
 */
#ifndef PF_JQ_FILE_H
#define PF_JQ_FILE_H

#include <jv.h>

#include "error.h"

/** Bytes of the longest such file: libjq takes 6 to 45 times as much memory for
 * its values, for old and new ones while it is read again, and up to some
 * seconds, in which no record goes on. */
#define PF_JQ_FILE_MAX (8 << 20)

/**
 * Read it; jv_free() *ret. It is never waited for.
 *
 * PF_IO      it cannot be read
 * PF_CONFIG  its name ends in something else, or it is not a regular file
 * PF_FORMAT  it is not what its name says, is empty, or is too long
 * PF_NOMEM   memory ran out
 *
 * *err begins with its name, and the line if there is one: "devices.csv:7: ".
 */
enum pf_rc pf_jq_file_read(const char *path, jv *ret, struct pf_error *err);

#endif
