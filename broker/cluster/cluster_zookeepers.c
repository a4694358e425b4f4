/* cluster_zookeepers.c - a cluster's ZooKeepers, by asking each. */
#include "cluster_ask.h"

#include <stdio.h>

#include "address.h"
#include "four_letters.h"
#include "text.h"

#define ZOOKEEPER_PORT "2181"
#define ASK_MS 1000 /* for the answer of one */

/* What a ZooKeeper is by its answer to srvr; "": it does not serve. Where the
 * command is not allowed it says so only once it serves. */
static void read_mode(const char *answer, char *mode, size_t size)
{
    static const char name[] = "\nMode: ";
    const char *found = strstr(answer, name);

    *mode = '\0';
    if (found) {
        found += sizeof name - 1;
        snprintf(mode, size, "%.*s", (int)strcspn(found, "\n"), found);
    } else if (strstr(answer, "not in the whitelist")) {
        snprintf(mode, size, "serves");
    }
}

static enum pf_rc ask(const char *address, const struct pf_zookeeper_tls *tls,
                      struct pf_cluster *ret, struct pf_error *err)
{
    struct pf_cluster_zookeeper z = {0};
    char host[PF_HOST_SIZE], answer[1024];
    int port;

    snprintf(z.address, sizeof z.address, "%s%s", address,
             strchr(address, ':') ? "" : ":" ZOOKEEPER_PORT);
    if (pf_parse_address(z.address, host, &port, err))
        return PF_CONFIG;
    pf_ask_zookeeper(z.address, tls, "srvr", ASK_MS, answer, sizeof answer);
    read_mode(answer, z.mode, sizeof z.mode);
    return PF_VEC_PUSH(&ret->zookeepers, z)
               ? PF_OK
               : pf_fail(err, PF_NOMEM, "out of memory");
}

enum pf_rc pf_cluster_ask_zookeepers(const char *connect,
                                     const struct pf_zookeeper_tls *tls,
                                     struct pf_cluster *ret,
                                     struct pf_error *err)
{
    char *copy = strdup(connect), *rest = copy, *address;
    enum pf_rc rc = copy ? PF_OK : pf_fail(err, PF_NOMEM, "out of memory");

    if (copy)
        copy[strcspn(copy, "/")] = '\0';
    while (!rc && (address = strsep(&rest, ","))) {
        address = pf_trim(address);
        if (*address)
            rc = ask(address, tls, ret, err);
    }
    free(copy);
    return rc;
}
