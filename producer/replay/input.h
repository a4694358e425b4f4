/* input.h - reads a file, packed or not, or standard input. */
#ifndef PF_INPUT_H
#define PF_INPUT_H

#include <stddef.h>

#include "error.h"

struct pf_input;

/**
 * Open the file at path, or standard input for `-`. Data that begin like gzip,
 * bzip2 or zstd are unpacked while reading, whatever the file's name.
 *
 * PF_CONFIG  there is no such file, or it cannot be read
 * PF_NOMEM   memory ran out
 */
enum pf_rc pf_input_open(const char *path, struct pf_input **ret,
                         struct pf_error *err);

/**
 * Read 1 to size bytes into buf. Waits timeout_ms milliseconds at most, or
 * until a stop is asked for.
 *
 * As gzip does, it skips zeros after the end of packed data. Any other bytes
 * there are ignored, with a message in the log.
 *
 * PF_OK      *ret_len bytes were read
 * PF_AGAIN   none have come yet
 * PF_END     no more will come
 * PF_FORMAT  packed data are damaged or cut off: no more will come; *err says
 *            how, without the file's name
 * PF_CONFIG  it is in a format that is not read; *err says which
 * PF_IO      reading failed
 * PF_NOMEM   memory ran out
 */
enum pf_rc pf_input_read(struct pf_input *input, int timeout_ms, char *buf,
                         size_t size, size_t *ret_len, struct pf_error *err);

/**
 * Start again at the first byte.
 *
 * PF_IO  not possible: it is a pipe, for example
 */
enum pf_rc pf_input_rewind(struct pf_input *input, struct pf_error *err);

/** Its name for messages: the path, or "standard input". */
const char *pf_input_name(const struct pf_input *input);

/** Closing NULL does nothing. */
void pf_input_close(struct pf_input *input);

#endif
