#include "role_checks.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "client_check.h"
#include "myid.h"
#include "properties_write.h"
#include "role_note.h"
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

/* Of a secure cluster: where the certificates will be. */
static enum pf_rc find_certificates(const struct role *role,
                                    const struct pf_places *places, bool is_on,
                                    struct role_needs *ret,
                                    struct pf_error *err)
{
    if (!is_on || !role->files)
        return PF_OK;
    if (!places->tls && role->kind == ROLE_CLIENT)
        return pf_fail(
            err, PF_CONFIG,
            "environment FEED_SECURITY: FEED_TLS_DIR is not set: the "
            "directory with the certificates of this %s",
            role->name);
    ret->tls = places->tls;
    return PF_OK;
}

static enum pf_rc write_identity(const struct role *role,
                                 const struct pf_places *places,
                                 struct pf_error *err)
{
    struct pf_settings identity = pf_settings_init();
    enum pf_rc rc = pf_security_put_client(&identity, places, NULL, err);

    if (!rc)
        rc = pf_security_put_client(&identity, places, role->program, err);
    if (!rc)
        rc = pf_properties_write_file(
            role_identity(role, places).text,
            "# Who this is in a secure cluster; rewritten at each start.\n",
            &identity, err);
    pf_settings_release(&identity);
    return rc;
}

/* Who a client is, for its command line: nobody, or the owner of a certificate
 * with its name. */
static enum pf_rc settle_identity(const struct role *role,
                                  const struct pf_places *places,
                                  struct role_needs *ret, struct pf_error *err)
{
    struct pf_settings machine = pf_settings_init();
    struct pf_security security = {.is_on = false};
    enum pf_rc rc = pf_security_read(environ, places, &machine, &security, err);

    if (!rc)
        rc = find_certificates(role, places, security.is_on, ret, err);
    pf_settings_release(&machine);
    ret->identity = role_identity(role, places);
    unlink(ret->identity.text);
    if (rc || !ret->tls)
        return rc;
    rc = make_directory(places->run, err);
    return rc ? rc : write_identity(role, places, err);
}

static enum pf_rc check_zookeeper(const struct role *role,
                                  const struct pf_places *places,
                                  struct role_needs *ret, struct pf_error *err)
{
    enum pf_rc rc = check_data(places, CHECK_ZOOKEEPER, &ret->checked, err);

    if (!rc)
        rc = find_certificates(role, places, ret->checked.conf.security.is_on,
                               ret, err);
    return rc ? rc
              : myid_settle(&ret->checked.conf, getenv("ZOOKEEPER_ID"), err);
}

static enum pf_rc check_broker(const struct role *role,
                               const struct pf_places *places,
                               struct role_needs *ret, struct pf_error *err)
{
    enum pf_rc rc = check_data(places, CHECK_KAFKA, &ret->checked, err);

    if (!rc)
        rc = find_certificates(role, places, ret->checked.conf.security.is_on,
                               ret, err);
    if (rc)
        return rc;
    snprintf(ret->addresses, sizeof ret->addresses, "%s",
             ret->checked.conf.zookeeper_connect);
    if (!ret->checked.volume.is_clean)
        say_at(PF_LOG_WARNING,
               "the last stop was not clean; the broker reads its logs again");
    return PF_OK;
}

static enum pf_rc check_connect(const struct role *role,
                                const struct pf_places *places,
                                struct role_needs *ret, struct pf_error *err)
{
    enum pf_rc rc = make_directory(pf_path_in(places->run, "log").text, err);

    if (rc)
        return rc;
    unlink(pf_path_in(places->run, PF_CONNECTORS_STATE).text);
    role_take_servers(role);
    return connect_check(places, ret->addresses, ret->url, err);
}

enum pf_rc role_check(const struct role *role, const struct pf_places *places,
                      char *const *args, struct role_needs *ret,
                      struct pf_error *err)
{
    enum pf_rc rc = PF_OK;

    if (role->kind == ROLE_CLIENT && role->files)
        rc = settle_identity(role, places, ret, err);
    if (!rc)
        rc = role_command(role, places, args, &ret->command, err);
    if (rc)
        return rc;
    switch (role->kind) {
    case ROLE_CLIENT:
        remove_old_stats(role, places);
        return check_client(role, places, ret, err);
    case ROLE_ZOOKEEPER:
        return check_zookeeper(role, places, ret, err);
    case ROLE_BROKER:
        return check_broker(role, places, ret, err);
    case ROLE_CONNECT:
        return check_connect(role, places, ret, err);
    case ROLE_AUTHORITY:
        break;
    }
    return PF_OK;
}

void role_needs_release(struct role_needs *needs)
{
    role_command_free(needs->command);
    checked_release(&needs->checked);
    *needs = (struct role_needs){.checked = {.lock = -1}};
}
