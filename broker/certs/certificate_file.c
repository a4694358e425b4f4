/* certificate_file.c - keys and certificates in PEM files. */
#include <errno.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <string.h>

#include "certificate.h"
#include "private_file.h"

static enum pf_rc open_pem(const char *path, BIO **ret, struct pf_error *err)
{
    int why;

    *ret = BIO_new_file(path, "r");
    why = errno;
    ERR_clear_error();
    return *ret ? PF_OK
                : pf_fail(err, why == ENOENT ? PF_AGAIN : PF_CONFIG, "%s: %s",
                          path, strerror(why));
}

/* libcrypto would ask for a passphrase on the terminal. */
static int has_no_passphrase(char *buf, int size, int writing, void *asked)
{
    (void)buf, (void)size, (void)writing;
    *(bool *)asked = true;
    return -1;
}

static enum pf_rc read_key(const char *path, EVP_PKEY **ret,
                           struct pf_error *err)
{
    bool asked = false;
    BIO *in;
    enum pf_rc rc = open_pem(path, &in, err);

    if (rc)
        return rc;
    *ret = PEM_read_bio_PrivateKey(in, NULL, has_no_passphrase, &asked);
    BIO_free(in);
    ERR_clear_error();
    if (*ret)
        return PF_OK;
    return asked ? pf_fail(err, PF_CONFIG,
                           "%s: the key needs a passphrase, and nobody is "
                           "there to type it; `openssl pkey` writes it without",
                           path)
                 : pf_fail(err, PF_CONFIG, "%s: there is no private key in it",
                           path);
}

/* The first certificate, and those after it. */
static enum pf_rc read_certificates(const char *path, struct pf_cert *ret,
                                    struct pf_error *err)
{
    X509 *next;
    BIO *in;
    enum pf_rc rc = open_pem(path, &in, err);

    if (rc)
        return rc;
    ret->certificate = PEM_read_bio_X509(in, NULL, NULL, NULL);
    ret->above = sk_X509_new_null();
    while (ret->certificate && ret->above &&
           (next = PEM_read_bio_X509(in, NULL, NULL, NULL)))
        if (!sk_X509_push(ret->above, next))
            X509_free(next);
    BIO_free(in);
    ERR_clear_error();
    return ret->certificate
               ? PF_OK
               : pf_fail(err, PF_CONFIG, "%s: there is no certificate in it",
                         path);
}

enum pf_rc pf_cert_read(const char *path, const char *key_path,
                        struct pf_cert *ret, struct pf_error *err)
{
    struct pf_cert found = {0};
    enum pf_rc rc = read_certificates(path, &found, err);

    if (!rc)
        rc = read_key(key_path, &found.key, err);
    if (!rc && X509_check_private_key(found.certificate, found.key) != 1)
        rc = pf_fail(err, PF_CONFIG,
                     "%s: the key is not that of the certificate in %s",
                     key_path, path);
    ERR_clear_error();
    if (rc)
        pf_cert_release(&found);
    else
        *ret = found;
    return rc;
}

/* What is in out, into the file at path; and nowhere else. */
static enum pf_rc write_and_free(BIO *out, bool complete, const char *path,
                                 struct pf_error *err)
{
    char *bytes = NULL;
    long len = out ? BIO_get_mem_data(out, &bytes) : 0;
    enum pf_rc rc = complete
                        ? pf_private_file_write(path, bytes, (size_t)len, err)
                        : pf_fail(err, PF_IO,
                                  "%s: libcrypto cannot make "
                                  "it",
                                  path);

    if (bytes)
        OPENSSL_cleanse(bytes, (size_t)len);
    BIO_free(out);
    return rc;
}

enum pf_rc pf_cert_write(const struct pf_cert *cert, const char *path,
                         struct pf_error *err)
{
    BIO *out = BIO_new(BIO_s_mem());
    bool complete = out &&
                    PEM_write_bio_PrivateKey(out, cert->key, NULL, NULL, 0,
                                             NULL, NULL) &&
                    PEM_write_bio_X509(out, cert->certificate);

    for (int i = 0; complete && i < sk_X509_num(cert->above); i++)
        complete = PEM_write_bio_X509(out, sk_X509_value(cert->above, i));
    return write_and_free(out, complete, path, err);
}

enum pf_rc pf_cert_write_public(const struct pf_cert *cert, const char *path,
                                struct pf_error *err)
{
    BIO *out = BIO_new(BIO_s_mem());

    return write_and_free(
        out, out && PEM_write_bio_X509(out, cert->certificate), path, err);
}
