#include "cluster_certs.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "private_file.h"

#define HOSTS_MAX 128
#define PASSWORD "reader.password"

/* By which each node is known to programs beside it. */
static const char *const beside[] = {"localhost", "127.0.0.1", "::1"};

#define N_BESIDE (sizeof beside / sizeof *beside)

/* The two authorities. */
enum { OF_BROKERS, OF_ZOOKEEPERS, AUTHORITIES };

static const struct {
    const char *file; /* below authority/ */
    const char
        *public_file;  /* the name of its certificate, where it is trusted */
    const char *whose; /* the begin of its own name */
    const char *signed_files[2]; /* one of them is there if it ever was */
} authorities[] = {
    [OF_BROKERS] = {"authority.pem",
                    "ca.pem",
                    "pricefeed",
                    {"broker/1/broker.pem", "producer/producer.pem"}},
    [OF_ZOOKEEPERS] = {"zookeeper.pem",
                       "zookeeper-ca.pem",
                       "pricefeed ZooKeeper",
                       {"broker/1/zookeeper.pem", "zookeeper/1/zookeeper.pem"}},
};

/* The names are the principals in Kafka's rights; a broker's are those of
 * own_certs.h. */
struct leaf {
    const char *file;
    const char *name;
    int authority;
    bool serves, asks;
};

static const struct leaf broker_leaves[] = {
    {"broker.pem", "broker", OF_BROKERS, true, true},
    {"server.pem", "server", OF_BROKERS, true, false},
    {"pf-broker.pem", "pf-broker", OF_BROKERS, false, true},
    {"zookeeper.pem", "broker", OF_ZOOKEEPERS, false, true},
};

static const struct leaf zookeeper_leaf = {"zookeeper.pem", "zookeeper",
                                           OF_ZOOKEEPERS, true, true};

static const struct leaf client_leaves[] = {
    {"producer.pem", "producer", OF_BROKERS, false, true},
    {"consumer.pem", "consumer", OF_BROKERS, false, true},
    {"web.pem", "web", OF_BROKERS, false, true},
};

#define COUNT(table) (sizeof(table) / sizeof *(table))

/* Work that is under way. */
struct work {
    const struct pf_cluster_certs *wanted;
    struct pf_cert signers[AUTHORITIES];
    char password[256];
    struct pf_made *made;
};

struct path {
    char text[4097];
};

/* dir/node/file below the directory that is wanted. */
static struct path path_of(const struct work *w, const char *node,
                           const char *file)
{
    struct path path;

    snprintf(path.text, sizeof path.text, "%s/%s%s%s", w->wanted->dir, node,
             *file ? "/" : "", file);
    return path;
}

static enum pf_rc make_directory(const struct work *w, const char *node,
                                 struct pf_error *err)
{
    struct path path = path_of(w, node, "");

    if ((mkdir(path.text, 0700) && errno != EEXIST) ||
        access(path.text, W_OK | X_OK))
        return pf_fail(err, PF_CONFIG, "%s: uid %u cannot write there: %s",
                       path.text, (unsigned)geteuid(), strerror(errno));
    return PF_OK;
}

/* Without its key nothing else can be signed that goes with what is there. */
static enum pf_rc check_alone(const struct work *w, int which,
                              struct pf_error *err)
{
    const char *const *files = authorities[which].signed_files;
    struct path path = path_of(w, files[0], "");

    if (access(path.text, F_OK))
        path = path_of(w, files[1], "");
    if (access(path.text, F_OK))
        return PF_OK;
    return pf_fail(err, PF_CONFIG,
                   "%s/authority/%s is missing, and %s, which it has signed, "
                   "is there: bring it back, or remove what is in all "
                   "directories below %s to have it made again",
                   w->wanted->dir, authorities[which].file, path.text,
                   w->wanted->dir);
}

static enum pf_rc settle_authority(struct work *w, int which,
                                   struct pf_error *err)
{
    const char *file = authorities[which].file;
    struct path path = path_of(w, "authority", file);
    struct pf_cert *signer = &w->signers[which];
    enum pf_rc rc = pf_authority_read(path.text, w->wanted->now, signer, err);

    if (rc != PF_AGAIN && rc != PF_END)
        return rc;
    rc = rc == PF_AGAIN ? check_alone(w, which, err) : PF_OK;
    if (!rc)
        rc = pf_authority_make(path.text, authorities[which].whose,
                               w->wanted->now, signer, err);
    if (!rc)
        pf_made_note(w->made, path.text + strlen(w->wanted->dir) + 1);
    return rc;
}

/* What the password is: in its file, or a new one. */
static enum pf_rc settle_password(struct work *w, struct pf_error *err)
{
    struct path path = path_of(w, "authority", PASSWORD);
    enum pf_rc rc = pf_password_read(path.text, w->password, sizeof w->password,
                                     err);

