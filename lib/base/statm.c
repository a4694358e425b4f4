#include "statm.h"

#include <fcntl.h>
#include <unistd.h>

int pf_statm_open(void)
{
    return open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
}

size_t pf_statm_read(int fd, enum pf_statm field)
{
    char text[128];
    ssize_t n = fd < 0 ? -1 : pread(fd, text, sizeof text, 0), at = 0;
    size_t pages = 0;

    for (int left = (int)field; left; left--, at++)
        while (at < n && text[at] != ' ')
            at++;
    for (; at < n && text[at] >= '0' && text[at] <= '9'; at++)
        pages = pages * 10 + (size_t)(text[at] - '0');
    return pages * (size_t)sysconf(_SC_PAGESIZE);
}
