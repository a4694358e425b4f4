#include "private_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "file.h"

enum pf_rc pf_private_file_write(const char *path, const void *bytes,
                                 size_t len, struct pf_error *err)
{
    return pf_file_replace(path, bytes, len, 0600, true, err);
}

/* All that comes, size bytes at most: a pipe may give it in parts. -1: errno
 * says why. *ret_more: that is not all of it. */
static ssize_t read_all(int fd, char *ret, size_t size, bool *ret_more)
{
    size_t len = 0;
    ssize_t n = 1;
    char more;

    while (len < size && n) {
        n = read(fd, ret + len, size - len);
        if (n > 0)
            len += (size_t)n;
        else if (n < 0 && errno != EINTR)
            return -1;
    }
    *ret_more = n && read(fd, &more, 1) == 1;
    return (ssize_t)len;
}

enum pf_rc pf_password_read(const char *path, char *ret, size_t size,
                            struct pf_error *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    bool has_more;
    ssize_t n;

    if (fd < 0)
        return pf_fail(err, errno == ENOENT ? PF_AGAIN : PF_CONFIG, "%s: %s",
                       path, strerror(errno));
    n = read_all(fd, ret, size, &has_more);
    if (n < 0) {
        pf_fail(err, PF_CONFIG, "%s: %s", path, strerror(errno));
        close(fd);
        return PF_CONFIG;
    }
    close(fd);
    if (n && ret[n - 1] == '\n')
        n--;
    if (n && ret[n - 1] == '\r')
        n--;
    if (!n)
        return pf_fail(err, PF_CONFIG,
                       "%s: there is no password in it; remove it, or write "
                       "one",
                       path);
    if (has_more || (size_t)n == size)
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
