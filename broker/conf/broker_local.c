#include "broker_local.h"

#include <inttypes.h>
#include <stdio.h>

#include "text.h"

/* librdkafka's default of message.max.bytes, which also limits batches. */
#define BATCH_DEFAULT 1000000
#define BATCH_LEAST 1000

enum pf_rc pf_broker_local(const struct pf_broker_conf *conf,
                           struct pf_settings *ret, struct pf_error *err)
{
    static const char batch_max[] = "message.max.bytes";
    const struct pf_setting *s = pf_settings_get(&conf->server, batch_max);
    int64_t bytes = BATCH_DEFAULT;
    char text[24];
    enum pf_rc rc = pf_settings_put(ret, "bootstrap.servers", conf->local, "",
                                    PF_FROM_COMMAND, err);

    if (s) /* Kafka itself refuses a value that is not a number */
        pf_parse_int(s->value, 0, INT64_MAX, &bytes, NULL);
    if (rc || bytes >= BATCH_DEFAULT)
        return rc;
    snprintf(text, sizeof text, "%" PRId64,
             bytes < BATCH_LEAST ? BATCH_LEAST : bytes);
    return pf_settings_put(ret, batch_max, text, "", PF_FROM_COMMAND, err);
}
