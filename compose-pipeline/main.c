/* pf-init: the feed's first process, in the container and on a bare machine;
 * and that of each part of it, where they are several (roles/).
 *
 * It runs all checks before anything is started, then starts supervisord. From
 * then on it wakes supervisord, reports progress and passes on a request to
 * stop. Its exit code says what ended the feed.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "clock.h"
#include "feed_state.h"
#include "log.h"
#include "machine.h"
#include "process.h"
#include "role_note.h"
#include "role_run.h"
#include "say.h"
#include "shortage.h"
#include "start_page.h"
#include "watch.h"

static void print_help(void)
{
    printf(
        "usage: pf-init [all]              run the feed\n"
        "       pf-init ROLE [ARG...]      run one part of it: zookeeper, "
        "broker,\n"
        "                                  producer, consumer, processor, "
        "web,\n"
        "                                  connect, audit or authority\n"
        "       pf-init PROGRAM [ARG...]   run another program of the feed,\n"
        "                                  as in `docker-compose run feed "
        "pf-broker reset`\n"
        "\n"
        "options: --help, --version\n"
        "\nenvironment:\n"
        "  PF_HOME     scripts and supervisord.conf\n"
        "  PF_CONFIG   server, zookeeper, producer, consumer and "
        "web.properties\n"
        "  PF_DATA     the volume: Kafka's and ZooKeeper's data\n"
        "  PF_RUN      sockets, logs, effective settings\n"
        "  PF_JAVA, PF_JARS, PF_ARCHIVES   Java, its jars, its class data\n"
        "  PF_BIND     address to listen on (default: every address)\n"
        "  FEED_PORT   port for programs on this computer (9092)\n"
        "  WEB_PORT    port of the page, with PF_BIND (8080)\n"
        "  WEB_ENABLED false: without the page\n"
        "  FEED_SECURITY tls: encrypted, with passwords and rights\n"
        "  FEED_TLS_NAMES, FEED_TLS_CERTIFICATE, FEED_TLS_KEY   for that\n"
        "  FEED_TLS_DIR        in a cluster: certificates of this node\n"
        "  FEED_TLS_BROKERS, FEED_TLS_ZOOKEEPERS   of an authority: hosts\n"
        "  FEED_LOGS   files, or stderr: also all logs there, as JSON\n"
        "  KAFKA_..., ZOOKEEPER_..., PRODUCER_..., CONSUMER_..., WEB_..., "
        "CONNECT_...\n"
        "              settings\n"
        "  CONNECT_SECRET_NAME   of connect: the secret NAME; or its file, "
        "with "
        "_FILE\n"
        "  PF_CONNECT  of connect: jars/, and plugins/ with its connectors\n"
        "  ZOOKEEPER_CONNECT   of a broker: where ZooKeeper is\n"
        "  ZOOKEEPER_ID        of several ZooKeepers: which one this is\n"
        "  BOOTSTRAP_SERVERS   of the other roles: where Kafka is\n"
        "\nexit code: 0 asked to stop, 1 failed, 2 usage or configuration,\n"
        "128+n a second signal; of a role, that of its program\n");
}

/* Set PF_LOGS, the logs' directory for supervisord's program sections. It
 * replaces %(NAME)s in a value twice, so that a literal % must be doubled. */
static void export_logs(const struct pf_places *places)
{
    struct pf_path dir = pf_path_in(places->run, "log");
    char doubled[2 * sizeof dir.text], *to = doubled;

    for (const char *from = dir.text; *from; from++) {
        *to++ = *from;
        if (*from == '%')
            *to++ = '%';
    }
    *to = '\0';
    setenv("PF_LOGS", doubled, 1);
}

/* Set what supervisord.conf and the scripts need: they have no defaults. */
static void export_places(const struct pf_places *places,
                          const struct console *console)
{
    setenv("PF_HOME", places->home, 1);
    setenv("PF_CONFIG", places->config, 1);
    setenv("PF_DATA", places->data, 1);
    setenv("PF_RUN", places->run, 1);
    setenv("PF_CONSOLE", console->path, 1);
    export_logs(places);
    process_find_own_programs();
}

