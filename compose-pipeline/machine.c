#include "machine.h"

#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "rlimits.h"
#include "utf8.h"

/* What is stricter stays so; our own files we have to be able to open. */
static void settle_umask(void)
{
    mode_t given = umask(022);

    umask((given & 077) | 022);
}

/* Who ignores SIGHUP, as nohup(1) does, means that. */
static void settle_signals(void)
{
    sigset_t none;

    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    for (int number = 1; number < NSIG; number++)
        if (number != SIGHUP)
            signal(number, SIG_DFL);
}

/* Python reads a dozen variables that begin so; one of a person's own
 * programs would keep supervisord from starting. */
static void forget_python(void)
{
    char name[100];

    for (char **variable = environ; *variable;) {
        size_t len = strcspn(*variable, "=");

        if (!strncmp(*variable, "PYTHON", 6) && len < sizeof name) {
            memcpy(name, *variable, len);
            name[len] = '\0';
            unsetenv(name); /* the next one moves to its place */
        } else {
            variable++;
        }
    }
}

static void settle_environment(void)
{
    forget_python();
    setenv("LC_ALL", "C.UTF-8", 1);
    unsetenv("LANGUAGE");
    setenv("TZ", "UTC", 1);
}

static bool is_utf8(const char *text)
{
    size_t left = strlen(text), size;

    for (; left; text += size, left -= size)
        if (pf_utf8_decode(text, left, &size) < 0)
            return false;
    return true;
}

/* Java knows files by their names in Unicode. In its class path and in PATH a
 * colon ends a path, in supervisord.conf a quote does. */
static enum pf_rc check_path(const char *name, const char *path,
                             const char *forbidden, struct pf_error *err)
{
    const char *found;

    if (!path)
        return PF_OK;
    if (!is_utf8(path))
        return pf_fail(err, PF_CONFIG,
                       "%s: the path %s is not UTF-8, and Java cannot open it; "
                       "give that directory another name",
                       name, path);
    found = strpbrk(path, forbidden);
    if (!found)
        return PF_OK;
    return pf_fail(err, PF_CONFIG,
                   "%s: the path %s has a '%c' in it, which ends a path where "
                   "several stand in a row; give that directory another name",
                   name, path, *found);
}

static enum pf_rc check_paths(const struct pf_places *places,
                              struct pf_error *err)
{
    enum pf_rc rc = check_path("PF_HOME", places->home, ":\"", err);

    if (!rc)
        rc = check_path("PF_JARS", getenv("PF_JARS"), ":", err);
    if (!rc)
        rc = check_path("PF_DATA", places->data, "", err);
    if (!rc)
        rc = check_path("PF_RUN", places->run, "", err);
    return rc;
}

enum pf_rc machine_settle(const struct pf_places *places, struct pf_error *err)
{
    enum pf_rc rc;

    settle_umask();
    settle_signals();
    settle_environment();
    limits_raise();
    rc = limits_check(err);
    return rc ? rc : check_paths(places, err);
}
