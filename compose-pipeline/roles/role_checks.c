#include "role_checks.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "client_check.h"
#include "myid.h"
#include "say.h"

/* WEB_PORT and WEB_ENABLED are the whole feed's, and not settings of pf-web. */
static enum pf_rc check_client(const struct role *role,
                               const struct pf_places *places,
                               struct role_needs *ret, struct pf_error *err)
{
    enum pf_rc rc = PF_OK;

    if (!role->once)
        rc = make_directory(pf_path_in(places->run, "log").text, err);
    if (rc)
        return rc;
    unsetenv("WEB_PORT");
    unsetenv("WEB_ENABLED");
    role_take_servers(role);
    return client_check(ret->command, ret->addresses, sizeof ret->addresses,
                        err);
}

/* What a program of ours counted in the last run would look like that of a live
 * one. */
static void remove_old_stats(const struct role *role,
                             const struct pf_places *places)
{
    char name[40];

    snprintf(name, sizeof name, "%s.stats", role->program);
    unlink(pf_path_in(places->run, name).text);
    snprintf(name, sizeof name, "%s.prices", role->program);
    unlink(pf_path_in(places->run, name).text);
}

static enum pf_rc check_zookeeper(const struct pf_places *places,
                                  struct role_needs *ret, struct pf_error *err)
{
    enum pf_rc rc = check_data(places, CHECK_ZOOKEEPER, &ret->checked, err);

    return rc ? rc
              : myid_settle(&ret->checked.conf, getenv("ZOOKEEPER_ID"), err);
}

static enum pf_rc check_broker(const struct pf_places *places,
                               struct role_needs *ret, struct pf_error *err)
{
    enum pf_rc rc = check_data(places, CHECK_KAFKA, &ret->checked, err);

    if (rc)
        return rc;
    snprintf(ret->addresses, sizeof ret->addresses, "%s",
             ret->checked.conf.zookeeper_connect);
    if (!ret->checked.volume.is_clean)
        say_at(PF_LOG_WARNING,
               "the last stop was not clean; the broker reads its logs again");
    return PF_OK;
}

enum pf_rc role_check(const struct role *role, const struct pf_places *places,
                      char *const *args, struct role_needs *ret,
                      struct pf_error *err)
{
    enum pf_rc rc = role_command(role, places, args, &ret->command, err);

    if (rc)
        return rc;
    switch (role->kind) {
    case ROLE_CLIENT:
        remove_old_stats(role, places);
        return check_client(role, places, ret, err);
    case ROLE_ZOOKEEPER:
        return check_zookeeper(places, ret, err);
    case ROLE_BROKER:
        return check_broker(places, ret, err);
    }
    return PF_OK;
}

void role_needs_release(struct role_needs *needs)
{
    role_command_free(needs->command);
    checked_release(&needs->checked);
    *needs = (struct role_needs){.checked = {.lock = -1}};
}
