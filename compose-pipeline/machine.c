#include "machine.h"

#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "rlimits.h"
#include "utf8.h"

/* Keep a stricter umask, but our own files must stay accessible to us. */
static void settle_umask(void)
{
    mode_t given = umask(022);

    umask((given & 077) | 022);
}

/* Keep SIGHUP ignored: nohup(1) does that on purpose. */
static void settle_signals(void)
{
    sigset_t none;

    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    for (int number = 1; number < NSIG; number++)
        if (number != SIGHUP)
            signal(number, SIG_DFL);
}

void machine_forget(const char *prefix)
{
    for (char **one = environ; *one;) {
        size_t len = strcspn(*one, "=");
        char *name = strncmp(*one, prefix, strlen(prefix)) || !(*one)[len]
                         ? NULL
                         : strndup(*one, len);

        if (!name || unsetenv(name))
            one++; /* else the next one moves into its place */
        free(name);
    }
}

static void settle_environment(void)
{
    /* Python reads a dozen variables. One that is set for the user's own
     * programs could keep supervisord from starting. */
    machine_forget("PYTHON");
    setenv("LC_ALL", "C.UTF-8", 1);
    unsetenv("LANGUAGE");
    setenv("TZ", "UTC", 1);
}

/* Java needs file names that are Unicode. A colon ends a path in its class
 * path and in PATH, a quote does in supervisord.conf. */
static enum pf_rc check_path(const char *name, const char *path,
                             const char *forbidden, struct pf_error *err)
{
    const char *found;

    if (!path)
        return PF_OK;
    if (!pf_utf8_is_text(path, strlen(path)))
        return pf_fail(err, PF_CONFIG,
                       "%s: the path %s is not UTF-8, and Java cannot open it; "
                       "give that directory another name",
                       name, path);
    found = strpbrk(path, forbidden);
    if (!found)
        return PF_OK;
    return pf_fail(err, PF_CONFIG,
                   "%s: the path %s has a '%c' in it, which separates the "
                   "paths of a list; give that directory another name",
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
