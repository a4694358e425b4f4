#include "checks.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "say.h"

enum pf_rc make_directory(const char *path, struct pf_error *err)
{
    struct pf_path made = pf_path_in("/", path);

    for (char *c = made.text + 1; *c; c++) {
        if (*c != '/')
            continue;
        *c = '\0';
        mkdir(made.text, 0755); /* only the last result counts */
        *c = '/';
    }
    if (mkdir(made.text, 0755) && errno != EEXIST)
        return pf_fail(err, PF_CONFIG, "%s: %s (as uid %u)", path,
                       strerror(errno), (unsigned)geteuid());
    if (access(made.text, W_OK | X_OK))
        return pf_fail(err, PF_CONFIG, "%s: uid %u cannot write there: %s",
                       path, (unsigned)geteuid(), strerror(errno));
    return PF_OK;
}

enum pf_rc check_await(const char *program, pid_t pid, enum pf_rc otherwise,
                       struct pf_error *err)
{
    int status;

    if (waitpid(pid, &status, 0) != pid)
        return pf_fail(err, PF_IO, "%s: waitpid: %s", program, strerror(errno));
    if (!status)
        return PF_OK;
    if (WIFSIGNALED(status))
        return pf_fail(err, PF_IO, "%s: killed by signal %d (%s)", program,
                       WTERMSIG(status), strsignal(WTERMSIG(status)));
    return pf_fail(err, WEXITSTATUS(status) == 2 ? PF_CONFIG : otherwise, "%s",
                   ""); /* it has said why */
}

/* Counters and prices that the last run has left would look like those of live
 * programs. */
static void remove_old_stats(const struct pf_places *places)
{
    unlink(pf_path_in(places->run, "producer.stats").text);
    unlink(pf_path_in(places->run, "consumer.stats").text);
    unlink(pf_path_in(places->run, "consumer.prices").text);
}

static enum pf_rc make_directories(const struct pf_places *places,
                                   const struct pf_broker_conf *conf,
                                   enum check_whose whose, struct pf_error *err)
{
    enum pf_rc rc = make_directory(pf_path_in(places->run, "log").text, err);

    for (size_t i = 0; !rc && whose & CHECK_KAFKA && i < conf->n_log_dirs; i++)
        rc = make_directory(conf->log_dirs[i].text, err);
    if (!rc && whose & CHECK_ZOOKEEPER)
        rc = make_directory(conf->zookeeper_dir.text, err);
    if (!rc && whose & CHECK_ZOOKEEPER)
        rc = make_directory(conf->zookeeper_log_dir.text, err);
    return rc;
}

/* Warn of data that will be lost with this container or at the next boot: in
 * memory, or in the container's own layer. The volume itself may be anywhere.
 * A directory that does not exist yet will be where its parent is. */
static void warn_if_fleeting(const struct pf_places *places, const char *name,
                             const struct pf_path *dir)
{
    struct pf_path path = *dir;
    struct stat volume, there;
    struct statfs kind;
    char *slash;

    while (statfs(path.text, &kind)) {
        slash = strrchr(path.text, '/');
        if (errno != ENOENT || !slash || !path.text[1])
            return;
        slash[slash == path.text] = '\0';
    }
    if (stat(places->data, &volume) || stat(path.text, &there) ||
        volume.st_dev == there.st_dev)
        return;
    if (kind.f_type == TMPFS_MAGIC || kind.f_type == RAMFS_MAGIC ||
        kind.f_type == OVERLAYFS_SUPER_MAGIC)
        say_at(
            PF_LOG_WARNING,
            "%s: %s is not in the volume, and what is there will be gone with "
            "the container; a path that does not begin with / is in the volume",
            name, dir->text);
}

static void warn_of_fleeting(const struct pf_places *places,
                             const struct pf_broker_conf *conf,
                             enum check_whose whose)
{
    for (size_t i = 0; whose & CHECK_KAFKA && i < conf->n_log_dirs; i++)
        warn_if_fleeting(places, "log.dirs", &conf->log_dirs[i]);
    if (!(whose & CHECK_ZOOKEEPER))
        return;
    warn_if_fleeting(places, "dataDir", &conf->zookeeper_dir);
    if (strcmp(conf->zookeeper_dir.text, conf->zookeeper_log_dir.text) != 0)
        warn_if_fleeting(places, "dataLogDir", &conf->zookeeper_log_dir);
}

