#include "secure.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "kafka_conf.h"
#include "log.h"
#include "private_file.h"
#include "rights.h"
#include "scram.h"

static const char *value_of(const struct pf_settings *settings,
                            const char *name, const char *initial)
{
    const struct pf_setting *s = pf_settings_get(settings, name);

    return s && *s->value ? s->value : initial;
}

/* The topic for bad records, if there is one: it is made when it is missing. */
static void add_dead_letters(struct rights *rights, const char *principal,
                             const struct pf_settings *settings,
                             const char *initial)
{
    const char *topic = value_of(settings, "feed.dead.letters", initial);

    if (strcmp(value_of(settings, "feed.on.bad", ""), "dead-letter") != 0 ||
        pf_topic_check(topic, NULL)) /* a file, or reported by the program */
        return;
    rights_add_writer(rights, principal, topic);
    rights_add(rights, principal, RD_KAFKA_RESOURCE_TOPIC, topic,
               RD_KAFKA_ACL_OPERATION_CREATE);
}

/* The producer also reads its topic, to see where the last run stopped. */
static void add_producer(struct rights *rights, const char *topic,
                         const struct pf_settings *settings)
{
    static const char principal[] = "User:CN=producer";

    rights_add_writer(rights, principal, topic);
    rights_add(rights, principal, RD_KAFKA_RESOURCE_TOPIC, topic,
               RD_KAFKA_ACL_OPERATION_READ);
    rights_add(rights, principal, RD_KAFKA_RESOURCE_TOPIC, topic,
               RD_KAFKA_ACL_OPERATION_CREATE);
    add_dead_letters(rights, principal, settings, "replay-dead");
}

static void add_consumer(struct rights *rights, const char *topic,
                         const struct pf_settings *settings)
{
    static const char principal[] = "User:CN=consumer";

    rights_add_reader(rights, principal, topic);
    rights_add(rights, principal, RD_KAFKA_RESOURCE_GROUP,
               value_of(settings, "group.id", "pricefeed"),
               RD_KAFKA_ACL_OPERATION_READ);
    add_dead_letters(rights, principal, settings, "prices-dead");
}

/* The page shows all topics and groups, and changes nothing. */
static void add_web(struct rights *rights)
{
    static const char principal[] = "User:CN=web";

    rights_add_reader(rights, principal, "*");
    rights_add(rights, principal, RD_KAFKA_RESOURCE_GROUP, "*",
               RD_KAFKA_ACL_OPERATION_DESCRIBE);
}

void secure_add_groups(struct rights *rights, const char *principal,
                       const char *name)
{
    char group[256];

    rights_add(rights, principal, RD_KAFKA_RESOURCE_GROUP, name,
               RD_KAFKA_ACL_OPERATION_READ);
    snprintf(group, sizeof group, "%s-*", name);
    rights_add(rights, principal, RD_KAFKA_RESOURCE_GROUP, group,
               RD_KAFKA_ACL_OPERATION_READ);
}

/* Add the rights of program, by its own settings. */
static enum pf_rc add_program(const struct ctl *ctl, const char *program,
                              struct rights *rights, struct pf_error *err)
{
    struct pf_settings settings = pf_settings_init();
    enum pf_rc rc = ctl_program_settings(ctl, program, &settings, err);
    const char *topic = value_of(&settings, "feed.topic", "prices-topic");
    bool is_consumer = !strcmp(program, "consumer");

    if (!rc)
        rc = pf_topic_check(topic, err);
    if (!rc && is_consumer)
        add_consumer(rights, topic, &settings);
    else if (!rc)
        add_producer(rights, topic, &settings);
    if (!rc && is_consumer && !ctl->follow) {
        rights_add_reader(rights, "User:" SECURE_READER, topic);
        secure_add_groups(rights, "User:" SECURE_READER, SECURE_READER);
    }
    pf_settings_release(&settings);
    return rc;
}

/* The password from its file; at the first start it is made, but not by one
 * broker of several: PF_AGAIN. */
static enum pf_rc read_password(const struct ctl *ctl, char *ret, size_t size,
                                struct pf_error *err)
{
    struct pf_path path = pf_security_path(&ctl->places, SECURE_READER_FILE);
    enum pf_rc rc = pf_password_read(path.text, ret, size, err);

    if (rc != PF_AGAIN || ctl->places.tls)
        return rc;
    rc = pf_password_make(ret, err);
    return rc ? rc : pf_private_file_write(path.text, ret, strlen(ret), err);
}

/* At each start: the volume with the users may have been reset. */
static enum pf_rc put_reader(const struct ctl *ctl, rd_kafka_t *rk,
                             struct pf_error *err)
{
    char password[256];
    enum pf_rc rc = read_password(ctl, password, sizeof password, err);

    if (rc == PF_AGAIN)
        return PF_OK; /* nobody has made it for this cluster */
    if (!rc)
        rc = scram_put(rk, SECURE_READER, password,
                       pf_left_ms(ctl->deadline_ms), err);
    explicit_bzero(password, sizeof password);
    if (rc != PF_UNDECIDED)
        return rc;
    pf_log(PF_LOG_WARNING, "there is no user " SECURE_READER ": %s",
           err ? err->text : "");
    return PF_OK;
}

enum pf_rc secure_settle(const struct ctl *ctl, rd_kafka_t *rk,
                         struct pf_error *err)
{
    bool is_for_all = !ctl->follow; /* and not for one program */
    struct rights rights = {.n = 0};
    enum pf_rc rc = PF_OK;

    if (!ctl->conf.is_secure || ctl->argument ||
        pf_settings_get(&ctl->given, "feed.topic"))
        return PF_OK;
    if (is_for_all || !ctl_is_for_consumer(ctl))
        rc = add_program(ctl, "producer", &rights, err);
    if (!rc && (is_for_all || ctl_is_for_consumer(ctl)))
        rc = add_program(ctl, "consumer", &rights, err);
    if (is_for_all)
        add_web(&rights);
    if (!rc)
        rc = rights_give(rk, &rights, pf_left_ms(ctl->deadline_ms), err);
    if (!rc && is_for_all)
        rc = put_reader(ctl, rk, err);
    rights_release(&rights);
    return rc;
}
