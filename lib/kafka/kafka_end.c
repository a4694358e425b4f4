#include "kafka_end.h"

#include <inttypes.h>

#include "clock.h"

/* How often the end is looked up while records keep coming. */
#define INTERVAL_MS 100

/* Most transactions are short: one that holds records back longer than this
 * is logged. */
#define HELD_MS 2000

/* Timeout of a request to the brokers at the end. */
#define ASK_MS 500

/* Is the last stable offset still the end that was reached? If not, new
 * records have just come, and nothing holds them back. */
static bool is_stable(const struct pf_kafka_end *end, rd_kafka_t *rk)
{
    int64_t low, stable;

    return rd_kafka_query_watermark_offsets(rk, end->start->topic,
                                            end->start->partition, &low,
                                            &stable, ASK_MS) ||
           stable <= end->at;
}

/* How many records before the topic's end, high, cannot be read yet. */
static void note_held(struct pf_kafka_end *end, rd_kafka_t *rk, int64_t high,
                      bool last)
{
    const struct pf_kafka_start *start = end->start;
    int64_t n = end->at >= 0 && high > end->at ? high - end->at : 0;
    int64_t now = end->looked_up_ms;

    if (n && last && !is_stable(end, rk))
        n = 0;
    pf_stats_set(start->stats, start->held_metric, (uint64_t)n);
    if (!n)
        end->held_since_ms = 0;
    else if (!end->held_since_ms)
        end->held_since_ms = now;
    if (n && (last || now - end->held_since_ms >= HELD_MS))
        pf_log_limited(&end->log_limit, PF_LOG_WARNING,
                       "an open transaction at offset %" PRId64
                       " of %s [%" PRId32 "] holds back %" PRId64
                       " records until it ends",
                       end->at, start->topic, start->partition, n);
}

void pf_kafka_end_look_up(struct pf_kafka_end *end, rd_kafka_t *rk,
                          bool hurried, bool last)
{
    const struct pf_kafka_start *start = end->start;
    int64_t now = pf_now_ms(), low, high;

    if (hurried && !end->held_since_ms && now - end->looked_up_ms < INTERVAL_MS)
        return;
    end->looked_up_ms = now;
    if (rd_kafka_get_watermark_offsets(rk, start->topic, start->partition, &low,
                                       &high) ||
        high < 0)
        return;
    pf_stats_set(start->stats, start->end_metric, (uint64_t)high);
    note_held(end, rk, high, last);
}
