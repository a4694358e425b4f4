#include "where.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "jq_plain.h"
#include "jq_value.h"
#include "where_child.h"
#include "where_wire.h"

/* How long an answer may take: more than the process gives itself, for it may
 * have to wait for a processor. A second is what a search looks for. */
#define RECORD_MS 1000
#define COMPILE_MS 2500

/* The longest sentence that is taken for one. */
#define ANSWER_MAX sizeof(struct pf_error)

struct web_where {
    const char *expression;
    bool is_plain; /* it can be tried without libjq */
    struct pf_jq_plain plain;
    struct pf_json_find find;

    pid_t pid;
    int fd;     /* to the process; -1: there is none */
    bool whole; /* it wants $record */
    struct pf_buffer in, out;
};

/* The process has to be another one than a child of fork(2): see where.h. It
 * has none of our signals, descriptors and variables. */
static int spawn(int fd, pid_t *ret)
{
    static char name[] = WEB_WHERE_CHILD;
    char *const argv[] = {name, NULL};
    char *const environment[] = {NULL};
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none, all;
    int failed;

    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setflags(&attributes,
                             POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, fd, 0);
    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_RDWR, 0);
    posix_spawn_file_actions_adddup2(&actions, 1, 2);
    posix_spawn_file_actions_addclosefrom_np(&actions, 3);
    failed = posix_spawn(ret, "/proc/self/exe", &actions, &attributes, argv,
                         environment);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    return failed;
}

/* End the process: *ret is how it ended, as waitpid(2) says. */
static int end(struct web_where *w)
{
    int status = 0;

    close(w->fd);
    w->fd = -1;
    kill(w->pid, SIGKILL);
    while (waitpid(w->pid, &status, 0) < 0 && errno == EINTR)
        continue;
    return status;
}

/* Send the message in w->out, and wait for its answer. PF_AGAIN: there is none
 * within that time; PF_END: the process has ended, or answers nonsense. */
static enum pf_rc ask(struct web_where *w, int wait_ms,
                      enum web_where_answer *ret, struct pf_error *err)
{
    struct web_wire_head head;
    enum pf_rc rc;

    if (w->out.failed)
        return pf_fail(err, PF_NOMEM, "out of memory");
    if (!web_wire_send(w->fd, &w->out))
        return PF_END;
    rc = web_wire_receive(w->fd, &w->in, ANSWER_MAX, pf_now_ms() + wait_ms);
    if (rc == PF_NOMEM)
        return pf_fail(err, rc, "out of memory");
    if (rc)
        return rc == PF_AGAIN ? rc : PF_END;
    memcpy(&head, w->in.at, sizeof head);
    if (head.code >= WEB_WHERE_ANSWERS)
        return PF_END;
    *ret = (enum web_where_answer)head.code;
    if (*ret == WEB_WHERE_CANNOT)
        pf_fail(err, PF_FORMAT, "%.*s", (int)head.size, w->in.at + sizeof head);
    return PF_OK;
}

/* The process has not answered: end it, and say why, which is rc. */
static enum pf_rc give_up(struct web_where *w, enum pf_rc why, enum pf_rc rc,
                          struct pf_error *err)
{
    int status = end(w);
    int signo = WIFSIGNALED(status) ? WTERMSIG(status) : 0;

    if (why == PF_AGAIN || signo == SIGPROF || signo == SIGXCPU)
        return pf_fail(err, rc, "it takes too long, and was stopped");
    return pf_fail(err, rc, "libjq has ended at it, or has no memory left%s%s",
                   signo ? ": " : "", signo ? strsignal(signo) : "");
}

static enum pf_rc connect_process(struct web_where *w, struct pf_error *err)
{
    const struct timeval step = {.tv_usec = 100000}, long_step = {.tv_sec = 1};
    int ends[2], failed;

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends))
        return pf_fail(err, PF_IO, "the system gives no socket: %s",
                       strerror(errno));
    setsockopt(ends[0], SOL_SOCKET, SO_RCVTIMEO, &step, sizeof step);
    setsockopt(ends[0], SOL_SOCKET, SO_SNDTIMEO, &long_step, sizeof long_step);
    failed = spawn(ends[1], &w->pid);
    close(ends[1]);
    if (failed) {
        close(ends[0]);
        return pf_fail(err, PF_IO, "the system gives no process for jq: %s",
                       strerror(failed));
    }
    w->fd = ends[0];
    return PF_OK;
}

