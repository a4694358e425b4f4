/* properties_write.h - properties files for Java programs to read. */
#ifndef PF_PROPERTIES_WRITE_H
#define PF_PROPERTIES_WRITE_H

#include <stdio.h>

#include "error.h"
#include "settings.h"

/**
 * Write one line, name=value, so that java.util.Properties reads exactly
 * these two texts back. They are UTF-8; a byte that is not is taken as a
 * Latin-1 character. The caller checks ferror(out).
 */
void pf_properties_write(FILE *out, const char *name, const char *value);

/**
 * Replace the file at path by heading, a comment with its # and newline, and
 * all settings. A reader finds the old file or the new one, never half of one.
 * Only this user can read it, as there may be passwords in it.
 *
 * PF_IO     it cannot be written; the old file, if any, is unchanged
 * PF_NOMEM  out of memory
 */
enum pf_rc pf_properties_write_file(const char *path, const char *heading,
                                    const struct pf_settings *settings,
                                    struct pf_error *err);

#endif
