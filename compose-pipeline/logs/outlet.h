/* outlet.h - standard error, as the one who writes all logs to it sees it. */
#ifndef PF_OUTLET_H
#define PF_OUTLET_H

#include <stdbool.h>

#include "log_object.h"

/** What is being written. */
struct outlet {
    int fd;
    bool is_gone;   /* whoever read it has gone: all that comes is dropped */
    bool may_block; /* fd is shared with others, which may want it to wait */
    size_t n, done; /* bytes in buf, and of these written */
    char buf[LOG_OBJECT_SIZE];
};

/** Write to the open file of fd, which stays open and as it is. */
void outlet_init(struct outlet *outlet, int fd);
void outlet_release(struct outlet *outlet);

/** True while something is waiting for room: then no more may be put there. */
bool outlet_is_full(const struct outlet *outlet);

/** Write what is waiting, as far as there is room. Never waits. */
void outlet_flush(struct outlet *outlet);

/**
 * Write one object: with one write(2), if there is room for it as a whole.
 * Otherwise the rest is written later, by outlet_flush().
 */
void outlet_put(struct outlet *outlet, const struct log_record *record);

#endif
