#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum pf_rc pf_file_read(const char *path, size_t max, struct pf_buffer *text,
                        struct pf_error *err)
{
    FILE *in = fopen(path, "re");
    size_t n = 1, used = 0;
    char part[4096];
    int why;

    if (!in)
        return pf_fail(err, PF_IO, "%s", strerror(errno));
    while (n && used <= max) {
        errno = 0;
        n = fread(part, 1, sizeof part, in);
        pf_buffer_put(text, part, n);
        used += n;
    }
    why = ferror(in) ? errno : 0;
    fclose(in);
    if (why)
        return pf_fail(err, PF_IO, "%s", strerror(why));
    return used > max ? pf_fail(err, PF_IO, "longer than %zu bytes", max)
                      : PF_OK;
}

/* Write all of it. False: errno says why not. */
static bool write_all(int fd, const char *bytes, size_t len)
{
    while (len) {
        ssize_t n = write(fd, bytes, len);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return false;
        bytes += n;
        len -= (size_t)n;
    }
    return true;
}

/* A new name is on the disk when its directory is. */
static bool sync_directory_of(const char *path)
{
    char *copy = strdup(path);
    int fd = copy ? open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
                  : -1;
    bool done = fd >= 0 && !fsync(fd);

    if (fd >= 0)
        close(fd);
    free(copy);
    return done;
}

enum pf_rc pf_file_replace(const char *path, const void *bytes, size_t len,
                           mode_t mode, bool sync, struct pf_error *err)
{
    enum pf_rc rc = PF_OK;
    char *fresh;
    int fd;

    if (asprintf(&fresh, "%s.new", path) < 0)
        return pf_fail(err, PF_NOMEM, "%s: out of memory", path);
    unlink(fresh); /* left by a writer that was killed */
    fd = open(fresh, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    if (fd < 0 || !write_all(fd, bytes, len) || (sync && fsync(fd)) ||
        rename(fresh, path) || (sync && !sync_directory_of(path))) {
        rc = pf_fail(err, PF_IO, "%s: %s", path, strerror(errno));
        unlink(fresh);
    }
    if (fd >= 0)
        close(fd);
    free(fresh);
    return rc;
}
