#include "connect_check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "address.h"
#include "checks.h"
#include "file.h"
#include "java_settings.h"
#include "machine.h"
#include "properties_write.h"
#include "settings.h"

#define SECRET "CONNECT_SECRET_"
#define HTTP "http://"

extern char **environ;

static enum pf_rc take_secrets(const struct pf_places *places,
                               struct pf_error *err)
{
    struct pf_path dir = pf_path_in(places->run, "secrets");
    struct pf_settings found = pf_settings_init();
    enum pf_rc rc = make_directory(dir.text, err);

    if (!rc)
        rc = pf_settings_read_environment(
            &found,
            &(struct pf_variables){
                .environment = environ, .prefix = SECRET, .are_secrets = true},
            err);
    for (size_t i = 0; !rc && i < found.n; i++)
        rc = strchr(found.list[i].name, '/')
                 ? pf_fail(err, PF_CONFIG, "%s: that is not a name",
                           found.list[i].where)
                 : pf_file_replace(
                       pf_path_in(dir.text, found.list[i].name).text,
                       found.list[i].value, strlen(found.list[i].value), 0600,
                       false, err);
    pf_settings_release(&found);
    machine_forget(SECRET); /* worker and plugins need not have them */
    return rc;
}

/* The first listener, which has to be on this machine. */
static enum pf_rc take_url(const struct pf_settings *settings, char *ret,
                           struct pf_error *err)
{
    const char *text = pf_java_value(settings, "listeners");
    char address[280], host[PF_HOST_SIZE];
    enum pf_rc rc;
    int port;

    if (!text || strncasecmp(text, HTTP, sizeof HTTP - 1) || strchr(text, ','))
        return pf_fail(err, PF_CONFIG,
                       "%s: listeners: it has to be one address, such as "
                       "http://127.0.0.1:8083",
                       pf_settings_where(settings, "listeners"));
    snprintf(address, sizeof address, "%s", text + sizeof HTTP - 1);
    rc = pf_parse_address(address, host, &port, err);
    if (rc)
        return pf_settings_fail(settings, "listeners", PF_CONFIG, err);
    if (!pf_host_is_loopback(host))
        return pf_fail(err, PF_CONFIG,
                       "%s: listeners: %.60s is not this machine alone, and "
                       "the REST API asks nobody for a password; use 127.0.0.1",
                       pf_settings_where(settings, "listeners"), host);
    snprintf(ret, CONNECT_URL_SIZE, HTTP "%s", address);
    return PF_OK;
}

static enum pf_rc settle_plugins(struct pf_settings *settings,
                                 struct pf_error *err)
{
    static const char name[] = "plugin.path";
    const char *text = pf_java_value(settings, name);
    const char *dir = getenv("PF_CONNECT");
    struct pf_path path;

    if (!text || *text == '/' || !dir)
        return PF_OK;
    path = pf_path_in(dir, text);
    return pf_settings_put(settings, name, path.text,
                           pf_settings_where(settings, name), PF_FROM_COMMAND,
                           err);
}

enum pf_rc connect_check(const struct pf_places *places,
                         char ret_servers[static CONNECT_SERVERS_SIZE],
                         char ret_url[static CONNECT_URL_SIZE],
                         struct pf_error *err)
{
    static const struct pf_java_source worker = {
        .program = "Kafka Connect",
        .file = "connect.properties",
        .names = "connect/names.txt",
        .prefix = "CONNECT_",
        .dynamic = "config.providers. key.converter. value.converter. "
                   "header.converter. producer. consumer. admin.",
        .ours = "SECRET_",
    };
    struct pf_path path = pf_path_in(places->run, "connect.properties");
    struct pf_settings settings = pf_settings_init();
    const char *servers;
    enum pf_rc rc = take_secrets(places, err);

    if (!rc)
        rc = pf_java_settings_read(&worker, places, environ, &settings, err);
    if (!rc)
        rc = take_url(&settings, ret_url, err);
    if (!rc)
        rc = settle_plugins(&settings, err);
    if (!rc)
        rc = pf_properties_write_file(
            path.text,
            "# Written at the start of Kafka Connect; edit "
            "connect.properties in PF_CONFIG.\n",
            &settings, err);
    if (!rc) {
        servers = pf_java_value(&settings, "bootstrap.servers");
        snprintf(ret_servers, CONNECT_SERVERS_SIZE, "%s",
                 servers ? servers : "");
    }
    pf_settings_release(&settings);
    return rc;
}
