/* record_json.h - a record as the API shows it: byte for byte, but not all. */
#ifndef PF_WEB_RECORD_JSON_H
#define PF_WEB_RECORD_JSON_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buffer.h"
#include "record.h"
#include "vec.h"

/** Most headers of a record that are shown. */
#define WEB_HEADERS 100

/** A key, a value, or a part of a header. */
struct web_bytes {
    bool is_there; /* false: it is NULL, which is not empty */
    bool is_text;  /* valid UTF-8 without a NUL: all of it, shown or not */
    size_t size;   /* how many there are */
    size_t at, n;  /* those that are shown, in the record's kept bytes */
};

/** A header. */
struct web_header {
    struct web_bytes name, value;
};

/** A copy of a record, of as much as is shown. All zero: none yet. */
struct web_record {
    int32_t partition;
    int64_t offset, timestamp; /* as in record.h */
    bool appended;
    struct web_bytes key, value;
    PF_VEC(struct web_header) headers;
    size_t headers_left; /* headers that are not shown */
    struct pf_buffer kept;
    bool failed; /* memory ran out */
};

/** Copy record to *ret, whose memory is used again: of its key and of its value
 * most bytes each, of its headers twice that in all. */
void web_record_keep(struct web_record *ret, const struct pf_record *record,
                     size_t most);
void web_record_release(struct web_record *record);

/** The copy as a RECORD of the API. NULL: out of memory. */
struct json_object *web_record_json(const struct web_record *record);

#endif
