/* users.c - `pf-broker add-user`, `remove-user` and `users`: who is let in. */
#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "kafka_conf.h"
#include "private_file.h"
#include "rights.h"
#include "scram.h"
#include "secure.h"
#include "table.h"
#include "text.h"

#define NAME_MAX_BYTES 64
#define PASSWORD_MAX_BYTES 255

/* A name of users: what a group's name may have, too. */
static enum pf_rc check_name(const char *name, struct pf_error *err)
{
    if (!name)
        return pf_fail(err, PF_CONFIG, "a name is missing; see --help");
    if (!pf_name_ok(name, strlen(name), NAME_MAX_BYTES))
        return pf_fail(err, PF_CONFIG,
                       "'%.80s' is not a name of 1 to %d letters, digits, '.', "
                       "'_' and '-'",
                       name, NAME_MAX_BYTES);
    if (!strcmp(name, SECURE_READER))
        return pf_fail(err, PF_CONFIG,
                       SECURE_READER " is the feed's own: its password is what "
                                     "is in " PF_SECURITY_DIR
                                     "/" SECURE_READER_FILE " of "
                                     "the volume when the feed starts");
    return PF_OK;
}

/* Topics may end in *, for all that begin so. */
static enum pf_rc check_topic(const char *topic, struct pf_error *err)
{
    size_t len = strlen(topic);

    if (len && topic[len - 1] == '*')
        len--;
    if (!strcmp(topic, "*") || pf_name_ok(topic, len, 249))
        return PF_OK;
    return pf_fail(err, PF_CONFIG,
                   "'%.80s' is neither a topic nor the beginning of topics "
                   "with a * after it",
                   topic);
}

static enum pf_rc check_topics(const struct ctl_topics *topics,
                               struct pf_error *err)
{
    enum pf_rc rc = PF_OK;

    for (size_t i = 0; !rc && i < topics->n; i++)
        rc = check_topic(topics->list[i], err);
    return rc;
}

/* Who writes may also do so in transactions, whose names are as of groups. */
static void add_transactions(struct rights *rights, const char *principal,
                             const char *name)
{
#if RD_KAFKA_VERSION >= 0x020200ff
    char prefix[NAME_MAX_BYTES + 3];

    snprintf(prefix, sizeof prefix, "%s-*", name);
    rights_add(rights, principal, RD_KAFKA_RESOURCE_TRANSACTIONAL_ID, name,
               RD_KAFKA_ACL_OPERATION_WRITE);
    rights_add(rights, principal, RD_KAFKA_RESOURCE_TRANSACTIONAL_ID, prefix,
               RD_KAFKA_ACL_OPERATION_WRITE);
#else
    (void)rights, (void)principal, (void)name;
#endif
}

static enum pf_rc give_rights(const struct ctl *ctl, rd_kafka_t *rk,
                              const char *name, struct pf_error *err)
{
    struct rights rights = {.n = 0};
    char principal[NAME_MAX_BYTES + 6];
    enum pf_rc rc = PF_OK;

    snprintf(principal, sizeof principal, "User:%s", name);
    for (size_t i = 0; i < ctl->read.n; i++)
        rights_add_reader(&rights, principal, ctl->read.list[i]);
    for (size_t i = 0; i < ctl->write.n; i++)
        rights_add_writer(&rights, principal, ctl->write.list[i]);
    if (ctl->read.n)
        secure_add_groups(&rights, principal, name);
    if (ctl->write.n)
        add_transactions(&rights, principal, name);
    if (rights.n)
        rc = rights_give(rk, &rights, pf_left_ms(ctl->deadline_ms), err);
    rights_release(&rights);
    return rc;
}

/* The password from the file that was named, or a new one. */
static enum pf_rc get_password(const struct ctl *ctl, char *ret, size_t size,
                               struct pf_error *err)
{
    enum pf_rc rc;

    if (!ctl->password_file)
        return pf_password_make(ret, err);
    rc = pf_password_read(ctl->password_file, ret, size, err);
    return rc == PF_AGAIN ? PF_CONFIG : rc;
}

static enum pf_rc add(const struct ctl *ctl, rd_kafka_t *rk, const char *name,
                      struct pf_error *err)
{
    char password[PASSWORD_MAX_BYTES + 1];
    enum pf_rc rc = get_password(ctl, password, sizeof password, err);

    if (!rc)
        rc = scram_put(rk, name, password, pf_left_ms(ctl->deadline_ms), err);
    if (!rc)
        rc = give_rights(ctl, rk, name, err);
    if (!rc && !ctl->password_file)
        printf("%s\n", password);
    explicit_bzero(password, sizeof password);
    return rc;
}

