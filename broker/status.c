/* status.c - `pf-broker status`: is all well with the cluster? */
#include <stdio.h>
#include <stdlib.h>

#include "clock.h"
#include "cluster_ask.h"
#include "ctl.h"
#include "log.h"
#include "stop.h"

#define ASK_MS 5000   /* for a broker's answer, within --timeout */
#define LEAST_MS 1000 /* for the last one, which would fail without */
#define PAUSE_MS 100  /* between two looks of --wait */

/* zookeeper.connect of the cluster that is asked; NULL: not known. */
static const char *find_zookeepers(const struct ctl *ctl)
{
    const char *given = getenv("ZOOKEEPER_CONNECT");

    return given && *given ? given : ctl->conf.zookeeper_connect;
}

static int ask_ms(const struct ctl *ctl)
{
    int left = pf_left_ms(ctl->deadline_ms);

    return left < LEAST_MS ? LEAST_MS : left < ASK_MS ? left : ASK_MS;
}

static void say_why(rd_kafka_t *rk, struct pf_buffer *sentence)
{
    const char *why = ctl_trouble(rk);

    if (!*why)
        return;
    pf_buffer_text(sentence, " (");
    pf_buffer_escape(sentence, why, strlen(why), 400);
    pf_buffer_text(sentence, ")");
}

/* Ask the broker of one node, and no other. */
static enum pf_rc ask_one(const struct ctl *ctl, struct pf_cluster_node *node,
                          const struct pf_cluster *cluster,
                          struct pf_error *err)
{
    struct pf_cluster seen = {.controller = -1};
    enum pf_rc rc = ctl_ask_at(ctl, node->address, ask_ms(ctl), &seen, err);

    if (rc == PF_AGAIN) {
        node->state = PF_NODE_SILENT;
        rc = PF_OK;
    } else if (!rc && !pf_cluster_agree(cluster, &seen)) {
        node->state = PF_NODE_APART;
    }
    pf_cluster_release(&seen);
    return rc;
}

/* Do all brokers say the same? One that has lost ZooKeeper or the controller
 * goes on telling what it heard last. */
static enum pf_rc ask_each(const struct ctl *ctl, struct pf_cluster *cluster,
                           struct pf_error *err)
{
    enum pf_rc rc = PF_OK;

    for (size_t i = 0; !rc && i < cluster->nodes.n; i++)
        if (cluster->nodes.at[i].state == PF_NODE_ALIVE)
            rc = ask_one(ctl, &cluster->nodes.at[i], cluster, err);
    return rc;
}

/*
 * Look once. *sentence is what is to be said of it, and *tables what was seen.
 *
 * PF_AGAIN  not all is well, or no broker answers
 */
static enum pf_rc look(const struct ctl *ctl, rd_kafka_t *rk,
                       struct pf_buffer *tables, struct pf_buffer *sentence,
                       struct pf_error *err)
{
    struct pf_cluster cluster = {.controller = -1};
    const char *zookeepers = find_zookeepers(ctl);
    struct pf_zookeeper_tls tls = pf_zookeeper_tls_of_broker(&ctl->conf.server);
    enum pf_rc rc = PF_OK;

    if (zookeepers)
        rc = pf_cluster_ask_zookeepers(zookeepers, &tls, &cluster, err);
    if (rc)
        rc = pf_fail_in(err, rc, "zookeeper.connect: ");
    else
        rc = pf_cluster_ask(rk, ask_ms(ctl), &cluster, err);
    if (!rc && pf_cluster_judge(&cluster, sentence) && cluster.nodes.n > 1)
        rc = ask_each(ctl, &cluster, err);
    if (!rc) {
        pf_cluster_list(&cluster, tables);
        sentence->n = 0;
        if (!pf_cluster_judge(&cluster, sentence))
            rc = PF_AGAIN;
    } else if (rc == PF_AGAIN) {
        pf_buffer_text(sentence, "No broker answers; asked: ");
        pf_buffer_escape(sentence, ctl->brokers, strlen(ctl->brokers), 2000);
        say_why(rk, sentence);
    }
    pf_cluster_release(&cluster);
    return tables->failed || sentence->failed
               ? pf_fail(err, PF_NOMEM, "out of memory")
               : rc;
}

/* Log what --wait waits for, if that has changed since *before. */
static void say_what_changed(const struct pf_buffer *sentence,
                             struct pf_buffer *before)
{
    if (sentence->n == before->n &&
        !memcmp(sentence->at, before->at, before->n))
        return;
    pf_log(PF_LOG_INFO, "waiting: %.*s", (int)sentence->n, sentence->at);
    before->n = 0;
    pf_buffer_put(before, sentence->at, sentence->n);
}

/* Look until all is well, or once. Results as look(). */
static enum pf_rc look_on(const struct ctl *ctl, rd_kafka_t *rk,
                          struct pf_buffer *tables, struct pf_buffer *sentence,
                          struct pf_error *err)
{
    struct pf_buffer before = {0};
    enum pf_rc rc;

    for (;;) {
        tables->n = sentence->n = 0;
        rc = look(ctl, rk, tables, sentence, err);
        if (rc != PF_AGAIN || !ctl->wait || !pf_left_ms(ctl->deadline_ms))
            break;
        say_what_changed(sentence, &before);
        pf_wait(-1, 0, PAUSE_MS);
    }
    pf_buffer_release(&before);
    return rc;
}

enum pf_rc ctl_status(struct ctl *ctl, struct pf_error *err)
{
    struct pf_buffer tables = {0}, sentence = {0};
    rd_kafka_t *rk = NULL;
    enum pf_rc rc = ctl_open(ctl, RD_KAFKA_CONSUMER, &rk, err);

    if (!rc)
        rc = look_on(ctl, rk, &tables, &sentence, err);
    if (!rc || rc == PF_AGAIN)
        printf("%.*s%.*s\n", (int)tables.n, tables.at, (int)sentence.n,
               sentence.at);
    if (!rc && fflush(stdout))
        rc = pf_fail(err, PF_IO, "standard output failed");
    if (rc == PF_AGAIN) {
        rc = PF_INVALID;
        *err = (struct pf_error){""}; /* the sentence has said it */
    }
    pf_buffer_release(&tables);
    pf_buffer_release(&sentence);
    return rc;
}
