/* The effective broker configuration, from files and environment. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "broker_conf.h"
#include "properties_write.h"

#define LISTENERS                                               \
    "listeners=LOCAL://127.0.0.1:19092,DOCKER://0.0.0.0:29092," \
    "HOST://0.0.0.0:9092\n"
#define ADVERTISED                                                      \
    "advertised.listeners=LOCAL://127.0.0.1:19092,DOCKER://feed:29092," \
    "HOST://localhost:9092\n"
#define MAP                                                            \
    "listener.security.protocol.map=LOCAL:PLAINTEXT,DOCKER:PLAINTEXT," \
    "HOST:PLAINTEXT\n"
#define SHIPPED                                              \
    "broker.id=7\nlog.dirs=kafka\n" LISTENERS ADVERTISED MAP \
    "inter.broker.listener.name=LOCAL\nzookeeper.connect=127.0.0.1:2181\n"
#define ZOOKEEPER \
    "dataDir=zookeeper\nclientPort=2181\nclientPortAddress=127.0.0.1\n"

/* A feed's directories, and what is said on stderr meanwhile. */
struct world {
    char dir[64];
    struct pf_places places;
    struct pf_broker_conf conf;
    struct pf_error err;
    FILE *said;
    int stderr_fd;
};

static void put_file(const struct world *w, const char *name, const char *text)
{
    FILE *out = fopen(pf_path_in(w->dir, name).text, "we");

    assert_non_null(out);
    fputs(text, out);
    assert_int_equal(fclose(out), 0);
}

static int make_world(void **state)
{
    struct world *w = calloc(1, sizeof *w);

    strcpy(w->dir, "/tmp/pf-broker-conf-XXXXXX");
    assert_non_null(mkdtemp(w->dir));
    assert_int_equal(mkdir(pf_path_in(w->dir, "broker").text, 0700), 0);
    put_file(w, "broker/server-names.txt",
             "broker.id INT\nlog.dirs STRING\nlog.retention.ms LONG\n"
             "listeners STRING\ndelete.topic.enable BOOLEAN\n"
             "super.users LIST\n"
             "advertised.listeners\nlistener.security.protocol.map\n"
             "inter.broker.listener.name\nzookeeper.connect\n");
    put_file(w, "broker/zookeeper-names.txt",
             "clientPort\nclientPortAddress\ndataDir\nssl.\n");
    put_file(w, "server.properties", SHIPPED);
    put_file(w, "zookeeper.properties", ZOOKEEPER);
    w->places = (struct pf_places){
        .home = w->dir, .config = w->dir, .data = "/data", .run = w->dir};
    w->said = tmpfile();
    w->stderr_fd = dup(STDERR_FILENO);
    dup2(fileno(w->said), STDERR_FILENO);
    *state = w;
    return 0;
}

static int remove_world(void **state)
{
    static const char *const names[] = {
        "broker/server-names.txt",
        "broker/zookeeper-names.txt",
        "server.properties",
        "zookeeper.properties",
        "local.properties",
        "identity-producer.properties",
        "identity-consumer.properties",
        "identity-web.properties",
        "broker",
        ".",
    };
    struct world *w = *state;

    dup2(w->stderr_fd, STDERR_FILENO);
    close(w->stderr_fd);
    fclose(w->said);
    pf_broker_conf_release(&w->conf);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        remove(i + 1 < sizeof names / sizeof *names
                   ? pf_path_in(w->dir, names[i]).text
                   : w->dir);
    free(w);
    return 0;
}

static enum pf_rc read_with(struct world *w, const char *const *environment)
{
    pf_broker_conf_release(&w->conf);
    return pf_broker_conf_read(&w->places, (char *const *)environment, &w->conf,
                               &w->err);
}

static enum pf_rc read_file(struct world *w, const char *server)
{
    const char *const none[] = {NULL};

    put_file(w, "server.properties", server);
    return read_with(w, none);
}

static const char *value(const struct world *w, const char *name)
{
    const struct pf_setting *s = pf_settings_get(&w->conf.server, name);

    return s ? s->value : "(none)";
}