/* A broker only starts with the id that its data was written under. */
static enum pf_rc check_broker_id(const struct checked *checked,
                                  struct pf_error *err)
{
    const struct pf_settings *server = &checked->conf.server;
    const struct pf_setting *s = pf_settings_get(server, "broker.id");
    int64_t wanted = checked->conf.broker_id, found = checked->volume.broker_id;

    if (!s)
        s = pf_settings_get(server, "node.id");
    if (wanted < 0 || found < 0 || wanted == found || !s)
        return PF_OK;
    return pf_fail(err, PF_CONFIG,
                   "%s: broker.id: the data in %s are those of broker %lld, "
                   "not %lld; set it back, or give the other one a volume of "
                   "its own",
                   s->where, checked->conf.log_dirs[0].text, (long long)found,
                   (long long)wanted);
}

static void become_check(const struct pf_places *places, const char *program,
                         const char *file)
{
    struct pf_path local = pf_path_in(places->run, "local.properties");
    struct pf_path own = pf_path_in(places->config, file);
    struct pf_path identity = pf_path_in(places->run, "identity-");
    int null = open("/dev/null", O_WRONLY | O_CLOEXEC);

    prctl(PR_SET_PDEATHSIG, SIGKILL); /* it may hang */
    dup2(null, STDOUT_FILENO);
    strncat(identity.text, file,
            sizeof identity.text - strlen(identity.text) - 1);
    execlp(program, program, "-F", local.text, "-F", identity.text, "-F",
           own.text, "--show-config", NULL);
    fprintf(stderr, "pricefeed: %s: %s\n", program, strerror(errno));
    _exit(1);
}

/* Have the certificates made that are missing. By another process: it needs
 * OpenSSL, which this one would keep in memory for as long as the feed runs. */
static enum pf_rc make_certificates(struct pf_error *err)
{
    pid_t pid = fork();

    if (pid == 0) {
        execlp("pf-broker", "pf-broker", "certificates", NULL);
        fprintf(stderr, "pricefeed: pf-broker: %s\n", strerror(errno));
        _exit(1);
    }
    if (pid < 0)
        return pf_fail(err, PF_IO, "fork: %s", strerror(errno));
    return check_await("pf-broker certificates", pid, PF_IO, err);
}

/* Let both programs check their settings, in parallel. */
static enum pf_rc check_programs(const struct pf_places *places,
                                 struct pf_error *err)
{
    static const char *const programs[][2] = {
        {"pf-producer", "producer.properties"},
        {"pf-consumer", "consumer.properties"},
    };
    pid_t pids[2];
    enum pf_rc rc = PF_OK;

    for (size_t i = 0; i < 2; i++) {
        pids[i] = fork();
        if (pids[i] == 0)
            become_check(places, programs[i][0], programs[i][1]);
        if (pids[i] < 0)
            rc = pf_fail(err, PF_IO, "fork: %s", strerror(errno));
    }
    for (size_t i = 0; i < 2; i++) {
        enum pf_rc one = pids[i] < 0 ? PF_OK
                                     : check_await(programs[i][0], pids[i],
                                                   PF_CONFIG, rc ? NULL : err);

        if (!rc)
            rc = one;
    }
    return rc;
}

enum pf_rc check_data(const struct pf_places *places, enum check_whose whose,
                      struct checked *ret, struct pf_error *err)
{
    enum pf_rc rc = pf_volume_lock(places, &ret->lock, err);

    if (!rc)
        rc = pf_broker_conf_read(places, environ, &ret->conf, err);
    if (!rc) {
        warn_of_fleeting(places, &ret->conf, whose);
        ret->volume = pf_volume_look(&ret->conf);
    }
    if (!rc && whose == CHECK_BOTH)
        rc = pf_volume_check(places, &ret->conf, &ret->volume, err);
    if (!rc && whose & CHECK_KAFKA)
        rc = check_broker_id(ret, err);
    if (!rc)
        rc = make_directories(places, &ret->conf, whose, err);
    if (!rc)
        rc = pf_broker_conf_write(&ret->conf, places, err);
    if (!rc && ret->conf.is_secure)
        rc = make_certificates(err);
    return rc == PF_AGAIN ? PF_CONFIG : rc; /* AGAIN: the volume is in use */
}

enum pf_rc check_all(const struct pf_places *places, struct checked *ret,
                     struct pf_error *err)
{
    enum pf_rc rc = check_data(places, CHECK_BOTH, ret, err);

    if (rc)
        return rc;
    remove_old_stats(places);
    return check_programs(places, err);
}

void checked_release(struct checked *checked)
{
    if (checked->lock >= 0)
        close(checked->lock);
    pf_broker_conf_release(&checked->conf);
}
