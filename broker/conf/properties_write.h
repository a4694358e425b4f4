/* properties_write.h - properties files for Java programs to read. */
#ifndef PF_PROPERTIES_WRITE_H
#define PF_PROPERTIES_WRITE_H

#include <stdio.h>

#include "error.h"
#include "settings.h"

/**
 * Write one line, name=value, so that java.util.Properties reads exactly
 * these two texts back. They are UTF-8; a byte that is not stands for the
 * Latin-1 letter. Whether writing worked is ferror(out)'s to tell.
 */
void pf_properties_write(FILE *out, const char *name, const char *value);

/**
 * Make the file at path hold heading, which is a comment with its # and
 * newline, and then all settings: a reader finds the old file or the new one,
 * never half. Only this user may read it, for there may be passwords in it.
 *
 * PF_IO     it cannot be written; the old file, if any, is as it was
 * PF_NOMEM  memory ran out
 */
enum pf_rc pf_properties_write_file(const char *path, const char *heading,
                                    const struct pf_settings *settings,
                                    struct pf_error *err);

#endif
