/* dead_file.h - dead letters to a file, one line of JSON each (dead_line.h). */
#ifndef PF_DEAD_FILE_H
#define PF_DEAD_FILE_H

#include <librdkafka/rdkafka.h>

#include "dead_conf.h"
#include "error.h"
#include "sink.h"

/**
 * Open the file at path to append to it; it is created if it is missing. If its
 * last line has no end, because the disk was full or the machine stopped, that
 * line gets one with the first dead letter. Each program needs a file of its
 * own: where a full disk cuts one off, another would append to half a line.
 * Of conf only its file counts; like is not used.
 *
 * A letter has arrived when it is on the disk, whole. If the disk is full, or
 * fails, flush() fails with PF_IO: the program ends, no position beyond that
 * letter is committed, and the next start reads the record again. After the
 * disk was full, a later flush() may succeed; after it failed, none does.
 *
 * PF_CONFIG  path cannot be opened, is not a regular file, or is, by whatever
 *            name, the file that the records come from
 * PF_NOMEM   out of memory
 */
enum pf_rc pf_dead_file_open(const struct pf_dead_conf *conf, const char *path,
                             const rd_kafka_conf_t *like, struct pf_sink **ret,
                             struct pf_error *err);

#endif
