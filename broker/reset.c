/* reset.c - `pf-broker reset`: no records, no topics, a new cluster. */
#include <errno.h>
#include <ftw.h>
#include <string.h>
#include <unistd.h>

#include "ctl.h"
#include "volume.h"

/* Everything below the directory, but not itself: it may be a mount. */
static int remove_one(const char *path, const struct stat *status, int type,
                      struct FTW *where)
{
    (void)status, (void)type;
    return where->level ? remove(path) : 0;
}

static enum pf_rc empty(const char *dir, struct pf_error *err)
{
    if (nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT) &&
        errno != ENOENT)
        return pf_fail(err, PF_IO, "%s: %s", dir, strerror(errno));
    return PF_OK;
}

/* A directory that a person pointed us to by mistake stays as it is. */
static bool looks_like_ours(const struct ctl *ctl, const char *dir,
                            const char *sign)
{
    size_t len = strlen(ctl->places.data);

    if (!strncmp(dir, ctl->places.data, len) && dir[len] == '/' && dir[len + 1])
        return true;
    return !access(pf_path_in(dir, sign).text, F_OK);
}

static enum pf_rc ask(const struct ctl *ctl, struct pf_error *err)
{
    const struct pf_broker_conf *conf = &ctl->conf;
    char answer[16];

    if (ctl->yes)
        return PF_OK;
    if (!isatty(STDIN_FILENO))
        return pf_fail(err, PF_CONFIG,
                       "there is no terminal to ask on; say --yes to delete "
                       "all records");
    printf("This deletes all records, topics and offsets:\n");
    for (size_t i = 0; i < conf->n_log_dirs; i++)
        printf("  %s\n", conf->log_dirs[i].text);
    printf("  %s\nGo on? [y/N] ", conf->zookeeper_dir.text);
    fflush(stdout);
    if (!fgets(answer, sizeof answer, stdin) ||
        (strcmp(answer, "y\n") && strcmp(answer, "yes\n")))
        return pf_fail(err, PF_IO, "nothing was deleted");
    return PF_OK;
}

static enum pf_rc empty_all(const struct ctl *ctl, struct pf_error *err)
{
    const struct pf_broker_conf *conf = &ctl->conf;
    const char *zookeeper = conf->zookeeper_dir.text;
    enum pf_rc rc = PF_OK;

    /* First the note that the two belong together: after a kill in between
     * the next start would refuse. */
    pf_volume_unmark(&ctl->places);
    for (size_t i = 0; !rc && i < conf->n_log_dirs; i++) {
        const char *dir = conf->log_dirs[i].text;

        if (looks_like_ours(ctl, dir, "meta.properties"))
            rc = empty(dir, err);
    }
    if (!rc && looks_like_ours(ctl, zookeeper, "version-2"))
        rc = empty(zookeeper, err);
    return rc;
}

enum pf_rc ctl_reset(struct ctl *ctl, struct pf_error *err)
{
    int lock = -1;
    enum pf_rc rc = pf_volume_lock(&ctl->places, &lock, err);

    if (rc == PF_AGAIN)
        return pf_fail(err, PF_IO, "the feed is running; stop it first");
    if (!rc)
        rc = ask(ctl, err);
    if (!rc)
        rc = empty_all(ctl, err);
    if (!rc)
        printf("The next start begins afresh.\n");
    if (lock >= 0)
        close(lock);
    return rc;
}
