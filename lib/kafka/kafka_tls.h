/* kafka_tls.h - why a broker's certificate was refused. */
#ifndef PF_KAFKA_TLS_H
#define PF_KAFKA_TLS_H

#include <librdkafka/rdkafka.h>

/**
 * Have clients that are opened with conf say why they refuse a broker's
 * certificate. librdkafka says the same of every reason, and that
 * ssl.ca.location may be wrong. What they refuse and accept stays the same.
 */
void pf_kafka_tls_explain(rd_kafka_conf_t *conf);

/** The reason for an error of OpenSSL's check, X509_V_ERR_..., with a remedy;
 * NULL for 0, no error. Valid until the next call in the same thread. */
const char *pf_kafka_tls_reason(int error);

#endif
