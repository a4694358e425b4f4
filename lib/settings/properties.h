/* properties.h - Java's properties dialect, which Kafka's files are in. */
#ifndef PF_PROPERTIES_H
#define PF_PROPERTIES_H

#include <stdio.h>

#include "error.h"

/** Bytes that the longest logical line may have, continuations included. */
#define PF_PROPERTIES_LINE_MAX 65536

/**
 * Called for each property, in the order of the file. name and value are
 * borrowed for the time of the call; line is where the property begins,
 * counted from 1. Anything but PF_OK ends the reading with that code.
 */
typedef enum pf_rc pf_property_fn(void *context, const char *name,
                                  const char *value, int line,
                                  struct pf_error *err);

/**
 * Read properties from in, until its end, and hand each to put.
 *
 * As in java.util.Properties: a line is `name=value`, `name: value` or `name
 * value`, a comment that begins with # or !, or blank; a backslash at the end
 * continues it; \t \n \r \f \uXXXX (as UTF-8) are escapes, and a backslash
 * before anything else is dropped. Lines may end in CRLF, the file may begin
 * with a byte order mark. Unlike there, these are errors, because they are
 * mistakes: a name with neither separator nor value, a bad \u, a NUL byte, a
 * line beyond PF_PROPERTIES_LINE_MAX.
 *
 * where names the input in messages, which begin with "WHERE:LINE: ", those
 * of put included.
 *
 * PF_CONFIG  a mistake in the file
 * PF_IO      reading failed
 * other      what put returned
 */
enum pf_rc pf_properties_read(FILE *in, const char *where, pf_property_fn *put,
                              void *context, struct pf_error *err);

/** The same for the file at path, which also names it in messages. */
enum pf_rc pf_properties_read_file(const char *path, pf_property_fn *put,
                                   void *context, struct pf_error *err);

#endif
