#include "volume.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "java_settings.h"
#include "properties_write.h"
#include "settings.h"

#define LOCK "lock"
#define MARKER "in-use"
#define CLEAN ".kafka_cleanshutdown"

/* Kafka's default of log.index.size.max.bytes, the size in bytes of an index
 * that is being written to. */
#define INDEX_SIZE 10485760
#define INDEX_ENTRY 12 /* bytes of an entry in a time index */

/* Why this user cannot write to a place, and what to do. */
static enum pf_rc fail_to_write(const char *path, int error,
                                struct pf_error *err)
{
    struct stat status;
    unsigned uid = (unsigned)geteuid();

    if (error == EACCES && !stat(path, &status))
        return pf_fail(err, PF_CONFIG,
                       "%s belongs to uid %u (mode %o), and uid %u cannot "
                       "write to it; as root: chown -R %u %s",
                       path, (unsigned)status.st_uid, status.st_mode & 0777u,
                       uid, uid, path);
    if (error == EROFS)
        return pf_fail(err, PF_CONFIG,
                       "%s is read-only for uid %u; the feed needs a volume "
                       "that it can write to there",
                       path, uid);
    return pf_fail(err, PF_CONFIG, "%s: %s (as uid %u)", path, strerror(error),
                   uid);
}

enum pf_rc pf_volume_lock(const struct pf_places *places, int *ret,
                          struct pf_error *err)
{
    struct pf_path path = pf_path_in(places->data, LOCK);
    int fd = open(path.text, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    int error = errno;

    if (fd < 0 && error == EACCES && !access(path.text, F_OK))
        /* another user's lock */
        return fail_to_write(path.text, error, err);
    if (fd < 0)
        return fail_to_write(places->data, error, err);
    if (flock(fd, LOCK_EX | LOCK_NB)) {
        error = errno;
        close(fd);
        if (error == EWOULDBLOCK)
            return pf_fail(err, PF_AGAIN,
                           "another feed is using %s; stop it first, or give "
                           "this one a volume of its own",
                           places->data);
        return fail_to_write(path.text, error, err);
    }
    *ret = fd;
    return PF_OK;
}

static bool exists(const char *dir, const char *name)
{
    return !access(pf_path_in(dir, name).text, F_OK);
}

/* The id of the broker whose data is in dir, or -1. */
static int64_t read_broker_id(const char *dir)
{
    struct pf_settings meta = pf_settings_init();
    int64_t id = -1;

    if (!pf_settings_read_file(&meta, pf_path_in(dir, "meta.properties").text,
                               NULL))
        id = pf_java_int(&meta, "broker.id", 0, INT32_MAX, -1);
    pf_settings_release(&meta);
    return id;
}

/* The size of an index that was not closed: as many whole entries as there is
 * room for. Closing truncates an index after its last entry. */
static int64_t open_index_size(const struct pf_broker_conf *conf)
{
    int64_t size = pf_java_int(&conf->server, "log.index.size.max.bytes", 1,
                               INT32_MAX, INDEX_SIZE);

    return size / INDEX_ENTRY * INDEX_ENTRY;
}

/* Has the broker closed every file in dir? */
static bool is_closed(const struct pf_broker_conf *conf, const char *dir)
{
    int64_t open_size = open_index_size(conf);
    struct stat status;
    bool closed = true;
    glob_t found;

    if (pf_glob_in(dir, "*-*/*.timeindex", &found))
        return true; /* there are none */
    for (size_t i = 0; i < found.gl_pathc; i++)
        if (!stat(found.gl_pathv[i], &status) && status.st_size == open_size)
            closed = false;
    globfree(&found);
    return closed;
}

void pf_volume_distrust(const struct pf_broker_conf *conf)
{
    for (size_t i = 0; i < conf->n_log_dirs; i++) {
        const char *dir = conf->log_dirs[i].text;

        if (exists(dir, CLEAN) && !is_closed(conf, dir))
            unlink(pf_path_in(dir, CLEAN).text);
    }
}

struct pf_volume_state pf_volume_look(const struct pf_broker_conf *conf)
{
    struct pf_volume_state state = {.is_clean = true, .broker_id = -1};

