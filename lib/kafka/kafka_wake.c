#include "kafka_wake.h"

#include <errno.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum pf_rc pf_kafka_wake_open(rd_kafka_queue_t *queue, int *ret,
                              struct pf_error *err)
{
    static const uint64_t one = 1;
    int fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);

    if (fd < 0)
        return pf_fail(err, PF_IO, "eventfd: %s", strerror(errno));
    rd_kafka_queue_io_event_enable(queue, fd, &one, sizeof one);
    *ret = fd;
    return PF_OK;
}

void pf_kafka_wake_clear(int fd)
{
    uint64_t count;

    if (read(fd, &count, sizeof count) < 0)
        return; /* it was not readable */
}

void pf_kafka_wake_close(rd_kafka_queue_t *queue, int fd)
{
    if (!queue)
        return;
    if (fd >= 0) {
        rd_kafka_queue_io_event_enable(queue, -1, NULL, 0);
        close(fd);
    }
    rd_kafka_queue_destroy(queue);
}
