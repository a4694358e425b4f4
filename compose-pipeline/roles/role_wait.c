#include "role_wait.h"

#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "address.h"
#include "clock.h"
#include "dial.h"
#include "places.h"
#include "say.h"

#define CONNECT_MS 2000
#define PAUSE_MS 100 /* from one round to the next */

/* Who is started a little too early says nothing. */
#define SAY_AFTER_MS 1000
#define SAY_AGAIN_MS 10000

/* Copy the address that begins at text, without its protocol and its path, and
 * with a port. Returns where the next one begins. */
static const char *next_address(const char *text, const char *port, char *ret,
                                size_t size)
{
    size_t len = strcspn(text, ",");
    const char *end = text + len, *protocol = memmem(text, len, "://", 3);

    if (protocol)
        text = protocol + 3;
    while (*text == ' ' && text < end)
        text++;
    len = strcspn(text, " ,/");
    snprintf(ret, size, memchr(text, ':', len) ? "%.*s" : "%.*s:%s", (int)len,
             text, port);
    return *end ? end + 1 : end;
}

bool role_knock(const char *list, const char *port, struct pf_error *err)
{
    char address[PF_HOST_SIZE + 16];

    while (*list) {
        list = next_address(list, port, address, sizeof address);
        if (!pf_knock(address, CONNECT_MS, err))
            return true;
    }
    return false;
}

/* A wait that says after a moment, and then again and again, what it is for. */
struct patience {
    int64_t began_ms, say_ms; /* on the monotonic clock */
    bool said;
};

static struct patience begin(void)
{
    int64_t now_ms = pf_now_ms();

    return (struct patience){now_ms, now_ms + SAY_AFTER_MS, false};
}

static bool is_to_say(struct patience *patience)
{
    if (pf_now_ms() < patience->say_ms)
        return false;
    patience->say_ms = pf_now_ms() + SAY_AGAIN_MS;
    patience->said = true;
    return true;
}

static double seconds(const struct patience *patience)
{
    return (double)(pf_now_ms() - patience->began_ms) / 1000;
}

void role_wait(const char *what, const char *list, const char *port)
{
    struct pf_error err = {"there is no address"};
    struct patience patience = begin();

    while (!role_knock(list, port, &err)) {
        if (is_to_say(&patience))
            say("waiting for %s at %s (%s)", what, list, err.text);
        poll(NULL, 0, PAUSE_MS);
    }
    if (patience.said)
        say("%s answers after %.1f s", what, seconds(&patience));
}

/* The first of names that cannot be read, as a path; errno says why. False: all
 * can be. */
static bool find_missing(const char *dir, const char *names,
                         struct pf_path *ret)
{
    char name[64];

    while (*names) {
        int len = (int)strcspn(names, " ");

        snprintf(name, sizeof name, "%.*s", len, names);
        *ret = pf_path_in(dir, name);
        if (access(ret->text, R_OK))
            return true;
        names += len + (names[len] == ' ');
    }
    return false;
}

void role_wait_for_files(const char *dir, const char *names)
{
    struct patience patience = begin();
    struct pf_path path;

    while (find_missing(dir, names, &path)) {
        if (is_to_say(&patience))
            say("waiting for %s, which the role authority makes (%s)",
                path.text, strerror(errno));
        poll(NULL, 0, PAUSE_MS);
    }
    if (patience.said)
        say("certificates are there after %.1f s", seconds(&patience));
}
