#include "progress.h"

#include <stdio.h>

#include "clock.h"
#include "feed_state.h"
#include "say.h"
#include "shortage.h"

/* How often to look for the first price, once the broker is ready: often at
 * first, then rarely, as the pace may be one price in minutes. */
#define LOOK_MS 10
#define LOOK_FOR_MS 20000
#define LOOK_SELDOM_MS 250

/* A broker that is not ready by then may be reading its logs, or waiting for
 * something that never comes: its log tells the user which. */
#define NOT_READY_MS 60000

static double seconds_since(int64_t begin_ms)
{
    return (double)(pf_now_ms() - begin_ms) / 1000;
}

void progress_broker_ready(struct feed *feed)
{
    struct pf_error err;

    if (feed->broker_ready)
        return;
    feed->broker_ready = true;
    state_moment(feed->state, FEED_BROKER_READY, pf_now_ns());
    say("broker ready after %.1f s", seconds_since(feed->started_ms));
    if (pf_volume_mark(&feed->places, &feed->checked.conf, &err))
        say_at(PF_LOG_ERROR, "%s", err.text);
}

/* Look in the consumer's counters for what it has printed. */
static void look_for_first_price(struct feed *feed)
{
    struct pf_path path = pf_path_in(feed->places.run, "consumer.stats");
    struct pf_stats *stats = NULL;
    uint64_t printed = 0;

    if (!pf_stats_attach(path.text, &stats, NULL))
        pf_stats_read(stats, "records_arrived", &printed, NULL);
    pf_stats_close(stats);
    if (!printed)
        return;
    feed->first_price = true;
    state_moment(feed->state, FEED_FIRST_PRICE, pf_now_ns());
    say("first price after %.1f s", seconds_since(feed->started_ms));
}

/* Say the end of that program's log. Returns where it is. */
static struct pf_path say_log(const struct feed *feed, const char *program)
{
    char name[60];
    struct pf_path log;

    snprintf(name, sizeof name, "log/%s.log", program);
    log = pf_path_in(feed->places.run, name);
    say_end_of_log(program, log.text);
    return log;
}

/* The broker is not stopped: reading many logs can take long. */
static void say_not_ready(struct feed *feed)
{
    struct pf_path log = say_log(feed, "kafka");

    feed->said_not_ready = true;
    say_at(PF_LOG_WARNING, "the broker is not ready after %d s; its log is %s",
           NOT_READY_MS / 1000, log.text);
}

/* When to report that the broker is not ready yet. */
static int64_t not_ready_ms(const struct feed *feed)
{
    return feed->broker_ready || feed->said_not_ready
               ? INT64_MAX
               : feed->started_ms + NOT_READY_MS;
}

void progress_look(struct feed *feed)
{
    if (feed->broker_ready && !feed->first_price)
        look_for_first_price(feed);
    if (pf_now_ms() >= not_ready_ms(feed))
        say_not_ready(feed);
}

int progress_due_ms(const struct feed *feed)
{
    int64_t now = pf_now_ms(), then = not_ready_ms(feed);

    if (feed->broker_ready && !feed->first_price)
        return now - feed->started_ms < LOOK_FOR_MS ? LOOK_MS : LOOK_SELDOM_MS;
    if (then == INT64_MAX)
        return -1;
    return then > now ? (int)(then - now) : 0;
}

void progress_lost(const struct feed *feed, const struct program *program)
{
    struct pf_path log = say_log(feed, program->name);

    say_at(PF_LOG_WARNING,
           "%s failed (%s); the feed goes on without %s; its log is %s",
           program->name, feed->how, program->optional, log.text);
}

void progress_report(const struct feed *feed)
{
    struct pf_path log;

    if (!feed->failed) {
        say("stopped%s", feed->exit_code ? "" : " cleanly");
        return;
    }
    log = say_log(feed, feed->failed);
    say_at(PF_LOG_ERROR, "%s failed (%s), which ended the feed; its log is %s",
           feed->failed, feed->how, log.text);
    shortage_explain(&feed->places);
}
