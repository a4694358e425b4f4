/* start_page.h - when the feed's page, pf-web, is started.
 *
 * It is started after the first price, or after a while if none comes, so that
 * the feed starts no later for it. supervisord cannot do that, and would
 * restart it for ever while the feed can do without it: it starts the page when
 * it is asked to, each time.
 */
#ifndef PF_START_PAGE_H
#define PF_START_PAGE_H

#include "feed.h"

/**
 * Plan to start the page, unless WEB_ENABLED is false. feed->state is open.
 *
 * PF_CONFIG  WEB_ENABLED is neither true nor false
 */
enum pf_rc page_init(struct feed *feed, struct pf_error *err);

/** The page has ended: have it started again. */
void page_restart(struct feed *feed);

/** If its time has come, ask supervisord to start it. */
void page_look(struct feed *feed);

/** Milliseconds until the next such call is due; -1: never. */
int page_due_ms(const struct feed *feed);

#endif
