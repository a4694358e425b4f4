/* Why a certificate was refused: each error has a reason, and only no error has
 * none. */
#include "unit.h"

#include <openssl/x509_vfy.h>

#include "kafka_tls.h"

static void nothing_that_openssl_refuses_is_accepted(void **state)
{
    (void)state;
    assert_null(pf_kafka_tls_reason(X509_V_OK));
    for (int error = 1; error < 200; error++)
        assert_non_null(pf_kafka_tls_reason(error));
    assert_non_null(pf_kafka_tls_reason(-1));
}

static void the_numbers_are_those_of_openssl(void **state)
{
    static const struct {
        int error;
        const char *part;
    } rows[] = {
        {X509_V_ERR_CERT_NOT_YET_VALID, "not valid yet"},
        {X509_V_ERR_CERT_HAS_EXPIRED, "expired"},
        {X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT, "ssl.ca.location"},
        {X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN, "ssl.ca.location"},
        {X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY, "ssl.ca.location"},
        {X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE, "ssl.ca.location"},
        {X509_V_ERR_HOSTNAME_MISMATCH, "other names"},
        {X509_V_ERR_IP_ADDRESS_MISMATCH, "other names"},
        {X509_V_ERR_CERT_REVOKED, "verify error 23"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++)
        assert_contains(pf_kafka_tls_reason(rows[i].error), rows[i].part);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_that_openssl_refuses_is_accepted),
        cmocka_unit_test(the_numbers_are_those_of_openssl),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
