/* wall_clock.so - for a program that preloads it, another time on the wall.
 *
 * The file WALL_CLOCK holds the seconds to add to it, and may change at any
 * time. Only clock_gettime(CLOCK_REALTIME) is told so: the kernel's waits and
 * the monotonic clock go on as they are, as after a real jump. */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static time_t seconds_to_add(void)
{
    char text[32] = "";
    int fd = open(getenv("WALL_CLOCK"), O_RDONLY | O_CLOEXEC);

    if (fd < 0 || read(fd, text, sizeof text - 1) <= 0)
        abort();
    close(fd);
    return strtol(text, NULL, 10);
}

int clock_gettime(clockid_t clock, struct timespec *ret)
{
    int code = (int)syscall(SYS_clock_gettime, clock, ret);

    if (!code && clock == CLOCK_REALTIME)
        ret->tv_sec += seconds_to_add();
    return code;
}
