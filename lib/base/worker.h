/* worker.h - a thread for calls that wait and cannot be interrupted. */
#ifndef PF_WORKER_H
#define PF_WORKER_H

#include <stdbool.h>

#include "error.h"

struct pf_worker;

/**
 * Start the thread, which has nothing to do yet.
 *
 * PF_IO     the system gave no thread or no descriptor
 * PF_NOMEM  out of memory
 */
enum pf_rc pf_worker_open(struct pf_worker **ret, struct pf_error *err);

/** Let the thread call job(context), and return at once. None may be under way.
 * Until it has ended, what it uses is the thread's. */
void pf_worker_begin(struct pf_worker *worker, void (*job)(void *context),
                     void *context);

/** Is a job under way? If not, what it wrote can be read. */
bool pf_worker_busy(struct pf_worker *worker);

/** Wait up to timeout_ms milliseconds until no job is under way, or a stop is
 * asked for. Returns as pf_wait() (stop.h). */
enum pf_rc pf_worker_wait(struct pf_worker *worker, int timeout_ms);

/**
 * End the thread: true. If its job has not ended after timeout_ms
 * milliseconds, it is left to the end of the process, with all that it uses:
 * false. NULL does nothing.
 */
bool pf_worker_close(struct pf_worker *worker, int timeout_ms);

#endif
