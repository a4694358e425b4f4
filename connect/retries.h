/* retries.h - what a worker of Kafka Connect tries again and again, and tells
 * only its log.
 *
 * Where a task cannot start, Debezium (3.5.0) asks the worker to call it again,
 * whatever errors.max.retries is. The worker does so for ever, and its REST API
 * says that the task runs.
 */
#ifndef PF_RETRIES_H
#define PF_RETRIES_H

#include "error.h"

struct retries;

/** Called with the connector's name and the trace, both until it returns. */
typedef void retries_take(void *context, const char *name, const char *trace);

/**
 * Follow the log at path, from its end on; one that is not there yet from its
 * beginning. retries_free() takes NULL.
 *
 * PF_NOMEM  out of memory
 */
enum pf_rc retries_new(const char *path, struct retries **ret,
                       struct pf_error *err);
void retries_free(struct retries *retries);

/** Read what was added, in the log's next file, too, and call take for each
 * retry; for the last one at the next look, as its trace may go on. What cannot
 * be read now is read at a later look. */
void retries_look(struct retries *retries, retries_take *take, void *context);

#endif
