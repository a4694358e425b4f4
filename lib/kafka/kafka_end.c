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
static bool is_stable(const struct pf_kafka_part *part, rd_kafka_t *rk)
{
    int64_t low, stable;

    return rd_kafka_query_watermark_offsets(rk, part->topic, part->number, &low,
                                            &stable, ASK_MS) ||
           stable <= part->end;
}

/* How many records before the partition's end, high, cannot be read yet. */
static int64_t count_held(struct pf_kafka_end *end, struct pf_kafka_part *part,
                          rd_kafka_t *rk, int64_t high, bool last)
{
    int64_t n = part->end >= 0 && high > part->end ? high - part->end : 0;
    int64_t now = end->looked_up_ms;

    if (n && last && !is_stable(part, rk))
        n = 0;
    if (!n)
        part->since_ms = 0;
    else if (!part->since_ms)
        part->since_ms = now;
    if (n && (last || now - part->since_ms >= HELD_MS))
        pf_log_limited(&end->log_limit, PF_LOG_WARNING,
                       "an open transaction at offset %" PRId64
                       " of %s [%" PRId32 "] holds back %" PRId64
                       " records until it ends",
                       part->end, part->topic, part->number, n);
    return n;
}

static bool any_held(const struct pf_kafka_parts *parts)
{
    for (size_t i = 0; i < parts->list.n; i++)
        if (parts->list.at[i]->since_ms)
            return true;
    return false;
}

void pf_kafka_end_look_up(struct pf_kafka_end *end, struct pf_kafka_seen *seen,
                          const struct pf_kafka_parts *parts, rd_kafka_t *rk,
                          bool hurried, bool last)
{
    int64_t now = pf_now_ms(), sum = 0, held = 0;
    bool known = false;

    if (hurried && now - end->looked_up_ms < INTERVAL_MS && !any_held(parts))
        return;
    for (size_t i = 0; i < parts->list.n; i++) {
        struct pf_kafka_part *part = parts->list.at[i];
        int64_t low, high = -1;

        if (part->position < 0)
            continue; /* nothing is known of it yet */
        rd_kafka_get_watermark_offsets(rk, part->topic, part->number, &low,
                                       &high);
        if (high >= 0) {
            part->high = high;
            known = true;
            held += count_held(end, part, rk, high, last);
        }
        sum += part->high > part->position ? part->high : part->position;
    }
    if (known) /* before the first answer, look again */
        end->looked_up_ms = now;
    seen->position = pf_kafka_parts_position(parts);
    seen->end = sum;
    seen->held = held;
}