/* Everything that has been logged so far. */
static const char *said(struct world *w)
{
    static char text[4096];
    ssize_t n = pread(fileno(w->said), text, sizeof text - 1, 0);

    text[n > 0 ? n : 0] = '\0';
    return text;
}

#define assert_contains(text, part)                      \
    do {                                                 \
        if (!strstr(text, part))                         \
            fail_msg("'%s' is not in '%s'", part, text); \
    } while (0)

static void leaves_the_shipped_settings_alone(void **state)
{
    struct world *w = *state;

    assert_int_equal(read_file(w, SHIPPED), PF_OK);
    for (size_t i = 0; i < 7; i++)
        assert_int_equal(w->conf.server.list[i].rank, PF_FROM_FILE);
    assert_int_equal(w->conf.broker_id, 7);
    assert_string_equal(w->conf.local, "127.0.0.1:19092");
    assert_string_equal(w->conf.zookeeper_address, "127.0.0.1:2181");
    assert_true(w->conf.zookeeper_is_ours);
    assert_int_equal(w->conf.n_log_dirs, 1);
    assert_string_equal(w->conf.log_dirs[0].text, "/data/kafka");
    assert_string_equal(w->conf.zookeeper_dir.text, "/data/zookeeper");
    assert_string_equal(said(w), "");
}

static void adds_local_whatever_was_edited(void **state)
{
    struct world *w = *state;

    assert_int_equal(read_file(w, "broker.id=7\nlisteners=HOST://:19092\n"
                                  "listener.security.protocol.map=HOST:SSL\n"
                                  "inter.broker.listener.name=GONE\n"),
                     PF_OK);
    assert_string_equal(value(w, "listeners"),
                        "HOST://:19092,LOCAL://127.0.0.1:19093");
    assert_string_equal(value(w, "advertised.listeners"),
                        "HOST://localhost:19092,LOCAL://127.0.0.1:19093");
    assert_string_equal(value(w, "listener.security.protocol.map"),
                        "HOST:SSL,LOCAL:PLAINTEXT");
    assert_string_equal(value(w, "inter.broker.listener.name"), "LOCAL");
    assert_string_equal(w->conf.local, "127.0.0.1:19093");
    assert_contains(said(w), "LOCAL://127.0.0.1:19093 is missing");
    assert_contains(said(w), "there is no listener 'GONE'");
}

static void keeps_local_without_encryption(void **state)
{
    struct world *w = *state;

    assert_int_equal(
        read_file(w, "listeners=LOCAL://127.0.0.1:1,HOST://:2\n"
                     "listener.security.protocol.map=LOCAL:SSL,HOST:SSL\n"),
        PF_OK);
    assert_string_equal(value(w, "listener.security.protocol.map"),
                        "LOCAL:PLAINTEXT,HOST:SSL");
}

static void needs_hardly_anything_in_the_file(void **state)
{
    struct world *w = *state;

    assert_int_equal(read_file(w, "log.retention.ms=1\n"), PF_OK);
    assert_string_equal(
        value(w, "listeners"),
        "LOCAL://127.0.0.1:19092,DOCKER://0.0.0.0:29092,HOST://0.0.0.0:9092");
    assert_string_equal(
        value(w, "advertised.listeners"),
        "LOCAL://127.0.0.1:19092,DOCKER://feed:29092,HOST://localhost:9092");
    assert_string_equal(value(w, "inter.broker.listener.name"), "LOCAL");
    assert_contains(value(w, "listener.security.protocol.map"),
                    "LOCAL:PLAINTEXT,DOCKER:PLAINTEXT,HOST:PLAINTEXT");
    assert_string_equal(value(w, "log.dirs"), "kafka");
    assert_string_equal(value(w, "zookeeper.connect"), "127.0.0.1:2181");
    assert_string_equal(value(w, "log.cleaner.dedupe.buffer.size"), "4194304");
    assert_string_equal(value(w, "offsets.topic.replication.factor"), "1");
    assert_int_equal(w->conf.broker_id, -1);
    assert_string_equal(said(w), "");
}

