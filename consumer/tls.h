/* tls.h - save OpenSSL's memory in a program that encrypts nothing. */
#ifndef PF_TLS_H
#define PF_TLS_H

#include <librdkafka/rdkafka.h>

/**
 * Keep OpenSSL from loading its error texts, the names of ciphers and digests,
 * and its configuration file. It would load them when librdkafka's libcurl
 * initialises it, although a process that only has plaintext connections never
 * uses them. This saves 1.1 of 14 MB. If security.protocol in conf is not
 * plaintext, the call does nothing.
 *
 * Only for a process that uses TLS for nothing else. Call it before the first
 * rd_kafka_new(). It applies to the whole process and cannot be undone: TLS
 * would still work, but errors would be numbers, and old private keys that
 * name their cipher could not be read.
 */
void pf_tls_spare(const rd_kafka_conf_t *conf);

#endif
