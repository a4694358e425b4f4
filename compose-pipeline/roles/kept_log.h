/* kept_log.h - what a program says, in a file of limited size. */
#ifndef PF_KEPT_LOG_H
#define PF_KEPT_LOG_H

#include <sys/types.h>

#include "error.h"
#include "places.h"

/** At this size in bytes a log is moved aside to PATH.1, as supervisord does
 * it for the whole feed. */
#define KEPT_LOG_MAX 2000000

/** A log file, and a pipe for those who write it. */
struct kept_log {
    struct pf_path path;
    int file;   /* -1: it cannot be opened, and lines are dropped */
    off_t size; /* of the file, in bytes */
    int given;  /* the pipe's end to be a program's standard error */
    int from;   /* our end, which never waits */
};

/**
 * Open, or go on with, the log at PF_RUN/log/NAME.log. That directory exists.
 *
 * PF_IO  there is no pipe, or the file cannot be opened
 *
 * The descriptors of *ret must be -1. Whatever the outcome, release it with
 * kept_log_close().
 */
enum pf_rc kept_log_open(const struct pf_places *places, const char *name,
                         struct kept_log *ret, struct pf_error *err);

/** Write to the file what programs have written to the pipe. Never waits for
 * them. What a full disk has no room for is dropped. */
void kept_log_copy(struct kept_log *log);

/** Close what is open; all descriptors of *log are then -1. */
void kept_log_close(struct kept_log *log);

#endif
