/* Roles: what pf-init makes of its command line, the environment and files. */
#include "unit.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "kept_log.h"
#include "myid.h"
#include "role.h"
#include "role_note.h"
#include "role_wait.h"

static char dir[] = "/tmp/role_test.XXXXXX"; /* PF_RUN and all else */
static struct pf_places places = {
    .home = "/home", .config = dir, .data = dir, .run = dir};

static void put_file(const char *name, const char *text)
{
    FILE *out = fopen(pf_path_in(dir, name).text, "w");

    assert_non_null(out);
    fputs(text, out);
    fclose(out);
}

static const char *file_text(const char *name)
{
    static char text[200];
    FILE *in = fopen(pf_path_in(dir, name).text, "r");
    size_t len = in ? fread(text, 1, sizeof text - 1, in) : 0;

    if (in)
        fclose(in);
    text[len] = '\0';
    return text;
}

/* A role's command line, with args, as one text. */
static const char *command_of(const char *role, char *const *args)
{
    static char text[1000];
    char **command = NULL;

    assert_int_equal(
        role_command(role_find(role), &places, args, &command, NULL), PF_OK);
    *text = '\0';
    for (size_t i = 0; command[i]; i++)
        snprintf(text + strlen(text), sizeof text - strlen(text), "%s%s",
                 i ? " " : "", command[i]);
    role_command_free(command);
    return text;
}

static void each_role_has_its_program(void **state)
{
    char *const none[] = {NULL};
    char wanted[300];

    (void)state;
    assert_null(role_find("all"));
    assert_null(role_find("kafka"));
    assert_string_equal(command_of("zookeeper", none),
                        "/home/broker/zookeeper");
    assert_string_equal(command_of("connect", none), "/home/connect/connect");
    assert_string_equal(command_of("broker", none),
                        "/home/compose-pipeline/start-kafka");
    assert_string_equal(command_of("audit", none), "pf-audit");
    assert_string_equal(command_of("authority", none),
                        "pf-broker certificates");
    snprintf(wanted, sizeof wanted,
             "pf-producer -X feed.stats=%s/producer.stats", dir);
    assert_string_equal(command_of("producer", none), wanted);
}

static void a_client_reads_its_file_and_what_is_given_wins(void **state)
{
    static char one[] = "-X", two[] = "feed.start=latest";
    char *const args[] = {one, two, NULL};
    char wanted[500];

    (void)state;
    put_file("consumer.properties", "feed.start=stored\n");
    snprintf(wanted, sizeof wanted,
             "pf-consumer -F %s/consumer.properties -X "
             "feed.stats=%s/consumer.stats -X feed.prices=%s/consumer.prices "
             "-X feed.start=latest",
             dir, dir, dir);
    assert_string_equal(command_of("consumer", args), wanted);
}

static void the_jvms_take_no_arguments(void **state)
{
    static char word[] = "--override";
    char *const args[] = {word, NULL};
    char **command = NULL;
    struct pf_error err;

    (void)state;
    assert_int_equal(
        role_command(role_find("broker"), &places, args, &command, &err),
        PF_CONFIG);
    assert_contains(err.text, "the role broker takes no arguments");
    assert_null(command);
}

static void a_misspelt_role_has_a_hint(void **state)
{
    char hint[100];

    (void)state;
    assert_string_equal(role_hint("brokr", hint, sizeof hint),
                        "; did you mean the role 'broker'?");
    assert_string_equal(role_hint("psql", hint, sizeof hint), "");
}

static void one_variable_says_where_kafka_is(void **state)
{
    static const char own[] = "CONSUMER_BOOTSTRAP_SERVERS";

    (void)state;
    unsetenv("BOOTSTRAP_SERVERS");
    role_take_servers(role_find("consumer"));
    assert_null(getenv(own));
    setenv("BOOTSTRAP_SERVERS", "a:1,b:2", 1);
    role_take_servers(role_find("broker"));
    assert_null(getenv(own));
    setenv(own, "", 1); /* as compose passes it on */
    role_take_servers(role_find("consumer"));
    assert_string_equal(getenv(own), "a:1,b:2");
    assert_null(getenv("PRODUCER_BOOTSTRAP_SERVERS"));
    setenv("BOOTSTRAP_SERVERS", "c:3", 1);
    role_take_servers(role_find("consumer"));
    assert_string_equal(getenv(own), "a:1,b:2");
    setenv("WEB_BOOTSTRAP_SERVERS_FILE", "/run/secrets/kafka", 1);
    role_take_servers(role_find("web"));
    assert_null(getenv("WEB_BOOTSTRAP_SERVERS"));
}

