#include "kept_log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void open_file(struct kept_log *log)
{
    struct stat status;

    log->file = open(log->path.text, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC,
                     0644);
    log->size = log->file >= 0 && !fstat(log->file, &status) ? status.st_size
                                                             : 0;
}

enum pf_rc kept_log_open(const struct pf_places *places, const char *name,
                         struct kept_log *ret, struct pf_error *err)
{
    struct pf_path dir = pf_path_in(places->run, "log");
    char file[60];
    int ends[2];

    snprintf(file, sizeof file, "%s.log", name);
    ret->path = pf_path_in(dir.text, file);
    open_file(ret);
    if (ret->file < 0)
        return pf_fail(err, PF_IO, "%s: %s", ret->path.text, strerror(errno));
    if (pipe2(ends, O_CLOEXEC))
        return pf_fail(err, PF_IO, "pipe: %s", strerror(errno));
    ret->from = ends[0];
    ret->given = ends[1];
    fcntl(ret->from, F_SETFL, O_NONBLOCK);
    return PF_OK;
}

static void move_aside(struct kept_log *log)
{
    char old[sizeof log->path.text + 2];

    snprintf(old, sizeof old, "%s.1", log->path.text);
    rename(log->path.text, old);
    close(log->file);
    open_file(log);
}

void kept_log_copy(struct kept_log *log)
{
    char buf[16384];
    ssize_t n, written;

    while ((n = read(log->from, buf, sizeof buf)) > 0) {
        written = log->file < 0 ? 0 : write(log->file, buf, (size_t)n);
        log->size += written > 0 ? written : 0;
        /* A line stays in one file. */
        if (log->size >= KEPT_LOG_MAX && buf[n - 1] == '\n')
            move_aside(log);
    }
}

void kept_log_close(struct kept_log *log)
{
    for (size_t i = 0; i < 3; i++) {
        int *fd = i == 0 ? &log->file : i == 1 ? &log->given : &log->from;

        if (*fd >= 0)
            close(*fd);
        *fd = -1;
    }
}