static enum pf_rc open_state(struct feed *feed, struct pf_error *err)
{
    struct pf_path path = pf_path_in(feed->places.run, "init.stats");
    enum pf_rc rc = state_open(path.text, &feed->state, err);

    if (!rc)
        state_moment(feed->state, FEED_STARTED, feed->started_ms * 1000000);
    return rc;
}

static enum pf_rc start(struct feed *feed, struct pf_error *err)
{
    enum pf_rc rc = relayed_open(&feed->places, &feed->relayed, err);

    if (!rc)
        rc = machine_settle(&feed->places, err);
    if (rc)
        return rc;
    signal(SIGPIPE, SIG_IGN);
    process_leave_when_asked();
    prctl(PR_SET_CHILD_SUBREAPER, 1); /* adopt orphans, PID 1 or not */
    rc = console_open(&feed->console, err);
    if (rc)
        return rc;
    export_places(&feed->places, &feed->console);
    rc = check_all(&feed->places, &feed->checked, err);
    if (rc)
        return rc;
    pf_role_note_remove(&feed->places);
    shortage_foresee(&feed->places);
    if (!feed->checked.volume.is_clean)
        say_at(PF_LOG_WARNING,
               "the last stop was not clean; the broker reads its logs again");
    rc = open_state(feed, err);
    if (!rc)
        rc = page_init(feed, err);
    if (!rc)
        rc = process_open_signals(&feed->signals, err);
    return rc ? rc : supervisor_start(&feed->places, &feed->supervisor, err);
}

static int run_feed(char *const *args)
{
    struct feed feed = {
        .places = pf_places_get(),
        .checked = {.lock = -1},
        .console = {.pipe = -1},
        .relayed = {.given = -1},
        .supervisor = {.events = -1, .asked = -1},
        .signals = -1,
        .started_ms = pf_now_ms(),
    };
    struct pf_error err = {""};
    enum pf_rc rc;

    if (*args) {
        say("unexpected '%.60s'; see --help", *args);
        return 2;
    }
    rc = start(&feed, &err);
    if (!rc)
        feed_run(&feed);
    else
        feed.exit_code = pf_exit_code(rc);
    if (rc && *err.text)
        say_at(PF_LOG_ERROR, "%s", err.text);
    supervisor_release(&feed.supervisor);
    pf_stats_close(feed.state);
    console_close(&feed.console);
    checked_release(&feed.checked);
    relayed_close(&feed.relayed);
    return feed.exit_code;
}

static int listen_to_supervisord(void)
{
    struct pf_places places = pf_places_get();
    struct pf_error err = {""};
    enum pf_rc rc = supervisor_listen(&places, &err);

    if (rc)
        pf_log(PF_LOG_ERROR, "listen: %s", err.text);
    return pf_exit_code(rc);
}

static int run_program(char **argv)
{
    char hint[100] = "";
    int why;

    process_find_own_programs();
    execvp(argv[0], argv);
    why = errno;
    if (why == ENOENT)
        role_hint(argv[0], hint, sizeof hint);
    say("%s: %s%s", argv[0], strerror(why), hint);
    return why == ENOENT ? 127 : 126;
}

int main(int argc, char **argv)
{
    const struct role *role;

    pf_log_init("pf-init", PF_LOG_INFO);
    process_open_standard_descriptors();
    if (argc < 2)
        return run_feed(argv + argc);
    if (!strcmp(argv[1], "--help")) {
        print_help();
        return 0;
    }
    if (!strcmp(argv[1], "--version")) {
        printf("pf-init %s\n", PF_VERSION);
        return 0;
    }
    if (argv[1][0] == '-') {
        say("unknown option %s; see --help", argv[1]);
        return 2;
    }
    if (!strcmp(argv[1], "listen"))
        return listen_to_supervisord();
    if (!strcmp(argv[1], "all"))
        return run_feed(argv + 2);
    role = role_find(argv[1]);
    if (role)
        return role_run(role, argv + 2);
    return run_program(argv + 1);
}
