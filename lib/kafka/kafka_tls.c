#include "kafka_tls.h"

#include <stdio.h>

/* Numbers of OpenSSL's errors, which are part of its interface: nothing else
 * here needs its headers. */
enum {
    NOT_YET_VALID = 9,
    HAS_EXPIRED = 10,
    SELF_SIGNED = 18,
    SELF_SIGNED_IN_CHAIN = 19,
    NO_LOCAL_ISSUER = 20,
    NO_ISSUER = 21,
    HOSTNAME_MISMATCH = 62,
    ADDRESS_MISMATCH = 64,
};

const char *pf_kafka_tls_reason(int error)
{
    static _Thread_local char other[48];

    switch (error) {
    case 0:
        return NULL;
    case NOT_YET_VALID:
        return "it is not valid yet; is the clock of this machine right?";
    case HAS_EXPIRED:
        return "it has expired; the broker needs another one";
    case SELF_SIGNED:
    case SELF_SIGNED_IN_CHAIN:
    case NO_LOCAL_ISSUER:
    case NO_ISSUER:
        return "nobody whom ssl.ca.location names has signed it";
    case HOSTNAME_MISMATCH:
    case ADDRESS_MISMATCH:
        return "it is for other names than the one by which the broker was "
               "called; use one of those, or have this one added to it";
    default:
        snprintf(other, sizeof other, "OpenSSL's verify error %d", error);
        return other;
    }
}

static int on_certificate(rd_kafka_t *rk, const char *broker, int32_t id,
                          int *error, int depth, const char *bytes, size_t size,
                          char *ret, size_t ret_size, void *opaque)
{
    const char *why = pf_kafka_tls_reason(*error);

    (void)rk, (void)broker, (void)id, (void)depth, (void)bytes, (void)size;
    (void)opaque;
    if (why)
        snprintf(ret, ret_size, "%s", why);
    return !why;
}

void pf_kafka_tls_explain(rd_kafka_conf_t *conf)
{
    rd_kafka_conf_set_ssl_cert_verify_cb(conf, on_certificate);
}
