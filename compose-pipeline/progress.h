/* progress.h - report the progress and the end of a feed to the user. */
#ifndef PF_PROGRESS_H
#define PF_PROGRESS_H

#include "feed.h"
#include "programs.h"

/** Note that the broker is ready, and report it the first time. */
void progress_broker_ready(struct feed *feed);

/** Report news since the last call: the first price, or that the broker takes
 * too long. */
void progress_look(struct feed *feed);

/** Milliseconds until the next such call is due; -1: never. */
int progress_due_ms(const struct feed *feed);

/** Report that a program has failed that the feed can do without. */
void progress_lost(const struct feed *feed, const struct program *program);

/** Report how it ended; if a program failed, with the end of its log. */
void progress_report(const struct feed *feed);

#endif
