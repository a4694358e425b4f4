#include "certificate.h"

#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509v3.h>
#include <string.h>

#define SERIAL_BITS 159 /* RFC 5280: positive, and at most 20 bytes */
#define BACK_S 3600     /* a certificate begins that long ago */
#define DAY_S 86400

void pf_cert_release(struct pf_cert *cert)
{
    EVP_PKEY_free(cert->key);
    X509_free(cert->certificate);
    sk_X509_pop_free(cert->above, X509_free);
    *cert = (struct pf_cert){0};
}

/* libcrypto's reason for the last failure. */
static enum pf_rc fail(const char *name, struct pf_error *err)
{
    const char *why = ERR_reason_error_string(ERR_peek_last_error());

    ERR_clear_error();
    return pf_fail(err, PF_IO, "certificate of %s: %s", name,
                   why ? why : "libcrypto cannot make it");
}

static bool set_serial(X509 *x)
{
    BIGNUM *number = BN_new();
    bool done = number &&
                BN_rand(number, SERIAL_BITS, BN_RAND_TOP_ONE,
                        BN_RAND_BOTTOM_ANY) &&
                BN_to_ASN1_INTEGER(number, X509_get_serialNumber(x));

    BN_free(number);
    return done;
}

static bool set_subject(X509 *x, const char *name)
{
    return X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN",
                                      MBSTRING_UTF8,
                                      (const unsigned char *)name, -1, -1, 0);
}

static bool set_time(X509 *x, int days, const X509 *issuer, time_t now)
{
    const ASN1_TIME *last = issuer ? X509_get0_notAfter(issuer) : NULL;
    time_t end = now + (time_t)days * DAY_S;

    if (!ASN1_TIME_set(X509_getm_notBefore(x), now - BACK_S))
        return false;
    if (last && ASN1_TIME_cmp_time_t(last, end) < 0)
        return X509_set1_notAfter(x, last);
    return ASN1_TIME_set(X509_getm_notAfter(x), end);
}

/* One host as an alternative name: an IP address if it reads as one. */
static GENERAL_NAME *alternative(const char *host)
{
    GENERAL_NAME *name = GENERAL_NAME_new();
    ASN1_OCTET_STRING *address = a2i_IPADDRESS(host);
    ASN1_IA5STRING *text = address ? NULL : ASN1_IA5STRING_new();

    if (name && address) {
        GENERAL_NAME_set0_value(name, GEN_IPADD, address);
        return name;
    }
    if (name && text && ASN1_STRING_set(text, host, -1)) {
        GENERAL_NAME_set0_value(name, GEN_DNS, text);
        return name;
    }
    ASN1_OCTET_STRING_free(address);
    ASN1_IA5STRING_free(text);
    GENERAL_NAME_free(name);
    return NULL;
}

static bool add_hosts(X509 *x, const struct pf_cert_wish *wish)
{
    GENERAL_NAMES *names = wish->n ? GENERAL_NAMES_new() : NULL;
    bool done = names || !wish->n;

    for (size_t i = 0; done && i < wish->n; i++) {
        GENERAL_NAME *name = alternative(wish->hosts[i]);

        done = name && sk_GENERAL_NAME_push(names, name);
        if (!done)
            GENERAL_NAME_free(name);
    }
    if (done && wish->n)
        done = X509_add1_ext_i2d(x, NID_subject_alt_name, names, 0, 0) == 1;
    GENERAL_NAMES_free(names);
    return done;
}

static bool add_extension(X509 *x, X509 *issuer, int nid, const char *value)
{
    X509V3_CTX context;
    X509_EXTENSION *extension;
    bool done;

    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, issuer, x, NULL, NULL, 0);
    extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
    done = extension && X509_add_ext(x, extension, -1);
    X509_EXTENSION_free(extension);
    return done;
}

static bool add_extensions(X509 *x, X509 *issuer,
                           const struct pf_cert_wish *wish)
{
    const char *uses = wish->serves && wish->asks ? "serverAuth,clientAuth"
                       : wish->serves             ? "serverAuth"
                                                  : "clientAuth";
    bool ca = wish->is_authority;

    return add_extension(x, issuer, NID_basic_constraints,
                         ca ? "critical,CA:TRUE,pathlen:0"
                            : "critical,CA:FALSE") &&
           add_extension(x, issuer, NID_key_usage,
                         ca ? "critical,keyCertSign,cRLSign"
                            : "critical,digitalSignature") &&
           (ca || add_extension(x, issuer, NID_ext_key_usage, uses)) &&
           add_extension(x, issuer, NID_subject_key_identifier, "hash") &&
           add_extension(x, issuer, NID_authority_key_identifier,
                         "keyid:always") &&
           add_hosts(x, wish);
}