/* Kafka's own listeners, where the rest of the file is about them. */
static void keeps_kafkas_listeners_where_they_are_meant(void **state)
{
    static const char *const files[] = {
        "advertised.listeners=PLAINTEXT://my.host:9092\n",
        "listener.security.protocol.map=PLAINTEXT:PLAINTEXT,SSL:SSL\n",
        "security.inter.broker.protocol=PLAINTEXT\n",
        "inter.broker.listener.name=PLAINTEXT\n",
    };
    struct world *w = *state;

    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        assert_int_equal(read_file(w, files[i]), PF_OK);
        assert_string_equal(value(w, "listeners"),
                            "PLAINTEXT://:9092,LOCAL://127.0.0.1:19092");
    }
}

/* The file without its line of that number; false: it has no such line. */
static bool leave_out(const struct world *w, const char *file, int number)
{
    FILE *in = fopen(pf_path_in("config", file).text, "re");
    FILE *out = fopen(pf_path_in(w->dir, file).text, "we");
    char line[300];
    int n = 0;

    assert_non_null(in);
    assert_non_null(out);
    while (fgets(line, sizeof line, in))
        if (n++ != number)
            fputs(line, out);
    fclose(in);
    fclose(out);
    return number < n;
}

/* What the box needs does not depend on what the files happen to have. */
static void needs_no_single_line_of_the_shipped_files(void **state)
{
    static const char *const files[] = {"server.properties",
                                        "zookeeper.properties"};
    static const char *const needed[] = {
        "log.cleaner.dedupe.buffer.size",
        "socket.request.max.bytes",
        "queued.max.request.bytes",
        "offsets.topic.replication.factor",
        "offsets.topic.num.partitions",
        "transaction.state.log.replication.factor",
        "transaction.state.log.min.isr",
        "transaction.state.log.num.partitions",
        "auto.create.topics.enable",
        "controlled.shutdown.enable",
        "listeners",
        "advertised.listeners",
        "listener.security.protocol.map",
        "inter.broker.listener.name",
        "log.dirs",
        "zookeeper.connect",
    };
    const char *const none[] = {NULL};
    struct pf_broker_conf whole = {0};
    struct world *w = *state;
    struct pf_places shipped = w->places;

    shipped.config = "config";
    w->places.home = shipped.home = ".";
    assert_int_equal(
        pf_broker_conf_read(&shipped, (char *const *)none, &whole, &w->err),
        PF_OK);
    leave_out(w, "zookeeper.properties", -1);
    for (size_t i = 0; i < 2; i++) {
        for (int number = 0; leave_out(w, files[i], number); number++) {
            assert_int_equal(read_with(w, none), PF_OK);
            assert_string_equal(w->conf.local, whole.local);
            assert_string_equal(w->conf.zookeeper_address,
                                whole.zookeeper_address);
            for (size_t k = 0; k < sizeof needed / sizeof *needed; k++)
                if (strcmp(needed[k], "listener.security.protocol.map"))
                    assert_string_equal(
                        value(w, needed[k]),
                        pf_settings_get(&whole.server, needed[k])->value);
        }
    }
    assert_string_equal(said(w), "");
    pf_broker_conf_release(&whole);
}

static void a_value_of_a_persons_own_wins(void **state)
{
    struct world *w = *state;

    put_file(w, "zookeeper.properties", "admin.enableServer=true\n");
    assert_int_equal(read_file(w, "socket.request.max.bytes=104857600\n"
                                  "controlled.shutdown.enable=true\n"
                                  "log.dir=here\n"
                                  "log.cleaner.dedupe.buffer.size=\n"),
                     PF_OK);
    assert_string_equal(value(w, "socket.request.max.bytes"), "104857600");
    /* Kafka wants it to be no less than the above. */
    assert_string_equal(value(w, "queued.max.request.bytes"), "104857600");
    assert_string_equal(value(w, "controlled.shutdown.enable"), "true");
    assert_string_equal(value(w, "log.dirs"), "(none)");
    assert_string_equal(w->conf.log_dirs[0].text, "/data/here");
    assert_string_equal(value(w, "log.cleaner.dedupe.buffer.size"), "4194304");
    assert_string_equal(
        pf_settings_get(&w->conf.zookeeper, "admin.enableServer")->value,
        "true");
}

