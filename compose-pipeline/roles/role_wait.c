#include "role_wait.h"

#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "address.h"
#include "clock.h"
#include "dial.h"
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

void role_wait(const char *what, const char *list, const char *port)
{
    struct pf_error err = {"there is no address"};
    int64_t began_ms = pf_now_ms(), say_ms = began_ms + SAY_AFTER_MS;
    bool said = false;

    while (!role_knock(list, port, &err)) {
        if (pf_now_ms() >= say_ms) {
            say("waiting for %s at %s (%s)", what, list, err.text);
            say_ms = pf_now_ms() + SAY_AGAIN_MS;
            said = true;
        }
        poll(NULL, 0, PAUSE_MS);
    }
    if (said)
        say("%s answers after %.1f s", what,
            (double)(pf_now_ms() - began_ms) / 1000);
}
