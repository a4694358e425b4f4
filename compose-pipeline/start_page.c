#include "start_page.h"

#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "feed_state.h"
#include "programs.h"

/* Without a price by then, the page shows what the feed waits for. */
#define NO_PRICE_MS 5000

/* How often to ask supervisord again when it does not listen. */
#define ASK_MS 20

enum pf_rc page_init(struct feed *feed, struct pf_error *err)
{
    const char *enabled = getenv("WEB_ENABLED");

    if (!enabled || !*enabled || !strcmp(enabled, "true"))
        feed->page = PAGE_LATER;
    else if (!strcmp(enabled, "false"))
        state_program(feed->state, program_find("web"), PROGRAM_STOPPED, 0);
    else
        return pf_fail(err, PF_CONFIG,
                       "environment WEB_ENABLED: '%.40s' is neither true nor "
                       "false",
                       enabled);
    return PF_OK;
}

void page_restart(struct feed *feed)
{
    feed->page = PAGE_START;
}

void page_look(struct feed *feed)
{
    if (feed->page == PAGE_LATER &&
        (feed->first_price || !pf_left_ms(feed->started_ms + NO_PRICE_MS)))
        feed->page = PAGE_START;
    if (feed->page == PAGE_START &&
        !supervisor_ask_start(&feed->supervisor, "web"))
        feed->page = PAGE_NOTHING;
}

int page_due_ms(const struct feed *feed)
{
    switch (feed->page) {
    case PAGE_NOTHING:
        break;
    case PAGE_LATER:
        return pf_left_ms(feed->started_ms + NO_PRICE_MS);
    case PAGE_START:
        return ASK_MS;
    }
    return -1;
}
