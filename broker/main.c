/* pf-broker: what a feed asks of its broker, one command for each.
 *
 * They use the effective settings: those that the feed was started with, or
 * for commands that matter before a start, those it would start with.
 */
#include "ctl.h"

#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "kafka_conf.h"
#include "log.h"
#include "role_note.h"
#include "stop.h"
#include "text.h"

#define TIMEOUT_S "60"
#define PARTITIONS_MAX 100000 /* librdkafka's own limit */

struct command {
    const char *name;
    enum pf_rc (*run)(struct ctl *ctl, struct pf_error *err);
    bool before_start; /* from the edited files, not from PF_RUN */
    bool takes_argument;
    const char *help;
};

static const struct command commands[] = {
    {"wait", ctl_wait, false, false,
     "wait until the broker answers (--port: until its port is open)"},
    {"topic", ctl_topic, false, true,
     "[NAME]: create the topic if it is missing, wait until it has a leader"},
    {"forget", ctl_forget, false, false,
     "remove a killed broker's registration in ZooKeeper, or wait until it is "
     "gone"},
    {"health", ctl_health, false, false,
     "say in one sentence whether prices flow, or this role does its work; "
     "exit 0 or 1"},
    {"status", ctl_status, false, false,
     "list brokers, and what is not in sync; exit 0 if all is well, else 1"},
    {"reset", ctl_reset, true, false,
     "delete all records, topics and offsets, after asking (--all: of a "
     "cluster)"},
    {"config", ctl_config, true, false,
     "print the broker's settings with their sources"},
    {"certificates", ctl_certificates, true, false,
     "make the certificates that FEED_SECURITY=tls needs and that are missing"},
    {"renew", ctl_renew, true, false,
     "make another certificate for the broker's clients while it runs"},
    {"add-user", ctl_add_user, false, true,
     "NAME: let NAME log in to a secure feed, and print its password"},
    {"remove-user", ctl_remove_user, false, true, "NAME: let it in no more"},
    {"users", ctl_users, false, false,
     "list who is let in with a password, and what each may read and write"},
};

#define N_COMMANDS (sizeof commands / sizeof *commands)

static void print_help(void)
{
    printf("usage: pf-broker COMMAND [OPTION...]\n\n"
           "Manage the broker of a feed.\n\ncommands:\n");
    for (size_t i = 0; i < N_COMMANDS; i++)
        printf("  %-12s %s\n", commands[i].name, commands[i].help);
    printf("\noptions:\n"
           "  --timeout SECONDS   give up after this time (" TIMEOUT_S ")\n"
           "  --of PROGRAM        use the feed.topic of producer or consumer "
           "(producer)\n"
           "  -X feed.topic=NAME  the topic\n"
           "  -F FILE, -X NAME=VALUE\n"
           "                      how to reach the broker: settings of "
           "librdkafka, such as\n"
           "                      sasl.password, from a properties file or "
           "by themselves\n"
           "  --partitions N      topic: create it with N partitions (the "
           "broker's "
           "num.partitions);\n"
           "                      one that has fewer is refused\n"
           "  --set NAME=VALUE    topic: create it with this setting, such as\n"
           "                      retention.ms=3600000\n"
           "  --read TOPIC        add-user: may read it; with * at the end, "
           "all that begin so\n"
           "  --write TOPIC       add-user: may write it\n"
           "  --password-file F   add-user: its password, instead of one that "
           "is printed\n"
           "  --port              wait: only for an open port\n"
           "  --warm-up           topic: save the first producer half a "
           "second\n"
           "  --follow            topic: another call creates it; wait half a "
           "second first\n"
           "  --wait              status: until all is well\n"
           "  --bootstrap HOST:PORT,...\n"
           "                      status, reset --all: the brokers to ask; "
           "wait: those\n"
           "                      that have to answer and let --of use its "
           "topic\n"
           "  --all               reset: topics and groups of the whole "
           "cluster\n"
           "  --yes               reset: do not ask\n"
           "  --help, --version\n"
           "\nenvironment:\n"
           "  PF_CONFIG, PF_DATA, PF_RUN, PF_HOME   directories of the feed\n"
           "  KAFKA_..., ZOOKEEPER_..., PRODUCER_..., CONSUMER_..., FEED_PORT\n"
           "  BOOTSTRAP_SERVERS, ZOOKEEPER_CONNECT  of a cluster\n"
           "\nexit code: 0 done, 1 failed, 2 usage or configuration\n");
}

static const struct command *find_command(const char *name,
                                          struct pf_error *err)
{
    struct pf_nearest nearest = pf_nearest_init(name);
    char hint[100];

