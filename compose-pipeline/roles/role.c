#include "role.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "text.h"

#define SERVERS "BOOTSTRAP_SERVERS"

/* Docker kills a container 10 s after it was asked to stop. */
#define STOP_MS 8000

/*
 * A broker may need as long as it tries to hand its partitions over: three
 * times in fifteen seconds. The page shows itself what it waits for, so it does
 * not wait for Kafka.
 */
static const struct role roles[] = {
    {.name = "zookeeper",
     .kind = ROLE_ZOOKEEPER,
     .program = "zookeeper",
     .command = "broker/zookeeper",
     .files = "zookeeper-ca.pem zookeeper.pem",
     .alive_after_ms = 10000,
     .stop_ms = STOP_MS},
    {.name = "broker",
     .kind = ROLE_BROKER,
     .program = "kafka",
     .command = "compose-pipeline/start-kafka",
     .needs = "ZooKeeper",
     .port = "2181",
     .files = "ca.pem broker.pem pf-broker.pem zookeeper-ca.pem zookeeper.pem",
     .alive_after_ms = 10000,
     .stop_ms = 25000},
    {.name = "producer",
     .program = "producer",
     .command = "pf-producer",
     .prefix = "PRODUCER_",
     .file = "producer.properties",
     .stats = "feed.stats=%s/producer.stats",
     .needs = "Kafka",
     .port = "9092",
     .files = "ca.pem producer.pem",
     .alive_after_ms = 1000,
     .stop_ms = STOP_MS,
     .may_finish = true,
     .needs_rights = true},
    {.name = "consumer",
     .program = "consumer",
     .command = "pf-consumer",
     .prefix = "CONSUMER_",
     .file = "consumer.properties",
     .stats = "feed.stats=%s/consumer.stats",
     .prices = "feed.prices=%s/consumer.prices",
     .needs = "Kafka",
     .port = "9092",
     .files = "ca.pem consumer.pem",
     .alive_after_ms = 1000,
     .stop_ms = STOP_MS,
     .may_finish = true,
     .needs_rights = true},
    {.name = "processor",
     .program = "processor",
     .command = "pf-processor",
     .prefix = "PROCESSOR_",
     .file = "processor.properties",
     .stats = "feed.stats=%s/processor.stats",
     .needs = "Kafka",
     .port = "9092",
     .alive_after_ms = 1000,
     .stop_ms = STOP_MS,
     .may_finish = true},
    {.name = "web",
     .program = "web",
     .command = "pf-web",
     .prefix = "WEB_",
     .file = "web.properties",
     .files = "ca.pem web.pem",
     .alive_after_ms = 1000,
     .stop_ms = STOP_MS},
    {.name = "connect",
     .kind = ROLE_CONNECT,
     .program = "connect",
     .command = "connect/connect",
     .prefix = "CONNECT_",
     .needs = "Kafka",
     .port = "9092",
     .alive_after_ms = 10000,
     .stop_ms = STOP_MS},
    {.name = "audit",
     .program = "audit",
     .command = "pf-audit",
     .prefix = "AUDIT_",
     .needs = "Kafka",
     .port = "9092",
     .alive_after_ms = 1000,
     .stop_ms = STOP_MS,
     .may_finish = true,
     .once = true},
    {.name = "authority",
     .kind = ROLE_AUTHORITY,
     .program = "authority",
     .command = "pf-broker",
     .alive_after_ms = 1000,
     .stop_ms = STOP_MS,
     .may_finish = true,
     .once = true},
};

enum { ROLES = sizeof roles / sizeof *roles };

const struct role *role_find(const char *name)
{
    for (size_t i = 0; i < ROLES; i++)
        if (!strcmp(roles[i].name, name))
            return &roles[i];
    return NULL;
}

const char *role_hint(const char *name, char *buf, int size)
{
    struct pf_nearest nearest = pf_nearest_init(name);

    for (size_t i = 0; i < ROLES; i++)
        pf_nearest_offer(&nearest, roles[i].name);
    if (nearest.found)
        snprintf(buf, (size_t)size, "; did you mean the role '%s'?",
                 nearest.found);
    else
        *buf = '\0';
    return buf;
}

/* A command line that is being made; it has room for all of it. */
struct words {
    char **list;
    size_t n;
};

static bool add(struct words *words, const char *format, const char *value)
{
    if (asprintf(&words->list[words->n], format, value) < 0) {
        words->list[words->n] = NULL;
        return false;
    }
    words->n++;
    return true;
}

static bool add_file(struct words *words, const char *path)
{
    return access(path, F_OK) != 0 ||
           (add(words, "%s", "-F") && add(words, "%s", path));
}

static bool add_setting(struct words *words, const char *format,
                        const char *value)
{
    return !format || !value ||
           (add(words, "%s", "-X") && add(words, format, value));
}

struct pf_path role_identity(const struct role *role,
                             const struct pf_places *places)
{
    char name[60];

    snprintf(name, sizeof name, "identity-%s.properties", role->program);
    return pf_path_in(places->run, name);
}

/* What a client gets from us: who it is, its file, and where its counters go.
 */
static bool add_settings(struct words *words, const struct role *role,
                         const struct pf_places *places)
{
    const char *page = strcmp(role->name, "web") ? NULL : getenv("PF_PAGE");

    return (!role->files ||
            add_file(words, role_identity(role, places).text)) &&
           (!role->file ||
            add_file(words, pf_path_in(places->config, role->file).text)) &&
           add_setting(words, role->stats, places->run) &&
           add_setting(words, role->prices, places->run) &&
           add_setting(words, "feed.web.assets=%s",
                       page && *page ? page : NULL);
}

#define OWN_WORDS 11 /* at most, with the NULL at the end */

enum pf_rc role_command(const struct role *role, const struct pf_places *places,
                        char *const *args, char ***ret, struct pf_error *err)
{
    bool is_client = role->kind == ROLE_CLIENT;
    bool is_script = strchr(role->command, '/'); /* below PF_HOME */
    struct words words = {0};
    bool done;
    size_t n = 0;

    while (args[n])
        n++;
    if (n && !is_client)
        return pf_fail(err, PF_CONFIG,
                       "the role %s takes no arguments, and '%.60s' is one; "
                       "see --help",
                       role->name, args[0]);
    words.list = calloc(OWN_WORDS + n, sizeof *words.list);
    done = words.list &&
           add(&words, "%s",
               is_script ? pf_path_in(places->home, role->command).text
                         : role->command);
    if (done && role->kind == ROLE_AUTHORITY)
        done = add(&words, "%s", "certificates");
    if (done && is_client)
        done = add_settings(&words, role, places);
    while (done && *args)
        done = add(&words, "%s", *args++);
    if (!done) {
        role_command_free(words.list);
        return pf_fail(err, PF_NOMEM, "out of memory");
    }
    *ret = words.list;
    return PF_OK;
}

void role_command_free(char **command)
{
    for (char **word = command; word && *word; word++)
        free(*word);
    free(command);
}

static bool is_set(const char *prefix, const char *suffix, char *name, int size)
{
    const char *value;

    snprintf(name, (size_t)size, "%s" SERVERS "%s", prefix, suffix);
    value = getenv(name);
    return value && *value;
}

void role_take_servers(const struct role *role)
{
    const char *servers = getenv(SERVERS);
    char name[80];

    if (!role->prefix || !servers || !*servers ||
        is_set(role->prefix, "_FILE", name, sizeof name) ||
        is_set(role->prefix, "", name, sizeof name))
        return;
    setenv(name, servers, 1);
}
