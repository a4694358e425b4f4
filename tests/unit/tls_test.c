/* What is spared of OpenSSL, and when. Each test is a process of its own: it
 * holds for the whole process. */
#include "unit.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>

#include "tls.h"

enum { NOTHING = 0, ERRORS = 1, CIPHERS = 2, DIGESTS = 4 };

/* What a client with this security.protocol has of OpenSSL's tables. */
static int tables_with(const char *protocol)
{
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    int found = NOTHING;
    char why[512];

    if (rd_kafka_conf_set(conf, "security.protocol", protocol, why,
                          sizeof why) != RD_KAFKA_CONF_OK)
        return 100;
    pf_tls_spare(conf);
    /* What libcurl and the first connection with TLS ask for. */
    OPENSSL_init_crypto(OPENSSL_INIT_LOAD_CRYPTO_STRINGS |
                            OPENSSL_INIT_ADD_ALL_CIPHERS |
                            OPENSSL_INIT_ADD_ALL_DIGESTS,
                        NULL);
    if (ERR_reason_error_string(ERR_PACK(ERR_LIB_EVP, 0, EVP_R_BAD_DECRYPT)))
        found |= ERRORS;
    if (EVP_get_cipherbyname("aes-128-cbc"))
        found |= CIPHERS;
    if (EVP_get_digestbyname("sha256"))
        found |= DIGESTS;
    return found;
}

static int with_plaintext(void)
{
    return tables_with("plaintext");
}

static int with_ssl(void)
{
    return tables_with("ssl");
}

static int with_sasl_plaintext(void)
{
    return tables_with("sasl_plaintext");
}

static void a_plaintext_client_has_no_tables(void **state)
{
    (void)state;
    assert_int_equal(outcome(with_plaintext), NOTHING);
}

static void one_that_encrypts_has_all(void **state)
{
    (void)state;
    assert_int_equal(outcome(with_ssl), ERRORS | CIPHERS | DIGESTS);
}

/* Kerberos, SCRAM and OAuth need their digests, and HTTPS. */
static void one_that_only_signs_in_has_all(void **state)
{
    (void)state;
    assert_int_equal(outcome(with_sasl_plaintext), ERRORS | CIPHERS | DIGESTS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_plaintext_client_has_no_tables),
        cmocka_unit_test(one_that_encrypts_has_all),
        cmocka_unit_test(one_that_only_signs_in_has_all),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
