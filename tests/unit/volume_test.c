/* What state a feed's data are in, and what is said when half of it is gone. */
#include "unit.h"

#include <sys/stat.h>

#include "volume.h"

/* A volume with both halves, and a configuration that points there. */
struct world {
    char dir[64];
    struct pf_places places;
    struct pf_broker_conf conf;
    struct pf_error err;
};

static void make(const struct world *w, const char *name)
{
    char *path = strdup(pf_path_in(w->dir, name).text);

    for (char *c = path + strlen(w->dir) + 1; (c = strchr(c, '/'));
         *c++ = '/') {
        *c = '\0';
        mkdir(path, 0700);
    }
    if (path[strlen(path) - 1] != '/')
        fclose(fopen(path, "we"));
    free(path);
}

static void drop(const struct world *w, const char *name)
{
    assert_int_equal(remove(pf_path_in(w->dir, name).text), 0);
}

static int make_world(void **state)
{
    struct world *w = calloc(1, sizeof *w);

    /* Letters that glob(3) would take for a pattern. */
    strcpy(w->dir, "/tmp/pf volume [1]*?\\XXXXXX");
    assert_non_null(mkdtemp(w->dir));
    w->places.data = w->dir;
    w->conf.n_log_dirs = 1;
    w->conf.log_dirs = calloc(1, sizeof *w->conf.log_dirs);
    w->conf.log_dirs[0] = pf_path_in(w->dir, "my data");
    w->conf.zookeeper_dir = pf_path_in(w->dir, "zookeeper");
    w->conf.zookeeper_log_dir = pf_path_in(w->dir, "logs");
    make(w, "my data/meta.properties");
    make(w, "zookeeper/version-2/");
    make(w, "logs/version-2/");
    *state = w;
    return 0;
}

static int remove_world(void **state)
{
    struct world *w = *state;
    pid_t child = fork();

    if (child == 0) {
        execlp("rm", "rm", "-rf", w->dir, NULL);
        _exit(1);
    }
    waitpid(child, NULL, 0);
    pf_broker_conf_release(&w->conf);
    free(w);
    return 0;
}

static enum pf_rc check(struct world *w)
{
    struct pf_volume_state state = pf_volume_look(&w->conf);

    w->err.text[0] = '\0';
    return pf_volume_check(&w->places, &w->conf, &state, &w->err);
}

static void assert_no_deletion(const struct world *w)
{
    static const char *const words[] = {"reset", "delet", "remove", "down -v"};

    for (size_t i = 0; i < COUNT(words); i++)
        assert_null(strstr(w->err.text, words[i]));
}

static void what_is_left_of_a_volume_is_kept(void **state)
{
    struct world *w = *state;
    struct pf_path elsewhere = pf_path_in(w->dir, "other");

    assert_int_equal(pf_volume_mark(&w->places, &w->conf, &w->err), PF_OK);
    assert_int_equal(check(w), PF_OK);

    /* dataDir was edited. */
    w->conf.zookeeper_dir = elsewhere;
    assert_int_equal(check(w), PF_CONFIG);
    assert_contains(w->err.text, "/zookeeper: set dataDir back");
    assert_no_deletion(w);
    w->conf.zookeeper_dir = pf_path_in(w->dir, "zookeeper");

    drop(w, "logs/version-2");
    assert_int_equal(check(w), PF_CONFIG);
    assert_contains(w->err.text, "/logs has no ZooKeeper data");
    assert_contains(w->err.text, "my data elsewhere to start afresh");
    assert_no_deletion(w);
    make(w, "logs/version-2/");

    drop(w, "my data/meta.properties");
    assert_int_equal(check(w), PF_CONFIG);
    assert_contains(w->err.text, "/my data has no Kafka data");
    assert_no_deletion(w);
    /* Pointed elsewhere, it is a fresh start. */
    w->conf.log_dirs[0] = elsewhere;
    assert_int_equal(check(w), PF_OK);
}

/* An index that is as long as one that is being written to. */
static void a_broken_end_is_seen_in_a_path_of_any_letters(void **state)
{
    struct world *w = *state;

    make(w, "my data/.kafka_cleanshutdown");
    make(w, "my data/prices-topic-0/00.timeindex");
    assert_true(pf_volume_look(&w->conf).is_clean);
    assert_int_equal(
        truncate(pf_path_in(w->dir, "my data/prices-topic-0/00.timeindex").text,
                 10485756),
        0);
    assert_false(pf_volume_look(&w->conf).is_clean);
}

#define TEST(name) \
    cmocka_unit_test_setup_teardown(name, make_world, remove_world)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_is_left_of_a_volume_is_kept),
        TEST(a_broken_end_is_seen_in_a_path_of_any_letters),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