    for (size_t i = 0; i < conf->n_log_dirs; i++) {
        const char *dir = conf->log_dirs[i].text;

        if (!exists(dir, "meta.properties"))
            continue;
        state.has_kafka = true;
        state.is_clean = state.is_clean && exists(dir, CLEAN) &&
                         is_closed(conf, dir);
        if (state.broker_id < 0)
            state.broker_id = read_broker_id(dir);
    }
    state.has_zookeeper = exists(conf->zookeeper_dir.text, "version-2") &&
                          exists(conf->zookeeper_log_dir.text, "version-2");
    return state;
}

int64_t pf_volume_id(const struct pf_broker_conf *conf)
{
    return conf->broker_id >= 0 ? conf->broker_id
                                : pf_volume_look(conf).broker_id;
}

/* Kafka's directories as one text, to compare with those noted before. */
static const char *log_dirs_text(const struct pf_broker_conf *conf, char *buf,
                                 size_t size)
{
    size_t used = 0;

    *buf = '\0';
    for (size_t i = 0; i < conf->n_log_dirs && used < size; i++)
        used += (size_t)snprintf(buf + used, size - used, "%s%s", i ? "," : "",
                                 conf->log_dirs[i].text);
    return buf;
}

enum pf_rc pf_volume_mark(const struct pf_places *places,
                          const struct pf_broker_conf *conf,
                          struct pf_error *err)
{
    static const char heading[] =
        "# These directories belong together: neither is of use without the\n"
        "# other.\n";
    struct pf_settings noted = pf_settings_init();
    char dirs[8192];
    enum pf_rc rc;

    rc = pf_settings_put(&noted, "kafka",
                         log_dirs_text(conf, dirs, sizeof dirs), "",
                         PF_FROM_FILE, err);
    if (!rc)
        rc = pf_settings_put(&noted, "zookeeper", conf->zookeeper_dir.text, "",
                             PF_FROM_FILE, err);
    if (!rc)
        rc = pf_properties_write_file(pf_path_in(places->data, MARKER).text,
                                      heading, &noted, err);
    pf_settings_release(&noted);
    return rc;
}

/* Kafka's data without ZooKeeper's. What is left may be the only copy of the
 * records, so the message must not suggest deleting it. */
static enum pf_rc fail_without_zookeeper(const struct pf_settings *noted,
                                         const struct pf_broker_conf *conf,
                                         const char *kafka_dirs,
                                         struct pf_error *err)
{
    const struct pf_setting *before = pf_settings_get(noted, "zookeeper");
    const char *dir = conf->zookeeper_dir.text;

    if (before && strcmp(before->value, dir) != 0)
        return pf_fail(err, PF_CONFIG,
                       "%s has no ZooKeeper data, which Kafka's data in %s "
                       "needs; it is in %s: set dataDir back",
                       dir, kafka_dirs, before->value);
    if (exists(dir, "version-2"))
        dir = conf->zookeeper_log_dir.text;
    return pf_fail(err, PF_CONFIG,
                   "%s has no ZooKeeper data, which Kafka's data in %s needs; "
                   "bring it back, or move %s elsewhere to start afresh",
                   dir, kafka_dirs, kafka_dirs);
}

enum pf_rc pf_volume_check(const struct pf_places *places,
                           const struct pf_broker_conf *conf,
                           const struct pf_volume_state *state,
                           struct pf_error *err)
{
    struct pf_settings noted = pf_settings_init();
    const struct pf_setting *kafka;
    char dirs[8192];
    enum pf_rc rc = PF_OK;

    if (pf_settings_read_file(&noted, pf_path_in(places->data, MARKER).text,
                              NULL) ||
        state->has_kafka == state->has_zookeeper)
        goto out;

    kafka = pf_settings_get(&noted, "kafka");
    log_dirs_text(conf, dirs, sizeof dirs);
    if (state->has_kafka)
        rc = fail_without_zookeeper(&noted, conf, dirs, err);
    else if (!kafka || !strcmp(kafka->value, dirs)) /* log.dirs unchanged */
        rc = pf_fail(err, PF_CONFIG,
                     "%s has no Kafka data, which ZooKeeper's data in %s "
                     "belongs to; bring it back, or move %s elsewhere to start "
                     "afresh",
                     dirs, conf->zookeeper_dir.text, conf->zookeeper_dir.text);
out:
    pf_settings_release(&noted);
    return rc;
}

void pf_volume_unmark(const struct pf_places *places)
{
    unlink(pf_path_in(places->data, MARKER).text);
}
