/* The workers: they fill the replies that take time. */
#include <signal.h>

#include "http_server.h"

/* More that wait than this would only be answered when nobody wants to know. */
#define WAITING_MAX 64

static void *work(void *context)
{
    struct pf_http *http = context;
    struct pf_http_jobs *jobs = &http->jobs;
    struct pf_http_request *r;

    pthread_mutex_lock(&jobs->lock);
    for (;;) {
        while (!jobs->waiting && !atomic_load(&http->is_ending))
            pthread_cond_wait(&jobs->more, &jobs->lock);
        r = jobs->waiting;
        if (!r)
            break;
        jobs->waiting = r->next;
        if (!jobs->waiting)
            jobs->last = &jobs->waiting;
        jobs->n--;
        pthread_mutex_unlock(&jobs->lock);
        if (atomic_load(&http->is_ending))
            pf_http_refuse(&r->reply, 503, "the server is about to end");
        else
            r->route->slow(http->context, r, &r->reply);
        pthread_mutex_lock(&jobs->lock);
        r->next = jobs->done;
        jobs->done = r;
        pf_http_wake(http);
    }
    pthread_mutex_unlock(&jobs->lock);
    return NULL;
}

enum pf_rc pf_http_jobs_open(struct pf_http *http, struct pf_error *err)
{
    struct pf_http_jobs *jobs = &http->jobs;

    pthread_mutex_init(&jobs->lock, NULL);
    pthread_cond_init(&jobs->more, NULL);
    jobs->last = &jobs->waiting;
    for (; jobs->n_workers < 2; jobs->n_workers++)
        if (pthread_create(&jobs->workers[jobs->n_workers], NULL, work, http))
            return pf_fail(err, PF_IO, "the system gives no thread");
    return PF_OK;
}

bool pf_http_jobs_add(struct pf_http *http, struct pf_http_request *r)
{
    struct pf_http_jobs *jobs = &http->jobs;
    bool ok;

    pthread_mutex_lock(&jobs->lock);
    ok = jobs->n < WAITING_MAX && !atomic_load(&http->is_ending);
    if (ok) {
        r->next = NULL;
        *jobs->last = r;
        jobs->last = &r->next;
        jobs->n++;
        pthread_cond_signal(&jobs->more);
    }
    pthread_mutex_unlock(&jobs->lock);
    return ok;
}

void pf_http_jobs_resume(struct pf_http *http)
{
    struct pf_http_request *done;

    pthread_mutex_lock(&http->jobs.lock);
    done = http->jobs.done;
    http->jobs.done = NULL;
    pthread_mutex_unlock(&http->jobs.lock);
    while (done) {
        struct pf_http_request *r = done;

        done = r->next;
        r->state = PF_HTTP_READY;
        MHD_resume_connection(r->connection);
    }
}

void pf_http_jobs_close(struct pf_http *http)
{
    struct pf_http_jobs *jobs = &http->jobs;

    pthread_mutex_lock(&jobs->lock);
    atomic_store(&http->is_ending, true);
    pthread_cond_broadcast(&jobs->more);
    pthread_mutex_unlock(&jobs->lock);
    while (jobs->n_workers)
        pthread_join(jobs->workers[--jobs->n_workers], NULL);
}