/* First the rights: a connection that is open keeps those it has. */
static enum pf_rc take_out(const struct ctl *ctl, rd_kafka_t *rk,
                           const char *name, struct pf_error *err)
{
    char principal[NAME_MAX_BYTES + 6];
    enum pf_rc rc;

    snprintf(principal, sizeof principal, "User:%s", name);
    rc = rights_take(rk, principal, pf_left_ms(ctl->deadline_ms), err);
    if (!rc)
        rc = scram_remove(rk, name, pf_left_ms(ctl->deadline_ms), err);
    return rc == PF_END ? pf_fail(err, PF_IO, "there is no user %s", name) : rc;
}

static enum pf_rc open_secure(struct ctl *ctl, rd_kafka_t **ret,
                              struct pf_error *err)
{
    enum pf_rc rc = ctl->conf.is_secure
                        ? ctl_wait_port(ctl, err)
                        : pf_fail(err, PF_CONFIG,
                                  "this feed lets everybody in; start it with "
                                  "FEED_SECURITY=tls");

    return rc ? rc : ctl_open(ctl, RD_KAFKA_CONSUMER, ret, err);
}

/* Check what was asked for, and connect. */
static enum pf_rc open_for_user(struct ctl *ctl, rd_kafka_t **ret,
                                struct pf_error *err)
{
    enum pf_rc rc = check_name(ctl->argument, err);

    if (!rc)
        rc = check_topics(&ctl->read, err);
    if (!rc)
        rc = check_topics(&ctl->write, err);
    return rc ? rc : open_secure(ctl, ret, err);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* A row of the table. */
static void put_user(struct pf_table *table, const char *name,
                     const rd_kafka_event_t *rights)
{
    static const rd_kafka_AclOperation_t operations[] = {
        RD_KAFKA_ACL_OPERATION_READ, RD_KAFKA_ACL_OPERATION_WRITE};
    char principal[300];

    snprintf(principal, sizeof principal, "User:%s", name);
    pf_table_escape(table, name);
    for (size_t i = 0; i < 2; i++) {
        struct pf_buffer topics = {0};

        rights_of(rights, principal, operations[i], &topics);
        pf_table_put(table, "%.*s", (int)topics.n, topics.at);
        table->failed = table->failed || topics.failed;
        pf_buffer_release(&topics);
    }
}

static enum pf_rc print_users(const struct scram_users *users,
                              const rd_kafka_event_t *rights,
                              struct pf_error *err)
{
    struct pf_table table = {.columns = 3};
    struct pf_buffer text = {0};
    bool failed;

    if (users->names.n)
        qsort(users->names.at, users->names.n, sizeof *users->names.at,
              by_name);
    pf_table_put(&table, "user");
    pf_table_put(&table, "reads");
    pf_table_put(&table, "writes");
    for (size_t i = 0; i < users->names.n; i++)
        put_user(&table, users->names.at[i], rights);
    pf_table_end(&table, &text);
    failed = text.failed;
    if (!failed) /* without the empty line at its end */
        printf("%.*s", (int)text.n - 1, text.at);
    pf_buffer_release(&text);
    return failed ? pf_fail(err, PF_NOMEM, "out of memory") : PF_OK;
}

static enum pf_rc list(const struct ctl *ctl, rd_kafka_t *rk,
                       struct pf_error *err)
{
    struct scram_users users = {0};
    rd_kafka_event_t *rights = NULL;
    enum pf_rc rc = scram_list(rk, pf_left_ms(ctl->deadline_ms), &users, err);

    if (!rc)
        rc = rights_list(rk, pf_left_ms(ctl->deadline_ms), &rights, err);
    if (!rc)
        rc = print_users(&users, rights, err);
    if (rights)
        rd_kafka_event_destroy(rights);
    scram_users_release(&users);
    return rc;
}

/* To an exit code: that something is missing here is a failure. */
static enum pf_rc result(enum pf_rc rc)
{
    return rc == PF_AGAIN || rc == PF_UNDECIDED ? PF_IO : rc;
}

enum pf_rc ctl_add_user(struct ctl *ctl, struct pf_error *err)
{
    rd_kafka_t *rk = NULL;
    enum pf_rc rc = open_for_user(ctl, &rk, err);

    return result(rc ? rc : add(ctl, rk, ctl->argument, err));
}

enum pf_rc ctl_remove_user(struct ctl *ctl, struct pf_error *err)
{
    rd_kafka_t *rk = NULL;
    enum pf_rc rc = open_for_user(ctl, &rk, err);

    return result(rc ? rc : take_out(ctl, rk, ctl->argument, err));
}

enum pf_rc ctl_users(struct ctl *ctl, struct pf_error *err)
{
    rd_kafka_t *rk = NULL;
    enum pf_rc rc = open_secure(ctl, &rk, err);

    return result(rc ? rc : list(ctl, rk, err));
}
