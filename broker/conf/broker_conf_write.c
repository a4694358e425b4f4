#include "broker_conf.h"

#include <inttypes.h>
#include <stdio.h>

#include "java_settings.h"
#include "properties_write.h"

/* librdkafka's default of message.max.bytes, which also limits batches. */
#define BATCH_DEFAULT 1000000
#define BATCH_LEAST 1000

/* The settings that producer and consumer read before their own files. */
static enum pf_rc put_local(const struct pf_broker_conf *conf,
                            const struct pf_places *places,
                            struct pf_settings *ret, struct pf_error *err)
{
    static const char batch_max[] = "message.max.bytes";
    /* Kafka itself refuses a value that is not a number. */
    int64_t bytes = pf_java_int(&conf->server, batch_max, 0, INT64_MAX,
                                BATCH_DEFAULT);
    char text[24];
    enum pf_rc rc = pf_settings_put(ret, "bootstrap.servers", conf->local, "",
                                    PF_FROM_COMMAND, err);

    if (!rc && conf->is_secure)
        rc = pf_security_put_client(ret, places, NULL, err);
    if (rc || bytes >= BATCH_DEFAULT)
        return rc;
    snprintf(text, sizeof text, "%" PRId64,
             bytes < BATCH_LEAST ? BATCH_LEAST : bytes);
    return pf_settings_put(ret, batch_max, text, "", PF_FROM_COMMAND, err);
}

/* Write who each program is. */
static enum pf_rc write_identities(const struct pf_broker_conf *conf,
                                   const struct pf_places *places,
                                   const char *heading, struct pf_error *err)
{
    static const char *const programs[] = PF_IDENTITIES;
    enum pf_rc rc = PF_OK;

    for (size_t i = 0; !rc && i < sizeof programs / sizeof *programs; i++) {
        struct pf_settings identity = pf_settings_init();
        char name[64];

        snprintf(name, sizeof name, "identity-%s.properties", programs[i]);
        if (conf->is_secure)
            rc = pf_security_put_client(&identity, places, programs[i], err);
        if (!rc)
            rc = pf_properties_write_file(pf_path_in(places->run, name).text,
                                          heading, &identity, err);
        pf_settings_release(&identity);
    }
    return rc;
}

enum pf_rc pf_broker_conf_write(const struct pf_broker_conf *conf,
                                const struct pf_places *places,
                                struct pf_error *err)
{
    static const char heading[] =
        "# The feed's effective settings, rewritten at each start: edits here "
        "are lost.\n# `pf-broker config` shows where each setting is from.\n";
    struct pf_settings local = pf_settings_init();
    const struct {
        const char *name;
        const struct pf_settings *settings;
    } files[] = {
        {"server.properties", &conf->server},
        {"zookeeper.properties", &conf->zookeeper},
        {"local.properties", &local},
    };
    enum pf_rc rc = put_local(conf, places, &local, err);

    for (size_t i = 0; !rc && i < sizeof files / sizeof *files; i++)
        rc = pf_properties_write_file(
            pf_path_in(places->run, files[i].name).text, heading,
            files[i].settings, err);
    pf_settings_release(&local);
    return rc ? rc : write_identities(conf, places, heading, err);
}