/* A socket of 127.0.0.1 that listens, or does not. Its port is *ret_port. */
static int open_socket(bool listens, int *ret_port)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t size = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    assert_int_equal(bind(fd, (struct sockaddr *)&address, size), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &size), 0);
    if (listens)
        assert_int_equal(listen(fd, 5), 0);
    *ret_port = ntohs(address.sin_port);
    return fd;
}

static void one_address_of_a_list_has_to_answer(void **state)
{
    int open_port, closed_port;
    int opened = open_socket(true, &open_port);
    int closed = open_socket(false, &closed_port);
    struct pf_error err = {""};
    char list[200], port[12];

    (void)state;
    snprintf(list, sizeof list, "127.0.0.1:%d, PLAINTEXT://127.0.0.1:%d/feed",
             closed_port, open_port);
    assert_true(role_knock(list, "1", &err));
    snprintf(port, sizeof port, "%d", open_port);
    assert_true(role_knock("127.0.0.1/feed", port, &err));
    snprintf(list, sizeof list, "nonsense:port,127.0.0.1:%d", closed_port);
    assert_false(role_knock(list, port, &err));
    assert_contains(err.text, "Connection refused");
    assert_false(role_knock("nonsense:port", port, &err));
    assert_contains(err.text, "'port' is not a whole number");
    close(opened);
    close(closed);
}

static void who_a_client_is_comes_before_its_own_file(void **state)
{
    char *const none[] = {NULL};
    char wanted[500];

    (void)state;
    put_file("identity-web.properties", "security.protocol=ssl\n");
    put_file("web.properties", "feed.topic=t\n");
    snprintf(wanted, sizeof wanted,
             "pf-web -F %s/identity-web.properties -F %s/web.properties", dir,
             dir);
    assert_string_equal(command_of("web", none), wanted);
    remove(pf_path_in(dir, "identity-web.properties").text);
    remove(pf_path_in(dir, "web.properties").text);
}

static void files_are_waited_for_until_the_last_one_is_there(void **state)
{
    int status = 0;
    pid_t child;

    (void)state;
    put_file("ca.pem", "");
    child = fork();
    assert_true(child >= 0);
    if (!child) {
        role_wait_for_files(dir, "ca.pem web.pem");
        _exit(access(pf_path_in(dir, "web.pem").text, F_OK) ? 1 : 0);
    }
    poll(NULL, 0, 250); /* for longer than it pauses */
    assert_int_equal(waitpid(child, &status, WNOHANG), 0);
    put_file("web.pem", "");
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    role_wait_for_files(dir, "ca.pem web.pem");
    remove(pf_path_in(dir, "ca.pem").text);
    remove(pf_path_in(dir, "web.pem").text);
}

/* A configuration of a ZooKeeper whose data is in dir. */
static struct pf_broker_conf ensemble(bool has_servers)
{
    struct pf_broker_conf conf = {.zookeeper_dir = pf_path_in(dir, ".")};

    pf_settings_put(&conf.zookeeper, "tickTime", "1000", "", PF_FROM_FILE,
                    NULL);
    for (int i = 1; has_servers && i <= 3; i++) {
        char name[20];

        snprintf(name, sizeof name, "server.%d", i);
        pf_settings_put(&conf.zookeeper, name, "zk:2888:3888", "",
                        PF_FROM_ENVIRONMENT, NULL);
    }
    return conf;
}

static void an_ensembles_server_knows_its_number(void **state)
{
    struct pf_broker_conf conf = ensemble(true);
    struct pf_error err;

    (void)state;
    unlink(pf_path_in(dir, "myid").text);
    assert_int_equal(myid_settle(&conf, NULL, &err), PF_CONFIG);
    assert_contains(err.text, "ZOOKEEPER_ID: it is not set");
    assert_int_equal(myid_settle(&conf, "two", &err), PF_CONFIG);
    assert_contains(err.text, "ZOOKEEPER_ID: 'two' is not a whole number");
    assert_int_equal(myid_settle(&conf, "4", &err), PF_CONFIG);
    assert_contains(err.text, "there is no server.4; set ZOOKEEPER_SERVER_4=");
    assert_string_equal(file_text("myid"), "");
    assert_int_equal(myid_settle(&conf, "2", &err), PF_OK);
    assert_string_equal(file_text("myid"), "2\n");
    assert_int_equal(myid_settle(&conf, "", &err), PF_OK);
    assert_int_equal(myid_settle(&conf, "3", &err), PF_CONFIG);
    assert_contains(err.text, "are those of server 2, not 3");
    assert_string_equal(file_text("myid"), "2\n");
    pf_broker_conf_release(&conf);
}

