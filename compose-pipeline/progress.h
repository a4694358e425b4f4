/* progress.h - how far a feed has come, and how it ended, for a person. */
#ifndef PF_PROGRESS_H
#define PF_PROGRESS_H

#include "feed.h"

/** Note that the broker is ready, and say so the first time. */
void progress_broker_ready(struct feed *feed);

/** Say what has happened since the last look: the first price, or nothing for
 * too long. */
void progress_look(struct feed *feed);

/** Milliseconds until the next look is due; -1: no more. */
int progress_due_ms(const struct feed *feed);

/** Say how it ended; of a program that failed, with the end of its log. */
void progress_report(const struct feed *feed);

#endif
