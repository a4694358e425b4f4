#include "jq_watch.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "statm.h"

#define TICK_MS 10

/* The C library has no name for this member before 2.38. */
#ifndef sigev_notify_thread_id
#define sigev_notify_thread_id _sigev_un._tid
#endif

/* The sanitizers reserve more address space than any limit. */
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

enum { WITHIN, TIME_IS_OVER, TOO_LARGE };

/* What the handler writes as well is atomic: it interrupts this thread. */
struct pf_jq_watch {
    struct pf_jq_limits limits;
    timer_t timer;
    int statm;           /* as in statm.h; -1: memory is not looked at */
    struct rlimit space; /* RLIMIT_AS, as it is between two batches */

    _Atomic(jq_state *) running;
    atomic_uint record; /* which one, in a count of all of them */
    atomic_int reached; /* a limit, by this record */

    /* The handler's own. */
    unsigned seen; /* the record at the last tick */
    int64_t ticks; /* since that came */
    size_t memory; /* at the first of these */
};

/* The record has had its time several times over: what is written in C does not
 * look whether it is halted. A signal's handler may do nothing else. */
static void end_process(void)
{
    static const char text[] =
        "a function of jq that is written in C does not return: this program "
        "ends, and at the third time the record is put aside\n";

    if (write(STDERR_FILENO, text, sizeof text - 1) < 0)
        _exit(1);
    _exit(1);
}

static int look(struct pf_jq_watch *w)
{
    unsigned record = atomic_load(&w->record);

    if (record != w->seen) {
        w->seen = record;
        w->ticks = 0;
        w->memory = pf_statm_read(w->statm, PF_STATM_RESIDENT);
        return WITHIN;
    }
    w->ticks++;
    if (w->limits.ends &&
        w->ticks * TICK_MS > PF_JQ_ENDS_AFTER * w->limits.time_ms)
        end_process();
    if (w->ticks * TICK_MS > w->limits.time_ms)
        return TIME_IS_OVER;
    return pf_statm_read(w->statm, PF_STATM_RESIDENT) >
                   w->memory + w->limits.memory
               ? TOO_LARGE
               : WITHIN;
}

/* libjq insists on being halted once, and makes no copy of null. */
static void tick(int signo, siginfo_t *info, void *context)
{
    struct pf_jq_watch *w = info->si_value.sival_ptr;
    int saved = errno;
    jq_state *running;
    int reached;

    (void)signo;
    (void)context;
    if (info->si_code != SI_TIMER) /* somebody else's kill(2) */
        return;
    reached = look(w);
    running = atomic_load(&w->running);
    if (reached)
        atomic_store(&w->reached, reached);
    if (reached && running && !jq_halted(running))
        jq_halt(running, jv_null(), jv_null());
    errno = saved;
}

enum pf_rc pf_jq_watch_open(const struct pf_jq_limits *limits,
                            struct pf_jq_watch **ret, struct pf_error *err)
{
    struct sigaction action = {.sa_sigaction = tick,
                               .sa_flags = SA_SIGINFO | SA_RESTART};
    struct pf_jq_watch *w = calloc(1, sizeof *w);
    struct sigevent event = {.sigev_notify = SIGEV_THREAD_ID,
                             .sigev_signo = SIGVTALRM};

    if (!w)
        return pf_fail(err, PF_NOMEM, "jq: out of memory");
    *w = (struct pf_jq_watch){.limits = *limits, .statm = pf_statm_open()};
    w->limits.ends &= !getrlimit(RLIMIT_AS, &w->space);
    event.sigev_value.sival_ptr = w;
    event.sigev_notify_thread_id = gettid();
    sigaction(SIGVTALRM, &action, NULL);
    if (timer_create(CLOCK_THREAD_CPUTIME_ID, &event, &w->timer)) {
        pf_fail(err, PF_IO, "cannot make a timer for jq: %s", strerror(errno));
        if (w->statm >= 0)
            close(w->statm);
        free(w);
        return PF_IO;
    }
    *ret = w;
    return PF_OK;
}

void pf_jq_watch_close(struct pf_jq_watch *watch)
{
    if (!watch)
        return;
    timer_delete(watch->timer);
    if (watch->statm >= 0)
        close(watch->statm);
    free(watch);
}

static void set_timer(struct pf_jq_watch *w, long ms)
{
    struct timespec every = {.tv_nsec = ms * 1000000};
    struct itimerspec at = {.it_interval = every, .it_value = every};

    timer_settime(w->timer, 0, &at, NULL);
}

/* What libjq takes at once, between two ticks, has a limit too: it is that of
 * the whole process, and so it is set only while libjq works. */
static void limit_space(const struct pf_jq_watch *w)
{
    struct rlimit limit = w->space;
    size_t has = pf_statm_read(w->statm, PF_STATM_SPACE);
    rlim_t most = has + w->limits.memory + PF_JQ_SPARE;

    if (!has || SANITIZED || most >= limit.rlim_cur)
        return;
    limit.rlim_cur = most;
    setrlimit(RLIMIT_AS, &limit);
}

void pf_jq_watch_begin(struct pf_jq_watch *watch)
{
    if (watch->limits.ends)
        limit_space(watch);
    set_timer(watch, TICK_MS);
}

void pf_jq_watch_end(struct pf_jq_watch *watch)
{
    set_timer(watch, 0);
    if (watch->limits.ends)
        setrlimit(RLIMIT_AS, &watch->space);
}

/* In this order: a tick in between begins to count for the new one. */
void pf_jq_watch_record(struct pf_jq_watch *watch)
{
    unsigned record = atomic_load_explicit(&watch->record,
                                           memory_order_relaxed);

    atomic_store_explicit(&watch->record, record + 1, memory_order_relaxed);
    atomic_signal_fence(memory_order_seq_cst);
    atomic_store_explicit(&watch->reached, WITHIN, memory_order_relaxed);
}

void pf_jq_watch_run(struct pf_jq_watch *watch, jq_state *jq)
{
    atomic_signal_fence(memory_order_seq_cst);
    atomic_store_explicit(&watch->running, jq, memory_order_relaxed);
    atomic_signal_fence(memory_order_seq_cst);
}

enum pf_rc pf_jq_watch_look(const struct pf_jq_watch *watch,
                            struct pf_error *err)
{
    switch (atomic_load_explicit(&watch->reached, memory_order_relaxed)) {
    case TIME_IS_OVER:
        return pf_fail(err, PF_RANGE,
                       "it takes more than %" PRId64 " ms of processor time",
                       watch->limits.time_ms);
    case TOO_LARGE:
        return pf_fail(err, PF_RANGE, "it takes more than %zu MB of memory",
                       watch->limits.memory >> 20);
    default:
        return PF_OK;
    }
}
