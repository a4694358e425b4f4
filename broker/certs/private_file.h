/* private_file.h - files that only this user may read. */
#ifndef PF_PRIVATE_FILE_H
#define PF_PRIVATE_FILE_H

#include <stddef.h>

#include "error.h"

/**
 * Replace the file at path by the len bytes at bytes, with mode 600. They are
 * on the disk before the file has its name: a reader, or the next start after
 * a power cut, finds the old file or the new one, never half of one.
 *
 * PF_IO     it cannot be written; the old file, if any, is unchanged
 * PF_NOMEM  out of memory
 */
enum pf_rc pf_private_file_write(const char *path, const void *bytes,
                                 size_t len, struct pf_error *err);

/**
 * Read the password in the file at path, which may be a pipe: one line of 1 to
 * size - 1 bytes, without its end, LF or CRLF. ret is then a string.
 *
 * PF_AGAIN   there is no such file
 * PF_CONFIG  it cannot be read, is empty or too long, or has a NUL or more
 *            lines than one
 */
enum pf_rc pf_password_read(const char *path, char *ret, size_t size,
                            struct pf_error *err);

/** Size of a password that pf_password_make() makes, with its closing NUL. */
#define PF_PASSWORD_SIZE 33

/**
 * Make a password of letters, digits, '-' and '_' from the kernel's random
 * numbers: 192 bits, which nobody can guess.
 *
 * PF_IO  the kernel has none
 */
enum pf_rc pf_password_make(char ret[PF_PASSWORD_SIZE], struct pf_error *err);

#endif
