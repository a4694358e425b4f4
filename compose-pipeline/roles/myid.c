#include "myid.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "file.h"
#include "say.h"
#include "text.h"

#define VARIABLE "ZOOKEEPER_ID"
#define SERVER "server."
#define ID_MAX 255

static bool has_servers(const struct pf_settings *zookeeper)
{
    for (size_t i = 0; i < zookeeper->n; i++)
        if (!strncmp(zookeeper->list[i].name, SERVER, sizeof SERVER - 1))
            return true;
    return false;
}

/* The number in the file at path; 0: there is none. */
static int64_t read_myid(const char *path)
{
    char text[24] = "";
    int64_t id = 0;
    FILE *in = fopen(path, "re");

    if (in && fgets(text, sizeof text, in))
        pf_parse_int(pf_trim(text), 1, INT64_MAX, &id, NULL);
    if (in)
        fclose(in);
    return id;
}

static enum pf_rc write_myid(const char *path, int64_t id, struct pf_error *err)
{
    char line[24];
    int len = snprintf(line, sizeof line, "%" PRId64 "\n", id);

    return pf_file_replace(path, line, (size_t)len, 0666, false, err);
}

/* Is that the number of one of the servers, and the one of the data? */
static enum pf_rc check(const struct pf_broker_conf *conf, int64_t id,
                        int64_t found, struct pf_error *err)
{
    char name[40];

    snprintf(name, sizeof name, SERVER "%" PRId64, id);
    if (!pf_settings_get(&conf->zookeeper, name))
        return pf_fail(err, PF_CONFIG,
                       "environment " VARIABLE
                       ": there is no %s; set ZOOKEEPER_SERVER_%" PRId64
                       "=host:2888:3888, or another number",
                       name, id);
    if (found && found != id)
        return pf_fail(err, PF_CONFIG,
                       "environment " VARIABLE
                       ": the data in %s are those of server %" PRId64
                       ", not %" PRId64
                       "; set it back, or give the other one a volume of its "
                       "own",
                       conf->zookeeper_dir.text, found, id);
    return PF_OK;
}

enum pf_rc myid_settle(const struct pf_broker_conf *conf, const char *id,
                       struct pf_error *err)
{
    struct pf_path path = pf_path_in(conf->zookeeper_dir.text, "myid");
    int64_t found = read_myid(path.text), number;
    bool is_set = id && *id;
    enum pf_rc rc;

    if (!has_servers(&conf->zookeeper)) {
        if (is_set)
            say_at(PF_LOG_WARNING,
                   "environment " VARIABLE
                   ": not used, because no server.N is set: this ZooKeeper is "
                   "alone");
        return PF_OK;
    }
    if (!is_set && found)
        return PF_OK;
    if (!is_set)
        return pf_fail(err, PF_CONFIG,
                       "environment " VARIABLE
                       ": it is not set; it says which of server.1, server.2, "
                       "... this ZooKeeper is");
    if (pf_parse_int(id, 1, ID_MAX, &number, err))
        return pf_fail_in(err, PF_CONFIG, "environment " VARIABLE ": ");
    rc = check(conf, number, found, err);
    return rc || found ? rc : write_myid(path.text, number, err);
}
