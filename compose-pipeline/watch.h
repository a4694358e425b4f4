/* watch.h - the life of a feed, from its start to its end. */
#ifndef PF_WATCH_H
#define PF_WATCH_H

#include "feed.h"

/**
 * Supervise a feed whose supervisord is running, until all processes have
 * ended, and report its progress. feed->exit_code is then the exit code for
 * this process: 0 asked to stop; 2 a program refused its configuration; 1 the
 * feed or its stop failed for another reason; 128+n a second signal n.
 */
void feed_run(struct feed *feed);

#endif
