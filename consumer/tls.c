#include "tls.h"

#include <openssl/crypto.h>
#include <string.h>

void pf_tls_spare(const rd_kafka_conf_t *conf)
{
    char protocol[32] = "";
    size_t size = sizeof protocol;

    if (rd_kafka_conf_get(conf, "security.protocol", protocol, &size) !=
            RD_KAFKA_CONF_OK ||
        strcmp(protocol, "plaintext") != 0)
        return;
    /* This cannot be undone later, see OPENSSL_init_crypto(3). */
    OPENSSL_init_crypto(
        OPENSSL_INIT_NO_LOAD_CRYPTO_STRINGS | OPENSSL_INIT_NO_ADD_ALL_CIPHERS |
            OPENSSL_INIT_NO_ADD_ALL_DIGESTS | OPENSSL_INIT_NO_LOAD_CONFIG,
        NULL);
}
