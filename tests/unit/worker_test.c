/* A thread for calls that wait. */
#include "unit.h"

#include <semaphore.h>

#include "worker.h"

struct job {
    sem_t may_end;
    int done;
};

static void wait_and_count(void *context)
{
    struct job *job = context;

    sem_wait(&job->may_end);
    job->done++;
}

static void does_one_job_after_the_other(void **state)
{
    struct job job = {0};
    struct pf_worker *worker;

    (void)state;
    sem_init(&job.may_end, 0, 0);
    assert_int_equal(pf_worker_open(&worker, NULL), PF_OK);
    assert_false(pf_worker_busy(worker));
    assert_int_equal(pf_worker_wait(worker, 0), PF_OK);
    for (int i = 0; i < 100; i++) {
        pf_worker_begin(worker, wait_and_count, &job);
        assert_true(pf_worker_busy(worker));
        assert_int_equal(pf_worker_wait(worker, 0), PF_AGAIN);
        sem_post(&job.may_end);
        assert_int_equal(pf_worker_wait(worker, 10000), PF_OK);
        assert_false(pf_worker_busy(worker));
        assert_int_equal(job.done, i + 1);
    }
    assert_true(pf_worker_close(worker, 0));
    assert_true(pf_worker_close(NULL, 0));
}

static void a_job_that_does_not_end_is_left(void **state)
{
    struct job job = {0};
    struct pf_worker *worker;

    (void)state;
    sem_init(&job.may_end, 0, 0);
    assert_int_equal(pf_worker_open(&worker, NULL), PF_OK);
    pf_worker_begin(worker, wait_and_count, &job);
    assert_false(pf_worker_close(worker, 20));
    sem_post(&job.may_end);
    assert_true(pf_worker_close(worker, 10000));
    assert_int_equal(job.done, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(does_one_job_after_the_other),
        cmocka_unit_test(a_job_that_does_not_end_is_left),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
