/* file.h - small files, as a whole. */
#ifndef PF_FILE_H
#define PF_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "buffer.h"
#include "error.h"

/**
 * Append what is in the file at path, max bytes at most, to text; the caller
 * looks at text->failed. *err has the reason without the path, for
 * pf_fail_in().
 *
 * PF_IO  it cannot be read, or is longer; text has some of it
 */
enum pf_rc pf_file_read(const char *path, size_t max, struct pf_buffer *text,
                        struct pf_error *err);

/**
 * Replace the file at path by the len bytes at bytes, with this mode, less what
 * the umask forbids. A reader finds the old file or the new one, never half of
 * one; with sync so does the next start after a power cut: they are on the disk
 * before the file has its name.
 *
 * PF_IO     it cannot be written; the old file, if any, is unchanged
 * PF_NOMEM  out of memory
 */
enum pf_rc pf_file_replace(const char *path, const void *bytes, size_t len,
                           mode_t mode, bool sync, struct pf_error *err);

#endif
