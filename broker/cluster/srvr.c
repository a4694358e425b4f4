#include "srvr.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clock.h"
#include "dial.h"
#include "stop.h"

void pf_ask_srvr(const char *address, int ms, char *answer, size_t size)
{
    int64_t deadline_ms = pf_now_ms() + ms;
    size_t used = 0;
    ssize_t n = 1;
    int fd;

    *answer = '\0';
    if (pf_dial(address, ms, &fd, NULL))
        return;
    if (send(fd, "srvr", 4, MSG_NOSIGNAL) != 4)
        n = 0;
    while (n > 0 && used + 1 < size &&
           !pf_wait(fd, POLLIN, pf_left_ms(deadline_ms))) {
        n = read(fd, answer + used, size - 1 - used);
        used += n > 0 ? (size_t)n : 0;
    }
    answer[used] = '\0';
    close(fd);
}
