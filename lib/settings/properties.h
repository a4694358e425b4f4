/* properties.h - read Java's properties files, as Kafka uses them. */
#ifndef PF_PROPERTIES_H
#define PF_PROPERTIES_H

#include "error.h"

/** The longest logical line in bytes, continuations included. */
#define PF_PROPERTIES_LINE_MAX 65536

/**
 * Called for each property, in the order of the file. name and value are
 * borrowed for the duration of the call; where is "PATH:LINE", with the line,
 * counted from 1, in which the property begins, and borrowed as well. Anything
 * but PF_OK ends the reading with that code.
 */
typedef enum pf_rc pf_property_fn(void *context, const char *name,
                                  const char *value, const char *where,
                                  struct pf_error *err);

/**
 * Read the properties in the file at path, and call put for each.
 *
 * As in java.util.Properties: a line is `name=value`, `name: value` or `name
 * value`, a comment that begins with # or !, or blank; a backslash at the end
 * continues it; \t \n \r \f \uXXXX (as UTF-8) are escapes, and a backslash
 * before anything else is dropped. Lines may end in CRLF, and the file may
 * begin with a byte order mark. Unlike in Java, these are errors, because they
 * are mistakes: a name with neither separator nor value, a bad \u, a NUL byte,
 * a line longer than PF_PROPERTIES_LINE_MAX.
 *
 * Messages begin with "PATH:LINE: ", those of put included.
 *
 * PF_CONFIG  a mistake in the file
 * PF_IO      it cannot be read
 * other      what put returned
 */
enum pf_rc pf_properties_read(const char *path, pf_property_fn *put,
                              void *context, struct pf_error *err);

#endif
