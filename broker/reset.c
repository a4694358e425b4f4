/* reset.c - `pf-broker reset`: delete all records and topics. */
#include <errno.h>
#include <ftw.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ctl.h"
#include "text.h"
#include "volume.h"

/* Delete everything in the directory, but not itself: it may be a mount. */
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

/* A directory of the configuration, which is emptied or left alone. */
struct target {
    const char *name; /* as configured; NULL: none */
    bool is_ours;
    char real[PATH_MAX]; /* without links and ".." */
};

/* Is path strictly within dir? Both are real paths. */
static bool is_below(const char *path, const char *dir)
{
    size_t len = strlen(dir);

    return !strncmp(path, dir, len) && path[len] == '/' && path[len + 1];
}

/* Do not touch a directory that was configured by mistake. Ours are those below
 * the volume, and elsewhere those that contain the marker of the program. The
 * volume itself and its parents contain other things. */
static enum pf_rc look_at(const char *dir, const char *volume, const char *sign,
                          struct target *ret, struct pf_error *err)
{
    bool signed_ours;

    if (!realpath(dir, ret->real))
        return errno == ENOENT
                   ? PF_OK
                   : pf_fail(err, PF_IO, "%s: %s", dir, strerror(errno));
    ret->name = dir;
    signed_ours = !access(pf_path_in(ret->real, sign).text, F_OK);
    ret->is_ours = signed_ours || is_below(ret->real, volume);
    if (signed_ours && (!strcmp(volume, ret->real) || !ret->real[1] ||
                        is_below(volume, ret->real)))
        return pf_fail(err, PF_CONFIG,
                       "%s is not emptied: the volume %s itself is in it; "
                       "nothing was deleted",
                       dir, volume);
    return PF_OK;
}

/* Get all directories of the configuration; the caller frees *ret. */
static enum pf_rc look_at_all(const struct ctl *ctl, struct target **ret,
                              size_t *ret_n, struct pf_error *err)
{
    const struct pf_broker_conf *conf = &ctl->conf;
    char volume[PATH_MAX];
    size_t n = 0;
    enum pf_rc rc = PF_OK;

    if (!realpath(ctl->places.data, volume))
        return pf_fail(err, PF_IO, "%s: %s", ctl->places.data, strerror(errno));
    *ret = calloc(conf->n_log_dirs + 2, sizeof **ret);
    if (!*ret)
        return pf_fail(err, PF_NOMEM, "out of memory");
    for (; !rc && n < conf->n_log_dirs; n++)
        rc = look_at(conf->log_dirs[n].text, volume, "meta.properties",
                     &(*ret)[n], err);
    if (!rc)
        rc = look_at(conf->zookeeper_dir.text, volume, "version-2",
                     &(*ret)[n++], err);
    if (!rc && strcmp(conf->zookeeper_dir.text, conf->zookeeper_log_dir.text))
        rc = look_at(conf->zookeeper_log_dir.text, volume, "version-2",
                     &(*ret)[n++], err);
    *ret_n = n;
    return rc;
}

/* Print those that are emptied, or those that are not. */
static void list(const struct target *targets, size_t n, bool ours)
{
    char text[1000];

    for (size_t i = 0; i < n; i++)
        if (targets[i].name && targets[i].is_ours == ours)
            printf("  %s%s\n",
                   pf_escape(text, sizeof text, targets[i].real,
                             strlen(targets[i].real)),
                   ours ? ""
                        : " stays: it is not in the volume, and has no "
                          "data of Kafka or ZooKeeper in it");
}

static void list_all(const struct target *targets, size_t n)
{
    printf("This deletes all records, topics and offsets:\n");
    list(targets, n, true);
    list(targets, n, false);
}

static enum pf_rc empty_all(const struct ctl *ctl, const struct target *targets,
                            size_t n, struct pf_error *err)
{
    enum pf_rc rc = PF_OK;

    /* First remove the note that the two belong together: after a kill in
     * between, the next start would refuse. */
    pf_volume_unmark(&ctl->places);
    for (size_t i = 0; !rc && i < n; i++)
        if (targets[i].name && targets[i].is_ours)
            rc = empty(targets[i].real, err);
    return rc;
}

enum pf_rc ctl_reset(struct ctl *ctl, struct pf_error *err)
{
    struct target *targets = NULL;
    size_t n = 0;
    int lock = -1;
    enum pf_rc rc;

    if (ctl->all)
        return ctl_reset_all(ctl, err);
    rc = pf_volume_lock(&ctl->places, &lock, err);
    if (rc == PF_AGAIN)
        return pf_fail(err, PF_IO, "the feed is running; stop it first");
    if (!rc)
        rc = look_at_all(ctl, &targets, &n, err);
    if (!rc)
        list_all(targets, n);
    if (!rc)
        rc = ctl_confirm(ctl, err);
    if (!rc)
        rc = empty_all(ctl, targets, n, err);
    if (!rc)
        printf("The next start begins afresh.\n");
    free(targets);
    if (lock >= 0)
        close(lock);
    return rc;
}
