/* input.h - the bytes of a file, packed or not, or of standard input. */
#ifndef PF_INPUT_H
#define PF_INPUT_H

#include <stddef.h>

#include "error.h"

struct pf_input;

/**
 * Open the file at path, or standard input for `-`. What begins as gzip, bzip2
 * or zstd does is unpacked on the way, whatever its name is.
 *
 * PF_CONFIG  there is no such file, or it cannot be read
 * PF_NOMEM   memory ran out
 */
enum pf_rc pf_input_open(const char *path, struct pf_input **ret,
                         struct pf_error *err);

/**
 * Read 1 to size bytes into buf; wait for them timeout_ms milliseconds at
 * most, and no longer than until a stop is asked for.
 *
 * As gzip does, it passes over zeros after the end of packed data, and ends at
 * any other bytes, which it says in the log.
 *
 * PF_OK      *ret_len bytes are there
 * PF_AGAIN   none yet
 * PF_END     none ever again
 * PF_FORMAT  packed data are damaged or cut off: none ever again; *err says
 *            how, and not of which file
 * PF_CONFIG  it is of a form that is not read; *err says of which
 * PF_IO      reading failed
 * PF_NOMEM   memory ran out
 */
enum pf_rc pf_input_read(struct pf_input *input, int timeout_ms, char *buf,
                         size_t size, size_t *ret_len, struct pf_error *err);

/**
 * Begin anew with the first byte.
 *
 * PF_IO  it is a pipe or the like, which gives its bytes once
 */
enum pf_rc pf_input_rewind(struct pf_input *input, struct pf_error *err);

/** What messages call it: its path, or "standard input". */
const char *pf_input_name(const struct pf_input *input);

/** Closing NULL does nothing. */
void pf_input_close(struct pf_input *input);

#endif