static void refuses_replicas_that_no_broker_is_there_for(void **state)
{
    struct world *w = *state;

    assert_int_equal(
        read_file(w, "broker.id=1\noffsets.topic.replication.factor=3\n"),
        PF_CONFIG);
    assert_contains(w->err.text,
                    "server.properties:2: offsets.topic.replication.factor: 3 "
                    "replicas need that many brokers, and this is the only "
                    "one; set it to 1, or leave it out");
    assert_int_equal(
        read_file(w, "transaction.state.log.replication.factor=2\n"),
        PF_CONFIG);
    /* Kafka takes this for no more than there are replicas. */
    assert_int_equal(read_file(w, "transaction.state.log.min.isr=2\n"), PF_OK);
    /* Others may come to a ZooKeeper that is not ours, or is open to all. */
    assert_int_equal(read_file(w, "zookeeper.connect=zk:2181\n"
                                  "offsets.topic.replication.factor=3\n"),
                     PF_OK);
    put_file(w, "zookeeper.properties", "clientPortAddress=0.0.0.0\n");
    assert_int_equal(read_file(w, "offsets.topic.replication.factor=3\n"),
                     PF_OK);
}

static void takes_the_environment_by_apaches_rule(void **state)
{
    const char *const environment[] = {
        "KAFKA_LOG_RETENTION_MS=60000",
        "KAFKA_BROKER_ID=8",
        "KAFKA_HEAP_OPTS=-Xmx1g",
        "KAFKA_LOG4J_LOGGERS=x",
        "KAFKA_OPTS=-Dx",
        "KAFKA_PORT=tcp://10.0.0.1:9092",
        "KAFKA_LOG_FILE=/nowhere/log",
        "KAFKA_TOPICS=x",
        "KAFKA_LISTENER_NAME_HOST_SSL_CLIENT_AUTH=none",
        "ZOOKEEPER_CLIENT_PORT=2182",
        "KAFKA_ZOOKEEPER_CONNECT=127.0.0.1:2182",
        NULL};
    struct world *w = *state;
    const struct pf_setting *port;

    assert_int_equal(read_with(w, environment), PF_OK);
    assert_string_equal(value(w, "log.retention.ms"), "60000");
    assert_int_equal(w->conf.broker_id, 8);
    assert_string_equal(value(w, "heap.opts"), "(none)");
    assert_string_equal(value(w, "log4j.loggers"), "(none)");
    assert_string_equal(value(w, "opts"), "(none)");
    assert_string_equal(value(w, "port"), "(none)");
    assert_string_equal(value(w, "listener.name.host.ssl.client.auth"), "none");
    assert_contains(said(w), "environment KAFKA_PORT: ignored: "
                             "tcp://10.0.0.1:9092 is what Kubernetes");
    assert_contains(said(w), "environment KAFKA_TOPICS: unknown Kafka setting "
                             "'topics', not passed on");
    port = pf_settings_get(&w->conf.zookeeper, "clientPort");
    assert_string_equal(port->value, "2182");
}

/* As Kubernetes sets them for Services feed, kafka and zookeeper-client, and
 * compose where a variable of its own is not set. */
static void takes_nothing_from_variables_of_others(void **state)
{
    const char *const environment[] = {
        "FEED_PORT=tcp://10.0.0.9:9092",
        "FEED_SERVICE_HOST=10.0.0.9",
        "KAFKA_SERVICE_PORT=9092",
        "KAFKA_PORT_9092_TCP_ADDR=10.0.0.9",
        "ZOOKEEPER_CLIENT_PORT=tcp://10.0.0.9:2181",
        "KAFKA_LOG_RETENTION_MS=",
        "KAFKA_BROKER_ID= ",
        "PF_BIND=",
        NULL};
    struct world *w = *state;

    assert_int_equal(read_with(w, environment), PF_OK);
    assert_string_equal(value(w, "log.retention.ms"), "(none)");
    assert_int_equal(w->conf.broker_id, 7);
    assert_contains(value(w, "advertised.listeners"), "HOST://localhost:9092");
    assert_string_equal(
        pf_settings_get(&w->conf.zookeeper, "clientPort")->value, "2181");
    assert_contains(said(w), "environment FEED_PORT: ignored: ");
    assert_contains(said(w), "environment ZOOKEEPER_CLIENT_PORT: ignored: ");
}