    if (rc != PF_AGAIN)
        return rc;
    rc = pf_password_make(w->password, err);
    return rc ? rc
              : pf_private_file_write(path.text, w->password,
                                      strlen(w->password), err);
}

/* Whom a node trusts. */
static enum pf_rc put_public(const struct work *w, const char *node, int which,
                             struct pf_error *err)
{
    return pf_cert_write_public(
        &w->signers[which],
        path_of(w, node, authorities[which].public_file).text, err);
}

/* For a server: host, and what is beside it. */
static enum pf_rc put_leaf(const struct work *w, const char *node,
                           const struct leaf *leaf, const char *host,
                           struct pf_error *err)
{
    const struct pf_cert_hosts *more = &w->wanted->more;
    bool is_server = !strcmp(leaf->name, "server"), is_new;
    struct path path = path_of(w, node, leaf->file);
    const char *hosts[HOSTS_MAX] = {host};
    struct pf_cert_wish wish = {.name = leaf->name,
                                .hosts = hosts,
                                .serves = leaf->serves,
                                .asks = leaf->asks,
                                .days = is_server ? PF_SERVER_DAYS
                                                  : PF_AUTHORITY_DAYS};
    enum pf_rc rc;

    wish.n = leaf->serves;
    for (size_t i = 0; leaf->serves && i < N_BESIDE; i++)
        if (strcmp(beside[i], host) != 0)
            hosts[wish.n++] = beside[i];
    for (size_t i = 0; is_server && i < more->n && wish.n < HOSTS_MAX; i++)
        hosts[wish.n++] = more->list[i];
    rc = pf_leaf_settle(path.text, &wish, &w->signers[leaf->authority],
                        w->wanted->renew && is_server, w->wanted->now, &is_new,
                        err);
    if (is_new)
        pf_made_note(w->made, path.text + strlen(w->wanted->dir) + 1);
    return rc;
}

/* The certificate of who waits comes last: it begins when all is there. */
static enum pf_rc settle_broker(const struct work *w, size_t i,
                                struct pf_error *err)
{
    const char *host = w->wanted->brokers.list[i];
    char node[40];
    enum pf_rc rc;

    snprintf(node, sizeof node, "broker/%zu", i + 1);
    rc = make_directory(w, node, err);
    for (int which = 0; !rc && which < AUTHORITIES; which++)
        rc = put_public(w, node, which, err);
    if (!rc)
        rc = pf_private_file_write(path_of(w, node, PASSWORD).text, w->password,
                                   strlen(w->password), err);
    for (size_t k = 0; !rc && k < COUNT(broker_leaves); k++)
        rc = put_leaf(w, node, &broker_leaves[k], host, err);
    return rc;
}

static enum pf_rc settle_zookeeper(const struct work *w, size_t i,
                                   struct pf_error *err)
{
    char node[40];
    enum pf_rc rc;

    snprintf(node, sizeof node, "zookeeper/%zu", i + 1);
    rc = make_directory(w, node, err);
    if (!rc)
        rc = put_public(w, node, OF_ZOOKEEPERS, err);
    return rc ? rc
              : put_leaf(w, node, &zookeeper_leaf,
                         w->wanted->zookeepers.list[i], err);
}

static enum pf_rc settle_client(const struct work *w, const struct leaf *leaf,
                                struct pf_error *err)
{
    enum pf_rc rc = make_directory(w, leaf->name, err);

    if (!rc)
        rc = put_public(w, leaf->name, OF_BROKERS, err);
    return rc ? rc : put_leaf(w, leaf->name, leaf, "", err);
}

static enum pf_rc settle_all(struct work *w, struct pf_error *err)
{
    static const char *const dirs[] = {"authority", "broker", "zookeeper"};
    enum pf_rc rc = PF_OK;

    for (size_t i = 0; !rc && i < COUNT(dirs); i++)
        rc = make_directory(w, dirs[i], err);
    for (int which = 0; !rc && which < AUTHORITIES; which++)
        rc = settle_authority(w, which, err);
    if (!rc)
        rc = settle_password(w, err);
    for (size_t i = 0; !rc && i < w->wanted->zookeepers.n; i++)
        rc = settle_zookeeper(w, i, err);
    for (size_t i = 0; !rc && i < w->wanted->brokers.n; i++)
        rc = settle_broker(w, i, err);
    for (size_t i = 0; !rc && i < COUNT(client_leaves); i++)
        rc = settle_client(w, &client_leaves[i], err);
    return rc;
}

enum pf_rc pf_cluster_certs_settle(const struct pf_cluster_certs *wanted,
                                   struct pf_made *ret, struct pf_error *err)
{
    struct work w = {.wanted = wanted, .made = ret};
    enum pf_rc rc;

    *ret->text = '\0';
    rc = settle_all(&w, err);
    for (int which = 0; which < AUTHORITIES; which++)
        pf_cert_release(&w.signers[which]);
    explicit_bzero(w.password, sizeof w.password);
    return rc;
}
