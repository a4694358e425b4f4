/* topics_gone.c - wait until no broker lists a deleted topic. */
#include "topics_gone.h"

#include <string.h>

#include "clock.h"
#include "stop.h"
#include "text.h"

#define ASK_MS 2000  /* for a broker's answer */
#define PAUSE_MS 100 /* between two questions to a broker */

static bool is_one_of(const char *const *topics, size_t n, const char *topic)
{
    for (size_t i = 0; i < n; i++)
        if (!strcmp(topics[i], topic))
            return true;
    return false;
}

/* Ask the broker at address, and no other. *ret is the name of one of these
 * topics that it lists, in a form that can be printed, or "".
 *
 * PF_AGAIN  it does not answer
 */
static enum pf_rc ask(const struct ctl *ctl, const char *address,
                      const char *const *topics, size_t n, char *ret,
                      size_t size, struct pf_error *err)
{
    struct pf_cluster seen = {.controller = -1};
    enum pf_rc rc = ctl_ask_at(ctl, address, ASK_MS, &seen, err);

    *ret = '\0';
    for (size_t i = 0; !rc && !*ret && i < seen.partitions.n; i++) {
        const char *topic = seen.partitions.at[i].topic;

        if (is_one_of(topics, n, topic))
            pf_escape(ret, size, topic, strlen(topic));
    }
    pf_cluster_release(&seen);
    return rc;
}

static enum pf_rc await_one(const struct ctl *ctl,
                            const struct pf_cluster_node *node,
                            const char *const *topics, size_t n,
                            int64_t deadline_ms, struct pf_error *err)
{
    char topic[260];

    for (;;) {
        enum pf_rc rc = ask(ctl, node->address, topics, n, topic, sizeof topic,
                            err);

        if (rc != PF_AGAIN && (rc || !*topic))
            return rc;
        if (pf_left_ms(deadline_ms))
            pf_wait(-1, 0, PAUSE_MS);
        else if (rc)
            return pf_fail(err, PF_IO,
                           "the topics are deleted, but broker %d does not "
                           "answer, and may still list them; see pf-broker "
                           "status, then try again",
                           (int)node->id);
        else
            return pf_fail(err, PF_IO,
                           "the topics are deleted, but broker %d still lists "
                           "'%s': if a program has made it again, stop that "
                           "one first; then try again",
                           (int)node->id, topic);
    }
}

enum pf_rc ctl_await_gone(const struct ctl *ctl,
                          const struct pf_cluster *cluster,
                          const char *const *topics, size_t n,
                          int64_t deadline_ms, struct pf_error *err)
{
    enum pf_rc rc = PF_OK;

    for (size_t i = 0; !rc && n && i < cluster->nodes.n; i++)
        if (cluster->nodes.at[i].state == PF_NODE_ALIVE)
            rc = await_one(ctl, &cluster->nodes.at[i], topics, n, deadline_ms,
                           err);
    return rc;
}
