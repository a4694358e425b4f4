/* tls.h - what a program that encrypts nothing spares itself of OpenSSL. */
#ifndef PF_TLS_H
#define PF_TLS_H

#include <librdkafka/rdkafka.h>

/**
 * Of a process whose connections to Kafka are plaintext by this configuration,
 * and which encrypts nothing else either, spare the tables that OpenSSL would
 * fill when librdkafka's libcurl makes it ready: texts of errors, names of
 * ciphers and digests, its configuration file. That is 1.1 MB of 14. With any
 * other security.protocol, it does nothing.
 *
 * Call it before the first rd_kafka_new(). It holds for the whole process and
 * for good: TLS would still work, with numbers for errors and without the
 * names that old private keys need.
 */
void pf_tls_spare(const rd_kafka_conf_t *conf);

#endif
