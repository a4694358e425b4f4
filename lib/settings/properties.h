/* properties.h - read Java's properties files, as Kafka uses them. */
#ifndef PF_PROPERTIES_H
#define PF_PROPERTIES_H

#include <stdio.h>

#include "error.h"

/** The longest logical line in bytes, continuations included. */
#define PF_PROPERTIES_LINE_MAX 65536

/**
 * Called for each property, in the order of the file. name and value are
 * borrowed for the duration of the call; line, counted from 1, is where the
 * property begins. Anything but PF_OK ends the reading with that code.
 */
typedef enum pf_rc pf_property_fn(void *context, const char *name,
                                  const char *value, int line,
                                  struct pf_error *err);

/**
 * Read properties from in, until its end, and call put for each.
 *
 * As in java.util.Properties: a line is `name=value`, `name: value` or `name
 * value`, a comment that begins with # or !, or blank; a backslash at the end
 * continues it; \t \n \r \f \uXXXX (as UTF-8) are escapes, and a backslash
 * before anything else is dropped. Lines may end in CRLF, and the file may
 * begin with a byte order mark. Unlike in Java, these are errors, because they
 * are mistakes: a name with neither separator nor value, a bad \u, a NUL byte,
 * a line longer than PF_PROPERTIES_LINE_MAX.
 *
 * where names the input in messages, which begin with "WHERE:LINE: ", those of
 * put included.
 *
 * PF_CONFIG  a mistake in the file
 * PF_IO      reading failed
 * other      what put returned
 */
enum pf_rc pf_properties_read(FILE *in, const char *where, pf_property_fn *put,
                              void *context, struct pf_error *err);

/** The same for the file at path; messages name it by its path. */
enum pf_rc pf_properties_read_file(const char *path, pf_property_fn *put,
                                   void *context, struct pf_error *err);

#endif