    for (size_t i = 0; i < N_COMMANDS; i++) {
        if (!strcmp(commands[i].name, name))
            return &commands[i];
        pf_nearest_offer(&nearest, commands[i].name);
    }
    pf_fail(err, PF_CONFIG, "unknown command '%.40s'%s; see --help", name,
            pf_nearest_hint(&nearest, hint, sizeof hint));
    return NULL;
}

static enum pf_rc read_timeout(const char *text, int64_t *ret_deadline_ms,
                               struct pf_error *err)
{
    double seconds = 0;
    enum pf_rc rc = pf_parse_number(text, 0, 86400, &seconds, err);

    if (rc)
        return pf_fail_in(err, PF_CONFIG, "--timeout: ");
    *ret_deadline_ms = pf_now_ms() + (int64_t)(seconds * 1000);
    return PF_OK;
}

static enum pf_rc add_topic(struct ctl_topics *topics, const char *word,
                            struct pf_error *err)
{
    size_t most = sizeof topics->list / sizeof *topics->list;

    if (topics->n == most)
        return pf_fail(err, PF_CONFIG, "%.20s: more than %zu topics", word,
                       most);
    topics->list[topics->n++] = optarg;
    return PF_OK;
}

enum {
    TIMEOUT = 256,
    OF,
    PARTITIONS,
    SET,
    READ,
    WRITE,
    PASSWORD_FILE,
    BOOTSTRAP,
    HELP,
    VERSION
};

#define SHORTS ":F:X:"

static enum pf_rc take_option(struct ctl *ctl, int option, char **argv,
                              struct pf_error *err)
{
    char text[8];
    enum pf_rc rc;

    switch (option) {
    case 0: /* its flag has been set */
        return PF_OK;
    case 'F':
        rc = pf_settings_read_file(&ctl->given, optarg, err);
        return rc == PF_IO ? PF_CONFIG : rc; /* the path is a mistake */
    case 'X':
        return pf_settings_read_argument(&ctl->given, optarg, err);
    case TIMEOUT:
        return read_timeout(optarg, &ctl->deadline_ms, err);
    case OF:
        if (strcmp(optarg, "producer") && strcmp(optarg, "consumer"))
            return pf_fail(err, PF_CONFIG,
                           "--of: '%.40s' is neither producer nor consumer",
                           optarg);
        ctl->program = optarg;
        return PF_OK;
    case PARTITIONS:
        if (pf_parse_int(optarg, 1, PARTITIONS_MAX, &ctl->partitions, err))
            return pf_fail_in(err, PF_CONFIG, "--partitions: ");
        return PF_OK;
    case SET:
        return pf_settings_read_argument(&ctl->topic, optarg, err);
    case READ:
        return add_topic(&ctl->read, "--read", err);
    case WRITE:
        return add_topic(&ctl->write, "--write", err);
    case PASSWORD_FILE:
        ctl->password_file = optarg;
        return PF_OK;
    case BOOTSTRAP:
        ctl->bootstrap = optarg;
        return PF_OK;
    case HELP:
        print_help();
        return PF_END;
    case VERSION:
        printf("pf-broker %s\n", PF_VERSION);
        return PF_END;
    case ':':
        return pf_fail(err, PF_CONFIG, "%.60s needs a value; see --help",
                       argv[optind - 1]);
    default:
        return pf_fail(err, PF_CONFIG, "unknown option %.60s; see --help",
                       pf_unknown_option(argv, SHORTS, text, sizeof text));
    }
}

/* Can it be told which brokers to ask? */
static bool asks_named_brokers(const struct ctl *ctl,
                               const struct command *command)
{
    return command->run == ctl_wait || command->run == ctl_status ||
           (command->run == ctl_reset && ctl->all);
}

/* PF_END: --help or the like has been answered. */
static enum pf_rc read_arguments(struct ctl *ctl, int argc, char **argv,
                                 const struct command **ret,
                                 struct pf_error *err)
{
    const struct option long_options[] = {
        {"timeout", required_argument, NULL, TIMEOUT},
        {"of", required_argument, NULL, OF},
        {"partitions", required_argument, NULL, PARTITIONS},
        {"set", required_argument, NULL, SET},
        {"read", required_argument, NULL, READ},
        {"write", required_argument, NULL, WRITE},
        {"password-file", required_argument, NULL, PASSWORD_FILE},
        {"bootstrap", required_argument, NULL, BOOTSTRAP},
        {"wait", no_argument, &ctl->wait, true},
        {"all", no_argument, &ctl->all, true},
        {"port", no_argument, &ctl->port_only, true},
        {"warm-up", no_argument, &ctl->warm_up, true},
        {"follow", no_argument, &ctl->follow, true},
        {"yes", no_argument, &ctl->yes, true},
        {"help", no_argument, NULL, HELP},
        {"version", no_argument, NULL, VERSION},
        {0},
    };
    enum pf_rc rc = read_timeout(TIMEOUT_S, &ctl->deadline_ms, err);
    int option;

