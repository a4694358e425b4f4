#include "where_child.h"

#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "jq_program.h"
#include "jq_record.h"
#include "jq_value.h"
#include "log.h"
#include "statm.h"
#include "where_wire.h"

#define US 0 /* the descriptor that leads to pf-web */

/* What a record may take, before it is refused and the next one asked about. */
#define RECORD_MS 250
#define RECORD_MEMORY ((size_t)64 << 20)

/* What a record may take at most, such as in a function of libjq's that is
 * written in C; and the compilation. The process ends then. */
#define HARD_MS 500
#define COMPILE_MS 1000

/* What all of it may take. */
#define MEMORY ((rlim_t)256 << 20)
#define CPU_S 10

/* Nobody is silent that long: a request takes seconds. */
#define SILENCE_MS 3600000

struct child {
    struct pf_jq_watch *watch;
    struct pf_jq *jq;
    struct pf_buffer in, out;
    struct web_wire_record record;
    struct pf_error why;
};

bool web_where_is_child(char **argv)
{
    return argv[0] && !strcmp(argv[0], WEB_WHERE_CHILD);
}

static void limit(int resource, rlim_t most)
{
    const struct rlimit limit = {.rlim_cur = most, .rlim_max = most};

    setrlimit(resource, &limit);
}

/* Give up all that an expression does not need. What is opened before stays. */
static void confine(void)
{
    int statm = pf_statm_open();

    tzset(); /* strflocaltime has to know it */
    limit(RLIMIT_AS, pf_statm_read(statm, PF_STATM_SPACE) + MEMORY);
    close(statm);
    limit(RLIMIT_CPU, CPU_S);
    limit(RLIMIT_NOFILE, 0);
    limit(RLIMIT_NPROC, 0);
    limit(RLIMIT_CORE, 0);
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

/* The process ends by SIGPROF after that much more processor time. */
static void end_after(long ms)
{
    const struct itimerval at = {
        .it_value = {.tv_usec = ms % 1000 * 1000, .tv_sec = ms / 1000}};

    setitimer(ITIMER_PROF, &at, NULL);
}

static bool answer(struct child *c, enum web_where_answer code)
{
    web_wire_begin(&c->out, code);
    if (code == WEB_WHERE_CANNOT)
        pf_buffer_text(&c->out, c->why.text);
    web_wire_end(&c->out);
    return !c->out.failed && web_wire_send(US, &c->out);
}

/* The next message; NULL: there is none. Its end is a NUL. */
static const char *next(struct child *c)
{
    if (web_wire_receive(US, &c->in, UINT32_MAX, pf_now_ms() + SILENCE_MS))
        return NULL;
    pf_buffer_put(&c->in, "", 1);
    return c->in.failed ? NULL : c->in.at + sizeof(struct web_wire_head);
}

/* The first message is the expression. */
static bool compile(struct child *c)
{
    const char *expression = next(c);
    enum pf_rc rc;

    if (!expression)
        return false;
    end_after(COMPILE_MS);
    rc = pf_jq_open(expression, "jq", false, c->watch, &c->jq, &c->why);
    if (rc) {
        answer(c, WEB_WHERE_CANNOT);
        return false;
    }
    return answer(c, pf_jq_wants_record(c->jq) ? WEB_WHERE_YES : WEB_WHERE_NO);
}

/* The value that an expression gets. */
static bool get_value(const struct pf_record *record, jv *ret,
                      struct pf_error *why)
{
    if (!record->value) {
        *ret = jv_null();
        return true;
    }
    return !pf_jq_check(record->value, record->value_len, NULL, 0, why) &&
           !pf_jq_parse(record->value, record->value_len, ret, why);
}

static enum web_where_answer ask(struct child *c)
{
    const struct pf_record *record = &c->record.record;
    bool is_true;
    jv value, about = jv_null();

    if (!get_value(record, &value, &c->why))
        return WEB_WHERE_CANNOT;
    if (pf_jq_wants_record(c->jq))
        about = pf_jq_record(record, jv_copy(value));
    if (pf_jq_is_true(c->jq, value, about, &is_true, &c->why))
        return WEB_WHERE_CANNOT;
    return is_true ? WEB_WHERE_YES : WEB_WHERE_NO;
}

int web_where_child(void)
{
    const struct pf_jq_limits limits = {.time_ms = RECORD_MS,
                                        .memory = RECORD_MEMORY};
    struct child c = {0};
    const char *message;

    prctl(PR_SET_NAME, WEB_WHERE_CHILD, 0, 0, 0);
    pf_log_init(WEB_WHERE_CHILD, PF_LOG_ERROR); /* nothing that debug says */
    if (pf_jq_watch_open(&limits, &c.watch, NULL))
        return 1;
    confine();
    if (!compile(&c))
        return 0;
    pf_jq_watch_begin(c.watch);
    while ((message = next(&c)) && web_wire_take(message, &c.record)) {
        end_after(HARD_MS);
        pf_jq_watch_record(c.watch);
        if (!answer(&c, ask(&c)))
            break;
    }
    return 0; /* the process ends, and what it has with it */
}
