#include "private_file.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

/* Write all of it and have it on the disk. False: errno says why not. */
static bool write_and_sync(int fd, const char *bytes, size_t len)
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
    return !fsync(fd);
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

enum pf_rc pf_private_file_write(const char *path, const void *bytes,
                                 size_t len, struct pf_error *err)
{
    enum pf_rc rc = PF_OK;
    char *fresh;
    int fd;

    if (asprintf(&fresh, "%s.new", path) < 0)
        return pf_fail(err, PF_NOMEM, "%s: out of memory", path);
    unlink(fresh); /* left by a writer that was killed */
    fd = open(fresh, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0 || !write_and_sync(fd, bytes, len) || rename(fresh, path) ||
        !sync_directory_of(path)) {
        rc = pf_fail(err, PF_IO, "%s: %s", path, strerror(errno));
        unlink(fresh);
    }
    if (fd >= 0)
        close(fd);
    free(fresh);
    return rc;
}

enum pf_rc pf_password_read(const char *path, char *ret, size_t size,
                            struct pf_error *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n;

    if (fd < 0)
        return pf_fail(err, errno == ENOENT ? PF_AGAIN : PF_CONFIG, "%s: %s",
                       path, strerror(errno));
    n = read(fd, ret, size);
    if (n < 0) {
        pf_fail(err, PF_CONFIG, "%s: %s", path, strerror(errno));
        close(fd);
        return PF_CONFIG;
    }
    close(fd);
    if (n && ret[n - 1] == '\n')
        n--;
    if (!n)
        return pf_fail(err, PF_CONFIG,
                       "%s: there is no password in it; remove it, or write "
                       "one",
                       path);
    if ((size_t)n == size)
        return pf_fail(err, PF_CONFIG,
                       "%s: the password is longer than %zu bytes", path,
                       size - 1);
    ret[n] = '\0';
    if (strlen(ret) != (size_t)n || strchr(ret, '\n'))
        return pf_fail(err, PF_CONFIG,
                       "%s: a password is one line of text; there is more in "
                       "it",
                       path);
    return PF_OK;
}

enum pf_rc pf_password_make(char ret[PF_PASSWORD_SIZE], struct pf_error *err)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                 "abcdefghijklmnopqrstuvwxyz0123456789-_";
    unsigned char random[PF_PASSWORD_SIZE - 1];

    if (getrandom(random, sizeof random, 0) != sizeof random)
        return pf_fail(err, PF_IO, "no random numbers for a password: %s",
                       strerror(errno));
    for (size_t i = 0; i < sizeof random; i++)
        ret[i] = digits[random[i] % 64];
    ret[sizeof random] = '\0';
    return PF_OK;
}