/* As ConfigDef.parseType(), KafkaConfig and QuorumPeerConfig do. */
static void reads_blanks_as_kafka_and_zookeeper_do(void **state)
{
    const char *const environment[] = {"FEED_PORT= 9999 ", "PF_BIND=::1\r",
                                       NULL};
    struct world *w = *state;

    put_file(w, "zookeeper.properties",
             "dataDir=zoo keeper \nclientPort=2181\t\n");
    put_file(w, "server.properties",
             "broker.id=3 \nlog.dirs= my data\t, other ,\\ third \n"
             "listeners = LOCAL://127.0.0.1:19092 , HOST://:9092 \n"
             "listener.security.protocol.map=LOCAL : PLAINTEXT , HOST:SSL \n"
             "inter.broker.listener.name=LOCAL \n"
             "zookeeper.connect=127.0.0.1:2181 \n");
    assert_int_equal(read_with(w, environment), PF_OK);
    assert_int_equal(w->conf.broker_id, 3);
    assert_int_equal(w->conf.n_log_dirs, 3);
    assert_string_equal(w->conf.log_dirs[0].text, "/data/my data");
    assert_string_equal(w->conf.log_dirs[1].text, "/data/other");
    assert_string_equal(w->conf.log_dirs[2].text, "/data/third");
    assert_string_equal(w->conf.zookeeper_dir.text, "/data/zoo keeper");
    assert_string_equal(value(w, "listeners"),
                        "LOCAL://127.0.0.1:19092,HOST://[::1]:9999");
    assert_string_equal(w->conf.zookeeper_address, "127.0.0.1:2181");
    assert_true(w->conf.zookeeper_is_ours);
    assert_string_equal(said(w), "");
}

static void binds_and_advertises_as_the_machine_wants(void **state)
{
    const char *const published[] = {"FEED_PORT=9999", NULL};
    const char *const native[] = {"FEED_PORT=9999", "PF_BIND=127.0.0.1", NULL};
    struct world *w = *state;

    assert_int_equal(read_with(w, published), PF_OK);
    assert_contains(value(w, "listeners"), "HOST://0.0.0.0:9092");
    assert_contains(value(w, "advertised.listeners"), "HOST://localhost:9999");

    assert_int_equal(read_with(w, native), PF_OK);
    assert_string_equal(value(w, "listeners"),
                        "LOCAL://127.0.0.1:19092,DOCKER://127.0.0.1:29092,"
                        "HOST://127.0.0.1:9999");
    assert_contains(value(w, "advertised.listeners"), "HOST://localhost:9999");
}

static void warns_of_a_misspelt_name_and_keeps_it(void **state)
{
    struct world *w = *state;

    assert_int_equal(read_file(w, SHIPPED "log.retentoin.ms=5\n"), PF_OK);
    assert_contains(said(w), "server.properties:8: unknown Kafka setting "
                             "'log.retentoin.ms', ignored; did you "
                             "mean 'log.retention.ms'?");
    assert_string_equal(value(w, "log.retentoin.ms"), "5");
}