static void a_zookeeper_alone_needs_no_number(void **state)
{
    struct pf_broker_conf conf = ensemble(false);
    struct heard heard;

    (void)state;
    unlink(pf_path_in(dir, "myid").text);
    assert_int_equal(myid_settle(&conf, NULL, NULL), PF_OK);
    begin_to_listen(&heard);
    assert_int_equal(myid_settle(&conf, "1", NULL), PF_OK);
    assert_contains(end_to_listen(&heard), "this ZooKeeper is alone");
    assert_string_equal(file_text("myid"), "");
    pf_broker_conf_release(&conf);
}

static void a_note_is_read_as_it_was_written(void **state)
{
    struct pf_role_note note;

    (void)state;
    assert_int_equal(pf_role_note_write(&places, "zookeeper", 17, NULL), PF_OK);
    note = pf_role_note_read(&places);
    assert_string_equal(note.role, "zookeeper");
    assert_int_equal(note.pid, 17);
    pf_role_note_remove(&places);
    assert_string_equal(pf_role_note_read(&places).role, "");
}

static off_t size_of(const char *name)
{
    struct stat status;

    return stat(pf_path_in(dir, name).text, &status) ? -1 : status.st_size;
}

static void a_log_is_limited_and_its_lines_stay_whole(void **state)
{
    struct kept_log log = {.file = -1, .given = -1, .from = -1};
    char line[1001];
    off_t written = 0;

    (void)state;
    memset(line, 'x', sizeof line - 1);
    line[999] = '\n';
    mkdir(pf_path_in(dir, "log").text, 0700);
    assert_int_equal(kept_log_open(&places, "kafka", &log, NULL), PF_OK);
    while (size_of("log/kafka.log.1") < 0) {
        assert_int_equal(write(log.given, line, 1000), 1000);
        kept_log_copy(&log);
        written += 1000;
        assert_true(written <= KEPT_LOG_MAX + 1000);
    }
    assert_int_equal(size_of("log/kafka.log.1"), written);
    assert_int_equal(size_of("log/kafka.log"), 0);
    assert_int_equal(write(log.given, "half", 4), 4);
    kept_log_copy(&log);
    kept_log_close(&log);
    /* The next one goes on with it. */
    assert_int_equal(kept_log_open(&places, "kafka", &log, NULL), PF_OK);
    assert_int_equal(write(log.given, " a line\n", 8), 8);
    kept_log_copy(&log);
    assert_string_equal(file_text("log/kafka.log"), "half a line\n");
    kept_log_close(&log);
}

static int make_dir(void **state)
{
    (void)state;
    return mkdtemp(dir) ? 0 : -1;
}

static int remove_dir(void **state)
{
    static const char *const names[] = {"consumer.properties", "myid",
                                        "log/kafka.log", "log/kafka.log.1",
                                        "log"};

    (void)state;
    for (size_t i = 0; i < COUNT(names); i++)
        remove(pf_path_in(dir, names[i]).text);
    return rmdir(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_role_has_its_program),
        cmocka_unit_test(a_client_reads_its_file_and_what_is_given_wins),
        cmocka_unit_test(the_jvms_take_no_arguments),
        cmocka_unit_test(a_misspelt_role_has_a_hint),
        cmocka_unit_test(one_variable_says_where_kafka_is),
        cmocka_unit_test(one_address_of_a_list_has_to_answer),
        cmocka_unit_test(who_a_client_is_comes_before_its_own_file),
        cmocka_unit_test(files_are_waited_for_until_the_last_one_is_there),
        cmocka_unit_test(an_ensembles_server_knows_its_number),
        cmocka_unit_test(a_zookeeper_alone_needs_no_number),
        cmocka_unit_test(a_note_is_read_as_it_was_written),
        cmocka_unit_test(a_log_is_limited_and_its_lines_stay_whole),
    };

    return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
