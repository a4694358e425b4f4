#include "worker.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "stop.h"

struct pf_worker {
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t more;
    void (*job)(void *context); /* NULL: none is under way */
    void *context;
    bool ends;
    int done; /* readable when a job has ended */
};

static void *work(void *arg)
{
    static const uint64_t one = 1;
    struct pf_worker *w = arg;

    pthread_mutex_lock(&w->lock);
    for (;;) {
        while (!w->job && !w->ends)
            pthread_cond_wait(&w->more, &w->lock);
        if (!w->job)
            break;
        pthread_mutex_unlock(&w->lock);
        w->job(w->context);
        pthread_mutex_lock(&w->lock);
        w->job = NULL;
        if (write(w->done, &one, sizeof one) < 0)
            break; /* cannot be: it was read before this job began */
    }
    pthread_mutex_unlock(&w->lock);
    return NULL;
}

enum pf_rc pf_worker_open(struct pf_worker **ret, struct pf_error *err)
{
    struct pf_worker *w = calloc(1, sizeof *w);

    if (!w)
        return pf_fail(err, PF_NOMEM, "a thread: out of memory");
    w->done = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (w->done < 0) {
        free(w);
        return pf_fail(err, PF_IO, "eventfd: %s", strerror(errno));
    }
    pthread_mutex_init(&w->lock, NULL);
    pthread_cond_init(&w->more, NULL);
    if (pthread_create(&w->thread, NULL, work, w)) {
        close(w->done);
        free(w);
        return pf_fail(err, PF_IO, "the system gives no thread");
    }
    *ret = w;
    return PF_OK;
}

void pf_worker_begin(struct pf_worker *w, void (*job)(void *context),
                     void *context)
{
    uint64_t count;

    pthread_mutex_lock(&w->lock);
    while (read(w->done, &count, sizeof count) > 0)
        ; /* that of the job before */
    w->job = job;
    w->context = context;
    pthread_cond_signal(&w->more);
    pthread_mutex_unlock(&w->lock);
}

bool pf_worker_busy(struct pf_worker *w)
{
    bool busy;

    pthread_mutex_lock(&w->lock);
    busy = w->job;
    pthread_mutex_unlock(&w->lock);
    return busy;
}

enum pf_rc pf_worker_wait(struct pf_worker *w, int timeout_ms)
{
    return pf_worker_busy(w) ? pf_wait(w->done, POLLIN, timeout_ms) : PF_OK;
}

bool pf_worker_close(struct pf_worker *w, int timeout_ms)
{
    struct pollfd done;

    if (!w)
        return true;
    done = (struct pollfd){.fd = w->done, .events = POLLIN};
    if (pf_worker_busy(w))
        poll(&done, 1, timeout_ms);
    if (pf_worker_busy(w))
        return false;
    pthread_mutex_lock(&w->lock);
    w->ends = true;
    pthread_cond_signal(&w->more);
    pthread_mutex_unlock(&w->lock);
    pthread_join(w->thread, NULL);
    close(w->done);
    pthread_mutex_destroy(&w->lock);
    pthread_cond_destroy(&w->more);
    free(w);
    return true;
}