static void
local_that_listens_everywhere_keeps_the_name_that_others_know(void **state)
{
    struct world *w = *state;

    assert_int_equal(read_file(w, "listeners=LOCAL://0.0.0.0:1\n"
                                  "advertised.listeners=LOCAL://broker-1:1\n"),
                     PF_OK);
    assert_string_equal(value(w, "advertised.listeners"), "LOCAL://broker-1:1");
    assert_string_equal(w->conf.local, "127.0.0.1:1");
    assert_int_equal(read_file(w, "listeners=LOCAL://0.0.0.0:1\n"), PF_OK);
    assert_string_equal(value(w, "advertised.listeners"),
                        "LOCAL://127.0.0.1:1");
    assert_int_equal(read_file(w, "listeners=LOCAL://127.0.0.1:1\n"
                                  "advertised.listeners=LOCAL://broker-1:2\n"),
                     PF_OK);
    assert_string_equal(value(w, "advertised.listeners"),
                        "LOCAL://127.0.0.1:1");
}

static void works_without_the_list_of_names(void **state)
{
    struct world *w = *state;

    assert_int_equal(remove(pf_path_in(w->dir, "broker/server-names.txt").text),
                     0);
    assert_int_equal(read_file(w, SHIPPED "anything=5\n"), PF_OK);
    assert_contains(said(w), "names in server.properties are not checked");
}

static void takes_each_value_that_kafka_takes_for_its_type(void **state)
{
    const char *const environment[] = {"KAFKA_LOG_RETENTION_MS= +5 ", NULL};
    struct world *w = *state;

    put_file(w, "server.properties",
             "broker.id=+3\nlog.retention.ms=wrong, but not in force\n"
             "delete.topic.enable=TRUE\nsuper.users=\n");
    assert_int_equal(read_with(w, environment), PF_OK);
    assert_int_equal(w->conf.broker_id, 3);
    assert_string_equal(value(w, "log.retention.ms"), "+5");
    assert_string_equal(value(w, "delete.topic.enable"), "TRUE");
    /* Empty is a list, but not a number: that is not set. */
    assert_int_equal(read_file(w, "broker.id=\nlog.retention.ms= \n"
                                  "delete.topic.enable=\nsuper.users=\n"),
                     PF_OK);
    assert_string_equal(value(w, "super.users"), "");
    assert_string_equal(value(w, "broker.id"), "(none)");
    assert_string_equal(value(w, "log.retention.ms"), "(none)");
    assert_string_equal(value(w, "delete.topic.enable"), "(none)");
}

static void names_the_line_of_what_cannot_work(void **state)
{
    static const struct {
        const char *server, *sentence;
    } cases[] = {
        {"", "server.properties: there is no setting in it"},
        {"# none\n", "there is no setting in it"},
        {"broker.id=first\n",
         "server.properties:1: broker.id: 'first' is not a whole number"},
        {"\nlog.retention.ms=soon\n",
         "server.properties:2: log.retention.ms: 'soon' is not a whole number"},
        {"log.retention.ms=1.5\n", "'1.5' is not a whole number"},
        {"log.retention.ms=99999999999999999999\n", "is not within"},
        {"broker.id=2147483648\n", "is not within"},
        {"delete.topic.enable=yes\n", "'yes' is neither true nor false"},
        {"\nlisteners=LOCAL://127.0.0.1:5,HOST://:5\n"
         "listener.security.protocol.map=HOST:PLAINTEXT\n",
         "server.properties:2: listeners: LOCAL and HOST both have port 5"},
        {"listeners=HOST:9092\n",
         "server.properties:1: listeners: 'HOST:9092' is not NAME://host:port"},
        {"listeners=HOST://:http\n", "'http' is not a whole number"},
        {"listeners=HOST://:0\n", "the port 0 is not within 1 to 65535"},
        {"listeners=A://:1,a://:2\n", "'A' occurs twice"},
        {"listeners=\n", "'' is not NAME://host:port"},
        {"listeners=MINE://:9092\n",
         "listener.security.protocol.map: no protocol for the listener MINE"},
        {LISTENERS MAP "advertised.listeners=EXTERNAL://me:9\n",
         "server.properties:3: advertised.listeners: there is no listener "
         "EXTERNAL"},
        {"broker.id=7\nzookeeper.connect=localhost:2182/feed\n",
         "server.properties:2: zookeeper.connect: ZooKeeper does not listen "
         "on port 2182 but on 2181 (clientPort in "},
        {"listeners=PLAINTEXT://:2181\n",
         "PLAINTEXT has port 2181, which is ZooKeeper's (clientPort in "},
        {"process.roles=broker\n", "server.properties:1: process.roles: "},
        {"log.dirs= , \n", "server.properties:1: log.dirs: no directory"},
    };
    struct world *w = *state;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(read_file(w, cases[i].server), PF_CONFIG);
        assert_contains(w->err.text, cases[i].sentence);
    }
}

