/* relay.h - write all logs of a feed to standard error, as lines of JSON. */
#ifndef PF_RELAY_H
#define PF_RELAY_H

#include <stdbool.h>
#include <stdint.h>

#include "log_dir.h"
#include "log_gather.h"
#include "outlet.h"

/** A log, and what is known of its last record. */
struct relay_log {
    struct log_gather gather;
    int64_t
        first_ms;    /* on the monotonic clock: when its record began to come */
    int64_t last_ms; /* when the last of it came */
};

/** Large, and little of it is ever touched: allocate it with calloc(). */
struct relay {
    int own; /* pipe: the lines of pf-init, and of what it runs; -1: at its end
              */
    bool has_ended; /* no more will come, in the logs neither */
    struct relay_log own_log;
    struct log_dir dir;
    struct relay_log logs[LOGS_MAX]; /* of dir.trails */
    struct outlet out;
    int64_t written_ms;     /* when out last was not full */
    uint64_t dropped_lines; /* since the last time that was said */
    uint64_t dropped_files;
};

/**
 * Read from the pipe own, which must not block, and all logs in the directory
 * at path; write to the open file of fd out. own and out stay the caller's.
 * *relay is zeros before; any outcome is released with relay_release().
 *
 * PF_IO  the directory cannot be opened, or not be watched
 */
enum pf_rc relay_open(struct relay *relay, int own, int out, const char *path,
                      struct pf_error *err);
void relay_release(struct relay *relay);

/**
 * Write what comes, until the pipe has ended and all is written, or nobody
 * reads it any more. While out has no room, lines stay in their files; those
 * that are deleted meanwhile are counted, and the next line says how many.
 */
void relay_run(struct relay *relay);

#endif
