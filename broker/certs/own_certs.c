#include "own_certs.h"

#include <openssl/rand.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "certificate.h"

#define AUTHORITY "authority.pem"
#define PUBLIC "ca.pem"
#define SERVER "server.pem"

/* Where the broker is for the feed's own programs. */
static const char *const own_hosts[] = {"localhost", "127.0.0.1", "::1"};

/* What the authority signs. The names are the principals in Kafka's rights. */
static const struct leaf {
    const char *file;
    const char *name;
    bool serves, asks;
} leaves[] = {
    {"broker.pem", "broker", true, true},
    {SERVER, "server", true, false},
    {"pf-broker.pem", "pf-broker", false, true},
    {"producer.pem", "producer", false, true},
    {"consumer.pem", "consumer", false, true},
    {"web.pem", "web", false, true},
};

#define N_LEAVES (sizeof leaves / sizeof *leaves)

struct path {
    char text[4097];
};

static struct path path_of(const struct pf_own_certs *wanted, const char *file)
{
    struct path path;

    snprintf(path.text, sizeof path.text, "%s/%s", wanted->dir, file);
    return path;
}

static void note(struct pf_made *made, const char *file)
{
    size_t used = strlen(made->text);

    snprintf(made->text + used, sizeof made->text - used, "%s%s",
             used ? " " : "", file);
}

static bool is_server(const struct leaf *leaf)
{
    return !strcmp(leaf->file, SERVER);
}

static struct pf_cert_wish wish_for(const struct pf_own_certs *wanted,
                                    const struct leaf *leaf)
{
    struct pf_cert_wish wish = {.name = leaf->name,
                                .serves = leaf->serves,
                                .asks = leaf->asks,
                                .days = PF_AUTHORITY_DAYS};

    if (is_server(leaf)) {
        wish.hosts = wanted->hosts;
        wish.n = wanted->n;
        wish.days = PF_SERVER_DAYS;
    } else if (leaf->serves) {
        wish.hosts = own_hosts;
        wish.n = sizeof own_hosts / sizeof *own_hosts;
    }
    return wish;
}

/* Without the authority's key the others cannot be used any more; and it may be
 * missing because a volume was brought back in part. */
static enum pf_rc check_alone(const struct pf_own_certs *wanted,
                              struct pf_error *err)
{
    for (size_t i = 0; i < N_LEAVES; i++)
        if (!access(path_of(wanted, leaves[i].file).text, F_OK))
            return pf_fail(err, PF_CONFIG,
                           "%s/%s is missing, and %s, which it has signed, is "
                           "there: bring it back, or remove %s to have all of "
                           "it made again (clients then need the new %s)",
                           wanted->dir, AUTHORITY, leaves[i].file, wanted->dir,
                           PUBLIC);
    return PF_OK;
}

/* Authorities of different feeds have different names, so that a client says
 * which one it misses. */
static enum pf_rc make_authority(const struct pf_own_certs *wanted,
                                 struct pf_cert *ret, struct pf_error *err)
{
    struct pf_cert_wish wish = {.is_authority = true,
                                .days = PF_AUTHORITY_DAYS};
    uint32_t number;
    char name[40];
    enum pf_rc rc;

    if (RAND_bytes((unsigned char *)&number, sizeof number) != 1)
        return pf_fail(err, PF_IO, "%s: no random numbers", AUTHORITY);
    snprintf(name, sizeof name, "pricefeed %08x", (unsigned)number);
    wish.name = name;
    rc = pf_cert_make(&wish, NULL, wanted->now, ret, err);
    return rc ? rc : pf_cert_write(ret, path_of(wanted, AUTHORITY).text, err);
}

static enum pf_rc settle_authority(const struct pf_own_certs *wanted,
                                   struct pf_cert *ret, struct pf_made *made,
                                   struct pf_error *err)
{
    struct path path = path_of(wanted, AUTHORITY);
    enum pf_rc rc = pf_cert_read(path.text, path.text, ret, err);

    if (rc == PF_AGAIN) {
        rc = check_alone(wanted, err);
    } else if (!rc) {
        time_t soon = wanted->now + (time_t)PF_SPARE_DAYS * 86400;

        if (!pf_cert_check_time(ret, soon, NULL))
            return PF_OK;
        pf_cert_release(ret);
    }
    if (!rc)
        rc = make_authority(wanted, ret, err);
    if (!rc)
        note(made, AUTHORITY);
    return rc;
}

/* ca.pem is what authority.pem says, whatever has become of it. */
static enum pf_rc settle_public(const struct pf_own_certs *wanted,
                                const struct pf_cert *authority,
                                struct pf_error *err)
{
    return pf_cert_write_public(authority, path_of(wanted, PUBLIC).text, err);
}

/* What is there is not what was made: nothing of it is overwritten. */
static enum pf_rc refuse(enum pf_rc rc, struct pf_error *err)
{
    char reason[sizeof err->text];

    if (rc != PF_CONFIG || !err)
        return rc;
    snprintf(reason, sizeof reason, "%s", err->text);
    return pf_fail(err, rc, "%s; remove it to have it made again", reason);
}

static enum pf_rc settle_leaf(const struct pf_own_certs *wanted,
                              const struct leaf *leaf,
                              const struct pf_cert *authority,
                              struct pf_made *made, struct pf_error *err)
{
    struct pf_cert_wish wish = wish_for(wanted, leaf);
    struct path path = path_of(wanted, leaf->file);
    struct pf_cert cert = {0};
    enum pf_rc rc = pf_cert_read(path.text, path.text, &cert, err);
    bool fits = !rc && !(wanted->renew && is_server(leaf)) &&
                pf_cert_fits(&cert, &wish, authority, wanted->now,
                             PF_SPARE_DAYS);

    pf_cert_release(&cert);
    if (fits || (rc && rc != PF_AGAIN))
        return refuse(rc, err);
    rc = pf_cert_make(&wish, authority, wanted->now, &cert, err);
    if (!rc)
        rc = pf_cert_write(&cert, path.text, err);
    if (!rc)
        note(made, leaf->file);
    pf_cert_release(&cert);
    return rc;
}

enum pf_rc pf_own_certs_settle(const struct pf_own_certs *wanted,
                               struct pf_made *ret, struct pf_error *err)
{
    struct pf_cert authority = {0};
    enum pf_rc rc;

    *ret->text = '\0';
    rc = settle_authority(wanted, &authority, ret, err);
    if (!rc)
        rc = settle_public(wanted, &authority, err);
    for (size_t i = 0; !rc && i < N_LEAVES; i++)
        rc = settle_leaf(wanted, &leaves[i], &authority, ret, err);
    pf_cert_release(&authority);
    return rc;
}

enum pf_rc pf_certs_take(const char *certificate, const char *key,
                         const struct pf_own_certs *wanted, const char *path,
                         const char **ret, struct pf_error *err)
{
    struct pf_cert cert = {0};
    enum pf_rc rc = pf_cert_read(certificate, key, &cert, err);

    if (rc)
        return rc == PF_AGAIN ? PF_CONFIG : rc;
    rc = pf_cert_check_time(&cert, wanted->now, err);
    if (rc)
        pf_fail_in(err, rc, "%s: ", certificate);
    if (!rc)
        rc = pf_cert_write(&cert, path, err);
    if (!rc) {
        *ret = NULL;
        for (size_t i = 0; !*ret && i < wanted->n; i++)
            if (!pf_cert_names(&cert, wanted->hosts[i]))
                *ret = wanted->hosts[i];
    }
    pf_cert_release(&cert);
    return rc;
}