static void refuses_files_that_are_not_there(void **state)
{
    const char *const none[] = {NULL};
    struct world *w = *state;
    struct pf_path path = pf_path_in(w->dir, "server.properties");

    assert_int_equal(remove(path.text), 0);
    assert_int_equal(read_with(w, none), PF_CONFIG);
    assert_contains(w->err.text, "No such file or directory (read as uid ");

    /* What Docker makes of a file that is mounted but missing. */
    assert_int_equal(mkdir(path.text, 0700), 0);
    assert_int_equal(read_with(w, none), PF_CONFIG);
    assert_contains(w->err.text, "Is a directory");
}

static void refuses_a_feed_port_that_is_none(void **state)
{
    const char *const environment[] = {"FEED_PORT=ninety", NULL};
    struct world *w = *state;

    assert_int_equal(read_with(w, environment), PF_CONFIG);
    assert_string_equal(
        w->err.text, "environment FEED_PORT: 'ninety' is not a whole number");
}

static void knows_another_machines_zookeeper(void **state)
{
    struct world *w = *state;

    assert_int_equal(read_file(w, "broker.id=1\nzookeeper.connect=zk1,zk2/a\n"),
                     PF_OK);
    assert_false(w->conf.zookeeper_is_ours);
    assert_string_equal(w->conf.zookeeper_address, "zk1:2181");
}

static void takes_the_place_of_zookeeper_from_one_variable(void **state)
{
    const char *const one[] = {"ZOOKEEPER_CONNECT=zk1:2181,zk2:2181", NULL};
    const char *const both[] = {"KAFKA_ZOOKEEPER_CONNECT=mine:2181",
                                "ZOOKEEPER_CONNECT=zk1:2181", NULL};
    const char *const empty[] = {"ZOOKEEPER_CONNECT=", NULL};
    struct world *w = *state;

    assert_int_equal(read_with(w, one), PF_OK);
    assert_string_equal(w->conf.zookeeper_connect, "zk1:2181,zk2:2181");
    assert_string_equal(pf_settings_where(&w->conf.server, "zookeeper.connect"),
                        "environment ZOOKEEPER_CONNECT");
    assert_false(w->conf.zookeeper_is_ours);
    assert_int_equal(read_with(w, both), PF_OK);
    assert_string_equal(w->conf.zookeeper_connect, "mine:2181");
    assert_int_equal(read_with(w, empty), PF_OK);
    assert_string_equal(w->conf.zookeeper_connect, "127.0.0.1:2181");
    assert_string_equal(said(w), ""); /* it is not a setting of ZooKeeper */
}

