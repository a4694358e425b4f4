/* certificate.h - keys and certificates, made and looked at with libcrypto.
 *
 * Keys are on the curve P-256. Files are PEM; one with a key has the key, as
 * Java reads it (PKCS #8), and then the certificate and those of its issuers.
 */
#ifndef PF_CERTIFICATE_H
#define PF_CERTIFICATE_H

#include <openssl/x509.h>
#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "error.h"

/** What a certificate is for, and whom it names. */
struct pf_cert_wish {
    const char *name;         /* its subject is CN=name; at most 64 bytes */
    const char *const *hosts; /* n host names and IP addresses */
    size_t n;
    bool is_authority; /* it signs others, and is used for nothing else */
    bool serves;       /* servers prove with it who they are */
    bool asks;         /* clients do */
    int days;          /* until its end */
};

/** A key with its certificate. */
struct pf_cert {
    EVP_PKEY *key;          /* NULL: none */
    X509 *certificate;      /* NULL: none */
    STACK_OF(X509) * above; /* the issuers' that are in the file; NULL: none */
};

/** Free what *cert owns and empty it. */
void pf_cert_release(struct pf_cert *cert);

/**
 * Make a key and a certificate that is valid from an hour before now, in
 * seconds since 1970, because clocks differ. It does not outlive its issuer.
 * Without issuer it signs itself. *ret must be empty; it is the caller's.
 *
 * PF_IO  libcrypto cannot make it
 */
enum pf_rc pf_cert_make(const struct pf_cert_wish *wish,
                        const struct pf_cert *issuer, time_t now,
                        struct pf_cert *ret, struct pf_error *err);

/**
 * Read a key and its certificates from files; path and key_path may be the
 * same. *ret must be empty; after PF_OK it is the caller's.
 *
 * PF_AGAIN   one of them does not exist
 * PF_CONFIG  one of them cannot be read, has not what is wanted, or the key is
 *            another certificate's or needs a passphrase; *err names the file
 */
enum pf_rc pf_cert_read(const char *path, const char *key_path,
                        struct pf_cert *ret, struct pf_error *err);

/**
 * Write key, certificate and issuers into one file that only this user can
 * read; see pf_private_file_write().
 */
enum pf_rc pf_cert_write(const struct pf_cert *cert, const char *path,
                         struct pf_error *err);

/** The same for the certificate alone, for others to trust. */
enum pf_rc pf_cert_write_public(const struct pf_cert *cert, const char *path,
                                struct pf_error *err);

/** True if the certificate is for host, a name or an IP address. */
bool pf_cert_names(const struct pf_cert *cert, const char *host);

/**
 * True if cert, which issuer should have signed, is what wish asks for, and
 * does not end within spare_days from now.
 */
bool pf_cert_fits(const struct pf_cert *cert, const struct pf_cert_wish *wish,
                  const struct pf_cert *issuer, time_t now, int spare_days);

/** Has the certificate ended by then? */
bool pf_cert_ends_by(const struct pf_cert *cert, time_t then);

/**
 * Check that now is within the certificate's time.
 *
 * PF_CONFIG  it is not; *err says when that is
 */
enum pf_rc pf_cert_check_time(const struct pf_cert *cert, time_t now,
                              struct pf_error *err);

#endif