/* Start the process, and have it compile the expression. */
static enum pf_rc start(struct web_where *w, struct pf_error *err)
{
    enum web_where_answer answer;
    enum pf_rc rc = connect_process(w, err);

    if (rc)
        return rc;
    web_wire_begin(&w->out, 0);
    pf_buffer_text(&w->out, " "); /* what begins with file: is not a file */
    pf_buffer_text(&w->out, w->expression);
    web_wire_end(&w->out);
    rc = ask(w, COMPILE_MS, &answer, err);
    if (rc == PF_AGAIN || rc == PF_END)
        return give_up(w, rc, PF_CONFIG, err);
    if (!rc && answer == WEB_WHERE_CANNOT)
        rc = PF_CONFIG;
    if (rc)
        end(w);
    w->whole = !rc && answer == WEB_WHERE_YES;
    return rc;
}

enum pf_rc web_where_open(const char *expression, struct web_where **ret,
                          struct pf_error *err)
{
    struct web_where *w;
    enum pf_rc rc;

    if (strlen(expression) > WEB_WHERE_MAX)
        return pf_fail(err, PF_CONFIG, "it is longer than %d bytes",
                       WEB_WHERE_MAX);
    w = calloc(1, sizeof *w);
    if (!w)
        return pf_fail(err, PF_NOMEM, "out of memory");
    w->expression = expression;
    w->fd = -1;
    w->is_plain = pf_jq_plain_init(&w->plain, &w->find, expression);
    rc = w->is_plain ? PF_OK : start(w, err);
    if (rc)
        web_where_close(w);
    else
        *ret = w;
    return rc;
}

void web_where_close(struct web_where *where)
{
    if (!where)
        return;
    if (where->fd >= 0)
        end(where);
    pf_buffer_release(&where->in);
    pf_buffer_release(&where->out);
    free(where);
}

/* Without libjq, so here: a path, or a comparison of one, is no program. */
static enum pf_rc ask_plain(struct web_where *w, const struct pf_record *record,
                            enum pf_jq_answer *ret, struct pf_error *err)
{
    const char *json = record->value ? record->value : "null";
    size_t len = record->value ? record->value_len : strlen("null");

    if (pf_jq_check(json, len, &w->find, 1, err))
        return PF_FORMAT;
    *ret = pf_jq_plain_is_true(&w->plain, json);
    return PF_OK;
}

/* What the process says. */
static enum pf_rc ask_process(struct web_where *where,
                              const struct pf_record *record, bool *ret,
                              struct pf_error *err)
{
    enum web_where_answer answer;
    enum pf_rc rc = where->fd < 0 ? start(where, err) : PF_OK;

    if (rc)
        return rc == PF_CONFIG ? PF_IO : rc;
    web_wire_begin(&where->out, 0);
    web_wire_put(&where->out, record, where->whole);
    web_wire_end(&where->out);
    rc = ask(where, RECORD_MS, &answer, err);
    if (rc == PF_AGAIN || rc == PF_END)
        return give_up(where, rc, PF_FORMAT, err);
    if (rc)
        return rc;
    *ret = answer == WEB_WHERE_YES;
    return answer == WEB_WHERE_CANNOT ? PF_FORMAT : PF_OK;
}

enum pf_rc web_where_is_true(struct web_where *where,
                             const struct pf_record *record, bool *ret,
                             struct pf_error *err)
{
    enum pf_jq_answer answer = PF_JQ_ASK_LIBJQ;
    enum pf_rc rc = where->is_plain ? ask_plain(where, record, &answer, err)
                                    : PF_OK;

    if (rc || answer == PF_JQ_ASK_LIBJQ)
        return rc ? rc : ask_process(where, record, ret, err);
    *ret = answer == PF_JQ_YES;
    return PF_OK;
}