static void reads_back_what_it_has_written(void **state)
{
    struct pf_broker_conf again = {0};
    struct world *w = *state;
    struct stat status;

    assert_int_equal(read_file(w, SHIPPED "odd=\\  a\\\\b\\u00e9\\ud\\=\n"),
                     PF_CONFIG);
    assert_int_equal(read_file(w, SHIPPED "odd\\ name=\\  a\\\\b\\u00e9=\\n\n"),
                     PF_OK);
    assert_int_equal(pf_broker_conf_write(&w->conf, &w->places, &w->err),
                     PF_OK);
    assert_int_equal(
        stat(pf_path_in(w->dir, "server.properties").text, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);

    assert_int_equal(pf_broker_conf_read_effective(&w->places, &again, &w->err),
                     PF_OK);
    assert_int_equal(again.server.n, w->conf.server.n);
    for (size_t i = 0; i < again.server.n; i++) {
        assert_string_equal(again.server.list[i].name,
                            w->conf.server.list[i].name);
        assert_string_equal(again.server.list[i].value,
                            w->conf.server.list[i].value);
    }
    assert_string_equal(again.local, w->conf.local);
    pf_broker_conf_release(&again);
}

/* What local.properties says of message.max.bytes, "" if nothing. */
static const char *batch_max(struct world *w, const char *server)
{
    static char value[32];
    struct pf_settings local = pf_settings_init();
    const struct pf_setting *s;

    assert_int_equal(read_file(w, server), PF_OK);
    assert_int_equal(pf_broker_conf_write(&w->conf, &w->places, &w->err),
                     PF_OK);
    assert_int_equal(
        pf_settings_read_file(
            &local, pf_path_in(w->dir, "local.properties").text, &w->err),
        PF_OK);
    assert_non_null(pf_settings_get(&local, "bootstrap.servers"));
    s = pf_settings_get(&local, "message.max.bytes");
    snprintf(value, sizeof value, "%s", s ? s->value : "");
    pf_settings_release(&local);
    return value;
}

static void our_batches_are_as_small_as_the_broker_wants_them(void **state)
{
    struct world *w = *state;

    assert_string_equal(batch_max(w, SHIPPED), "");
    assert_string_equal(batch_max(w, SHIPPED "message.max.bytes=10000\n"),
                        "10000");
    /* The least that librdkafka has, and its default. */
    assert_string_equal(batch_max(w, SHIPPED "message.max.bytes=10\n"), "1000");
    assert_string_equal(batch_max(w, SHIPPED "message.max.bytes=1000000\n"),
                        "");
    assert_string_equal(batch_max(w, SHIPPED "message.max.bytes=2000000\n"),
                        "");
    assert_string_equal(batch_max(w, SHIPPED "message.max.bytes=much\n"), "");
}

static void writes_properties_that_java_reads(void **state)
{
    char text[200];
    FILE *out = fmemopen(text, sizeof text, "w");

    (void)state;
    pf_properties_write(out, "a b:c",
                        "  x \\ \xc3\xa9 \xf0\x9f\x98\x80 \xff\n");
    fclose(out);
    assert_string_equal(text, "a\\ b\\:c=\\ \\ x \\\\ \\u00e9 \\ud83d\\ude00 "
                              "\\u00ff\\u000a\n");
}

int main(void)
{
#define IN_WORLD(test) \
    cmocka_unit_test_setup_teardown(test, make_world, remove_world)
    const struct CMUnitTest tests[] = {
        IN_WORLD(leaves_the_shipped_settings_alone),
        IN_WORLD(adds_local_whatever_was_edited),
        IN_WORLD(keeps_local_without_encryption),
        IN_WORLD(needs_hardly_anything_in_the_file),
        IN_WORLD(keeps_kafkas_listeners_where_they_are_meant),
        IN_WORLD(needs_no_single_line_of_the_shipped_files),
        IN_WORLD(a_value_of_a_persons_own_wins),
        IN_WORLD(refuses_replicas_that_no_broker_is_there_for),
        IN_WORLD(takes_the_environment_by_apaches_rule),
        IN_WORLD(takes_nothing_from_variables_of_others),
        IN_WORLD(reads_blanks_as_kafka_and_zookeeper_do),
        IN_WORLD(binds_and_advertises_as_the_machine_wants),
        IN_WORLD(warns_of_a_misspelt_name_and_keeps_it),
        IN_WORLD(local_that_listens_everywhere_keeps_the_name_that_others_know),
        IN_WORLD(works_without_the_list_of_names),
        IN_WORLD(takes_each_value_that_kafka_takes_for_its_type),
        IN_WORLD(names_the_line_of_what_cannot_work),
        IN_WORLD(refuses_files_that_are_not_there),
        IN_WORLD(refuses_a_feed_port_that_is_none),
        IN_WORLD(knows_another_machines_zookeeper),
        IN_WORLD(takes_the_place_of_zookeeper_from_one_variable),
        IN_WORLD(reads_back_what_it_has_written),
        IN_WORLD(our_batches_are_as_small_as_the_broker_wants_them),
        cmocka_unit_test(writes_properties_that_java_reads),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
