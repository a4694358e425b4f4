/* certs.h - who takes a certificate, as OpenSSL sees it. */
#ifndef PF_TESTS_CERTS_H
#define PF_TESTS_CERTS_H

#include "unit.h"

#include <openssl/pem.h>
#include <openssl/x509v3.h>

/* dir/file; good until the fourth call after this one. */
static inline const char *path_in(const char *dir, const char *file)
{
    static char paths[4][100];
    static int turn;
    char *path = paths[turn = (turn + 1) % 4];

    snprintf(path, sizeof *paths, "%s/%s", dir, file);
    return path;
}

/* The first certificate in the file at path; the caller frees it. */
static inline X509 *read_x509(const char *path)
{
    FILE *in = fopen(path, "re");
    X509 *x;

    assert_non_null(in);
    x = PEM_read_X509(in, NULL, NULL, NULL);
    fclose(in);
    assert_non_null(x);
    return x;
}

/* Does a client or a server who trusts only the one in the file ca take the
 * certificate in the file at path? */
static inline bool is_taken(const char *path, const char *ca, int purpose,
                            const char *host)
{
    X509 *trusted = read_x509(ca), *certificate = read_x509(path);
    X509_STORE *store = X509_STORE_new();
    X509_STORE_CTX *context = X509_STORE_CTX_new();
    bool taken;

    X509_STORE_add_cert(store, trusted);
    X509_STORE_CTX_init(context, store, certificate, NULL);
    X509_STORE_CTX_set_purpose(context, purpose);
    if (host && !X509_VERIFY_PARAM_set1_ip_asc(
                    X509_STORE_CTX_get0_param(context), host))
        X509_VERIFY_PARAM_set1_host(X509_STORE_CTX_get0_param(context), host,
                                    0);
    taken = X509_verify_cert(context) == 1;
    X509_STORE_CTX_free(context);
    X509_STORE_free(store);
    X509_free(trusted);
    X509_free(certificate);
    return taken;
}

#endif
