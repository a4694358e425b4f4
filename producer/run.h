/* run.h - the name of a run, and how far the topic has it. */
#ifndef PF_RUN_H
#define PF_RUN_H

#include "headers.h"
#include "place.h"
#include "sources.h"

/**
 * Write the run's name to ret: the wanted one; where that is empty one that no
 * run has had.
 *
 * PF_CONFIG  wanted is too long or has a character that is not allowed
 * PF_IO      the kernel gave no random number
 */
enum pf_rc pf_run_name(const char *wanted, char ret[static PF_RUN_SIZE],
                       struct pf_error *err);

/**
 * Two recordings of the same file's name are two runs: complete the name of one
 * by a hash of its first event. So it stays the same when the file is moved,
 * packed or continued. Of a file that begins with a MiB of something else it is
 * left as it is.
 *
 * PF_CONFIG  the recording cannot be opened, or is of a form that is not read
 * PF_IO      it cannot be read
 * PF_NOMEM   memory ran out
 */
enum pf_rc pf_run_tell_apart(const struct pf_sources *sources,
                             char run[static PF_RUN_SIZE],
                             struct pf_error *err);

/** pf_place_find() for a run of that source; says what it has found. */
enum pf_rc pf_run_find(const rd_kafka_conf_t *conf, const char *topic,
                       int32_t partition, const char *run,
                       const struct pf_sources *sources, struct pf_place *ret,
                       struct pf_error *err);

#endif
