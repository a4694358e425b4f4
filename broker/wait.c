/* wait.c - `pf-broker wait`: wait until the broker answers. */
#include "clock.h"
#include "ctl.h"
#include "stop.h"

enum pf_rc ctl_wait(struct ctl *ctl, struct pf_error *err)
{
    rd_kafka_t *rk = NULL;
    enum pf_rc rc = ctl_wait_port(ctl, err);

    if (rc || ctl->port_only)
        return rc;
    rc = ctl_open(ctl, RD_KAFKA_CONSUMER, &rk, err);
    if (rc)
        return rc;
    for (;;) {
        const struct rd_kafka_metadata *answer;
        rd_kafka_resp_err_t failed = rd_kafka_metadata(
            rk, 0, NULL, &answer, pf_left_ms(ctl->deadline_ms));
        int brokers = failed ? 0 : answer->broker_cnt;

        if (!failed)
            rd_kafka_metadata_destroy(answer);
        if (brokers)
            return PF_OK;
        if (!pf_left_ms(ctl->deadline_ms))
            return pf_fail(err, PF_IO, "%s: the broker does not answer: %s",
                           ctl->conf.local, rd_kafka_err2str(failed));
        pf_wait(-1, 0, CTL_PAUSE_MS);
    }
}