enum pf_rc pf_cert_make(const struct pf_cert_wish *wish,
                        const struct pf_cert *issuer, time_t now,
                        struct pf_cert *ret, struct pf_error *err)
{
    struct pf_cert made = {.key = EVP_EC_gen("P-256"),
                           .certificate = X509_new()};
    X509 *x = made.certificate;
    X509 *above = issuer ? issuer->certificate : x;

    if (!made.key || !x || !X509_set_version(x, X509_VERSION_3) ||
        !set_serial(x) || !set_subject(x, wish->name) ||
        !X509_set_issuer_name(x, X509_get_subject_name(above)) ||
        !set_time(x, wish->days, issuer ? above : NULL, now) ||
        !X509_set_pubkey(x, made.key) || !add_extensions(x, above, wish) ||
        !X509_sign(x, issuer ? issuer->key : made.key, EVP_sha256())) {
        pf_cert_release(&made);
        return fail(wish->name, err);
    }
    *ret = made;
    return PF_OK;
}

bool pf_cert_names(const struct pf_cert *cert, const char *host)
{
    return X509_check_ip_asc(cert->certificate, host, 0) == 1 ||
           X509_check_host(cert->certificate, host, 0, 0, NULL) == 1;
}

/* Those hosts, and no other ones. */
static bool has_names(const struct pf_cert *cert,
                      const struct pf_cert_wish *wish)
{
    GENERAL_NAMES *names = X509_get_ext_d2i(cert->certificate,
                                            NID_subject_alt_name, NULL, NULL);
    size_t n = names ? (size_t)sk_GENERAL_NAME_num(names) : 0;
    bool same = n == wish->n;

    GENERAL_NAMES_free(names);
    for (size_t i = 0; same && i < wish->n; i++)
        same = pf_cert_names(cert, wish->hosts[i]);
    return same;
}

static bool has_subject(const struct pf_cert *cert, const char *name)
{
    char text[65] = ""; /* a common name has at most 64 bytes */

    X509_NAME_get_text_by_NID(X509_get_subject_name(cert->certificate),
                              NID_commonName, text, sizeof text);
    return !strcmp(text, name);
}

bool pf_cert_fits(const struct pf_cert *cert, const struct pf_cert_wish *wish,
                  const struct pf_cert *issuer, time_t now, int spare_days)
{
    X509 *x = cert->certificate;
    time_t soon = now + (time_t)spare_days * DAY_S;
    bool is_signed = X509_verify(x, issuer->key) == 1;

    ERR_clear_error();
    return is_signed &&
           ASN1_TIME_cmp_time_t(X509_get0_notAfter(x), soon) >= 0 &&
           has_subject(cert, wish->name) && has_names(cert, wish);
}

/* A time as "Nov 26 20:00:00 2027 GMT". */
static const char *put_asn1_time(const ASN1_TIME *time, char *buf, int size)
{
    BIO *out = BIO_new(BIO_s_mem());
    int n = 0;

    if (out && ASN1_TIME_print(out, time))
        n = BIO_read(out, buf, size - 1);
    BIO_free(out);
    buf[n > 0 ? n : 0] = '\0';
    return buf;
}

bool pf_cert_ends_by(const struct pf_cert *cert, time_t then)
{
    return ASN1_TIME_cmp_time_t(X509_get0_notAfter(cert->certificate), then) <=
           0;
}

enum pf_rc pf_cert_check_time(const struct pf_cert *cert, time_t now,
                              struct pf_error *err)
{
    const ASN1_TIME *begin = X509_get0_notBefore(cert->certificate);
    const ASN1_TIME *end = X509_get0_notAfter(cert->certificate);
    char text[64];

    if (pf_cert_ends_by(cert, now))
        return pf_fail(err, PF_CONFIG,
                       "the certificate has expired: it was valid until %s",
                       put_asn1_time(end, text, sizeof text));
    if (ASN1_TIME_cmp_time_t(begin, now) > 0)
        return pf_fail(err, PF_CONFIG,
                       "the certificate is not valid yet, but from %s on; is "
                       "the clock right?",
                       put_asn1_time(begin, text, sizeof text));
    return PF_OK;
}