    ctl->program = "producer";
    unsetenv("POSIXLY_CORRECT"); /* options may follow the command */
    while (!rc &&
           (option = getopt_long(argc, argv, SHORTS, long_options, NULL)) != -1)
        rc = take_option(ctl, option, argv, err);
    if (rc)
        return rc;
    if (optind == argc)
        return pf_fail(err, PF_CONFIG, "a command is missing; see --help");
    *ret = find_command(argv[optind++], err);
    if (!*ret)
        return PF_CONFIG;
    if (optind < argc && (*ret)->takes_argument)
        ctl->argument = argv[optind++];
    if (optind < argc)
        return pf_fail(err, PF_CONFIG, "%s: unexpected '%.60s'; see --help",
                       (*ret)->name, argv[optind]);
    if (ctl->bootstrap && !asks_named_brokers(ctl, *ret))
        return pf_fail(err, PF_CONFIG,
                       "%s: asks the broker of the feed here, and takes no "
                       "--bootstrap",
                       (*ret)->name);
    return PF_OK;
}

/* A role such as producer has no broker here, but a health. */
static bool needs_no_broker(const struct ctl *ctl,
                            const struct command *command)
{
    return command->run == ctl_health &&
           *pf_role_note_read(&ctl->places).role != '\0';
}

/* Brokers that are named are asked instead of the feed's own, and a feed need
 * not be here. False: none are named, or they are not for this command. */
static bool find_named_brokers(struct ctl *ctl, const struct command *command)
{
    if (!asks_named_brokers(ctl, command))
        return false;
    if (command->run == ctl_wait)
        return ctl->bootstrap;
    if (!ctl->bootstrap)
        ctl->bootstrap = getenv("BOOTSTRAP_SERVERS");
    return ctl->bootstrap && *ctl->bootstrap;
}

static enum pf_rc read_conf(struct ctl *ctl, const struct command *command,
                            struct pf_error *err)
{
    enum pf_rc rc;

    ctl->places = pf_places_get();
    if (find_named_brokers(ctl, command)) {
        ctl->brokers = ctl->bootstrap;
        rc = pf_bootstrap_check(ctl->brokers, err);
        return rc ? pf_fail_in(err, rc, "bootstrap: ") : rc;
    }
    ctl->brokers = ctl->conf.local;
    if (command->before_start)
        return pf_broker_conf_read(&ctl->places, environ, &ctl->conf, err);
    rc = pf_broker_conf_read_effective(&ctl->places, &ctl->conf, err);
    if (rc == PF_IO && needs_no_broker(ctl, command))
        return PF_OK;
    if (rc == PF_IO)
        pf_fail_in(err, rc, "the feed is not running: ");
    return rc;
}

static void end_by_signal(int number)
{
    _exit(128 + number);
}

/* The first process of a container gets only the signals that it handles. */
static void take_signals(void)
{
    if (getpid() != 1)
        return;
    signal(SIGINT, end_by_signal);
    signal(SIGTERM, end_by_signal);
    signal(SIGHUP, end_by_signal);
}

/* A table, or the only copy of a password, that could not be written is a
 * failure, unless there was another one. */
static enum pf_rc flush_output(enum pf_rc rc, struct pf_error *err)
{
    bool failed = ferror(stdout);

    if (fflush(stdout))
        failed = true;
    if (!failed || (rc && rc != PF_END))
        return rc;
    return pf_fail(err, PF_IO, "standard output: %s", strerror(errno));
}

int main(int argc, char **argv)
{
    struct ctl ctl = {.given = pf_settings_init(), .topic = pf_settings_init()};
    const struct command *command = NULL;
    struct pf_error err = {""};
    enum pf_rc rc;

    pf_hold_standard_descriptors();
    pf_log_init("pf-broker", PF_LOG_INFO);
    signal(SIGPIPE, SIG_IGN); /* somebody may hang up on us */
    take_signals();
    rc = read_arguments(&ctl, argc, argv, &command, &err);
    if (!rc)
        rc = read_conf(&ctl, command, &err);
    if (!rc)
        rc = command->run(&ctl, &err);
    rc = flush_output(rc, &err);
    if (rc && rc != PF_END && *err.text)
        pf_log(PF_LOG_ERROR, "%s%s%s", command ? command->name : "",
               command ? ": " : "", err.text);
    pf_broker_conf_release(&ctl.conf);
    pf_settings_release(&ctl.given);
    pf_settings_release(&ctl.topic);
    /* Not exit(): it would have OpenSSL cleaned up under the threads of
     * librdkafka's handles, which are open (ctl_open()). */
    _exit(pf_exit_code(rc));
}
