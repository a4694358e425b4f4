#include "own_certs.h"

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

static enum pf_rc settle_authority(const struct pf_own_certs *wanted,
                                   struct pf_cert *ret, struct pf_made *made,
                                   struct pf_error *err)
{
    struct path path = path_of(wanted, AUTHORITY);
    enum pf_rc rc = pf_authority_read(path.text, wanted->now, ret, err);

    if (rc != PF_AGAIN && rc != PF_END)
        return rc;
    rc = rc == PF_AGAIN ? check_alone(wanted, err) : PF_OK;
    if (!rc)
        rc = pf_authority_make(path.text, "pricefeed", wanted->now, ret, err);
    if (!rc)
        pf_made_note(made, AUTHORITY);
    return rc;
}

/* ca.pem is what authority.pem says, whatever has become of it. */
static enum pf_rc settle_public(const struct pf_own_certs *wanted,
                                const struct pf_cert *authority,
                                struct pf_error *err)
{
    return pf_cert_write_public(authority, path_of(wanted, PUBLIC).text, err);
}

static enum pf_rc settle_leaf(const struct pf_own_certs *wanted,
                              const struct leaf *leaf,
                              const struct pf_cert *authority,
                              struct pf_made *made, struct pf_error *err)
{
    struct pf_cert_wish wish = wish_for(wanted, leaf);
    bool is_new;
    enum pf_rc rc = pf_leaf_settle(path_of(wanted, leaf->file).text, &wish,
                                   authority, wanted->renew && is_server(leaf),
                                   wanted->now, &is_new, err);

    if (is_new)
        pf_made_note(made, leaf->file);
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
