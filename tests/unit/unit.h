/* unit.h - what every unit test needs: cmocka, and what cmocka needs. */
#ifndef PF_UNIT_H
#define PF_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

/** Captures standard error. */
struct heard {
    FILE *file;
    int stderr_fd;
    char text[8192];
};

static inline void begin_to_listen(struct heard *heard)
{
    heard->file = tmpfile();
    assert_non_null(heard->file);
    heard->stderr_fd = dup(STDERR_FILENO);
    dup2(fileno(heard->file), STDERR_FILENO);
}

/** Restore standard error; returns what was captured. */
static inline const char *end_to_listen(struct heard *heard)
{
    size_t len;

    dup2(heard->stderr_fd, STDERR_FILENO);
    close(heard->stderr_fd);
    rewind(heard->file);
    len = fread(heard->text, 1, sizeof heard->text - 1, heard->file);
    heard->text[len] = '\0';
    fclose(heard->file);
    return heard->text;
}

/** Fails, and shows both, unless part is in text. */
static inline void assert_contains(const char *text, const char *part)
{
    if (!strstr(text, part))
        fail_msg("'%s' is not in '%s'", part, text);
}

/** What became of a child that does part: its exit code, or -signal. */
static inline int outcome(int (*part)(void))
{
    int status;
    pid_t pid = fork();

    assert_true(pid >= 0);
    if (pid == 0) {
        alarm(10);
        _exit(part());
    }
    assert_true(waitpid(pid, &status, 0) == pid);
    return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

#endif
