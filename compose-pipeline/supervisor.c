#include "supervisor.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "say.h"

#define CONTROL "supervisor.sock" /* as in supervisord.conf */
#define EVENTS "init.sock"
#define LOG "log/supervisord.log"

/* Of an event: two lines of a few names and values. */
#define EVENT_SIZE 1024

static enum pf_rc set_address(struct sockaddr_un *address, const char *dir,
                              const char *name, struct pf_error *err)
{
    int len;

    address->sun_family = AF_UNIX;
    len = snprintf(address->sun_path, sizeof address->sun_path, "%s/%s", dir,
                   name);
    /* supervisord first binds to this name with its process id appended. */
    if (len + 12 > (int)sizeof address->sun_path)
        return pf_fail(err, PF_CONFIG,
                       "PF_RUN: %s is too long for sockets; at most %zu bytes",
                       dir, sizeof address->sun_path - 14 - strlen(name));
    return PF_OK;
}

static enum pf_rc open_events(const struct pf_places *places, int *ret,
                              struct pf_error *err)
{
    struct sockaddr_un address;
    enum pf_rc rc = set_address(&address, places->run, EVENTS, err);
    int fd;

    if (rc)
        return rc;
    unlink(address.sun_path);
    fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address)) {
        rc = pf_fail(err, PF_IO, "%s: %s", address.sun_path, strerror(errno));
        if (fd >= 0)
            close(fd);
        return rc;
    }
    *ret = fd;
    return PF_OK;
}

static void become_supervisord(const struct pf_places *places)
{
    struct pf_path conf = pf_path_in(places->home,
                                     "compose-pipeline/supervisord.conf");
    sigset_t none;

    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    setsid();
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    execlp("supervisord", "supervisord", "-c", conf.text, NULL);
    fprintf(stderr, "pricefeed: supervisord: %s\n", strerror(errno));
    _exit(1);
}

enum pf_rc supervisor_start(const struct pf_places *places,
                            struct supervisor *ret, struct pf_error *err)
{
    enum pf_rc rc = set_address(&ret->control, places->run, CONTROL, err);

    if (!rc)
        rc = open_events(places, &ret->events, err);
    if (rc)
        return rc;
    unlink(ret->control.sun_path); /* left by a killed supervisord */
    ret->pid = fork();
    if (ret->pid == 0)
        become_supervisord(places);
    if (ret->pid < 0) {
        ret->pid = 0;
        return pf_fail(err, PF_IO, "fork: %s", strerror(errno));
    }
    return PF_OK;
}

/* Connect to supervisord. Returns -1 if it is not listening yet, or its queue
 * is full: it is awake. */
static int call(const struct supervisor *supervisor)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    if (fd < 0 || !connect(fd, (const struct sockaddr *)&supervisor->control,
                           sizeof supervisor->control))
        return fd;
    close(fd);
    return -1;
}

static void hang_up(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

void supervisor_poke(const struct supervisor *supervisor)
{
    int fd = call(supervisor);

    hang_up(&fd);
}

void supervisor_kill(const struct supervisor *supervisor, int signal)
{
    if (supervisor->pid <= 0)
        return;
    kill(supervisor->pid, signal);
    supervisor_poke(supervisor);
}

/* The request of `supervisorctl start`. */
static int make_request(char *buf, size_t size, const char *program)
{
    char body[400];
    int len = snprintf(
        body, sizeof body,
        "<?xml version=\"1.0\"?><methodCall>"
        "<methodName>supervisor.startProcess</methodName><params>"
        "<param><value><string>%s</string></value></param>"
        "<param><value><boolean>0</boolean></value></param>"
        "</params></methodCall>",
        program);

    return snprintf(buf, size,
                    "POST /RPC2 HTTP/1.0\r\n"
                    "Content-Type: text/xml\r\n"
                    "Content-Length: %d\r\n\r\n%s",
                    len, body);
}

enum pf_rc supervisor_ask_start(struct supervisor *supervisor,
                                const char *program)
{
    char request[600];
    int len = make_request(request, sizeof request, program);

    hang_up(&supervisor->asked);
    supervisor->asked = call(supervisor);
    if (supervisor->asked < 0)
        return PF_AGAIN;
    /* It fits into the empty buffer of a socket. */
    if (send(supervisor->asked, request, (size_t)len, MSG_NOSIGNAL) == len)
        return PF_OK;
    hang_up(&supervisor->asked);
    return PF_AGAIN;
}

/* The value after "name:" in "a:1 b:2", or "". */
static const char *field(const char *event, const char *name, char *buf,
                         size_t size)
{
    char wanted[40];
    const char *at;

    snprintf(wanted, sizeof wanted, "%s:", name);
    at = strstr(event, wanted);
    at = at ? at + strlen(wanted) : "";
    snprintf(buf, size, "%.*s", (int)strcspn(at, " \n"), at);
    return buf;
}

enum pf_rc supervisor_next_event(const struct supervisor *supervisor,
                                 struct supervisor_event *ret)
{
    char text[EVENT_SIZE], number[16];
    ssize_t n = recv(supervisor->events, text, sizeof text - 1, 0);

    if (n < 0)
        return PF_AGAIN;
    text[n] = '\0';
    field(text, "eventname", ret->state, sizeof ret->state);
    field(text, "processname", ret->program, sizeof ret->program);
    ret->expected = atoi(field(text, "expected", number, sizeof number));
    ret->pid = atoi(field(text, "pid", number, sizeof number));
    return PF_OK;
}

int supervisor_last_end(const struct pf_places *places, const char *program,
                        char *buf, size_t size)
{
    char log[LOG_END_SIZE], begin[80];
    const char *at = read_end_of_log(pf_path_in(places->run, LOG).text, log);
    const char *end = NULL;
    int code = -1;

    snprintf(begin, sizeof begin, " exited: %s (", program);
    while ((at = strstr(at, begin)))
        end = at += strlen(begin);
    if (!end) {
        snprintf(buf, size, "how is unknown");
        return -1;
    }
    snprintf(buf, size, "%.*s", (int)strcspn(end, ";)"), end);
    sscanf(end, "exit status %d", &code);
    return code;
}

void supervisor_release(struct supervisor *supervisor)
{
    struct sockaddr_un address;
    socklen_t size = sizeof address;

    hang_up(&supervisor->asked);
    if (supervisor->events < 0)
        return;
    if (!getsockname(supervisor->events, (struct sockaddr *)&address, &size))
        unlink(address.sun_path);
    hang_up(&supervisor->events);
}

enum pf_rc supervisor_listen(const struct pf_places *places,
                             struct pf_error *err)
{
    struct sockaddr_un to;
    enum pf_rc rc = set_address(&to, places->run, EVENTS, err);
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    char event[EVENT_SIZE], number[16];

    if (!rc && fd < 0)
        rc = pf_fail(err, PF_IO, "socket: %s", strerror(errno));
    while (!rc) {
        size_t used, len;

        fputs("READY\n", stdout);
        fflush(stdout);
        if (!fgets(event, sizeof event, stdin))
            break; /* supervisord is gone */
        used = strlen(event);
        len = (size_t)atoi(field(event, "len", number, sizeof number));
        if (len >= sizeof event - used ||
            fread(event + used, 1, len, stdin) != len)
            break;
        sendto(fd, event, used + len, 0, (const struct sockaddr *)&to,
               sizeof to);
        fputs("RESULT 2\nOK", stdout);
    }
    if (fd >= 0)
        close(fd);
    return rc;
}
