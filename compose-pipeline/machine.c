#include "machine.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "limits.h"

/* What is stricter stays so; our own files we have to be able to open. */
static void settle_umask(void)
{
    mode_t given = umask(022);

    umask((given & 077) | 022);
}

/* Who ignores SIGHUP, as nohup(1) does, means that. */
static void settle_signals(void)
{
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

/* In PATH and in Java's class path a colon ends a path, in supervisord.conf
 * a quote does. */
static enum pf_rc check_path(const char *name, const char *path,
                             const char *forbidden, struct pf_error *err)
{
    const char *found = path ? strpbrk(path, forbidden) : NULL;

    if (!found)
        return PF_OK;
    return pf_fail(err, PF_CONFIG,
                   "%s: the path %s has a '%c' in it, which ends a path where "
                   "several stand in a row; give that directory another name",
                   name, path, *found);
}

enum pf_rc machine_settle(const struct pf_places *places, struct pf_error *err)
{
    enum pf_rc rc;

    settle_umask();
    settle_signals();
    settle_environment();
    limits_raise();
    rc = limits_check(err);
    if (!rc)
        rc = check_path("PF_HOME", places->home, ":\"", err);
    if (!rc)
        rc = check_path("PF_JARS", getenv("PF_JARS"), ":", err);
    return rc;
}
